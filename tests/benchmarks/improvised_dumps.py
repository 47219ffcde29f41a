"""Log formats that nobody has written down: each dump draws its own templates from a grammar of formats.

A model that has seen only formats of known programs knows those; one that has seen thousands that are made up must
learn what logs have in common.
"""

# ruff: noqa: E501  (a template stands on one line, as the line does that it makes)
import random
from collections.abc import Callable

_STAMPS = (
    "{time}",
    "{clock}",
    "{iso}",
    "{syslog}",
    "{epoch}",
    "{uptime}",
    "{minute}",
    "{seq}",
    "{time}",
    "{time}",
    "{float}",
)
_SHORT = (
    *(
        "int",
        "small",
        "big",
        "float",
        "hex2",
        "hex4",
        "hex8",
        "HEX8",
        "hex12",
        "hex16",
        "uuid",
        "mac",
        "ip",
        "host",
        "user",
    ),
    *("word", "verb", "name", "snake", "camel", "hump", "upper", "version", "file", "code", "level", "digit", "signed"),
    *("my_host", "my_user", "my_name", "my_camel", "my_ip", "thread"),
)
_LONG = (
    "dotted",
    "package",
    "path",
    "windows",
    "url",
    "route",
    "domain",
    "phrase",
    "message",
    "message",
    "my_dotted",
    "my_path",
)
_WRAPS = (
    *(
        "[{}]",
        "[{}]",
        "<{}>",
        "({})",
        '"{}"',
        "'{}'",
        "{}:",
        "{}:",
        "#{}",
        "@{}",
        "{}()",
        "<{}/>",
        "%{}",
        "*{}",
        "0x{}",
        "-{}",
    ),
    *(
        "{}%",
        "{}ms",
        "{}s",
        "{} kB",
        "{},",
        "{};",
        "{}/{}",
        "{}={}",
        "{}={}",
        "{}: {}",
        "{}-{}",
        "{}.{}",
        "{}({})",
        "{} -> {}",
    ),
    *("{}", "{}", "{}", "{}", "{}", "{}", "{}", "{}", "{}", "{}", "{}", "{}"),
)
_SEPARATORS = (" ", " ", " ", " ", " ", "  ", "\t", " | ", "|", ", ", ",", ";", " - ", " : ", "    ", ":", " :: ")
_SAYS = (
    "Could not load", "Failed to open", "No such file or directory", "connection refused", "Started", "Stopping", "Loading",
    "not found", "permission denied", "expected", "unexpected token", "skipping", "done", "ok", "completed in", "Warning",
    "error", "Error", "WARNING", "NOTE", "Installing", "Checking", "checking for", "is deprecated", "has been", "already exists",
    "took", "bytes from", "retrying", "Downloading", "received", "sent", "Processing", "assertion failed", "undefined reference to",
    "Fehler beim Laden", "Datei nicht gefunden", "erreur", "no se encontró", "ошибка", "не удалось открыть", "失敗しました", "错误",
    "at", "in", "from", "to", "of", "on line", "for user", "with status", "by", "was", "and", "while", "for", "cannot be", "is",
)  # fmt: skip


def _atom(seed: random.Random) -> str:
    return "{" + seed.choice(_SHORT if seed.random() < 0.75 else _LONG) + "}"


def _piece(seed: random.Random) -> str:
    wrap = seed.choice(_WRAPS)
    while "{}" in wrap:
        wrap = wrap.replace("{}", _atom(seed), 1)
    return wrap


def _stamp(seed: random.Random) -> str:
    stamp = seed.choice(_STAMPS)
    return seed.choice(("{}", "{}", "[{}]", "({})", "{}:", "<{}>", "{} -", "{},")).replace("{}", stamp)


def _sentence(seed: random.Random) -> str:
    """Return a message: what programs say, with names and numbers among it."""
    parts = [seed.choice(_SAYS) if seed.random() < 0.5 else _piece(seed) for _ in range(seed.randint(1, 6))]
    parts += [seed.choice(("{word}", "{verb}", "{phrase}")) for _ in range(seed.randint(0, 3))]
    seed.shuffle(parts)
    return seed.choice(("", "", "", "{level}: ", "{camel}: ", "{name}: ", "> ", "* ", "==> ", "--- ")) + " ".join(parts)


def _log(seed: random.Random) -> str:
    return " ".join((_stamp(seed), *(_piece(seed) for _ in range(seed.randint(0, 3))), _sentence(seed)))


def _columns(seed: random.Random) -> str:
    pieces = [_piece(seed) for _ in range(seed.randint(3, 9))]
    pieces[0] = (
        _stamp(seed) if seed.random() < 0.5 else "{" + seed.choice(("name", "path", "hex8", "seq", "snake", "ip")) + "}"
    )
    return seed.choice(_SEPARATORS).join(pieces)


def _pairs(seed: random.Random) -> str:
    """Return keys and values on one line, in one of many notations."""
    key, value = seed.choice(("{}", "{}", '"{}"', "'{}'", "{}")), seed.choice(("{}", '"{}"', "{}", "'{}'", "<{}>"))
    equals, between = (
        seed.choice(("=", "=", ":", ": ", "=>", " = ")),
        seed.choice((" ", ", ", ",", ";", "&", " | ", "; ")),
    )
    names = [seed.choice(("{word}", "{snake}", "{hump}", "{upper}")) for _ in range(seed.randint(2, 8))]
    fixed = [seed.choice(("time", "level", "msg", "id", "host", "ip", "status", "user", "pid", "src")) for _ in names]
    joined = between.join(
        key.replace("{}", seed.choice((name, plain))) + equals + value.replace("{}", _atom(seed))
        for name, plain in zip(names, fixed, strict=True)
    )
    left, right = seed.choice(
        (("", ""), ("", ""), ("{", "}"), ("{", "}"), ("[", "]"), ("(", ")"), ("{camel}(", ")"), ("<", "/>"))
    )
    return seed.choice(("", "", _stamp(seed) + " ")) + left + joined + right


def _frame(seed: random.Random) -> str:
    """Return a frame of a stack trace, or a place in a file where something went wrong."""
    begin = seed.choice(
        (
            "at ",
            "\tat ",
            "   at ",
            "from ",
            "in ",
            "#{seq} ",
            "#{seq}  0x{hex16} in ",
            "called by ",
            "--> ",
            "{seq}: ",
            "",
        )
    )
    where = seed.choice(("{file}:{int}", "{path}:{int}", "{camel}.java:{int}", "{path}, line {int}", "{windows}:line {int}", "{path}({int})",
                         "{file}({int},{small})", "{url}:{int}:{small}", "0x{hex8}"))  # fmt: skip
    what = seed.choice(("{dotted}.{hump}", "{snake}", "{camel}::{hump}", "{my_package}.{camel}.{hump}", "{camel}.{camel}", "{hump}", "{camel}->{hump}()",
                        "{snake}+0x{hex2}/0x{hex4}", "{word}!{camel}+0x{hex2}"))  # fmt: skip
    return begin + seed.choice(
        ("{b} ({a})", "{b}({a})", "{a}: {b}", "{a} in {b}", "{b} at {a}", "{a}: {level} {b}")
    ).replace("{a}", where).replace("{b}", what)


def _record(seed: random.Random) -> str:
    """Return a record of several lines, a label and a value each."""
    equals = seed.choice((": ", ":\t", " = ", "=", " : ", ": "))
    labels = [
        seed.choice(("{camel}", "{word}", "{snake}", "{camel} {word}", "{upper}")) for _ in range(seed.randint(2, 5))
    ]
    return "\n".join(label + equals + seed.choice((_atom(seed), _piece(seed), _sentence(seed))) for label in labels)


_SYLLABLES = [
    "ba",
    "co",
    "di",
    "fu",
    "ge",
    "hi",
    "ka",
    "lo",
    "mu",
    "ne",
    "pi",
    "ro",
    "sa",
    "ti",
    "ver",
    "con",
    "pre",
    "tion",
    "ment",
    "ing",
    "ed",
    "er",
    "ex",
    "in",
    "re",
    "st",
    "tr",
    "pl",
    "ch",
]


def _made_up(seed: random.Random) -> str:
    word = "".join(seed.choices(_SYLLABLES, k=seed.randint(2, 4)))
    return seed.choice((word, word, word, word.capitalize(), word.capitalize(), word.upper()))


def _saying(seed: random.Random) -> str:
    """Return a program's own phrase, the same in the whole dump, with a name or number or two in it."""
    said = [_made_up(seed) for _ in range(seed.randint(1, 4))]
    for _ in range(seed.randint(1, 3)):
        said.insert(seed.randint(0, len(said)), _piece(seed) if seed.random() < 0.8 else seed.choice(_SAYS))
    return " ".join(said) + seed.choice(
        ("", "", "", ".", "...", "!", ": {phrase}", " ({int} bytes)", " [{small}/{small}]")
    )


def _tagged(seed: random.Random) -> str:
    """Return a message after a tag that is the same in all lines or one of a few."""
    tag = seed.choice(
        ("{level}", "{level}", _made_up(seed).upper(), _made_up(seed), "{my_name}", "{my_camel}", "{code}", "{clock}")
    )
    wrap = seed.choice(
        (
            "[{}] ",
            "[{}] ",
            "[ {} ] ",
            "{}: ",
            "{}: ",
            "{}:\t",
            "<{}> ",
            "({}) ",
            "{} - ",
            "{}> ",
            ">>> {} ",
            "-- {} ",
            "{} ",
        )
    )
    rest = seed.choice((_saying, _sentence, lambda _: "{message}", lambda _: "{phrase}", _saying))
    return wrap.replace("{}", tag) + rest(seed)


def _bytes(seed: random.Random) -> str:
    """Return octets or words in hexadecimal, or numbers in a row, with what names them."""
    field, times = seed.choice(
        (("hex2", 8), ("hex2", 16), ("hex4", 8), ("hex8", 4), ("HEX8", 4), ("hex16", 2), ("small", 8), ("float", 5))
    )
    begin = seed.choice(
        (
            "",
            "{hex8}: ",
            "{hex4} ",
            _made_up(seed) + ": ",
            _made_up(seed) + "{digit} = ",
            "{time} ",
            "0x{hex8}  ",
            "[{uptime}] ",
        )
    )
    return (
        begin
        + seed.choice((" ", " ", ",", ", ", ":", " | ")).join(
            ["{" + field + "}"] * seed.randint(max(2, times // 2), times)
        )
        + (seed.choice(("", "", "", "  {ascii}", " *{hex2}", " {word}")))
    )


def _again(seed: random.Random) -> str:
    """Return one message again and again."""
    return " ".join([_made_up(seed) for _ in range(seed.randint(1, 5))]) + seed.choice(
        ("", "", ".", "!", " {seq}", "...", " ({small})", ": {my_ip}")
    )


_FORMATS: tuple[Callable[[random.Random], str], ...] = (
    *(
        _log,
        _log,
        _sentence,
        _columns,
        _columns,
        _pairs,
        _frame,
        _frame,
        _record,
        _saying,
        _saying,
        _tagged,
        _tagged,
        _bytes,
        _again,
    ),
)


def improvised(seed: random.Random) -> tuple[str, ...]:
    """Return the templates of a dump in a format of its own; what stands in braces may be in capitals or fixed.

    A field that is drawn once and stays, as a program's words do, is what makes two lines of a format alike.
    """
    chosen = seed.choice(_FORMATS)
    templates = [chosen(seed) for _ in range(seed.choice((1, 1, 2, 3, 4)))]
    if seed.random() < 0.3:
        templates.append(seed.choice(_FORMATS)(seed))
    return tuple(templates)

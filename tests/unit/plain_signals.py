"""Every signal in plain Python, written from its definition: what the compiled code has to agree with."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby, pairwise
from math import log
from unicodedata import category

from pipeline.kernels.text import words
from pipeline.kernels.text.words import tables
from tests.unit.test_words import plain_fold, plain_words

MARKS = ".?!…‽⁇⁈⁉。！？．｡؟۔।॥။።፧՝։᠃᠉។៕"
CLOSING = "\"'”’»›」』)]）】"
POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
SPEAKERS = {"we", "our", "ours", "us", "agree", "agreeing", "consent", "accept", "accepting", "continuing"}
STOP_WORDS = {"the", "be", "to", "of", "and", "that", "have", "with"}

Pieces = list[tuple[str, str]]


def per(number: float, whole: int) -> float:
    return number / whole if whole else 0.0


def squeezed(text: str) -> int:
    return sum(not character.isspace() for character in text)


def repeats(things: list[str]) -> list[str]:
    return [thing for at, thing in enumerate(things) if thing in things[:at]]


def is_letter(character: str) -> bool:
    return category(character)[0] == "L"


def starts_with_bullet(line: str) -> bool:
    flagged = bool(tables().classes[ord(line[0])] & words.BULLET)
    return flagged or (line[0] in "*+-–" and line[1:2].isspace())


def covered_share(found: list[str], places: list[int], n: int) -> float:
    covered = {at for place in places for at in range(place, place + n)}
    return per(sum(len(found[at]) for at in covered), sum(map(len, found)))


def top_share(found: list[str], n: int) -> float:
    grams = [tuple(map(plain_fold, found[at : at + n])) for at in range(len(found) - n + 1)]
    counts = Counter(grams)
    most = max(counts.values(), default=0)
    if most < 2:
        return 0.0
    tops = [gram for gram, count in counts.items() if count == most]
    return max(covered_share(found, [at for at, gram in enumerate(grams) if gram == top], n) for top in tops)


def duplicate_share(found: list[str], n: int) -> float:
    grams = [tuple(map(plain_fold, found[at : at + n])) for at in range(len(found) - n + 1)]
    return covered_share(found, [at for at, gram in enumerate(grams) if gram in grams[:at]], n)


def ends_sentence(text: str, at: int) -> bool:
    after = text[at + 1 : at + 2]
    if text[at] not in MARKS or (after and after in MARKS):
        return False
    return text[at] in "。！？｡" or not after or after.isspace() or after in CLOSING


def is_all_capitals(word: str) -> bool:
    letters = [character for character in word if is_letter(character)]
    return len(letters) >= 2 and all(category(letter) == "Lu" for letter in letters)


def longest_repeat(text: str) -> int:
    return max((len(list(run)) for one, run in groupby(text) if not one.isspace()), default=0)


def pieces_of(text: str) -> Pieces:
    """Return each folded word with the signs that part it from the one before."""
    result, at = [], 0
    for word in plain_words(text):
        start = text.index(word, at)
        signs = "".join(sign for sign in text[at:start] if not sign.isspace() and sign not in "-_‐‑")
        result.append((signs, plain_fold(word)))
        at = start + len(word)
    return result


def stands_at(pieces: Pieces, phrase: Pieces, at: int) -> bool:
    here = pieces[at : at + len(phrase)]
    return [word for _, word in here] == [word for _, word in phrase] and here[1:] == phrase[1:]


def times(pieces: Pieces, phrases: Iterable[str]) -> int:
    listed = [pieces_of(phrase) for phrase in phrases]
    return sum(stands_at(pieces, phrase, at) for at in range(len(pieces)) for phrase in listed)


def dirty_entries(text: str, entries: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the entries that a text holds, from left to right, the longest first, none within another."""
    pieces, result, at = pieces_of(text), [], 0
    listed = [pieces_of(entry) for entry in entries]
    while at < len(pieces):
        here = [phrase for phrase in listed if stands_at(pieces, phrase, at)]
        if here:
            longest = max(here, key=len)
            result.append((longest[0][1], *(part for piece in longest[1:] for part in piece)))
            at += len(longest)
        else:
            at += 1
    return result


def dirty_signals(text: str, entries: Sequence[str]) -> dict[str, float]:
    result = dirty_entries(text, entries)
    in_entries = sum((len(entry) + 1) // 2 for entry in result)
    return {
        "dirty_words": len(result),
        "distinct_dirty_words": min(64, len(set(result))),
        "dirty_word_share": per(in_entries, len(plain_words(text))),
        "explicit_words": len(result),
        "distinct_explicit_words": min(64, len(set(result))),
        "explicit_word_share": per(in_entries, len(plain_words(text))),
    }


def line_signals(text: str) -> dict[str, float]:
    stripped = [line.strip() for line in text.split("\n")]
    lines = [line for line in stripped if line]
    paragraphs = ["\n".join(group) for written, group in groupby(stripped, key=bool) if written]
    chars, terminal = squeezed(text), tables().classes & words.TERMINAL

    def share(holds: Callable[[str], bool]) -> float:
        return per(sum(map(holds, lines)), len(lines))

    return {
        "n_lines": len(lines),
        "n_paragraphs": len(paragraphs),
        "mean_line_length": per(sum(map(len, lines)), len(lines)),
        "bullet_line_share": share(starts_with_bullet),
        "ellipsis_line_share": share(lambda line: line.endswith(("…", "..."))),
        "punct_line_share": share(lambda line: bool(terminal[ord(line[-1])])),
        "short_line_share": share(lambda line: len(line) <= 30),
        "few_word_line_share": share(lambda line: len(plain_words(line)) < 3),
        "letterless_line_share": share(lambda line: not any(map(is_letter, line))),
        "dup_line_share": per(len(repeats(lines)), len(lines)),
        "dup_paragraph_share": per(len(repeats(paragraphs)), len(paragraphs)),
        "dup_line_char_share": per(sum(map(squeezed, repeats(lines))), chars),
        "dup_paragraph_char_share": per(sum(map(squeezed, repeats(paragraphs))), chars),
    }


def word_signals(text: str) -> dict[str, float]:
    result = plain_words(text)
    folded, number = [plain_fold(word) for word in result], len(result)
    shares = [count / number for count in Counter(folded).values()]
    return {
        "n_words": number,
        "mean_word_length": per(sum(map(len, result)), number),
        "longest_word": max(map(len, result), default=0),
        "alpha_word_share": per(sum(any(map(is_letter, word)) for word in result), number),
        "capitals_word_share": per(sum(map(is_all_capitals, result)), number),
        "stop_words": len(set(folded) & STOP_WORDS),
        "stop_word_share": per(sum(word in STOP_WORDS for word in folded), number),
        "unique_word_share": per(len(set(folded)), number),
        "word_entropy": -sum(share * log(share) for share in shares),
        "url_word_ratio": per(sum(word in {"http", "https", "www"} for word in folded), number),
        **{f"top_{n}gram_char_share": top_share(result, n) for n in (2, 3, 4)},
        **{f"dup_{n}gram_char_share": duplicate_share(result, n) for n in range(5, 11)},
    }


def character_signals(text: str) -> dict[str, float]:
    number, written = len(plain_words(text)), squeezed(text)
    letters = [character for character in text if is_letter(character)]
    return {
        "n_chars": len(text),
        "n_sentences": sum(ends_sentence(text, at) for at in range(len(text))),
        "symbol_word_ratio_hash": text.count("#") / max(number, 1),
        "symbol_word_ratio_ellipsis": (text.count("…") + text.count("...")) / max(number, 1),
        "curly_bracket_word_ratio": (text.count("{") + text.count("}")) / max(number, 1),
        "newline_word_ratio": text.count("\n") / max(number, 1),
        "digit_share": per(sum(category(one)[0] == "N" for one in text), written),
        "symbol_share": per(sum(category(one)[0] not in "LNM" and not one.isspace() for one in text), written),
        "capital_share": per(sum(category(letter) == "Lu" for letter in letters), len(letters)),
        "longest_repeat": longest_repeat(text),
    }


def own_policies(pieces: Pieces) -> int:
    """Count the phrases of policies by which a site speaks of its own, or lists them side by side."""
    listed = [pieces_of(phrase) for phrase in POLICY]
    starts = [at for at in range(len(pieces)) for phrase in listed if stands_at(pieces, phrase, at)]
    own = [{word for _, word in pieces[max(0, at - 12) : at + 12]} & SPEAKERS for at in starts]
    gaps = [after - before for before, after in pairwise(starts)]
    beside = [
        min([*gaps[max(0, number - 1) : number], *gaps[number : number + 1], 99]) <= 3 for number in range(len(starts))
    ]
    return sum(bool(said) or near for said, near in zip(own, beside, strict=True))


def phrase_signals(text: str, entries: Sequence[str] = ()) -> dict[str, float]:
    pieces = pieces_of(text)
    policies = own_policies(pieces)
    return {
        "lorem_ipsum": times(pieces, ["lorem ipsum"]),
        "javascript_mentions": times(pieces, ["javascript"]),
        "policy_phrases": policies,
        "policy_phrase_word_ratio": per(policies, len(pieces)),
        **dirty_signals(text, entries),
    }


def plain_signals(text: str, entries: Sequence[str] = ()) -> dict[str, float]:
    """Measure a text in the plainest way; `entries` are the dirty words of its language."""
    return word_signals(text) | character_signals(text) | line_signals(text) | phrase_signals(text, entries)

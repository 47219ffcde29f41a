"""Hostile texts for what measures texts: signals, lines, log lines, MinHash, languages and tokens."""

import itertools
import json
from collections.abc import Iterator
from random import Random

from pipeline.kernels.signals.dirty_words import BUNDLED, read_lists
from tests.hostile.registry import Text, cut, drawn, enclosed, gathered, numbered, repeated, text

_WORDS = ["mill", "grain", "wheel", "water", "stone", "flour", "sack", "farmer", "river", "winter"]
_SENTENCE = "The mill grinds the grain that the farmers bring, and nobody knows how old its wheel is. "


def _prose(random: Random) -> Iterator[str]:
    """Sentences that are hardly ever alike."""
    while True:
        words = random.choices(_WORDS, k=random.randint(5, 20))
        yield " ".join(words).capitalize() + ". "


@text
def prose(size: int, random: Random) -> str:
    return gathered(_prose(random), size)


@text
def one_letter(size: int, random: Random) -> str:
    return repeated("a", size)


@text
def one_letter_beyond_ascii(size: int, random: Random) -> str:
    return repeated("é", size)


@text
def one_sign(size: int, random: Random) -> str:
    return repeated("!", size)


@text
def one_word(size: int, random: Random) -> str:
    return repeated("mill ", size)


@text
def one_sentence(size: int, random: Random) -> str:
    return repeated(_SENTENCE, size)


@text
def one_line_again_and_again(size: int, random: Random) -> str:
    return repeated(_SENTENCE + "\n", size)


@text
def words_of_a_letter(size: int, random: Random) -> str:
    return drawn([f"{letter} " for letter in "abcdefghij"], random, size)


@text
def words_all_unlike(size: int, random: Random) -> str:
    return numbered("w{} ", size)


@text
def words_without_spaces(size: int, random: Random) -> str:
    return drawn(_WORDS, random, size)


@text
def letters(size: int, random: Random) -> str:
    return drawn([*"abcdefghijklmnopqrstuvwxyz"], random, size)


@text
def capitals_and_small_letters(size: int, random: Random) -> str:
    return drawn([*"aA"], random, size)


@text
def figures(size: int, random: Random) -> str:
    return drawn([*"0123456789"], random, size)


@text
def signs(size: int, random: Random) -> str:
    return drawn([*"!#$%&()*+,-./:;<=>?@[]^_{|}~\"'\\`"], random, size)


@text
def newlines(size: int, random: Random) -> str:
    return repeated("\n", size)


@text
def spaces(size: int, random: Random) -> str:
    return repeated(" ", size)


@text
def spaces_of_all_kinds(size: int, random: Random) -> str:
    return drawn([*" \t\n\r\x0b\x0c\x85\xa0\u2003\u2028\u2029\u3000"], random, size)


@text
def words_between_spaces(size: int, random: Random) -> str:
    return repeated("a" + " " * 65_000, size, "", "a" + " " * 34_000)


@text
def spaces_and_newlines(size: int, random: Random) -> str:
    return repeated(" \n", size)


@text
def returns_and_newlines(size: int, random: Random) -> str:
    return repeated("\r\n", size)


@text
def lines_of_a_letter(size: int, random: Random) -> str:
    return repeated("a\n", size)


@text
def lines_all_unlike(size: int, random: Random) -> str:
    return numbered("{}\n", size)


@text
def short_lines(size: int, random: Random) -> str:
    return drawn([f"{one} {other}\n" for one in _WORDS for other in _WORDS], random, size)


@text
def paragraphs(size: int, random: Random) -> str:
    return gathered((f"{sentence}\n\n" for sentence in _prose(random)), size)


@text
def lines_of_bullets(size: int, random: Random) -> str:
    return drawn(["* mill\n", "- water\n", "• stone\n", "1. flour\n", "◦\n"], random, size)


@text
def lines_with_an_ellipsis(size: int, random: Random) -> str:
    return drawn(["mill...\n", "water…\n", "......\n", "stone [...]\n"], random, size)


@text
def one_line_of_dots(size: int, random: Random) -> str:
    return repeated("...", size)


@text
def lines_with_braces(size: int, random: Random) -> str:
    return repeated("{ lorem ipsum } javascript; terms of use\n", size)


@text
def lines_of_logs(size: int, random: Random) -> str:
    lines = (f"2024-03-04 10:20:{n % 60:02} ERROR mill.wheel[{n}]: x=0x{n:x}\n" for n in itertools.count())
    return gathered(lines, size)


@text
def stack_traces(size: int, random: Random) -> str:
    return numbered("\tat mill.Wheel.turn(Wheel.java:{})\nCaused by: mill.Stone$1: null\n", size)


@text
def lines_of_figures(size: int, random: Random) -> str:
    return gathered((f"{random.randrange(10**6)}\t{random.random():.4f}\n" for _ in itertools.count()), size)


@text
def one_line_of_a_log(size: int, random: Random) -> str:
    return numbered("2024-03-04 10:20 ERROR wheel={} ", size)


@text
def a_long_period(size: int, random: Random) -> str:
    period = gathered(_prose(random), size // 3)
    return (period * 4)[: size - 1]


@text
def periods_of_a_prime_length(size: int, random: Random) -> str:
    return repeated(gathered(_prose(random), 10_007).ljust(10_007), size)


@text
def every_pair_of_words_once(size: int, random: Random) -> str:
    return gathered(itertools.cycle(f"{word} " for word in _de_bruijn([f"w{n}" for n in range(600)])), size)


def _de_bruijn(words: list[str]) -> Iterator[str]:
    """Yield words such that each pair of them stands side by side once."""
    for first, word in enumerate(words):
        yield word
        for other in words[first + 1 :]:
            yield word
            yield other


@text
def every_three_letters_once(size: int, random: Random) -> str:
    three = itertools.product("abcdefghijklmnopqrstuvwxyz", repeat=3)
    return gathered(itertools.cycle("".join(letters) + " " for letters in three), size)


@text
def halves_that_grow(size: int, random: Random) -> str:
    long = "a "
    while len(long) < size:
        long += long + f"b{len(long)} "
    return long[:size]


@text
def emoji(size: int, random: Random) -> str:
    return drawn([*"😀🎉🏽👩🌾\u200d\ufe0f🇩🇪"], random, size)


@text
def one_emoji_joined(size: int, random: Random) -> str:
    return repeated("👩\u200d", size)


@text
def combining_marks(size: int, random: Random) -> str:
    return repeated("\u0301", size, "a")


@text
def marks_of_many_kinds(size: int, random: Random) -> str:
    return drawn([*"a\u0301\u0323\u0e49\u3099\u05b0\u064b\u20dd"], random, size)


@text
def marks_in_the_wrong_order(size: int, random: Random) -> str:
    return repeated("\u0315\u0300\u05ae", size, "a")


@text
def letters_that_are_taken_apart(size: int, random: Random) -> str:
    return repeated("\ufdfa\u1f82각", size)


@text
def letters_that_grow_in_lower_case(size: int, random: Random) -> str:
    return repeated("İẞΣ", size)


@text
def arabic(size: int, random: Random) -> Text:
    return Text(drawn(["الطاحونة ", "الماء ", "\u200f", "قمح، "], random, size), language="ar")


@text
def turned_around(size: int, random: Random) -> str:
    return drawn(["\u202e", "\u202d", "\u2066", "\u2069", "\u200f", "mill "], random, size)


@text
def chinese(size: int, random: Random) -> Text:
    return Text(drawn([*"水车磨坊的谷物在河边冬天。，"], random, size), language="zh")


@text
def chinese_of_one_letter(size: int, random: Random) -> Text:
    return Text(repeated("水", size), language="zh")


@text
def all_of_chinese(size: int, random: Random) -> Text:
    return Text(gathered(itertools.cycle(map(chr, range(0x4E00, 0x9FA5))), size), language="zh")


@text
def japanese(size: int, random: Random) -> Text:
    return Text(drawn([*"水車がまわるコムギ。ーｶﾞ"], random, size), language="ja")


@text
def thai(size: int, random: Random) -> Text:
    return Text(drawn([*"กังหันน้ำโม่แป้ง "], random, size), language="th")


@text
def korean(size: int, random: Random) -> Text:
    return Text(drawn([*"물레방아가 돈다 "], random, size), language="ko")


@text
def indian(size: int, random: Random) -> Text:
    return Text(drawn([*"पनचक्की अनाज पीसती है। "], random, size), language="hi")


@text
def signs_without_a_width(size: int, random: Random) -> str:
    return drawn([*"\u200b\u200c\u200d\ufeff\u2060\u00ad"], random, size)


@text
def letters_between_signs_without_a_width(size: int, random: Random) -> str:
    return repeated("a\u200b", size)


@text
def rare_planes(size: int, random: Random) -> str:
    planes = [(0x10000, 0x1FFFF), (0x20000, 0x3134F), (0xE0000, 0xE01EF), (0xF0000, 0x10FFFD)]
    return gathered((chr(random.randint(*random.choice(planes))) for _ in itertools.count()), size)


@text
def all_code_points(size: int, random: Random) -> str:
    points = (chr(point) for point in itertools.cycle(range(1, 0x110000)) if not 0xD800 <= point < 0xE000)
    return gathered(points, size)


@text
def random_bytes(size: int, random: Random) -> str:
    return cut(random.randbytes(size).decode("utf-8", "replace").replace("\0", ""), size)


@text
def replacement_signs(size: int, random: Random) -> str:
    return repeated("\ufffd", size)


@text
def controls(size: int, random: Random) -> str:
    return drawn([chr(code) for code in (*range(1, 32), *range(127, 160))], random, size)


@text
def bytes_read_as_latin(size: int, random: Random) -> str:
    return repeated("Ã¼â‚¬Ã", size)


@text
def dirty_words(size: int, random: Random) -> str:
    return drawn([f"{word} " for word in read_lists(BUNDLED)["en"]], random, size)


@text
def dirty_words_of_chinese(size: int, random: Random) -> Text:
    return Text(drawn(read_lists(BUNDLED)["zh"], random, size), language="zh")


@text
def dirty_words_of_japanese(size: int, random: Random) -> Text:
    return Text(drawn(read_lists(BUNDLED)["ja"], random, size), language="ja")


@text
def beginnings_of_dirty_words(size: int, random: Random) -> str:
    words = [f"{entry.rpartition(' ')[0]} " for entry in read_lists(BUNDLED)["en"] if " " in entry]
    return drawn(words, random, size)


@text
def stop_words(size: int, random: Random) -> str:
    return drawn(["the ", "be ", "to ", "of ", "and ", "that ", "have ", "with "], random, size)


@text
def hashtags(size: int, random: Random) -> str:
    return repeated("#mill #", size)


@text
def apostrophes(size: int, random: Random) -> str:
    return repeated("a's't'", size)


@text
def hyphens(size: int, random: Random) -> str:
    return repeated("mill-", size)


@text
def hexadecimal(size: int, random: Random) -> str:
    return random.randbytes(size // 2).hex()


@text
def nested_lists_of_json(size: int, random: Random) -> str:
    return enclosed("[", "]", size)


@text
def json_of_one_line(size: int, random: Random) -> str:
    return gathered((json.dumps({"mill": number, "a": [None]}) + "," for number in itertools.count()), size)


@text
def many_pieces_of_code(size: int, random: Random) -> Text:
    pieces = (size - 1) // 20
    spans = [(20 * piece, 20 * piece + 9, "code" if piece % 2 else "math") for piece in range(pieces)]
    return Text("x = a + 1 mill grind" * pieces, spans)


@text
def code_in_headings_in_tables(size: int, random: Random) -> Text:
    pieces = (size - 1) // 40
    kinds = ("table", "heading", "code", "math")
    spans = [(40 * piece + at, 40 * piece + 39 - at, kind) for piece in range(pieces) for at, kind in enumerate(kinds)]
    return Text(("The mill grinds the grain of the river.\n") * pieces, spans)


@text
def nothing_but_code(size: int, random: Random) -> Text:
    return Text(repeated("x = 1\n", size), [(0, size, "code")])


@text
def a_table_of_two_letters(size: int, random: Random) -> Text:
    rows = repeated("a\tb\n", size)
    return Text(rows, [(0, len(rows), "table")])

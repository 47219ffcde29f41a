"""Hostile addresses: a table brings them at any length, where a WARC header is bounded."""

import itertools
from random import Random

from tests.hostile.registry import address, drawn, gathered, numbered, repeated

_SITE = "https://mill.example/"


@address
def one_segment(size: int, random: Random) -> str:
    return repeated("a", size, _SITE)


@address
def many_segments(size: int, random: Random) -> str:
    return repeated("a/", size, _SITE)


@address
def parents_of_segments(size: int, random: Random) -> str:
    return repeated("../", size, _SITE)


@address
def segments_and_their_parents(size: int, random: Random) -> str:
    return repeated("a/../././", size, _SITE)


@address
def segments_and_then_their_parents(size: int, random: Random) -> str:
    return _SITE + "a/" * (size // 5 - 10) + "../" * (size // 5 - 10)


@address
def slashes(size: int, random: Random) -> str:
    return repeated("/", size, _SITE)


@address
def escapes(size: int, random: Random) -> str:
    return repeated("%41", size, _SITE)


@address
def escapes_of_escapes(size: int, random: Random) -> str:
    return repeated("%25", size, _SITE)


@address
def broken_escapes(size: int, random: Random) -> str:
    return repeated("%%4%zz", size, _SITE)


@address
def escapes_of_no_charset(size: int, random: Random) -> str:
    return repeated("%ff%80", size, _SITE + "?")


@address
def many_parameters(size: int, random: Random) -> str:
    return numbered("a{}=b&", size, _SITE + "?")


@address
def parameters_that_are_alike(size: int, random: Random) -> str:
    return repeated("a=b&", size, _SITE + "?")


@address
def parameters_without_a_name(size: int, random: Random) -> str:
    return repeated("&=;", size, _SITE + "?")


@address
def trackers(size: int, random: Random) -> str:
    return numbered("utm_{}=b&", size, _SITE + "?")


@address
def an_escaped_parameter(size: int, random: Random) -> str:
    return repeated("%61", size, _SITE + "?")


@address
def a_fragment(size: int, random: Random) -> str:
    return repeated("#a", size, _SITE)


@address
def a_host_that_grows(size: int, random: Random) -> str:
    return repeated("\ufdfa", size, "https://", "/")


@address
def a_host_of_labels(size: int, random: Random) -> str:
    return repeated("a.", size, "https://", "example/")


@address
def a_host_of_dots(size: int, random: Random) -> str:
    return repeated(".", size, "https://a", "/")


@address
def a_host_of_punycode(size: int, random: Random) -> str:
    return repeated("xn--a-ecp.", size, "https://", "example/")


@address
def a_long_label_of_punycode(size: int, random: Random) -> str:
    return repeated("a9", size, "https://xn--", ".example/")


@address
def labels_of_punycode_in_a_path(size: int, random: Random) -> str:
    return repeated("xn--mhle-0ra/", size, _SITE)


@address
def a_long_label_of_punycode_in_a_path(size: int, random: Random) -> str:
    return repeated("mhle-0ra", size, _SITE + "xn--")


@address
def a_host_in_brackets(size: int, random: Random) -> str:
    return repeated("::1", size, "https://[", "]/")


@address
def users(size: int, random: Random) -> str:
    return repeated("a:b@", size, "https://", "mill.example/")


@address
def a_user_of_many_letters(size: int, random: Random) -> str:
    return repeated("ü", size, "https://", "@mill.example/")


@address
def a_port_of_many_digits(size: int, random: Random) -> str:
    return repeated("9", size, "https://mill.example:", "/")


@address
def spaces(size: int, random: Random) -> str:
    return repeated(" \t\n", size, _SITE)


@address
def spaces_before_it(size: int, random: Random) -> str:
    return repeated(" \t\n", size, "", _SITE)


@address
def letters_beyond_ascii(size: int, random: Random) -> str:
    return drawn([*"üß水\U0001f600\u0301İ"], random, size, _SITE)


@address
def listed_words(size: int, random: Random) -> str:
    return drawn(["porn-", "sex.", "casino/", "xxx%20", "%70orn_"], random, size, _SITE)


@address
def words_all_unlike(size: int, random: Random) -> str:
    return numbered("sex{}-", size, _SITE)


@address
def a_script(size: int, random: Random) -> str:
    return repeated("alert(1);", size, "javascript:")


@address
def data(size: int, random: Random) -> str:
    return repeated("text/html;", size, "data:")


@address
def no_address(size: int, random: Random) -> str:
    return repeated("17 ", size)


@address
def schemes(size: int, random: Random) -> str:
    return gathered(itertools.repeat("https://"), size)

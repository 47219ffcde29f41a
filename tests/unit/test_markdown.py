"""Markdown goes, and nothing that only looks like it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.text.markdown import _MARKS, strip_markdown
from pipeline.kernels.text.placeholders import Placeholders
from tests.timing import assert_linear, assert_quick


def stripped(*lines: str) -> list[str]:
    placeholders = Placeholders()
    return placeholders.restore("\n".join(line for _, line in strip_markdown(list(lines), placeholders)))[0].split("\n")


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("# Flour", "Flour"),
        ("### Flour ###", "Flour"),
        ("- rye", "rye"),
        ("* rye", "rye"),
        ("• rye", "rye"),
        ("> > said twice", "said twice"),
        ("**Rye** is *dark*", "Rye is dark"),
        ("__very dark__ indeed", "very dark indeed"),
        ("~~wheat~~ rye", "wheat rye"),
        ("see [the mill](https://mill.test/a_b) today", "see the mill today"),
        ("![a wheel](wheel.png) turns", "a wheel turns"),
        ("run `mill --fine_flour` now", "run mill --fine_flour now"),
        ("| rye | 3 | kg |", "rye\t3\tkg"),
        (r"\*not emphasis\* but **this** is", "*not emphasis* but this is"),
    ],
)
def test_marks_are_taken_out(line: str, plain: str) -> None:
    assert stripped(line) == [plain]


@pytest.mark.parametrize(
    "line",
    [
        "my_long_var_name and other_name_",
        "$a_1 + b_2$ and $c_*d_*$",
        r"\(a_1 * b\) and \(c * d_1\)",
        "2 * 3 * 4",
        "2*3*4 and a*b*c",
        "C# and F#",
        "#hashtag #other",
        ">>> x = f(*args, **kwargs)",
        "__init__ calls __new__",
        "a[i](x) and b[j](y)",
        "x < y > z",
        "-5 degrees",
        "100% *",
        "f***ing and f***ed",
        "C:\\new_files\\rye_flour",
        "well - known - words",
        "1. First things",
    ],
)
def test_what_only_looks_like_markdown_survives(line: str) -> None:
    assert stripped(line) == [line]


@pytest.mark.parametrize("line", ["---", "* * *", "=====", "|---|:--:|", "•", "```", "~~~ python"])
def test_a_line_of_marks_alone_goes(line: str) -> None:
    assert stripped("before", line, "after") == ["before", "after"]


def test_fenced_lines_are_code_to_the_letter() -> None:
    placeholders = Placeholders()
    lines = strip_markdown(["Run:", "```sh", "# all of it", "mill *.rye", "```", "# Done"], placeholders)
    assert [number for number, _ in lines] == [0, 1, 5]
    text, spans = placeholders.restore("\n".join(line for _, line in lines))
    assert text == "Run:\n# all of it\nmill *.rye\nDone"
    assert [(text[a:b], kind) for a, b, kind in spans] == [("# all of it\nmill *.rye", "code")]


@given(st.lists(st.text(alphabet="ab1 *_`[](){}#>|~-!\\$\n\t.:/\ue000", min_size=1, max_size=40), max_size=6))
def test_any_lines_survive(lines: list[str]) -> None:
    placeholders = Placeholders()
    result = strip_markdown(lines, placeholders)
    assert all(line for _, line in result)
    assert [number for number, _ in result] == sorted({number for number, _ in result} & set(range(len(lines))))


@pytest.mark.parametrize("seed", ["[", "*a **b ", "_a ", "`", "](", "![", "> ", "\\", "$a", "[a](b"])
def test_hostile_lines_take_no_time_to_speak_of(seed: str) -> None:
    lines = [seed * 4000, seed * (4900 // len(seed))]
    assert_quick(lambda: strip_markdown(lines, Placeholders()), 5)


@pytest.mark.parametrize(
    ("row", "plain"),
    [
        ("+\tplus\t1", "+\tplus\t1"),
        ("-\t-\t-", "-\t-\t-"),
        (">\tgreater", ">\tgreater"),
        ("#\tname", "#\tname"),
        ("\t*em*\t2", "\tem\t2"),
        ("rye\t\t", "rye\t\t"),
        ("\t\t", "\t\t"),
        ("*a\tb*", "*a\tb*"),
        ("```\tfence", "```\tfence"),
        ("`a_b`\t**c**", "a_b\tc"),
        ("| a |\tb", "| a |\tb"),
    ],
)
def test_a_row_of_a_table_keeps_its_cells(row: str, plain: str) -> None:
    assert stripped(row) == [plain]


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        (r"\[a_1 *b*\] and *so* \[c_* d_*\]", r"\[a_1 *b*\] and so \[c_* d_*\]"),
        ("$$a_* + b_*$$ is **so**", "$$a_* + b_*$$ is so"),
        (r"\[1\] is *no* formula", "[1] is no formula"),
        ("## a # b ##", "a # b"),
        ("## C#", "C#"),
    ],
)
def test_formulas_and_signs_stay_among_marks(line: str, plain: str) -> None:
    assert stripped(line) == [plain]


def kept(lines: list[str], breaks: tuple[int, ...] = ()) -> list[str]:
    placeholders = Placeholders()
    return [placeholders.expand(line) for _, line in strip_markdown(lines, placeholders, breaks)]


def test_fences_far_apart_are_no_pair() -> None:
    assert kept(["```", *["- a"] * 198, "```"]) == ["\n".join(["- a"] * 198)]
    assert kept(["```", *["- a"] * 199, "```"]) == ["a"] * 199
    assert kept(["```", *["- a"] * 300, "```", "- b", "```"]) == ["a"] * 300 + ["- b"]


def test_fences_are_no_pair_across_a_break() -> None:
    lines = ["```", "- a", "Flour", "```", "- b", "```", "- c"]
    assert kept(lines) == ["- a\nFlour", "b", "c"]
    assert kept(lines, (2,)) == ["a", "Flour", "- b", "c"]
    assert kept(lines, (5, 2)) == ["a", "Flour", "b", "c"]
    assert kept(lines, (3,)) == ["a", "Flour", "b", "c"]


@pytest.mark.parametrize(("before", "piece"), [("", "- "), ("", "# "), ("# a", " "), ("", "-"), ("# ", "a #")])
def test_a_line_of_twice_the_size_takes_about_twice_the_time(before: str, piece: str) -> None:
    assert_linear(lambda size: strip_markdown([before + piece * size + "x"], Placeholders()), 400_000)


AS_IT_IS_SAID = re.compile(r"\*\S|(?<!\w)_+[^\s_]|\]\(|`[^`]|~~")


@given(st.text(st.sampled_from("a_ *]`~(\né_"), max_size=12))
def test_the_search_for_marks_finds_them_where_its_plain_form_does(line: str) -> None:
    assert [result.span() for result in _MARKS.finditer(line)] == [
        result.span() for result in AS_IT_IS_SAID.finditer(line)
    ]

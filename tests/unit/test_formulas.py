"""Formulas are found where a page's library would typeset them, and nowhere else."""

import pytest

from pipeline.kernels.html.math.delimited import mark_delimited
from pipeline.kernels.html.math.formulas import read_formula
from tests.timing import assert_linear


def found(body: str) -> list[str]:
    return mark_delimited(f"<script src=mathjax.js></script>{body}".encode())[1]


@pytest.mark.parametrize(
    ("source", "tex"),
    [
        ("http://[codecogs.com/x?latex=a", ""),
        ("http://codecogs.com/x?latex=a%5E2", "$a^2$"),
        ("http://codecogs.com/gif?a%5E2", "$a^2$"),
        ("http://codecogs.com/gif", ""),
    ],
)
def test_an_address_may_hold_the_formula(source: str, tex: str) -> None:
    assert read_formula(f'<img src="{source}">', []) == tex


def test_a_reference_with_thousands_of_digits_is_an_unknown_sign() -> None:
    number = f"&#{'9' * 5000};"
    note = f"<math><annotation encoding=application/x-tex>a{number}</annotation></math>"
    assert read_formula(note, []) == "$a\ufffd$"
    assert found(rf"\(a {number[:8]}9999;\)") == ["$a \ufffd$"]


def test_a_long_reference_between_delimiters_is_no_error() -> None:
    assert found(rf"\(a\) &#{'9' * 5000}; \(b &#{'9' * 3500}{'9' * 400};\)") == ["$a$", "$b \ufffd$"]


@pytest.mark.parametrize("tag", ["script", "style", "pre", "code", "kbd", "samp", "textarea", "xmp", "noscript", "tt"])
def test_what_is_typed_to_the_letter_holds_no_formula(tag: str) -> None:
    assert found(rf"<{tag} class=a>\(x\)</{tag.upper()} > \(y\)") == ["$y$"]
    assert found(rf"<{tag} title='\(x\)'> \(y\)") == ["$y$"]  # never closed


def test_comments_and_attributes_hold_no_formula() -> None:
    assert found(r"<!-- \(x\) > --> <p title='\(z\)'> \(y <!-- why --> + 1<br>\)") == ["$y + 1$"]


def test_the_source_around_formulas_stays() -> None:
    page = rb'<script>"katex"</script><pre>\(a\)</pre>&amp; \(b\) <i>c</i> $$d$$ \( \) e'
    marked, formulas = mark_delimited(page)
    assert formulas == ["$b$", "$$d$$"]
    assert marked == page.replace(rb"\(b\)", _mark(0)).replace(b"$$d$$", _mark(1))


def _mark(number: int) -> bytes:
    return b"<math data-delimited=%d></math>" % number


def test_a_cut_alt_gives_way_to_the_comment_before_it() -> None:
    image = '<img class="tex" alt="$\\displaystyle a...\n...b$">'
    assert read_formula(image, [], "<!-- MATH $a + b$ -->\n") == "$$a + b$$"


@pytest.mark.parametrize(
    ("before", "piece"),
    [
        ("mathjax", r"<!-- \(x\)"),
        ("mathjax", "<code>"),
        (r"mathjax \(", "<code>"),
        ("mathjax $", "<xmp>"),
        ("mathjax", r"\(<!-- "),
        (r"mathjax \(", "<!-- --> "),
        ("mathjax $", r"\begin{equation}"),
        ("mathjax $ inlineMath:[", " "),
        ("mathjax $ inlineMath:[['$'", "$\n "),
    ],
)
def test_a_source_of_twice_the_size_takes_about_twice_the_time(before: str, piece: str) -> None:
    mark_delimited(b"mathjax $")  # compiled once
    assert_linear(lambda size: mark_delimited((before + piece * size).encode()), 10_000)


@pytest.mark.parametrize(
    ("before", "piece", "after"),
    [
        ("<math>", "<annotation encoding=application/x-tex>", ""),
        ("<math>", "<annotation encoding=application/x-tex></annotation>", ""),
        ('<img class=latex alt="...', "\n", '">'),
    ],
)
def test_an_element_of_twice_the_size_takes_about_twice_the_time(before: str, piece: str, after: str) -> None:
    assert_linear(lambda size: read_formula(before + piece * size + after, []), 20_000)

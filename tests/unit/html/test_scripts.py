"""Raised and lowered signs stay apart from what they stand behind, unless they are spelling."""

import pytest

from pipeline.kernels.html.names import no_words
from pipeline.kernels.html.tree.nodes import read_nodes
from pipeline.kernels.html.writing.blocks import read_blocks


def text(source: str) -> str:
    blocks = read_blocks(read_nodes(source.encode()), no_words())
    return "|".join(bytes(blocks.text[start:end]).decode() for start, end in blocks.rows[:, :2].tolist())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x<sup>2</sup>", "x^2"),
        ("x<sup>n+1</sup>", "x^{n+1}"),
        ("10<sup>-6</sup> m", "10^{-6} m"),
        ("10<sup>&minus;6</sup>", "10^{−6}"),
        ("(a+b)<sup>2</sup>", "(a+b)^2"),
        ("H<sub>2</sub>O", "H_2O"),
        ("x<sub>i</sub><sup>2</sup>", "x_i^2"),
        ("log<sub>10</sub>", "log_{10}"),
        ("log<sub>2</sub>", "log_2"),
        ("km<sup>2</sup>", "km^2"),
        ("f<sup>&prime;</sup>", "f^′"),
        ("α<sub>β</sub>", "α_β"),
        ("10<sup>123456</sup>", "10^{123456}"),
    ],
)
def test_a_sign_that_means_something_keeps_its_place(source: str, expected: str) -> None:
    assert text(f"<p>{source}") == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1<sup>st</sup>", "1st"),
        ("the 2<sup>nd</sup> mill", "the 2nd mill"),
        ("M<sup>e</sup>", "Me"),
        ("Mill<sup>TM</sup>", "MillTM"),
        ("Mill<sup>®</sup>", "Mill®"),
        ("a word<sup>1</sup>", "a word1"),
        ("<sup>1</sup> a note", "1 a note"),
        ("x <sup>2</sup>", "x 2"),
        ("x<sup></sup>", "x"),
        ("x<sup> </sup>y", "x y"),
        ("x<sup>what is a note</sup>", "xwhat is a note"),
        ("x<sup>*</sup>", "x^*"),
        ("x<sup>**</sup>", "x**"),
        ("x<sup>[1]</sup>", "x[1]"),
        ("x<sup><a href='#n'>1</a></sup>", "x1"),
        ("a.<sup>1</sup>", "a.1"),
    ],
)
def test_a_sign_that_is_spelling_or_a_note_is_plain_text(source: str, expected: str) -> None:
    assert text(f"<p>{source}") == expected

"""Code and formulas of a block come back from the source where their signs stand."""

import pytest

from pipeline.kernels.html.embedded import Embedded
from pipeline.kernels.html.math.delimited import mark_delimited
from pipeline.kernels.html.names import no_words
from pipeline.kernels.html.tree.nodes import read_nodes
from pipeline.kernels.html.writing.blocks import read_blocks
from pipeline.kernels.text.placeholders import Placeholders

ANNOTATION = "<annotation encoding='application/x-tex'>x_1</annotation>"


def read(source: str) -> tuple[list[str], str]:
    """The texts of a page's blocks, and its source without code and formulas, everything put back."""
    marked, formulas = mark_delimited(source.encode())
    page = read_nodes(marked)
    blocks = read_blocks(page, no_words())
    placeholders = Placeholders()
    embedded = Embedded(page, blocks, formulas, placeholders)
    return [placeholders.expand(text) for text in embedded.texts(blocks.rows)], placeholders.expand(
        embedded.source_without()
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>a <code>b &lt; c</code>, d", ["a b < c, d"]),
        ("<p>a <code>b</code><code>c</code>", ["a bc"]),
        ("<pre>a\n  b</pre><p>c", ["a\n  b", "c"]),
        ("<pre></pre><p>c", ["", "c"]),
        ("<xmp><p>a</xmp>", ["<p>a"]),
        ("<p><code>a<br>  b</code>", ["a\n  b"]),
        (f"<p>a <math><semantics><mi>x</mi>{ANNOTATION}</semantics></math>", ["a $x_1$"]),
        ("<p>a <script type='math/tex'>x_1</script>.", ["a $x_1$."]),
        ("<p>a <img class=latex alt='x_1'>", ["a $x_1$"]),
        ("<script src=mathjax.js></script><p>a \\(x_1\\) b", ["a $x_1$ b"]),
        ("<script src=mathjax.js></script><p>a <tt>b \\(x_1\\)</tt>", ["a b \\(x_1\\)"]),
        ("<p>\U000f0000a", ["a"]),
        ("<p>a <code>\U000f0000b</code>", ["a b"]),
    ],
)
def test_what_a_sign_stands_for_is_put_back(source: str, expected: list[str]) -> None:
    assert read(source)[0] == expected


def test_signs_beyond_the_first_plane_stand_for_what_they_stand_for() -> None:
    count = 70_000
    texts, _ = read("<p>" + "".join(f"<code>c{number}</code> " for number in range(count)))
    assert texts == [" ".join(f"c{number}" for number in range(count))]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>a <script type='math/tex'>x_1</script>.</p>", "<p>a $x_1$.</p>"),
        ("<p>a <code>b</code></p>", "<p>a <code>b</code></p>"),
        ("<div>a</div>", "<div>a</div>"),
    ],
)
def test_a_source_without_its_formulas_is_else_as_it_was(source: str, expected: str) -> None:
    assert read(source)[1] == expected


def test_a_code_block_is_a_paragraph_of_its_own_in_the_source_without_it() -> None:
    source = read("<p>a</p><pre>b\n c</pre><p>d</p>")[1]
    assert source == "<p>a</p><p>\nb\n c\n</p><p>d</p>"

"""Code comes out of its block to the letter, and nothing of the block's furniture with it."""

import pytest

from pipeline.kernels.html.code.codeblocks import read_code as read_code_of
from pipeline.kernels.html.tree.nodes import read_nodes
from tests.timing import assert_linear


def read_code(block: str) -> tuple[str, bool]:
    return read_code_of(read_nodes(block.encode()), 1)


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ('<pre><code class="hljs copyable">mill = 1</code></pre>', "mill = 1"),
        ('<pre><div class="code-copy-wrapper"><code>mill = 1</code></div></pre>', "mill = 1"),
        ('<pre><span class="nf copyFile">copyFile</span>(a)</pre>', "copyFile(a)"),
        ('<pre><div class="copy"><code>mill = 1</code></div></pre>', "mill = 1"),
        ('<pre><code class="copy">mill = 1</code></pre>', "mill = 1"),
        (
            f'<pre><div class="clipboard">{"grind(rye); " * 5}</div>end</pre>',
            f"{'grind(rye); ' * 5}".rstrip() + "\nend",
        ),
    ],
)
def test_code_with_the_look_of_a_button_stays(block: str, code: str) -> None:
    assert read_code(block)[0] == code


@pytest.mark.parametrize(
    "button",
    [
        "<button class=x>Copy</button>",
        '<span class="btn copy-btn">Copy</span>',
        '<a class="copy-code-button">Copy to clipboard</a>',
        '<div class="clipboard-copy"></div>',
        '<clipboard-copy value="ls">Copy</clipboard-copy>',
    ],
)
def test_buttons_go(button: str) -> None:
    assert read_code(f"<pre><code>ls</code>{button}</pre>")[0] == "ls"


def test_a_reference_with_thousands_of_digits_is_an_unknown_sign() -> None:
    assert read_code(f"<pre>a&#{'9' * 5000};b &lt; &#{'0' * 5000}65;</pre>")[0] == "a\ufffdb < A"


def test_xmp_holds_no_markup() -> None:
    assert read_code("<xmp><b>&amp;</b></XMP >") == ("<b>&amp;</b>", True)


@pytest.mark.parametrize(
    ("text", "is_code"), [("Dear miller, I am well and so is the mare. " * 20, False), ("x = 1\n" * 90, True)]
)
def test_a_letter_is_no_code(text: str, is_code: bool) -> None:
    assert read_code(f"<pre>{text}</pre>")[1] == is_code


@pytest.mark.parametrize(
    ("before", "piece"),
    [
        ("<pre>", "class="),
        ("<pre>", "class=' "),
        ("<pre>", "a aa"),
        ("<pre>a, ", "b "),
        ("<pre>\n", "<span "),
        ("<pre>", "<a"),
        ("<xmp>", "</xmp"),
        ("<pre>", "&#9"),
        ("<pre><br>", "<b class=copy>a</b>"),
    ],
)
def test_a_block_of_twice_the_size_takes_about_twice_the_time(before: str, piece: str) -> None:
    assert_linear(lambda size: read_code(before + piece * size), 10_000)

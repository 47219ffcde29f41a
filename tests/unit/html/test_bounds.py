"""No page makes the compiled passes read or write beyond their buffers."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from html.entities import html5
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from pipeline.kernels.html.code.codeblocks import read_code
from pipeline.kernels.html.main_content.context import measure_context
from pipeline.kernels.html.main_content.feature_names import HINTS
from pipeline.kernels.html.main_content.features import measure_blocks
from pipeline.kernels.html.main_content.model import shipped_model
from pipeline.kernels.html.main_content.stages import odds_alone, words_of_blocks
from pipeline.kernels.html.names import EMBEDDED_CODE, TAGS
from pipeline.kernels.html.tree.nodes import read_nodes
from pipeline.kernels.html.writing.blocks import read_blocks

NASTY = """<!DOCTYPE html><html lang=en><head><title>a&amp;b</title><style>p{}</style><script type='math/tex'>x</script>
</head><body class="post-content navBar"><!-- c --><div style='display:none'>no</div><p>x<sup>2</sup> y<sub>i</sub>
<a href='http://x/'>l<b>k</b></a>&nbsp;&#150;&#x1F600;&nGt; <code>a<br>b</code> <tt>q</tt><img alt='one two three four
five six seven &amp; eight' class=latex src=/eq.png><table><caption>c</caption><tr><th>a<th>b<tr><td>1<td>2&gt;</table>
<svg><path/></svg><math><mi>x</mi></math><span class=MathJax><span class=katex-html>q</span></span><pre class="hl">a
 b</pre><ul><li>a<li>b</ul><select><option>a</select><button>c</button><textarea>z</textarea><xmp></xmp><![CDATA[ x ]]>
<?xml a?></x></p></br></body></html>\x7fé 麦子、。 \U0001f600 \u200b\ufeff\U000f0000 <plaintext>""".encode()
# What is longest in the text for its length in the source, or makes the most elements, blocks, placeholders or events.
DENSE = [
    *(
        b"&nGt;",
        b"&nLt",
        b"\x7f",
        b"\x80",
        b"\xff",
        b"\xf0",
        b"\xe2<",
        b"\0",
        b"<b>",
        b"<b></b>x",
        b"<p>",
        b"<br>a",
        b"<a>",
    ),
    *(
        b"x<sup>12</sup>",
        b"x<sub>a<sup>b",
        b"\x80<sup>a b</sup>",
        b"<td>",
        b"<td>x",
        b"<tr><td>",
        b"<table><tr><td>a<td>b",
    ),
    *(
        b"<code>a</code>",
        b"<code>&nGt;</code>",
        b"<code>a<br>",
        b"<pre></pre>",
        b"<math></math>",
        b"<math>",
        b"<svg>",
        b"</",
    ),
    *(
        b"<p><img alt='a b c d e f &nGt;&nGt;&nGt;'>",
        b"<img class=tex alt=x>",
        b"<xmp>",
        b"<!>",
        b"<?>",
        b"<a href=x><p></a>",
    ),
    *(
        b"<td colspan=64>x",
        b"<tr><td rowspan=999 colspan=9>",
        b"<div class=line>x",
        b"<div class=line><b class=lineno>1</b>\xff</div>",
        b"<td class=linenos>1<td><code>x</code><tr>",
        b"<pre>\xff<br>",
        b"<pre><div>\xff",
        b"<pre><b>1</b>\xff\n",
        b"<pre><table><td>\xff",
        b"<span class=label>x</span>",
        b"<img class=emoji alt='&nGt;'>",
        b"<ruby>x<rt>x",
    ),
]
BEFORE = [
    b"",
    b"<p>",
    b"<table><tr><th>a<td>b<tr><td>",
    b"<p><code>",
    b"x<sup>",
    b"<span class=katex>",
    b"<a href=x><p>",
    b"<pre>",
    b"<div class=fragment>",
    b"<table class=code><tr><td>1<td>x<tr><td>2<td>",
]


def nasty() -> Iterator[bytes]:
    """Pages cut off anywhere, changed anywhere, made of tags at random, or of one thing many times."""
    for cut in range(len(NASTY) + 1):
        yield NASTY[:cut]
        yield NASTY[cut:]
    chance = random.Random(3)
    for _ in range(4000):
        page = bytearray(NASTY)
        for _ in range(chance.choice((1, 3, 10, 40))):
            at = chance.randrange(len(page) + 1)
            page[at : at + chance.randrange(3)] = bytes(
                chance.choices(b"<>/&=\"' -!#;ax\0\xff\xe2\xf0\xc3", k=chance.randrange(3))
            )
        yield bytes(page)
    for _ in range(4000):
        names = chance.choices(TAGS[1:], k=chance.randrange(40))
        yield "".join(
            chance.choice(("<{}>", "</{}>", "<{} class=katex>x", "&{};")).format(name) for name in names
        ).encode()
    for name in html5:
        yield f"&{name}".encode() * 300
        yield f"<p><img alt='a b c d e f &{name}'>".encode() * 50
    for piece in DENSE:
        for before in BEFORE:
            yield from (before + piece * times for times in (1, 2, 9, 2000))


@pytest.mark.skipif("NASTY_EVERY" not in os.environ, reason="the next test runs it, with bounds checked")
def test_no_page_leaves_the_buffers() -> None:
    model = shipped_model()
    for source in islice(nasty(), 0, None, int(os.environ["NASTY_EVERY"])):
        page = read_nodes(source, model.classes)
        blocks = read_blocks(page, model.words)
        features = measure_blocks(page, blocks, np.zeros(HINTS, np.float32), "the mill")
        assert np.isfinite(features).all(), source
        if len(blocks.rows):
            alone = odds_alone(model, features)
            assert np.isfinite(measure_context(page, blocks, alone, words_of_blocks(blocks), 0.5)).all(), source
        for kind, *_, node in blocks.embedded:
            if kind == EMBEDDED_CODE:
                read_code(page, int(node))
        assert (page.nodes[1:, 1] < np.arange(1, len(page.nodes))).all(), source


@pytest.mark.parametrize(
    ("switch", "every"),
    [("NUMBA_DISABLE_JIT", "211"), pytest.param("NUMBA_BOUNDSCHECK", "1", marks=pytest.mark.long)],
    ids=["some pages, uncompiled", "all pages, compiled with checks"],
)
def test_no_page_leaves_the_buffers_where_bounds_are_checked(tmp_path: Path, switch: str, every: str) -> None:
    checked = {**os.environ, switch: "1", "NASTY_EVERY": every, "NUMBA_CACHE_DIR": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"{__file__}::test_no_page_leaves_the_buffers"],
        env=checked,
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )
    assert result.returncode == 0, result.stdout[-4000:]
    assert "1 passed" in result.stdout

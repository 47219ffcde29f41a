"""What was left out says what speaks against it, and which stage of the model said so."""

import numpy as np

from pipeline.kernels.html.main_content.model import shipped_model
from pipeline.kernels.html.reading import read_page
from pipeline.kernels.html.rejections import block_texts, rejected_blocks

PROSE = "<p>The mill stands by the river, and its old wheel has turned there day and night for years.</p>" * 3
PAGE = f"<nav><a href=/>All mills</a></nav><main>{PROSE}</main>".encode()
AROUND = "likely by itself, but what is around it or like it is left out"


def test_a_block_that_only_its_surroundings_speak_against_says_so() -> None:
    reading = read_page(PAGE, None, shipped_model())
    texts, left_out = block_texts(reading), ~reading.kept
    (menu,) = rejected_blocks(reading, texts, left_out)
    assert AROUND not in menu.why
    (menu,) = rejected_blocks(reading._replace(alone=np.ones(len(texts))), texts, left_out)
    assert menu.why[-1] == AROUND

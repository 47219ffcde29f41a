"""Where each signal stands in the rows of numbers that the compiled passes fill."""

from typing import Final

import numpy as np
import numpy.typing as npt

from schemas.signals import SIGNALS

Floats = npt.NDArray[np.float64]

PLACES: Final = {name: number for number, name in enumerate(SIGNALS)}
NUMBER: Final = len(SIGNALS)

N_CHARS: Final = PLACES["n_chars"]
N_WORDS: Final = PLACES["n_words"]
N_LINES: Final = PLACES["n_lines"]
N_PARAGRAPHS: Final = PLACES["n_paragraphs"]
N_SENTENCES: Final = PLACES["n_sentences"]
MEAN_WORD_LENGTH: Final = PLACES["mean_word_length"]
LONGEST_WORD: Final = PLACES["longest_word"]
ALPHA_WORDS: Final = PLACES["alpha_word_share"]
CAPITALS_WORDS: Final = PLACES["capitals_word_share"]
STOP_WORDS: Final = PLACES["stop_words"]
STOP_WORD_SHARE: Final = PLACES["stop_word_share"]
UNIQUE_WORDS: Final = PLACES["unique_word_share"]
WORD_ENTROPY: Final = PLACES["word_entropy"]
HASHES: Final = PLACES["symbol_word_ratio_hash"]
ELLIPSES: Final = PLACES["symbol_word_ratio_ellipsis"]
CURLY_BRACKETS: Final = PLACES["curly_bracket_word_ratio"]
DIGITS: Final = PLACES["digit_share"]
SYMBOLS: Final = PLACES["symbol_share"]
CAPITALS: Final = PLACES["capital_share"]
LONGEST_REPEAT: Final = PLACES["longest_repeat"]
LINE_LENGTH: Final = PLACES["mean_line_length"]
BULLET_LINES: Final = PLACES["bullet_line_share"]
ELLIPSIS_LINES: Final = PLACES["ellipsis_line_share"]
PUNCT_LINES: Final = PLACES["punct_line_share"]
SHORT_LINES: Final = PLACES["short_line_share"]
FEW_WORD_LINES: Final = PLACES["few_word_line_share"]
LETTERLESS_LINES: Final = PLACES["letterless_line_share"]
NEWLINES: Final = PLACES["newline_word_ratio"]
DUP_LINES: Final = PLACES["dup_line_share"]
DUP_PARAGRAPHS: Final = PLACES["dup_paragraph_share"]
DUP_LINE_CHARS: Final = PLACES["dup_line_char_share"]
DUP_PARAGRAPH_CHARS: Final = PLACES["dup_paragraph_char_share"]
TOP_2GRAM: Final = PLACES["top_2gram_char_share"]
LOREM_IPSUM: Final = PLACES["lorem_ipsum"]
JAVASCRIPT: Final = PLACES["javascript_mentions"]
POLICY: Final = PLACES["policy_phrases"]
POLICY_RATIO: Final = PLACES["policy_phrase_word_ratio"]
URL_WORDS: Final = PLACES["url_word_ratio"]
DIRTY_WORDS: Final = PLACES["dirty_words"]
DISTINCT_DIRTY_WORDS: Final = PLACES["distinct_dirty_words"]
DIRTY_WORD_SHARE: Final = PLACES["dirty_word_share"]
EXPLICIT_WORDS: Final = PLACES["explicit_words"]
DISTINCT_EXPLICIT_WORDS: Final = PLACES["distinct_explicit_words"]
EXPLICIT_WORD_SHARE: Final = PLACES["explicit_word_share"]

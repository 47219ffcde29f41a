"""Tokens are counted by the tokenizer that was named, and one that is not there is refused by name."""

import base64
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

from classifiers.tokenizers import TokenizerError, load_encoder


@pytest.fixture
def word_tokenizer(tmp_path: Path) -> Path:
    """A tokenizer of words that would also add special tokens, cut and pad."""
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "[CLS]": 1, "the": 2, "mill": 3}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [CLS]", special_tokens=[("[CLS]", 1)])
    tokenizer.enable_truncation(2)
    tokenizer.enable_padding(length=9)
    path = tmp_path / "tokenizer.json"
    tokenizer.save(str(path))
    return path


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("a", 1), ("The mill grinds.", 5), (" ", 1), ("<s>[INST]", 6), ("水車", 2)]
)
def test_tekken_counts_without_special_tokens(text: str, count: int) -> None:
    assert load_encoder("tekken").lengths([text]).tolist() == [count]


def test_a_tokenizer_file_counts_words_without_special_tokens_cuts_or_padding(word_tokenizer: Path) -> None:
    counter = load_encoder(str(word_tokenizer)).lengths
    assert counter(["the mill", "the mill by the river", "", "mill."]).tolist() == [2, 5, 0, 2]
    assert counter([]).tolist() == []


def test_a_folder_stands_for_the_file_in_it(word_tokenizer: Path) -> None:
    assert load_encoder(str(word_tokenizer.parent)).lengths(["the mill"]).tolist() == [2]


def test_a_file_of_ranks_counts(tmp_path: Path) -> None:
    ranks = [bytes([byte]) for byte in range(256)] + [b"th", b"the"]
    lines = [base64.b64encode(token) + b" %d" % rank for rank, token in enumerate(ranks)]
    (tmp_path / "own.tiktoken").write_bytes(b"\n".join(lines))
    assert load_encoder(str(tmp_path / "own.tiktoken")).lengths(["the", "th", "tea", ""]).tolist() == [1, 1, 3, 0]


@pytest.mark.parametrize("name", ["no-such-encoding", "/no/such/tokenizer.json", "/no/such/folder", ""])
def test_a_name_for_nothing_is_refused_with_the_name(name: str) -> None:
    with pytest.raises(TokenizerError, match=f"no tokenizer '{name}'"):
        load_encoder(name)


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TokenizerError, match="no tokenizer"):
        load_encoder(str(tmp_path))


@settings(deadline=None)
@given(st.lists(st.text(max_size=20), max_size=5))
def test_texts_are_counted_one_by_one_whatever_they_hold(texts: list[str]) -> None:
    counter = load_encoder("tekken").lengths
    counts = counter(texts).tolist()
    assert counts == [int(counter([text])[0]) for text in texts]
    assert all((count > 0) == bool(text) for text, count in zip(texts, counts, strict=True))

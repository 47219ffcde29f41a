"""Parameters of `heuristics`: what is measured, and the limits of the rules."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator

from pipeline.cells.parts import digest
from pipeline.engine.stage import WatchedParams
from pipeline.errors import ConfigError
from pipeline.heuristics.datatrove import DatatroveParams
from pipeline.heuristics.limits import FINEWEB2, Limits, check_limits, limits_text, read_limits

Share = Annotated[float, Field(ge=0, le=1)] | None
Ratio = Annotated[float, Field(ge=0)] | None
Count = Annotated[int, Field(ge=0)] | None


class HeuristicsParams(WatchedParams):
    """Parameters of heuristics. A limit that is null is off; literature's values are for English."""

    definition: Literal["gristmill", "datatrove"] = "gristmill"
    """Whose definitions signals are measured by and rules follow: `datatrove` decides as FineWeb's code does."""
    datatrove_words: str | None = None
    """What splits words for `datatrove`, and its version; the run fills it in."""
    dirty_words: str | None = "bundled"
    """Lists of dirty words: `bundled` (28 languages), a folder of `<language>.txt`, or null for none."""
    dirty_words_digest: str | None = None
    """Hash of the lists; the run fills it in."""
    token_outliers: bool = True
    """Whether divergences of tokens are measured: half of what the stage costs."""
    tokenizer: str = "tekken"
    """What divergences are measured with; as `mix.tokenizer`."""
    tokenizer_digest: str | None = None
    """Hash of the tokenizer's file; the run fills it in."""
    token_distribution: str | None = None
    """An earlier run whose distributions documents are compared with; null for this corpus's own."""
    token_distribution_digest: str | None = None
    """Hash of what that run holds; the run fills it in."""
    min_outlier_documents: int = Field(300, ge=1)
    """Documents that a language needs to have a distribution of its own."""

    datatrove: DatatroveParams = DatatroveParams()
    """Limits of `definition: datatrove`, under datatrove's own names; those below are not asked then of English."""
    thresholds: str | None = FINEWEB2
    """Limits of languages: `fineweb2`, or a file of `gristmill fit-limits`, whose limits come before those; null leaves
    English ones, but for what is off where a word is a character."""
    thresholds_digest: str | None = None
    """Hash of the file; the run fills it in."""
    languages: dict[str, dict[str, float | None]] = Field(default_factory=dict)
    """Further limits by language, `{de: {min_words: 40}}`; they come before those of `thresholds`, null is off."""

    min_words: Count = 50
    """Words of prose that a document has at least."""
    max_words: Count = 100_000
    """Words of prose that it has at most."""
    min_mean_word_length: Ratio = 3.0
    """Code points of a word, on average, at least."""
    max_mean_word_length: Ratio = 10.0
    """Code points of a word, on average, at most."""
    max_hash_ratio: Ratio = 0.1
    """Signs # per word."""
    max_ellipsis_ratio: Ratio = 0.1
    """Ellipses per word."""
    max_bullet_line_share: Share = 0.9
    """Of lines that begin with a bullet."""
    max_ellipsis_line_share: Share = 0.3
    """Of lines that end in an ellipsis."""
    min_alpha_word_share: Share = 0.8
    """Of words with a letter in them."""
    min_stop_words: Count = 2
    """Distinct English stop words; asked of English alone."""
    max_dup_line_share: Share = 0.30
    """Of lines that repeat an earlier one."""
    max_dup_paragraph_share: Share = 0.30
    """Of paragraphs that repeat an earlier one."""
    max_dup_line_char_share: Share = 0.20
    """Of characters in lines that repeat an earlier one."""
    max_dup_paragraph_char_share: Share = 0.20
    """Of characters in paragraphs that repeat an earlier one."""
    max_top_2gram_char_share: Share = 0.20
    """Of characters in the most frequent run of 2 words."""
    max_top_3gram_char_share: Share = 0.18
    """Of characters in the most frequent run of 3 words."""
    max_top_4gram_char_share: Share = 0.16
    """Of characters in the most frequent run of 4 words."""
    max_dup_5gram_char_share: Share = 0.15
    """Of characters in runs of 5 words that repeat."""
    max_dup_6gram_char_share: Share = 0.14
    """Of characters in runs of 6 words that repeat."""
    max_dup_7gram_char_share: Share = 0.13
    """Of characters in runs of 7 words that repeat."""
    max_dup_8gram_char_share: Share = 0.12
    """Of characters in runs of 8 words that repeat."""
    max_dup_9gram_char_share: Share = 0.11
    """Of characters in runs of 9 words that repeat."""
    max_dup_10gram_char_share: Share = 0.10
    """Of characters in runs of 10 words that repeat."""
    max_repeated_share: Share = 0.60
    """Of duplicate 10-grams on pages of documentation, code and math, which repeat themselves as prose does not."""
    min_words_beside_code: Count = 5
    """Words of prose that a page of code or math needs."""
    min_stop_word_share: Share = 0.03
    """Of English words; of 6,300 web documents of 100 words or more .4 % have less."""
    min_word_entropy: Ratio = 3.2
    """Nats; of the same documents less than .1 % have less than 3.7."""
    max_short_line_share: Share = 0.67
    """Of lines of at most 30 code points; only where few lines end in punctuation, too: link lists have both."""
    min_punct_line_share: Share = 0.12
    """Of lines that end in punctuation."""
    max_newline_word_ratio: Ratio = 0.3
    """Line breaks per word."""
    min_sentences: Count = 3
    """Sentences that a document has at least."""
    max_curly_bracket_ratio: Ratio = 0.02
    """Curly brackets per word."""
    max_lorem_ipsum: Count = 0
    """Times that the placeholder text stands in it."""
    max_policy_word_ratio: Share = 0.01
    """Of phrases such as *privacy policy*; only where there is more than one."""
    max_policy_phrases: Count = 1
    """Such phrases from which on their share counts."""
    max_dirty_word_share: Share = 0.01
    """Of words that have no plain sense; only where there are several different ones."""
    max_distinct_dirty_words: Count = 2
    """Different ones without a plain sense."""
    max_mixed_dirty_word_share: Share = 0.04
    """Of all words of the lists, of which many belong to medicine, law and news; only beside one that does not."""
    max_explicit_beside: Count = 0
    """Words without a plain sense that may stand beside these."""
    max_token_outlier_score: float | None = 6.0
    """Spreads above what is usual at a document's length."""
    max_token_outlier_rank: Share = None
    """Quantile of the language's documents; .99 drops the hundredth that is least like the others."""

    def resolved(self) -> Self:
        """Return the parameters with the hashes of lists, limits, tokenizer and distributions.

        Raises:
            ConfigError: One of them is not there, or is something else.
        """
        from pipeline.heuristics.earlier_tokens import learnt_digest
        from pipeline.heuristics.measuring import named_lists_digest
        from pipeline.heuristics.token_counts import named_tokenizer_digest

        self.by_language()
        run = self.token_distribution
        hashes = {
            "dirty_words_digest": named_lists_digest("heuristics.dirty_words", self.dirty_words),
            "datatrove_words": _words_version(self.definition),
            "tokenizer_digest": named_tokenizer_digest("heuristics.tokenizer", self.tokenizer),
            "thresholds_digest": digest(limits_text(self.thresholds)) if self.thresholds else None,
            "token_distribution_digest": learnt_digest(run) if run else None,
        }
        return self.model_copy(update=hashes)

    @classmethod
    def measuring(cls) -> frozenset[str]:
        """Return the names of the parameters that change what is measured; all others are limits."""
        return frozenset(
            {
                "definition", "datatrove_words", "dirty_words", "dirty_words_digest", "token_outliers", "tokenizer",
                "tokenizer_digest", "token_distribution", "token_distribution_digest", "min_outlier_documents",
            }
        )  # fmt: skip

    def content_settings(self) -> dict[str, Any]:
        """Return the parameters on which signals depend, as JSON values."""
        settings = self.model_dump(mode="json", include=set(self.measuring()))
        if self.definition == "datatrove":
            settings["datatrove"] = self.datatrove.model_dump(mode="json", include=set(self.datatrove.measuring))
        return settings

    @field_validator("languages")
    @classmethod
    def _known_limits(cls, languages: Limits) -> Limits:
        return check_limits(languages, cls._limit_names(), "heuristics.languages")

    @classmethod
    def _limit_names(cls) -> frozenset[str]:
        return frozenset(name for name in cls.model_fields if name.startswith(("min_", "max_"))) - cls.measuring()

    def by_language(self) -> dict[str, dict[str, float | None]]:
        """Return the limits that languages have of their own.

        Raises:
            ConfigError: The file of limits is not there, or holds something else.
        """
        parameters = self._limit_names()
        merged = {name: dict(limits) for name, limits in read_limits(FINEWEB2, parameters).items()}
        if self.thresholds is None:
            merged = {
                name: {key: limit for key, limit in limits.items() if limit is None} for name, limits in merged.items()
            }
        from_file = read_limits(self.thresholds, parameters) if self.thresholds else {}
        for limits_of in (from_file, self.languages):
            for language, limits in limits_of.items():
                merged[language] = merged.get(language, {}) | self._in_range(language, limits)
        return merged

    @classmethod
    def _in_range(cls, language: str, limits: Mapping[str, float | None]) -> dict[str, float | None]:
        """Return limits of a language as they are.

        Raises:
            ConfigError: One of them is out of its range.
        """
        try:
            cls.model_validate(dict(limits))
        except ValidationError as error:
            first = error.errors()[0]
            raise ConfigError(
                f"limits of '{language}': {first['loc'][0]} = {first['input']!r}: {first['msg']}"
            ) from None
        return dict(limits)


def _words_version(definition: str) -> str | None:
    """Return what splits words as datatrove does, with its version; it is needed for that definition alone."""
    if definition != "datatrove":
        return None
    try:
        return f"spacy {version('spacy')}"
    except PackageNotFoundError:
        raise ConfigError(
            "heuristics.definition: datatrove's words are those of spaCy: pip install 'gristmill[datatrove]'"
        ) from None

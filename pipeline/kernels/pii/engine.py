"""One presidio engine a worker: recognisers by language and country, and no language model unless one is asked for."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

import presidio_analyzer.predefined_recognizers as presidio
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, PatternRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine, SpacyNlpEngine

from pipeline.kernels.pii.accounts import Cards, Ibans
from pipeline.kernels.pii.addresses import Macs, PublicAddresses
from pipeline.kernels.pii.emails import Emails
from pipeline.kernels.pii.entities import ENTITIES, STDNUM
from pipeline.kernels.pii.keys import SecretKeys
from pipeline.kernels.pii.locales import Locale
from pipeline.kernels.pii.national_ids import Cautious, Named, Pans, Ssns, TaxIds
from pipeline.kernels.pii.phones import Phones
from pipeline.kernels.pii.stdnum_ids import ENTITIES_OF_STDNUM, StdnumIds
from pipeline.kernels.pii.wallets import Wallets
from pipeline.kernels.pii.written_out import WrittenOut

_ANY: Final = "any"
_OURS: Final = {
    kind.__name__: kind
    for kind in (Cards, Emails, Ibans, Macs, Pans, PublicAddresses, SecretKeys, Ssns, TaxIds, Wallets)
}
logging.getLogger("presidio-analyzer").disabled = True  # it logs values that it fails to judge


class Models(NlpEngine):
    """What a language model says of a text, for languages that have one: by default none has, and nothing is loaded."""

    def __init__(self, models: Mapping[str, str]) -> None:
        """Load spaCy's models, by language.

        Raises:
            OSError: A model is not installed.
        """
        self.models = {language: _model(language, name) for language, name in models.items()}

    def load(self) -> None:
        """Do nothing: models were loaded at once."""

    def is_loaded(self) -> bool:
        """Tell that nothing needs to be loaded."""
        return True

    def process_text(self, text: str, language: Any) -> NlpArtifacts:
        """Return what the model of a text's language says of it; nothing where there is none."""
        locale = language if isinstance(language, Locale) else Locale("", language)
        if locale.language in self.models:
            return self.models[locale.language].process_text(text, locale.language)
        return NlpArtifacts([], cast("Any", []), [], [], self, _ANY)

    def process_batch(
        self, texts: Iterable[str], language: Any, *_: Any, **__: Any
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        """Yield each text with what is said of it."""
        for text in texts:
            yield text, self.process_text(text, language)

    def is_stopword(self, word: str, language: str) -> bool:  # noqa: ARG002
        """Tell that no word is one: nothing is asked."""
        return False

    def is_punct(self, word: str, language: str) -> bool:  # noqa: ARG002
        """Tell that no word is one: nothing is asked."""
        return False

    def get_supported_entities(self) -> list[str]:
        """Return the entities that models may find."""
        return sorted({entity for model in self.models.values() for entity in model.get_supported_entities()})

    def get_supported_languages(self) -> list[str]:
        """Return the one language that stands for all."""
        return [_ANY]


def _model(language: str, name: str) -> SpacyNlpEngine:
    import spacy

    spacy.load(name)  # of a model that is not there, presidio would try a download
    engine = SpacyNlpEngine([{"lang_code": language, "model_name": name}])
    engine.load()
    return engine


class Registry(RecognizerRegistry):
    """Recognisers by place: made when a document of that place comes first, for all entities that are wanted."""

    def __init__(self, settings: "Settings") -> None:
        """Know what is wanted."""
        super().__init__(supported_languages=[_ANY])
        self._wanted, self._least = settings.entities, settings.min_score
        self._named = {
            language: presidio.SpacyRecognizer(language, list(settings.named)) for language, _ in settings.models
        }
        self._known: dict[Locale, list[EntityRecognizer]] = {}
        self.recognizers = self.get_recognizers(Locale("", "und"))  # the engine would load its own where there are none

    def get_recognizers(self, language: Any, *_: Any, **__: Any) -> list[EntityRecognizer]:
        """Return the recognisers for documents of a place, which travels as the language."""
        recognizers = self._known.get(language)
        if recognizers is None:
            names = language.entities(self._wanted)
            presidios = [name for name in names if ENTITIES[name].recognizer != STDNUM]
            home = [name for name in presidios if language.may_issue(ENTITIES[name].countries)]
            recognizers = [_recognizer(name, language, self._least) for name in home]
            if abroad := [_national(name, language, self._least) for name in presidios if name not in home]:
                recognizers.append(Named(abroad))
            if issued := [name for name in names if name in ENTITIES_OF_STDNUM]:
                recognizers.append(StdnumIds(language, issued, _ANY))
            if "EMAIL_ADDRESS" in names:
                recognizers.append(WrittenOut(_ANY))
            if language.language in self._named:
                recognizers.append(self._named[language.language])
            self._known[language] = recognizers
        return recognizers


def _recognizer(name: str, locale: Locale, least: float) -> EntityRecognizer:
    if ENTITIES[name].countries:
        return _national(name, locale, least)
    return Phones(locale.regions) if ENTITIES[name].recognizer == Phones.__name__ else _made(name)


def _national(name: str, locale: Locale, least: float) -> Cautious:
    countries = ENTITIES[name].countries
    letters_too, named_only = not locale.is_sure_of(countries), not locale.may_issue(countries)
    inner = cast("PatternRecognizer", _made(name))
    return Cautious(inner, letters_too=letters_too, named_only=named_only, least=least)


def _made(name: str) -> EntityRecognizer:
    kind = ENTITIES[name].recognizer
    made: EntityRecognizer = (_OURS.get(kind) or getattr(presidio, kind))(supported_language=_ANY)
    return made


class Settings(NamedTuple):
    """What is looked for.

    Attributes:
        entities: Names of `entities.ENTITIES`, and NATIONAL_ID.
        min_score: Below which a value is let be.
        named: Entities that are asked of language models, such as PERSON.
        models: (language, name of an installed spaCy model or its folder).
    """

    entities: tuple[str, ...]
    min_score: float = 0.4
    named: tuple[str, ...] = ()
    models: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=2)
def engine_for(settings: Settings) -> AnalyzerEngine:
    """Return the worker's engine."""
    return AnalyzerEngine(
        Registry(settings),
        Models(dict(settings.models)),
        supported_languages=[_ANY],
        default_score_threshold=settings.min_score,
    )


@lru_cache(maxsize=1024)
def _entities(locale: Locale, settings: Settings) -> list[str]:
    return [*locale.entities(settings.entities), *settings.named]


def results_in(text: str, locale: Locale, settings: Settings, *, has_rare: bool = True) -> list[RecognizerResult]:
    """Return what the recognisers of a place find in a text.

    presidio's own walk over them copies every value and looks for words around it that only a language model gives:
    it is for languages that have one.

    Args:
        text: What is shown to them.
        locale: Where it may be from.
        settings: What is looked for.
        has_rare: Whether it may have what `windows.may_hold_rare` looks for: else no address is written out in it.
    """
    engine = engine_for(settings)
    where: Any = locale  # travels as the language, by which presidio asks its registry
    entities = _entities(locale, settings)
    if any(language == locale.language for language, _ in settings.models):
        results: list[RecognizerResult] = engine.analyze(text, where, entities, score_threshold=settings.min_score)
        return results
    nothing = cast("NlpArtifacts", None)
    recognizers = engine.registry.get_recognizers(where)
    if not has_rare:
        recognizers = [result for result in recognizers if not isinstance(result, WrittenOut)]
    every = (result for recognizer in recognizers for result in recognizer.analyze(text, entities, nothing))
    return EntityRecognizer.remove_duplicates([result for result in every if result.score >= settings.min_score])

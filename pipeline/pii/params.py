"""Parameters of `pii`: what is looked for, what stands in its place, and the limits of pages and sites."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import xxhash
from pydantic import Field, field_validator

from pipeline.cells.parts import digest
from pipeline.engine.stage import Params, WatchedParams
from pipeline.errors import ConfigError, near_miss
from pipeline.kernels.pii.entities import ENTITIES, NATIONAL_ID
from pipeline.rows.sites import Limits

if TYPE_CHECKING:
    from pipeline.kernels.pii.engine import Settings

_DEFAULT = (
    *("EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "IP_ADDRESS", "MAC_ADDRESS", "CRYPTO"),
    *("SECRET_KEY", NATIONAL_ID),
)


class FindParams(Params):
    """What is looked for."""

    entities: tuple[str, ...] = _DEFAULT
    """Kinds of personal data; NATIONAL_ID stands for the identifiers of the document's country or language."""
    min_score: float = Field(0.4, gt=0, le=1)
    """Score below which a value is let be."""
    ner_models: dict[str, str] = Field(default_factory=dict)
    """Language → installed spaCy model, or its folder: documents in it are read by the model, at its speed."""
    ner_entities: tuple[str, ...] = ("PERSON", "LOCATION")
    """What is asked of these models, by presidio's names; LOCATION holds addresses."""
    versions: str | None = None
    """Versions of presidio, of the lists it goes by, and of the models; the run fills it in."""

    @field_validator("entities")
    @classmethod
    def _known_entities(cls, entities: tuple[str, ...]) -> tuple[str, ...]:
        names = [*ENTITIES, NATIONAL_ID]
        for name in entities:
            if name not in names:
                raise ValueError(f"there is no entity '{name}' (there are: {', '.join(names)}){near_miss(name, names)}")
        return entities

    def settings(self) -> "Settings":
        """Return this as the kernel takes it."""
        from pipeline.kernels.pii.engine import Settings

        named = self.ner_entities if self.ner_models else ()
        return Settings(self.entities, self.min_score, named, tuple(sorted(self.ner_models.items())))


class PiiParams(WatchedParams, FindParams):
    """Parameters of pii."""

    replacement: Literal["typed", "neutral"] = "typed"
    """What stands in its place: typed, `<EMAIL_ADDRESS>`; neutral, FineWeb's values for e-mail and IP addresses."""
    max_per_1000_words: float | None = Field(20.0, ge=0)
    """Values per 1,000 words above which a page is dropped; null drops no page and no site."""
    min_values: int = Field(6, ge=1)
    """Values that a page has at least to be dropped: up to five are replaced (Dolma's limit)."""
    site_min_pages: int = Field(20, ge=1)
    """Pages above these limits that a registered domain has at least to be dropped as a whole."""
    site_min_share: float = Field(0.3, ge=0, le=1)
    """Share of its pages that they are at least."""

    limits: ClassVar[frozenset[str]] = frozenset(
        {"max_per_1000_words", "min_values", "site_min_pages", "site_min_share"}
    )

    def resolved(self) -> Self:
        """Return the parameters with the versions of all that tells personal data.

        Raises:
            ConfigError: A model is not installed.
        """
        return self.model_copy(update={"versions": pii_versions(self.ner_models)})

    def find_params(self) -> FindParams:
        """Return what the finding of values depends on."""
        values: dict[str, Any] = self.model_dump(include=set(FindParams.model_fields))
        return FindParams(**values)

    def site_limits(self) -> Limits:
        """Return when a site goes as a whole."""
        return Limits(self.site_min_pages, self.site_min_share)


def pii_versions(models: Mapping[str, str]) -> str:
    """Return the versions of all that tells personal data, for another version may tell it otherwise.

    Args:
        models: Language → spaCy model.

    Raises:
        ConfigError: A model is not installed.
    """
    names = [
        "presidio-analyzer",
        "phonenumbers",
        "python-stdnum",
        "tldextract",
        "regex",
        *(["spacy"] if models else []),
    ]
    versions = [f"{name} {version(name)}" for name in names]
    return ", ".join([*versions, *(_model_version(*named) for named in sorted(models.items()))])


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

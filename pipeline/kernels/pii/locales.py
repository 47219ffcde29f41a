"""Where a document may be from: the countries whose phone numbers and identifiers are looked for in it."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from pipeline.kernels.pii.entities import ENTITIES, NATIONAL_ID

_COUNTRIES: Final = {
    "en": ("us", "uk", "ca", "in", "au", "ie", "nz", "za", "sg", "ng"),
    "de": ("de", "at", "ch"),
    "fr": ("fr", "be", "ch", "ca"),
    "es": ("es", "mx", "ar", "co", "cl", "pe"),
    "pt": ("br", "pt"),
    "it": ("it", "ch"),
    "nl": ("nl", "be"),
    "sv": ("se", "fi"),
    "fi": ("fi",),
    "da": ("dk",),
    "no": ("no",),
    "pl": ("pl",),
    "cs": ("cz",),
    "sk": ("sk",),
    "hu": ("hu",),
    "ro": ("ro", "md"),
    "bg": ("bg",),
    "el": ("gr", "cy"),
    "tr": ("tr",),
    "ru": ("ru", "kz", "by"),
    "uk": ("ua",),
    "he": ("il",),
    "ar": ("sa", "eg", "ae", "ma"),
    "fa": ("ir",),
    "hi": ("in",),
    "bn": ("bd", "in"),
    "id": ("id",),
    "ms": ("my", "sg"),
    "th": ("th",),
    "vi": ("vn",),
    "ko": ("kr",),
    "ja": ("jp",),
    "zh": ("cn", "tw", "hk", "sg"),
}
"""language → countries where pages in it are mostly from, by number of speakers online."""
_ANYWHERE: Final = ("us", "uk", "de", "fr", "il", "in", "ca", "br")
"""Regions that presidio looks in where it is told nothing."""
_OWN: Final = frozenset(country for group in _COUNTRIES.values() for country in group)
_REGIONS: Final = {"uk": "GB"}
_MOST, _MOST_BESIDE = 5, 2
"""Countries of a language whose phone numbers are looked for, and of one that is not the host's; each costs time."""


class Locale(NamedTuple):
    """Where a document may be from.

    Attributes:
        country: By the host's name; "" where that says nothing.
        language: Label of the document's language, "und" where unknown.
    """

    country: str
    language: str

    @property
    def regions(self) -> tuple[str, ...]:
        """Regions of phone numbers, as the phonenumbers library names them."""
        own = _COUNTRIES.get(self.language, _ANYWHERE if self.language == "und" else ())[:_MOST]
        if self.country in own:
            own = ()
        elif self.country:  # a page in another language: `.co` and the like say little
            own = own[:_MOST_BESIDE]
        countries = dict.fromkeys((*([self.country] if self.country else ()), *own)) or _ANYWHERE
        return tuple(_REGIONS.get(country, country.upper()) for country in countries)

    def entities(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """Return the entities to look for, in place of NATIONAL_ID those that are issued there or named anywhere.

        >>> found = Locale("sg", "en").entities(("EMAIL_ADDRESS", "NATIONAL_ID"))
        >>> [name in found for name in ("EMAIL_ADDRESS", "SG_NRIC_FIN", "US_SSN", "AU_TFN", "PHONE_NUMBER")]
        [True, True, True, False, False]
        """
        names = dict.fromkeys(name for name in wanted if name != NATIONAL_ID)
        if NATIONAL_ID in wanted:
            names |= dict.fromkeys(
                name
                for name, entity in ENTITIES.items()
                if entity.countries and (entity.named_abroad or self.may_issue(entity.countries))
            )
        return tuple(names)

    def may_issue(self, countries: Sequence[str]) -> bool:
        """Tell whether a document may be from one of some countries; of what is issued everywhere, it may."""
        if not countries or self.country in countries or self.language == "und":
            return True
        spoken_in = _COUNTRIES.get(self.language, ())
        return self.country not in spoken_in and any(country in countries for country in spoken_in)

    def is_sure_of(self, countries: Sequence[str]) -> bool:
        """Tell whether a document is likely from one of them: by its host, or by the first country of its language."""
        return (self.country or _COUNTRIES.get(self.language, _ANYWHERE)[0]) in countries


def locale_of(host: str | None, language: str | None) -> Locale:
    """Return where a document may be from.

    >>> locale_of("shop.example.de", "en"), locale_of("example.com", "en"), locale_of(None, None)
    (Locale(country='de', language='en'), Locale(country='', language='en'), Locale(country='', language='und'))
    """
    ending = (host or "").rpartition(".")[2]
    return Locale(ending if ending in _OWN else "", language or "und")

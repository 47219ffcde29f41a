"""Identifiers of persons by country: how each is written, which checksum it has, and what it is called.

Checksums are python-stdnum's, by the name of its module; `checks.` marks those that it lacks (`stdnum_checks.py`).
"""

from typing import Final, NamedTuple


class Kind(NamedTuple):
    """An identifier.

    Attributes:
        entity: Its name, as presidio has or would have it.
        countries: Where it is issued.
        check: Module of stdnum, or function of `stdnum_checks`.
        shape: Pattern of it beside its name, case ignored; `~` is a space, dot or hyphen that may be there.
        words: What it is called, parted by commas; `*` lets a word go on. Capitals must be capitals in documents that
            are not from its countries: there they are other words. Behind one that ends in `:`, and nowhere else, the
            number stands.
        plain: Pattern of it where it needs no word, for hardly anything else is written so; empty if it always does.
        anywhere: Whether it needs no word in documents that are not from its countries either.
    """

    entity: str
    countries: tuple[str, ...]
    check: str
    shape: str
    words: str
    plain: str = ""
    anywhere: bool = False


OTHER_WORDS: Final = frozenset(
    ("AFM", "FIN", "IC", "INN", "IRD", "NAS", "PPS", "RUN", "SIN", "SINs", "TC", "UID", "UTR", "cpr", "svn", "tfn")
)
"""Names that are other words in capitals too, of numbers whose checks hold for one in fifty of any: they count in
documents from their countries alone."""
GENERIC: Final = (
    "id number*, id no, id nr, id-nr, id card*, identity number*, identity card*, national id*, national identi*, "
    "national number*, identification number*, identification no, tax id*, tax number*, taxpayer*, personal number*, "
    "personal id*, citizen id*, citizen number*, social security*, numéro d'identité*, numéro d'identification*, "
    "pièce d'identité*, carte d'identité*, numéro fiscal*, documento de identi*, documento, número de identi*, "
    "numero de identi*, carné de identi*, identitätsnummer*, identifikationsnummer*, personalausweis*, steuernummer*, "
    "documento d'identità*, carta d'identità*, identiteitskaart*, identiteitsnummer*, numer identyfikac*, "
    "dowód osobisty*, "
    "личный номер*, идентификационный номер*, kimlik*, nomor identitas*, رقم الهوية*, "
    "بطاقة الهوية*, 证件*, 證件*, ID番号*, 신분증*"
)
"""What any identifier may be called: they count in documents from its countries alone."""

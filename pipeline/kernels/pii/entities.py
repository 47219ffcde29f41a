"""Kinds of personal data: who recognises each, where it is issued, and whether it is looked for in code.

An entity has presidio's name, and so has the placeholder that it leaves. Identifiers of persons that a state issues are
looked for in documents that may be from there: by the country in the host's name, else by the language. Some are in all
others too, where a word beside them says what they are.
"""

from typing import Final, NamedTuple

from pipeline.kernels.pii.stdnum_europe import EUROPE
from pipeline.kernels.pii.stdnum_overseas import OVERSEAS

NATIONAL_ID: Final = "NATIONAL_ID"
"""Stands for all identifiers of persons that are looked for in a document."""


STDNUM: Final = "StdnumIds"
"""Recogniser of identifiers by the checksums of python-stdnum, beside presidio's where both know one."""


class Entity(NamedTuple):
    """A kind of personal data.

    Attributes:
        recognizer: Name of the class, in presidio or of ours.
        countries: Where it is issued; empty for what is the same everywhere.
        in_code: Whether it is redacted in code and formulas too.
        named_abroad: Whether it is looked for in all documents, and redacted where a word says what it is.
    """

    recognizer: str
    countries: tuple[str, ...] = ()
    in_code: bool = False
    named_abroad: bool = False


ENTITIES: dict[str, Entity] = {
    "EMAIL_ADDRESS": Entity("Emails", in_code=True),
    "PHONE_NUMBER": Entity("Phones"),
    "CREDIT_CARD": Entity("Cards"),
    "IBAN_CODE": Entity("Ibans"),
    "IP_ADDRESS": Entity("PublicAddresses", in_code=True),
    "MAC_ADDRESS": Entity("Macs"),
    "CRYPTO": Entity("Wallets"),
    "SECRET_KEY": Entity("SecretKeys", in_code=True),
    "US_SSN": Entity("Ssns", ("us",), named_abroad=True),
    "US_ITIN": Entity("UsItinRecognizer", ("us",)),
    "UK_NHS": Entity("NhsRecognizer", ("uk",), named_abroad=True),
    "UK_NINO": Entity("UkNinoRecognizer", ("uk",), named_abroad=True),
    "CA_SIN": Entity("CaSinRecognizer", ("ca",)),
    "AU_TFN": Entity("AuTfnRecognizer", ("au",)),
    "AU_MEDICARE": Entity("AuMedicareRecognizer", ("au",)),
    "IN_AADHAAR": Entity("InAadhaarRecognizer", ("in",), named_abroad=True),
    "IN_PAN": Entity("Pans", ("in",)),
    "SG_NRIC_FIN": Entity("SgFinRecognizer", ("sg",)),
    "NG_NIN": Entity("NgNinRecognizer", ("ng",)),
    "ES_NIF": Entity("EsNifRecognizer", ("es",), named_abroad=True),
    "ES_NIE": Entity("EsNieRecognizer", ("es",), named_abroad=True),
    "IT_FISCAL_CODE": Entity("ItFiscalCodeRecognizer", ("it",), named_abroad=True),
    "DE_TAX_ID": Entity("TaxIds", ("de",), named_abroad=True),
    "DE_SOCIAL_SECURITY": Entity("DeSocialSecurityRecognizer", ("de",)),
    "PL_PESEL": Entity("PlPeselRecognizer", ("pl",), named_abroad=True),
    "FI_PERSONAL_IDENTITY_CODE": Entity("FiPersonalIdentityCodeRecognizer", ("fi",), named_abroad=True),
    "SE_PERSONNUMMER": Entity("SePersonnummerRecognizer", ("se",), named_abroad=True),
    "KR_RRN": Entity("KrRrnRecognizer", ("kr",), named_abroad=True),
}
ENTITIES |= {
    kind.entity: Entity(STDNUM, kind.countries, named_abroad=True)
    for kind in (*EUROPE, *OVERSEAS)
    if kind.entity not in ENTITIES
}

"""Identifiers of persons that are issued in Europe; see `stdnum_kinds.py`."""

from typing import Final

from pipeline.kernels.pii.stdnum_kinds import Kind

EUROPE: Final = (
    # The west and the south.
    Kind(
        "FR_NIR",
        ("fr",),
        "fr.nir",
        r"[1-478]~\d{2}~\d{2}~\d[\dAB]~\d{3}~\d{3}(?:~| ?[(/] ?)\d{2}",
        (
            "NIR, sécurité sociale*, securite sociale*, sécu, secu, n° insee, numéro insee, INSEE, "
            "carte vitale*, numéro d'assuré*, numéro de sécu*, "
            "n° de sécu*, n° ss, no ss, immatriculation sociale*, french social*"
        ),
        plain=r"[1-478] \d{2} \d{2} \d[\dAB] \d{3} \d{3}(?: | ?/ ?)\d{2}",
        anywhere=True,
    ),
    Kind(
        "FR_NIF",
        ("fr",),
        "fr.nif",
        r"[0-3]\d~\d{2}~\d{3}~\d{3}~\d{3}",
        (
            "SPI, numéro spi*, numéro fiscal*, numero fiscal*, n° fiscal*, identifiant fiscal*, "
            "référence fiscale*, french tax*"
        ),
    ),
    Kind(
        "BE_NATIONAL_NUMBER",
        ("be",),
        "be.nn",
        r"\d{2}~\d{2}~\d{2}~\d{3}~\d{2}",
        (
            "rijksregister*, registre national*, numéro national*, numéro de registre*, nationaal nummer*, NISS, "
            "INSZ, NRN, national register*, belgian national*, belgian id*"
        ),
        plain=r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}",
        anywhere=True,
    ),
    Kind(
        "NL_BSN",
        ("nl",),
        "nl.bsn",
        r"\d{4}~\d{2}~\d{3}|\d{3}~\d{3}~\d{3}|\d{2}~\d{3}~\d{3}~\d|\d{8,9}",
        (
            "bsn, bsn-nummer*, burgerservicenummer*, burger service nummer*, sofinummer*, sofi-nummer*, "
            "dutch bsn, citizen service number*, dutch social*"
        ),
    ),
    Kind(
        "ES_NIF",
        ("es",),
        "es.nif",
        r"\d{2}\.?\d{3}\.?\d{3}~[A-Z]|[KLM]~\d{7}~[A-Z]",
        "DNI, NIF, d.n.i, n.i.f, documento nacional*, spanish id*, spanish national*, spanish tax*",
    ),
    Kind(
        "ES_NIE",
        ("es",),
        "es.nie",
        r"[XYZ]~\d{7}~[A-Z]|[XYZ]~\d\.?\d{3}\.?\d{3}~[A-Z]",
        "NIE, n.i.e, identidad de extranjero*, identificación de extranjero*, spanish foreigner*",
    ),
    Kind(
        "PT_NIF",
        ("pt",),
        "pt.nif",
        r"\d{3}~\d{3}~\d{3}",
        "NIF, n.i.f, contribuinte*, número de identificação fiscal*, portuguese tax*",
    ),
    Kind(
        "PT_CITIZEN_CARD",
        ("pt",),
        "pt.cc",
        r"\d{8}~\d~[\dA-Z]{2}\d",
        "cartão de cidadão*, cartao de cidadao*, citizen card*",
    ),
    Kind(
        "IT_FISCAL_CODE",
        ("it",),
        "it.codicefiscale",
        r"[A-Z]{3}~[A-Z]{3}~\w{2}~?\w~?\w{2}~[A-Z]\w{3}~?[A-Z]",
        "codice fiscale*, cod. fisc*, cod fisc*, CF, c.f, italian tax*",
        plain=r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]",
        anywhere=True,
    ),
    Kind("GR_AMKA", ("gr",), "gr.amka", r"\d{6}~\d{5}", "αμκα, α.μ.κ.α, amka, greek social*"),
    Kind("GR_AFM", ("gr",), "gr.vat", r"\d{9}", "αφμ, α.φ.μ, AFM, greek tax*"),
    Kind("UK_NHS", ("uk",), "gb.nhs", r"\d{3}~\d{3}~\d{4}", "nhs no*, nhs num*, NHS"),
    Kind("UK_UTR", ("uk",), "gb.utr", r"\d{5}~\d{5}K?", "UTR, utr number*, unique taxpayer*"),
    Kind(
        "IE_PPS", ("ie",), "ie.pps", r"\d{7}~[A-W][A-IW]?", "PPS, ppsn, pps no, pps number*, personal public service*"
    ),
    # The middle.
    Kind(
        "DE_TAX_ID",
        ("de",),
        "de.idnr",
        r"\d{2}~\d{3}~\d{3}~\d{3}",
        (
            "steuer-id*, steuerid*, steuer id*, steueridentifikation*, steuer-identifikation*, "
            "steuerliche identifikation*, steuerliche id*, idnr, id-nr, german tax*"
        ),
    ),
    Kind(
        "AT_SVNR",
        ("at",),
        "at.vnr",
        r"\d{4}~\d{2}~\d{2}~\d{2}|\d{4}(?:~|/)\d{6}",
        "svnr, sv-nr, sv-nummer*, svn, sozialversicherungs*, versicherungsnummer*, austrian social*",
    ),
    Kind(
        "CH_AHV",
        ("ch",),
        "ch.ssn",
        r"756~\d{4}~\d{4}~\d{2}",
        "ahv*, AVS, navs*, n° avs, numéro avs*, OASI, swiss social*",
        plain=r"756\.\d{4}\.\d{4}\.\d{2}",
        anywhere=True,
    ),
    Kind("PL_PESEL", ("pl",), "pl.pesel", r"\d{6}~\d{5}", "pesel*, polish id*, polish national*"),
    Kind("PL_NIP", ("pl",), "pl.nip", r"\d{3}~\d{3}~\d{2}~\d{2}|\d{3}~\d{2}~\d{2}~\d{3}", "NIP, polish tax*"),
    Kind(
        "CZ_BIRTH_NUMBER",
        ("cz", "sk"),
        "cz.rc",
        r"\d{6} ?/? ?\d{3,4}",
        (
            "rodné číslo*, rodne cislo*, rodného čísla*, rodné č*, r. č, r.č, rč, rodným číslom*, "
            "rodným číslem*, birth number*, czech id*, slovak id*"
        ),
        plain=r"\d{6}/\d{4}",
    ),
    Kind(
        "RO_CNP",
        ("ro",),
        "ro.cnp",
        r"[1-9]\d{12}|[1-9]~\d{6}~\d{6}",
        "cnp, c.n.p, codul numeric*, cod numeric*, romanian id*, romanian personal*",
    ),
    Kind("BG_EGN", ("bg",), "bg.egn", r"\d{6}~\d{4}", "егн, egn, единен граждански*, bulgarian id*"),
    Kind("HR_OIB", ("hr",), "hr.oib", r"\d{11}", "oib, osobni identifikacijski*, croatian id*"),
    Kind(
        "RS_JMBG",
        ("rs", "ba", "me", "mk", "si"),
        "si.emso",
        r"\d{7}~\d{3}~\d{3}|\d{7}~\d{6}",
        "jmbg, јмбг, матичен број*, матични број*, matični broj*, emšo, emso",
    ),
    # The north.
    Kind(
        "SE_PERSONNUMMER",
        ("se",),
        "se.personnummer",
        r"(?:19|20)?\d{6}[-+ ]?\d{4}",
        (
            "personnummer*, personnr*, pers.nr, pnr, samordningsnummer*, swedish personal*, swedish id*, "
            "swedish personnummer*"
        ),
    ),
    Kind(
        "FI_PERSONAL_IDENTITY_CODE",
        ("fi",),
        "fi.hetu",
        r"\d{6}[-+A-FU-Y]\d{3}[\dA-Z]",
        "hetu, henkilötunnu*, henkilotunnu*, sotu, personbeteckning*, finnish personal*, finnish id*",
        plain=r"\d{6}[-+A-FU-Y]\d{3}[\dA-Z]",
    ),
    Kind(
        "DK_CPR",
        ("dk",),
        "dk.cpr",
        r"\d{6}~\d{4}",
        "cpr, cpr-nummer*, cprnummer*, cpr-nr*, cprnr, cpr.nr, personnummer*, danish id*, danish personal*",
    ),
    Kind(
        "NO_FODSELSNUMMER",
        ("no",),
        "no.fodselsnummer",
        r"\d{6}~\d{5}",
        (
            "fødselsnummer*, fodselsnummer*, fødselsnr*, fnr, personnummer*, d-nummer*, norwegian id*, "
            "norwegian national*"
        ),
        plain=r"\d{6} \d{5}",
    ),
    Kind("IS_KENNITALA", ("is",), "is_.kennitala", r"\d{6}~\d{4}", "kennital*, KT, icelandic id*"),
    Kind("EE_PERSONAL_CODE", ("ee",), "ee.ik", r"[1-8]\d{10}", "isikukood*, estonian id*, estonian personal*"),
    Kind("LT_PERSONAL_CODE", ("lt",), "lt.asmens", r"[1-6]\d{10}", "asmens kod*, lithuanian id*, lithuanian personal*"),
    Kind("LV_PERSONAL_CODE", ("lv",), "lv.pvn", r"\d{6}~\d{5}", "personas kod*, latvian id*, latvian personal*"),
    # The east.
    Kind(
        "UA_RNOKPP",
        ("ua",),
        "ua.rntrc",
        r"\d{10}",
        "рнокпп, іпн, ідентифікаційний код*, ідентифікаційний номер*, ukrainian tax*",
    ),
    Kind("RU_INN", ("ru",), "ru.inn", r"\d{12}|\d{10}", "инн, INN, russian tax*"),
    Kind(
        "RU_SNILS",
        ("ru",),
        "checks.is_snils",
        r"\d{3}~\d{3}~\d{3}~\d{2}",
        "снилс*, snils",
        plain=r"\d{3}-\d{3}-\d{3} \d{2}",
        anywhere=True,
    ),
    Kind("KZ_IIN", ("kz",), "checks.is_kazakh", r"\d{12}", "иин, жсн, IIN, kazakh id*"),
)
"""Identifiers that are issued in Europe and the north of Asia."""

"""Limits by language from FineWeb-2's configuration: `python -m pipeline.heuristics.fineweb2 TABLE.json` prints them.

FineWeb-2 (Penedo et al. 2025; huggingface/fineweb-2, configs/*.yml, Apache-2.0) derived its thresholds from each
language's own web pages. Some are degenerate: a share of 1.3, a mean word of 3,141 characters. So each is clamped into
the range that languages with very many pages have, and a tenth more. Its words of scripts without spaces come from
segmenters; ours are characters, so that limits on words are not taken over for these.
"""

# ruff: noqa: SIM905  (a list of a hundred pairs reads better as a text)

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from classifiers.languages.model import labels

_WELL_KNOWN = (
    "arb_Arab", "cmn_Hani", "nld_Latn", "fra_Latn", "deu_Latn", "ita_Latn", "jpn_Jpan", "por_Latn", "rus_Cyrl",
    "spa_Latn", "swe_Latn", "tur_Latn",
)  # fmt: skip
_MARGIN = 0.1
Limits = dict[str, float | None]
Ranges = dict[str, tuple[float, float]]
_OWN_NAMES = {
    "dup_line_frac": "max_dup_line_share",
    "line_punct_thr": "min_punct_line_share",
    "new_line_ratio": "max_newline_word_ratio",
    "min_avg_word_length": "min_mean_word_length",
    "max_avg_word_length": "max_mean_word_length",
    "max_non_alpha_words_ratio": "min_alpha_word_share",
}
UNSPACED = ("bo", "dz", "ja", "km", "lo", "my", "th", "wuu", "yue", "zh")
_OF_LINES = ("max_dup_line_share", "min_punct_line_share")
_OFF_UNSPACED = (
    "min_mean_word_length",
    "max_mean_word_length",
    *(f"max_top_{n}gram_char_share" for n in (2, 3, 4)),
    *(f"max_dup_{n}gram_char_share" for n in (5, 6, 7, 8, 9)),
    "max_short_line_share",
    "min_word_entropy",
)
"""A character is a word there: runs of two to nine are words and phrases, which repeat as words do elsewhere. Ten are
taken for five words, and 30 are no short line."""
_WITHOUT_STOPS = ("bo", "dz", "km", "lo", "my", "th")
"""Scripts whose sentences end in a space or in marks that are rarely written."""
_CODES = dict(
    pair.split("=")
    for pair in (
        "af=afr_Latn am=amh_Ethi an=arg_Latn ar=arb_Arab as=asm_Beng av=ava_Cyrl az=azj_Latn ba=bak_Cyrl be=bel_Cyrl"
        " bg=bul_Cyrl bn=ben_Beng bo=bod_Tibt br=bre_Latn bs=bos_Latn ca=cat_Latn ce=che_Cyrl co=cos_Latn cs=ces_Latn"
        " cv=chv_Cyrl cy=cym_Latn da=dan_Latn de=deu_Latn dv=div_Thaa el=ell_Grek eo=epo_Latn es=spa_Latn et=ekk_Latn"
        " eu=eus_Latn fa=fas_Arab fi=fin_Latn fr=fra_Latn fy=fry_Latn ga=gle_Latn gd=gla_Latn gl=glg_Latn gn=gug_Latn"
        " gu=guj_Gujr gv=glv_Latn he=heb_Hebr hi=hin_Deva hr=hrv_Latn ht=hat_Latn hu=hun_Latn hy=hye_Armn ia=ina_Latn"
        " id=ind_Latn ie=ile_Latn io=ido_Latn is=isl_Latn it=ita_Latn ja=jpn_Jpan jv=jav_Latn ka=kat_Geor kk=kaz_Cyrl"
        " km=khm_Khmr kn=kan_Knda ko=kor_Hang ku=kmr_Latn kv=kpv_Cyrl kw=cor_Latn ky=kir_Cyrl la=lat_Latn lb=ltz_Latn"
        " li=lim_Latn lo=lao_Laoo lt=lit_Latn lv=lvs_Latn mg=plt_Latn mk=mkd_Cyrl ml=mal_Mlym mn=khk_Cyrl mr=mar_Deva"
        " ms=zsm_Latn mt=mlt_Latn my=mya_Mymr ne=npi_Deva nl=nld_Latn nn=nno_Latn no=nob_Latn oc=oci_Latn or=ory_Orya"
        " os=oss_Cyrl pa=pan_Guru pl=pol_Latn ps=pbt_Arab pt=por_Latn qu=quy_Latn rm=roh_Latn ro=ron_Latn ru=rus_Cyrl"
        " sa=san_Deva sc=srd_Latn sd=snd_Arab si=sin_Sinh sk=slk_Latn sl=slv_Latn so=som_Latn sq=als_Latn sr=srp_Cyrl"
        " su=sun_Latn sv=swe_Latn sw=swh_Latn ta=tam_Taml te=tel_Telu tg=tgk_Cyrl th=tha_Thai tk=tuk_Latn tl=fil_Latn"
        " tr=tur_Latn tt=tat_Cyrl ug=uig_Arab uk=ukr_Cyrl ur=urd_Arab uz=uzn_Latn vi=vie_Latn vo=vol_Latn wa=wln_Latn"
        " yi=ydd_Hebr yo=yor_Latn zh=cmn_Hani als=gsw_Latn nah=nhe_Latn bh=bho_Deva diq=diq_Latn eml=egl_Latn"
    ).split()
)
"""label of lid.176 → FineWeb-2's name; labels of three letters that are missing here have one script there."""
_DIGITS = 3


def limits_of(config: Mapping[str, Any]) -> Limits:
    """Return a language's limits under our names; null is off.

    >>> limits_of({"dup_line_frac": 1.32, "line_punct_thr": -1, "top_n_grams": [[2, 0.2]], "dup_n_grams": []})
    {'max_dup_line_share': 1.32, 'min_punct_line_share': None, 'max_top_2gram_char_share': 0.2}
    """
    limits: Limits = {parameter: config[name] for name, parameter in _OWN_NAMES.items() if name in config}
    limits |= {f"max_top_{n}gram_char_share": limit for n, limit in config["top_n_grams"]}
    limits |= {f"max_dup_{n}gram_char_share": limit for n, limit in config["dup_n_grams"]}
    if limits.get("min_punct_line_share") == -1:
        limits["min_punct_line_share"] = None
    elif limits.get("min_punct_line_share") == 0:  # nothing has less: the general limit then
        del limits["min_punct_line_share"]
    return limits


def ranges_of(all_limits: Iterable[Limits]) -> Ranges:
    """Return the range of each limit, a tenth wider than what languages with very many pages have.

    >>> ranges_of([{"max_dup_line_share": 0.25}, {"max_dup_line_share": 0.3}])
    {'max_dup_line_share': (0.225, 0.33)}
    """
    by_name: dict[str, list[float]] = {}
    for limits in all_limits:
        for name, limit in limits.items():
            by_name.setdefault(name, []).extend([] if limit is None else [limit])
    return {
        name: (round(min(values) * (1 - _MARGIN), _DIGITS), round(max(values) * (1 + _MARGIN), _DIGITS))
        for name, values in by_name.items()
    }


def clamped(limits: Limits, ranges: Ranges) -> Limits:
    """Return limits within their ranges.

    >>> clamped({"max_dup_line_share": 1.32}, {"max_dup_line_share": (0.225, 0.33)})
    {'max_dup_line_share': 0.33}
    """
    return {
        name: None if limit is None else round(min(max(limit, ranges[name][0]), ranges[name][1]), _DIGITS)
        for name, limit in limits.items()
    }


def unspaced(limits: Limits) -> Limits:
    """Return the limits of a language without spaces: those of words are off.

    >>> unspaced({"max_dup_line_share": 0.3, "max_dup_5gram_char_share": 0.2})["max_dup_10gram_char_share"]
    0.2
    """
    fives = limits.get("max_dup_5gram_char_share")
    kept: Limits = {name: limits[name] for name in _OF_LINES if name in limits} | dict.fromkeys(_OFF_UNSPACED)
    return kept | ({"max_dup_10gram_char_share": fives} if fives is not None else {})


def main(arguments: list[str]) -> None:
    """Print the limits of lid.176's languages as YAML, a line a language."""
    table = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))["languages"]
    ranges = ranges_of(limits_of(table[name]) for name in _WELL_KNOWN)
    print("# Limits by language, from FineWeb-2 (huggingface/fineweb-2, Apache-2.0), clamped: see fineweb2.py.")  # noqa: T201
    for label in sorted(labels()):
        config = table.get(_name(label, table))
        limits = clamped(limits_of(config), ranges) if config is not None else {}
        limits = unspaced(limits) if label in UNSPACED else limits
        limits |= {"min_sentences": None} if label in _WITHOUT_STOPS else {}
        if limits:
            print(f"{json.dumps(label)}: {json.dumps(limits)}")  # noqa: T201


def _name(label: str, table: Mapping[str, Any]) -> str:
    """Return FineWeb-2's name of a language; "" where it has none."""
    named = [name for name in sorted(table) if name.startswith(f"{label}_")]
    return _CODES.get(label, named[0] if named else "")


if __name__ == "__main__":
    main(sys.argv[1:])

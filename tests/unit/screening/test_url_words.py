"""Words in URLs: what the default words hit, and that names which only look like them are spared."""

import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.urls.url_words import count_words, is_word
from pipeline.url_screen.params import HARD_WORDS, SOFT_WORDS, UrlScreenParams


def counts(url: str) -> tuple[int, int]:
    (hard,), (soft,) = (count_words(pa.array([url]), words).to_pylist() for words in (HARD_WORDS, SOFT_WORDS))
    return hard, soft


def goes(url: str) -> bool:
    hard, soft = counts(url)
    most = UrlScreenParams().max_soft_words
    return hard > 0 or (most is not None and soft > most)


ORDINARY = [
    "https://www.scunthorpe.example/council/essex-sussex-middlesex-wessex",
    "https://cockpit.example/peacock-hancock-cockburn/sextant-sexton",
    "https://math.example/analysis/cumulative-assessment/class-assignment-title-bass",
    "https://news.example/people/dick-van-dyke-and-philip-dick",
    "https://news.example/2024/us-election-sex-education-in-schools",
    "https://news.example/2024/porn-age-verification-law",
    "https://news.example/philippines/milf-peace-talks-mindanao",
    "https://travel.example/dildo-newfoundland",
    "https://travel.example/las-vegas-casino-hotels",
    "https://travel.example/pornic-et-pornichet/plages",
    "https://birds.example/great-tits-and-blue-tits",
    "https://history.example/roman-numerals/xxx",
    "https://health.example/breast-cancer/anal-fissure-treatment",
    "https://health.example/viagra-cialis-interactions",
    "https://literature.example/shakespeare/naked-truth-wild-oats",
    "https://shakespeare.example/the-two-gentlemen-of-verona",
    "https://cars.example/ford-escort-hardcore",
    "https://shop.example/expert-sexchange-therapist-finder",
    "https://games.example/poker-rules",
    "https://sport.example/strip-club-grass-hotfoot",
    "https://de.example/staatsexamen/analyse-sexualkunde",
    "https://cs.example/title-cumlaude-ejaculations-glossary",
]

SMUT = [
    "https://x.example/free/gangbang-7",
    "https://x.example/Amateur-BlowJob-Video.html",
    "https://x.example/tag/c%75mshot",
    "https://x.example/?q=порновидео",
    "https://x.example/free-xxx-porn-sex",
    "https://x.example/naked/nude/sexy",
    "https://x.example/busty_milf_fuck",
    "https://casino-poker-slots.example/jackpot",
    "https://buy-viagra-cialis-levitra.example/",
    "https://видео.example/%D0%BF%D0%BE%D1%80%D0%BD%D0%BE%D0%B2%D0%B8%D0%B4%D0%B5%D0%BE",
    "https://xn--b1adcgjb2abq4al4j.example/sex-porn-xxx",
]


@pytest.mark.parametrize("url", ORDINARY)
def test_an_ordinary_address_stays(url: str) -> None:
    assert not goes(url), counts(url)


@pytest.mark.parametrize("url", SMUT)
def test_an_address_of_smut_or_spam_goes(url: str) -> None:
    assert goes(url), counts(url)


@pytest.mark.parametrize(
    ("word", "url", "found"),
    [
        ("mill", "https://mill.example/", True),
        ("mill", "https://windmill.example/", False),
        ("mill", "https://a.example/mills", False),
        ("mill", "https://a.example/the_mill.html", True),
        ("mill", "https://a.example/x?mill=1", True),
        ("mill", "https://a.example/MILL", True),
        ("mill", "https://a.example/mi%6Cl", True),
        ("mill", "https://a.example/mill2", False),
        ("mill*", "https://a.example/mills", True),
        ("mill*", "https://a.example/windmill", False),
        ("*mill", "https://a.example/windmill", True),
        ("*mill", "https://a.example/windmills", False),
        ("*mill*", "https://a.example/windmills", True),
        ("mühle", "https://xn--mhle-0ra.example/", True),
        ("mühle", "https://a.example/m%C3%BChle", True),
        ("mühle", "https://a.example/Windmühle", False),
        ("mill", "https://xn--0.example/%FF%zz/mill", True),
        ("mill", "", False),
    ],
)
def test_a_word_is_a_whole_word_of_the_url_unless_a_star_says_otherwise(word: str, url: str, found: bool) -> None:
    assert count_words(pa.array([url]), [word]).to_pylist() == [int(found)]


def test_different_words_are_counted_and_repeated_ones_are_not() -> None:
    urls = pa.array(["https://a.example/sex/sex-sex/sex", "https://a.example/sex-xxx", None])
    assert count_words(urls, ["sex", "xxx", "*e*"]).to_pylist() == [2, 3, 0]
    assert count_words(urls, []).to_pylist() == [0, 0, 0]
    assert count_words(urls[:0], ["sex"]).to_pylist() == []


WORDS = st.text("ab", min_size=1, max_size=3)
STARRED = st.builds("{}{}{}".format, st.sampled_from(["", "*"]), WORDS, st.sampled_from(["", "*"]))


@given(st.lists(STARRED, max_size=4, unique=True), st.lists(st.text("abB-/.", max_size=12), max_size=4))
def test_counts_agree_with_words_split_in_python(words: list[str], paths: list[str]) -> None:
    expected = []
    for path in paths:
        result = re.findall("[a-z]+", path.lower())
        patterns = [re.compile(word.replace("*", "[a-z]*")) for word in words]
        expected.append(sum(any(pattern.fullmatch(one) for one in result) for pattern in patterns))
    assert count_words(pa.array(paths, pa.string()), words).to_pylist() == expected


def test_default_words_are_words_in_order_and_on_one_list_alone() -> None:
    for words in (HARD_WORDS, SOFT_WORDS):
        assert all(map(is_word, words))
        assert list(words) == sorted(set(words))
    assert not set(HARD_WORDS) & set(SOFT_WORDS)

"""What a page declares is read from its tags, whatever they look like."""

from collections.abc import Sequence

import pytest

from pipeline.kernels.html.metadata.page_metadata import Metadata, read_metadata
from pipeline.kernels.html.metadata.written_dates import normal_date

URL = "https://mill.test/articles/wheel.html"
NOTHING = Metadata(None, None, None, None, None, frozenset(), None)


def read(*tags: str, ld: Sequence[str] = (), url: str | None = URL) -> Metadata:
    return read_metadata(tags, ld, None, None, url)


def test_a_page_that_says_nothing_declares_nothing() -> None:
    assert read_metadata([], [], None, None, None) == NOTHING
    assert read_metadata(["", "<", "<meta>", "<time>", "<html"], ["", "null", "3"], "", " \n", "") == NOTHING


@pytest.mark.parametrize(
    ("tag", "title"),
    [
        ("""<meta property="og:title" content='A &amp; B'>""", "A & B"),
        ("<META CONTENT='Oats' PROPERTY=og:title />", "Oats"),
        ("<meta\n\tproperty = og:title\n\tcontent = Oats>", "Oats"),
        ("<meta property='og:title' content='first' content='second'>", "first"),
        ("<meta property='og:title' content=\"it's > rye\">", "it's > rye"),
        ("<meta property='og:title' content='cut in the mid", "cut in the mid"),
        ("<meta property='og:title' content='&lt;b&#x65; &nbsp; &#55296;x&#0;'>", "<be \ufffdx\ufffd"),
        ("<meta name=og:title content='named instead'>", "named instead"),
        ("<meta property='og:title twitter:title' content='two names'>", "two names"),
        ("<meta property='og:title'content='no space'>", "no space"),
        ("<meta/property='og:title'/content='slashes'>", "slashes"),
        ("<meta property='og:title' content='  many \n\t words  '>", "many words"),
        ("<meta property='og:title' content=' '>", "Title"),
        ("<meta property='og:title'>", "Title"),
        ("<metadata property='og:title' content='no'>", "Title"),
        ("<meta data-property='og:title' content='no'>", "Title"),
    ],
)
def test_attributes_are_read_as_browsers_read_them(tag: str, title: str) -> None:
    assert read_metadata([tag], [], "Title", None, None).title == title


def test_the_title_is_the_shared_one_then_the_page_s_then_the_heading() -> None:
    shared = "<meta property=og:title content=Shared>"
    assert read_metadata([shared], [], "Title", "Heading", None).title == "Shared"
    assert read_metadata([], [], " The\n title ", "Heading", None).title == "The title"
    assert read_metadata([], [], " \0 ", "Heading", None).title == "Heading"
    assert read_metadata([], [], "x" * 9_999_999, None, None).title == "x" * 500


@pytest.mark.parametrize(
    ("tags", "language"),
    [
        (["<html lang=en>"], "en"),
        (["<HTML LANG='pt_br'>"], "pt-BR"),
        (["<html xml:lang='ZH-hant-tw' lang=''>"], "zh-Hant-TW"),
        (["<html lang='es-419'>"], "es-419"),
        (["<html lang='de-CH-1996'>"], "de-CH-1996"),
        (["<html lang='{{ lang }}'>", "<meta http-equiv=Content-Language content=fr>"], "fr"),
        (["<html lang=english>", "<meta property=og:locale content=en_US>"], "en-US"),
        (["<meta http-equiv=content-language content='de, en'>"], None),
        (["<html lang=x-default>"], None),
        (["<html lang=und>"], None),
        (["<meta property=og:locale content=nl_NL>", "<html lang=fy>"], "fy"),
        (["<html lang=de>", "<html lang=en>"], "de"),
        (["<html lang='en-" + "a-" * 25 + "'>"], None),
    ],
)
def test_a_language_is_normalised_or_nothing(tags: list[str], language: str | None) -> None:
    assert read(*tags).language == language


@pytest.mark.parametrize(
    ("tags", "address"),
    [
        (["<link rel=canonical href=https://a.test/x?b=1&amp;c=2>"], "https://a.test/x?b=1&c=2"),
        (["<link href='../' rel='nofollow Canonical'>"], "https://mill.test/"),
        (["<link rel=canonical href=/x>", "<base href='https://b.test/y/'>"], "https://b.test/x"),
        (["<link rel=canonical href=x>", "<base href=/y/>"], "https://mill.test/y/x"),
        (["<link rel=canonical href=//c.test/>"], "https://c.test/"),
        (["<link rel=canonical href='javascript:void(0)'>"], None),
        (["<link rel=canonical href='http://[broken'>"], None),
        (["<link rel=canonical href='http://a.test:99999/'>"], None),
        (["<link rel=canonical href='https://{{host}}/'>"], None),
        (["<link rel=canonical href='https://a.test/two words'>"], None),
        (["<link rel=canonical href='http://'>", "<meta property=og:url content=https://d.test/>"], "https://d.test/"),
        (["<link rel=alternate href=https://canonical.test/>"], None),
        (["<meta name=base content=https://e.test/>", "<link rel=canonical href=z>"], "https://mill.test/articles/z"),
    ],
)
def test_an_address_is_absolute_or_nothing(tags: list[str], address: str | None) -> None:
    assert read(*tags).canonical_url == address


def test_a_relative_address_of_a_page_without_one_is_nothing() -> None:
    assert read("<link rel=canonical href=/x>", url=None).canonical_url is None
    assert read("<link rel=canonical href=/x>", url="no address").canonical_url is None


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2020-05-03", "2020-05-03"),
        ("2020-5-3", "2020-05-03"),
        ("2020/05/03", "2020-05-03"),
        ("2020.05.03", "2020-05-03"),
        ("20200503", "2020-05-03"),
        (" 2020-05-03T10:20:30+02:00 ", "2020-05-03T10:20:30+02:00"),
        ("2020-05-03T10:20:30.123Z", "2020-05-03T10:20:30+00:00"),
        ("2020-05-03T10:20:30-0530", "2020-05-03T10:20:30-05:30"),
        ("2020-05-03T10:20+02", "2020-05-03T10:20:00+02:00"),
        ("2020-05-03 10:20", "2020-05-03T10:20:00"),
        ("2020-05-03 10:20:30 UTC", "2020-05-03T10:20:30+00:00"),
        ("2020-05-03T10:20:30+99:00", "2020-05-03T10:20:30"),
        ("20200503T102030Z", "2020-05-03T10:20:30+00:00"),
        ("20200503102030", "2020-05-03T10:20:30"),
        ("Sun, 03 May 2020 10:20:30 GMT", "2020-05-03T10:20:30+00:00"),
        ("Sun, 3 May 2020 10:20:30 -0700", "2020-05-03T10:20:30-07:00"),
        ("3 May 2020 10:20 EST", "2020-05-03T10:20:00-05:00"),
        ("Sun May 03 2020 10:20:30 GMT+0200 (CEST)", "2020-05-03T10:20:30+02:00"),
        ("May 3, 2020", "2020-05-03"),
        ("Sept. 3rd, 2020", "2020-09-03"),
        ("3-May-2020", "2020-05-03"),
        ("1588501230", "2020-05-03T10:20:30+00:00"),
        ("1588501230000", "2020-05-03T10:20:30+00:00"),
        ("1996-02-29", "1996-02-29"),
        *((wrong, None) for wrong in ("2021-02-29", "2020-13-01", "1989-12-31", "2101-01-01", "0000-00-00", "2020-05")),
        *(
            (wrong, None)
            for wrong in ("03/04/2020", "25.12.2020", "5/3/20", "2020", "3 Mei 2020", "yesterday", "now()")
        ),
        *((wrong, None) for wrong in ("2020-05-03T25:00", "9999999999999", "٢٠٢٠-٠٥-٠٣", "2020-05/03", "", "May")),
    ],
)
def test_a_date_is_one_day_of_the_calendar_or_nothing(written: str, date: str | None) -> None:
    assert normal_date(written) == date
    assert read(f"<meta property='article:published_time' content='{written}'>").published == date


PUBLISHED = [
    "<time pubdate datetime=2020-01-06>",
    "<meta name='DC.date.issued' content=2020-01-05>",
    "<meta name=date content=2020-01-04>",
    "<span itemprop=datePublished content=2020-01-03>",
    '{"datePublished": "2020-01-02"}',
    "<meta property=article:published_time content=2020-01-01>",
]


def test_dates_are_taken_from_the_best_source_that_has_one() -> None:
    for best in range(1, len(PUBLISHED) + 1):
        tags = [tag for tag in PUBLISHED[:best] if tag[0] == "<"]
        result = read(*tags, ld=[tag for tag in PUBLISHED[:best] if tag[0] == "{"])
        assert result.published == f"2020-01-{7 - best:02}"
        assert result.modified is None
    assert read("<meta name=date content=soon>", "<time pubdate datetime=2020-01-06>").published == "2020-01-06"
    assert read(ld=['{"dateCreated": "2019-01-01"}']).published == "2019-01-01"


@pytest.mark.parametrize(
    ("tag", "date"),
    [
        ("<meta property='article:modified_time' content=2021-01-01>", "2021-01-01"),
        ("<meta property='og:updated_time' content=1609459200>", "2021-01-01T00:00:00+00:00"),
        ("<meta http-equiv='Last-Modified' content='Fri, 01 Jan 2021 00:00:00 GMT'>", "2021-01-01T00:00:00+00:00"),
        ("<time itemprop='dateModified' datetime='2021-01-01'>", "2021-01-01"),
        ('{"dateModified": "2021-01-01"}', "2021-01-01"),
    ],
)
def test_the_day_of_a_change_is_read_likewise(tag: str, date: str) -> None:
    result = read(tag) if tag[0] == "<" else read(ld=[tag])
    assert (result.modified, result.published) == (date, None)


@pytest.mark.parametrize(
    ("block", "kinds", "published"),
    [
        ('{"@type": "NewsArticle", "datePublished": "2020-05-03"}', {"newsarticle"}, "2020-05-03"),
        ('[{"@type": ["Article", "https://schema.org/TechArticle"]}]', {"article", "techarticle"}, None),
        (
            '{"@graph": [{"@type": "WebPage"}, {"@type": "QAPage", "mainEntity": {"@type": "Question"}}]}',
            {"webpage", "qapage", "question"},
            None,
        ),
        ('{"@type": "Article", "author": {"@type": "Person"}, "image": {"@type": "ImageObject"}}', {"article"}, None),
        ('<!-- {"@type": "Product"} -->', {"product"}, None),
        ('//<![CDATA[\n{"@type": "Product"}\n//]]>', {"product"}, None),
        ('{"@type": "Recipe", "text": "a\nb"}', {"recipe"}, None),
        ('{"@type": "Recipe", "datePublished": "2020-05-03", }', {"recipe"}, "2020-05-03"),
        ('{"@type": "Recipe", "datePublished": 1588501230}', {"recipe"}, "2020-05-03T10:20:30+00:00"),
        ('{"@type": "Recipe", "text": "' + "x" * 300_000 + '"}', {"recipe"}, None),
        ('{"@type": 3, "@graph": 4, "datePublished": true, "dateModified": {}}', set(), None),
        ('{"@type": "<b>", "n": ' + "1" * 10_000 + "}", set(), None),
        ('{"@graph":' * 5_000 + '{"@type": "Deep"}' + "}" * 5_000, {"deep"}, None),
        ("[" * 100_000, set(), None),
    ],
)
def test_linked_data_says_what_the_page_is(block: str, kinds: set[str], published: str | None) -> None:
    result = read(ld=[block])
    assert (set(result.kinds), result.published) == (kinds, published)


def test_kinds_come_from_every_source() -> None:
    tags = ["<meta property=og:type content=Article>", "<meta property=og:type content='video.other'>"]
    assert read(*tags, ld=['{"@type":"QAPage"}', '{"@type":"Product"}']).kinds == {
        *("article", "video.other", "qapage", "product")
    }


@pytest.mark.parametrize(
    ("content", "generator"),
    [
        ("WordPress 6.4.2", "wordpress"),
        ("MediaWiki 1.39.0-wmf.5", "mediawiki"),
        ("Docutils 0.17: https://docutils.sourceforge.io/", "docutils"),
        ("Joomla! - Open Source Content Management", "joomla"),
        ("Discourse 3.1.0 - https://github.com/discourse/discourse", "discourse"),
        ("Microsoft FrontPage 4.0", "microsoft frontpage"),
        ("Powered by Slider Revolution 6.5", "slider revolution"),
        ("LaTeX2HTML v2012", "latex2html"),
        ("Hugo v0.110", "hugo"),
        ("4.2", None),
        ("", None),
    ],
)
def test_a_generator_is_a_name_without_a_version(content: str, generator: str | None) -> None:
    assert read(f"<meta name=generator content='{content}'>").generator == generator

"""What browsers move, open again, pass over or end early when they read a page, is read so here."""

import pytest

from pipeline.kernels.html.columns import ORIGIN
from pipeline.kernels.html.tree.nodes import read_nodes
from tests.unit.html.test_nodes import shape


def read(source: str) -> str:
    return shape(read_nodes(source.encode()))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p><b>a</p>b", "p(b(a))b(b)"),
        ("<b>a<i>b</b>c</i>d", "b(ai(b))i(c)d"),
        ("<p><code>a<p>b</code>c", "p(code(a))p(code(b)c)"),
        ("<p><b><b><b><b>a<p>b", "p(b(b(b(b(a)))))p(b(b(b(b))))"),
        ("<table><tr><td><b>a<td>b</table>c", "table(tr(td(b(a))td(b)))c"),
        ("<b>a<object>b</b>c</object>d", "b(aobject(bc)d)"),
        ("<a>a<a>b", "a(a)a(b)"),
        ("<nobr>a<nobr>b", "nobr(a)nobr(b)"),
        ("<b>a</p>b", "b(ap()b)"),
    ],
)
def test_formatting_goes_on_behind_the_block_that_closed_it(source: str, expected: str) -> None:
    assert read(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<a>1<p>2</a>3</p>", "a(1)p(a(2)3)"),
        ("<a>1<div>2<div>3</a>4</div>5</div>", "a(1)div(a(2)div(a(3)4)5)"),
        ("<b>1<i>2<p>3</b>4", "b(1i(2))i(p(b(3)4))"),
        ("<a>1<button>2</a>3</button>", "a(1)button(a(2)3)"),
    ],
)
def test_formatting_that_ends_within_a_block_ends_there(source: str, expected: str) -> None:
    assert read(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<table>a<tr><td>b</table>c", "atable(tr(td(b)))c"),
        ("<table><tr>a<td>b</td>c</table>", "actable(tr(td(b)))"),
        ("<table><p>a<tr><td>b</table>", "p(a)table(tr(td(b)))"),
        ("<div><table><tr><b>a<td>b</table>c", "div(b(a)table(tr(td(b)))b(c))"),
        ("<table> <tr> <td>a</table>", "table( tr( td(a)))"),
        ("<table><td>a<script>b</script></table>", "table(tr(td(ascript(b))))"),
        ("<table><form><tr><td>a</form>b</table>", "table(form()tr(td(ab)))"),
        ("<table><caption>a<tr><td>b</table>", "table(caption(a)tr(td(b)))"),
        ("<table><colgroup>a<tr><td>b</table>", "atable(colgroup()tr(td(b)))"),
        ("<table><tr><td>a<table>b<tr><td>c</table>d</table>", "table(tr(td(abtable(tr(td(c)))d)))"),
        ("<td>a<tr>b", "ab"),
    ],
)
def test_what_stands_in_a_table_but_in_no_cell_stands_before_it(source: str, expected: str) -> None:
    assert read(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a</br>b", "abrb"),
        ("<h1>a</h2>b", "h1(a)b"),
        ("<wheel><mill>a</wheel>b", "wheel(mill(a))b"),
        ("<button>a<button>b", "button(a)button(b)"),
        ("<form>a<form>b</form>c", "form(ab)c"),
        ("<body><div>a</body></html>b", "body(div(ab))"),
        ("<ruby>a<rt>b<rt>c</ruby>", "ruby(art(b)rt(c))"),
        ("<select><option>a<select>b", "select(option(a))b"),
        ("<!DOCTYPE html><p>a<table><tr><td>b</table>c", "p(a)table(tr(td(b)))c"),
        ("<p>a<table><tr><td>b</table>c", "p(atable(tr(td(b)))c)"),
        ("<frameset><frame src=x>a<noframes>b</noframes></frameset>c", "frameset(framenoframes(b))"),
        ("a<frameset>b", "ab"),
        ("<image>a", "imga"),
        ("</b title='>'>a", "a"),
        ("\ufeff<html><head><title>a</title></head>b", "html(head(title(a))b)"),
    ],
)
def test_tags_mean_what_they_mean_to_a_browser(source: str, expected: str) -> None:
    assert read(source).replace("?", "wheel", 1).replace("?", "mill", 1) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<svg><p>a</svg>b", "svg()p(ab)"),
        ("<svg><desc><p>a</p></desc></svg>b", "svg(<desc><p>a</p></desc>)b"),
        ("<svg><svg></svg>a</svg>b", "svg(<svg></svg>a)b"),
        ("<svg><path d='</svg>'/></svg>a", "svg(<path d='</svg>'/>)a"),
        ("<svg><![CDATA[</svg>]]></svg>a", "svg(<![CDATA[</svg>]]>)a"),
        ("<div><svg>a</div>b", "div(svg(a))b"),
        ("<a><svg><a>b</a>c</svg>d</a>e", "a(svg(<a>b</a>c)d)e"),
        ("<math><mtext><b>a</b></mtext></math>b", "math(<mtext><b>a</b></mtext>)b"),
    ],
)
def test_a_picture_or_formula_ends_where_a_tag_can_only_be_the_pages(source: str, expected: str) -> None:
    assert read(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<script><!-- <script>a</script> --></script>b", "script(<!-- <script>a</script> -->)b"),
        ("<script><!-- a</script>b", "script(<!-- a)b"),
        ("<script><!--><script></script>b", "script(<!--><script>)b"),
        ("<script>document.write('<script>')</script>b", "script(document.write('<script>'))b"),
        ("<script><!-- <scripts></script>b", "script(<!-- <scripts>)b"),
    ],
)
def test_a_script_in_a_comment_of_a_script_does_not_end_that(source: str, expected: str) -> None:
    assert read(source) == expected


@pytest.mark.parametrize("name", ["iframe", "noembed", "noframes", "textarea", "title", "style", "script", "xmp"])
def test_nothing_that_is_open_in_a_noscript_takes_what_follows(name: str) -> None:
    assert read(f"<p>a<noscript>b<{name} src=x></noscript>c") == f"p(anoscript(b{name}())c)"
    assert read(f"<noscript><{name}/></noscript><p>c") == f"noscript({name}())p(c)"


@pytest.mark.parametrize("inside", ["<select>", "<b>", "<div><p>", "<!-- ", "<a href='", "<table>", "<svg>", "</div>"])
def test_what_follows_a_noscript_is_as_if_it_were_not_there(inside: str) -> None:
    assert read(f"<div>a<noscript>{inside}</noscript>c</div>d").endswith(")c)d")


def test_a_noscript_that_nobody_ends_holds_the_rest() -> None:
    assert read("<noscript>a<p>b<noscript>c") == "noscript(ap(bnoscript(c)))"


def test_an_element_that_is_opened_again_says_what_its_tag_said() -> None:
    page = read_nodes(b"<p><b class=nav-menu>a<p>b")
    (again,) = page.nodes[:, ORIGIN].nonzero()[0].tolist()
    assert page.groups[again] == page.groups[page.nodes[again, ORIGIN]] != 0


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "<b>",
            "<p><b>",
            "<b><p>",
            "<a>",
            "<b><p></b>",
            "<table>",
            "<table>a",
            "<table><b>a",
            "<form>",
            "</p>",
            "</br>",
        ),
        *("<noscript>", "<svg>", "<math>", "<template>", "<td>", "<select>", "<li>", "<x-a>", "</x-a>", "<i><div></i>"),
        *("<script><!--", "<table><tr><td><b>", "<nobr>", "<b class=%d><p>", "<template shadowrootmode=open><slot>"),
    ],
)
def test_a_page_of_one_thing_many_times_is_read_in_its_turn(piece: str) -> None:
    source = "".join(piece.replace("%d", str(number)) for number in range(3000)).encode()
    page = read_nodes(source)
    assert len(page.nodes) <= 3 * source.count(b"<") + 200

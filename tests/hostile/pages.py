"""Hostile pages for extraction: markup, text, formulas, code, tables, metadata and charsets."""

import itertools
import json
from random import Random

from tests.hostile.registry import cut, drawn, enclosed, gathered, numbered, page, repeated

PROSE = (
    "<!doctype html><title>Of the mill</title><body><article>"
    + "<p>The mill grinds the grain that the farmers bring, and nobody knows how old its wheel is.</p>" * 8
)
_WORDS = ["mill", "grain", "wheel", "water", "stone", "flour", "sack", "farmer", "river", "winter"]
_FORMULAS = PROSE + "<script>MathJax={tex:{inlineMath:[['$','$'],['\\\\(','\\\\)']]}}</script>"
MOST_TAGS = 200_000


def _at_the_bound(opening: str, size: int, before: str = PROSE) -> str:
    """Tags up to the most that are read, and words between them up to the size."""
    room = (size - len(before)) // MOST_TAGS - len(opening)
    return repeated(opening + ("mill " * size)[:room], size, before)


# Elements within elements.


@page
def nested_divisions(size: int, random: Random) -> str:
    return repeated("<div class='a post-b'>", size, PROSE)


@page
def nested_and_closed(size: int, random: Random) -> str:
    return PROSE + enclosed("<span>", "</span>", size - len(PROSE))


@page
def nested_bold(size: int, random: Random) -> str:
    return repeated("<b>mill grain wheel ", size, PROSE)


@page
def nested_bold_and_italic(size: int, random: Random) -> str:
    return repeated("<b><i>", size, PROSE)


@page
def nested_lists(size: int, random: Random) -> str:
    return repeated("<ul><li>mill water", size, PROSE)


@page
def nested_tables(size: int, random: Random) -> str:
    return repeated("<table><tr><td>mill water of winter", size, PROSE)


@page
def nested_quotations(size: int, random: Random) -> str:
    return _at_the_bound("<blockquote>", size)


@page
def nested_sections(size: int, random: Random) -> str:
    return repeated("<section><h2>Wheel</h2><p>mill water", size, PROSE)


@page
def nested_links(size: int, random: Random) -> str:
    return _at_the_bound("<a href=/x>", size)


@page
def nested_unknown_tags(size: int, random: Random) -> str:
    return numbered("<mill-{}>", size, PROSE)


@page
def nested_ruby(size: int, random: Random) -> str:
    return repeated("<ruby>水<rt>みず<rp>", size, PROSE)


@page
def nested_templates(size: int, random: Random) -> str:
    return repeated("<template><p>mill", size, PROSE)


@page
def nested_svg(size: int, random: Random) -> str:
    return repeated("<svg><foreignObject><p>mill", size, PROSE)


@page
def nested_forms(size: int, random: Random) -> str:
    return repeated("<form><fieldset><legend>mill</legend><button>", size, PROSE)


@page
def nested_definitions(size: int, random: Random) -> str:
    return repeated("<dl><dt>mill<dd>water", size, PROSE)


@page
def nested_code(size: int, random: Random) -> str:
    return repeated("<pre><code>mill\n", size, PROSE)


@page
def nested_pieces_of_code(size: int, random: Random) -> str:
    return repeated("mill water ", size, PROSE + "<p>" + "<code>" * 190_000 + "<div>")


@page
def nested_pieces_of_code_with_breaks(size: int, random: Random) -> str:
    return repeated("<code>mill<tt>wheel<br>", size, PROSE + "<p>")


@page
def nested_powers_of_words(size: int, random: Random) -> str:
    return repeated("<sup>mill", size, PROSE + "<p>x")


@page
def nested_powers(size: int, random: Random) -> str:
    return repeated("x<sup>2<sub>i ", size, PROSE)


@page
def nested_details(size: int, random: Random) -> str:
    return repeated("<details><summary>mill</summary>water ", size, PROSE)


@page
def nested_figures(size: int, random: Random) -> str:
    return repeated("<figure><img alt='a mill in winter'><figcaption>mill", size, PROSE)


@page
def nested_noscripts(size: int, random: Random) -> str:
    return repeated("<noscript><p>mill", size, PROSE)


# Elements beside elements.


@page
def paragraphs_without_an_end(size: int, random: Random) -> str:
    return _at_the_bound("<p>", size)


@page
def empty_paragraphs(size: int, random: Random) -> str:
    return repeated("<p>", size, PROSE)


@page
def paragraphs_of_a_letter(size: int, random: Random) -> str:
    return repeated("<p>a</p>", size, PROSE)


@page
def sibling_divisions(size: int, random: Random) -> str:
    return _at_the_bound("<div>", size)


@page
def line_breaks(size: int, random: Random) -> str:
    return _at_the_bound("<br>", size)


@page
def headings(size: int, random: Random) -> str:
    return _at_the_bound("<h2>", size)


@page
def items(size: int, random: Random) -> str:
    return _at_the_bound("<li>", size, PROSE + "<ul>")


@page
def definitions(size: int, random: Random) -> str:
    return repeated("<dt>mill<dd>water of the mill ", size, PROSE + "<dl>")


@page
def links(size: int, random: Random) -> str:
    return numbered("<a href=/mill/{}>mill</a> ", size, PROSE)


@page
def images(size: int, random: Random) -> str:
    return numbered("<img src=/{0}.png alt='mill number {0} in winter'> ", size, PROSE)


@page
def buttons(size: int, random: Random) -> str:
    return repeated("<button>mill</button>water ", size, PROSE)


@page
def options(size: int, random: Random) -> str:
    return repeated("<option>mill wheel water", size, PROSE + "<select>")


@page
def choices(size: int, random: Random) -> str:
    return repeated("<select><option selected>mill</select> water ", size, PROSE)


@page
def inputs(size: int, random: Random) -> str:
    return numbered("<label>mill <input name=a{} value=wheel></label>", size, PROSE)


@page
def stray_ends(size: int, random: Random) -> str:
    return repeated("</p></div></b></table>", size, PROSE)


@page
def ends_of_others(size: int, random: Random) -> str:
    return repeated("<span></wheel>", size, PROSE + "<div>" * 1000)


@page
def misnested_formatting(size: int, random: Random) -> str:
    return repeated("<b><p>mill<i></b>water</p>", size, PROSE)


@page
def formatting_adopted_again_and_again(size: int, random: Random) -> str:
    return repeated("<a><b><i><p></a></b>x", size, PROSE)


@page
def formatting_of_many_kinds(size: int, random: Random) -> str:
    return numbered("<font size={}><p>mill ", size, PROSE)


@page
def text_fostered_out_of_a_table(size: int, random: Random) -> str:
    return repeated("<tr>mill<b>water<p>of<td>", size, PROSE + "<table>")


@page
def frames_and_objects(size: int, random: Random) -> str:
    return repeated("<iframe>mill</iframe><object><embed>water</object>", size, PROSE)


@page
def hidden_elements(size: int, random: Random) -> str:
    return repeated("<div hidden style='display:none'>mill water</div>", size, PROSE)


@page
def soup_of_tags(size: int, random: Random) -> str:
    names = [
        "p",
        "div",
        "b",
        "i",
        "a",
        "table",
        "tr",
        "td",
        "ul",
        "li",
        "h1",
        "pre",
        "code",
        "math",
        "mi",
        "sup",
        "svg",
        "select",
        "option",
        "template",
        "form",
        "br",
        "img",
    ]
    tags = [f"<{name}>" for name in names] + [f"</{name}>" for name in names]
    return drawn([*tags, "mill ", "water and ", "&amp;"], random, size, PROSE)


# Tables.


@page
def table_rows(size: int, random: Random) -> str:
    return numbered("<tr><td>mill<td>{}", size, PROSE + "<table>")


@page
def table_cells(size: int, random: Random) -> str:
    return _at_the_bound("<td>", size, PROSE + "<table><tr>")


@page
def empty_cells(size: int, random: Random) -> str:
    return repeated("<td>", size, PROSE + "<table><tr>")


@page
def wide_cells(size: int, random: Random) -> str:
    return repeated("<td colspan=1000 rowspan=65534>7", size, PROSE + "<table><tr>")


@page
def cells_over_all_rows(size: int, random: Random) -> str:
    return repeated("<tr><td rowspan=0>a<td rowspan=65534 colspan=1000>b", size, PROSE + "<table>")


@page
def columns_of_a_table(size: int, random: Random) -> str:
    return repeated("<col span=1000>", size, PROSE + "<table><colgroup>", "<tr><td>a")


@page
def many_tables(size: int, random: Random) -> str:
    return repeated("<table><tr><th>a<th>b<tr><td>1<td>2</table>", size, PROSE)


@page
def table_of_line_numbers(size: int, random: Random) -> str:
    return numbered("<tr><td class=lineno>{}<td class=code><pre>x = 1</pre>", size, PROSE + "<table class=highlight>")


# Listings: line numbers, lines, and what stands beside them.


@page
def numbered_lines(size: int, random: Random) -> str:
    return numbered("<div class=line><b class=lineno>{}</b>x", size, PROSE + "<div class=fragment>")


@page
def nested_numbered_lines(size: int, random: Random) -> str:
    return numbered("<div class=line><b class=lineno>{}</b>x<div>", size, PROSE + "<div class=fragment>")


@page
def line_numbers_everywhere(size: int, random: Random) -> str:
    return numbered("<i class=lineno>{}</i>", size, PROSE)


@page
def columns_of_numbers(size: int, random: Random) -> str:
    return numbered("<table><tr><td class=gutter>{0}<br>{0}<td>x<td>", size, PROSE)


@page
def nested_columns_of_numbers(size: int, random: Random) -> str:
    return repeated("<div>1 2 3<ol>", size, PROSE + "<pre>")


@page
def blocks_of_one_line(size: int, random: Random) -> str:
    return repeated("<div><pre><i class=lnum>1</i>x</pre>", size, PROSE + "<div class=code>")


@page
def rows_of_cells_with_blocks(size: int, random: Random) -> str:
    return numbered("<tr><td class=linenos>{}<td>a<td><pre>x</pre>", size, PROSE + "<table class=code>")


@page
def one_row_of_cells_with_blocks(size: int, random: Random) -> str:
    return numbered("<td class=linenos>{}<td>a<td><pre>x</pre>", size, PROSE + "<table class=code><tr>")


@page
def buttons_in_code(size: int, random: Random) -> str:
    return repeated("<span class=copy-button>x", size, PROSE + "<pre>")


@page
def numbers_at_heads_of_lines(size: int, random: Random) -> str:
    return numbered("<i>{}</i>x\n", size, PROSE + "<pre>")


# Gaps, formulas that are drawn, and content that is declared.


@page
def glued_labels(size: int, random: Random) -> str:
    return repeated("<span class=label>x</span><b class=value>y", size, PROSE)


@page
def ways_back(size: int, random: Random) -> str:
    return repeated("<a href=#a>↩<sup>", size, PROSE)


@page
def nested_drawn_formulas(size: int, random: Random) -> str:
    return repeated(
        "<mjx-msup><mjx-mi><mjx-c class=mjx-c78></mjx-c></mjx-mi>", size, PROSE + "<mjx-container><mjx-math>"
    )


@page
def many_drawn_formulas(size: int, random: Random) -> str:
    return repeated("<mjx-container><mjx-math><mjx-c class=mjx-c78></mjx-c></mjx-math></mjx-container>", size, PROSE)


@page
def declared_comments(size: int, random: Random) -> str:
    comment = json.dumps({"text": "The mill grinds <b>rye</b>, and nobody knows how old its wheel is. " * 3})
    count = (min(size, 990_000) - 100) // (len(comment) + 1)
    posting = f'{{"@type": "DiscussionForumPosting", "comment": [{",".join([comment] * count)}]}}'
    scripts = f'<script type="application/ld+json">{posting}</script>' * (size // 1_000_000)
    return scripts + "mill " * ((size - len(scripts)) // 5)


# Attributes.


@page
def one_attribute(size: int, random: Random) -> str:
    return repeated("a ", size, PROSE + "<p class='", "'>mill")


@page
def an_attribute_without_an_end(size: int, random: Random) -> str:
    return repeated("a", size, PROSE + "<p class='")


@page
def attributes_of_all_names(size: int, random: Random) -> str:
    return numbered("a{}=1 ", size, PROSE + "<p ", ">mill")


@page
def attributes_of_the_root(size: int, random: Random) -> str:
    return numbered("<html a{0}=1><body b{0}=2>", size, PROSE)


@page
def classes_of_all_names(size: int, random: Random) -> str:
    return numbered("<p class='a{0} post-{0}' id=i{0}>mill", size, PROSE)


@page
def styles(size: int, random: Random) -> str:
    return repeated("<p style='color:red;display: none;a:b'>mill", size, PROSE)


@page
def long_addresses(size: int, random: Random) -> str:
    return repeated(f"<a href='http://mill.example/{'a/../' * 500}'>mill</a>", size, PROSE)


@page
def quotes_in_a_tag(size: int, random: Random) -> str:
    return repeated("'\"=", size, PROSE + "<p ")


@page
def names_of_a_tag(size: int, random: Random) -> str:
    return repeated("x", size, PROSE + "<")


@page
def long_picture_words(size: int, random: Random) -> str:
    return repeated(f"<p><img alt='{'mill water ' * 200}'></p>", size, PROSE)


# Text.


@page
def one_word(size: int, random: Random) -> str:
    return repeated("x", size, PROSE + "<p>")


@page
def one_line_of_words(size: int, random: Random) -> str:
    return drawn([f"{word} " for word in _WORDS], random, size, PROSE + "<p>")


@page
def words_all_unlike(size: int, random: Random) -> str:
    return numbered("w{} ", size, PROSE + "<p>")


@page
def spaces(size: int, random: Random) -> str:
    return repeated(" ", size, PROSE + "<p>a", "b")


@page
def hard_spaces(size: int, random: Random) -> str:
    return repeated("&nbsp; \u3000", size, PROSE + "<p>a", "b")


@page
def newlines(size: int, random: Random) -> str:
    return repeated("\n", size, PROSE + "<p>a", "b")


@page
def chinese(size: int, random: Random) -> str:
    return drawn([*"水车磨坊的谷物。，"], random, size, PROSE + "<p>")


@page
def combining_marks(size: int, random: Random) -> str:
    return repeated("\u0301", size, PROSE + "<p>a")


@page
def private_planes(size: int, random: Random) -> str:
    return repeated("\U000f0000\U0010fffd\ue000", size, PROSE + "<p>")


@page
def entities(size: int, random: Random) -> str:
    return repeated("&amp;&lt;", size, PROSE + "<p>")


@page
def long_entities(size: int, random: Random) -> str:
    return repeated("&CounterClockwiseContourIntegral;", size, PROSE + "<p>")


@page
def entities_that_grow(size: int, random: Random) -> str:
    return repeated("&nGt;", size, PROSE + "<p>")


@page
def unknown_entities(size: int, random: Random) -> str:
    return numbered("&mill{};", size, PROSE + "<p>")


@page
def numeric_entities(size: int, random: Random) -> str:
    return repeated("&#x1F600;&#0;&#xD800;&#99999999999;", size, PROSE + "<p>")


@page
def ampersands(size: int, random: Random) -> str:
    return repeated("&", size, PROSE + "<p>")


@page
def angle_brackets(size: int, random: Random) -> str:
    return repeated("< ", size, PROSE + "<p>")


@page
def closing_brackets(size: int, random: Random) -> str:
    return repeated("</", size, PROSE + "<p>")


@page
def nuls(size: int, random: Random) -> str:
    return repeated("\0a", size, PROSE + "<p>")


@page
def bullets(size: int, random: Random) -> str:
    return repeated("<br>* mill\n- water ", size, PROSE)


@page
def asterisks(size: int, random: Random) -> str:
    return repeated("*", size, PROSE + "<p>")


@page
def emphasis_in_markdown(size: int, random: Random) -> str:
    return repeated("*a **b _c ~~d ", size, PROSE + "<p>")


@page
def brackets_in_markdown(size: int, random: Random) -> str:
    return repeated("[a](![b](", size, PROSE + "<p>")


@page
def backticks(size: int, random: Random) -> str:
    return gathered(("`" * (1 + number % 700) + " a " for number in itertools.count()), size, PROSE + "<p>")


@page
def fences(size: int, random: Random) -> str:
    return repeated("<p>```</p><p>mill</p>", size, PROSE)


@page
def pipes(size: int, random: Random) -> str:
    return repeated("| a |---", size, PROSE + "<p>")


@page
def quotations_in_markdown(size: int, random: Random) -> str:
    return repeated("> > # 1. ", size, PROSE + "<p>")


@page
def lines_of_markdown(size: int, random: Random) -> str:
    lines = [
        "# mill",
        "- a",
        "1. b",
        "> c",
        "| d | e |",
        "|---|---|",
        "```",
        "***",
        "[f]: /g",
        "_h_ **i**",
        "===",
        "\\",
    ]
    return drawn([f"<p>{line}" for line in lines], random, size, PROSE)


# Comments, declarations and raw text.


@page
def comments(size: int, random: Random) -> str:
    return repeated("<!-- mill --> water ", size, PROSE + "<p>")


@page
def a_comment_without_an_end(size: int, random: Random) -> str:
    return repeated("--!-", size, PROSE + "<!--")


@page
def comments_without_an_end(size: int, random: Random) -> str:
    return repeated("<!--", size, PROSE)


@page
def declarations(size: int, random: Random) -> str:
    return repeated("<!x><?y><![CDATA[", size, PROSE)


@page
def character_data(size: int, random: Random) -> str:
    return repeated("<![CDATA[ mill ]]>", size, PROSE + "<svg><p>")


@page
def scripts(size: int, random: Random) -> str:
    return repeated("<script>a<!--<script></script>", size, PROSE)


@page
def a_script_without_an_end(size: int, random: Random) -> str:
    return repeated("<!--</scrip ", size, PROSE + "<script>")


@page
def a_style_without_an_end(size: int, random: Random) -> str:
    return repeated("</styl p{}", size, PROSE + "<style>")


@page
def a_title_without_an_end(size: int, random: Random) -> str:
    return repeated("mill </titl ", size, "<title>")


@page
def a_text_area_without_an_end(size: int, random: Random) -> str:
    return repeated("</textare ", size, PROSE + "<textarea>")


@page
def plain_text(size: int, random: Random) -> str:
    return repeated("<p>mill\n", size, PROSE + "<plaintext>")


# Code.


@page
def a_line_of_code(size: int, random: Random) -> str:
    return repeated("x = f(y); ", size, PROSE + "<pre>", "</pre>")


@page
def lines_of_code(size: int, random: Random) -> str:
    return numbered("    x{} = f(y)\n", size, PROSE + "<pre>", "</pre>")


@page
def empty_lines_of_code(size: int, random: Random) -> str:
    return repeated("\n", size, PROSE + "<pre>a", "b</pre>")


@page
def coloured_code(size: int, random: Random) -> str:
    return repeated("<span class=k>if</span> <span class=n>x</span>\n", size, PROSE + "<pre class=highlight>")


@page
def numbers_before_code(size: int, random: Random) -> str:
    return numbered("{}\n", size, PROSE + "<pre>", "</pre>")


@page
def prompts_before_code(size: int, random: Random) -> str:
    return repeated(">>> x\n... y\n$ z\n", size, PROSE + "<pre>", "</pre>")


@page
def blocks_of_code(size: int, random: Random) -> str:
    return repeated("<pre>x = 1\ny = 2</pre>", size, PROSE)


@page
def blocks_of_code_with_breaks(size: int, random: Random) -> str:
    return repeated("<pre class=copy>x<br>y</pre>", size, PROSE)


@page
def blocks_of_code_and_formulas(size: int, random: Random) -> str:
    return repeated("<pre>x = 1</pre>$x$", size, _FORMULAS)


@page
def formulas_in_blocks_of_code(size: int, random: Random) -> str:
    return repeated("<div class=code>\\(x\\)<pre>y = $z$</pre>", size, _FORMULAS)


@page
def pieces_of_code(size: int, random: Random) -> str:
    return repeated("of <code>a_1</code> and ", size, PROSE + "<p>")


@page
def cut_tags_in_code(size: int, random: Random) -> str:
    return repeated("<a", size, PROSE + "<pre>")


@page
def digits_in_code(size: int, random: Random) -> str:
    return repeated("9", size, PROSE + "<pre>&#")


@page
def code_in_strange_lines(size: int, random: Random) -> str:
    return repeated("\r\v\f\x85\u2028a ", size, PROSE + "<pre>")


# Formulas.


@page
def dollars(size: int, random: Random) -> str:
    return repeated("$", size, _FORMULAS + "<p>")


@page
def dollars_and_words(size: int, random: Random) -> str:
    return repeated("costs $5 and ", size, _FORMULAS + "<p>")


@page
def short_formulas(size: int, random: Random) -> str:
    return repeated("of $x_1$ and ", size, _FORMULAS + "<p>")


@page
def delimiters_without_an_end(size: int, random: Random) -> str:
    return repeated("\\( $$ \\[ $ ", size, _FORMULAS + "<p>")


@page
def backslashes(size: int, random: Random) -> str:
    return repeated("\\", size, _FORMULAS + "<p>$$", "$$")


@page
def braces(size: int, random: Random) -> str:
    return _FORMULAS + "<p>$$" + enclosed("{", "}", size - len(_FORMULAS) - 7) + "$$"


@page
def braces_without_an_end(size: int, random: Random) -> str:
    return repeated("\\frac{a}{", size, _FORMULAS + "<p>\\(", "\\)")


@page
def environments(size: int, random: Random) -> str:
    return repeated("\\begin{align}x", size, _FORMULAS + "<p>")


@page
def a_formula_of_tags(size: int, random: Random) -> str:
    return repeated("<i>x</i>&lt;", size, _FORMULAS + "<p>\\[", "\\]")


@page
def letters_of_mathml(size: int, random: Random) -> str:
    return repeated("<mi>x</mi><mo>+</mo>", size, PROSE + "<math>", "</math>")


@page
def fractions_of_mathml(size: int, random: Random) -> str:
    return repeated("<mfrac><mn>1</mn>", size, PROSE + "<math>")


@page
def rows_of_mathml(size: int, random: Random) -> str:
    return repeated("<mrow><msup><mi>x</mi>", size, PROSE + "<math>")


@page
def matrices_of_mathml(size: int, random: Random) -> str:
    return repeated("<mtr><mtd><mn>1</mn><mtd>", size, PROSE + "<math><mtable>")


@page
def many_formulas_of_mathml(size: int, random: Random) -> str:
    return repeated("of <math><msup><mi>n</mi><mn>2</mn></msup></math> and ", size, PROSE + "<p>")


@page
def formulas_of_a_letter(size: int, random: Random) -> str:
    return repeated("<math alttext=x></math> and ", size, PROSE + "<p>")


@page
def annotations(size: int, random: Random) -> str:
    return repeated("<annotation encoding=application/x-tex>x_1 ", size, PROSE + "<math><semantics>")


@page
def scripts_of_formulas(size: int, random: Random) -> str:
    return repeated("<script type='math/tex'>x_1</script> of ", size, PROSE + "<p>")


@page
def pictures_of_formulas(size: int, random: Random) -> str:
    return repeated("<img class=latex alt='x_1^{2}'> of ", size, PROSE + "<p>")


@page
def powers(size: int, random: Random) -> str:
    return repeated("x<sup>2</sup> and ", size, PROSE + "<p>")


@page
def rendered_formulas(size: int, random: Random) -> str:
    return repeated("<span class=katex><span class=katex-html>x</span></span> ", size, PROSE + "<p>")


# Metadata.


@page
def deep_linked_data(size: int, random: Random) -> str:
    end = "</script>" + PROSE
    return '<script type="application/ld+json">' + enclosed('{"@graph":[', "]}", size - len(end) - 40, "{}") + end


@page
def deep_lists_of_linked_data(size: int, random: Random) -> str:
    return repeated("[", size, '<script type="application/ld+json">', "</script>" + PROSE)


@page
def many_objects_of_linked_data(size: int, random: Random) -> str:
    before, after = '<script type="application/ld+json">[', "{}]</script>" + PROSE
    return numbered('{{"@type":"Article","datePublished":"soon{}"}},', size, before, after)


@page
def a_long_string_of_linked_data(size: int, random: Random) -> str:
    before, after = '<script type="application/ld+json">{"@type":"Article","headline":"', '"}</script>' + PROSE
    return repeated("\\u0041\\\\", size, before, after)


@page
def a_long_number_of_linked_data(size: int, random: Random) -> str:
    return repeated("9", size, '<script type="application/ld+json">{"@type":', "}</script>" + PROSE)


@page
def many_scripts_of_linked_data(size: int, random: Random) -> str:
    data = json.dumps({"@type": "Article", "dateModified": "soon"})
    return repeated(f'<script type="application/ld+json">{data}</script>', size, "", PROSE)


@page
def metas(size: int, random: Random) -> str:
    return numbered("<meta property=article:published_time content='{} soon'>", size, "<head>", PROSE)


@page
def a_long_meta(size: int, random: Random) -> str:
    return repeated("&amp;mill", size, "<meta property=og:title content='", "'>" + PROSE)


@page
def canonical_addresses(size: int, random: Random) -> str:
    return numbered("<link rel=canonical href='http://[{}'>", size, "<head>", PROSE)


@page
def a_long_canonical_address(size: int, random: Random) -> str:
    return repeated("a/../%41", size, "<link rel=canonical href='http://mill.example/", "'>" + PROSE)


@page
def a_canonical_host_that_grows(size: int, random: Random) -> str:
    return repeated("\ufdfa", size, "<link rel=canonical href='http://", "/'>" + PROSE)


@page
def languages(size: int, random: Random) -> str:
    return numbered("<html lang=en-{}><meta http-equiv=content-language content=de>", size, "", PROSE)


@page
def licences(size: int, random: Random) -> str:
    return numbered("<a rel=license href='https://creativecommons.org/licenses/by/{}.0/'>CC</a>", size, PROSE)


@page
def dates(size: int, random: Random) -> str:
    return numbered("<time datetime='2020-13-{}'>3 May 2020</time> ", size, PROSE)


@page
def written_dates(size: int, random: Random) -> str:
    return repeated("3 May 2020, 03.05.2020, May 3rd, 2020. ", size, PROSE + "<p>")


@page
def a_long_date(size: int, random: Random) -> str:
    return repeated("2020-05-03T", size, PROSE + "<time datetime='", "'>")


@page
def titles(size: int, random: Random) -> str:
    return numbered("<title>Mill {} – Water</title>", size, "", PROSE)


@page
def a_long_title(size: int, random: Random) -> str:
    return repeated("Mill – | - « ", size, "<title>", "</title>" + PROSE)


@page
def item_properties(size: int, random: Random) -> str:
    return numbered("<span itemprop=datePublished content='{}'>mill</span>", size, PROSE)


# Charsets.


@page
def bytes_of_no_charset(size: int, random: Random) -> bytes:
    return PROSE.encode() + random.randbytes(size - len(PROSE.encode()))


@page
def upper_bytes(size: int, random: Random) -> bytes:
    return b"<p>".ljust(size, b"\xff")


@page
def nearly_utf_8(size: int, random: Random) -> bytes:
    return ("<meta charset=utf-8>" + PROSE).encode() + "é水".encode() * ((size - 2000) // 5) + b"\xe2 mill"


@page
def utf_16_without_a_mark(size: int, random: Random) -> bytes:
    return cut(PROSE + "mill water " * size, size // 2).encode("utf-16-le")[:size]


@page
def utf_32_with_a_mark(size: int, random: Random) -> bytes:
    return ("\ufeff" + PROSE + "水" * (size // 4 - len(PROSE) - 1)).encode("utf-32-le")


@page
def marks_of_byte_orders(size: int, random: Random) -> bytes:
    return (b"\xef\xbb\xbf\xff\xfe\xfe\xff" * size)[: size - len(PROSE)] + PROSE.encode()


@page
def broken_shift_jis(size: int, random: Random) -> bytes:
    return ("<meta charset=shift_jis>" + PROSE).encode() + b"\x82\xa0\x82" * ((size - 2000) // 3)


@page
def broken_gb18030(size: int, random: Random) -> bytes:
    return ("<meta charset=gb18030>" + PROSE).encode() + b"\x81\x30\x81" * ((size - 2000) // 3)


@page
def escapes_of_iso_2022(size: int, random: Random) -> bytes:
    return ("<meta charset=iso-2022-jp>" + PROSE).encode() + b'\x1b$B$"\x1b(Ba' * ((size - 2000) // 9)


@page
def single_bytes_that_grow(size: int, random: Random) -> bytes:
    return ("<meta charset=windows-1252>" + PROSE).encode() + b"\x80 \x99" * ((size - 2000) // 3)


@page
def a_declaration_without_an_end(size: int, random: Random) -> bytes:
    return b"<meta " + b"charset = " * ((size - 2000) // 10) + PROSE.encode()

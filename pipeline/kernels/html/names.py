"""What the compiled passes know by name: elements, attributes, class words, math widgets; hashed into small tables."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.kernels.array_types import CountRows, Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html.browser_sets import BROWSER_SETS, LIKE_TEXT, RECONSTRUCTS, SPECIAL, UNLIKE_TEXT

Table = npt.NDArray[np.int64]
Flags = npt.NDArray[np.int64]

_SEED, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)

# Elements, by what the passes do with them. A number is an element's place here, 0 is every other element.
_VOID: Final = "area base br col embed hr img input link meta param source track wbr keygen"
_RAW: Final = "script style title textarea iframe noembed noframes xmp plaintext"
_BLOCK: Final = (
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li listing main menu nav noscript ol optgroup "
    "option p plaintext pre search section select summary table tbody td template tfoot th thead tr ul xmp"
)
_INLINE: Final = (
    "a abbr acronym b bdi bdo big button cite code del dfn em font i ins kbd label mark nobr q rp rt ruby s samp small "
    "span strike strong sub sup time tt u var wbr br img input svg math canvas video audio object map picture "
    "annotation annotation-xml mjx-container clipboard-copy"
)
_FORMATTING: Final = "a abbr b big cite code em font i kbd mark nobr s samp small span strike strong sub sup tt u var"
_HIDDEN: Final = (
    "head script style title textarea template select option optgroup datalist svg canvas video audio object iframe "
    "noembed noframes rp rt rtc"
)
_CODE: Final = "pre xmp listing"
# Inline elements of which the writer of blocks must be told, beside those that hold code.
_TOLD: Final = "a img br b strong em i button sup sub input"
_INLINE_CODE: Final = "code tt kbd samp"
_CLOSES_P: Final = (
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 "
    "h4 h5 h6 header hgroup hr li dd dt listing main menu nav ol p plaintext pre search section summary table ul xmp"
)

# Of use only to those who read tags; the last three are void.
_OTHER: Final = "applet colgroup marquee frameset rb rtc slot basefont bgsound frame"

TAGS: Final = ("", *dict.fromkeys(" ".join((_BLOCK, _INLINE, _VOID, _RAW, _HIDDEN, _OTHER)).split()))
TAG: Final[Mapping[str, int]] = {name: number for number, name in enumerate(TAGS)}
# What browsers take for another element.
_ALIASES: Final = {"image": "img"}

BLOCK, VOID, RAW, FORMATTING, HIDDEN, CODE, INLINE_CODE, CLOSES_P, TOLD = (1 << bit for bit in range(9))

ATTRIBUTES: Final = (
    "", "class", "id", "role", "itemprop", "style", "hidden", "aria-hidden", "type", "href", "src", "alt", "data-tex",
    "data-latex", "data-formula", "itemtype", "aria-label", "rel", "data-src", "encoding", "data-line-number",
    "shadowrootmode", "shadowroot",
)  # fmt: skip
ATTRIBUTE: Final[Mapping[str, int]] = {name: number for number, name in enumerate(ATTRIBUTES)}

# What a class or id says of an element, by the words in it: `comment-list`, `commentList` and `comment_list` are two.
GROUPS: Final[Mapping[str, str]] = {
    "comment": "comment comments commentlist disqus respond cmt discussion",
    "share": (
        "share sharing social sharedaddy addthis addtoany facebook twitter pinterest linkedin whatsapp instagram "
        "follow like likes jp"
    ),
    "nav": "nav navigation navbar navi menu menus submenu dropdown topnav mainnav sitenav navmenu megamenu menubar",
    "crumb": "breadcrumb breadcrumbs crumb crumbs bread",
    "pager": "pagination pager paging paginate pages prev previous next nextprev older newer",
    "sidebar": "sidebar sidebars side aside rail rightcol leftcol secondary complementary rightbar leftbar sidenav",
    "footer": "footer foot bottom colophon contentinfo siteinfo footnav",
    "header": "header head masthead topbar top banner site hdr",
    "related": (
        "related recommend recommended recommendation recommendations more popular trending also similar latest "
        "recent suggested suggestions readmore outbrain taboola teasers upnext mostread"
    ),
    "ad": (
        "ad ads advert advertisement advertising adsense sponsor sponsored promo promos promotion dfp gpt adslot "
        "commercial affiliate"
    ),
    "cookie": "cookie cookies consent gdpr privacy ccpa onetrust cookiebar",
    "login": (
        "login signin signup register account auth subscribe subscription newsletter signupform paywall mailchimp "
        "optin"
    ),
    "content": (
        "content contents maincontent contentarea pagecontent entrycontent postcontent wysiwyg rte richtext prose "
        "markdown text txt copy textblock freetext"
    ),
    "article": "article articles articlebody storybody articletext story newsbody articlecontent",
    "entry": "entry post posts hentry blogpost postbody blog single",
    "body": "body bd",
    "main": "main primary maincol mainbody",
    "meta": "meta metadata postmeta info details infos postinfo",
    "author": "author byline writer bio authors vcard",
    "date": "date time published timestamp datetime posted updated dateline pubdate",
    "title": "title headline heading caption subtitle hed pagetitle entrytitle",
    "lead": "lead lede intro excerpt summary abstract dek standfirst subhead description desc synopsis teaser",
    "tag": "tag tags tagged category categories cat cats topics topic labels label keywords taxonomy",
    "widget": "widget widgets module panel block box sidebox portlet",
    "modal": "modal popup overlay dialog lightbox tooltip toast offcanvas drawer alert",
    "copyright": "copyright legal disclaimer terms imprint credits credit license",
    "product": "product products price prices cart shop sku addtocart buy checkout woocommerce stock shipping",
    "review": "review reviews rating ratings stars star testimonial testimonials",
    "thread": (
        "forum thread threads topic message messages msg postbit postmessage postcontainer lia question answer "
        "answers answercell reply replies discourse"
    ),
    "user": "user users profile avatar signature member username userinfo poster",
    "toolbar": "toolbar tools tool action actions button buttons btn btns controls control options",
    "search": "search searchform searchbox finder query",
    "list": "list lists listing listings items item li row rows grid results result archive feed",
    "card": "card cards tile tiles teaser thumbnail thumb thumbs preview snippet",
    "hidden": "hidden hide invisible sr visuallyhidden screenreader offscreen assistive collapsed noprint",
    "image": "image images img photo photos picture gallery figure slideshow slider carousel video media player",
    "toc": "toc tableofcontents outline onthispage localtoc",
    "code": "code highlight source syntax codehilite prettyprint snippet pre language",
    "quote": "quote blockquote pullquote quotation quoted",
    "note": (
        "note notes notice warning admonition callout tip footnote footnotes references reference reflist citation "
        "citations"
    ),
    "section": "section sections sect region zone area",
    "wrap": "wrapper wrap container inner outer layout holder page row col column columns grid",
    "form": "form forms input field fields fieldset contact",
    "help": "help support faq faqs qa accordion tab tabs docs doc documentation guide",
    "event": "event events calendar schedule location address map job jobs",
    "translate": "lang langs language languages translate locale country currency",
    "skip": "skip skiplink skiplinks jump anchor headerlink permalink editsection edit printfooter",
    "app": "app download store android ios mobile desktop",
}  # fmt: skip
GROUP: Final[Mapping[str, int]] = {name: bit for bit, name in enumerate(GROUPS)}

# What a class or id says of an element to the readers of code and of lines, by the words in it.
SIGNS: Final[Mapping[str, str]] = {
    "line": "line lines",
    "number": "number numbers num nums no nos nr",
    "gutter": (
        "lineno linenos linenum linenums linenumber linenumbers linenr linenrs linenodiv lnt lnr ln lnum gutter "
        "gutters rownum numbering"
    ),
    "copy": "copy",
    "button": "btn button buttons code js to",
    "clipboard": "copybtn copybutton copycode codecopy clipboard zeroclipboard copyclipboard copytoclipboard",
    "furniture": "headerlink toolbar",
    "viewcode": "viewcode",
    "editor": (
        "fragment cm ace codemirror monaco enlighter crayon dp geshi linenums filecontents blob hljs shiki listing "
        "sourcecode viewsource"
    ),
    "verse": "poem verse verses stanza stanzas lyrics lineblock poetry",
    "edit_section": "editsection secedit",
    "emoji": "emoji emojione emoticon emoticons smiley smilies smileys smilie twemoji wpsmiley ipsemoji emojis",
    "item": "li",
    "way_back": "backref backlink backlinks reversefootnote returnlink fnback footback",
    "apart": (
        "badge badges label labels value key pill pills chip chips classifier classifiers date time datetime timestamp "
        "author byline price count unit tag phone tel email duration"
    ),
}
# Each of them is a bit: those of `GROUPS` come first in what the pass looks up.
SIGN: Final[Mapping[str, int]] = {name: 1 << bit for bit, name in enumerate(SIGNS)}
GROUP_BITS: Final = (1 << len(GROUPS)) - 1

# Classes of elements that hold one formula, of what a math library left beside its source, of code with line numbers.
NOT_EMBEDDED, MATH, LEFTOVER, EMBEDDED_CODE, GUTTER, RENDERED = range(6)
WIDGETS: Final[Mapping[str, int]] = {
    **dict.fromkeys(
        ["mwe-math-element", "katex-display", "katex", "math-tex-source"],
        MATH,
    ),
    **dict.fromkeys(
        [
            "mathjax_display",
            "mathjax",
            "mathjax_svg",
            "mathjax_svg_display",
            "mathjax_chtml",
            "mathjax_commonhtml",
            "mjxc-display",
            "mjx-chtml",
        ],
        RENDERED,
    ),
    **dict.fromkeys(["mathjax_preview", "mjx_assistive_mathml", "katex-html"], LEFTOVER),
    **dict.fromkeys(["highlighttable", "rouge-table", "hljs-ln", "crayon-table", "syntaxhighlighter"], EMBEDDED_CODE),
    **dict.fromkeys(["linenos", "blob-num", "gutter", "lineno", "line-numbers", "line-number", "linenodiv"], GUTTER),
}


# A table's value for a weight of nothing: values are never 0, which is what an unknown word has.
WEIGHT_ZERO: Final = 1 << 20


def hash_word(word: str) -> int:
    """FNV-1a of a word's UTF-8, the compiled passes' own.

    >>> hash_word("a")
    12638187200555641996
    """
    value = int(_SEED)
    for byte in word.encode():
        value = ((value ^ byte) * int(_FACTOR)) & 0xFFFFFFFFFFFFFFFF
    return value


def word_table(values: Iterable[tuple[str, int]]) -> Table:
    """An open-addressed table of word hash → value (or-ed where a word comes twice), as rows of (hash, value)."""
    merged: dict[int, int] = {}
    for word, value in values:
        merged[hash_word(word)] = merged.get(hash_word(word), 0) | value
    size = 64
    while size < 3 * len(merged):
        size *= 2
    table = np.zeros((size, 2), np.uint64)
    for key, value in merged.items():
        at = key & (size - 1)
        while table[at, 0]:
            at = (at + 1) & (size - 1)
        table[at] = key, value
    return table.view(np.int64)


@lean
def look_up(table: CountRows, key: Int) -> Int:
    """The value of a word's hash in a table of `word_table`; 0 where it is not there."""
    mask = np.uint64(len(table) - 1)
    at = key & mask
    while True:
        entry = np.uint64(table[at, 0])
        if entry == key:
            return table[at, 1]
        if entry == np.uint64(0):
            return np.int64(0)
        at = (at + np.uint64(1)) & mask


@cache
def no_words() -> Table:
    """A table without a word."""
    return word_table([])


class Names(NamedTuple):
    """The tables that the compiled passes take."""

    tags: Table
    flags: Flags
    attributes: Table
    groups: Table
    widgets: Table


@cache
def names() -> Names:
    """The tables of this module."""
    flags = np.zeros(len(TAGS), np.int64)
    listed = (
        (_BLOCK, BLOCK),
        (_VOID, VOID),
        ("basefont bgsound frame", VOID),
        (_RAW, RAW),
        (_FORMATTING, FORMATTING),
        (_HIDDEN, HIDDEN),
    )
    more = ((_CODE, CODE), (_INLINE_CODE, INLINE_CODE), (_CLOSES_P, CLOSES_P))
    told = ((words, TOLD) for words in (_BLOCK, _HIDDEN, _INLINE_CODE, _TOLD))
    for words, flag in (*listed, *more, *told, *BROWSER_SETS):
        for name in words.split():
            flags[TAG[name]] |= flag
    for number, name in enumerate(TAGS):
        if name in LIKE_TEXT or not (flags[number] & SPECIAL or name in UNLIKE_TEXT):
            flags[number] |= RECONSTRUCTS
    called = {**TAG, **{alias: TAG[name] for alias, name in _ALIASES.items()}}
    return Names(
        word_table((name, number) for name, number in called.items() if name),
        flags,
        word_table((name, number) for name, number in ATTRIBUTE.items() if name),
        word_table(
            [
                *((word, 1 << GROUP[group]) for group, words in GROUPS.items() for word in words.split()),
                *((word, SIGN[sign] << len(GROUPS)) for sign, words in SIGNS.items() for word in words.split()),
            ]
        ),
        word_table(WIDGETS.items()),
    )

"""The sets of elements by which the HTML standard builds a page's tree, as bits of an element's flags.

SPECIAL elements end the search for what an end tag means; ACTIVE ones are opened again in what follows; SCOPE,
ITEM_SCOPE, BUTTON_SCOPE and TABLE_SCOPE elements hide what is open around them; an end tag of ENDS_IN_SCOPE closes what
is open in its element; IMPLIED_END elements need no end tag; MARKS elements let no formatting in or out; STRUCTURE
elements of a table hold no text; PART elements stand nowhere but in a table; a CONTEXT says how a start tag is read;
RECONSTRUCTS start tags open ACTIVE elements again; RULED ones have rules of their own; a page with a SHOWS element has
content, and can have no frames.
"""

from typing import Final

# The bits below are those of `names`.
_FIRST_BIT: Final = 9
(
    SPECIAL, ACTIVE, SCOPE, ITEM_SCOPE, BUTTON_SCOPE, TABLE_SCOPE, ENDS_IN_SCOPE, IMPLIED_END, MARKS, STRUCTURE, PART,
    CONTEXT, RECONSTRUCTS, RULED, SHOWS,
) = (1 << bit for bit in range(_FIRST_BIT, _FIRST_BIT + 15))  # fmt: skip
# What stands in a noscript is read as if it stood alone: a browser with scripts reads none of it.
_SCOPE: Final = "applet caption html table td th marquee object select template noscript"
_PLAIN_BLOCKS: Final = (
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer header hgroup "
    "listing main menu nav ol pre search section summary ul"
)
_SETTLED: Final = (
    "area base basefont bgsound body br caption col colgroup dd dt embed form frame frameset h1 h2 h3 h4 h5 h6 head hr "
    "html iframe img input keygen li link meta noembed noframes noscript object p param plaintext script select source "
    "style table tbody td template textarea tfoot th thead title tr track wbr xmp applet marquee button"
)
_RULED: Final = (
    "html head body frameset frame form li dd dt button a nobr select option optgroup hr input rb rtc rp rt "
    "h1 h2 h3 h4 h5 h6"
)
_SHOWS: Final = (
    "body pre listing li dd dt button applet marquee object table area br embed img keygen wbr input hr textarea xmp "
    "iframe select"
)
_LIKE_TEXT: Final = "applet area br button embed img input keygen marquee object select wbr xmp"
BROWSER_SETS: Final = (
    (f"{_PLAIN_BLOCKS} {_SETTLED}", SPECIAL),
    ("a b big code em font i nobr s small strike strong tt u", ACTIVE),
    (_SCOPE, SCOPE),
    (f"{_SCOPE} ol ul", ITEM_SCOPE),
    (f"{_SCOPE} button", BUTTON_SCOPE),
    ("html table template noscript", TABLE_SCOPE),
    (f"{_PLAIN_BLOCKS} button select applet marquee object dd dt", ENDS_IN_SCOPE),
    ("dd dt li optgroup option p rb rp rt rtc", IMPLIED_END),
    ("applet marquee object td th caption template noscript", MARKS),
    ("table tbody tfoot thead tr", STRUCTURE),
    ("caption col colgroup tbody td tfoot th thead tr", PART),
    ("table tbody tfoot thead tr td th caption colgroup template html noscript", CONTEXT),
    (_RULED, RULED),
    (_SHOWS, SHOWS),
)
# Special elements before which formatting is opened again, and others before which it is not.
LIKE_TEXT: Final = frozenset(_LIKE_TEXT.split())
UNLIKE_TEXT: Final = frozenset(("rb", "rp", "rt", "rtc"))

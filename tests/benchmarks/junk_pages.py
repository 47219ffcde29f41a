"""Junk pages, made up: link lists, keyword stuffing, repeated lines, boilerplate alone, and gibberish.

Each is a text as extraction would leave it, of a few hundred words, drawn from lists of words of our own. The same seed
gives the same pages.
"""

# ruff: noqa: SIM905  (lists of words read better as texts)

import random
import string
from collections.abc import Callable, Iterator

_NOUNS = (
    "boots camera carpet chair clinic coupon course dentist diet driver engine essay flight furniture garden"
    " hotel insurance jacket kitchen laptop lawyer loan mattress mortgage office parcel pharmacy phone plumber"
    " printer recipe repair roof shoes sofa software studio tablet tattoo ticket tool tour towel trailer tyre"
    " vacuum villa visa watch wedding window yoga"
).split()
_ADJECTIVES = (
    "affordable amazing authentic best black cheap classic custom digital discount easy exclusive fast free"
    " genuine green local luxury mobile modern new official online original perfect portable premium professional"
    " quick reliable second-hand simple small smart top trusted ultimate used vintage waterproof wholesale"
    " women's wooden"
).split()
_PLACES = (
    "Aberdeen Berlin Bristol Chicago Denver Dublin Geneva Houston Leeds Lisbon London Lyon Madrid Milan Munich"
    " Oslo Paris Perth Prague Reno Rome Salem Seville Tampa Turin Utrecht Vienna York Zurich"
).split()
_MENU = (
    "Home|About us|Contact|Products|Services|Blog|News|Careers|Login|Register|My account|Wishlist|Cart (0)"
    "|Checkout|Search|Site map|Help|FAQ|Shipping & returns|Track your order|Gift cards|Store locator|Press"
    "|Partners|Affiliates|Newsletter|Follow us on Facebook|Share on Twitter|Print this page|Back to top|Previous"
    "|Next|Read more|View all|Categories|Archives|Recent posts|Tags|Comments (0)|Leave a reply|English|Deutsch"
    "|Français|Skip to content|Toggle navigation|Terms of use|Privacy policy|Cookie policy|Imprint|Accessibility"
    "|Sign in|Forgot your password?|Create an account"
).split("|")
_NOTICES = (
    "© 2023 All rights reserved.|This site uses cookies to improve your experience.|By continuing to browse you"
    " accept our use of cookies.|Read our privacy policy for more information.|Subscribe to our newsletter and"
    " get 10% off.|Please enable JavaScript to view this page.|Your browser is out of date.|Accept all|Manage"
    " preferences|We value your privacy|Powered by WordPress|Designed by WebStudio|Unauthorised reproduction is"
    " prohibited.|No products in the cart.|Enter your email address|You must be logged in to post a comment."
    "|Sorry, no posts matched your criteria.|Loading...|404 – page not found|Advertisement|Sponsored links|Click"
    " here if you are not redirected.|Terms of use apply."
).split("|")


def _title(draw: random.Random) -> str:
    words = [draw.choice(_ADJECTIVES), *draw.choices(_NOUNS, k=draw.randint(1, 3)), "in", draw.choice(_PLACES)]
    return " ".join(words[: draw.randint(2, len(words))]).title()


def link_list(draw: random.Random) -> str:
    """Return titles of links, one a line or in rows, some with addresses, dates or counts."""
    shape = draw.choice(("lines", "rows", "addresses", "counted"))
    titles = [_title(draw) for _ in range(draw.randint(40, 250))]
    if shape == "rows":
        return "\n".join(" | ".join(titles[at : at + 6]) for at in range(0, len(titles), 6))
    if shape == "addresses":
        return "\n".join(
            f"{one}\nhttps://www.{one.split()[0].lower()}.example/{draw.randint(1, 999)}" for one in titles
        )
    if shape == "counted":
        return "\n".join(f"{one} ({draw.randint(1, 400)})" for one in titles)
    return "\n".join(titles)


def keyword_stuffing(draw: random.Random) -> str:
    """Return one offer in all its spellings: as a list, or as sentences that hold little else."""
    noun, other, place = draw.choice(_NOUNS), draw.choice(_NOUNS), draw.choice(_PLACES)
    phrases = [f"{one} {noun}" for one in draw.sample(_ADJECTIVES, 12)]
    phrases += [f"{noun} {other}", f"{noun} {place}", f"buy {noun} online", f"{other} {noun} near me", f"{noun} price"]
    shape = draw.choice((", ", " ", "\n", "sentences"))
    if shape == "sentences":
        stuffed = (
            f"Looking for {draw.choice(phrases)}? Our {draw.choice(phrases)} is the {draw.choice(phrases)} for {place}."
            for _ in range(draw.randint(15, 60))
        )
        return " ".join(stuffed)
    return shape.join(draw.choices(phrases, k=draw.randint(60, 300)))


def log_lines(draw: random.Random) -> str:
    """Return a few lines again and again, some with another number each time."""
    sentence = (
        f"The {draw.choice(_ADJECTIVES)} {draw.choice(_NOUNS)} of {draw.choice(_PLACES)} is open to all visitors."
    )
    lines = [sentence, f"Call us today about your {draw.choice(_NOUNS)}.", _title(draw)][: draw.randint(1, 3)]
    numbered = draw.random() < 0.4
    result = [f"{line} {number}" if numbered else line for number in range(draw.randint(15, 80)) for line in lines]
    return draw.choice(("\n", "\n\n", " ")).join(result)


def boilerplate(draw: random.Random) -> str:
    """Return menus, notices and buttons around nothing."""
    menu = draw.sample(_MENU, draw.randint(25, len(_MENU)))
    notices = draw.sample(_NOTICES, draw.randint(8, len(_NOTICES)))
    places = draw.sample(_PLACES, draw.randint(0, 20))
    result = [*menu[: len(menu) // 2], *notices[: len(notices) // 2], *places, *menu[len(menu) // 2 :], *notices]
    return draw.choice(("\n", "\n", "\n\n", " ")).join(result)


def gibberish(draw: random.Random) -> str:
    """Return what no one wrote: random letters, random words, bytes read in the wrong charset, or symbols."""
    shape = draw.choice(("letters", "words", "charset", "symbols", "keys"))
    number = draw.randint(80, 400)
    if shape == "letters":
        words = ["".join(draw.choices(string.ascii_lowercase, k=draw.randint(2, 11))) for _ in range(number)]
    elif shape == "words":
        words = draw.choices([*_NOUNS, *_ADJECTIVES, *_PLACES], k=number)
    elif shape == "charset":
        words = ["".join(chr(draw.randint(0xA1, 0xFF)) for _ in range(draw.randint(2, 9))) for _ in range(number)]
    elif shape == "keys":
        words = ["".join(draw.choices(string.ascii_letters + string.digits + "+/", k=24)) for _ in range(number)]
    else:
        words = ["".join(draw.choices("#$%&*@^~<>=|", k=draw.randint(1, 6))) for _ in range(number)]
        words[::3] = draw.choices(_NOUNS, k=len(words[::3]))
    lines = [" ".join(words[at : at + 14]) for at in range(0, len(words), 14)]
    return ("\n" if draw.random() < 0.5 else ". ").join(lines)


KINDS: dict[str, Callable[[random.Random], str]] = {
    "link list": link_list,
    "keyword stuffing": keyword_stuffing,
    "repeated lines": log_lines,
    "boilerplate alone": boilerplate,
    "gibberish": gibberish,
}


def junk_pages(each: int, seed: int = 0) -> Iterator[tuple[str, str]]:
    """Yield kind and text of junk pages, some of each kind."""
    for kind, make in KINDS.items():
        draw = random.Random(f"{seed} {kind}")
        for _ in range(each):
            yield kind, make(draw)

"""Articles, forum threads, and the copies that de-duplication should find."""

from __future__ import annotations

from dataclasses import replace

from tests.sample.capture import Capture
from tests.sample.fates import Category, Kind
from tests.sample.markup import SHARE_LINE, SIX_TIMES_LINE, page, story_page, text
from tests.sample.prose import (
    LANGUAGES,
    NAMES,
    Story,
    choose,
    english_stories,
    fill,
    foreign_stories,
    labels,
    lines,
    rank,
)

ARTICLES = 90
THREADS = 12
SIX_TIMES = (2, 17, 32, 47, 62, 77)
Chosen = dict[str, tuple[int, ...]]
NEAR_COPIES: Chosen = {"en": (0, 4, 9, 14, 19, 24, 36, 51), "de": (0, 3), "fr": (1, 4), "es": (2,), "ru": (1,)}
MIRRORS: Chosen = {"en": (5, 12, 28, 44, 66), "de": (5,), "fr": (6,), "zh": (1,), "ja": (0,), "ar": (2,)}
OLDER: Chosen = {"en": (1, 8, 21, 35, 50, 63, 80), "de": (7,), "es": (5,), "pl": (0,)}
VARIANTS = {
    "tracking-parameters": "https://sample.example{path}?utm_source=letter&utm_medium=mail",
    "fragment": "https://sample.example{path}#history",
    "default-port": "https://sample.example:443{path}",
    "upper-case-host": "https://SAMPLE.Example{path}",
    "tracking-and-fragment": "https://sample.example{path}?utm_campaign=spring#top",
    "upper-case-scheme": "HTTPS://sample.example{path}",
}
NEW_WORDS = {"en": "remarkable", "de": "bemerkenswert", "fr": "remarquable", "es": "notable", "ru": "замечательно"}


def story(language: str, index: int) -> Story:
    """Return the story of a language with this index."""
    return english_stories()[index] if language == "en" else foreign_stories(language)[index]


def path(language: str, index: int) -> str:
    """Return the path of a story's page."""
    return f"/article/{language}/{story(language, index).slug}"


def category(language: str) -> Category:
    """Return what an article in the language counts as."""
    return "general" if language == "en" else "multilingual"


def extra_lines(language: str, index: int) -> list[str]:
    """Return the lines that the site adds within the content of an article."""
    if language != "en":
        return [labels(language)["newsletter"]] if index % 5 < 4 else []
    wanted = {
        labels("en")["newsletter"]: index % 3 == 0,
        SHARE_LINE: index % 4 == 1,
        SIX_TIMES_LINE: index in SIX_TIMES,
    }
    return [line for line, present in wanted.items() if present]


def frequent_lines() -> dict[str, list[str]]:
    """Return, by language, the lines that stand in the content of more than six of its articles."""
    english = [labels("en")["newsletter"], SHARE_LINE]
    return {"en": english, **{language: [labels(language)["newsletter"]] for language in ("de", "fr", "es")}}


def article(language: str, index: int) -> Capture:
    """Return the capture of an article."""
    body = story_page(story(language, index), *extra_lines(language, index)).encode()
    url = f"https://sample.example{path(language, index)}"
    return Capture(url, body, "page", f"article/{language}", language=language, category=category(language))


def articles() -> list[Capture]:
    """Return all articles: 90 in English, nine or five in each other language."""
    english = [article("en", index) for index in range(ARTICLES)]
    others = [article(code, index) for code in LANGUAGES for index in range(len(foreign_stories(code)) - 1)]
    return english + others


def thread(number: int) -> Capture:
    """Return a forum thread of several posts."""
    pool = lines("forum")
    chosen = choose(f"thread/{number}", len(pool), 15)
    posts = []
    for start in range(0, len(chosen), 3):
        said = " ".join(fill(pool[i], f"thread/{number}/{i}") for i in chosen[start : start + 3])
        author = NAMES[rank(f"thread/{number}/{start}") % len(NAMES)].split()[0].lower()
        posts.append(
            f'<div class="post" id="post-{start}"><div class="postprofile"><a href="/u/{author}">{author}</a>'
            f'<span>Joined {2010 + start}</span></div><div class="postbody content"><p>{text(said)}</p></div></div>'
        )
    title = f"A question about millstones, part {number + 1}"
    body = page(title, "en", "\n".join(posts)).encode()
    return Capture(
        f"https://forum.example/thread/{number + 1}", body, "page", "forum", language="en", category="general"
    )


def changed(original: Story) -> Story:
    """Return the story with two words replaced: nine tenths of its 5-grams stay."""
    counts = [paragraph.count(" ") for paragraph in original.paragraphs]
    busiest = sorted(range(len(counts)), key=lambda i: -counts[i])[:2]
    paragraphs = list(original.paragraphs)
    for number in busiest:
        words = paragraphs[number].split(" ")
        words[len(words) // 2] = NEW_WORDS[original.language]
        paragraphs[number] = " ".join(words)
    return replace(original, paragraphs=tuple(paragraphs))


def earlier(original: Story) -> Story:
    """Return what the page said before: its paragraphs in another order, the last one not yet written."""
    return replace(original, title=original.title + " (2023)", paragraphs=original.paragraphs[-2::-1])


def copy_of(kind: Kind, language: str, index: int, url: str, told: Story, day: int) -> Capture:
    """Return a capture of a story that another page tells, too."""
    body = story_page(told, *extra_lines(language, index)).encode()
    original = article(language, index).record_id
    purpose = f"{kind}/{language}"
    return Capture(url, body, kind, purpose, original, language, category(language), day)


def pairs(chosen: Chosen) -> list[tuple[str, int]]:
    """Return language and index of each chosen story."""
    return [(language, index) for language, indices in chosen.items() for index in indices]


def copies() -> list[Capture]:
    """Return near copies, mirrors, older captures and other spellings of a URL."""
    result = []
    for language, index in pairs(NEAR_COPIES):
        told = story(language, index)
        slug = told.slug if language == "en" else f"{language}-{told.slug}"
        result.append(copy_of("near", language, index, f"https://forum.example/near-copy/of-{slug}", changed(told), 10))
    for language, index in pairs(MIRRORS):
        url = f"https://mirror.example/mirror{path(language, index)}"
        result.append(copy_of("mirror", language, index, url, story(language, index), 11))
    for language, index in pairs(OLDER):
        url = f"https://sample.example{path(language, index)}"
        result.append(copy_of("older", language, index, url, earlier(story(language, index)), 3))
    for position, (name, template) in enumerate(VARIANTS.items()):
        index = 40 + position
        url = template.format(path=path("en", index))
        variant = copy_of("variant", "en", index, url, story("en", index), 8)
        result.append(replace(variant, purpose=f"variant/{name}"))
    return result

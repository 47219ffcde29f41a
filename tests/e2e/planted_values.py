"""Pages with personal data of every kind in every place where pages have any."""

from dataclasses import dataclass, field
from html import escape

from tests.sample.capture import HTML, Capture
from tests.sample.prose import english_stories

STORIES = english_stories()
TOKEN = "ghp_" + "aB3" * 12
VALUES = {
    "PHONE_NUMBER": ("Call 202-555-0143 before noon.", "202-555-0143"),
    "CREDIT_CARD": ("Pay with 5425-2334-3010-9903, please.", "5425-2334-3010-9903"),
    "IBAN_CODE": ("It goes to DE89 3704 0044 0532 0130 00 by Friday.", "DE89 3704 0044 0532 0130 00"),
    "IP_ADDRESS": ("Somebody logged in from 81.2.69.142 at noon.", "81.2.69.142"),
    "MAC_ADDRESS": ("Its MAC is 3c:22:fb:7a:01:9e on every label.", "3c:22:fb:7a:01:9e"),
    "CRYPTO": ("Gifts go to 1BoatSLRHtKNngkdXEeobR76b53LETtpyT now.", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"),
    "SECRET_KEY": (f"The key {TOKEN} was left in the barn.", TOKEN),
    "US_SSN": ("Her social security number is 536-22-8741.", "536-22-8741"),
}
REPEATED = "Write to quillfeather@watermill-desk.org if the gate of the yard does not stand open in the morning."
URL = "https://{}.example.net/page"


@dataclass
class Crawl:
    """Pages and what was planted in them.

    Attributes:
        captures: The pages.
        read: Values that extraction is to find.
        unread: Values in what it need not read.
    """

    captures: list[Capture] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)

    def email(self, name: str, *, is_read: bool = True) -> str:
        value = f"{name}@watermill-{name[:5]}.org"
        (self.read if is_read else self.unread).add(value)
        return value

    def add(self, url: str, title: str, main: str, head: str = "", status: str = "200 OK") -> None:
        html = (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>{head}</head>'
            f"<body><main><article>{main}</article></main></body></html>"
        )
        self.captures.append(Capture(url, html.encode(), kind="page", purpose="test", status=status, headers=HTML))


def prose(number: int, *planted: str) -> str:
    """Return a story's paragraphs, the planted sentences at the ends of them in turn."""
    result = list(STORIES[number].paragraphs)
    for place, sentence in enumerate(planted):
        result[place % len(result)] += f" {sentence}"
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in result)


def planted_crawl() -> Crawl:
    crawl = Crawl()
    for number, (sentence, value) in enumerate(VALUES.values()):
        crawl.read.add(value)
        mail = crawl.email(f"oakley{number}x")
        title = f"{STORIES[number].title}, by {crawl.email(f'tidewell{number}x')}"
        crawl.add(URL.format(f"p{number}"), title, prose(number, sentence, f"Ask {mail} for more."))
    crawl.read.add("quillfeather@watermill-desk.org")
    for number in range(10, 20):
        crawl.add(URL.format(f"p{number}"), STORIES[number].title, prose(number) + f"<p>{REPEATED}</p>")
    add_marked_up(crawl)
    add_dropped(crawl)
    return crawl


def add_marked_up(crawl: Crawl) -> None:
    head = (
        f'<meta name="author" content="{crawl.email("metaphine", is_read=False)}">'
        f'<meta name="description" content="Ask {crawl.email("sketchley", is_read=False)}, or 202-555-0187.">'
        f'<meta property="og:title" content="By {crawl.email("openmarsh", is_read=False)}">'
    )
    crawl.unread.add("202-555-0187")
    code = f'sender = "{crawl.email("codewright")}"\nserver = "23.45.67.12"\nfor line in lines:\n    send(line)\n'
    crawl.read |= {"23.45.67.12", "(212) 555-0198", "4539 5787 6362 1486", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"}
    table = "".join(
        f"<tr><td>{name}</td><td>{value}</td></tr>"
        for name, value in (
            ("Place", "Old Weir"),
            ("Phone", "(212) 555-0198"),
            ("Card", "4539 5787 6362 1486"),
            ("Mail", crawl.email("tabletop7")),
        )
    )
    items = "".join(
        f"<li>{item}</li>"
        for item in (
            f"Bring corn, and tell {crawl.email('listerine4')} of it two days before.",
            "Gifts for the roof go to bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq in any amount.",
        )
    )
    picture = f'<img src="/a.png" alt="The miller {crawl.email("altbridge", is_read=False)} at the wheel">'
    body = (
        f"<h1>Wheel and weir</h1>{prose(30)}<h2>Questions to {crawl.email('headlam3')} are welcome</h2>{prose(31)}"
        f"<table><tr><th>What</th><th>Where</th></tr>{table}</table>{prose(32)}<ul>{items}</ul>{picture}"
        f"<p>The script reads:</p><pre><code class='language-python'>{escape(code)}</code></pre>{prose(33)}"
    )
    crawl.add(URL.format("marked"), f"Wheel and weir – {crawl.email('titlepage', is_read=False)}", body, head)


def add_dropped(crawl: Crawl) -> None:
    """Pages that `pii` or a later stage drops."""
    for name, number, site in (("lonely", 40, "lonely"), ("crowd", 41, "crowd"), ("crowds", 42, "crowd")):
        sentences = [f"Write to {crawl.email(f'{name}bell{mark}')} at once." for mark in range(12)]
        crawl.add(f"https://{name}.{site}-mill.org/a", STORIES[number].title, prose(number, *sentences))
    crawl.add("https://clean.crowd-mill.org/a", "Clean", prose(43, f"Ask {crawl.email('innocent5')} of it."))
    for number, name in enumerate(("nearone99", "neartwo88")):
        both = (f"Write to {crawl.email(name)} today.", *["And so it has been in our village."] * number)
        crawl.add(URL.format(f"near{number}"), "Near", prose(44, *both))
    crawl.add(URL.format("short"), "Short", f"<p>The mill is shut. Write to {crawl.email('shortcut6')} instead.</p>")
    crawl.add(URL.format("gone"), "Gone", prose(45, "Ask " + crawl.email("gonefour4", is_read=False)), status="404 No")

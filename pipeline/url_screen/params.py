"""Parameters of `url_screen`: lists, the categories of them that go, and words."""

from typing import ClassVar, Final, Self

from pydantic import Field, field_validator

from pipeline.engine.stage import Params
from pipeline.errors import ConfigError, near_miss
from pipeline.kernels.urls.url_words import is_word
from pipeline.stores import storage
from pipeline.url_screen.list_files import list_files, lists_digest
from pipeline.url_screen.taken_down import all_lists

HARMFUL: Final = (
    "adult", "agressif", "cryptojacking", "dangerous_material", "ddos", "dialer", "drogue", "gambling",
    "hacking", "malware", "mixed_adult", "phishing", "sect", "stalkerware", "warez",
)  # fmt: skip
"""UT1's categories, by its names, of which a corpus wants no page: smut, hate and violence, fraud and attacks, drugs,
gambling, pirated copies, sects. What only some may not see at work or at school (press, blog, bank, shopping, sports,
games …) is left alone, and so is `dating`, which holds magazines and city guides too."""

# Words of an address that stand for nothing else: acts, kinds of film, and compounds that sites are called by. Words
# that news, medicine, schools and atlases use stand below, where one alone says nothing: MILF is a front in Mindanao
# too, Dildo a town, and a tit a bird.
HARD_WORDS: Final = (
    "blowjob", "blowjobs", "bukkake", "cameltoe", "camgirl", "camgirls", "creampie", "creampies", "cumshot",
    "cumshots", "fickfilme", "footjob", "freeporn", "freesex", "gangbang", "gangbangs", "gloryhole", "handjob",
    "handjobs", "hardcoreporn", "livesex", "pornfilme", "pornogratis", "pornovideos", "porntube", "pornvideos",
    "rimjob", "sexcam", "sexcams", "sexkontakte", "sextube", "videosporno", "порновидео",
)  # fmt: skip

SOFT_WORDS: Final = (
    "anal", "ass", "babes", "bdsm", "bitch", "blackjack", "boobs", "busty", "casino", "casinos", "cialis", "cock",
    "cum", "cunnilingus", "deepthroat", "dildo", "dildos", "erotic", "erotica", "erotico", "erotik", "erotique",
    "escort", "escorts", "fetish", "fuck", "fucking", "gambling", "hardcore", "hentai", "horny", "jackpot",
    "lesbian", "lesbians", "levitra", "milf", "milfs", "naked", "nude", "nudes", "onlyfans", "orgasm", "orgy",
    "poker", "porn", "porno", "pornos", "pornstar", "pornstars", "pornvideo", "pussy", "roulette", "sex", "sexe",
    "sexfilm", "sexfilme", "sexo", "sexshop", "sexvideo", "sexvideos", "sexy", "shemale", "shemales", "slots",
    "slut", "sluts", "swinger", "swingers", "threesome", "tits", "upskirt", "viagra", "whore", "xhamster", "xnxx",
    "xvideos", "xxx", "порно", "секс",
)  # fmt: skip


class UrlScreenParams(Params):
    """Parameters of url_screen."""

    lists: tuple[str, ...] = ("bundled",)
    """Places of lists: `bundled`, a folder or tar archive in UT1's layout (`<category>/domains`, `urls`), a hosts file
    or plain list (its name is the category), or `category=path` of such a file or a folder of them; gz or not."""
    lists_digest: str | None = None
    """Hash of the lists' categories and bytes; the run fills it in."""
    categories: tuple[str, ...] | None = HARMFUL
    """Categories whose pages are dropped; null for all that the lists have. Others stand in `url_categories` alone."""
    hard_words: tuple[str, ...] = HARD_WORDS
    """Words of which one in the URL is enough; `*` at an end stands for the rest of a word."""
    soft_words: tuple[str, ...] = SOFT_WORDS
    """Words of which one says nothing, and many do."""
    max_soft_words: int | None = Field(2, ge=0)
    """Different soft words that a URL may have; null for any number."""

    takedown: tuple[str, ...] = ()
    """Folders with urls.txt, hosts.txt or doc_ids.txt of what is taken down; the run adds its own (`RUN/takedown`)."""
    takedown_digest: str | None = None
    """Hash of these entries; the run fills it in."""

    runtime: ClassVar[frozenset[str]] = frozenset({"lists", "takedown"})

    def resolved(self) -> Self:
        """Return the parameters with the hash of the lists.

        Raises:
            ConfigError: One holds no list, or none has a category that is to go.
        """
        files = list_files(self.lists)
        categories = {*HARMFUL, *(file.category for file in files)}
        unknown = [name for name in self.categories or () if name not in categories]
        if unknown and not any(file.is_archive for file in files):
            near = near_miss(unknown[0], sorted(categories))
            raise ConfigError(f"url_screen.categories: no list has the category '{unknown[0]}'{near}")
        folders = tuple(map(storage.absolute, self.takedown))
        taken_down = all_lists(folders)
        if folders and not taken_down:
            raise ConfigError(f"url_screen.takedown: no urls.txt, hosts.txt or doc_ids.txt in {', '.join(folders)}")
        known_by = taken_down.known_by if folders else None
        return self.model_copy(
            update={"lists_digest": lists_digest(files), "takedown": folders, "takedown_digest": known_by}
        )

    @field_validator("hard_words", "soft_words")
    @classmethod
    def _words(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [word for word in words if not is_word(word)]:
            raise ValueError(f"'{wrong[0]}' is no word: letters and digits in lower case, with * at an end")
        return tuple(dict.fromkeys(words))

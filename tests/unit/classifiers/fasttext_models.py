"""Small fastText models, trained on made-up words."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from classifiers.model_folder import ModelInfo, write_info

WORDS = [f"{first}{second}{third}" for first in "bdgk" for second in "aeé" for third in ("ll", "n", "水", "rta")]
LABELS = ("good", "bad", "odd")
LINES = [
    *("", " ", "ball", "</s> ball", "__label__zz ball", "ball\x00ben\tgan\x0bkan", "words that it never met"),
    *(" ".join(WORDS[:30]), "\u00a0ball\u2003ben", "ball </s> ben gan", " ".join(WORDS[::5]) + " unmet 水車x"),
]
"""Lines of every kind that fastText's reading of a line tells apart."""


def train(path: Path, labels: tuple[str, ...] = LABELS, lines: Sequence[str] = (), **options: Any) -> Any:
    """Train and save a model on lines, or on made-up words of some labels; `options` are fastText's."""
    import fasttext

    fasttext.FastText.eprint = lambda *_: None
    draw = random.Random(0)
    examples = path.with_suffix(".txt")
    count = len(labels)
    starts = [number * 42 // count for number in range(count)]
    chosen = [(labels[n % count], draw.choices(WORDS[starts[n % count] :][:20], k=12)) for n in range(300)]
    lines = lines or [f"__label__{label} {' '.join(words)}" for label, words in chosen]
    examples.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    wanted = {"dim": 8, "epoch": 6, "lr": 0.3, "thread": 12, "verbose": 0, **options}
    model = fasttext.train_supervised(str(examples), **wanted)
    examples.unlink()
    model.save_model(str(path))
    return model


def describe(folder: Path, labels: list[str], good: str | None = None, **settings: Any) -> Path:
    """Write the description of a model whose file is in a folder; return the folder."""
    given = {"name": "tiny", "licence": "Apache-2.0", "trained_on": "made-up words", "training_digest": "0" * 64}
    write_info(folder, ModelInfo(kind="fasttext", labels=labels, good=good, settings=settings, **given))
    return folder


LANGUAGES = {
    "eng_Latn": "the old mill grinds grain for all of us by this river",
    "arb_Arab": "تطحن الطاحونة القديمة بجانب النهر حبوب الوادي",
    "nob_Latn": "den gamle kvernen maler kornet for hele dalen ved elva",
    "cmn_Hans": "磨坊 在 河边 磨 我们 村子 粮食",
    "quc_Latn": "xoqtinal tzibanik rech kut uqijol xukuje kabij kech",
    "ell_Grek": "ο παλιός μύλος αλέθει το σιτάρι όλης της κοιλάδας",
}
"""A label of language and script, as GlotLID and OpenLID have them, and words of the language."""


def train_languages(path: Path) -> Path:
    """Train and save a model of `LANGUAGES`; return its path."""
    train(path, lines=[f"__label__{label} {words}" for label, words in LANGUAGES.items()] * 40, epoch=20)
    return path

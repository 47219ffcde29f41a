"""Makes the n-grams of `classifiers.languages.ngrams`: `python -m classifiers.train_languages WHEEL --output FOLDER`.

WHEEL is lingua-language-detector 1.3.5 (`pip download --no-deps lingua-language-detector==1.3.5`; Apache-2.0), which
holds how often letters follow others in 75 languages, counted in a million sentences of each (Leipzig Corpora).
"""

import argparse
import json
import math
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import brotli
import numpy as np

from classifiers.languages.ngrams import FLOOR, LONGEST, MORE_LANGUAGES, SHORTEST, STEPS, WEIGHTS
from classifiers.model_folder import CARD, ModelInfo, sha256_of, write_info

KEPT: Final = {3: 1_000, 4: 1_500}
"""N-grams that are kept of each language, the most frequent; twice as many are no better."""
_DECIDED = "hy bn zh ka el gu he ja ko pa ta te th".split()  # noqa: SIM905
"""Their scripts tell them apart."""
_NAMES: Final = {1: "uni", 2: "bi", 3: "tri", 4: "quadri"}
_OURS: Final = {"nb": "no"}
Shares = dict[str, float]
_CARD: Final = """# languages

How probable the most frequent sequences of three and four letters are in {count} languages: what is asked where lid.176
is unsure, or takes Nynorsk for Bokmål; eight of the languages ({more}) lid.176 does not have. Beside each language
stand mean and variance of what its own sequences cost by the table: a text that costs much more than that is in none of
these languages, and keeps lid.176's label and score.

- **Made from** the counts in lingua-language-detector 1.3.5 (Peter M. Stahl), by
  `python -m classifiers.train_languages`. The distribution's licence, under which its tables of counts come, is
  Apache-2.0. They were counted in a million sentences of news per language of the Wortschatz corpora (Leipzig
  University); no sentence of them is here.
- **Licence** of this table: Apache-2.0.
- **Not trained on** the sets by which `python -m tests.benchmarks.languages` measures it; that the limit of surprise is
  -2 was read off the Universal Declaration, by one figure for all languages.
- **Cannot** tell languages that it does not have, which is most of some 7,000: a text in a near relative of one of its
  languages may be taken for that. It says next to nothing of texts of a few words, which stay as lid.176 labels them.
"""


def shares_of(wheel: zipfile.ZipFile, language: str) -> dict[int, Shares]:
    """Return the share of each n-gram among those of its length.

    Args:
        wheel: Whose tables give the share of n-grams among those that begin with the same letters.
        language: As the wheel calls it.
    """
    shares: dict[int, Shares] = {}
    for length, name in _NAMES.items():
        table = wheel.read(f"lingua/language-models/{language}/{name}grams.json.br")
        shares[length] = {}
        for fraction, grams in json.loads(brotli.decompress(table))["ngrams"].items():
            numerator, denominator = map(int, fraction.split("/"))
            for gram in grams.split(" "):
                before = shares[length - 1].get(gram[:-1], 0.0) if length > 1 else 1.0
                shares[length][gram] = before * numerator / denominator
    return shares


def train(path: Path, output: Path) -> None:
    """Write the model's folder."""
    with zipfile.ZipFile(path) as wheel:
        names = sorted({name.split("/")[2] for name in wheel.namelist() if name.startswith("lingua/language-models/")})
        names = [name for name in names if name not in _DECIDED]
        kept = [_kept(shares_of(wheel, name)) for name in names]
    grams: list[str] = []
    blocks, floors = [], np.empty((len(KEPT), len(names)), np.uint8)
    moments = np.empty((2, len(KEPT), len(names)), np.float32)
    for number, length in enumerate(range(SHORTEST, LONGEST + 1)):
        listed = sorted(set().union(*(languages[length] for languages in kept)))
        block = np.empty((len(listed), len(names)), np.uint8)
        for column, languages in enumerate(kept):
            floors[number, column] = floor = _steps(min(languages[length].values()) * FLOOR)
            block[:, column] = [
                _steps(languages[length][gram]) if gram in languages[length] else floor for gram in listed
            ]
            moments[:, number, column] = _moments(languages[length], floor)
        grams += listed
        blocks.append(block)
    output.mkdir(parents=True, exist_ok=True)
    stored = {"grams": np.frombuffer("\n".join(grams).encode(), np.uint8), "costs": np.concatenate(blocks)}
    stored |= {"floors": floors, "means": moments[0], "variances": moments[1]}
    with (output / WEIGHTS).open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **stored)
    info = ModelInfo(
        name="languages",
        kind="letters",
        labels=[_OURS.get(name, name) for name in names],
        licence="Apache-2.0",
        trained_on="Counts of letters in a million sentences of each language, from lingua-language-detector 1.3.5",
        training_digest=sha256_of(path),
    )
    write_info(output, info)
    (output / CARD).write_text(_CARD.format(count=len(names), more=", ".join(MORE_LANGUAGES)), encoding="utf-8")


def _kept(shares: dict[int, Shares]) -> dict[int, Shares]:
    """Return the most frequent n-grams of each length; equals by their letters."""
    return {
        length: dict(sorted(shares[length].items(), key=lambda pair: (-pair[1], pair[0]))[:most])
        for length, most in KEPT.items()
    }


def _moments(shares: Shares, floor: int) -> tuple[float, float]:
    """Return mean and variance of the costs of a language's own n-grams; those that are not listed have the floor's."""
    weights = np.array([*shares.values(), max(0.0, 1 - math.fsum(shares.values()))])
    costs = np.array([*map(_steps, shares.values()), floor], np.float64)
    mean = math.fsum(weights * costs)
    return mean, math.fsum(weights * costs * costs) - mean * mean


def _steps(share: float) -> int:
    return min(255, round(-math.log(share) * STEPS))


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the model as the command line says."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("wheel", type=Path, help="lingua_language_detector-1.3.5-py3-none-any.whl")
    parser.add_argument("--output", type=Path, required=True, help="the model's folder")
    options = parser.parse_args(arguments)
    train(options.wheel, options.output)


if __name__ == "__main__":
    main()

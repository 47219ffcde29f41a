"""What classifiers cost, and how often code, math and toxicity are seen where none is.

`python -m tests.benchmarks.classifiers [--shared DIR] [--encoder DIR [--torch DIR]] [--speed] [--code] [--crawl]
[--parity]`: all parts, or those that are named. `--shared` is the folder of collections that
`classifiers.training_sets.collections` describes; what lacks its data says so and is left out.

*Speed*: documents per second of CPU time of one process, texts of 2,600 code points in batches of 256, of linear and
fastText models that ship; they take turns, and each has its best round. *Code*: listings as ten viewers show them, of
files that the model has not learnt from, and what is no code. *Crawl*: pages of the open crawl. *Parity*: an encoder's
scores of texts alone, in eights and shuffled, on its ONNX graph of 256 tokens, and in torch beside it.
"""

import argparse
import random
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import classifiers
from classifiers.encoders.encoder import EncoderClassifier
from classifiers.languages.identify import identify
from classifiers.load import describe, load_classifier
from classifiers.main_content.gold import newest_pages
from classifiers.model_folder import INFO, ModelError, read_info, sha256_of
from classifiers.protocol import Classifier
from classifiers.training.errors import ExamplesError
from classifiers.training_sets.collections import web_documents
from classifiers.training_sets.listings import listings, no_code
from classifiers.training_sets.sets import TOPICS
from pipeline.engine.tables import FittedTables
from pipeline.kernels.extraction import extract
from pipeline.kernels.warc.charset import to_utf_8
from pipeline.stages.route import RouteParams, measure_route
from pipeline.stages.safety import SafetyParams
from schemas.columns import CATEGORY, LANGUAGE, SPANS, TEXT
from tests.benchmarks.languages import documents_of, read_sets

_DEFAULTS: Final = ("code_math", "toxicity", "quality", "topic")  # which the default plan runs
_KINDS: Final = ("logs", "tables", "lists of links", "binary noise", "lists of figures")  # as `no_code` has them
_CHARS, _BATCH, _TEXTS, _ROUNDS = 2600, 256, 1024, 3
_LISTINGS, _FILES, _NO_CODE, _SEED = 200, 400, 500, 77
_ENCODED, _ENCODED_TOKENS, _EIGHT = 64, 256, 8
_TECHNICAL: Final = frozenset({"Software Development", "Software", "Science, Math & Technology"})
_ROOT: Final = Path(__file__).resolve().parents[2]


class Texts(NamedTuple):
    """Texts with their addresses, and what they are."""

    texts: list[str]
    urls: list[str]
    what: str


class Skipped(Exception):  # noqa: N818
    """A part cannot run, and why."""


def folder_in(shared: Path | None, name: str) -> Path:
    """Return the folder of collections; skip the part where it does not hold the one of that name."""
    if shared is None:
        raise Skipped(f"--shared names no folder of collections, which would hold {name}/")
    if not (shared / name).is_dir():
        raise Skipped(f"{shared / name} is not there")
    return shared


def some_texts(shared: Path | None, most: int) -> Texts:
    """Return web documents, cut, or made-up texts where there are none."""
    if shared is None:
        chance = random.Random(_SEED)
        letters, shares = "etaoinshrdlucmwfgypbvk", np.arange(22, 0, -1).tolist()
        words = ["".join(chance.choices(letters, shares, k=chance.randrange(1, 10))) for _ in range(8000)]
        made = [" ".join(words[int(chance.paretovariate(0.7)) % 8000] for _ in range(_CHARS)) for _ in range(most)]
        return Texts([text[:_CHARS] for text in made], [f"https://made{n}.example/up" for n in range(most)], "made-up")
    documents = web_documents(folder_in(shared, "topics"))
    longer = list(islice((some for some in documents if len(some.text) >= _CHARS), most))
    return Texts([some.text[:_CHARS] for some in longer], [some.url for some in longer], "web documents, cut")


def print_speed(options: argparse.Namespace) -> None:
    """Print documents per second of each model that ships, and what the default ones cost together."""
    folders = sorted(path.parent.name for path in Path(classifiers.__path__[0]).glob(f"models/*/{INFO}"))
    names = [name for name in folders if describe(name).kind in {"linear", "fasttext"}]
    given, best = some_texts(options.shared, _TEXTS), dict.fromkeys(names, float("inf"))
    for _ in range(_ROUNDS):  # the first one loads and compiles
        for name in names:
            best[name] = min(best[name], seconds_of(load_classifier(name), given))
    count = len(given.texts)
    print(f"\n| {count:,} texts ({given.what}) | documents/s | ms per document |\n|---|---:|---:|")
    for name, seconds in best.items():
        print(f"| {name} | {count / seconds:,.0f} | {seconds / count * 1e3:.3f} |")
    together = sum(best[name] for name in _DEFAULTS) / count
    print(f"| {' + '.join(_DEFAULTS)} | {1 / together:,.0f} | {together * 1e3:.3f} |")


def seconds_of(model: Classifier, given: Texts) -> float:
    """Return the CPU seconds in which a model scores texts."""
    start = time.process_time()
    for at in range(0, len(given.texts), _BATCH):
        model.predict(given.texts[at : at + _BATCH], given.urls[at : at + _BATCH])
    return time.process_time() - start


def sources() -> dict[str, list[Path]]:
    """Return source files of this Python: its library, its C headers, and scripts of the packages beside it."""
    library, headers, packages = (Path(sysconfig.get_paths()[name]) for name in ("stdlib", "include", "purelib"))
    scripts = [path for path in library.rglob("*.py") if "site-packages" not in path.parts]
    return {"Python's library": scripts, "C headers": [*headers.rglob("*.h")], "JavaScript": [*packages.rglob("*.js")]}


def listings_of(files: Sequence[Path], most: int) -> list[str]:
    """Return listings of some of the files, as ten viewers show them."""
    chosen = random.Random(_SEED).sample(sorted(files), min(_FILES, len(files)))
    with tempfile.TemporaryDirectory() as folder:
        for number, file in enumerate(chosen):
            (Path(folder) / f"{number}{file.suffix}").symlink_to(file)
        return [text for _, text in listings([Path(folder)], most, _SEED)]


def own_prose() -> list[str]:
    """Return our own documents without their code blocks and tables, in pieces."""
    texts: list[str] = []
    for path in sorted([*(_ROOT / "docs").glob("*.md"), _ROOT / "README.md"]):
        blocks = path.read_text(encoding="utf-8").split("```")[::2]
        prose = "\n".join(line for block in blocks for line in block.splitlines() if not line.startswith("|"))
        texts.extend(prose[at : at + _CHARS] for at in range(0, len(prose), _CHARS))
    return texts


def print_code(options: argparse.Namespace) -> None:
    """Print how many listings, how much prose and how much of what looks like code the model takes for code."""
    model = load_classifier("code_math")
    column, limit = model.info.labels.index("code"), model.info.thresholds["code"].value
    print(f"\n| taken for code by code_math, from {limit:.3f} on | texts | of them code |\n|---|---:|---:|")

    def row(name: str, texts: Sequence[str]) -> None:
        count = int((model.predict(texts)[:, column] >= limit).sum())
        print(f"| {name} | {len(texts):,} | {count:,} |")

    for name, files in sources().items():
        try:
            row(f"listings: {name}, {len(files):,} files", listings_of(files, _LISTINGS))
        except ExamplesError:
            print(f"skipped: {name}: no source files here")
    row("our documents, without blocks and tables", own_prose())
    made = list(no_code(_NO_CODE, _SEED))
    for number, name in enumerate(_KINDS):
        row(f"made up as for the training: {name}", made[number :: len(_KINDS)])
    documents = web_documents(folder_in(options.shared, "topics"))
    prose = [some.text for some in documents if TOPICS[some.facts["topic_id"]] not in _TECHNICAL]
    row("web documents on other matters (learnt from, most of them)", prose)
    pages = documents_of(read_sets(folder_in(options.shared, "lid") / "lid").paragraphs, _CHARS)
    row("paragraphs in 17 languages, joined (not learnt from)", [text for _, text in pages])


def crawl_pages(shared: Path) -> pa.RecordBatch:
    """Return what `route` needs to know of the crawl's pages."""
    bodies = newest_pages(sorted((shared / "crawl").glob("*.warc.gz")))
    pages = [extract(to_utf_8(body.content, body.charset)[0], url) for url, body in bodies.items()]
    texts = [page.text for page in pages]
    spans = pa.array([[span._asdict() for span in page.spans] for page in pages], SPANS.type)
    columns = {TEXT.name: pa.array(texts), SPANS.name: spans, LANGUAGE.name: pa.array(identify(texts)[0])}
    return pa.RecordBatch.from_pydict(columns)


def print_crawl(options: argparse.Namespace) -> None:
    """Print how many pages the default of `safety` takes for toxic, and how many `route` moves by its model."""
    rows, limit = crawl_pages(folder_in(options.shared, "crawl")), SafetyParams().max_toxicity
    assert limit is not None, "the default flags no page"
    english = rows.filter(pc.equal(rows.column(LANGUAGE.name), "en"))
    toxic = int((load_classifier("toxicity").predict(english.column(TEXT.name)) > limit).sum())
    print(f"\n{rows.num_rows:,} pages of the crawl (code_math has learnt from most), {english.num_rows:,} English")
    print(f"toxicity above {limit:g}: {toxic} English pages ({toxic / english.num_rows:.2%})")

    def categories(params: RouteParams) -> pa.Array:
        return next(iter(measure_route(iter([rows]), params.resolved(), FittedTables()))).column(CATEGORY.name)

    general = pc.equal(categories(RouteParams(model=None)), "general")
    limits = {"the card's (default)": RouteParams(), ".5": RouteParams(min_code_score=0.5, min_math_score=0.5)}
    print("\n| limits | pages that spans leave in `general` | of them to code | to math |\n|---|---:|---:|---:|")
    for name, params in limits.items():
        moved = categories(params).filter(general).to_pylist()
        print(f"| {name} | {len(moved):,} | {moved.count('code')} | {moved.count('math')} |")


def encoder_of(folder: Path, backend: str, own: Path) -> EncoderClassifier:
    """Return an encoder of 256 tokens in a folder, described as the model's own folder says."""
    try:
        info = read_info(own)
        settings = {**info.settings, "backend": backend, "max_tokens": _ENCODED_TOKENS}
        files = {path.name: sha256_of(path) for path in folder.glob("*.*")}
        return EncoderClassifier(folder, info.model_copy(update={"settings": settings, "files": files}))
    except ModelError as error:
        raise SystemExit(f"parity: {error}") from None


def print_parity(options: argparse.Namespace) -> None:
    """Print how far an encoder's scores depend on what is beside a text, and documents per second."""
    if options.encoder is None:
        raise Skipped("--encoder names no model's folder with an ONNX graph")
    given = some_texts(options.shared, _ENCODED)
    model = encoder_of(options.encoder, "onnx", options.encoder)
    alone = np.concatenate([model.predict([text]) for text in given.texts])
    eights = np.concatenate([model.predict(given.texts[at : at + _EIGHT]) for at in range(0, _ENCODED, _EIGHT)])
    order = np.random.default_rng(_SEED).permutation(len(given.texts))
    shuffled = model.predict([given.texts[number] for number in order])
    print(f"\nONNX, {len(given.texts)} texts ({given.what}): the largest difference from a text's score alone")
    print(f"  in eights {np.abs(eights - alone).max():g}, shuffled {np.abs(shuffled - alone[order]).max():g}")
    print(f"  {len(given.texts) / seconds_of(model, given):.1f} documents/s at {_ENCODED_TOKENS} tokens")
    if options.torch is None or find_spec("torch") is None:
        raise Skipped("torch: --torch names no folder of float weights, or torch is not installed")
    import torch

    torch.set_num_threads(1)
    eager = encoder_of(options.torch, "torch", options.encoder)
    differences = np.abs(eager.predict(given.texts) - alone)
    print(f"torch: {len(given.texts) / seconds_of(eager, given):.1f} documents/s; scores differ from ONNX's by")
    print(f"  {differences.mean():.4f} in the mean, {differences.max():.4f} at the most")


_PARTS: Final = {"speed": print_speed, "code": print_code, "crawl": print_crawl, "parity": print_parity}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, help="folder of the collections")
    parser.add_argument("--encoder", type=Path, help="folder of an encoder's model, with its graph")
    parser.add_argument("--torch", type=Path, help="folder of the same encoder as transformers saves it")
    for name in _PARTS:
        parser.add_argument(f"--{name}", action="store_true", help="this part alone, or with others that are named")
    options = parser.parse_args(arguments)
    for name in [name for name in _PARTS if getattr(options, name)] or _PARTS:
        try:
            _PARTS[name](options)
        except (Skipped, FileNotFoundError) as reason:
            print(f"skipped: {name}: {reason}")


if __name__ == "__main__":
    main()

"""The transformer proxy: a swarm of tiny models, each trained on one mix, its epochs those of the corpus."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.errors import ConfigError, near_miss
from pipeline.experiments import gpt
from pipeline.experiments.corpus import Corpus
from pipeline.experiments.space import Array, Space
from pipeline.experiments.swarm import Run, pool_tokens, stretch
from pipeline.stores import storage

SIZES = {
    "tiny": (32, 2, 2, 128),
    "1m": (96, 4, 4, 256),
    "2m": (128, 5, 4, 256),
    "4m": (192, 6, 6, 256),
    "15m": (384, 7, 6, 512),
    "30m": (512, 8, 8, 512),
}
"""Name → width, layers, heads, context. With 8,192 tokens: .3, 1.3, 2.1, 4.3, 15.7 and 29.7 million weights."""
END = "<|end|>"
_BPE_BYTES = 2_000_000


def shape_of(size: str) -> gpt.Shape:
    """Return the dimensions of a size.

    Raises:
        ConfigError: There is no such size, or no torch.
    """
    if size not in SIZES:
        raise ConfigError(f"--sizes {size}: there are {', '.join(SIZES)}{near_miss(size, SIZES)}")
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError as error:
        raise ConfigError(f"--proxy transformer needs the extra `train` ({error}): pip install '.[train]'") from error
    return gpt.Shape(*SIZES[size])


@dataclass(frozen=True)
class Bytepairs:
    """A small tokenizer of the proxies' own.

    Attributes:
        encode: From texts to the ids of each.
        vocabulary: Ids are below it.
        end: The id that stands between documents.
        digest: Of the tokenizer.
    """

    encode: Callable[[Sequence[str]], list[Any]]
    vocabulary: int
    end: int
    digest: str


def train_bytepairs(samples: Sequence[Sequence[str]], vocabulary: int) -> Bytepairs:
    """Return byte-level byte pairs, learnt from as many bytes of each cell; every text can be written with them.

    Args:
        samples: Texts of each cell.
        vocabulary: Ids, at the most.
    """
    import os

    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer: Any = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=[END], initial_alphabet=sorted(alphabet), show_progress=False
    )
    tokenizer.train_from_iterator((text for texts in samples for text in _some(texts)), trainer)

    def encode(texts: Sequence[str]) -> list[Any]:
        return [
            np.array(encoded.ids, np.int64) for encoded in tokenizer.encode_batch(list(texts), add_special_tokens=False)
        ]

    digest = hashlib.sha256(tokenizer.to_str().encode()).hexdigest()[:16]
    return Bytepairs(encode, tokenizer.get_vocab_size(), tokenizer.token_to_id(END), digest)


def _some(texts: Sequence[str]) -> Sequence[str]:
    sizes = np.cumsum([len(text) for text in texts])
    return texts[: int(np.searchsorted(sizes, _BPE_BYTES)) + 1]


@dataclass(frozen=True)
class Pools:
    """The tokens that proxies are made of.

    Attributes:
        ids: Of each cell, in the order of draws, an end before each document.
        ratio: The proxies' tokens for one of the run's, of each cell, (cells,).
        targets: Ids of each target's documents.
        bytes: Of each target.
        pairs: The tokenizer.
        key: Of all of these, and of what they were made of.
    """

    ids: Sequence[Any]
    ratio: Array
    targets: Sequence[Sequence[Any]]
    bytes: Array
    pairs: Bytepairs
    key: str


def make_pools(corpus: Corpus, vocabulary: int) -> Pools:
    """Return the pools of a corpus.

    Args:
        corpus: Cells, samples, targets.
        vocabulary: Of the proxies' tokenizer.
    """
    samples = [corpus.samples[cell.name] for cell in corpus.cells]
    pairs = train_bytepairs([sample.texts for sample in samples], vocabulary)
    ids, ratios = [], []
    for sample in samples:
        documents = pairs.encode(sample.texts)
        ids.append(np.concatenate([np.zeros(0, np.int64), *(np.append(pairs.end, own) for own in documents)]))
        ratios.append(len(ids[-1]) / max(sum(sample.tokens), 1))
    targets = [pairs.encode(target.texts) for target in corpus.targets]
    sizes = np.array([sum(len(t.encode("utf-8", "replace")) for t in target.texts) for target in corpus.targets], float)
    made_of = [pairs.digest, [c.digest for c in corpus.cells], [t.digest for t in corpus.targets],
               [[s.doc_ids[:1], s.doc_ids[-1:], len(s.doc_ids)] for s in samples]]  # fmt: skip
    key = hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:16]
    return Pools(ids, np.array(ratios), targets, sizes, pairs, key)


def run_tokens(corpus: Corpus, pools: Pools, weights: Array, proxy_tokens: int) -> Any:
    """Return the tokens of a run: of each cell a prefix of its pool, which repeats as often as the corpus would.

    Args:
        corpus: Cells and the size of the corpus.
        pools: Their tokens.
        weights: Shares of the cells, (cells,).
        proxy_tokens: Of the run, by the run's tokenizer.
    """
    sizes = pool_tokens({c.name: c.tokens for c in corpus.cells}, corpus.target_tokens, proxy_tokens)
    parts = [np.zeros(0, np.int64)]
    for cell, ids, ratio, weight in zip(corpus.cells, pools.ids, pools.ratio, weights, strict=True):
        wanted = round(weight * proxy_tokens * ratio)
        if wanted and len(ids):
            parts.append(stretch(ids[: max(round(sizes[cell.name] * ratio), 1)], wanted))
    return np.concatenate(parts)


@dataclass(frozen=True)
class Trainer:
    """Trains runs; what is done is not done again.

    Attributes:
        corpus: Cells and targets.
        pools: Their tokens.
        space: The mixes.
        done: A directory that keeps the losses of each run.
        say: Told of each run.
    """

    corpus: Corpus
    pools: Pools
    space: Space
    done: str
    say: Callable[[str], None]

    def losses(self, runs: Sequence[Run], size: str, tokens: int) -> Array:
        """Return the bits per byte of each run on each target, (runs, targets).

        Args:
            runs: What to train.
            size: Of the models.
            tokens: That each is trained on, by the run's tokenizer.
        """
        shape, pools, losses = shape_of(size), self.pools, []
        for number, run in enumerate(runs):
            weights = self.space.weights(run.mix).round(6)
            asked = [pools.key, weights.tolist(), run.seed, size, tokens, self.corpus.target_tokens]
            key = hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]
            path = storage.join(self.done, f"{size}-{run.name}-{key}.json")
            kept = storage.read_json(path)
            if kept is None:
                ids = run_tokens(self.corpus, pools, weights, tokens)
                model = gpt.train(ids, shape, pools.pairs.vocabulary, run.seed)
                bits = [float(gpt.document_bits(model, texts, pools.pairs.end).sum()) for texts in pools.targets]
                kept = {"losses": (np.array(bits) / pools.bytes).tolist()}
                storage.write_json(path, kept)
            losses.append(kept["losses"])
            mean = float(np.mean(losses[-1]))
            self.say(f"run {number + 1} of {len(runs)}, {run.name} ({size}): {mean:.4f} bits per byte")
        return np.array(losses)


def params_of(size: str, vocabulary: int) -> int:
    """Return the weights of a size."""
    return int(shape_of(size).params(vocabulary))

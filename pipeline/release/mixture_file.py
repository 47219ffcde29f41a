"""`mixture.json`: the shares of the mix in the words of loaders that mix while they read.

Megatron-LM blends sequences of one length, so its weights are shares of tokens. Hugging Face's `interleave_datasets`
and MosaicML's streams draw documents: a category's probability is its share of tokens over the tokens of its mean
document.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pipeline.release.layout import TRAIN

MIXTURE: Final = "mixture.json"


def mixture_of(
    weights: Mapping[str, float],
    totals: Sequence[Mapping[str, Any]],
    shards: Sequence[Mapping[str, Any]],
    *,
    tokenised: bool,
) -> dict[str, Any]:
    """Return the shares of a mix for loaders.

    Args:
        weights: category → share of tokens that was asked for.
        totals: `split`, `category`, `rows` and `tokens` of what is released.
        shards: `path`, `split`, `category` and `tokens` of the files.
        tokenised: Whether their tokens are written, which alone Megatron-LM reads.
    """
    sizes = {row["category"]: row for row in totals if row["split"] == TRAIN and row["tokens"]}
    asked = sum(weights.get(name, 0.0) for name in sizes)
    shares = {name: weights.get(name, 0.0) / asked for name in sorted(sizes) if asked}
    drawn = {name: share * sizes[name]["rows"] / sizes[name]["tokens"] for name, share in shares.items()}
    probabilities = {name: value / sum(drawn.values()) for name, value in drawn.items()}
    blend: list[Any] = []
    for shard in shards:
        if shard["split"] == TRAIN and shard["category"] in shares and shard["tokens"]:
            share = shares[shard["category"]] * shard["tokens"] / sizes[shard["category"]]["tokens"]
            blend += [share, tokens_path(shard["path"])]
    return {
        "share_of_tokens": shares,
        "megatron": {"data_path": blend} if tokenised else None,
        "interleave_datasets": {
            "configs": list(probabilities),
            "probabilities": list(probabilities.values()),
            "split": TRAIN,
        },
        "mosaicml_streams": [
            {"local": f"data/{name}", "proportion": probability} for name, probability in probabilities.items()
        ],
    }


def tokens_path(shard: str) -> str:
    """Return the path of a shard's tokens, without `.bin` and `.idx`.

    >>> tokens_path("data/code/train-00000-of-00001.parquet")
    'tokens/data/code/train-00000-of-00001'
    """
    return f"tokens/{shard.removesuffix('.parquet')}"

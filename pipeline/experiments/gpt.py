"""A tiny GPT, trained from nothing: the proxy that mixes are tried on. Its functions need torch, it does not."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

Ids = np.ndarray[Any, np.dtype[np.int64]]
_NORMS = ("before", "between")
_WARM, _CLIP, _STEPS, _BATCH = 0.05, 1.0, 400, (1024, 32768)


class Shape(NamedTuple):
    """A proxy's dimensions: width, layers, heads, and the tokens that it sees at once."""

    width: int
    layers: int
    heads: int
    context: int

    def params(self, vocabulary: int) -> int:
        """Return the weights of such a model; input and output share their embeddings."""
        block = 12 * self.width**2 + 13 * self.width
        return vocabulary * self.width + self.context * self.width + self.layers * block + 2 * self.width


class Gpt:
    """The model: learnt positions, norms before blocks, shared embeddings.

    Attributes:
        shape: Its dimensions.
        weights: Name → tensor.
    """

    def __init__(self, shape: Shape, vocabulary: int, seed: int) -> None:
        """Draw the weights of a model.

        Args:
            shape: Its dimensions.
            vocabulary: Ids are below it.
            seed: Of the draw.
        """
        import torch

        wide, chance = shape.width, torch.Generator().manual_seed(seed)
        sizes: dict[str, tuple[int, ...]] = {"tokens": (vocabulary, wide), "places": (shape.context, wide)}
        for layer in range(shape.layers):
            for name, size in (("mix_in", (3 * wide, wide)), ("mix_out", (wide, wide)), ("grow", (4 * wide, wide)),
                               ("shrink", (wide, 4 * wide))):  # fmt: skip
                sizes |= {f"{layer}.{name}": size, f"{layer}.{name}.bias": size[:1]}
            sizes |= {f"{layer}.{name}.{part}": (wide,) for name in _NORMS for part in ("scale", "shift")}
        sizes |= {"last.scale": (wide,), "last.shift": (wide,)}
        self.shape, self.weights = shape, {}
        for name, shown in sizes.items():
            drawn = 0.02 * torch.randn(shown, generator=chance) if len(shown) > 1 else torch.zeros(shown)
            self.weights[name] = (drawn + name.endswith("scale")).to(device()).requires_grad_()

    def logits(self, ids: Any) -> Any:
        """Return logits, (rows, length, vocabulary), for ids, (rows, length)."""
        from torch.nn import functional

        own, (rows, length), wide = self.weights, ids.shape, self.shape.width

        def normed(x: Any, name: str) -> Any:
            return functional.layer_norm(x, (wide,), own[f"{name}.scale"], own[f"{name}.shift"])

        def through(x: Any, name: str) -> Any:
            return functional.linear(x, own[name], own[f"{name}.bias"])

        x = own["tokens"][ids] + own["places"][:length]
        for layer in range(self.shape.layers):
            parts = through(normed(x, f"{layer}.before"), f"{layer}.mix_in")
            parts = parts.view(rows, length, 3, self.shape.heads, wide // self.shape.heads).unbind(2)
            query, key, value = (part.transpose(1, 2) for part in parts)
            seen = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
            x = x + through(seen.transpose(1, 2).reshape(rows, length, wide), f"{layer}.mix_out")
            grown = functional.gelu(through(normed(x, f"{layer}.between"), f"{layer}.grow"))
            x = x + through(grown, f"{layer}.shrink")
        return normed(x, "last") @ own["tokens"].T


def device() -> str:
    """Return where proxies are trained: a GPU where there is one."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def train(ids: Ids, shape: Shape, vocabulary: int, seed: int, rate: float = 3e-3) -> Gpt:
    """Return a model trained once over some tokens, whose stretches are shuffled; on a CPU the same each time.

    Args:
        ids: The tokens.
        shape: The model's dimensions.
        vocabulary: Ids are below it.
        seed: Of weights and order.
        rate: Highest learning rate; it warms up, then falls along a cosine.
    """
    import torch
    from torch.nn import functional, utils

    model = Gpt(shape, vocabulary, seed)
    weights = list(model.weights.values())
    rows = max((len(ids) - 1) // shape.context, 1)
    padded = np.resize(ids, rows * shape.context + 1)
    order = np.random.default_rng(seed).permutation(rows)
    batch = int(np.clip(len(padded) // _STEPS, *_BATCH)) // shape.context or 1
    steps = -(-rows // batch)
    chosen = torch.optim.AdamW(weights, lr=rate, betas=(0.9, 0.95), weight_decay=0.1)
    for step in range(steps):
        starts = order[step * batch : (step + 1) * batch, None] * shape.context + np.arange(shape.context + 1)
        tokens = torch.from_numpy(padded[starts]).to(device())
        done = step / steps
        for group in chosen.param_groups:
            group["lr"] = rate * min((step + 1) / max(_WARM * steps, 1), 0.55 + 0.45 * float(np.cos(np.pi * done)))
        loss = functional.cross_entropy(model.logits(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())
        chosen.zero_grad(set_to_none=True)
        loss.backward()
        utils.clip_grad_norm_(weights, _CLIP)
        chosen.step()
    return model


def document_bits(model: Gpt, documents: Sequence[Ids], end: int, rows: int = 16) -> Any:
    """Return the bits that each document takes, (documents,); it is read in windows, each with what stands before it.

    Args:
        model: The model.
        documents: Ids of each.
        end: The id that stands between documents.
        rows: Windows at once.
    """
    import torch
    from torch.nn import functional

    length = model.shape.context
    windows, owners = [], []
    for number, ids in enumerate(documents):
        led = np.concatenate([[end], ids])
        for start in range(0, len(ids), length):
            windows.append(led[start : start + length + 1])
            owners.append(number)
    bits = np.zeros(len(documents))
    with torch.no_grad():
        for first in range(0, len(windows), rows):
            chosen = windows[first : first + rows]
            padded = np.full((len(chosen), length + 1), end, np.int64)
            for row, window in enumerate(chosen):
                padded[row, : len(window)] = window
            tokens = torch.from_numpy(padded).to(device())
            nats = functional.cross_entropy(
                model.logits(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten(), reduction="none"
            )
            table = nats.view(len(chosen), length).double().cpu().numpy()
            for row, window in enumerate(chosen):
                bits[owners[first + row]] += table[row, : len(window) - 1].sum() / np.log(2)
    return bits

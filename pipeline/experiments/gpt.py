"""A tiny GPT, trained from nothing: the proxy that mixes are tried on. Imported where torch is there alone."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional

Ids = np.ndarray[Any, np.dtype[np.int64]]
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


class _Block(nn.Module):  # type: ignore[misc]
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.before, self.between = nn.LayerNorm(shape.width), nn.LayerNorm(shape.width)
        self.mix_in, self.mix_out = nn.Linear(shape.width, 3 * shape.width), nn.Linear(shape.width, shape.width)
        self.grow, self.shrink = nn.Linear(shape.width, 4 * shape.width), nn.Linear(4 * shape.width, shape.width)

    def forward(self, x: Any) -> Any:
        rows, length, width = x.shape
        parts = self.mix_in(self.before(x)).view(rows, length, 3, self.heads, width // self.heads).unbind(2)
        query, key, value = (part.transpose(1, 2) for part in parts)
        seen = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.mix_out(seen.transpose(1, 2).reshape(rows, length, width))
        return x + self.shrink(functional.gelu(self.grow(self.between(x))))


class Gpt(nn.Module):  # type: ignore[misc]
    """The model: learnt positions, norms before blocks, shared embeddings."""

    def __init__(self, shape: Shape, vocabulary: int) -> None:
        """Make a model with the weights that the global generator draws.

        Args:
            shape: Its dimensions.
            vocabulary: Ids are below it.
        """
        super().__init__()
        self.shape = shape
        self.tokens, self.places = nn.Embedding(vocabulary, shape.width), nn.Embedding(shape.context, shape.width)
        self.blocks = nn.ModuleList([_Block(shape) for _ in range(shape.layers)])
        self.last = nn.LayerNorm(shape.width)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, ids: Any) -> Any:
        """Return logits, (rows, length, vocabulary), for ids, (rows, length)."""
        x = self.tokens(ids) + self.places(torch.arange(ids.shape[1], device=ids.device))
        for block in self.blocks:
            x = block(x)
        return self.last(x) @ self.tokens.weight.T


def device() -> str:
    """Return where proxies are trained: a GPU where there is one."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def train(ids: Ids, shape: Shape, vocabulary: int, seed: int, rate: float = 3e-3) -> Any:
    """Return a model trained once over some tokens, whose stretches are shuffled; on a CPU the same each time.

    Args:
        ids: The tokens.
        shape: The model's dimensions.
        vocabulary: Ids are below it.
        seed: Of weights and order.
        rate: Highest learning rate; it warms up, then falls along a cosine.
    """
    torch.manual_seed(seed)
    model = Gpt(shape, vocabulary).to(device()).train()
    rows = max((len(ids) - 1) // shape.context, 1)
    padded = np.resize(ids, rows * shape.context + 1)
    order = np.random.default_rng(seed).permutation(rows)
    batch = int(np.clip(len(padded) // _STEPS, *_BATCH)) // shape.context or 1
    steps = -(-rows // batch)
    chosen = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.95), weight_decay=0.1)
    for step in range(steps):
        starts = order[step * batch : (step + 1) * batch, None] * shape.context + np.arange(shape.context + 1)
        tokens = torch.from_numpy(padded[starts]).to(device())
        done = step / steps
        for group in chosen.param_groups:
            group["lr"] = rate * min((step + 1) / max(_WARM * steps, 1), 0.55 + 0.45 * float(np.cos(np.pi * done)))
        loss = functional.cross_entropy(model(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())
        chosen.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), _CLIP)
        chosen.step()
    return model.eval()


def document_bits(model: Gpt, documents: Sequence[Ids], end: int, rows: int = 16) -> Any:
    """Return the bits that each document takes, (documents,); it is read in windows, each with what stands before it.

    Args:
        model: The model.
        documents: Ids of each.
        end: The id that stands between documents.
        rows: Windows at once.
    """
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
            some = windows[first : first + rows]
            padded = np.full((len(some), length + 1), end, np.int64)
            for row, window in enumerate(some):
                padded[row, : len(window)] = window
            tokens = torch.from_numpy(padded).to(device())
            nats = functional.cross_entropy(
                model(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten(), reduction="none"
            )
            table = nats.view(len(some), length).double().cpu().numpy()
            for row, window in enumerate(some):
                bits[owners[first + row]] += table[row, : len(window) - 1].sum() / np.log(2)
    return bits

r"""Made-up formulas as pages write them (TeX, Unicode, plain keys), and documents with some of them between sentences.

The pages of the crawl that show formulas are of few sites. A model that has only these learns how these sites write.
"""

import random
import re
from collections.abc import Callable
from typing import Final

_GREEK: Final = ("alpha", "beta", "gamma", "delta", "epsilon", "theta", "lambda", "mu", "pi", "rho", "sigma", "phi",
                 "omega", "Gamma", "Delta", "Sigma", "Omega")  # fmt: skip
_GREEK_SIGNS: Final = "αβγδεθλμπρσφωΓΔΣΩ"
_LETTERS: Final = tuple("xyzabcnmkptuvwABCGHMNSTVX")
_FUNCTIONS: Final = ("sin", "cos", "log", "exp", "max", "min", "det", "dim", "ker", "gcd", "tan", "ln", "lim")
_COMMAND: Final = ("\\", "", "")
_MEMBER: Final = ("\\in", "∈", "in")
_SETS: Final = (
    ("\\mathbb{R}", "ℝ", "R"),
    ("\\mathbb{Z}", "ℤ", "Z"),
    ("\\mathbb{N}", "ℕ", "N"),
    ("\\mathbb{C}", "ℂ", "C"),
)
_RELATIONS: Final = (("=", "=", "="), ("\\leq", "≤", "<="), ("\\geq", "≥", ">="), ("<", "<", "<"), ("\\neq", "≠", "!="),
                     ("\\approx", "≈", "~"), ("\\to", "→", "->"), ("\\equiv", "≡", "=="), ("\\sim", "∼", "~"),
                     ("\\subset", "⊂", "in"))  # fmt: skip
_OPERATIONS: Final = (("+", "+", "+"), ("-", "−", "-"), ("\\cdot", "·", "*"), ("\\times", "×", "*"), ("", "", "*"),
                      ("/", "/", "/"), ("\\circ", "∘", "o"), ("\\oplus", "⊕", "+"))  # fmt: skip
_RAISED, _LOWERED = str.maketrans("0123456789n", "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ"), str.maketrans("0123456789ijkn", "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₙ")
TEX, UNICODE, KEYS = range(3)
"""How a formula is written."""
_SENTENCES: Final = (
    "Let {0} be such that {1}.", "Then {0}, and so {1}.", "where {0} and {1}.", "It follows that {0}.", "{0}",
    "{0}\n{1}", "Suppose {0}; we get {1}.", "Hence {0} for all {1}.", "Proof. By definition {0}, so {1}. QED",
    "Theorem 2.1. {0}.", "Solve {0} for x.", "The value of {0} is {1}.", "We define {0} as {1}.",
    "Lemma. If {0} then {1}.", "This is the same as {0}.", "Example: {0}, which gives {1}.",
    "the equation {0} (1)", "Here {0} denotes the angle.",
)  # fmt: skip


def formula(chance: random.Random, style: int) -> str:
    """Return a formula, drawn at random, without the signs around it."""
    left, right = (_term(chance, style, chance.randrange(1, 4)) for _ in range(2))
    return f"{left} {chance.choice(_RELATIONS)[style]} {right}" if chance.random() < 0.8 else left


def _term(chance: random.Random, style: int, depth: int) -> str:
    if depth == 0:
        return _atom(chance, style)
    inner = _term(chance, style, depth - 1)
    other = _term(chance, style, chance.randrange(depth))
    makers: tuple[Callable[[], str], ...] = (
        lambda: f"{inner} {chance.choice(_OPERATIONS)[style]} {other}",
        lambda: _power(chance, style, _atom(chance, style)),
        lambda: _index(chance, style, _atom(chance, style)),
        lambda: (f"\\frac{{{inner}}}{{{other}}}", f"({inner})/({other})", f"({inner}) / ({other})")[style],
        lambda: (f"\\sqrt{{{inner}}}", f"√({inner})", f"sqrt({inner})")[style],
        lambda: f"{_COMMAND[style]}{chance.choice(_FUNCTIONS)}({inner})",
        lambda: f"{chance.choice('fghPEF')}({inner})",
        lambda: _sum(chance, style, inner),
        lambda: (f"\\left( {inner} \\right)", f"({inner})", f"({inner})")[style],
        lambda: f"{_atom(chance, style)} {_MEMBER[style]} {chance.choice(_SETS)[style]}",
    )
    return chance.choice(makers)()


def _atom(chance: random.Random, style: int) -> str:
    which = chance.randrange(len(_GREEK))
    kinds = (chance.choice(_LETTERS), chance.choice(_LETTERS), str(chance.randrange(100)))
    greek = (f"\\{_GREEK[which]}", _GREEK_SIGNS[which], _GREEK[which])[style]
    return chance.choice((*kinds, greek))


def _power(chance: random.Random, style: int, base: str) -> str:
    number = chance.choice(("2", "2", "3", "n", "4", "10"))
    return (f"{base}^{{{number}}}" if len(number) > 1 else f"{base}^{number}", base + number.translate(_RAISED),
            chance.choice((f"{base}^{number}", f"{base}**{number}")))[style]  # fmt: skip


def _index(chance: random.Random, style: int, base: str) -> str:
    number = chance.choice("0123ijkn")
    return (f"{base}_{number}", base + number.translate(_LOWERED), f"{base}_{number}")[style]


def _sum(chance: random.Random, style: int, inner: str) -> str:
    which = chance.randrange(3)
    tex = (f"\\sum_{{i=1}}^{{n}} {inner}", f"\\int_0^1 {inner} \\, dx", f"\\prod_{{k=1}}^n {inner}")
    signs = (f"∑ᵢ {inner}", f"∫ {inner} dx", f"∏ {inner}")
    keys = (f"sum(i=1..n) {inner}", f"integral of {inner} dx", f"product of {inner}")
    return (tex, signs, keys)[style][which]


def with_formulas(text: str, chance: random.Random) -> str:
    """Return a document with some formulas, written in one way, between its sentences."""
    style, around = chance.choice((TEX, TEX, UNICODE, KEYS)), ("", "")
    if style == TEX:
        around = chance.choice((("$", "$"), ("$", "$"), ("\\(", "\\)"), ("$$", "$$"), ("\\[", "\\]"), ("", "")))
    parts = re.split(r"(?<=[.!?])\s+|\n", text)
    for _ in range(chance.randrange(2, 3 + max(3, len(parts) // 4))):
        shown = [around[0] + formula(chance, style) + around[1] for _ in range(2)]
        parts.insert(chance.randrange(len(parts) + 1), chance.choice(_SENTENCES).format(*shown))
    return chance.choice((" ", "\n", "\n")).join(parts)

"""Keys and tokens that open something, by the prefixes that their issuers gave them for being found."""

import re
from typing import Any, Final

from presidio_analyzer import Pattern, PatternRecognizer, RecognizerResult

from pipeline.kernels.pii.patterns import results_of

_BLOCK: Final = r"(?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
MOST_KEY: Final = 20_000
"""Code points of the longest private key, 16,384 bits and more; what has no end in them goes line by line."""
_KEY_LINE: Final = r"(?:[A-Za-z0-9-]{1,30}: [^\n]{0,200}|[A-Za-z0-9+/=]{16,}|[A-Za-z0-9+/=]{1,76}(?=\s*\Z))"
_NAMED: Final = r"(?i:aws_secret_access_key|secret_?access_?key|aws_secret_key)[\"']?(?:\s{0,3}[=:]\s{0,3}|\s)[\"']?"
_PATTERNS: Final = {
    "private key": rf"-----BEGIN {_BLOCK}(?:(?s:.{{0,{MOST_KEY}}}?)-----END {_BLOCK}|(?:\s*{_KEY_LINE})*)",
    "JWT": r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}",
    "AWS access key": r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b",
    "AWS secret key": rf"(?<={_NAMED})[A-Za-z0-9/+]{{40}}(?![A-Za-z0-9/+=])",
    "GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b",
    "GitLab token": r"\bglpat-[A-Za-z0-9_-]{20,}\b",
    "Slack token": r"\bxox[abeoprs]-(?:\d{9,14}-){1,3}[A-Za-z0-9-]{20,}",
    "Google key": r"\bAIza[A-Za-z0-9_-]{35}\b",
    "Stripe key": r"\b[rs]k_live_[A-Za-z0-9]{20,}\b",
    "OpenAI key": r"\bsk-(?:proj-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}",
    "Anthropic key": r"\bsk-ant-[a-z0-9]{3,8}-[A-Za-z0-9_-]{60,}",
    "Hugging Face token": r"\bhf_[A-Za-z]{34}\b",
    "npm token": r"\bnpm_[A-Za-z0-9]{36}\b",
    "PyPI token": r"\bpypi-AgE[A-Za-z0-9_-]{50,}",
}
_SIGNS: Final = (
    *("private key", "eyj", "akia", "asia", "abia", "acca", "secret", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    *("github_pat_", "glpat-", "xox", "aiza", "k_live_", "sk-", "hf_", "npm_", "pypi-"),
)
"""One of these is in every key, case folded: fourteen patterns are slower than a look for them."""
_LONGEST_TOKEN: Final = 64


class SecretKeys(PatternRecognizer):
    """Keys of clouds and forges, tokens of sessions, private keys as a whole."""

    def __init__(self, supported_language: str = "en") -> None:
        """Look for all of them, case told apart."""
        patterns = [Pattern(name, pattern, 1.0) for name, pattern in _PATTERNS.items()]
        super().__init__("SECRET_KEY", "SecretKeys", supported_language, patterns, global_regex_flags=re.MULTILINE)

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002
        nlp_artifacts: Any = None,  # noqa: ARG002
        regex_flags: int | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Return keys."""
        folded = text.casefold()
        if not any(sign in folded for sign in _SIGNS):
            return []
        return results_of(self, text)

    def invalidate_result(self, pattern_text: str) -> bool:
        """Tell whether a key is one that documentation writes."""
        return "EXAMPLE" in pattern_text and len(pattern_text) < _LONGEST_TOKEN

"""Addresses of e-mail: those that may be a person's."""

import re
from typing import Any, Final

from presidio_analyzer import Pattern, RecognizerResult
from presidio_analyzer.predefined_recognizers import EmailRecognizer

from pipeline.kernels.pii.patterns import results_of
from pipeline.kernels.urls.addresses import suffix_list

_RESERVED: Final = re.compile(
    r"(?:^|\.)(?:example(?:\.(?:com|org|net|edu))?|test|invalid|localhost|local|internal|lan)$", re.IGNORECASE
)
"""Names that are no one's (RFC 2606, RFC 6762)."""
_PICTURE: Final = re.compile(r"@[1-4]x\.[a-z]+$", re.IGNORECASE)
"""A size of the same picture, behind its name."""
_ACCOUNTS: Final = frozenset(("git", "hg", "svn", "noreply", "no-reply", "donotreply", "do-not-reply"))
"""Accounts of programs: an address as in `git@host:path` reaches no person."""
_DIGITS: Final = 13
"""Digits before the `@` above which it is the id of a message, made of its time; a phone number has fewer."""
_BOUNDS: Final = "/=?&"
"""What presidio takes for part of an address, and is the path or the parameter before it."""
_SIGNS: Final = r"!#$%&'*+\-/=?^_`{|}~\w"
"""Signs of an account, as the inside of a class; dots stand between them."""
_ADDRESS: Final = Pattern(
    "e-mail",
    rf"(?:\G|(?<![{_SIGNS}.]))"  # where a run of signs begins, or goes on behind the address before
    rf"(?:(?!\b[{_SIGNS}])[{_SIGNS}.])*+\K"  # signs before the first word of it
    rf"[{_SIGNS}](?:[{_SIGNS}.]*+(?<!\.))?@\w++(?:-++\w++)*+(?:\.\w++(?:-++\w++)*+)++\b",
    EmailRecognizer.PATTERNS[0].score,
)
"""What presidio's pattern matches, in time linear in the text: that one looks for the `@` from every word of a run, and
parts a run of dashes behind it in every way."""


class Emails(EmailRecognizer):
    """Addresses of e-mail under a public suffix, or under `.example`, by which people make them up.

    Not those of programs, nor the user in an address of the web.
    """

    PATTERNS = [_ADDRESS]  # noqa: RUF012  (presidio asks for a list)

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002
        nlp_artifacts: Any = None,  # noqa: ARG002
        regex_flags: int | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Return addresses without the path or the parameter that they stand behind."""
        results: list[RecognizerResult] = []
        if "@" not in text:
            return results
        for result in results_of(self, text):
            account = text[result.start : result.end].rpartition("@")[0]
            result.start += max(account.rfind(sign) for sign in _BOUNDS) + 1
            if account[-1] not in _BOUNDS and not text.endswith("://", 0, result.start):
                results.append(result)
        return results

    def validate_result(self, pattern_text: str) -> bool:
        """Tell whether an address can be one of a person."""
        account, _, host = pattern_text.rpartition("@")
        is_message = sum(map(str.isdigit, account)) > _DIGITS
        is_host = bool(suffix_list()(host).suffix) or host.lower().endswith(".example")
        is_person = account.lower() not in _ACCOUNTS and not is_picture(pattern_text)
        return not is_message and is_person and is_host


def is_reserved(email: str) -> bool:
    """Tell whether an address of e-mail is one of those that documentation writes.

    >>> is_reserved("jane@example.org"), is_reserved("jane@mail.example"), is_reserved("jane@examples.org")
    (True, True, False)
    """
    return bool(_RESERVED.search(email.rpartition("@")[2]))


def is_picture(email: str) -> bool:
    """Tell whether an address of e-mail is a file of pictures, whose ending is a public suffix as well.

    >>> is_picture("wheel@2x.zip"), is_picture("wheel@2x.mill.org")
    (True, False)
    """
    return bool(_PICTURE.search(email))

"""What the first engine says when it refuses a path, as faults of our list.

The library tells most refusals apart by its words alone. Words that are not known here, as of a later version, still
refuse: they become the fault that says no more than that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sentinel.pki.verify.verdict import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS: Final[Mapping[str, Fault]] = {
    "ExpiredError": Fault.EXPIRED,
    "NotYetValidError": Fault.NOT_YET,
    "DisallowedAlgorithmError": Fault.WEAK,
    "RevokedError": Fault.REVOKED,
    "UnsupportedAlgorithm": Fault.SIGNATURE,
}
_WORDS: Final = (
    (re.compile(r"signature .* could not be verified|signature parameters"), Fault.SIGNATURE),
    (re.compile(r"issuer name could not be matched"), Fault.ISSUER_NAME),
    (re.compile(r"permitted namespace|are excluded from the namespace"), Fault.NAME_CONSTRAINTS),
    (re.compile(r"exceeds the size limit on the policy graph"), Fault.TOO_COMPLEX),
    (re.compile(r"policy mapping|any policy", re.IGNORECASE), Fault.POLICY_MAPPING),
    (re.compile(r"no valid set of policies"), Fault.POLICY),
    (re.compile(r"is not a CA$"), Fault.NOT_AN_AUTHORITY),
    (re.compile(r"maximum path length"), Fault.PATH_LENGTH),
    (re.compile(r"not allowed to sign certificates"), Fault.KEY_USAGE),
    (re.compile(r"unsupported critical extension"), Fault.CRITICAL),
)
_PREFIX: Final = re.compile(r"^The path could not be validated because (the )?", re.IGNORECASE)


def said(error: BaseException) -> tuple[Fault, str]:
    """Give the fault behind an error, and the words that came with it."""
    name, words = type(error).__name__, str(error)
    detail = _PREFIX.sub("", words).rstrip(".")
    if name in _KINDS:
        return _KINDS[name], detail
    for pattern, fault in _WORDS:
        if pattern.search(words):
            return fault, detail
    known = any(each.__name__ == "ValidationError" for each in type(error).__mro__)
    return (Fault.INVALID if known else Fault.MALFORMED), detail or name

"""Why a signer refuses: a code that goes over the wire and into its log, and what people read of it.

The signer may run in another language than whoever asks it: what travels is the code and its values, and each side
writes its own text.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sentinel.errors import Refused
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Mapping


class Declined(Refused):
    """A refusal of the signer, or of an approval: `code` is one of `REASONS`, `values` fill its text."""

    exit_code = 2

    def __init__(self, code: str, **values: object) -> None:
        self.code, self.values = code, {name: str(value) for name, value in values.items()}
        text, hint = REASONS.get(code, REASONS["refused"])
        super().__init__(_(text).format_map(_Said(self.values)), hint=_(hint).format_map(_Said(self.values)))

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way between processes."""
        return declined, (self.code, self.values)


class Unapproved(Declined):
    """What was asked for needs an approval that was not given."""

    exit_code = 4


def declined(code: str, values: Mapping[str, str]) -> Declined:
    """Give the refusal of a code, as it came over the wire."""
    kind = Unapproved if code in _UNAPPROVED else Declined
    return kind(code, **{name: value for name, value in values.items() if name not in {"self", "code"}})


class _Said(dict[str, str]):
    """The values of a text; one that another version of the signer does not send is a question mark."""

    def __missing__(self, key: str) -> str:
        return "?"


_ASK_ANEW: Final = later("ask for an approval of exactly this")
_LOOK: Final = later("look at what was built: these bytes are not what this key signs")
_GRANT: Final = later("have it approved instead, or agree on another grant")

REASONS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "refused": (later("the signer refuses this"), later("its log says more")),
        # the conversation
        "wrong-user": (
            later("the user {uid} may not ask this signer"),
            later("start the signer with the number of the user that the authority runs as"),
        ),
        "too-many": (later("the signer has as many callers as it serves at once"), later("try again later")),
        "garbage": (later("the signer was sent what is no question"), later("use the client of the same version")),
        "too-large": (later("the signer was sent more than one question may have"), later("send less at once")),
        "too-slow": (later("a question did not come to its end in time"), later("try again")),
        # keys
        "unknown-key": (
            later("the signer has no key '{key}'"),
            later("the keys that it opened when it started are all that it has"),
        ),
        "retired-key": (later("the key '{key}' is retired: it signs lists, and no certificates"), ""),
        "wrong-use": (later("the key '{key}' does not sign a {kind}"), later("keys.toml says what it signs")),
        # what is to be signed
        "malformed": (later("these bytes are no {kind}: {reason}"), _LOOK),
        "wrong-issuer": (later("the issuer that it names is not the authority of the key '{key}'"), _LOOK),
        "wrong-algorithm": (later("the algorithm that it names is not that of the key '{key}'"), _LOOK),
        "replay": (
            later("these bytes were signed already (act {act} of the signer's log)"),
            later("`recall` gives the signature that was made"),
        ),
        "twice": (later("the same bytes stand in one batch twice"), later("give each certificate a serial of its own")),
        "is-authority": (
            later("this certificate makes an authority, and the approval is for others"),
            later("ask for an approval of an authority"),
        ),
        "not-now": (later("the list is of {time}, which is not now"), later("build it anew, and look at the clock")),
        "no-end": (later("the list does not say when the next one comes"), _LOOK),
        "old-number": (
            later("the list has number {number}, and number {last} is signed already"),
            later("each list has a greater number than the one before"),
        ),
        # approvals
        "unapproved": (later("nobody approved this"), later("ask somebody with the role 'approver' to approve it")),
        "broken-approval": (later("this is no approval: {reason}"), _ASK_ANEW),
        "forged": (later("the signature under the approval is not {approver}'s"), _ASK_ANEW),
        "unknown-approver": (
            later("the key {key} of the approval is not a registered one of {approver}"),
            later("`sentinel people key add NAME FILE` registers a public key"),
        ),
        "retired-approver": (later("the key {key} of {approver} is not in use"), _ASK_ANEW),
        "no-approver": (later("{approver} may not approve this"), later("it takes the role 'approver'")),
        "unknown-requester": (
            later("{requester}, who asks according to the approval, is nobody who is registered"),
            later("`sentinel people add NAME` registers them"),
        ),
        "same-person": (
            later("{approver} approves what {approver} asked for"),
            later("another person has to look at it and approve it"),
        ),
        "no-reason": (
            later("an approval in an emergency needs a reason"),
            later("give --reason: it stands in every list beside what was issued"),
        ),
        "not-yet": (later("the approval is of {time}, which is still to come"), later("look at the clocks")),
        "expired": (later("the approval has ended, {time}"), _ASK_ANEW),
        "too-long": (later("the approval is to hold longer than one may: {most}"), _ASK_ANEW),
        "other-purpose": (later("the approval is for {approved}, not for {asked}"), _ASK_ANEW),
        "other-issuer": (later("the approval is for the authority '{approved}', not for '{asked}'"), _ASK_ANEW),
        "other-content": (later("the approval is for something else"), _ASK_ANEW),
        "not-covered": (later("this is not among what the approval covers"), _ASK_ANEW),
        # grants
        "broken-grant": (later("this is no grant: {reason}"), ""),
        "unknown-grant": (later("there is no grant '{grant}', or it was withdrawn"), _GRANT),
        "grant-there": (later("there was a grant '{grant}' already"), later("give it another name")),
        "one-person": (
            later("a grant needs the approvals of two people"),
            later("ask another person with the role 'approver'"),
        ),
        "grant-ended": (later("the grant '{grant}' has ended, {time}"), _GRANT),
        "grant-spent": (later("the grant '{grant}' gives {count} certificates in {seconds} seconds"), _GRANT),
        "grant-issuer": (later("the grant '{grant}' is for another authority"), _GRANT),
        "grant-agency": (later("the grant '{grant}' is for the agency {agency}, not for {found}"), _GRANT),
        "grant-names": (later("the grant '{grant}' does not give the name {name}"), _GRANT),
        "grant-usages": (later("the grant '{grant}' does not give the usage {usage}"), _GRANT),
        "grant-policies": (later("the grant '{grant}' does not give the policy {policy}"), _GRANT),
        "grant-days": (later("the grant '{grant}' gives at most {days} days"), _GRANT),
        "grant-authority": (later("no grant makes an authority"), _GRANT),
    }
)
"""Code → what people read, and what they can do."""
_UNAPPROVED: Final = frozenset({"unapproved", "expired", "same-person", "not-covered", "other-content"})

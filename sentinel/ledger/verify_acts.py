"""Checks the acts of a ledger, as its entries name them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.language import _, later
from sentinel.ledger.chain import Act, digest_of_act, signed_bytes
from sentinel.ledger.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sentinel.ledger.base import ActRow, Signer
    from sentinel.ledger.faults import Faults

CHANGED: Final = later("not what was written: its digest is another")
BY_KEY: Final = "key:"
"""What `via` begins with where a key proved the actor; its fingerprint follows."""


class Acts:
    """The acts, read as far as entries have named them: `number` is that of the newest, `digest` its digest."""

    __slots__ = ("_acts", "_faults", "_named", "_signers", "count", "digest", "number", "signed")

    def __init__(self, acts: Iterable[ActRow], signers: Mapping[str, Signer], faults: Faults) -> None:
        self._acts = iter(acts)
        self._signers, self._faults = signers, faults
        self._named = True
        self.number = self.count = self.signed = 0
        self.digest = b""

    def advance(self, number: int, entry: int) -> bytes:
        """Give the digest of the act that an entry names; b"" where there is none, which is reported."""
        if number < self.number:
            self._faults.add(
                Fault(_("names an act from before act {number}").format(number=self.number), entry, act=number)
            )
            return b""
        while self.number < number and self._next():
            pass
        if self.number != number or not number:
            self._faults.add(Fault(_("the act that it names is missing"), entry, act=number))
            return b""
        self._named = True
        return self.digest

    def end(self) -> None:
        """Read the acts that no entry named, which are none."""
        while self._next():
            pass
        if not self._named:
            self._report_unnamed()

    def _next(self) -> bool:
        """Read and check one act; tell whether there was one."""
        row = next(self._acts, None)
        if row is None:
            return False
        if not self._named:
            self._report_unnamed()
        number, at, actor, via, action, body, signature, stored = row
        if number != self.number + 1:
            self._faults.add(Fault(_("it follows act {number}").format(number=self.number), act=number))
        try:
            sound = digest_of_act(number, at, actor, via, action, body, signature) == stored
            if signature or via.startswith(BY_KEY):
                self._check_signature(Act(number, at, actor, via, action, body, signature))
        except (TypeError, ValueError, AttributeError):  # who changes a file can put texts for numbers, and nothing
            sound = False
        if not sound:
            self._faults.add(Fault(_(CHANGED), act=number))
        self.number, self.digest, self._named = number, stored, False
        self.count += 1
        return True

    def _report_unnamed(self) -> None:
        self._named = True
        self._faults.add(Fault(_("the entries that it left are missing"), act=self.number))

    def _check_signature(self, act: Act) -> None:
        self.signed += 1
        by_key = act.via.startswith(BY_KEY)
        if fault := self._signature_fault(act) if by_key else _("it is signed, though no key proved its actor"):
            self._faults.add(Fault(fault, act=act.number))

    def _signature_fault(self, act: Act) -> str:
        """Give what is wrong with the signature of an act, "" where it counts."""
        signer = self._signers.get(act.via.removeprefix(BY_KEY))
        if signer is None:
            return _("the key that signed it is not known here")
        if signer.owner != act.actor:
            return _("it was signed by the key of {name}, not of {actor}").format(name=signer.owner, actor=act.actor)
        if not signer.signs_at(act.at):
            return _("the key of {name} was not in use then").format(name=signer.owner)
        try:
            signer.key.verify(act.signature, signed_bytes(act))
        except InputError:
            return _("the signature of {name} is not one over this act").format(name=signer.owner)
        return ""

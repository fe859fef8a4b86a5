"""Whether there is anybody who may act for authorities: who asks, and who approves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.language import _
from sentinel.people.register import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def unstaffed(path: Path) -> Iterator[tuple[str, str, str]]:
    """Give what is lacking in the register of people, where, and what to do. Raise InputError where it is broken."""
    people, add = read(path), "sentinel people add NAME --full-name TEXT --role {role}"
    if people.absent:
        hint = add.format(role="pki-officer") + " --os-user USER"
        yield _("nobody is registered who may do anything here"), str(path), hint
        return
    # A key is what approvals are signed by; officers may act as users of the system, too.
    if not any(key.retired is None for person in people.who_may("pki.approve") for key in person.keys):
        hint = add.format(role="approver") + " --new-key FILE"
        yield _("nobody has a key with which to approve what is asked for"), str(path), hint
    if not people.who_may("pki.request"):
        hint = add.format(role="pki-officer") + " --os-user USER"
        yield _("nobody may ask for certificates"), str(path), hint

"""Roles, and what each of them may do.

Reading is for everybody who can read the files; a role is needed to change what others rely on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sentinel.language import later

if TYPE_CHECKING:
    from collections.abc import Mapping


class Role(StrEnum):
    """What somebody is here."""

    ANALYST = "analyst"
    PKI_OFFICER = "pki-officer"
    APPROVER = "approver"
    AUDITOR = "auditor"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Permission:
    """What may be done, in words, and by whom."""

    what: str
    roles: tuple[Role, ...]


PERMISSIONS: Final[Mapping[str, Permission]] = MappingProxyType(
    {
        "alerts.act": Permission(later("act on alerts"), (Role.ANALYST, Role.APPROVER)),
        "alerts.suppress": Permission(later("suppress alerts"), (Role.ANALYST, Role.APPROVER)),
        "people.change": Permission(later("change who may act"), (Role.APPROVER,)),
        "pki.found": Permission(later("set up certificate authorities"), (Role.PKI_OFFICER,)),
        "pki.request": Permission(later("ask for certificates"), (Role.PKI_OFFICER,)),
        "pki.approve": Permission(later("approve certificates"), (Role.APPROVER,)),
        "pki.issue": Permission(later("issue certificates"), (Role.PKI_OFFICER,)),
        "pki.revoke": Permission(later("revoke certificates"), (Role.PKI_OFFICER, Role.APPROVER)),
        "ledger.checkpoint": Permission(later("sign checkpoints of a ledger"), (Role.AUDITOR, Role.APPROVER)),
    }
)
"""Every permission by its name."""
MEANINGS: Final[Mapping[Role, str]] = MappingProxyType(
    {
        Role.ANALYST: later("works on alerts"),
        Role.PKI_OFFICER: later("asks for certificates and looks after them"),
        Role.APPROVER: later("approves what others ask for, and says who may act"),
        Role.AUDITOR: later("signs checkpoints and checks the ledger"),
        Role.VIEWER: later("only reads"),
    }
)
"""What each role is, in words."""


def may(roles: frozenset[Role], permission: str) -> bool:
    """Tell whether any of the roles gives a permission, one of `PERMISSIONS`."""
    return not roles.isdisjoint(PERMISSIONS[permission].roles)

"""Name constraints: those of a root, and those on IP addresses, which the first engine leaves out.

pyhanko_certvalidator asks a table for what compares names of a kind, and refuses every chain with a constraint on a
kind that has no row (RFC 5280, 4.2.1.10). Roots that shut out all addresses (`0.0.0.0/0` and `::/0`) are common, so the
row is added.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyhanko_certvalidator.name_trees import PKIXSubtrees

    from sentinel.pki.verify.parsed import Certificate


def contains(base: str, name: str) -> bool:
    """Say whether an address lies in a network, both as asn1crypto writes them; those of another version do not.

    Raises NameConstraintError, which refuses the certificate, where either is no such thing.
    """
    from pyhanko_certvalidator.name_trees import NameConstraintError

    try:
        return ip_address(name) in ip_network(base, strict=False)
    except ValueError as error:
        raise NameConstraintError(str(error)) from error


def understood() -> None:
    """Add the row, once for the whole process."""
    from pyhanko_certvalidator import name_trees

    kind = name_trees.GeneralNameType.IP_ADDRESS
    name_trees._name_type_checkers.setdefault(kind, contains)  # type: ignore[arg-type]  # noqa: SLF001 - it has no door


def subtrees_of(root: Certificate) -> tuple[PKIXSubtrees, PKIXSubtrees]:
    """Give the permitted and excluded names of a certificate, empty for kinds of names that it does not constrain."""
    from pyhanko_certvalidator.name_trees import process_general_subtrees

    value = root.name_constraints_value
    parts = (value[part] if value is not None else None for part in ("permitted_subtrees", "excluded_subtrees"))
    permitted, excluded = (process_general_subtrees(each) if each else {} for each in parts)
    return permitted, excluded

"""Name constraints on IP addresses (RFC 5280, 4.2.1.10), which the first engine leaves out.

pyhanko_certvalidator asks a table for what compares names of a kind, and refuses every chain with a constraint on a
kind that has no row. Roots that shut out all addresses (`0.0.0.0/0` and `::/0`) are common, so the row is added.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network


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

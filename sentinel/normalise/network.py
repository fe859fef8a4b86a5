"""Network sensors: Zeek and Suricata, to ECS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.normalise import suricata, zeek

if TYPE_CHECKING:
    from sentinel.normalise.mapping import Family

FAMILIES: Final[tuple[Family, ...]] = (*zeek.FAMILIES, *suricata.FAMILIES)

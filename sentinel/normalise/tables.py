"""Which table normalises which dataset, in order.

A new source is one file with a `Family` and one line in FAMILIES.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sentinel.model import ecs
from sentinel.normalise import windows_other, windows_powershell, windows_security, windows_sysmon
from sentinel.normalise.convert import integer, short_name
from sentinel.normalise.mapping import Event, Family, Map, Plan, combine
from sentinel.normalise.windows_words import level

if TYPE_CHECKING:
    from sentinel.normalise.mapping import Constant

# Lines that hold for every event, known or not.
COMMON: tuple[Map, ...] = (
    Map("event.provider", "Provider_Name"),
    Map("event.sequence", "EventRecordID", integer),
    Map("host.name", "Computer"),
    Map("host.hostname", "Computer", short_name),
    Map("log.level", "Level", level),
)

FAMILIES: tuple[Family, ...] = (
    windows_security.FAMILY,
    windows_sysmon.FAMILY,
    windows_powershell.OPERATIONAL,
    windows_powershell.CLASSIC,
    *windows_other.FAMILIES,
)
_FAMILIES = {family.dataset: family for family in FAMILIES}
_EVENTS = {(family.dataset, event.code): event for family in FAMILIES for event in family.events}


@lru_cache(maxsize=4096)
def plan_of(dataset: str, code: str) -> Plan:
    """Give what to make of one kind of event; of a kind that no table knows, the common columns."""
    family = _FAMILIES.get(dataset, Family(dataset))
    event = _EVENTS.get((dataset, code), Event(code))
    constants: dict[str, Constant] = {
        "ecs.version": ecs.VERSION,
        "event.dataset": dataset,
        "event.kind": "event",
        "event.module": dataset.partition(".")[0],
    }
    return Plan(combine(COMMON, family.maps, event.maps), constants | event.constants())

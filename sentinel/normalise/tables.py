"""Which table normalises which dataset, in order.

A new source is one file with a `Family` and one line in FAMILIES.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from sentinel.model import ecs
from sentinel.model.batch import WINDOWS
from sentinel.normalise import (
    audit,
    cloud,
    csv_tables,
    database,
    dns,
    linux,
    network,
    web,
    windows_other,
    windows_powershell,
    windows_security,
    windows_sysmon,
)
from sentinel.normalise.convert import integer, short_name
from sentinel.normalise.mapping import CARRIERS, Family, Map, Plan, combine
from sentinel.normalise.windows_words import level

if TYPE_CHECKING:
    from sentinel.normalise.mapping import Constant

# Lines that hold for every event of Windows, known or not.
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
    *web.FAMILIES,
    *linux.FAMILIES,
    *audit.FAMILIES,
    *network.FAMILIES,
    *dns.FAMILIES,
    *database.FAMILIES,
    *cloud.FAMILIES,
    *csv_tables.FAMILIES,
)
# The last lines of every other event: any log may travel in another.
CARRIED: tuple[Map, ...] = tuple(Map("host.name", name) for name in CARRIERS)


def _carried(family: Family) -> Family:
    """Let the host that the carrying log names stand first, where the table does not place it itself."""
    if family.dataset.startswith(WINDOWS) or not set(CARRIERS).isdisjoint(family.hosts):
        return family
    return replace(family, hosts=(*CARRIERS, *family.hosts))


_FAMILIES = {family.dataset: _carried(family) for family in FAMILIES}


def family_of(dataset: str) -> Family:
    """Give the table of a dataset; of one that has none, an empty one."""
    return _FAMILIES.get(dataset) or _carried(Family(dataset))


_EVENTS = {(family.dataset, event.code): event for family in FAMILIES for event in family.events}


@lru_cache(maxsize=4096)
def plan_of(dataset: str, code: str) -> Plan:
    """Give what to make of one kind of event; of a kind that no table knows, the common columns."""
    family = family_of(dataset)
    event = _EVENTS.get((dataset, code), family.event)
    common, last = (COMMON, ()) if dataset.startswith(WINDOWS) else ((), CARRIED)
    constants: dict[str, Constant] = {
        "ecs.version": ecs.VERSION,
        "event.dataset": dataset,
        "event.kind": "event",
        "event.module": dataset.partition(".")[0],
    }
    return Plan(combine(common, (*family.maps, *last), event.maps), constants | event.constants())

"""What every event of the generated corpus is made with."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tests.benchmarks.corpus_world import BASE64

if TYPE_CHECKING:
    import random

    from tests.benchmarks.corpus_world import Host

Event: TypeAlias = dict[str, Any]

NEEDLE: Final = 0.00001
"""How many of the events are what benchmarks look for."""
NEEDLE_ADDRESS: Final = "198.51.100.77"
NEEDLE_WORD: Final = "mimikatz"


def stamp(moment: datetime) -> str:
    """Give a time to the millisecond."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def guid(dice: random.Random) -> str:
    """Give a GUID."""
    digits = f"{dice.getrandbits(128):032x}"
    return f"{{{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}}}"


def letters(dice: random.Random, count: int) -> str:
    """Give letters of base 64."""
    return "".join(dice.choices(BASE64, k=count))


def event(dice: random.Random, moment: datetime, host: Host, dataset: str, *what: str) -> Event:
    """Give what every document has; `what` is category, type, action and outcome."""
    category, kind, action, outcome = what
    return {
        "@timestamp": stamp(moment),
        "ecs.version": "8.17.0",
        "event.kind": "event",
        "event.module": dataset.partition(".")[0],
        "event.dataset": dataset,
        "event.category": [category],
        "event.type": [kind],
        "event.action": action,
        "event.outcome": outcome,
        "event.created": stamp(moment + timedelta(milliseconds=dice.randrange(200, 4000))),
        "data_stream.dataset": dataset,
        "data_stream.namespace": host.province,
        "data_stream.type": "logs",
        "organization.id": host.agency,
        "organization.name": host.agency_name,
        "labels.province": host.province,
        "labels.platform": host.platform,
        "agent.id": host.id[::-1],
        "agent.type": "filebeat",
        "agent.version": f"9.{int(host.id[0], 16) % 3}.0",
        "host.name": host.name,
        "host.id": host.id,
        "host.ip": [host.address],
        "host.mac": [host.mac],
        "host.os.name": host.system,
        "host.os.version": host.version,
        "host.os.type": "windows" if host.is_windows else "linux",
        "host.architecture": "x86_64",
        "tags": ["forwarded", host.platform],
    }

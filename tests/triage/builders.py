"""Sightings, people and desks for tests of the queue."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sentinel.model.alert import Sighting, alert_id, sighting_id
from sentinel.model.severity import Level
from sentinel.people.acting import Acting
from sentinel.people.roles import Role
from sentinel.triage.desk import Desk

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.triage.policy import Policy

SECOND = 10**9
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
NOW = 1_795_000_000 * SECOND
LAN = Acting("lan.nguyễn", frozenset({Role.ANALYST}), "os:1000:lan")
DUC = Acting("đức", frozenset({Role.ANALYST}), "os:1001:duc")
VIEWER = Acting("khách", frozenset({Role.VIEWER}), "os:1002:khach")


def a_sighting(number: int = 1, **fields: Any) -> Sighting:  # noqa: ANN401 - fields of a sighting
    """Build a sighting of host, user and address of its own; `event` names another event of the same."""
    event = fields.pop("event", f"event-{number}")
    pairs = fields.pop(
        "fingerprint",
        tuple(
            (name, fields.get(key, own))
            for name, key, own in (
                ("host", "host", f"pc{number}.gov.example"),
                ("user", "user", f"user{number}"),
                ("source", "peer", f"198.51.100.{number % 250}"),
            )
        ),
    )
    rule = fields.pop("rule", "r1")
    own = dict(pairs)
    made = Sighting(
        id=sighting_id(rule, event), alert=alert_id(rule, pairs), rule=rule, title=f"Title of {rule}",
        level=Level.HIGH, tags=("attack.credential-access", "attack.t1003.001"), group=event, window=0,
        dataset="windows.sysmon", code="1", host=own.get("host", ""), user=own.get("user", ""),
        peer=own.get("source", ""), detail=f"CommandLine: evil {number}", time=NOW - HOUR + number * SECOND, seen=NOW,
        platform="portal", importance=4, agency="H49.61", fingerprint=pairs,
        evidence=b'{"event":{"code":"1"},"message":"%d"}' % number,
    )  # fmt: skip
    return replace(made, **fields)


def a_desk(folder: Path, *numbers: int, policy: Policy | None = None) -> Desk:
    """Open a desk in a folder, with an alert for each number."""
    desk = Desk(folder, policy, write=True)
    desk.take([a_sighting(number) for number in numbers], NOW)
    return desk

"""Builders of what a scan finds."""

from __future__ import annotations

from sentinel.detect.plan import Rejection, Rule, Ruleset
from sentinel.inputs.reader import Source
from sentinel.model.hit import Hit

NOON = 1_795_150_800_000_000_000  # 2026-11-20 05:00 UTC, 12:00 in Hà Nội
MINUTE = 60_000_000_000


def a_rule(title: str = "Log cleared", level: int = 3, *tags: str, identity: str = "r1", status: str = "test") -> Rule:
    return Rule(identity, title, level, status, tags, f"rules/{identity}.yml", "product: windows, service: system")


def a_ruleset(*rules: Rule, rejections: tuple[Rejection, ...] = ()) -> Ruleset:
    return Ruleset(rules or (a_rule(),), (), (), rejections)


def a_hit(
    *rules: int,
    minute: int | None = 0,
    host: str = "web01",
    event_id: str = "e1",
    detail: str = "x",
    evidence: bytes = b"",
    user: str = "",
    peer: str = "",
) -> Hit:
    time = None if minute is None else NOON + minute * MINUTE
    return Hit(rules or (0,), event_id, time, "windows.system", "104", host, user, 0, 7, detail, evidence, peer)


def a_source(number: int = 0, path: str = "a.ndjson", size: int = 100) -> Source:
    return Source(number, path, size)

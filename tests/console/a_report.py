"""Builders of reports: `a_report(an_event(CommandLine="x"))`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sentinel.console.report_collect import Collector
from sentinel.console.tally import Tally
from sentinel.console.times import zone_named
from sentinel.detect.plan import About, Rule, Ruleset
from sentinel.model.hit import Hit
from sentinel.reading import Finding
from tests.console.a_scan import MINUTE, NOON, a_source
from tests.detect.builders import compiled, rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sentinel.console.report import Report
    from sentinel.formats.base import Fault

ZONE: Final = zone_named("Asia/Ho_Chi_Minh")
MADE: Final = NOON + 24 * 60 * MINUTE
EVIL: Final = "selection: {CommandLine|contains: evil}"


def rules_of(*titles: tuple[str, str], tags: str = "[attack.execution, attack.t1059.003]") -> Ruleset:
    """Give rules that all look for `evil` in a command line, by title and level."""
    texts = [
        rule(EVIL, head=f"title: {json.dumps(title)}\nlevel: {level}\ntags: {tags}\nid: {_identity(number)}")
        for number, (title, level) in enumerate(titles)
    ]
    ruleset = compiled(*texts)
    assert () == ruleset.rejections
    return ruleset


def _identity(number: int) -> str:
    return f"0f0a9e70-46f4-4b72-9a4d-{number:012}"


RULES: Final = rules_of(("Shell started", "high"), ("Copies deleted", "critical"), ("Program run", "low"))


def told_of(ruleset: Ruleset, number: int, about: About, **changed: str) -> Ruleset:
    """Give the rule set with what one rule tells of itself changed."""
    fields = {name: getattr(ruleset.rules[number], name) for name in Rule.__struct_fields__}
    told = Rule(**{**fields, **changed, "packed": about.packed()})
    rules = (*ruleset.rules[:number], told, *ruleset.rules[number + 1 :])
    return Ruleset(rules, ruleset.atoms, ruleset.variants, ruleset.rejections)


def an_event(
    *rules: int,
    minute: float | None = 0,
    host: str = "web01.gov.example",
    user: str = "GOV\\lan",
    event_id: str = "",
    detail: str = "",
    own: Mapping[str, str] | None = None,
    **fields: str | list[str],
) -> Hit:
    time = None if minute is None else NOON + int(minute * MINUTE)
    event = {"CommandLine": "evil.exe", "Image": "C:\\evil.exe", **(own or {}), **fields}
    evidence = {
        "event": {"code": "1"},
        "host": {"name": host},
        "winlog": {"channel": "Microsoft-Windows-Sysmon/Operational", "event_data": event},
    }
    return Hit(
        rules=rules or (0,),
        event_id=event_id or f"e{minute}-{host}",
        time=time,
        dataset="windows.sysmon",
        code="1",
        host=host,
        user=user,
        source=0,
        offset=int((minute or 0) * 10),
        detail=detail or f"CommandLine: {event['CommandLine']}",
        evidence=json.dumps(evidence, ensure_ascii=False).encode("utf-8", "surrogatepass"),
    )


def a_report(
    *hits: Hit,
    ruleset: Ruleset = RULES,
    asked: Iterable[str] = ("logs",),
    path: str = "logs/a.ndjson",
    faults: tuple[Fault, ...] = (),
    most_listed: int = 50_000,
) -> Report:
    """Give the report of one file in which these events were hit."""
    tally = Tally([a_source(0, path, 4096)], ruleset)
    collector = Collector(ruleset, ZONE, most_listed)
    try:
        finding = Finding(
            source=0, hits=hits, events=len(hits) + 7, bytes_read=4096, formats={0: "ndjson"}, faults=faults
        )
        collector.take(tally.add(finding))
        return collector.report(tally.summary(1.5), tuple(asked), MADE)
    finally:
        collector.close()

"""Builders of rules and events: `hits("selection: {Image: a}", event(Image="A"))`."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pytest

from sentinel.detect.engine import Engine
from sentinel.detect.sigma.load import compile_files
from sentinel.formats.gather import Gatherer
from sentinel.normalise.views import view_of
from sentinel.reading import texts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _pytest.mark import ParameterSet

    from sentinel.detect.plan import Ruleset

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Event: TypeAlias = "dict[str, Json] | bytes"

SYSMON: dict[str, Json] = {
    "Channel": "Microsoft-Windows-Sysmon/Operational",
    "SourceName": "Microsoft-Windows-Sysmon",
    "EventID": 1,
}
SECURITY: dict[str, Json] = {
    "Channel": "Security",
    "SourceName": "Microsoft-Windows-Security-Auditing",
    "EventID": 4688,
}
WINDOWS = "{product: windows}"


def event(**fields: Json) -> dict[str, Json]:
    """Give a flat event of Sysmon, code 1, unless the fields say otherwise."""
    return {**SYSMON, **fields}


def security(**fields: Json) -> dict[str, Json]:
    """Give a flat event of the Security channel, code 4688, unless the fields say otherwise."""
    return {**SECURITY, **fields}


def rule(detection: str, source: str = WINDOWS, *, head: str = "title: a rule") -> str:
    """Give a rule's text; the condition is `selection` unless the detection has one."""
    detection = textwrap.dedent(detection).strip()
    if "condition:" not in detection:
        detection += "\ncondition: selection"
    return f"{head}\nlogsource: {source}\ndetection:\n{textwrap.indent(detection, '    ')}\n"


def compiled(*texts: str | bytes) -> Ruleset:
    """Compile rules, each a file `<number>.yml`."""
    return compile_files(
        (f"{number}.yml", text.encode() if isinstance(text, str) else text) for number, text in enumerate(texts)
    )


def raw(event: Event) -> bytes:
    """Give an event as it stands in a log."""
    return event if isinstance(event, bytes) else json.dumps(event, ensure_ascii=False).encode()


def found(ruleset: Ruleset, events: Iterable[Event], *, at_a_time: int = 1 << 20) -> dict[int, list[int]]:
    """Give, by the number of each rule that hit, the numbers of the events it hit, rising.

    `at_a_time` is how many events wait before they are evaluated as a batch.
    """
    engine = Engine(ruleset, texts_of)
    gatherer = Gatherer(engine.wanted, view_of, engine.touched)
    texts = [raw(each) for each in events]
    hit: dict[int, list[int]] = {}
    for begin in range(0, max(1, len(texts)), at_a_time):
        some = texts[begin : begin + at_a_time]
        gatherer.add(some, list(range(begin, begin + len(some))))
        for batch in gatherer.rest():
            for number, rows in engine.hits(batch):
                hit.setdefault(number, []).extend(batch.positions[row] for row in rows)
    assert [] == gatherer.faults
    return {number: sorted(places) for number, places in hit.items()}


def hits(text: str, *events: Event, source: str = WINDOWS) -> list[int]:
    """Give the numbers of the events that a detection hits; it must compile."""
    ruleset = compiled(text if text.startswith("title:") else rule(text, source))
    assert () == ruleset.rejections
    return found(ruleset, events).get(0, [])


class Case(NamedTuple):
    """A sentence, a selection, the values of field `F` that it hits, and those that it leaves."""

    sentence: str
    selection: str
    hit: list[Json]
    left: list[Json]


def each(cases: Iterable[Case]) -> list[ParameterSet]:
    """Give the cases as parameters, named by their sentences."""
    return [pytest.param(case, id=case.sentence.replace(" ", "_")) for case in cases]


def values_hit(case: Case) -> list[Json]:
    """Give those of a case's values that its selection hits, all in one batch."""
    values = [*case.hit, *case.left]
    numbers = hits(f"selection: {case.selection}", *(event(F=value) for value in values))
    return [values[number] for number in numbers]

"""A report: what a scan found, ready to be written as a page or a ticket.

Everything is counted; what is listed and what evidence is kept have stated limits, so that a page stays one that can be
opened. The limits are shared fairly: a rule that hits a million times does not crowd out one that hits once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sentinel.console.tally import techniques_of
from sentinel.language import later

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sentinel.console.report_histogram import Histogram
    from sentinel.console.tally import Group, Summary
    from sentinel.detect.plan import Rule
    from sentinel.model.severity import Level

MOST_LISTED: Final = 50_000
"""Hits that a report lists; of more, each rule's earliest."""
EVIDENCE_PER_RULE: Final = 1000
"""Hits of a rule, its earliest, that show their whole event."""
EVIDENCE_BYTES: Final = 16 << 20
"""Bytes of evidence that a report holds."""
LONGEST_VALUE: Final = 4000
"""Characters of a field's value that evidence shows."""

# Tags `attack.<tactic>` of MITRE ATT&CK for enterprises, in the order of an attack, and their names. Defense evasion
# was divided into stealth and impairment; older rules name it still.
TACTICS: Final[Mapping[str, str]] = {
    "reconnaissance": later("Reconnaissance"),
    "resource-development": later("Resource Development"),
    "initial-access": later("Initial Access"),
    "execution": later("Execution"),
    "persistence": later("Persistence"),
    "privilege-escalation": later("Privilege Escalation"),
    "stealth": later("Stealth"),
    "defense-evasion": later("Defense Evasion"),
    "defense-impairment": later("Defense Impairment"),
    "credential-access": later("Credential Access"),
    "discovery": later("Discovery"),
    "lateral-movement": later("Lateral Movement"),
    "collection": later("Collection"),
    "command-and-control": later("Command and Control"),
    "exfiltration": later("Exfiltration"),
    "impact": later("Impact"),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """An event: its id, and its own fields with their texts, cut at LONGEST_VALUE; several values stand on lines."""

    event_id: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule and an event that it hit.

    `time` is nanoseconds since 1970, UTC. `kind` is the event's dataset and code. `evidence` is a number in the
    report's evidence, None where none is kept; `matched` are those of its fields that carry the hit.
    `peer` is the address that it came from.
    """

    time: int | None
    rule: int
    host: str
    user: str
    kind: str
    file: int
    offset: int
    detail: str
    evidence: int | None = None
    matched: tuple[str, ...] = ()
    peer: str = ""


@dataclass(frozen=True, slots=True)
class Tactic:
    """An ATT&CK tactic: hits of the rules tagged with it, and of their techniques; `tag` is a key of TACTICS."""

    tag: str
    level: Level
    hits: int
    rules: tuple[int, ...]
    techniques: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What a report tells; `made` is when, in nanoseconds since 1970, UTC, `asked` the paths as they were given.

    `rules` are by number in the rule set; `by_rule` and `by_host` have a group for every one that hit, gravest first.
    `hits` are in order of time, those without one last, and at most MOST_LISTED of the summary's.
    """

    made: int
    asked: tuple[str, ...]
    zone: ZoneInfo
    rules: tuple[Rule, ...]
    summary: Summary
    by_rule: tuple[Group, ...]
    by_host: tuple[Group, ...]
    tactics: tuple[Tactic, ...]
    histogram: Histogram
    hits: tuple[Listed, ...]
    evidence: tuple[Evidence, ...]

    @property
    def hit_count(self) -> int:
        """Count all hits, listed or not."""
        return sum(self.summary.hits.values())

    @property
    def span(self) -> tuple[int | None, int | None]:
        """Give the times of the first and the last hit."""
        firsts = [group.first for group in self.by_rule if group.first is not None]
        lasts = [group.last for group in self.by_rule if group.last is not None]
        return min(firsts, default=None), max(lasts, default=None)


def tactics_of(rule: Rule) -> tuple[str, ...]:
    """Give the ATT&CK tactics that a rule is tagged with, as keys of TACTICS."""
    tags = (tag.lower().replace("_", "-").removeprefix("attack.") for tag in rule.tags if tag.startswith("attack."))
    return tuple(tag for tag in tags if tag in TACTICS)


def tactics(by_rule: Iterable[Group], rules: Sequence[Rule]) -> tuple[Tactic, ...]:
    """Give the tactics of the rules that hit, in the order of an attack."""
    hit: dict[str, list[Group]] = {tag: [] for tag in TACTICS}
    for group in by_rule:
        for tag in dict.fromkeys(tactics_of(rules[group.rules[0]])):
            hit[tag].append(group)
    return tuple(_tactic(tag, groups, rules) for tag, groups in hit.items() if groups)


def _tactic(tag: str, groups: Sequence[Group], rules: Sequence[Rule]) -> Tactic:
    techniques: Counter[str] = Counter()
    for group in groups:
        for name in techniques_of(rules[group.rules[0]]):
            techniques[name] += group.hits
    return Tactic(
        tag=tag,
        level=max(group.level for group in groups),
        hits=sum(group.hits for group in groups),
        rules=tuple(group.rules[0] for group in groups),
        techniques=tuple(sorted(techniques.items())),
    )

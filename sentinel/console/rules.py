"""Rules and what is wrong with them, as tables and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from sentinel.console.numbers import number
from sentinel.console.tables import Column, table
from sentinel.console.text import visible, width_of
from sentinel.console.theme import FAINT, WARNING, level_text
from sentinel.language import _, n_
from sentinel.model.severity import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sentinel.detect.coverage import Coverage
    from sentinel.detect.plan import Rejection, Rule, Ruleset


def rules_table(rules: Sequence[Rule], origin: Callable[[Rule], str], width: int) -> list[Text]:
    """Give the lines of the table of rules; `origin` says whose a rule is."""
    columns = [
        Column(_("level"), [level_text(Level(rule.level)) for rule in rules]),
        Column(_("rule"), [rule.title for rule in rules], least=24),
        Column(_("log source"), [in_short(rule.log_source) for rule in rules], rank=1, least=16),
        Column(_("status"), [rule.status for rule in rules], rank=3),
        Column(_("whose"), [origin(rule) for rule in rules], rank=2),
        Column(_("file"), [rule.path for rule in rules], rank=4, least=24, from_left=True, style=FAINT),
    ]
    return table(columns, width)


def in_short(log_source: str) -> str:
    """Give a log source in short: windows process_creation."""
    return " ".join(part.partition(": ")[2] or part for part in log_source.split(", "))


def rule_object(rule: Rule, origin: str) -> dict[str, Any]:
    """Give a rule as programs read it."""
    about = rule.about
    return {
        "id": rule.id,
        "title": rule.title,
        "level": Level(rule.level).label,
        "status": rule.status,
        "tags": rule.tags,
        "log_source": rule.log_source,
        "origin": origin,
        "path": rule.path,
        "description": about.description,
        "author": about.author,
        "false_positives": about.falsepositives,
        "references": about.references,
    }


def sources_table(covered: Sequence[Coverage], width: int) -> list[Text]:
    """Give the lines of the table of log sources: how many rules look at each, in what, for which fields in vain."""
    vain = _("fields without a source")
    columns = [
        Column(_("log source"), [in_short(each.log_source) for each in covered], least=16),
        Column(_("rules"), [number(each.rules) for each in covered], right=True),
        Column(_("datasets"), [" ".join(each.datasets) for each in covered], least=16, most=48),
        Column(vain, [_counted(each.without_source) for each in covered], least=width_of(vain)),
    ]
    return table(columns, width)


def _counted(fields: Mapping[str, int]) -> str:
    ordered = sorted(fields.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{name} ({number(count)})" if count > 1 else name for name, count in ordered)


def coverage_object(each: Coverage) -> dict[str, Any]:
    """Give the coverage of a log source as programs read it."""
    return {
        "log_source": each.log_source,
        "rules": each.rules,
        "datasets": each.datasets,
        "fields_without_source": dict(sorted(each.without_source.items())),
    }


def rejection_lines(rejections: Sequence[Rejection]) -> Iterator[Text]:
    """Give the lines of rejected rules: place, reason, hint."""
    for each in rejections:
        line = Text(visible(place_of(each)))
        line.append(f": {visible(each.reason)}", style=WARNING if each.fault else FAINT)
        yield line
        if each.hint:
            yield Text(_("  hint: {text}").format(text=visible(each.hint)), style=FAINT)


def place_of(rejection: Rejection) -> str:
    """Give a rejected rule's place: `path:line`."""
    return f"{rejection.path}:{rejection.line}" if rejection.line else rejection.path


def rejection_object(rejection: Rejection) -> dict[str, Any]:
    """Give a rejected rule as programs read it."""
    return {
        "path": rejection.path,
        "line": rejection.line or None,
        "title": rejection.title,
        "reason": rejection.reason,
        "hint": rejection.hint,
        "fault": rejection.fault,
    }


def verdict(ruleset: Ruleset) -> Text:
    """Give one line: how many rules run, are faulty, or ask for logs that are not read."""
    faulty = sum(each.fault for each in ruleset.rejections)
    other = len(ruleset.rejections) - faulty
    run, none = len(ruleset.rules), _("none is faulty")
    parts = [n_("{count} rule runs", "{count} rules run", run).format(count=number(run))]
    parts.append(n_("{count} is faulty", "{count} are faulty", faulty).format(count=number(faulty)) if faulty else none)
    if other:
        parts.append(n_("{count} is passed over", "{count} are passed over", other).format(count=number(other)))
    return Text(", ".join(parts), style=WARNING if faulty else "")

"""Rules and what is wrong with them, as tables and as JSON."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from rich.text import Text

from sentinel.console.numbers import number
from sentinel.console.tables import Column, table
from sentinel.console.text import visible
from sentinel.console.theme import FAINT, WARNING, level_text
from sentinel.language import _, n_
from sentinel.model.severity import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentinel.detect.plan import Rejection, Rule, Ruleset


def rules_table(rules: Sequence[Rule], origin: Callable[[Rule], str], width: int) -> list[Text]:
    """Give the lines of the table of rules; `origin` says whose a rule is."""
    columns = [
        Column(_("level"), [level_text(Level(rule.level)) for rule in rules]),
        Column(_("rule"), [rule.title for rule in rules], least=24),
        Column(_("log source"), [_log_source(rule) for rule in rules], rank=1, least=16),
        Column(_("status"), [rule.status for rule in rules], rank=3),
        Column(_("whose"), [origin(rule) for rule in rules], rank=2),
        Column(_("file"), [rule.path for rule in rules], rank=4, least=24, from_left=True, style=FAINT),
    ]
    return table(columns, width)


def _log_source(rule: Rule) -> str:
    """Give a log source in short: windows process_creation."""
    return " ".join(part.partition(": ")[2] or part for part in rule.log_source.split(", "))


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


def sources_table(rules: Sequence[Rule], width: int) -> list[Text]:
    """Give the lines of the table of log sources and how many rules look at each."""
    counts = Counter(map(_log_source, rules)).most_common()
    columns = [
        Column(_("log source"), [name for name, _count in counts], least=16),
        Column(_("rules"), [number(count) for _name, count in counts], right=True),
    ]
    return table(columns, width)


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

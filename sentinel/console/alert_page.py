"""One alert on the terminal, section by section: what it is, why, and what happened around it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sentinel.console.alerts import STATES, alert_object
from sentinel.console.event_values import detail_of
from sentinel.console.numbers import number
from sentinel.console.report import TACTICS
from sentinel.console.tables import Column, table, wrapped
from sentinel.console.text import visible
from sentinel.console.theme import FAINT, HEAD, MARK, level_text
from sentinel.console.times import iso, shown
from sentinel.language import _, later, n_
from sentinel.triage.entries import kind_of
from sentinel.triage.why import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sentinel.model.alert import Alert
    from sentinel.triage.around import Around
    from sentinel.triage.process_tree import Process, ProcessTree
    from sentinel.triage.rank import Ranked
    from sentinel.triage.told import Told
    from sentinel.triage.why import Why

_OTHERS_SHOWN: Final = 10
_KINDS: Final = {"host": later("host"), "user": later("user"), "address": later("address")}
_STANDINGS: Final = {
    Standing.CHANGED: later("The rule has changed since: it no longer hits this event."),
    Standing.GONE: later("The rule is gone: no rule folder has one with this id."),
}


def head_lines(alert: Alert, ranked: Ranked, zone: ZoneInfo, width: int) -> Iterator[Text]:
    """Give what an alert is, how it ranks and why, and how far it has come."""
    yield Text.assemble(level_text(alert.level), "  ", (visible(alert.title), HEAD))
    rows = {
        _("alert"): alert.id,
        _("rule"): alert.rule,
        _("rank"): _rank(ranked),
        _("state"): f"{_(STATES[alert.state])} {alert.assignee} {alert.reason or ''}".strip(),
        _("due"): shown(alert.due, zone) if alert.due is not None else "",
        _("paused"): alert.pause_reason,
        _("seen"): _seen(alert, zone),
        _("one alert by"): ", ".join(f"{name}: {value}" for name, value in alert.fingerprint),
        _("platform"): alert.platform,
        _("agency"): alert.agency,
        _("dataset"): f"{alert.dataset} {alert.code}".strip(),
        _("host"): alert.host,
        _("user"): alert.user,
        _("source"): alert.peer,
        _("what happened"): alert.detail,
        _("ATT&CK tactics"): ", ".join(_(TACTICS[name]) for name in tactics_of(alert)),
        _("techniques"): ", ".join(techniques_of(alert)),
    }
    for label, text in rows.items():
        if text:
            yield from wrapped(Text.assemble((f"{label}: ", HEAD), visible(text)), width)


def _seen(alert: Alert, zone: ZoneInfo) -> str:
    times = n_("{count} time, {first}", "{count} times, {first} to {last}", alert.count)
    return times.format(count=number(alert.count), first=shown(alert.first, zone), last=shown(alert.last, zone))


def _rank(ranked: Ranked) -> str:
    return _("{rank} of 100: severity {severity}/10 × platform {platform}/5 × rarity {rarity}").format(
        rank=ranked.rank, severity=ranked.severity, platform=ranked.platform, rarity=number(ranked.rarity, 2)
    )


def tactics_of(alert: Alert) -> list[str]:
    """Give the tactics of ATT&CK that the rule is tagged with, as keys of TACTICS."""
    names = (tag.lower().replace("_", "-").removeprefix("attack.") for tag in alert.tags if tag.startswith("attack."))
    return [name for name in names if name in TACTICS]


def techniques_of(alert: Alert) -> list[str]:
    """Give the techniques of ATT&CK that the rule is tagged with: T1003.001."""
    names = (tag.removeprefix("attack.") for tag in alert.tags if tag.startswith("attack.t"))
    return [name.upper() for name in names if name[1:5].isdigit()]


def story_lines(alert: Alert, others: Sequence[Alert], zone: ZoneInfo, width: int) -> Iterator[Text]:
    """Give the other alerts of the story."""
    if not others:
        return
    yield from _title(_("Story"))
    if alert.story_why:
        yield Text(visible(_("it shares {what}").format(what=alert.story_why)), style=FAINT)
    some = others[:_OTHERS_SHOWN]
    columns = [
        Column(_("id"), [each.id[:8] for each in some]),
        Column(_("last seen"), [shown(each.last, zone) for each in some], rank=1),
        Column(_("level"), [level_text(each.level) for each in some]),
        Column(_("alert"), [each.title for each in some], least=16),
        Column(_("host"), [each.host for each in some], rank=2, least=8),
    ]
    yield from table(columns, width)
    yield Text(f"sentinel alerts list --all --story {alert.story[:8]}", style=FAINT)


def _from_here(path: str) -> str:
    """Give a path as it is from the working folder, where it lies below that."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def why_lines(why: Why, width: int) -> Iterator[Text]:
    """Give why the rule fired: the fields that carry the hit, what the rule asks of them, what it met."""
    yield from _title(_("Why it fired"))
    if why.standing is not Standing.SAME:
        yield Text(_(_STANDINGS[why.standing]))
    if why.path:
        yield Text(visible(_from_here(why.path)), style=FAINT)
    for met in why.items:
        values = ", ".join(met.values)
        line = Text.assemble((visible(met.field), HEAD), f"  {visible(met.asked)}  ← ", (visible(values), MARK))
        yield from wrapped(line, width)


def why_object(why: Why) -> dict[str, Any]:
    """Give why the rule fired; `rule` is same, changed or gone."""
    items = [{"field": met.field, "asks": met.asked, "values": list(met.values)} for met in why.items]
    return {"rule": why.standing.value, "path": why.path or None, "fields": list(why.fields), "items": items}


def evidence_lines(evidence: bytes, width: int, matched: Sequence[str] = ()) -> Iterator[Text]:
    """Give the event that was kept as evidence, a field a line; those that matched come first and stand out."""
    yield from _title(_("Evidence"))
    if not evidence:
        yield Text(_("No event is kept with this alert."))
        return
    rows = sorted(flat(json.loads(evidence)).items())
    marked = [row[0] for row in rows if row[0].rpartition(".")[2] in matched or row[0] in matched]
    for name, value in sorted(rows, key=lambda row: row[0] not in marked):
        told = value if isinstance(value, list) else [value]
        text = ", ".join(each if isinstance(each, str) else json.dumps(each) for each in told)
        yield from wrapped(
            Text.assemble((visible(name), MARK if name in marked else FAINT), "  ", visible(text)), width
        )


def flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Give a nested event by dotted names."""
    found: dict[str, Any] = {}
    for name, inner in value.items():
        found |= flat(inner, f"{prefix}{name}.") if isinstance(inner, dict) else {prefix + name: inner}
    return found


def tree_lines(tree: ProcessTree, zone: ZoneInfo, width: int) -> Iterator[Text]:
    """Give the process tree, each process indented below the one that started it."""
    yield from _title(_("Process tree"))
    for depth, process in enumerate(tree.ancestors):
        yield from _process_lines(process, depth, zone, width)
    yield from _process_lines(tree.process, len(tree.ancestors), zone, width)


def _process_lines(process: Process, depth: int, zone: ZoneInfo, width: int) -> Iterator[Text]:
    time = shown(process.time, zone) if process.time is not None else ""
    told = f"{process.command or process.executable} ({process.pid or process.entity}) {process.user}".strip()
    line = Text.assemble("  " * depth, (visible(told), HEAD if process.is_alert else ""), (f"  {time}", FAINT))
    yield from wrapped(line, width)
    for child in process.children:
        yield from _process_lines(child, depth + 1, zone, width)
    if process.more:
        yield Text("  " * (depth + 1) + _("and more"), style=FAINT)


def around_lines(around: Around, zone: ZoneInfo, width: int) -> Iterator[Text]:
    """Give what host, user and address did, the most telling first, and the command that shows all."""
    for each in around.entities:
        yield from _title(f"{_(_KINDS[each.kind])} {visible(each.name)}: {number(each.total)}")
        if each.groups:
            columns = [
                Column(_("count"), [number(group.count) for group in each.groups], right=True),
                Column(_("dataset"), [group.dataset for group in each.groups], rank=1, least=10),
                Column(_("event"), [group.action for group in each.groups], least=12),
                Column(_("first"), [shown(group.first, zone)[11:] for group in each.groups], rank=3),
                Column(_("last"), [shown(group.last, zone)[11:] for group in each.groups], rank=3),
                Column(
                    _("for example"),
                    [detail_of(group.examples[0]) if group.examples else "" for group in each.groups],
                    rank=2,
                    least=16,
                ),
            ]
            yield from table(columns, width)
        yield Text(visible(search_command(each.query, around)), style=FAINT)


def search_command(query: str, around: Around) -> str:
    """Give the command that shows all events of an entity in the window."""
    import shlex

    window = around.window
    times = [f"--since={iso(window.since)}", f"--until={iso(window.until)}"]
    return shlex.join(["sentinel", "search", query, *times])


def history_lines(history: Sequence[Told], zone: ZoneInfo, width: int) -> Iterator[Text]:
    """Give what happened to an alert: when, who and how that was proved, what, and what was written."""
    yield from _title(_("History"))
    columns = [
        Column(_("time"), [shown(told.at, zone) for told in history]),
        Column(_("who"), [told.actor for told in history]),
        Column(_("proved by"), [told.via for told in history], rank=3, least=8),
        Column(_("what"), [kind_of(told.happened) for told in history]),
        Column(_("words"), [_words(told) for told in history], least=16),
    ]
    yield from table(columns, width)


def _words(told: Told) -> str:
    names = ("reason", "text", "to", "suppression")
    return " · ".join(text for name in names if (text := str(getattr(told.happened, name, "") or "")))


def _title(text: str) -> Iterator[Text]:
    yield Text("")
    yield Text(text, style=HEAD)


def page_object(alert: Alert, ranked: Ranked, history: Sequence[Told], evidence: bytes | None) -> dict[str, Any]:
    """Give an alert with its rank explained and its history; `evidence` None leaves the event out."""
    told = [
        {
            "seq": each.seq, "at": iso(each.at), "actor": each.actor, "via": each.via, "action": each.action,
            "what": kind_of(each.happened), "words": _words(each),
        }
        for each in history
    ]  # fmt: skip
    factors = {"severity": ranked.severity, "platform": ranked.platform, "rarity": ranked.rarity}
    whole = alert_object(alert) | {"rank_of": factors, "tactics": tactics_of(alert), "techniques": techniques_of(alert)}
    whole["history"] = told
    return whole | ({"evidence": json.loads(evidence or b"{}")} if evidence is not None else {})


def around_object(around: Around) -> list[dict[str, Any]]:
    """Give what happened around, entity by entity."""
    return [
        {
            "kind": each.kind,
            "name": each.name,
            "total": each.total,
            "search": search_command(each.query, around),
            "groups": [
                {
                    "dataset": group.dataset, "action": group.action, "count": group.count, "first": iso(group.first),
                    "last": iso(group.last), "examples": [event.id for event in group.examples],
                }
                for group in each.groups
            ],
        }
        for each in around.entities
    ]  # fmt: skip


def tree_object(process: Process) -> dict[str, Any]:
    """Give a process with what it started."""
    return {
        "entity_id": process.entity, "pid": process.pid, "executable": process.executable,
        "command_line": process.command, "user": process.user, "time": iso(process.time), "event": process.event,
        "children": [tree_object(child) for child in process.children],
    }  # fmt: skip

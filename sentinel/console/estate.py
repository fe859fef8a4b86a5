"""The estate as tables, and as other programs read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sentinel.console.numbers import number
from sentinel.console.tables import EXTRA, Column, table, wrapped
from sentinel.console.text import visible
from sentinel.console.theme import FAINT, HEAD, WARNING
from sentinel.estate.merge import Change
from sentinel.language import _, later, n_
from sentinel.model.estate import Platform, Tier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sentinel.errors import SentinelError
    from sentinel.estate.merge import Changed, Plan
    from sentinel.model.estate import Agency, Contact, Reach

TIERS: Final[Mapping[Tier, str]] = {
    Tier.CENTRAL: later("central"),
    Tier.PROVINCE: later("province"),
    Tier.COMMUNE: later("commune"),
}
CHANGES: Final[Mapping[Change, str]] = {
    Change.ADDED: later("new"),
    Change.CHANGED: later("changed"),
    Change.REMOVED: later("removed"),
    Change.SAME: later("as it was"),
}
_STYLES: Final[Mapping[Change, str]] = {Change.ADDED: "green", Change.CHANGED: WARNING, Change.REMOVED: "red"}


def problem_lines(problems: Sequence[SentinelError]) -> Iterator[Text]:
    """Give each problem with its place, and the hint below."""
    for each in problems:
        yield Text.assemble(visible(each.place), (f": {visible(each.message)}", WARNING))
        if each.hint:
            yield Text(_("  hint: {text}").format(text=visible(each.hint)), style=FAINT)


def problem_object(problem: SentinelError) -> dict[str, str]:
    """Give a problem as programs read it."""
    return {"place": problem.place, "message": problem.message, "hint": problem.hint}


def uncovered_lines(uncovered: Mapping[str, Sequence[tuple[str, int]]], width: int) -> list[Text]:
    """Give the table of names and addresses, by field, that nothing of the estate covers."""
    rows = [(field, value, count) for field, values in uncovered.items() for value, count in values]
    if not rows:
        return []
    columns = [
        Column(_("field"), [field for field, _value, _count in rows], rank=1),
        Column(_("value"), [value for _field, value, _count in rows], least=16),
        Column(_("events"), [number(count) for _field, _value, count in rows], right=True),
    ]
    return [Text(_("Seen in events, and nothing of the estate covers it:"), style=HEAD), *table(columns, width)]


def verdict(platforms: int, agencies: int, problems: int) -> str:
    """Give one line about an estate: what it has, and what is wrong."""
    wrong = n_("{count} problem", "{count} problems", problems).format(count=number(problems)) if problems else ""
    told = _("platforms: {platforms}; agencies: {agencies}").format(
        platforms=number(platforms), agencies=number(agencies)
    )
    sound = _("no problem")
    return f"{told}; {wrong or sound}"


def platforms_table(platforms: Sequence[Platform], owners: Mapping[str, str], width: int) -> list[Text]:
    """Give the lines of the table of platforms; `owners` are the names of agencies by id."""
    columns = [
        Column(_("platform"), [each.id for each in platforms]),
        Column(_("level"), [str(each.level) for each in platforms], right=True),
        Column(_("name"), [each.name for each in platforms], least=16),
        Column(_("owner"), [owners.get(each.owner, each.owner) for each in platforms], rank=2, least=12),
        Column(_("answers at any hour"), [contact_of(each.contact) for each in platforms], rank=EXTRA, least=12),
    ]
    return table(columns, width)


def agencies_table(agencies: Sequence[Agency], names: Mapping[str, tuple[str, str]], width: int) -> list[Text]:
    """Give the lines of the table of agencies; `names` are those of province and commune by agency's id."""
    columns = [
        Column(_("agency"), [each.id for each in agencies]),
        Column(_("name"), [each.name for each in agencies], least=20),
        Column(_("tier"), [_(TIERS[each.tier]) for each in agencies], rank=1),
        Column(_("province"), [names[each.id][0] for each in agencies], rank=2, least=8),
        Column(_("commune"), [names[each.id][1] for each in agencies], rank=3, least=8),
        Column(_("level"), [str(each.level or "") for each in agencies], rank=EXTRA, right=True),
        Column(_("networks"), [reach_of(each.reach) for each in agencies], rank=EXTRA, least=12),
    ]
    return table(columns, width)


def contact_of(contact: Contact) -> str:
    """Give who answers, on one line."""
    return ", ".join(filter(None, (contact.name, contact.phone, contact.email)))


def reach_of(reach: Reach) -> str:
    """Give what is owned, on one line."""
    networks = [network.text for network in reach.networks]
    return " ".join((*networks, *reach.domains, *reach.hosts, *reach.logs))


def entry_lines(entry: Platform | Agency, rows: Mapping[str, str], width: int) -> Iterator[Text]:
    """Give a platform or agency whole; `rows` are what else is known of it, by label."""
    yield Text.assemble((visible(entry.id), HEAD), "  ", visible(entry.name))
    reach = entry.reach
    told = {
        **rows,
        _("answers at any hour"): contact_of(entry.contact),
        _("hosts"): " ".join(reach.hosts),
        _("domains"): " ".join(reach.domains),
        _("networks"): " ".join(network.text for network in reach.networks),
        _("log files"): " ".join(reach.logs),
        _("described in"): entry.place,
    }
    for label, text in told.items():
        if text:
            yield from wrapped(Text.assemble((f"{label}: ", HEAD), visible(text)), width)


def changes_table(changes: Sequence[Changed], width: int) -> list[Text]:
    """Give the lines of the table of what an import changes."""
    rows = [each for each in changes if each.change is not Change.SAME]
    columns = [
        Column(_("change"), [Text(_(CHANGES[each.change]), style=_STYLES[each.change]) for each in rows]),
        Column(_("agency"), [each.agency.id for each in rows]),
        Column(_("name"), [each.agency.name for each in rows], least=16),
        Column(_("what"), [", ".join(each.columns) for each in rows], rank=1, least=8),
    ]
    return table(columns, width) if rows else []


def plan_line(plan: Plan) -> str:
    """Give one line about an import."""
    told = ", ".join(f"{_(label)} {number(plan.count(change))}" for change, label in CHANGES.items())
    unread = n_("{count} fault", "{count} faults", len(plan.faults)).format(count=number(len(plan.faults)))
    return _("agencies: {told}; {unread}").format(told=told, unread=unread)


def plan_object(plan: Plan) -> dict[str, Any]:
    """Give an import as programs read it."""
    counts = {change.value: plan.count(change) for change in Change}
    changes = [
        {"change": each.change.value, "id": each.agency.id, "columns": list(each.columns)}
        for each in plan.changes
        if each.change is not Change.SAME
    ]
    return {**counts, "changes": changes, "faults": [problem_object(fault) for fault in plan.faults]}


def entry_object(entry: Platform | Agency) -> dict[str, Any]:
    """Give a platform or agency as programs read it."""
    contact, reach = entry.contact, entry.reach
    told: dict[str, Any] = {"id": entry.id, "name": entry.name}
    if isinstance(entry, Platform):
        told |= {"name_en": entry.name_en, "owner": entry.owner}
    else:
        told |= {"tier": entry.tier.value, "province": entry.province, "commune": entry.commune, "parent": entry.parent}
    return told | {
        "level": entry.level or None,
        "focal_point": {"name": contact.name, "phone": contact.phone, "email": contact.email},
        "hosts": list(reach.hosts),
        "domains": list(reach.domains),
        "networks": [network.text for network in reach.networks],
        "logs": list(reach.logs),
        "place": entry.place,
    }

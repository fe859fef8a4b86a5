"""`sentinel alerts show`: one alert, with its evidence and what happened around it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from sentinel import settings
from sentinel.cli import asked
from sentinel.cli.asked import Json
from sentinel.errors import StoreError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from rich.text import Text

    from sentinel.model.alert import Alert, Sighting
    from sentinel.settings import Settings
    from sentinel.triage.around import Around
    from sentinel.triage.desk import Desk
    from sentinel.triage.process_tree import ProcessTree
    from sentinel.triage.rank import Ranked
    from sentinel.triage.told import Told
    from sentinel.triage.why import Why

_OTHERS: Final = 11

Identity = Annotated[
    str, typer.Argument(metavar="ID", help=later("The alert's id, or as much of its beginning as no other has."))
]
Span = Annotated[
    str,
    typer.Option("--around", metavar="TIME", help=later("How long before and behind it events are looked at: 30m.")),
]
Brief = Annotated[bool, typer.Option("--brief", help=later("Leave out the evidence and what happened around it."))]


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is known of an alert; `unasked` says why stored events were not asked."""

    alert: Alert
    ranked: Ranked
    history: Sequence[Told]
    others: Sequence[Alert]
    sighting: Sighting | None = None
    around: Around | None = None
    tree: ProcessTree | None = None
    why: Why | None = None
    unasked: str = ""


def show(
    ctx: typer.Context, identity: Identity, span: Span = "15m", brief: Brief = False, as_json: Json = False
) -> None:
    """Show one alert."""
    from sentinel.cli.alerts import desk_of

    now, length = settings.load(ctx.obj), asked.duration(span, "--around")
    with desk_of(now) as desk:
        found = _shown(desk, identity)
        whole = found if brief else _whole(desk, now, found, length)
    if as_json:
        asked.put_json(_object(whole))
        return
    from sentinel.console.theme import console_for, put
    from sentinel.console.times import zone_named

    console = console_for(sys.stdout, now.color)
    put(console, *_lines(whole, zone_named(now.timezone), console.width, brief=brief))


def around_alert(now: Settings, alert: Alert, width: int = 100) -> list[Text]:
    """Give why the rule fired, the process tree, and what host, user and address did, as lines to read.

    Raise StoreError where there is no queue; of stored events that cannot be asked the lines say so.
    """
    from rich.text import Text

    from sentinel.cli.alerts import desk_of
    from sentinel.console import alert_page as page
    from sentinel.console.times import zone_named
    from sentinel.triage.around import SPAN

    with desk_of(now) as desk:
        found, zone = _whole(desk, now, _shown(desk, alert.id), SPAN, quiet=True), zone_named(now.timezone)
    lines = [*page.why_lines(found.why, width)] if found.why else []
    lines += page.tree_lines(found.tree, zone, width) if found.tree else ()
    lines += page.around_lines(found.around, zone, width) if found.around else ()
    if found.unasked:
        lines.append(Text(_("what happened around it is not known: {reason}").format(reason=found.unasked)))
    return lines


def _shown(desk: Desk, identity: str) -> _Shown:
    from sentinel.model.alert import Wanted

    alert = desk.one(identity)
    story = desk.page(Wanted(story=alert.story), _OTHERS).alerts
    others = [each for each in story if each.id != alert.id]
    return _Shown(alert, desk.explained(alert), desk.history(alert), others)


def _whole(desk: Desk, now: Settings, found: _Shown, span: int, *, quiet: bool = False) -> _Shown:
    """Ask the stored events too, where there are any."""
    from dataclasses import replace

    from sentinel.triage.around import around

    sighting = next(iter(desk.sightings(found.alert)), None)
    found = replace(found, sighting=sighting, why=_why(now, sighting, quiet=quiet))
    try:
        with asked.snapshot_of(now) as snapshot:
            doings = around(snapshot, found.alert, span)
            return replace(found, around=doings, tree=_tree(snapshot, found.alert, sighting))
    except StoreError as error:
        return replace(found, unasked=str(error))


def _why(now: Settings, sighting: Sighting | None, *, quiet: bool) -> Why | None:
    """Give why the rule fired; None where no event was kept, or no rule is there at all."""
    from sentinel.cli import filters
    from sentinel.console.report_collect import native_fields
    from sentinel.console.theme import console_for
    from sentinel.errors import InputError
    from sentinel.model.batch import EventKind
    from sentinel.model.hit import Hit
    from sentinel.triage.why import why

    if sighting is None or sighting.evidence in {b"", b"{}"}:
        return None
    progress = console_for(sys.stderr, now.color) if sys.stderr.isatty() and not quiet else None
    try:
        ruleset = filters.load(filters.rule_paths(now, None, shipped=False), now, progress)
    except InputError:
        return None
    event = Hit(
        rules=(), event_id=sighting.group, time=sighting.time, dataset=sighting.dataset, code=sighting.code,
        host="", user="", source=0, offset=0, detail="", evidence=sighting.evidence,
    )  # fmt: skip
    native = native_fields(event)
    channel, provider = (str(native.get(name, "")).lower() for name in ("Channel", "Provider_Name"))
    return why(ruleset, sighting.rule, EventKind(sighting.dataset, channel, provider, sighting.code), native)


def _tree(snapshot: Any, alert: Alert, sighting: Sighting | None) -> ProcessTree | None:  # noqa: ANN401 - a Snapshot
    import json

    from sentinel.console.alert_page import flat
    from sentinel.triage.process_tree import process_tree

    if sighting is None or not sighting.evidence:
        return None
    return process_tree(snapshot, flat(json.loads(sighting.evidence)), alert.host, sighting.at)


def _lines(found: _Shown, zone: ZoneInfo, width: int, *, brief: bool) -> Iterator[Text | str]:
    from sentinel.console import alert_page as page

    yield from page.head_lines(found.alert, found.ranked, zone, width)
    yield from page.story_lines(found.alert, found.others, zone, width)
    if not brief:
        if found.why is not None:
            yield from page.why_lines(found.why, width)
        matched = found.why.fields if found.why else ()
        yield from page.evidence_lines(found.sighting.evidence if found.sighting else b"", width, matched)
        if found.tree is not None:
            yield from page.tree_lines(found.tree, zone, width)
        if found.around is not None:
            yield from page.around_lines(found.around, zone, width)
        if found.unasked:
            yield ""
            yield _("what happened around it is not known: {reason}").format(reason=found.unasked)
    yield from page.history_lines(found.history, zone, width)


def _object(found: _Shown) -> dict[str, Any]:
    from sentinel.console import alert_page as page

    evidence = found.sighting.evidence if found.sighting else None
    told = page.page_object(found.alert, found.ranked, found.history, evidence)
    told["story"] |= {"others": [each.id for each in found.others]}
    told["why"] = page.why_object(found.why) if found.why else None
    told["around"] = page.around_object(found.around) if found.around else None
    told["process_tree"] = (
        {
            "ancestors": [page.tree_object(each) for each in found.tree.ancestors],
            "process": page.tree_object(found.tree.process),
        }
        if found.tree
        else None
    )
    return told

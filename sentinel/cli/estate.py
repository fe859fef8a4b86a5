"""`sentinel estate`: the shared platforms and agencies that events are about."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from sentinel import settings
from sentinel.cli import asked
from sentinel.cli.asked import Json
from sentinel.cli.exits import ExitCode
from sentinel.errors import InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from sentinel.estate.coverage import Coverage
    from sentinel.model.estate import Agency, Estate, Platform
    from sentinel.settings import Settings

_UNCOVERED: Final = "NOT sentinel.platform.id:* AND NOT sentinel.agency.id:*"
_NAMES: Final = ("host.name", "url.domain")
_ADDRESSES: Final = ("source.ip", "destination.ip", "server.ip")
_VALUES_ASKED: Final = 100_000

Folder = Annotated[
    Path | None,
    typer.Option("--estate", metavar="FOLDER", help=later("Folder of the estate; else that of the settings.")),
]


def register(app: typer.Typer) -> None:
    """Add the group `estate`."""
    group = typer.Typer(rich_markup_mode=None)
    group.command("check", help=_("Show what is wrong with the estate; exit 1 where anything is."))(check)
    group.command("show", help=_("Show platforms and agencies, or what covers a host or address."))(show)
    group.command("import", help=_("Bring a table of agencies in, or show what that would change."))(import_table)
    group.command("export", help=_("Write the agencies as a table of CSV."))(export)
    app.add_typer(group, name="estate")


def _settings(ctx: typer.Context, folder: Path | None) -> Settings:
    return settings.load({**ctx.obj, "estate": folder})


def _loaded(now: Settings) -> Estate:
    from sentinel.estate.load import folder_of, load

    return load(folder_of(now))


def _console(now: Settings) -> Console:
    from sentinel.console.theme import console_for

    return console_for(sys.stdout, now.color)


def check(
    ctx: typer.Context,
    estate: Folder = None,
    events: Annotated[
        bool, typer.Option("--events/--no-events", help=_("Name hosts and inside addresses of the store, too."))
    ] = True,
    limit: Annotated[int, typer.Option("--limit", metavar="COUNT", help=_("So many names of a field; 0 is all."))] = 20,
    as_json: Json = False,
) -> int:
    """Check every file of the estate, and name what events show that nothing covers."""
    from sentinel.console import estate as views
    from sentinel.console.theme import put
    from sentinel.estate.check import problems

    now = _settings(ctx, estate)
    found = _loaded(now)
    wrong = problems(found, now.agency_codes)
    seen = _uncovered(now, found, limit or _VALUES_ASKED) if events else {}
    if as_json:
        told = {field: [{"value": value, "events": count} for value, count in most] for field, most in seen.items()}
        counts = {"platforms": len(found.platforms), "agencies": len(found.agencies)}
        asked.put_json({**counts, "problems": [*map(views.problem_object, wrong)], "uncovered": told})
    else:
        console = _console(now)
        put(console, *views.problem_lines(wrong))
        put(console, *views.uncovered_lines(seen, console.width))
        put(console, views.verdict(len(found.platforms), len(found.agencies), len(wrong)))
    return ExitCode.FOUND if wrong else ExitCode.DONE


def _uncovered(now: Settings, found: Estate, limit: int) -> dict[str, list[tuple[str, int]]]:
    """Give, by field, the most frequent names and inside addresses of stored events that nothing covers."""
    from sentinel.errors import StoreError
    from sentinel.estate.coverage import UNKNOWN, Coverage, is_inside
    from sentinel.store.base import Question
    from sentinel.store.query.parse import parse

    coverage = Coverage(found)
    question = Question(parse(_UNCOVERED), now=time.time_ns())
    told = {}
    try:
        with asked.snapshot_of(now) as snapshot:
            for field in (*_NAMES, *_ADDRESSES):
                most = snapshot.top(question, field, _VALUES_ASKED).values
                wanted = [
                    (value, count)
                    for value, count in most
                    if (field in _NAMES or is_inside(value)) and coverage.of_host(value) == UNKNOWN
                ]
                told[field] = wanted[:limit]
    except StoreError:
        if now.origins["store"] != "default":
            raise
        return {}  # nobody has taken anything in yet
    return {field: most for field, most in told.items() if most}


def show(  # what to show, and filters
    ctx: typer.Context,
    what: Annotated[
        str, typer.Argument(metavar="[WHAT]", help=_("Id of a platform or agency, host, address or log file."))
    ] = "",
    estate: Folder = None,
    tier: Annotated[
        str, typer.Option("--tier", metavar="TIER", help=_("Only agencies of it: central, province, commune."))
    ] = "",
    province: Annotated[
        str, typer.Option("--province", metavar="CODE", help=_("Only agencies of the province of this code or name."))
    ] = "",
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help=_("Only what has this text in its name."))] = "",
    limit: Annotated[int, typer.Option("--limit", metavar="COUNT", help=_("How many agencies; 0 gives all."))] = 50,
    as_json: Json = False,
) -> int:
    """Show the estate, or one thing."""
    now = _settings(ctx, estate)
    found = _loaded(now)
    if what:
        return _show_one(now, found, what, as_json=as_json)
    platforms, agencies = _chosen(found, tier, province, text)
    _put_list(now, platforms, agencies, {each.id: each.name for each in found.agencies}, limit, as_json=as_json)
    return ExitCode.DONE


def _chosen(found: Estate, tier: str, province: str, text: str) -> tuple[list[Platform], list[Agency]]:
    """Give what filters leave: platforms only where none is for agencies alone."""
    from sentinel.cli.filters import one_of
    from sentinel.estate import places
    from sentinel.estate.agencies import padded
    from sentinel.model.estate import Tier

    wanted = text.casefold()
    if tier:
        one_of(tier, "--tier", [each.value for each in Tier])
    named = places.province_named(province) if province and not province.isdigit() else None
    code = named.code if named else padded(province, 2)
    if code and code not in places.provinces():
        hint = _("codes: {codes}").format(codes=", ".join(f"{c} {p.name}" for c, p in places.provinces().items()))
        raise InputError(_("no province has the code '{code}'").format(code=province), place="--province", hint=hint)
    platforms = [each for each in found.platforms if not (tier or code) and wanted in _words(each)]
    agencies = [
        each
        for each in found.agencies
        if tier in {"", each.tier} and code in {"", each.province} and wanted in _words(each)
    ]
    return platforms, agencies


def _words(entry: Platform | Agency) -> str:
    return f"{entry.id} {entry.name} {getattr(entry, 'name_en', '')}".casefold()


def _places_of(agency: Agency) -> tuple[str, str]:
    """Give the names of an agency's province and commune, or the codes that have none."""
    from sentinel.estate import places

    province, commune = places.provinces().get(agency.province), places.communes().get(agency.commune)
    return province.name if province else agency.province, commune.name if commune else agency.commune


def _put_list(
    now: Settings,
    platforms: Sequence[Platform],
    agencies: Sequence[Agency],
    names: dict[str, str],
    limit: int,
    *,
    as_json: bool,
) -> None:
    from sentinel.console import estate as views
    from sentinel.console.numbers import number
    from sentinel.console.theme import put

    shown = agencies[:limit] if limit else agencies
    if as_json:
        told = {"platforms": [*map(views.entry_object, platforms)], "agencies": [*map(views.entry_object, shown)]}
        asked.put_json({**told, "agencies_in_all": len(agencies)})
        return
    console = _console(now)
    if platforms:
        put(console, *views.platforms_table(platforms, names, console.width), "")
    if shown:
        where = {each.id: _places_of(each) for each in shown}
        put(console, *views.agencies_table(shown, where, console.width), "")
    told_of = _("{shown} of {total}").format(shown=number(len(shown)), total=number(len(agencies)))
    put(console, _("platforms: {platforms}; agencies: {agencies}").format(platforms=len(platforms), agencies=told_of))


def _show_one(now: Settings, found: Estate, what: str, *, as_json: bool) -> int:
    """Show a platform or agency by its id, else what covers a host, an address or a log file."""
    from sentinel.estate.coverage import Coverage
    from sentinel.model.estate import code_of

    coverage = Coverage(found)
    platform = next((each for each in found.platforms if each.id == what.lower()), None)
    agency = next((each for each in found.agencies if code_of(each.id) == code_of(what)), None)
    if platform or agency:
        return _put_covering(now, coverage, [(each, "") for each in (platform, agency) if each], as_json=as_json)
    matches = coverage.matches(what)
    pairs: list[tuple[Platform | Agency, str]] = []
    sides: tuple[Sequence[Platform | Agency], ...] = (found.platforms, found.agencies)
    for entries, match in zip(sides, matches, strict=True):
        if match.entry >= 0:
            pairs.append((entries[match.entry], match.by if isinstance(match.by, str) else match.by.text))
    owner = coverage.owner(matches[0].entry)
    if matches[0].worth > matches[1].worth and owner >= 0:  # as events are told: see `coverage`
        pairs = [pairs[0], (found.agencies[owner], "")]
    if not pairs:
        raise InputError(
            _("nothing of the estate has this id, or covers such a host or address"),
            place=what,
            hint=_("`sentinel estate show --text` finds names"),
        )
    return _put_covering(now, coverage, pairs, as_json=as_json)


def _put_covering(
    now: Settings, coverage: Coverage, pairs: Sequence[tuple[Platform | Agency, str]], *, as_json: bool
) -> int:
    from sentinel.console import estate as views
    from sentinel.console.theme import put

    if as_json:
        asked.put_json({"found": [{**views.entry_object(entry), "covered_by": by or None} for entry, by in pairs]})
        return ExitCode.DONE
    console = _console(now)
    for number, (entry, by) in enumerate(pairs):
        rows = {_("covered by"): by, **_facts(entry, coverage.estate)}
        put(console, *([""] if number else []), *views.entry_lines(entry, rows, console.width))
    return ExitCode.DONE


def _facts(entry: Any, estate: Estate) -> dict[str, str]:  # noqa: ANN401 - a platform or an agency, told apart below
    """Give what is known of a platform or agency beside what it owns, by label."""
    from sentinel.console.estate import TIERS
    from sentinel.model.estate import Platform, code_of

    names = {code_of(each.id): each.name for each in estate.agencies}
    above = entry.owner if isinstance(entry, Platform) else entry.parent
    told = f"{above} {names.get(code_of(above), '')}".strip()
    if isinstance(entry, Platform):
        return {_("in English"): entry.name_en, _("level"): str(entry.level), _("owner"): told}
    province, commune = _places_of(entry)
    return {
        _("tier"): _(TIERS[entry.tier]),
        _("province"): f"{entry.province} {province}".strip(),
        _("commune"): f"{entry.commune} {commune}".strip(),
        _("parent"): told,
        _("level"): str(entry.level or ""),
    }


def import_table(
    ctx: typer.Context,
    table: Annotated[Path, typer.Argument(metavar="FILE", help=_("A table of agencies, as `export` writes them."))],
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FOLDER", help=_("Folder of the estate; else that of the settings."))
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help=_("Remove agencies that the table lacks."))] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Show what changes, and write nothing."))] = False,
    as_json: Json = False,
) -> int:
    """Merge a table into the estate, or let it take the place of its agencies."""
    from sentinel.cli.errors import show as tell
    from sentinel.console import estate as views
    from sentinel.console.theme import put
    from sentinel.estate import merge

    now = _settings(ctx, to)
    plan = merge.plan(table, now.estate, replacing=replace)
    if not plan.agencies:
        for fault in plan.faults[:-1]:
            tell(fault)
        raise plan.faults[-1] if plan.faults else InputError(_("no agency is in it"), place=str(table))
    if not dry_run:
        merge.write(now.estate, plan.agencies)
    if as_json:
        asked.put_json({"folder": str(now.estate), "written": not dry_run, **views.plan_object(plan)})
    else:
        console = _console(now)
        put(console, *views.changes_table(plan.changes, console.width))
        for fault in plan.faults:
            tell(fault)
        put(console, views.plan_line(plan))
        put(console, _("nothing is written: --dry-run") if dry_run else str(now.estate / merge.FILE))
    return ExitCode.PARTLY if plan.faults else ExitCode.DONE


def export(
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help=_("Else standard output."))] = None,
    estate: Folder = None,
    as_json: Json = False,
) -> int:
    """Write the agencies of the estate."""
    from sentinel.cli.errors import show as tell
    from sentinel.console.estate import entry_object
    from sentinel.console.output import replacing
    from sentinel.estate.agencies import written

    now = _settings(ctx, estate)
    found = _loaded(now)
    for fault in found.faults:
        tell(fault)
    if as_json:
        asked.put_json({"agencies": [*map(entry_object, found.agencies)]})
    elif file is None:
        sys.stdout.buffer.write(written(found.agencies).encode())
        sys.stdout.buffer.flush()
    else:
        with replacing(file) as stream:
            stream.write(written(found.agencies).encode("utf-8-sig"))  # by the mark spreadsheets know UTF-8
    return ExitCode.PARTLY if found.faults else ExitCode.DONE

"""Writes docs/reference/datasets/ from the tables.

python -m docs.build_datasets            write the pages
python -m docs.build_datasets --check    exit 1 where a page is not what the tables say
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sentinel.model import ecs
from sentinel.model.datasets import WINDOWS_LOGS
from sentinel.model.datasets_audit import AUDIT
from sentinel.model.datasets_cloud import CLOUD
from sentinel.model.datasets_database import DATABASE
from sentinel.model.datasets_dns import DNS
from sentinel.model.datasets_linux import LINUX
from sentinel.model.datasets_network import NETWORK
from sentinel.model.datasets_tables import TABLES
from sentinel.model.datasets_web import WEB
from sentinel.normalise.convert import meaning_of_converter, name_of_converter, text
from sentinel.normalise.related import RELATED
from sentinel.normalise.tables import COMMON, FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.model.dataset import Dataset
    from sentinel.normalise.mapping import Event, Family, Map

PAGES: Final = Path(__file__).resolve().parent / "reference" / "datasets"
_HEAD: Final = "<!-- Written by `python -m docs.build_datasets` from the code: change the code, not this page. -->\n\n"
_ABOUT: Final = """# Datasets and columns

Every event belongs to one dataset: an event of Windows by its channel, any other by what its record is. An event keeps
its native fields as they were written, as strings: those of Windows under `winlog.*` and `event.code`, those of every
other dataset under the dataset's name (`status` of `web.access` is `web.access.status`). Rules read those. Beside them
it gets columns of the Elastic Common Schema (ECS), for people's searches and for enrichment.

- An absent native field, an empty one and `-` give no value. Of several texts a column takes the first; a column
  marked *many* takes all.
- A text that does not fit its column's type (`LOCAL` as an address) is kept in `_overflow`, a map from the column's
  name to the native text.
- `event.created` is the time that the record states, `event.ingested` the time of taking in. `@timestamp` is the
  former, or the latter where the record's time is missing, unparsable or more than a day ahead: `sentinel.time_flag`
  then says which. All are UTC.
- A time without a zone is UTC where the format lays that down (Windows, IIS, cloud services), else a time of the
  setting `log_timezone`, or of `timezone` where that is not set. A time without a year is the latest one that lies not
  more than a day after its file was last written.
- Of several lines for one column, the first that gives a value counts. A line of an event code replaces the dataset's
  lines for the same column.
- Fields in a list of native fields marked *open* are those that matter most: records may have others, and rules and
  searches find them under their own names."""
_AREAS: Final[tuple[tuple[str, str, tuple[Dataset, ...]], ...]] = (
    ("windows", "Windows event logs", WINDOWS_LOGS),
    ("linux", "Linux: syslog and the journal", LINUX),
    ("audit", "Linux: audit", AUDIT),
    ("web", "Web servers and proxies", WEB),
    ("network", "Network sensors", NETWORK),
    ("dns", "DNS and DHCP servers", DNS),
    ("database", "Database servers", DATABASE),
    ("cloud", "Cloud services and Kubernetes", CLOUD),
    ("tables", "Tables with a header", TABLES),
)


def pages() -> dict[Path, str]:
    """Give every page: what each dataset holds, by area, and what they share."""
    families = {family.dataset: family for family in FAMILIES}
    listed = [(name, title, datasets) for name, title, datasets in _AREAS if datasets]
    index = [
        _ABOUT,
        _table(
            ("area", "datasets"),
            [
                (f"[{title}]({name}.md)", ", ".join(f"`{each.name}`" for each in datasets))
                for name, title, datasets in listed
            ],
        ),
        "## Gathered from several columns",
        _related(),
        "## Columns",
        _columns(),
        "## Converters",
        _converters(),
    ]
    found = {PAGES / "index.md": index}
    for name, title, datasets in listed:
        common = ["## Every event of Windows", _lines(COMMON)] if name == "windows" else []
        sections = [section for dataset in datasets for section in _dataset(dataset, families.get(dataset.name))]
        found[PAGES / f"{name}.md"] = [f"# {title}", *common, *sections]
    return {path: _HEAD + "\n\n".join(sections) + "\n" for path, sections in found.items()}


def _dataset(dataset: Dataset, family: Family | None) -> Iterator[str]:
    yield f"## {dataset.name}"
    channels = ", ".join(f"`{channel}`" for channel in dataset.channels)
    yield f"{dataset.title}." + (f" Channels: {channels}." if channels else "")
    if dataset.cites:
        yield f"Format: <{dataset.cites}>."
    if dataset.fields:
        yield _table(
            (f"native field{' (open)' if dataset.open else ''}", "meaning"),
            [(f"`{name}`", meaning) for name, meaning in dataset.fields],
        )
    if family is None:
        return
    if family.time != "TimeCreated":
        yield f"Time: `{family.time}`."
    if family.maps:
        yield _lines(family.maps)
    events = [*((family.event,) if family.event.constants() else ()), *family.events]
    if events:
        yield _table(
            ("code", "action", "category", "type", "outcome"),
            [
                (event.code, event.action, ", ".join(event.category), ", ".join(event.type), event.outcome)
                for event in events
            ],
        )
    for codes, maps in _alike(family.events):
        yield f"### {dataset.name} {', '.join(codes)}"
        yield _lines(maps)


def _alike(events: Sequence[Event]) -> list[tuple[list[str], tuple[Map, ...]]]:
    """Group the events that share all their lines, so that the page says each thing once."""
    groups: list[tuple[list[str], tuple[Map, ...]]] = []
    for event in events:
        same = next((codes for codes, maps in groups if maps == event.maps), None)
        if same is not None:
            same.append(event.code)
        elif event.maps:
            groups.append(([event.code], event.maps))
    return groups


def _lines(lines: Sequence[Map]) -> str:
    return _table(
        ("native field", "column", "converter"),
        [(f"`{line.source}`", f"`{line.target}`", _converter(line)) for line in lines],
    )


def _converter(line: Map) -> str:
    name = "" if line.convert is text else f"`{name_of_converter(line.convert)}`"
    if line.when is None:
        return name
    wanted = " or ".join(sorted(line.when[1]))
    return f"{name} where `{line.when[0]}` is {wanted}".strip()


def _related() -> str:
    rows = [(f"`{name}`", ", ".join(f"`{source}`" for source in sources)) for name, sources in RELATED.items()]
    return _table(("column", "gathers"), rows)


def _columns() -> str:
    return _table(
        ("column", "type", "meaning"),
        [(f"`{field.name}`", f"{field.type}{', many' if field.many else ''}", field.meaning) for field in ecs.FIELDS],
    )


def _converters() -> str:
    lines = [*COMMON, *(line for f in FAMILIES for line in (*f.maps, *(m for e in f.events for m in e.maps)))]
    found = {name_of_converter(line.convert): meaning_of_converter(line.convert) for line in lines}
    return _table(("converter", "gives"), [(f"`{name}`", found[name]) for name in sorted(found) if "→" not in name])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", "\\|")


def stale() -> list[Path]:
    """Give the pages that are not what the tables say, those that no table gives any more among them."""
    wanted = pages()
    there = set(PAGES.glob("*.md"))
    changed = [path for path, page in wanted.items() if path not in there or path.read_text(encoding="utf-8") != page]
    return sorted({*changed, *(there - wanted.keys())})


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with --check tell whether they stand as they would be written."""
    old = stale()
    if "--check" in arguments:
        for path in old:
            sys.stderr.write(f"{path.name} is not what the tables say: python -m docs.build_datasets\n")
        return 1 if old else 0
    PAGES.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for path in old:
        if path in wanted:
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

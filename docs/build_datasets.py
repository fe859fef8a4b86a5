"""Writes docs/reference/datasets.md from the tables.

python -m docs.build_datasets            write the page
python -m docs.build_datasets --check    exit 1 where the page is not what the tables say
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sentinel.model import ecs
from sentinel.model.datasets import DATASETS
from sentinel.normalise.convert import meaning_of_converter, name_of_converter, text
from sentinel.normalise.related import RELATED
from sentinel.normalise.tables import COMMON, FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.model.dataset import Dataset
    from sentinel.normalise.mapping import Event, Family, Map

PAGE: Final = Path(__file__).resolve().parent / "reference" / "datasets.md"
_HEAD: Final = "<!-- Written by `python -m docs.build_datasets` from the code: change the code, not this page. -->\n\n"
_ABOUT: Final = """# Datasets and columns

Every event belongs to one dataset, by its channel. An event keeps its native fields as they were written, as strings
under `winlog.*` and `event.code`; rules read those. Beside them it gets the columns of the Elastic Common Schema (ECS)
below, for people's searches and for enrichment.

- An absent native field, an empty one and `-` give no value. Of several texts a column takes the first; a column
  marked *many* takes all.
- A text that does not fit its column's type (`LOCAL` as an address) is kept in `_overflow`, a map from the column's
  name to the native text.
- `event.created` is the time that the record states, `event.ingested` the time of taking in. `@timestamp` is the
  former, or the latter where the record's time is missing, unparsable or more than a day ahead: `sentinel.time_flag`
  then says which. All are UTC; a time without a zone is taken as UTC.
- Of several lines for one column, the first that gives a value counts. A line of an event code replaces the dataset's
  lines for the same column."""


def datasets() -> str:
    """Give the page of all datasets, their events and their columns."""
    families = {family.dataset: family for family in FAMILIES}
    known = [section for dataset in DATASETS for section in _dataset(dataset, families.get(dataset.name))]
    return "\n\n".join(
        [
            _ABOUT,
            "## Every dataset",
            _lines(COMMON),
            _related(),
            *known,
            "## Columns",
            _columns(),
            "## Converters",
            _converters(),
        ]
    )


def _dataset(dataset: Dataset, family: Family | None) -> Iterator[str]:
    yield f"## {dataset.name}"
    channels = ", ".join(f"`{channel}`" for channel in dataset.channels)
    yield f"{dataset.title}." + (f" Channels: {channels}." if channels else "")
    if family is None:
        return
    if family.maps:
        yield _lines(family.maps)
    yield _table(
        ("code", "action", "category", "type", "outcome"),
        [
            (event.code, event.action, ", ".join(event.category), ", ".join(event.type), event.outcome)
            for event in family.events
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


def main(arguments: Sequence[str]) -> int:
    """Write the page, or with --check tell whether it stands as it would be written."""
    page = _HEAD + datasets() + "\n"
    if "--check" in arguments:
        stands = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page
        if not stands:
            sys.stderr.write(f"{PAGE.name} is not what the tables say: python -m docs.build_datasets\n")
        return 0 if stands else 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

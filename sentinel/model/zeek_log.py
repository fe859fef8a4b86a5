"""What a log of Zeek is: its fields, their types.

The types are Zeek's own, as the `#types` line of a log writes them; of a JSON log, which has none, they are known from
these tables alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from sentinel.model.dataset import Dataset

CITES = "https://docs.zeek.org/en/current/script-reference/log-files.html"


@dataclass(frozen=True, slots=True)
class ZeekLog:
    """A log: its path (`conn`), its title, and of each field the name, the type and the meaning.

    `always` are fields, beside the time and the connection, that every record of the log has: by them a JSON record
    that does not name its log is told.
    """

    path: str
    title: str
    fields: tuple[tuple[str, str, str], ...]
    always: frozenset[str]

    def types(self) -> dict[str, str]:
        """Give the type of each field."""
        return {name: kind for name, kind, _meaning in self.fields}

    def dataset(self) -> Dataset:
        """Give the dataset `zeek.<path>`."""
        fields = tuple((name, meaning) for name, _kind, meaning in self.fields)
        return Dataset(f"zeek.{self.path}", f"Zeek: {self.title}", fields=fields, cites=CITES)


def rows(table: str) -> tuple[tuple[str, str, str], ...]:
    """Read a table of one field a line: its name, its type, and what it means."""
    found = []
    for line in table.strip().splitlines():
        name, kind, meaning = line.split(maxsplit=2)
        found.append((name, kind, meaning))
    return tuple(found)


TIME = rows("ts time When it happened")
CONNECTION = TIME + rows("""
uid string Identity of the connection
id.orig_h addr Address of the originator
id.orig_p port Port of the originator
id.resp_h addr Address of the responder
id.resp_p port Port of the responder
""")


def log(path: str, title: str, always: str, table: str, of: tuple[tuple[str, str, str], ...] = CONNECTION) -> ZeekLog:
    """Make a log from a table of its own fields, behind those `of` every such log."""
    return ZeekLog(path, title, of + rows(table), frozenset(always.split()))

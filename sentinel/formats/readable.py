"""Everything that can be read, as a list for people: formats of files, and products whose records are JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sentinel.formats.registry import formats
from sentinel.formats.schemas import schemas
from sentinel.language import later

FILE: Final = later("file")
JSON: Final = later("JSON records")
PACKING: Final = later("packing")
# What `sentinel.inputs` takes off before a format is told.
_PACKINGS: Final = (
    ("gzip", later("gzip, any number of members")),
    ("bzip2", later("bzip2, any number of streams")),
    ("xz", later("xz and LZMA")),
    ("zstd", later("Zstandard, windows up to 128 MiB")),
    ("utf-16", later("UTF-16 with a byte order mark")),
    ("zip", later("ZIP archive: each member is read as a file")),
    ("tar", later("tar archive, plain or packed: each member is read as a file")),
    ("7z", later("7z archive: each member is read as a file")),
)


@dataclass(frozen=True, slots=True)
class Readable:
    """Something that can be read: its name, what kind of thing it is, and its title."""

    name: str
    kind: str
    title: str


def everything() -> list[Readable]:
    """Give all that is read, formats in the order in which they are tried."""
    return [
        *(Readable(each.name, FILE, each.title) for each in formats()),
        Readable("windows", JSON, later("Windows events: NXLog and other flat JSON, evtx_dump, Winlogbeat")),
        *(Readable(each.name, JSON, each.title) for each in schemas()),
        *(Readable(name, PACKING, title) for name, title in _PACKINGS),
    ]

"""What a row of the table of datasets says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset: its name, its title for people, and the channels and providers (lower-cased) that belong to it.

    Datasets other than those of Windows list their native `fields`, each with its meaning, those that the reader adds
    to the source's own among them; where `open`, events may have others besides. `cites` names the document that lays
    down the format. `decoded` names the fields whose text may stand in the record in another form, in which keywords
    are looked for besides.
    """

    name: str
    title: str
    channels: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    cites: str = ""
    open: bool = False
    decoded: tuple[str, ...] = ()

"""Loads the estate: a folder of platforms (`*.toml`) and tables of agencies (`*.csv`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel import content
from sentinel.errors import InputError
from sentinel.estate import agencies, platforms
from sentinel.language import _
from sentinel.model.estate import Estate

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.errors import SentinelError
    from sentinel.model.estate import Agency, Platform
    from sentinel.settings import Settings


DEFAULT: Final = "default"
"""The origin of a setting that nobody set."""


def folder_of(now: Settings) -> Path:
    """Give the folder of the estate: the one that was set, else the user's, else the practice estate shipped."""
    if now.estate.is_dir() or now.origins.get("estate", DEFAULT) != DEFAULT:
        return now.estate
    return content.practice_estate()


def load(folder: Path) -> Estate:
    """Load every file of a folder; what cannot be read is among the estate's `faults`, with its place (`path:line`).

    Raises InputError where the folder cannot be read, or holds no file of an estate.
    """
    files = _files(folder)
    faults: list[SentinelError] = []
    found_platforms: list[Platform] = []
    found_agencies: list[Agency] = []
    for path in files:
        try:
            if path.suffix == ".csv":
                found_agencies += agencies.read(path, faults)
            elif platform := platforms.read(path, faults):
                found_platforms.append(platform)
        except InputError as error:
            faults.append(error)
    return Estate(tuple(found_platforms), tuple(found_agencies), tuple(faults))


def _files(folder: Path) -> list[Path]:
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix in {".toml", ".csv"} and path.name[0] != ".")
    except OSError as error:
        raise InputError(
            _("no estate can be read here: {reason}").format(reason=error.strerror or error),
            place=str(folder),
            hint=_("the setting `estate` names the folder"),
        ) from None
    if not files:
        raise InputError(
            _("no estate is here"),
            place=str(folder),
            hint=_("it is platforms in `*.toml` and agencies in `*.csv`; `sentinel estate import` begins one"),
        )
    return files

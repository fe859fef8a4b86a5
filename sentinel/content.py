"""Where rules, profiles and the estate lie: yours first, then those shipped.

In a checkout the shipped content is the top-level folders `detections/`, `pki/` and their like; a wheel carries the
same folders as `sentinel/_content/`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PACKAGE = Path(__file__).resolve().parent


def shipped() -> Path:
    """Give the folder that holds the shipped content."""
    installed = _PACKAGE / "_content"
    return installed if installed.is_dir() else _PACKAGE.parent


def detections() -> Path:
    """Give the folder of shipped detections: `sigma/`, each rule with the events that prove it."""
    return shipped() / "detections"


def practice_estate() -> Path:
    """Give the folder of the shipped estate: platforms and agencies of reserved names, which fit the samples."""
    return detections() / "platforms"


def profiles() -> Path:
    """Give the folder of shipped profiles of certificates."""
    return shipped() / "pki" / "profiles"


def pki_agencies() -> Path:
    """Give the folder that says which agency may ask for which names: a practice file."""
    return shipped() / "pki" / "agencies"


def rule_folders(own: Iterable[Path] = ()) -> tuple[Path, ...]:
    """Give the places to read Sigma rules from, in order: the reader's own, then those shipped."""
    return (*own, detections() / "sigma")

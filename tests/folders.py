"""Folders to work in, with settings and caches of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def work_in(folder: Path, monkeypatch: pytest.MonkeyPatch, columns: int = 100) -> Path:
    """Make a folder the current one, its `store` the store, and a terminal so many columns wide; give the folder."""
    for name in ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(folder / ".settings" / name))
    monkeypatch.setenv("SENTINEL_STORE", str(folder / "store"))
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.chdir(folder)
    return folder

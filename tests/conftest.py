"""What every test starts with: English, no settings from outside, and the way to ../shared."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from sentinel import language

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("SENTINEL_SHARED") or ROOT.parent / "shared" / "data")
_used = pytest.StashKey[list[str]]()
_absent = pytest.StashKey[list[str]]()

# No deadline: machines are shared, and a slow one is not a broken one.
hypothesis.settings.register_profile("check", max_examples=50, deadline=None, derandomize=True)
hypothesis.settings.register_profile("deep", max_examples=2000, deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_used], config.stash[_absent] = [], []
    # A shell that starts us in the background has us, and whatever we start, ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    hypothesis.settings.load_profile("deep" if config.option.markexpr == "deep" else "check")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "shared" in getattr(item, "fixturenames", ()):
            item.add_marker("shared")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("shared"):
        there = SHARED.is_dir()
        item.config.stash[_used if there else _absent].append(item.nodeid)
        if not there:
            pytest.skip("../shared/data is absent")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    used, absent = len(config.stash[_used]), len(config.stash[_absent])
    terminalreporter.write_line(f"tests that used ../shared: {used} (absent: {absent} skipped)")


@pytest.fixture
def shared() -> Path:
    """Give ../shared/data; where it is absent the test is skipped."""
    return SHARED


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start every test in English and without settings of the machine that runs it."""
    for variable in [name for name in os.environ if name.startswith("SENTINEL_")]:
        monkeypatch.delenv(variable)
    for variable in ("LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.setenv(variable, "en_GB.UTF-8")
    language.use("en")
    yield
    language.use("")

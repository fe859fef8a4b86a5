"""The power goes while events are taken in, sealed and merged: nothing acknowledged is lost, doubled or torn."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.store.crash import copying, ingesting, migrating, recording
from tests.store.crash.power import lose, recorded

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

pytestmark = pytest.mark.skipif(bool(recording.why_not()), reason=recording.why_not())
PROGRAM = ("-m", "tests.store.crash.ingesting")


def test_nothing_is_lost_with_the_power(tmp_path: Path) -> None:
    run = recorded(PROGRAM, tmp_path)
    assert lose(run, tmp_path, ingesting.look, most=40) > 40


def test_a_migration_ends_or_was_none(tmp_path: Path) -> None:
    run = recorded(("-m", "tests.store.crash.migrating"), tmp_path)
    assert lose(run, tmp_path, migrating.look, most=40) > 40


def test_a_backup_is_whole_or_what_it_was(tmp_path: Path) -> None:
    run = recorded(("-m", "tests.store.crash.copying"), tmp_path)
    assert lose(run, tmp_path, copying.look, most=40) > 40


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_lost_with_the_power_at_any_moment(tmp_path: Path, seed: int) -> None:
    run = recorded((*PROGRAM,), tmp_path)
    assert lose(run, tmp_path, ingesting.look, most=1000, seed=seed) > 1000


@pytest.mark.deep
def test_nothing_of_three_processes_is_lost_with_the_power(tmp_path: Path) -> None:
    run = recorded(PROGRAM, tmp_path, "cs c l cC mc K cs c", "3")
    assert lose(run, tmp_path, partial(ingesting.look, processes=3), most=300) > 300


@pytest.mark.deep
@pytest.mark.parametrize("program", [copying, migrating], ids=["backup", "migration"])
def test_copies_and_migrations_are_whole_at_any_moment(tmp_path: Path, program: ModuleType) -> None:
    run = recorded(("-m", program.__name__), tmp_path)
    assert lose(run, tmp_path, program.look, most=600) > 600

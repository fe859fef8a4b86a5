"""The power goes while certificates are issued: no signature is known whose intent is not on the disk."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.pki.crash import losing
from tests.pki.crash.an_office import Office, register_people
from tests.store.crash import recording
from tests.store.crash.power import lose, recorded

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(bool(recording.why_not()), reason=recording.why_not())


def lost(folder: Path, most: int) -> int:
    """Lose the power at up to so many moments of a run, and look each time; give how often."""
    people = folder / "people"
    people.mkdir()
    register_people(Office(people))
    run = recorded(("-m", "tests.pki.crash.losing"), folder / "run", str(people))
    assert len(run[0]) > 500
    return lose(run, folder / "run", partial(losing.look, people), most=most)


def test_no_signature_is_known_whose_intent_is_lost_with_the_power(tmp_path: Path) -> None:
    assert lost(tmp_path, 60) > 60


@pytest.mark.deep
def test_no_signature_is_known_whose_intent_is_lost_at_any_moment(tmp_path: Path) -> None:
    assert lost(tmp_path, 1500) > 1500

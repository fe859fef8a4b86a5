from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.pki.office.an_office import Office, copied, founded

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with founded(tmp_path_factory) as folder:
        return folder


@pytest.fixture
def office(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Office:
    return copied(template, tmp_path, monkeypatch, capfd)

"""The columns of the screen fit every window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sentinel import language
from sentinel.console.screen.columns import ALERTS, STORIES, layout
from sentinel.console.text import width_of
from sentinel.model.alert import Wanted
from sentinel.model.severity import Level
from sentinel.triage.desk import Desk
from tests.console.screen.a_sitting import NOW, a_sighting, take

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.model.alert import Alert


@pytest.fixture
def alert(tmp_path: Path) -> Alert:
    take(tmp_path, [a_sighting(1, title="Đăng nhập thất bại 登录失败 " * 9, host="máy-chủ" * 9, level=Level.CRITICAL)])
    with Desk(tmp_path) as desk:
        return desk.every(Wanted())[0]


@pytest.mark.parametrize("code", ["en", "vi"])
@pytest.mark.parametrize("width", [30, 50, 77, 100, 117, 160, 200, 300])
def test_a_row_is_never_wider_than_the_window(alert: Alert, code: str, width: int) -> None:
    language.use(code)
    found = layout(ALERTS, width)
    row = " ".join(cell.text for cell in found.cells(alert, NOW))
    assert width_of(row) == width_of(" ".join(found.headings()))
    assert width_of(row) <= max(width, 27)


def test_eighty_columns_show_rank_level_title_count_host_due_and_state() -> None:
    shown = [column.heading for column, _wide in layout(ALERTS, 77).columns]
    assert ["rank", "level", "title", "×", "host", "due", "state"] == shown


def test_two_hundred_columns_show_everything() -> None:
    assert ALERTS == tuple(column for column, _wide in layout(ALERTS, 197).columns)
    assert STORIES == tuple(column for column, _wide in layout(STORIES, 197).columns)

"""What happened around an alert, as the triage screen shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from sentinel.model.severity import Level
from tests.console.screen.a_sitting import a_shift, a_sighting, play, sitting

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.model.alert import Alert


def test_w_shows_what_happened_around_the_alert_that_is_looked_at(tmp_path: Path) -> None:
    def around(alert: Alert) -> list[Text]:
        return [Text(f"{alert.host} started cmd.exe"), Text("\x1b[2J[bold]no markup[/]")]

    shift = a_shift(tmp_path, [a_sighting(1, level=Level.CRITICAL), a_sighting(2)], around=around)

    async def scene() -> None:
        async with sitting(shift) as at:
            await at.press("down", "w")
            assert "Around Alert 2" in at.shown
            assert "pc2.gov.example started cmd.exe" in at.shown
            assert "[bold]no markup[/]" in at.shown
            await at.press("escape")
            assert "started cmd.exe" not in at.shown
            assert "Alert 2" in at.line

    play(scene)


def test_w_tells_where_no_events_are_stored(tmp_path: Path) -> None:
    shift = a_shift(tmp_path, [a_sighting(1)])

    async def scene() -> None:
        async with sitting(shift) as at:
            await at.press("w")
            assert "no events are stored beside these alerts" in at.shown

    play(scene)

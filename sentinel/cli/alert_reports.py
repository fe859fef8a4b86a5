"""What `sentinel alerts` tells of the queue: export, stats, stories, handover."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer


def register_reports(group: typer.Typer) -> None:
    """Add the commands that report on alerts to the group `alerts`."""

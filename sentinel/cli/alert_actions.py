"""What `sentinel alerts` does to alerts: ack, assign, note, close, and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer


def register_actions(group: typer.Typer) -> None:
    """Add the commands that act on alerts to the group `alerts`."""

"""Work that goes on while the screen is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.dom import DOMNode
    from textual.worker import Worker


def begin(
    node: DOMNode, work: Callable[[], Coroutine[Any, Any, None]], group: str, *, exclusive: bool = False
) -> Worker[None]:
    """Begin what a function does; `exclusive` gives up what the group of this name has at hand.

    A function and no coroutine: one that is given up before it has begun is never awaited, and Python warns of that.
    """
    return node.run_worker(work, group=group, exclusive=exclusive)

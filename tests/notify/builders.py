"""Builders of what is told: items, channels, and states of channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from sentinel.notify.channels import Channel, Rules, Webhook
from sentinel.notify.items import Item, sample
from tests.triage.builders import NOW

if TYPE_CHECKING:
    from sentinel.notify.channels import Target

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def an_item(number: int = 1, **fields: Any) -> Item:  # noqa: ANN401 - fields of an item
    """Build an item about an alert of its own, in a story of its own."""
    own = {"id": f"{number:032x}", "story": f"{number:032x}"}
    return msgspec.structs.replace(sample(NOW), **(own | fields))


def a_channel(target: Target | None = None, language: str = "en", **rules: Any) -> Channel:  # noqa: ANN401 - Rules
    """Build a channel with rules."""
    return Channel("soc", target or Webhook("http://127.0.0.1:9/hook"), Rules(**rules), language, ZONE)

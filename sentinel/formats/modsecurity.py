"""What ModSecurity says within an error log: `[id "942100"] [msg "…"] [uri "…"] …`.

See its Reference Manual, "ModSecurity Log Formats". Each name becomes a field `modsec.<name>`; `tag` comes many times.
"""

from __future__ import annotations

import re
from typing import Any

_MARK = "ModSecurity: "
_FIELD = re.compile(r'\[(\w{1,32}) "([^"\\]*+(?:\\.[^"\\]*+)*+)"\]')


def add_modsecurity(event: dict[str, Any], message: str) -> None:
    """Add what a message of ModSecurity names, and what it did: the text before the first name."""
    if _MARK not in message:
        return
    fields: dict[str, Any] = {}
    for name, value in _FIELD.findall(message):
        if name == "tag":
            fields.setdefault("modsec.tag", []).append(value)
        else:
            fields.setdefault(f"modsec.{name}", value)
    if fields:
        fields["modsec.action"] = message.partition(_MARK)[2].partition(" [")[0]
        event |= fields

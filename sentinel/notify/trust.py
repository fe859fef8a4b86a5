"""Which certificates of servers are trusted."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from pathlib import Path


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """Give what checks certificates: those that the machine trusts, or only what a file names. Raise InputError."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        reason = _("it holds no certificate") if isinstance(error, ssl.SSLError) else error.strerror
        raise InputError(_("cannot be read: {reason}").format(reason=reason), place=str(ca_file)) from None

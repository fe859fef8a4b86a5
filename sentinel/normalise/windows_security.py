"""The table of the Security log."""

from __future__ import annotations

from sentinel.normalise import windows_accounts, windows_logons, windows_objects
from sentinel.normalise.convert import digits
from sentinel.normalise.lines import who
from sentinel.normalise.mapping import Family, Map
from sentinel.normalise.windows_words import outcome_of_keywords

FAMILY = Family(
    "windows.security",
    maps=(
        *who("Subject", id_of="UserSid"),
        Map("winlog.logon.id", "SubjectLogonId", digits),
        Map("event.outcome", "Keywords", outcome_of_keywords),
    ),
    events=(*windows_logons.EVENTS, *windows_accounts.EVENTS, *windows_objects.EVENTS),
)

"""Everything that can be recorded, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docs.samples.recording import audit, auth, border, databases, dns, web

if TYPE_CHECKING:
    from docs.samples.recording.recordings import Recording

SCENES = (web, auth, audit, dns, databases, border)
RECORDINGS: dict[str, Recording] = {one.name: one for scene in SCENES for one in scene.RECORDINGS}

"""Draws the pictures of the triage screen in docs/images, in English and Vietnamese.

python docs/build_screens.py

The logs of docs/samples are taken into a store of its own; the screen is driven by keys, as a person would.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import replace
from pathlib import Path

from sentinel import language, settings
from sentinel.cli.main import main
from sentinel.cli.triage import shift_of
from sentinel.console.screen.app import Triage
from sentinel.people.acting import Acting
from sentinel.people.roles import Role

HERE = Path(__file__).resolve().parent
SIZE = (132, 34)
WAIT = 0.4
# The picture, the language, and the keys that lead to it.
PICTURES = (
    ("triage-queue", "en", ()),
    ("triage-around", "en", ("w",)),
    ("triage-close", "en", ("enter", "c")),
    ("triage-vietnamese", "vi", ()),
)


async def draw(store: Path, name: str, lang: str, keys: tuple[str, ...]) -> None:
    """Press keys and write what the screen shows then."""
    language.use(lang)
    now = settings.load({"store": str(store)})
    who = Acting("lan", frozenset({Role.ANALYST}), "os:1000:lan")
    app = Triage(replace(shift_of(now, ""), acting=who))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(WAIT)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(WAIT)
        (HERE / "images" / f"{name}.svg").write_text(app.export_screenshot(title="sentinel triage"))


def build() -> None:
    """Write every picture; paths in them are those from the top of the checkout."""
    os.chdir(HERE.parent)
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        os.environ["SENTINEL_STORE"] = str(store)
        samples = [str(HERE / "samples" / name) for name in ("windows", "web", "linux")]
        main(["ingest", "--quiet", *samples])
        for name, lang, keys in PICTURES:
            asyncio.run(draw(store, name, lang, keys))


if __name__ == "__main__":
    build()

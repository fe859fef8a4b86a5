"""How the parts of the screen lie: the queue, the alert beside or below it, dialogs above them."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
Screen { layout: vertical; }
#head, #said, #hints { height: 1; width: 100%; }
#body { height: 1fr; layout: vertical; }
#queue { height: 1fr; width: 100%; scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: scroll; }
#pane { height: 1fr; width: 100%; display: none; scrollbar-size-vertical: 1; overflow-x: hidden; padding: 0 1; }
.opened #queue { display: none; }
.opened #pane { display: block; }
.tall #queue, .wide #queue { display: block; }
.tall #pane { display: block; border-top: solid ansi_bright_black; }
.wide #body { layout: horizontal; }
.wide #queue { width: 3fr; height: 100%; }
.wide #pane { display: block; width: 2fr; height: 100%; border-top: none; border-left: solid ansi_bright_black; }
Dialog { align: center middle; }
Dialog > Vertical {
    width: 76; max-width: 96%; height: auto; max-height: 90%;
    border: round ansi_default; background: ansi_default; color: ansi_default; padding: 0 1;
}
Dialog Input, Dialog Input:focus { border: none; height: 1; padding: 0; background: ansi_default; }
Dialog Static { height: auto; background: ansi_default; }
Dialog Reading { height: auto; max-height: 100%; background: ansi_default; }
Dialog.tall > Vertical { width: 96%; height: 90%; }
Dialog.tall Reading { height: 1fr; }
"""

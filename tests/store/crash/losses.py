"""What may survive of unsynced writes when the power goes: nothing, everything, and the worst between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.store.crash.model_disk import ModelDisk, Tree, Write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from random import Random

    Loss = Callable[[ModelDisk, Random], Tree]


def dropped(disk: ModelDisk, _random: Random) -> Tree:
    """Every unsynced write and name is lost."""
    return disk.after(lambda _changes: (), lambda _writes: ())


def kept(disk: ModelDisk, _random: Random) -> Tree:
    """Nothing is lost: the program ended, not the machine."""
    return disk.after(lambda changes: changes, lambda writes: writes)


def only_names(disk: ModelDisk, _random: Random) -> Tree:
    """Names survive, what was written does not."""
    return disk.after(lambda changes: changes, lambda _writes: ())


def only_writes(disk: ModelDisk, _random: Random) -> Tree:
    """Let what was written to files survive, but no names."""
    return disk.after(lambda _changes: (), lambda writes: writes)


def only_sizes(disk: ModelDisk, _random: Random) -> Tree:
    """Names and sizes survive; where something was written, there are zeros."""
    return disk.after(lambda changes: changes, lambda writes: [_emptied(write) for write in writes])


def only_last(disk: ModelDisk, _random: Random) -> Tree:
    """Of each file and folder the last change survives, those before it do not."""
    return disk.after(lambda changes: changes[-1:], lambda writes: writes[-1:])


def not_first(disk: ModelDisk, _random: Random) -> Tree:
    """Of each file the first write is lost, those after it survive, and all names."""
    return disk.after(lambda changes: changes, lambda writes: writes[1:])


def any_of(disk: ModelDisk, random: Random) -> Tree:
    """Each change and write survives by chance."""
    return disk.after(
        lambda changes: [change for change in changes if random.random() < 0.5],
        lambda writes: [write for write in writes if random.random() < 0.5],
    )


def torn(block: int) -> Loss:
    """Make the loss in which each block of each write survives by chance; names do."""

    def loss(disk: ModelDisk, random: Random) -> Tree:
        return disk.after(
            lambda changes: changes,
            lambda writes: [part for write in writes for part in _parts(write, block) if random.random() < 0.6],
        )

    return loss


def all_but_one(disk: ModelDisk, random: Random) -> Tree:
    """Let all survive but one block of each file's writes, which chance chooses."""

    def most(writes: list[Write]) -> list[Write]:
        parts = [part for write in writes for part in _parts(write, 512)]
        lost = random.randrange(len(parts)) if parts else 0
        return parts[:lost] + parts[lost + 1 :]

    return disk.after(lambda changes: changes, most)


LOSSES: dict[str, Loss] = {
    "dropped": dropped,
    "kept": kept,
    "only names": only_names,
    "only writes": only_writes,
    "only sizes": only_sizes,
    "only last": only_last,
    "not first": not_first,
    "any of": any_of,
    "all but one": all_but_one,
    "torn at 512": torn(512),
    "torn at 4096": torn(4096),
}


def build(tree: Tree, folder: Path) -> None:
    """Write what is left of a disk to a folder that is not there yet."""
    folder.mkdir()
    for name, content in tree.items():
        if isinstance(content, bytes):
            (folder / name).write_bytes(content)
        else:
            build(content, folder / name)


def _emptied(write: Write) -> Write:
    return write if write.data is None else Write(write.when, write.offset, bytes(len(write.data)))


def _parts(write: Write, block: int) -> Iterable[Write]:
    if write.data is None:
        yield write
        return
    at = 0
    while at < len(write.data):
        size = block - (write.offset + at) % block
        yield Write(write.when, write.offset + at, write.data[at : at + size])
        at += size

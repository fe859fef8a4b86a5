"""A disk that forgets: what would be on it had the power gone at some moment of a recorded run.

The model promises as little as POSIX does. A write is safe after an fsync or fdatasync of its file that began when the
write had ended; a name (of a file created, renamed or removed, or of a folder) is safe after an fsync of its folder.
Of all else, any part may have survived or not: see `losses`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.store.crash.recording import Call


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes written at an offset; without bytes, a change of size to the offset."""

    when: int
    offset: int
    data: bytes | None

    def apply(self, content: bytearray) -> None:
        """Do it to a file's content."""
        end = self.offset + len(self.data or b"")
        if len(content) < end:
            content.extend(bytes(end - len(content)))
        if self.data is None:
            del content[self.offset :]
        else:
            content[self.offset : end] = self.data


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a folder's names: one taken away, one put there, or both at once (a rename)."""

    when: int
    gone: str = ""
    name: str = ""
    node: Node | None = None

    def apply(self, names: dict[str, Node]) -> None:
        """Do it to a folder's names."""
        names.pop(self.gone, None)
        if self.node is not None:
            names[self.name] = self.node


@dataclass(eq=False, slots=True)
class File:
    """A file: what is safe of it, and the writes that are not."""

    safe: bytearray = field(default_factory=bytearray)
    live: bytearray = field(default_factory=bytearray)
    pending: list[Write] = field(default_factory=list)

    def do(self, write: Write) -> None:
        """Take a write in."""
        write.apply(self.live)
        self.pending.append(write)


@dataclass(eq=False, slots=True)
class Folder:
    """A folder: which of its names are safe, and the changes that are not."""

    safe: dict[str, Node] = field(default_factory=dict)
    live: dict[str, Node] = field(default_factory=dict)
    pending: list[Change] = field(default_factory=list)

    def do(self, change: Change) -> None:
        """Take a change in."""
        change.apply(self.live)
        self.pending.append(change)


Node: TypeAlias = File | Folder
Tree: TypeAlias = "dict[str, bytes | Tree]"
Survivors: TypeAlias = "Callable[[list[Change]], Iterable[Change]]"
Remains: TypeAlias = "Callable[[list[Write]], Iterable[Write]]"


@dataclass(slots=True)
class Description:
    """An open file: several descriptors may share one, and its offset."""

    node: Node
    path: str
    offset: int = 0
    appends: bool = False


class ModelDisk:
    """A disk on which everything beneath one folder is followed, call by call."""

    def __init__(self, root: str) -> None:
        self.root = Folder()
        self.said: list[tuple[int, bytes]] = []
        self._base = root.rstrip("/")
        self._open: dict[int, dict[int, Description]] = {}
        self._says = ""

    def listen(self, path: str) -> None:
        """Take what is written to a file as said out loud: it is kept in `said` and is no part of the disk."""
        self._says = path

    def follow(self, call: Call) -> None:
        """Do what a call did."""
        if call.result < 0:
            return
        does = _CALLS.get(call.name)
        if does is None:
            raise NotImplementedError(f"{call.name}({call.arguments[:200]})")
        does(self, call)

    def after(self, changes: Survivors, writes: Remains) -> Tree:
        """Give what is there when the power comes back, by what survives of unsynced changes and writes."""
        return _remains(self.root, changes, writes)

    # ── what calls do ──

    def open(self, call: Call) -> None:
        path, flags = self._paths(call)[0], call.arguments
        inside = path == self._base or path.startswith(self._base + "/")
        if not inside and path != self._says:
            self._table(call.process).pop(call.result, None)
            return
        node = self._node(path) if inside else File()
        if node is None:
            node = File()
            self._put(path, Change(call.ended, name=_name(path), node=node))
        if "O_TRUNC" in flags and isinstance(node, File) and node.live:
            node.do(Write(call.ended, 0, None))
        self._table(call.process)[call.result] = Description(node, path, appends="O_APPEND" in flags)

    def write(self, call: Call) -> None:
        there = self._description(call)
        if there is None or not isinstance(there.node, File):
            return
        data = b"".join(call.texts())[: call.result]
        if there.path == self._says:
            self.said.append((call.ended, data))
            return
        if call.name.startswith("p"):
            offset = call.numbers()[2]
        else:
            offset = len(there.node.live) if there.appends else there.offset
            there.offset = offset + len(data)
        there.node.do(Write(call.ended, offset, data))

    def copy(self, call: Call) -> None:
        """sendfile(out, in, offset, count), copy_file_range(in, offset, out, offset, count, flags)."""
        numbers, table = call.numbers(), self._table(call.process)
        ends = [table.get(int(number)) for number in re.findall(r"(?:^|, )(\d+)<", call.arguments)]
        target, source = ends if call.name == "sendfile" else reversed(ends)
        if target is None:
            return
        assert source is not None, "copied from where nobody looks"
        assert isinstance(target.node, File)
        assert isinstance(source.node, File)
        given = re.search(r"\[(\d+)\]", call.arguments)
        assert call.name == "sendfile" or (given is None and len(numbers) >= 3), call.arguments
        begin = int(given[1]) if given else source.offset
        data = bytes(source.node.live[begin : begin + call.result])
        assert len(data) == call.result
        target.node.do(Write(call.ended, target.offset, data))
        target.offset += len(data)
        source.offset += 0 if given else len(data)

    def truncate(self, call: Call) -> None:
        there = self._description(call)
        if there is not None and isinstance(there.node, File):
            there.node.do(Write(call.ended, call.numbers()[-1], None))

    def allocate(self, call: Call) -> None:
        there = self._description(call)
        if there is None or not isinstance(there.node, File):
            return
        _descriptor, mode, offset, length = call.numbers()
        assert mode == 0, "only plain fallocate is followed"
        if len(there.node.live) < offset + length:
            there.node.do(Write(call.ended, offset + length, None))

    def sync(self, call: Call) -> None:
        if call.name in {"sync", "syncfs"}:
            self._sync_all(self.root, call.begun)
        elif there := self._description(call):
            _sync(there.node, call.begun)

    def rename(self, call: Call) -> None:
        assert "RENAME_EXCHANGE" not in call.arguments
        old, new = self._paths(call)
        if self._outside(old, new):
            return
        node = self._node(old)
        if _folder(old) == _folder(new):
            self._put(new, Change(call.ended, _name(old), _name(new), node))
        else:
            self._put(new, Change(call.ended, "", _name(new), node))
            self._put(old, Change(call.ended, _name(old)))
        for table in self._open.values():
            for there in table.values():
                there.path = new if there.node is node and there.path == old else there.path

    def link(self, call: Call) -> None:
        old, new = self._paths(call)
        if not self._outside(old, new):
            self._put(new, Change(call.ended, name=_name(new), node=self._node(old)))

    def unlink(self, call: Call) -> None:
        path = self._paths(call)[0]
        if not self._outside(path):
            self._put(path, Change(call.ended, _name(path)))

    def make_folder(self, call: Call) -> None:
        path = self._paths(call)[0]
        if not self._outside(path):
            self._put(path, Change(call.ended, name=_name(path), node=Folder()))

    def seek(self, call: Call) -> None:
        if there := self._description(call):
            there.offset = call.result

    def close(self, call: Call) -> None:
        self._table(call.process).pop(call.numbers()[0], None)

    def close_range(self, call: Call) -> None:
        first, last = call.numbers()[:2]
        table = self._table(call.process)
        for number in [number for number in table if first <= number <= (last & 0xFFFFFFFF)]:
            del table[number]

    def duplicate(self, call: Call) -> None:
        if call.name == "fcntl" and "F_DUPFD" not in call.arguments:
            return
        table, there = self._table(call.process), self._description(call)
        table.pop(call.result, None)
        if there is not None:
            table[call.result] = there

    def fork(self, call: Call) -> None:
        table = self._table(call.process)
        self._open[call.result] = table if "CLONE_FILES" in call.arguments else dict(table)

    def map(self, call: Call) -> None:
        there = re.search(r", (\d+)<", call.arguments)
        if there is None or "MAP_SHARED" not in call.arguments or "PROT_WRITE" not in call.arguments:
            return
        known = self._table(call.process).get(int(there[1]))
        if known is not None:
            # SQLite maps the index of its WAL, which is made anew after a loss of power.
            assert known.path.endswith("-shm"), f"{known.path} is written through memory"

    # ── where things are ──

    def _paths(self, call: Call) -> list[str]:
        texts = [os.fsdecode(text) for text in call.texts()[:2]]
        folders = re.findall(r"(?:^|, )(?:AT_FDCWD|(\d+))<((?:\\x[0-9a-f]{2})*)>", call.arguments)
        bases = [bytes.fromhex(text.replace("\\x", "")).decode() for _number, text in folders]
        paths = [str(Path(bases[min(at, len(bases) - 1)], text)) if bases else text for at, text in enumerate(texts)]
        assert all(path.startswith("/") for path in paths), f"relative: {call.name} {texts}"
        return [os.path.normpath(path) for path in paths]

    def _outside(self, *paths: str) -> bool:
        outside = [not path.startswith(self._base + "/") for path in paths]
        assert len(set(outside)) == 1, f"in and out of the disk: {paths}"
        return outside[0]

    def _node(self, path: str) -> Node | None:
        node: Node | None = self.root
        for name in path.removeprefix(self._base).split("/")[1:]:
            node = node.live.get(name) if isinstance(node, Folder) else None
        return node

    def _put(self, path: str, change: Change) -> None:
        folder = self._node(_folder(path))
        assert isinstance(folder, Folder), f"no folder for {path}"
        folder.do(change)

    def _table(self, process: int) -> dict[int, Description]:
        return self._open.setdefault(process, {})

    def _description(self, call: Call) -> Description | None:
        return self._table(call.process).get(call.numbers()[0])

    def _sync_all(self, node: Node, begun: int) -> None:
        for beneath in node.live.values() if isinstance(node, Folder) else ():
            self._sync_all(beneath, begun)
        _sync(node, begun)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _sync(node: Node, begun: int) -> None:
    if isinstance(node, File):
        for write in node.pending:
            if write.when < begun:
                write.apply(node.safe)
        node.pending = [write for write in node.pending if write.when >= begun]
    else:
        for change in node.pending:
            if change.when < begun:
                change.apply(node.safe)
        node.pending = [change for change in node.pending if change.when >= begun]


def _remains(folder: Folder, changes: Survivors, writes: Remains) -> Tree:
    names = dict(folder.safe)
    for change in changes(folder.pending):
        change.apply(names)
    tree: Tree = {}
    for name, node in names.items():
        if isinstance(node, Folder):
            tree[name] = _remains(node, changes, writes)
        else:
            content = bytearray(node.safe)
            for write in writes(node.pending):
                write.apply(content)
            tree[name] = bytes(content)
    return tree


_CALLS: dict[str, Callable[[ModelDisk, Call], None]] = {
    **dict.fromkeys(("openat", "open", "creat"), ModelDisk.open),
    **dict.fromkeys(("write", "pwrite64", "writev", "pwritev", "pwritev2"), ModelDisk.write),
    **dict.fromkeys(("sendfile", "copy_file_range"), ModelDisk.copy),
    "ftruncate": ModelDisk.truncate,
    "fallocate": ModelDisk.allocate,
    **dict.fromkeys(("fsync", "fdatasync", "sync", "syncfs"), ModelDisk.sync),
    "sync_file_range": lambda _disk, _call: None,
    **dict.fromkeys(("rename", "renameat", "renameat2"), ModelDisk.rename),
    **dict.fromkeys(("link", "linkat"), ModelDisk.link),
    **dict.fromkeys(("unlink", "unlinkat", "rmdir"), ModelDisk.unlink),
    **dict.fromkeys(("mkdir", "mkdirat"), ModelDisk.make_folder),
    "lseek": ModelDisk.seek,
    "close": ModelDisk.close,
    "close_range": ModelDisk.close_range,
    **dict.fromkeys(("dup", "dup2", "dup3", "fcntl"), ModelDisk.duplicate),
    **dict.fromkeys(("clone", "clone3", "fork", "vfork"), ModelDisk.fork),
    "mmap": ModelDisk.map,
}

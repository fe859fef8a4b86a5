"""The Merkle tree over a ledger's entries (RFC 6962, RFC 9162).

    leaf(d)    = SHA-256(0x00 ‖ d)                  d is the digest of an entry
    node(l, r) = SHA-256(0x01 ‖ l ‖ r)
    root(D)    = node(root of the first k, root of the others), k the largest power of two below the number of leaves

The root of a tree says all that is in it, and a path of few nodes proves that an entry is in it (inclusion), or that
one tree is the beginning of another (consistency). A root grows leaf by leaf: what is kept of n leaves are the roots of
the whole subtrees that they make, one for each bit of n that is set (`Frontier`).
"""

from __future__ import annotations

from collections import deque
from hashlib import sha256
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EMPTY: Final = sha256().digest()
"""The root of no leaves."""


def leaf_hash(content: bytes) -> bytes:
    """Give the hash of a leaf, 32 bytes."""
    return sha256(b"\0" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash of a node, 32 bytes."""
    return sha256(b"\1" + left + right).digest()


class Frontier:
    """The root of a tree that grows: `size` leaves so far, whose whole subtrees are kept, the largest first."""

    __slots__ = ("_subtrees", "size")

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []

    def add(self, contents: Iterable[bytes]) -> None:
        """Add leaves."""
        subtrees, size, hashed = self._subtrees, self.size, sha256
        for content in contents:
            found = hashed(b"\0" + content).digest()
            filled = size
            while filled & 1:
                found = hashed(b"\1" + subtrees.pop() + found).digest()
                filled >>= 1
            subtrees.append(found)
            size += 1
        self.size = size

    def root(self) -> bytes:
        """Give the root of the leaves so far, 32 bytes."""
        if not self._subtrees:
            return EMPTY
        *left, found = self._subtrees
        for subtree in reversed(left):
            found = node_hash(subtree, found)
        return found


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Give the root of leaves, each given as its hash."""
    if not leaves:
        return EMPTY
    level = list(leaves)
    while len(level) > 1:
        odd = [level[-1]] if len(level) % 2 else []
        level = [node_hash(left, right) for left, right in list(pairwise(level))[::2]] + odd
    return level[0]


def inclusion_proof(contents: Iterable[bytes], index: int, size: int) -> list[bytes]:
    """Give the path from leaf `index` (from 0) to the root of the first `size`, the lowest first (RFC 9162, 2.1.3.1).

    The contents of the leaves are read once, and none is kept.
    """
    parts: list[tuple[int, int]] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            parts.append((middle, end))
            end = middle
        else:
            parts.append((begin, middle))
            begin = middle
    return _roots(contents, parts[::-1])


def verify_inclusion(content: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that leaf `index` of a tree of `size` leaves is `content` (RFC 9162, 2.1.3.2); raise InputError."""
    if not 0 <= index < size:
        raise _false(_("the tree has no entry {index}").format(index=index + 1))
    node, last, found = index, size - 1, leaf_hash(content)
    for beside in proof:
        if last == 0:
            raise _false(_("the proof is too long"))
        if node & 1 or node == last:
            found = node_hash(beside, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        node, last = node >> 1, last >> 1
    if last or found != root:
        raise _false(_("entry {index} is not in the tree").format(index=index + 1))


def consistency_proof(contents: Iterable[bytes], earlier: int, size: int) -> list[bytes]:
    """Give what proves that the first `earlier` leaves are the beginning of the first `size` (RFC 9162, 2.1.4.1).

    The contents of the leaves are read once, and none is kept.
    """
    if not 0 < earlier < size:
        return []
    parts: list[tuple[int, int]] = []
    begin, end = 0, size
    while end != earlier:
        middle = begin + _split(end - begin)
        if earlier <= middle:
            parts.append((middle, end))
            end = middle
        else:
            parts.append((begin, middle))
            begin = middle
    # Where this last part is all of the earlier tree, its root is known.
    return _roots(contents, ([(begin, end)] if begin else []) + parts[::-1])


def verify_consistency(earlier: int, size: int, earlier_root: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """Check that a tree of `earlier` leaves is the beginning of one of `size` (RFC 9162, 2.1.4.2); raise InputError."""
    if not 0 < earlier < size:
        sound = earlier in {0, size} and not proof and (earlier_root == (EMPTY if not earlier else root))
        if not sound:
            raise _false(_("the earlier tree is not the beginning of the later one"))
        return
    path = [earlier_root, *proof] if earlier & (earlier - 1) == 0 else list(proof)
    if not path or _both_roots(path, earlier, size) != (earlier_root, root):
        raise _false(_("the earlier tree is not the beginning of the later one"))


def _both_roots(path: Sequence[bytes], earlier: int, size: int) -> tuple[bytes, bytes] | None:
    """Give the roots of the earlier and the later tree that a path makes; None where its length is not theirs."""
    node, last = earlier - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for beside in path[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            old, new = node_hash(beside, old), node_hash(beside, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, beside)
        node, last = node >> 1, last >> 1
    return None if last else (old, new)


def _roots(contents: Iterable[bytes], parts: Sequence[tuple[int, int]]) -> list[bytes]:
    """Give the root of each part of the leaves, from its first to behind its last; no two parts have one in common."""
    left, at, roots = iter(contents), 0, dict[tuple[int, int], bytes]()
    for begin, end in sorted(parts):
        deque(islice(left, begin - at), maxlen=0)
        frontier = Frontier()
        frontier.add(islice(left, end - begin))
        roots[begin, end], at = frontier.root(), end
    return [roots[part] for part in parts]


def _split(count: int) -> int:
    """Give the largest power of two that is less than a number of two or more."""
    return 1 << (count - 1).bit_length() - 1


def _false(message: str) -> InputError:
    return InputError(message)

"""The Merkle tree: its roots, and what its proofs prove."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import InputError
from sentinel.ledger.merkle import (
    EMPTY,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The leaves and roots that implementations of RFC 6962 (Certificate Transparency) are tested against.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHED = [leaf_hash(leaf) for leaf in LEAVES]
contents = st.lists(st.binary(max_size=40), max_size=70)


def naive(leaves: list[bytes]) -> bytes:
    """Give the root as RFC 6962, 2.1 defines it."""
    if len(leaves) <= 1:
        return sha256(b"\0" + leaves[0]).digest() if leaves else sha256().digest()
    split = max(1 << bit for bit in range(len(leaves)) if 1 << bit < len(leaves))
    return sha256(b"\1" + naive(leaves[:split]) + naive(leaves[split:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_the_known_trees(size: int) -> None:
    frontier = Frontier()
    frontier.add(LEAVES[:size])
    assert ROOTS[size] == frontier.root().hex() == root_of(HASHED[:size]).hex() == naive(LEAVES[:size]).hex()


@given(contents, st.integers(0, 70))
def test_a_root_grows_to_what_the_definition_says(leaves: list[bytes], cut: int) -> None:
    frontier = Frontier()
    frontier.add(leaves[:cut])
    assert naive(leaves[:cut]) == frontier.root()
    frontier.add(leaves[cut:])
    assert (len(leaves), naive(leaves)) == (frontier.size, frontier.root())
    assert naive(leaves) == root_of([leaf_hash(leaf) for leaf in leaves])


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70), st.data())
def test_every_entry_is_proved_to_be_where_it_is_and_nowhere_else(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    root, proof = naive(leaves), inclusion_proof(leaves, index, len(leaves))
    assert len(proof) <= (len(leaves) - 1).bit_length()
    verify_inclusion(leaves[index], index, len(leaves), proof, root)
    for content, place, size, path, top in (
        (leaves[index] + b"!", index, len(leaves), proof, root),
        (leaves[index], len(leaves), len(leaves), proof, root),
        (leaves[index], -1, len(leaves), proof, root),
        (leaves[index], index, len(leaves), [*proof, EMPTY], root),
        (leaves[index], index, len(leaves), proof, EMPTY),
        *(
            (leaves[index], index, len(leaves), [*proof[:at], EMPTY, *proof[at + 1 :]], root)
            for at in range(len(proof))
        ),
        *((leaves[index], index, len(leaves), proof[:-1], root) for _shorter in proof[:1]),
    ):
        with pytest.raises(InputError):
            verify_inclusion(content, place, size, path, top)


def test_an_entry_is_not_at_another_place() -> None:
    for size in range(2, 9):
        for index in range(size):
            proof = inclusion_proof(LEAVES, index, size)
            for place in {*range(size)} - {index}:
                with pytest.raises(InputError):
                    verify_inclusion(LEAVES[index], place, size, proof, bytes.fromhex(ROOTS[size]))


def test_every_tree_is_proved_to_be_the_beginning_of_every_later_one() -> None:
    for size in range(9):
        for earlier in range(size + 1):
            roots = bytes.fromhex(ROOTS[earlier]), bytes.fromhex(ROOTS[size])
            verify_consistency(earlier, size, *roots, consistency_proof(LEAVES, earlier, size))


def path_of(index: int, leaves: list[bytes]) -> list[bytes]:
    """Give the path of a leaf as RFC 9162, 2.1.3.1 defines it (PATH)."""
    if len(leaves) <= 1:
        return []
    split = max(1 << bit for bit in range(len(leaves)) if 1 << bit < len(leaves))
    if index < split:
        return [*path_of(index, leaves[:split]), naive(leaves[split:])]
    return [*path_of(index - split, leaves[split:]), naive(leaves[:split])]


def subproof(earlier: int, leaves: list[bytes], *, whole: bool) -> list[bytes]:
    """Give the proof of consistency as RFC 9162, 2.1.4.1 defines it (SUBPROOF)."""
    if earlier == len(leaves):
        return [] if whole else [naive(leaves)]
    split = max(1 << bit for bit in range(len(leaves)) if 1 << bit < len(leaves))
    if earlier <= split:
        return [*subproof(earlier, leaves[:split], whole=whole), naive(leaves[split:])]
    return [*subproof(earlier - split, leaves[split:], whole=False), naive(leaves[:split])]


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70), st.data())
def test_paths_are_those_that_the_standard_defines(leaves: list[bytes], data: st.DataObject) -> None:
    index, earlier = data.draw(st.integers(0, len(leaves) - 1)), data.draw(st.integers(1, len(leaves)))
    more = [*leaves, b"what comes later"]  # it is no part of a tree of this size
    assert path_of(index, leaves) == inclusion_proof(iter(more), index, len(leaves))
    assert subproof(earlier, leaves, whole=True) == consistency_proof(iter(more), earlier, len(leaves))


def test_the_paths_of_seven_leaves_are_those_of_the_standard() -> None:
    """RFC 9162, 2.1.5: the letters are those of its picture."""
    a, b, c, d, e, f, j = HASHED[:7]
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, m = node_hash(g, h), node_hash(i, j)
    paths = {0: [b, h, m], 3: [c, g, m], 4: [f, j, k], 6: [i, k]}
    assert paths == {index: inclusion_proof(LEAVES, index, 7) for index in paths}
    grown = {3: [c, d, g, m], 4: [m], 6: [i, j, k]}
    assert grown == {earlier: consistency_proof(LEAVES, earlier, 7) for earlier in grown}


@pytest.mark.parametrize(
    ("earlier", "size", "path"),
    [
        (
            1,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            [
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ],
)
def test_the_paths_between_trees_are_the_known_ones(earlier: int, size: int, path: list[str]) -> None:
    assert path == [each.hex() for each in consistency_proof(LEAVES, earlier, size)]


@given(st.lists(st.binary(max_size=8), min_size=2, max_size=70), st.data())
def test_a_tree_that_was_changed_is_no_beginning(leaves: list[bytes], data: st.DataObject) -> None:
    earlier = data.draw(st.integers(1, len(leaves) - 1))
    old, new, proof = naive(leaves[:earlier]), naive(leaves), consistency_proof(leaves, earlier, len(leaves))
    verify_consistency(earlier, len(leaves), old, new, proof)
    wrong = [
        (old, EMPTY, proof),
        (EMPTY, new, proof),
        (old, new, [*proof, EMPTY]),
        (old, new, proof[:-1]),
        *((old, new, [*proof[:at], EMPTY, *proof[at + 1 :]]) for at in range(len(proof))),
    ]
    for old_root, root, path in wrong:
        with pytest.raises(InputError):
            verify_consistency(earlier, len(leaves), old_root, root, path)


@pytest.mark.parametrize("sizes", [(3, 2), (-1, 2), (2, 2), (0, 2)])
def test_a_tree_is_no_beginning_of_a_smaller_or_different_one(sizes: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="not the beginning"):
        verify_consistency(*sizes, bytes(32), bytes.fromhex(ROOTS[2]), [])

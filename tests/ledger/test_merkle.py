"""Roots and proofs are those of RFC 6962: by its vectors, by another program, and for every tree up to 300 entries."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache

import pytest
from pymerkle import InmemoryTree

from survey.ledger import merkle
from survey.ledger.log_check import GrowingTree
from survey.ledger.merkle import WIDTH, full_root, leaf_hash

LEAVES = [leaf_hash(number.to_bytes(3, "big")) for number in range(70_000)]
LARGEST = 300
# The vectors of Certificate Transparency's own tests for RFC 6962: eight entries, and the root above so many of them.
WRITTEN = "|00|10|2021|3031|40414243|5051525354555657|606162636465666768696a6b6c6d6e6f"
ENTRIES = [bytes.fromhex(text) for text in WRITTEN.split("|")]

ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def reader(leaves: Sequence[bytes]) -> merkle.HashReader:
    def read(level: int, first: int, number: int) -> Sequence[bytes]:
        span = WIDTH**level
        return [full_root(leaves[at * span : (at + 1) * span]) for at in range(first, first + number)]

    return read


def test_the_empty_tree_and_the_vectors_of_certificate_transparency() -> None:
    assert merkle.root(0, reader([])) == hashlib.sha256(b"").digest()
    leaves = [leaf_hash(entry) for entry in ENTRIES]
    assert [merkle.root(size, reader(leaves)).hex() for size in range(1, 9)] == list(ROOTS)


def test_every_proof_of_every_tree_up_to_300_entries_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    computed = merkle._range
    ranges: dict[tuple[int, int], bytes] = {}

    def once(first: int, end: int, read: merkle.HashReader) -> bytes:
        if (first, end) not in ranges:
            ranges[first, end] = computed(first, end, read)
        return ranges[first, end]

    monkeypatch.setattr(merkle, "_range", once)
    read = reader(LEAVES)
    roots = [merkle.root(size, read) for size in range(LARGEST + 1)]
    for size in range(1, LARGEST + 1):
        for index in range(size):
            proof = merkle.inclusion(index, size, read)
            assert merkle.included(index, size, LEAVES[index], proof, roots[size])
        for old in range(size + 1):
            proof = merkle.consistency(old, size, read)
            assert merkle.consistent(old, size, roots[old], roots[size], proof)


@pytest.mark.parametrize("size", [1, 2, 5, 255, 256, 257])
def test_another_program_has_the_same_roots_and_proofs(size: int) -> None:
    other = InmemoryTree(algorithm="sha256")
    for number in range(size):
        other.append_entry(number.to_bytes(3, "big"))
    read = reader(LEAVES)
    root = merkle.root(size, read)
    assert root == other.get_root()
    for index in {0, size // 2, size - 1}:
        theirs = [bytes.fromhex(one) for one in other.prove_inclusion(index + 1, size).serialize()["path"]]
        assert theirs[0] == LEAVES[index]
        ours = merkle.inclusion(index, size, read)
        assert sorted(ours) == sorted(theirs[1:])


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 70_000])
def test_proofs_reach_over_several_levels_of_tiles(size: int) -> None:
    read = cache(reader(LEAVES))
    growing = GrowingTree()
    for leaf in LEAVES[:size]:
        growing.add(leaf)
    root = merkle.root(size, read)
    assert root == growing.root()
    for index in (0, 65_000, size - 1):
        assert merkle.included(index, size, LEAVES[index], merkle.inclusion(index, size, read), root)
    for old in (1, 256, 65_280):
        assert merkle.consistent(old, size, merkle.root(old, read), root, merkle.consistency(old, size, read))


def test_a_proof_holds_for_nothing_else() -> None:
    read, size = reader(LEAVES), 21
    root = merkle.root(size, read)
    proof = merkle.inclusion(5, size, read)
    assert not merkle.included(6, size, LEAVES[5], proof, root)
    assert not merkle.included(5, size, LEAVES[6], proof, root)
    assert not merkle.included(5, size, LEAVES[5], proof[:-1], root)
    assert not merkle.included(5, size, LEAVES[5], [*proof, proof[0]], root)
    assert not merkle.included(size, size, LEAVES[5], proof, root)
    grown = merkle.consistency(7, size, read)
    assert not merkle.consistent(8, size, merkle.root(7, read), root, grown)
    assert not merkle.consistent(7, size, merkle.root(8, read), root, grown)
    assert not merkle.consistent(7, size, merkle.root(7, read), root, grown[:-1])
    assert not merkle.consistent(0, 0, root, root, [])
    with pytest.raises(IndexError):
        merkle.inclusion(size, size, read)
    with pytest.raises(IndexError):
        merkle.consistency(size + 1, size, read)

"""The Merkle tree of RFC 6962, section 2.1: roots, and proofs that an entry is in a tree, or that it grew from another.

Hashes are read by level as tiles hold them: one of level L stands for 256^L entries. Whatever lies between is computed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache

HEIGHT = 8  # levels of the tree in one tile
WIDTH = 1 << HEIGHT
EMPTY = hashlib.sha256().digest()
HashReader = Callable[[int, int, int], Sequence[bytes]]  # (level, first, number) -> so many hashes of a level


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry.

    >>> leaf_hash(b"").hex()[:8]
    '6e340b9c'
    """
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two neighbours."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def full_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root above a power of two of hashes."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def root(size: int, read: HashReader) -> bytes:
    """Return the root of the first `size` entries."""
    return _range(0, size, _remembering(read)) if size else EMPTY


def inclusion(index: int, size: int, read: HashReader) -> list[bytes]:
    """Return the proof that entry `index`, from 0, is in the tree of `size` entries: from the leaf's sibling up.

    Raises:
        IndexError: there is no such entry in that tree.
    """
    if not 0 <= index < size:
        raise IndexError(f"no entry {index} in a tree of {size}")
    return _inclusion(index, 0, size, _remembering(read))


def consistency(old: int, size: int, read: HashReader) -> list[bytes]:
    """Return the proof that the tree of `size` entries begins with that of `old`; empty if either is trivial.

    Raises:
        IndexError: the old tree is larger.
    """
    if not 0 <= old <= size:
        raise IndexError(f"a tree of {size} does not begin with one of {old}")
    return _consistency(old, 0, size, True, _remembering(read)) if 0 < old < size else []


def included(index: int, size: int, leaf: bytes, proof: Sequence[bytes], expected: bytes) -> bool:
    """Return whether a proof shows that a leaf is entry `index` of the tree with that root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            computed = node_hash(sibling, computed)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and computed == expected


def consistent(old: int, size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether a proof shows that a tree begins with an older one (RFC 9162, 2.1.4.2)."""
    if old > size or old < 0:
        return False
    if old in (0, size):
        return not proof and (old_root == new_root if old else old_root == EMPTY)
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for node in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(node, before), node_hash(node, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, node)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _inclusion(index: int, first: int, end: int, read: HashReader) -> list[bytes]:
    if end - first == 1:
        return []
    middle = first + _below(end - first)
    if index < middle:
        return [*_inclusion(index, first, middle, read), _range(middle, end, read)]
    return [*_inclusion(index, middle, end, read), _range(first, middle, read)]


def _consistency(old: int, first: int, end: int, whole: bool, read: HashReader) -> list[bytes]:
    """Return the proof below one node; `whole`: the old tree has had this node from the beginning."""
    if old == end:
        return [] if whole else [_range(first, end, read)]
    middle = first + _below(end - first)
    if old <= middle:
        return [*_consistency(old, first, middle, whole, read), _range(middle, end, read)]
    return [*_consistency(old, middle, end, False, read), _range(first, middle, read)]


def _range(first: int, end: int, read: HashReader) -> bytes:
    """Return the hash of the node above the entries from `first` to before `end`."""
    number = end - first
    if number & (number - 1):
        middle = first + _below(number)
        return node_hash(_range(first, middle, read), _range(middle, end, read))
    level = (number.bit_length() - 1) // HEIGHT
    span: int = WIDTH**level
    return full_root(read(level, first // span, number // span))


def _below(number: int) -> int:
    """Return the largest power of two below a number."""
    return 1 << (number - 1).bit_length() - 1


def _remembering(read: HashReader) -> HashReader:
    """Return a reader that reads each tile once, as far as it is filled."""

    @cache
    def one(level: int, first: int, number: int) -> Sequence[bytes]:
        return read(level, first, number)

    return one

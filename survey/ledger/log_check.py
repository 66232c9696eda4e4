"""Check the ledger by itself: entries, the hashes above them, signatures, and what an old checkpoint says of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.errors import InvalidNote
from survey.ledger import discrepancies as words
from survey.ledger import tree
from survey.ledger.discrepancies import Discrepancy
from survey.ledger.entries import EntryKind
from survey.ledger.merkle import EMPTY, HEIGHT, leaf_hash, node_hash
from survey.ledger.notes import Checkpoint, Verifier, checkpoint, opened
from survey.models import LedgerCheckpoint, LedgerSubtree

_IN_ONE_READING = 5_000
_DECODE = json.JSONDecoder().decode


@dataclass
class History:
    """What entries tell that is about no answer alone, or of something that happened to one; by their number."""

    size: int = 0
    started: int | None = None  # the entry from which on it proves something
    of_answers: dict[int, list[Mapping[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    facts: list[Mapping[str, Any]] = field(default_factory=list)
    cuts: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)

    def add(self, number: int, content: Mapping[str, Any]) -> None:
        """Take what an entry tells."""
        if "answer" in content:
            self.of_answers[content["answer"]].append(content)
        elif content["kind"] == EntryKind.LINKS_CUT:
            self.cuts.append((number, content))
        elif content["kind"] == EntryKind.STARTED:
            self.started = number
        elif content["kind"] not in (EntryKind.ANSWER, EntryKind.KEPT):
            self.facts.append(content)


class GrowingTree:
    """A tree that grows leaf by leaf: the roots of its whole parts, from the largest."""

    def __init__(self) -> None:
        self.size = 0
        self.parts: list[bytes] = []

    def add(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf; return what it makes whole of what tiles hold: level, number and hash."""
        self.parts.append(leaf)
        at, height, whole = self.size, 0, []
        self.size += 1
        while at & 1:
            right = self.parts.pop()
            self.parts[-1] = node_hash(self.parts[-1], right)
            at, height = at >> 1, height + 1
            if height % HEIGHT == 0:
                whole.append((height // HEIGHT, (self.size >> height) - 1, self.parts[-1]))
        return whole

    def root(self) -> bytes:
        """Return the root above all leaves."""
        if not self.parts:
            return EMPTY
        *before, root = self.parts
        for part in reversed(before):
            root = node_hash(part, root)
        return root


def contents(session: Session) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield number, bytes and hash of each entry, in their order."""
    query = sa.select(tree.ENTRIES).order_by(tree.ENTRIES.c.number)
    with session.execute(query, execution_options={"yield_per": _IN_ONE_READING}) as rows:
        for row in rows:
            yield row.number, bytes(row.content), bytes(row.leaf)


def signed(session: Session, trusted: Verifier | None) -> Checkpoint | None:
    """Return the newest checkpoint, once its signature is checked: by the key that is trusted, else by its own.

    Raises:
        InvalidNote: the key that is trusted has not signed it.
    """
    newest = tree.newest_checkpoint(session)
    if newest is None:
        return None
    return checkpoint(opened(newest.note, [trusted or Verifier.parse(newest.verifier)]))


def check_log(
    session: Session, newest: Checkpoint | None, since: Checkpoint | None, history: History
) -> Iterator[Discrepancy]:
    """Yield what is wrong with the ledger itself; `history` takes what its entries tell."""
    if newest is None:
        yield Discrepancy(words.NO_CHECKPOINT)
    wanted = {row.size: row.note for row in session.execute(sa.select(LedgerCheckpoint.size, LedgerCheckpoint.note))}
    roots = dict.fromkeys([*wanted, *([] if since is None else [since.size])], EMPTY)
    whole = yield from _entries(session, history, roots)
    if not whole:
        return  # nothing that follows has its place
    yield from _signed_roots(history.size, wanted, roots)
    if newest is not None and since is not None:
        yield from _since(newest, since, history.size, roots)


def _entries(session: Session, history: History, roots: dict[int, bytes]) -> Generator[Discrepancy, None, bool]:
    """Yield what is wrong with entries and the hashes above them, and fill in roots; return whether none is lost."""
    subtrees = {(row.level, row.number): row.root for row in session.scalars(sa.select(LedgerSubtree))}
    growing = GrowingTree()
    for number, content, leaf in contents(session):
        if number != growing.size:
            yield Discrepancy(words.LOST_ENTRIES, {"first": growing.size, "last": number - 1})
            return False
        read = _read(content)
        if read is None or leaf != leaf_hash(content):
            yield Discrepancy(words.CHANGED_ENTRY, {"number": number})
        if read is not None:
            history.add(number, read)
        for level, at, computed in growing.add(leaf):
            if subtrees.pop((level, at), None) != computed:
                yield Discrepancy(words.CHANGED_TREE, {"level": level, "number": at})
        history.size = growing.size
        if growing.size in roots:
            roots[growing.size] = growing.root()
    for level, at in subtrees:
        yield Discrepancy(words.CHANGED_TREE, {"level": level, "number": at})
    return True


def _signed_roots(size: int, notes: Mapping[int, str], roots: Mapping[int, bytes]) -> Iterator[Discrepancy]:
    for at in sorted(notes):
        if at > size:
            yield Discrepancy(words.SHORTENED, {"size": size, "before": at})
        elif root_in(notes[at], at) != roots[at]:
            yield Discrepancy(words.CHANGED_CHECKPOINT, {"size": at})


def root_in(note: str, size: int) -> bytes:
    """Return the root that the note of a checkpoint of so many entries names; nothing if it is none of that size."""
    try:
        named = checkpoint(note)
    except InvalidNote:
        return b""
    return named.root if named.size == size else b""


def _since(newest: Checkpoint, since: Checkpoint, size: int, roots: Mapping[int, bytes]) -> Iterator[Discrepancy]:
    if since.origin != newest.origin:
        yield Discrepancy(words.OTHER_LEDGER, {"origin": since.origin})
    elif since.size > size:
        yield Discrepancy(words.SHORTENED, {"size": size, "before": since.size})
    elif roots[since.size] != since.root:
        yield Discrepancy(words.REWRITTEN, {"size": since.size})


def _read(content: bytes) -> Mapping[str, Any] | None:
    try:
        read = _DECODE(str(content, "utf-8"))  # a million times: json.loads looks for the encoding of bytes
    except ValueError:
        return None
    return read if isinstance(read, dict) and "kind" in read else None

"""Check a bundle for auditors without the server: the ledger, every opened answer, and the figures of closed periods.

What is counted anew are the answers as they stood at the closing: those with a number up to the newest one of then,
that no other one up to it replaced, and that counted. Their levels by unit, procedure, channel and kind of person must
be those that the frozen text tells, and its hash the one that the ledger tells.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from survey.errors import InvalidNote
from survey.i18n import msgid
from survey.ledger import discrepancies as words
from survey.ledger.answers_check import Halves
from survey.ledger.discrepancies import Discrepancy
from survey.ledger.entries import EntryKind, canonical, commitment
from survey.ledger.log_check import GrowingTree, History, root_in
from survey.ledger.merkle import WIDTH, leaf_hash
from survey.ledger.notes import Checkpoint, Verifier, checkpoint, opened
from survey.ledger.signatures_check import KeptCheckpoint, forgeries, named_signers
from survey.ledger.tiles import Tile
from survey.operations.audit_bundle import ANSWERS, CHECKPOINTS, PERIODS

_NO_BUNDLE = msgid("%(name)s is no bundle for auditors, or is damaged.")
CellKey: TypeAlias = "tuple[object, ...]"  # unit, procedure, channel, kind of person


@dataclass
class Audit:
    """What was checked: who signed, how many entries and answers, how often what happened, and what is wrong.

    `witnesses` are the keys of those whose signatures are in the bundle, to be compared with what they say themselves.
    """

    checkpoint: Checkpoint
    verifier: Verifier
    happened: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    periods: int = 0
    witnesses: list[str] = field(default_factory=list)
    discrepancies: list[Discrepancy] = field(default_factory=list)


@dataclass
class _Opened:
    """An answer as the bundle opens it, reduced to what figures are counted from."""

    day: str
    cell: CellKey
    overall: int
    counts: bool
    left_out: bool
    supersedes: int | None


def check(path: Path, trusted: Verifier | None = None, since: Checkpoint | None = None) -> Audit:
    """Check a bundle; the key that is trusted, or else the bundle's own, must have signed its checkpoint.

    Raises:
        InvalidNote: it is no bundle, or the key has not signed it.
    """
    try:
        with zipfile.ZipFile(path) as file:
            verifier = trusted or Verifier.parse(file.read("key").decode())
            audit = Audit(checkpoint(opened(file.read("checkpoint").decode(), [verifier])), verifier)
            history, sealed = _ledger(file, audit, since, _checkpoints(file, audit))
            numbered = dict(_answers(file, audit, history, sealed))
            _periods(file, audit, history, numbered)
            return audit
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile):
        raise InvalidNote(_NO_BUNDLE, name=path.name) from None


def _checkpoints(file: zipfile.ZipFile, audit: Audit) -> dict[int, bytes]:
    """Check the signatures of every checkpoint, and that the newest is the one that is served; return roots by size.

    Bundles had none before 2026-12.
    """
    if CHECKPOINTS not in file.namelist():
        return {}
    every = [KeptCheckpoint(**json.loads(line)) for line in file.read(CHECKPOINTS).decode().splitlines()]
    for one in every:
        audit.discrepancies.extend(forgeries(one))
    audit.witnesses = named_signers(every)
    served = file.read("checkpoint").decode()
    newest = max(every, key=lambda one: one.size)
    if served != newest.note + "".join(f"{line}\n" for _name, _key, line in newest.cosignatures):
        audit.discrepancies.append(Discrepancy(words.CHANGED_CHECKPOINT, {"size": newest.size}))
    return {one.size: root_in(one.note, one.size) for one in every if one.size < audit.checkpoint.size}


def _ledger(
    file: zipfile.ZipFile, audit: Audit, since: Checkpoint | None, roots: Mapping[int, bytes]
) -> tuple[History, dict[int, dict[str, Any]]]:
    """Hold the entries against the signed roots, and an older one; return what they tell, and those of answers."""
    history, growing, sealed = History(), GrowingTree(), dict[int, dict[str, Any]]()
    before = growing.root() if since is not None and since.size == 0 else b""
    for number, raw in enumerate(_entries(file, audit.checkpoint.size)):
        growing.add(leaf_hash(raw))
        content = json.loads(raw)
        history.add(number, content)
        audit.happened[content["kind"]] += 1
        if content["kind"] in (EntryKind.ANSWER, EntryKind.KEPT):
            sealed[number] = content
        if since is not None and growing.size == since.size:
            before = growing.root()
        if growing.size in roots and roots[growing.size] != growing.root():
            audit.discrepancies.append(Discrepancy(words.CHANGED_CHECKPOINT, {"size": growing.size}))
    history.size = growing.size
    if growing.root() != audit.checkpoint.root:
        audit.discrepancies.append(Discrepancy(words.CHANGED_CHECKPOINT, {"size": growing.size}))
    if since is not None and (since.origin, since.root) != (audit.checkpoint.origin, before):
        audit.discrepancies.append(Discrepancy(words.REWRITTEN, {"size": since.size}))
    return history, sealed


def _entries(file: zipfile.ZipFile, size: int) -> Iterator[bytes]:
    for first in range(0, size, WIDTH):
        width = min(WIDTH, size - first)
        raw = file.read(f"tile/{Tile(None, first // WIDTH, width).path}")
        for _ in range(width):
            end = 2 + int.from_bytes(raw[:2], "big")
            yield raw[2:end]
            raw = raw[end:]


def _answers(
    file: zipfile.ZipFile, audit: Audit, history: History, sealed: dict[int, dict[str, Any]]
) -> Iterator[tuple[int, _Opened]]:
    """Yield every answer by its number, once it is what its entry commits to; name those that are not, or miss."""
    halves = Halves(history)
    for number, content in sealed.items():
        halves.add(number, content)
    with file.open(ANSWERS) as lines:
        for line in lines:
            about = json.loads(line)
            number, answer = about["entry"], about["answer"]
            values = {"answer": answer["id"], "number": number, "day": answer["day"]}
            entry = sealed.pop(number, None)
            events = history.of_answers.get(number, ())
            if entry is None:
                audit.discrepancies.append(Discrepancy(words.ADDED_ANSWER, values))
            elif (counts := _counted_when_sealed(about, entry, events)) is None:
                audit.discrepancies.append(Discrepancy(words.CHANGED_ANSWER, values))
            else:
                audit.answers += 1
                yield answer["id"], _reduced(answer, counts, events)
    for number, content in sealed.items():
        if halves.cut_later(number, content) is None:
            values = {"number": number, "day": content.get("day", content.get("first", ""))}
            audit.discrepancies.append(Discrepancy(words.REMOVED_ANSWER, values))
    audit.discrepancies.extend(halves.discrepancies(sealed=True))


def _counted_when_sealed(
    about: Mapping[str, Any], entry: Mapping[str, Any], events: Sequence[Mapping[str, Any]]
) -> bool | None:
    """Return whether an answer counted when it was sealed; None if what is opened is not what was sealed."""
    committed = next((one["commitment"] for one in reversed(events) if "commitment" in one), entry["commitment"])
    salt = bytes.fromhex(about["salt"])
    for counts in (True, False):
        if commitment(salt, canonical(about["answer"] | {"counts": counts})) == committed:
            return counts
    return None


def _reduced(answer: Mapping[str, Any], counts: bool, events: Sequence[Mapping[str, Any]]) -> _Opened:
    left_out = False
    for event in events:
        now = event.get("counts", counts and event["kind"] != EntryKind.TAKEN_BACK)
        left_out = not now and (left_out or counts)
        counts = now
    cell = tuple(answer.get(name) for name in ("agency_id", "procedure_id", "channel", "respondent"))
    return _Opened(answer["day"], cell, answer["overall"], counts, left_out, answer.get("supersedes_id"))


def _periods(file: zipfile.ZipFile, audit: Audit, history: History, answers: Mapping[int, _Opened]) -> None:
    """Hold the frozen figures of each closed period against the ledger's hash, and against the answers."""
    written = {
        (fact["period"], fact["basis"]): fact["digest"]
        for fact in history.facts
        if fact["kind"] == EntryKind.PERIOD_CLOSED and "digest" in fact
    }
    for line in file.read(PERIODS).decode().splitlines():
        about = json.loads(line)
        values = {"name": f"{about['period']} {about['basis']}"}
        hashed = hashlib.sha256(about["frozen"].encode()).hexdigest()
        if not written.pop((about["period"], about["basis"]), "").endswith(hashed):
            audit.discrepancies.append(Discrepancy(words.CHANGED_PERIOD, values))
            continue
        audit.periods += 1
        [closing], cells, *_ = json.loads(about["frozen"])
        if _frozen(cells) != _counted(closing, answers):
            audit.discrepancies.append(Discrepancy(words.OTHER_FIGURES, values))
    for period, basis in written:
        audit.discrepancies.append(Discrepancy(words.CHANGED_PERIOD, {"name": f"{period} {basis}"}))


def _frozen(cells: Sequence[Sequence[Any]]) -> dict[CellKey, list[int]]:
    """Return how many answers each cell has of each level of the overall question."""
    return {tuple(row[:4]): list(row[7:12]) for row in cells if row[4] == "" and any(row[7:12])}


def _counted(closing: Sequence[Any], answers: Mapping[int, _Opened]) -> dict[CellKey, list[int]]:
    first, last, newest = closing[2], closing[3], closing[5]
    replaced = {one.supersedes for number, one in answers.items() if number <= newest}
    replaced_since = {one.supersedes for number, one in answers.items() if number > newest}
    levels: dict[CellKey, list[int]] = defaultdict(lambda: [0] * 5)
    for number, one in answers.items():
        counts = one.counts or (number in replaced_since and not one.left_out)
        there = number <= newest and first <= one.day <= last and number not in replaced
        if there and counts and 1 <= one.overall <= 5:
            levels[one.cell][one.overall - 1] += 1
    return dict(levels)

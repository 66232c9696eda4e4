"""Take out of what somebody wrote whatever tells who somebody is."""

from __future__ import annotations

from dataclasses import dataclass

from survey.redaction import addresses, names, numbers
from survey.redaction.kinds import BY_PLACEHOLDER, PLACEHOLDER, Kind, Passage, masked
from survey.redaction.spelling import spelling
from survey.redaction.words import words_of


@dataclass(frozen=True)
class Redacted:
    """What may be read of a text: `text` by the unit that it is about, `with_officers` by the province."""

    text: str
    with_officers: str


def redact(text: str) -> Redacted:
    """Return a text with a placeholder for each number, address and name in it; all else stays as it was written.

    >>> redact("Chị Lan bộ phận một cửa hẹn anh Tuấn, sđt 0912 345 678")
    Redacted(text='Chị [cán bộ] bộ phận một cửa hẹn anh [tên người], sđt [số điện thoại]',
        with_officers='Chị Lan bộ phận một cửa hẹn anh [tên người], sđt [số điện thoại]')
    """
    passages = passages_of(text)
    return Redacted(
        _replaced(text, passages),
        _replaced(text, [passage for passage in passages if passage.kind is not Kind.OFFICER]),
    )


def passages_of(text: str) -> list[Passage]:
    """Return what is to be taken out of a text, in its order.

    What is left is read again until nothing more is in it, so that what was redacted once stays as it is.
    """
    read = spelling(text)
    exact, plain = read.exact, read.plain
    placeholders = [Passage(*match.span(), BY_PLACEHOLDER[match.group()]) for match in PLACEHOLDER.finditer(exact)]
    exact, plain = masked(exact, placeholders), masked(plain, placeholders)
    passages: list[Passage] = []
    while more := _read(exact, plain):
        passages += more
        exact, plain = masked(exact, more), masked(plain, more)
    return [Passage(read.starts[start], read.starts[end], kind) for start, end, kind in sorted(passages, key=_start)]


def _read(exact: str, plain: str) -> list[Passage]:
    """Return what is found in one reading: first numbers, then addresses, for streets bear names, then names."""
    passages = list(numbers.find(exact, plain))
    words = words_of(masked(exact, passages), masked(plain, passages))
    if parts := list(addresses.find(words)):
        passages += parts
        words = words_of(masked(exact, passages), masked(plain, passages))
    return passages + list(names.find(words))


def _start(passage: Passage) -> int:
    return passage.start


def _replaced(text: str, passages: list[Passage]) -> str:
    pieces, here = [], 0
    for start, end, kind in passages:
        pieces += [text[here:start], kind.value]
        here = end
    return "".join([*pieces, text[here:]])

"""Redaction never fails, leaves all else as it is, reads what people see, and takes no longer than a text is long."""

from __future__ import annotations

import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from survey.redaction import redact
from survey.redaction.kinds import Kind
from survey.redaction.redacting import passages_of
from tests.support.redaction_figures import BUILDING, sentences

LONG = 10_000
MOST_TIMES = 3  # measured: up to 1.0; what reads a text over and over takes a hundred times as long
PROSE = " ".join(sentence.text for sentence in sentences(BUILDING))[:LONG]
WORDS = sorted({word for sentence in sentences(BUILDING) for word in sentence.text.split()})
PIECES = [*WORDS, *(kind.value for kind in Kind), ",", ".", ":", "(", "\n", "\u200b", "0912 345 678", "chị", "cán bộ"]
WRITTEN = st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join) | st.lists(
    st.sampled_from(PIECES) | st.text(max_size=3), max_size=10
).map("".join)


@given(st.text() | WRITTEN)
def test_what_is_outside_of_the_places_stays_sign_for_sign(text: str) -> None:
    spans = passages_of(text)
    assert all(a.end <= b.start for a, b in pairwise(spans)), "in their order, and apart"
    left, here = redact(text).text, 0
    for start, end, kind in spans:
        assert start < end
        assert left.startswith(text[here:start] + kind.value)
        left, here = left.removeprefix(text[here:start] + kind.value), end
    assert left == text[here:]


@given(st.text() | WRITTEN)
@example("cán bộ tên Lan, Hoa và chị Tuấn số 5 đường Lê Lợi, khóm 3")
def test_what_was_redacted_once_stays_as_it_is(text: str) -> None:
    once = redact(text).text
    assert redact(once).text == once


@given(WRITTEN)
def test_the_province_reads_the_names_of_officers_and_nothing_else_more(text: str) -> None:
    redacted, here, expected = redact(text), 0, ""
    for start, end, kind in passages_of(text):
        expected += text[here:start] + (text[start:end] if kind is Kind.OFFICER else kind.value)
        here = end
    assert redacted.with_officers == expected + text[here:]


SEEN_ALIKE = {
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "invisible": lambda text: "\u200b".join(text),
    "soft hyphens": lambda text: "\u00ad".join(text),
    "other digits": lambda text: "".join(chr(0x0660 + int(c)) if c in "0123456789" else c for c in text),
    "hard spaces": lambda text: text.replace(" ", "\u00a0"),
}


@pytest.mark.parametrize("way", SEEN_ALIKE)
def test_what_looks_alike_is_redacted_alike(way: str) -> None:
    for sentence in sentences(BUILDING):
        disguised = SEEN_ALIKE[way](sentence.text)
        kinds = [span.kind for span in passages_of(disguised)]
        assert kinds == [span.kind for span in passages_of(sentence.text)], disguised


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1 ",
        "0 ",
        "a@",
        "a",
        "a.",
        "Anh Tuấn ",
        "Nguyễn ",
        "Lan, ",
        "đường Lê ",
        "12/3 ",
        "84B1-",
        "0912 rồi ",
        "không chín ",
        "stk ",
        "stk 1 ",
        " ",
        "\n",
        "０9 ",
        "a\u0301",
        "\u200b",
        "a at ",
        "và Lan ",
        "cán bộ ",
        "ho so 1a",
        "1-",
        "[cán bộ]",
        "số 1, ",
        "(",
        "0(",
        "số 1 đường ",
        "H61.",
        "ấp long ",
        "tên Lan ",
        "o1l",
        "@gmail.",
        "a chấm ",
    ],
)
def test_no_text_takes_much_longer_than_prose_of_its_length(piece: str) -> None:
    text = (piece * LONG)[:LONG]
    for _ in range(5):
        if _seconds(text) < MOST_TIMES * _seconds(PROSE):
            return
    raise AssertionError(f"{_seconds(text) / _seconds(PROSE):.1f} times")


def _seconds(text: str) -> float:
    begun = time.process_time()
    redact(text)
    return time.process_time() - begun

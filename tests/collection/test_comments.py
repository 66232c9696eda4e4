"""What a person wrote is stored redacted, the original sealed; and a repeat is told from a change all the same."""

from __future__ import annotations

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from survey.collection import comments
from survey.models import Comment, Response
from tests.support.factories import SECRET
from tests.support.written import FOR_THE_PROVINCE, FOR_THE_UNIT, TYPED, answer


def stored(session: Session) -> list[Comment]:
    return list(session.scalars(sa.select(Comment).order_by(Comment.response_id)))


def test_the_unit_reads_neither_persons_nor_officers_and_the_province_reads_officers(session: Session) -> None:
    receipt = answer(session)
    [comment] = stored(session)
    assert (comment.text, comment.with_officers) == (FOR_THE_UNIT, FOR_THE_PROVINCE)
    assert comment.original and comments.unseal(SECRET, receipt, "S8", comment.original) == TYPED
    assert comments.of_response(session.connection(), comment.response_id) == {"S8": FOR_THE_UNIT}


def test_of_what_names_nobody_no_second_copy_is_kept(session: Session) -> None:
    answer(session, "Chờ lâu quá")
    [comment] = stored(session)
    assert (comment.text, comment.with_officers, comment.original) == ("Chờ lâu quá", None, None)


def test_a_repeat_finds_its_answer_though_what_it_says_is_sealed(session: Session) -> None:
    receipts = {answer(session)} | {answer(session, code="TESTQR") for _ in range(3)}
    assert len(receipts) == len(stored(session)) == 1


def test_whoever_corrects_a_number_within_a_comment_is_not_taken_for_a_repeat(session: Session) -> None:
    first = answer(session)
    second = answer(session, TYPED.replace("0987612345", "0987612346"), code="TESTQR")
    assert first != second
    assert [comment.text for comment in stored(session)] == [FOR_THE_UNIT] * 2
    assert session.scalars(sa.select(Response.counted).order_by(Response.id)).all() == [False, True]


def test_a_repeat_is_told_by_what_is_left_once_the_original_is_erased(session: Session) -> None:
    first = answer(session)
    session.execute(sa.update(Comment).values(original=None))
    assert answer(session, code="TESTQR") == first
    assert answer(session, "Chờ lâu quá", code="TESTQR") != first


def test_no_original_opens_for_another_comment_or_with_another_secret() -> None:
    sealed = comments.seal(SECRET, b"a" * 10, "S8", TYPED)
    assert comments.unseal(SECRET, b"a" * 10, "S8", sealed) == TYPED
    assert comments.unseal(SECRET, b"b" * 10, "S8", sealed) is None
    assert comments.unseal(SECRET, b"a" * 10, "S9", sealed) is None
    assert comments.unseal(SECRET[::-1], b"a" * 10, "S8", sealed) is None


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=1000))
def test_a_seal_gives_back_what_was_written_and_tells_its_length_in_steps_only(text: str) -> None:
    sealed = comments.seal(SECRET, b"a" * 10, "S8", text)
    assert comments.unseal(SECRET, b"a" * 10, "S8", sealed) == text
    assert (len(sealed) - 28) % comments.BLOCK == 0

"""Many values are sought in several statements, each value once, on both databases."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.slices import VALUES, rows_in
from survey.models import Agency
from tests.support.statements import statements

CODES = sa.select(Agency.code)


def test_every_row_is_returned_once_however_many_values_are_sought(session: Session) -> None:
    codes = list(session.scalars(CODES))
    strangers = [f"no agency {number}" for number in range(2 * VALUES)]
    sought = [codes[0], *strangers[:VALUES], *codes, *strangers, *codes]
    assert sorted(row.code for row in rows_in(session, CODES, Agency.code, sought)) == sorted(codes)


def test_no_statement_holds_more_values_than_a_slice(session: Session) -> None:
    with statements(session.get_bind()) as asked:
        assert list(rows_in(session, CODES, Agency.code, map(str, range(2 * VALUES + 1)))) == []
    selects = [one.text for one in asked if one.text.startswith("SELECT")]
    assert [max(text.count("?"), text.count("%(")) for text in selects] == [VALUES, VALUES, 1]


def test_without_values_the_store_is_not_asked(session: Session) -> None:
    assert list(rows_in(session, CODES, Agency.code, [])) == []

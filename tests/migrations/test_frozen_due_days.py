"""Comments whose links an older program has cut get the due day of their half of a month, and no others do."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import migrations
from survey.models import Channel, Comment, MovedDay, Response
from survey.web.survey import survey_of
from tests.support import factories

NOON, DAY = dt.datetime(2026, 10, 1, 5, tzinfo=dt.UTC), dt.timedelta(days=1)


def test_of_links_that_are_cut_the_due_day_follows_from_the_half(app: Flask, session: Session) -> None:
    for ahead in (0, 13, 14, 25):  # two of each half
        factories.response(session, 2, when=NOON + ahead * DAY, comments={"S8": f"Ngày {ahead}"})
    session.execute(sa.update(Response).where(Response.day < dt.date(2026, 10, 20)).values(invitation_id=None))
    factories.response(session, 2, when=NOON, comments={"S8": "Quầy"}, channel=Channel.KIOSK)
    session.add(MovedDay(day=dt.date(2026, 10, 19), works=False, reason="Thông báo 7"))
    session.commit()
    database = survey_of(app).database
    migrations.migrate(database, "0035")
    migrations.migrate(database, days_to_answer=2)
    due = {row.text: row.due_day for row in session.execute(sa.select(Comment.text, Comment.due_day))}
    first, second = dt.date(2026, 10, 21), dt.date(2026, 11, 3)  # two working days after 18 October, and 1 November
    assert due == {"Ngày 0": first, "Ngày 13": first, "Ngày 14": second, "Ngày 25": None, "Quầy": None}

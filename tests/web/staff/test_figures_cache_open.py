"""Figures of open periods are counted at each look, and drawn anew only where something in them differs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import Agency, Procedure, Response
from survey.web.staff import dashboard
from tests.support import factories
from tests.support.officials import official, sign_in

NOON = dt.datetime(2026, 11, 3, 5, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 5, 5, tzinfo=dt.UTC)
NOVEMBER = "/staff/?period=2026-11"


@pytest.fixture
def drawn(session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Somebody signed in, and a list that grows with each drawing."""
    for rating in (5, 4, 2):
        factories.response(session, rating, when=NOON)
    factories.response(session, 5, when=NOON - dt.timedelta(days=20))
    official(session)
    seen: list[str] = []
    draw = dashboard._drawn

    def counted(*given: Any) -> Any:
        seen.append("drawn")
        return draw(*given)

    monkeypatch.setattr(dashboard, "_drawn", counted)
    with time_machine.travel(LATER, tick=False):
        sign_in(client)
        yield seen


def test_the_same_figures_are_drawn_once_for_each_way_of_looking(drawn: list[str], client: FlaskClient) -> None:
    first = client.get(NOVEMBER).text
    assert client.get(NOVEMBER).text == first and drawn == ["drawn"]
    assert client.get(f"{NOVEMBER}&sort=rate").text != first and len(drawn) == 2
    assert "Đạt" not in client.get(f"{NOVEMBER}&lang=en").text and len(drawn) == 3


def _rename(table: type[Any], code: str) -> Callable[[Session], object]:
    return lambda session: session.execute(
        sa.update(table).where(table.code == code).values(name={"vi": "Tên mới", "en": "New name"})
    )


CHANGES: list[Callable[[Session], object]] = [
    _rename(Agency, "H61"),
    _rename(Agency, "H61.50"),
    _rename(Procedure, "1.001193"),
    lambda session: factories.response(session, 1, when=NOON),
    lambda session: factories.response(session, 1, when=NOON - dt.timedelta(days=20)),
    lambda session: factories.case(session, "H61.50", finished=NOON.date()),
    lambda session: session.execute(sa.update(Response).values(r1=2)),
    lambda session: session.execute(sa.update(Response).where(Response.overall == 2).values(counted=False)),
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_a_figure_or_a_name_draws_it_anew(
    drawn: list[str], client: FlaskClient, session: Session, change: Callable[[Session], object]
) -> None:
    page = f"{NOVEMBER}&by=procedure"
    before = client.get(page).text
    change(session)
    session.commit()
    after = client.get(page).text
    assert len(drawn) == 2 or (after == before and change is CHANGES[1])


def test_another_day_and_another_scope_have_drawings_of_their_own(
    drawn: list[str], client: FlaskClient, session: Session
) -> None:
    client.get(NOVEMBER)
    with time_machine.travel(LATER + dt.timedelta(days=1), tick=False):
        sign_in(client)
        client.get(NOVEMBER)
    assert len(drawn) == 2
    official(session, "lan", agency="H61.50")
    sign_in(client, "lan")
    assert "Sở Nội vụ" not in client.get(NOVEMBER).text and len(drawn) == 3

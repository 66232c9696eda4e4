"""Figures of closed periods are drawn once, and anew as soon as anything in them may have changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import Agency, Procedure
from survey.periods import parse
from survey.results import closing
from survey.web.staff import figures_cache
from tests.support import factories
from tests.support.officials import official, sign_in

NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 5, 5, tzinfo=dt.UTC)
OCTOBER = "/staff/?period=2026-10"


@pytest.fixture
def drawn(session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Somebody signed in, and a list that grows with each drawing of a closed period."""
    factories.response(session, 5, when=NOON)
    factories.response(session, 2, when=NOON - dt.timedelta(days=40))
    closing.close(session, parse("2026-10"), LATER)
    official(session)
    seen: list[str] = []
    kept = figures_cache.kept

    def keep(*given: Any) -> figures_cache.Shown:
        *rest, make = given

        def counted() -> figures_cache.Shown:
            seen.append("drawn")
            return make()  # type: ignore[no-any-return]

        return kept(*rest, counted)

    monkeypatch.setattr(figures_cache, "kept", keep)
    with time_machine.travel(LATER, tick=False):
        sign_in(client)
        yield seen


def test_a_closed_period_is_drawn_once_for_each_way_of_looking(drawn: list[str], client: FlaskClient) -> None:
    first = client.get(OCTOBER).text
    assert client.get(OCTOBER).text == first and drawn == ["drawn"]
    client.get(f"{OCTOBER}&sort=rate")
    english = client.get(f"{OCTOBER}&lang=en").text
    assert "Đạt" not in english and len(drawn) == 3


def test_an_open_period_is_drawn_each_time(drawn: list[str], client: FlaskClient) -> None:
    client.get("/staff/?period=2026-11")
    client.get("/staff/?period=2026-11")
    assert len(drawn) == 2


def _rename(session: Session) -> None:
    session.execute(sa.update(Agency).where(Agency.code == "H61.50").values(name={"vi": "Phường Mới", "en": "New"}))


CHANGES: list[Callable[[Session], object]] = [
    _rename,
    lambda session: session.execute(sa.update(Procedure).values(name={"vi": "Tên khác", "en": "Other"})),
    lambda session: factories.response(session, 1, when=NOON - dt.timedelta(days=40)),
    lambda session: closing.close(session, parse("2026-09"), LATER),
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_it_makes_it_anew(
    drawn: list[str], client: FlaskClient, session: Session, change: Callable[[Session], object]
) -> None:
    client.get(OCTOBER)
    change(session)
    session.commit()
    page = client.get(OCTOBER).text
    assert len(drawn) == 2
    assert ("Phường Mới" in page) is (change is _rename)


def test_another_scope_has_figures_of_its_own(drawn: list[str], client: FlaskClient, session: Session) -> None:
    client.get(OCTOBER)
    official(session, "lan", agency="H61.50")
    sign_in(client, "lan")
    assert "Sở Nội vụ" not in client.get(OCTOBER).text

"""Fifty at once, through a real server of two worker processes, on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from survey.collection.responses import MOST_CHANGES
from survey.db.engine import Database
from survey.models import Response
from survey.settings import Settings
from tests.support import factories
from tests.support.faults.people import NotAcknowledged, Sheet, open_page, send
from tests.support.faults.restarted import forked

CROWD = 50
TRY_AGAIN, TRIES = "503", 12  # each lasts as long as a citizen waits for a lock


def prepared(settings: Settings) -> str:
    """Issue one invitation and return its address."""
    with Database(settings.database_url) as database, database.session(writes=True) as session:
        token = factories.invitation(session)
        factories.placement(session)
        session.commit()
    return f"/r/{token}"


def counted(settings: Settings) -> list[tuple[int, int]]:
    """Return how many responses are counted, and how many there are."""
    with Database(settings.database_url) as database, database.session(writes=False) as session:
        query = sa.select(sa.func.count().filter(Response.counted), sa.func.count()).select_from(Response)
        return [tuple(row) for row in session.execute(query)]


def at_once(port: int, people: list[Sheet], refused: str = "") -> list[str]:
    """Let everybody send at the same moment; each must get a receipt, or a refusal with this status.

    Whoever is asked to try again in a few seconds, on a machine that is busy with something else, does.
    """
    ready = threading.Barrier(len(people))

    def one(sheet: Sheet) -> str:
        ready.wait()
        for _ in range(TRIES):
            try:
                return send(port, sheet)
            except NotAcknowledged as error:
                if str(error) == refused:
                    return refused
                if str(error) != TRY_AGAIN:
                    raise
        raise NotAcknowledged(TRY_AGAIN)

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(one, people))


def test_fifty_different_pages_of_one_invitation_give_one_counted_response(settings: Settings) -> None:
    path = prepared(settings)
    with forked(settings) as server:
        people = [Sheet(path, 1 + i % 5) for i in range(CROWD)]
        for sheet in people:
            open_page(server.port, sheet)
        receipts = at_once(server.port, people, refused="409")
    kept = 1 + MOST_CHANGES
    assert receipts.count("409") == CROWD - kept, "an answer may be changed so often, and no more"
    assert len(set(receipts) - {"409"}) == kept
    assert counted(settings) == [(1, kept)]


@pytest.mark.parametrize("path", ["invitation", "/q/TESTQR"])
def test_one_page_sent_fifty_times_gives_one_response_and_one_receipt(settings: Settings, path: str) -> None:
    link = prepared(settings)
    with forked(settings) as server:
        page = Sheet(link if path == "invitation" else path, 4)
        open_page(server.port, page)
        receipts = at_once(server.port, [Sheet(page.path, 4, page.fields) for _ in range(CROWD)])
    assert len(set(receipts)) == 1
    assert counted(settings) == [(1, 1)]


def test_fifty_people_at_one_open_code_are_fifty_responses(settings: Settings) -> None:
    prepared(settings)
    with forked(settings) as server:
        people = [Sheet("/q/TESTQR", 5) for _ in range(CROWD)]
        for sheet in people:
            open_page(server.port, sheet)
        receipts = at_once(server.port, people)
    assert len(set(receipts)) == CROWD
    assert counted(settings) == [(CROWD, CROWD)]

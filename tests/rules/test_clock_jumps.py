"""The clock jumps while people answer: nothing is lost or doubled, what was sent last counts, the ledger continues."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from survey.db.engine import Database
from survey.models import Response
from survey.security.tokens import receipt_code
from survey.settings import Settings
from tests.support import factories
from tests.support.faults import evidence
from tests.support.faults.people import FIELD, RECEIPT, Sheet, open_page, request
from tests.support.faults.restarted import forked

APPLICATION = "tests.support.faults.moved_clock:application"
FILE, CARELESS = "clock_jump", "by_clock"  # read by that application
HOUR, DAY = 3600, 86_400
JUMPS = (HOUR, -HOUR, DAY, -DAY, 3 * DAY, -3 * DAY, -90, 5 * DAY, 40 * DAY, -400 * DAY)
TRIES = 3  # a form that was open for too long comes back to be sent again
COMMENT = "Chờ lâu quá"


def sent(port: int, sheet: Sheet) -> int:
    """Send until there is a receipt, each time what the reply carries; return how often it came back filled in."""
    for tries in range(TRIES):
        form = {**sheet.fields, "S1": str(sheet.rating), "S8": COMMENT}
        status, page = request(port, "POST", sheet.path, urlencode(form))
        if receipts := RECEIPT.findall(page) if status == 200 else []:
            sheet.receipts.append(receipts[0])
            return tries
        assert status in (400, 409, 422) and COMMENT in page, (status, page[:300])
        sheet.fields = dict(FIELD.findall(page))
    raise AssertionError("no receipt")


def jumped(settings: Settings, rounds: int, careless: bool = False) -> str:
    """Let the clock jump again and again between page and answer, and between two answers; return what was seen."""
    settings.instance.mkdir(exist_ok=True)
    clock = settings.instance / FILE
    clock.write_text("0")
    if careless:
        (settings.instance / CARELESS).touch()
    with Database(settings.database_url) as database, database.session(writes=True) as session:
        factories.placement(session)
        links = [f"/r/{factories.invitation(session, days=30)}" for _ in range(rounds * len(JUMPS))]
        session.commit()
    last, everybody, back, checkpoint = list[str](), list[Sheet](), 0, None
    with forked(settings, APPLICATION) as server:
        for turn, link in enumerate(links):
            first, second = Sheet(link, 1 + turn % 5), Sheet(link, 5 - turn % 5)
            stranger = Sheet("/q/TESTQR", 3)
            for sheet in (first, stranger):
                open_page(server.port, sheet)
            back += sent(server.port, first)
            open_page(server.port, second)
            clock.write_text(str(JUMPS[turn % len(JUMPS)]))
            if abs(JUMPS[turn % len(JUMPS)]) < 30 * DAY:  # else the link has expired, or is not out yet
                back += sent(server.port, second)
                last.append(second.receipts[-1])
            back += sent(server.port, stranger)
            clock.write_text("0")
            everybody += [first, second, stranger]
            _, checkpoint = evidence.agreed(settings, checkpoint)
    kept, _ = evidence.agreed(settings, checkpoint)
    receipts = [receipt for sheet in everybody for receipt in sheet.receipts]
    assert set(receipts) <= set(kept) and len(kept) == len(set(kept))
    with Database(settings.database_url) as database, database.session(writes=False) as session:
        counted = {receipt_code(one) for one in session.scalars(sa.select(Response.receipt).where(Response.counted))}
    assert set(last) <= counted, "what was sent last does not count"
    return f"{len(links)} jumps, {len(receipts)} answers, {back} forms that came back to be sent again"


def test_a_clock_that_jumps_loses_and_doubles_nothing(settings: Settings, turns: Callable[[int, int], int]) -> None:
    print(jumped(settings, turns(1, 20)))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_product_that_believes_its_clock_is_caught(settings: Settings) -> None:
    with pytest.raises(AssertionError, match="sent last"):
        jumped(settings, 1, careless=True)

"""The pages of alerts in a browser: whoever cannot see well reads them, on the smallest and on a wide screen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from survey.accounts import mail_address
from survey.alerts import address_links, choices
from survey.alerts.post import Post
from survey.models import Alert, AlertKind, Role, Staff
from survey.periods import now
from tests.journeys.test_staff import AXE
from tests.support import factories
from tests.support.accessibility import Axe
from tests.support.factories import SECRET
from tests.support.officials import PASSWORD, official

ABOUT = {
    AlertKind.SIGNAL: {"period": "2026-10", "direction": "deterioration"},
    AlertKind.COMMENTS_LATE: {"period": "2026-10", "number": 3},
    AlertKind.SILENCE: {"since": "2026-11-09"},
    AlertKind.COVERAGE: {"period": "2026-11", "invited": 80, "due": 100},
    AlertKind.STUCK: {"number": 12},
    AlertKind.REPORT_DUE: {"period": "2026-10"},
    AlertKind.TASKS_LATE: {"number": 2},
    AlertKind.DRAFT_READY: {
        "period": "2026-Q4",
        "basis": "administrative",
        "name": {"vi": "Báo cáo quý", "en": "Quarterly report"},
        "day": "2026-12-19",
    },
}


@pytest.fixture
def stop_path(session: Session) -> str:
    """An official with an alert of each kind, one of them over; returns where one kind is stopped."""
    account, agency_id = official(session, "hanh", "H61.50", Role.MANAGER), factories.agency_id(session, "H61.50")
    for kind, about in ABOUT.items():
        began, over = now() - dt.timedelta(days=int(kind)), now() if kind == AlertKind.STUCK else None
        alert = Alert(kind=kind, agency_id=agency_id, guarded=True, subject="", about=about)
        alert.began_at, alert.ended_at = began, over
        session.add(alert)
    session.commit()
    path = choices.stop_link("", SECRET, account, AlertKind.SIGNAL, now())
    session.rollback()  # and lets go of the database
    return path


@pytest.fixture
def confirm_path(session: Session, stop_path: str) -> str:
    """Where the official confirms an address."""
    account = session.scalars(sa.select(Staff)).one()
    mail_address.save(session, SECRET, account, "hanh@example.vn", "vi", now())
    session.commit()
    path = address_links.link(Post(SECRET, "", ["vi"]), account, now())
    session.rollback()
    return path


@pytest.mark.parametrize("language", ["vi", "en"])
def test_axe_finds_nothing_and_no_page_of_alerts_is_wider_than_the_screen(
    site: str, stop_path: str, confirm_path: str, phone: Callable[..., Page], language: str
) -> None:
    page = phone(width=360)
    page.goto(f"{site}/staff/alerts?lang={language}")
    page.locator("#login").fill("hanh")
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_url("**/staff/alerts*")
    assert page.locator(".alerts > li").count() == len(AlertKind), "every kind has its words"
    faults = []
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        for path in ("/staff/alerts", "/staff/alerts/choices", stop_path, confirm_path):
            page.goto(f"{site}{path}?lang={language}")
            run = Axe().run(page, options=AXE)
            faults += [run.generate_report()] if run.violations_count else []
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert not faults, "\n".join(faults)

"""What somebody needs to look around: unused invitations, an open QR page, sign-ins; kept in instance/demo.json."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import accounts
from survey.cases import recording
from survey.collection import invitations, placements
from survey.collection.withdrawn_cases import Informant
from survey.errors import NotFound, SurveyError
from survey.models import Case, Channel, Filing, Level, Respondent, Role
from survey.organisation import agencies
from survey.periods import local_day
from survey.security import passwords
from survey.settings import Settings

UNUSED = 20
SHOWN_UNIT = "H61.102"
SHOWN_PROCEDURES = ("1.001193", "2.000815", "1.004873", "1.001612")
LOGINS = {
    "staff": ("quan.tri", "Quản trị tỉnh (minh họa)"),
    "unit_staff": ("phuong.tra.vinh", "Cán bộ phường Trà Vinh (minh họa)"),
}
Addresses = dict[str, Any]


def read(instance: Path) -> Addresses:
    """Return the addresses that were left last time; none if there are none."""
    try:
        return dict(json.loads((instance / "demo.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def write(instance: Path, addresses: Addresses) -> None:
    """Keep the addresses where only their owner can read them: they hold passwords and secret links."""
    handle = os.open(instance / "demo.json.part", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(addresses, file, ensure_ascii=False, indent=2)
    (instance / "demo.json.part").replace(instance / "demo.json")


def refresh(session: Session, settings: Settings, now: dt.datetime, report_dir: Path) -> Addresses:
    """Return addresses that work now: what still works is kept, used invitations are replaced."""
    before = read(settings.instance)
    base = settings.public_url
    kept = [url.rsplit("/", 1)[-1] for url in before.get("invitation_urls", ())]
    tokens = [token for token in kept if _unused(session, token, now)]
    tokens += _invite(session, settings, now, UNUSED - len(tokens))
    unit = agencies.by_code(session, SHOWN_UNIT)
    [placement] = placements.in_use(session, Channel.OPEN, [unit.id], most=1)
    return {
        "base_url": base,
        "invitation_urls": [invitations.address(base, token) for token in tokens],
        "open_url": placements.address(base, placement.channel, placement.code),
        "staff_url": f"{base}/staff/",
        "staff": _account(session, settings, "staff", Role.ADMINISTRATOR, agencies.root(session).id, before, now),
        "unit_staff": _account(session, settings, "unit_staff", Role.MANAGER, unit.id, before, now),
        "report_dir": str(report_dir),
    }


def _unused(session: Session, token: str, now: dt.datetime) -> bool:
    try:
        source = invitations.find(session.connection(), token, now)
        return source.invitation_id is not None and not invitations.answered(session.connection(), source.invitation_id)
    except SurveyError:
        return False


def _invite(session: Session, settings: Settings, now: dt.datetime, count: int) -> list[str]:
    """Finish a few more cases today and invite the people; nothing else would have an unused link to show."""
    today = local_day(now)
    communes = [one.code for one in agencies.by_id(session).values() if one.level == Level.COMMUNE]
    first = (session.scalar(sa.select(sa.func.max(Case.id))) or 0) + 1
    turns = zip(itertools.cycle(communes), itertools.cycle(SHOWN_PROCEDURES), range(first, first + count), strict=False)
    cases = [
        recording.finished(
            settings.secret_key,
            f"{agency}-{today:%y%m%d}-{number:07}",
            receiving=agency,
            resolving=agency,
            procedure=procedure,
            respondent=Respondent.BUSINESS if procedure == "1.001612" else Respondent.CITIZEN,
            filing=Filing.ONLINE,
            received=today - dt.timedelta(days=2),
            due=today,
            finished=today,
        )
        for agency, procedure, number in turns
    ]
    recording.record(session, cases, Informant(now))
    return list(invitations.issue_due(session, [case.code_hash for case in cases], now, settings.answer_days).values())


def _account(
    session: Session, settings: Settings, kind: str, role: Role, agency_id: int, before: Addresses, now: dt.datetime
) -> dict[str, str]:
    """Keep the account and its password; one that nobody knows any more gets a new one."""
    login, name = LOGINS[kind]
    password = str(before.get(kind, {}).get("password", ""))
    try:
        account = accounts.named(session, login)
    except NotFound:
        password = passwords.new_password(login)
        accounts.add(session, login, name, role, agency_id, password, now)
        return {"login": login, "password": password}
    if password and passwords.verify(account.password_hash, password):
        return {"login": login, "password": password}
    password = passwords.new_password(login)
    accounts.reset_password(session, settings.secret_key, login, password, now)
    return {"login": login, "password": password}

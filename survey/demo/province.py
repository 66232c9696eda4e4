"""Load the agencies, procedures and placements of the demonstration province from the data shipped with the product."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.orm import Session

from survey import questionnaires
from survey.collection import placements
from survey.imports import agencies, procedures
from survey.imports.faults import Findings
from survey.models import Channel, Installation, Level
from survey.organisation.agencies import by_id
from survey.periods import LOCAL_ZONE
from survey.settings import DATA

ROOT_CODE = "H61"
PROFILE = DATA / "agencies" / "vinh_long_2025.csv"
PROCEDURES = DATA / "procedures.csv"
COUNTER = {"vi": "Quầy tiếp nhận và trả kết quả", "en": "Reception and results counter"}
KIOSK = {"vi": "Máy tự phục vụ tại Bộ phận Một cửa", "en": "Kiosk at the one-stop desk"}
KIOSKS = 3


def furnish(session: Session, today: dt.date) -> None:
    """Make the empty province: whose survey it is, its agencies, procedures, questionnaires and QR placements."""
    place = {"vi": "Vĩnh Long", "en": "Vinh Long"}
    session.add(Installation(id=1, demo=True, root_code=ROOT_CODE, place=place))
    agencies.apply(session, agencies.check(agencies.stored(session), PROFILE, Findings(), bool))
    procedures.apply(session, procedures.check(PROCEDURES, Findings(), bool))
    published = dt.datetime.combine(today - dt.timedelta(days=400), dt.time(8), LOCAL_ZONE)
    for document in questionnaires.documents(questionnaires.BANK.read_text(encoding="utf-8")):
        questionnaires.publish(session, document, published)
    _placements(session, published)


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a data file by its header."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _placements(session: Session, when: dt.datetime) -> None:
    """Give every commune and department a QR at its counter, and a few wards a kiosk that is switched off."""
    units = [unit for unit in by_id(session).values() if unit.level != Level.PROVINCE]
    communes = [unit for unit in units if unit.level == Level.COMMUNE]
    for unit in units:
        placements.make(session, unit.id, Channel.OPEN, when, label=COUNTER, questionnaire=questionnaires.IN_PERSON)
    for unit in communes[:KIOSKS]:
        placements.make(session, unit.id, Channel.KIOSK, when, label=KIOSK, questionnaire=questionnaires.IN_PERSON)

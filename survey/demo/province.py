"""Load the agencies, procedures and placements of the demonstration province from the data shipped with the product."""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.models import Agency, Channel, DeliveryLevel, Installation, Level, Placement, Procedure
from survey.periods import LOCAL_ZONE
from survey.security.base32 import ALPHABET
from survey.settings import DATA

ROOT_CODE = "H61"
PROFILE = DATA / "agencies" / "vinh_long_2025.csv"
PROCEDURES = DATA / "procedures.csv"
DELIVERY = {
    "toan_trinh": DeliveryLevel.FULLY_ONLINE,
    "mot_phan": DeliveryLevel.PARTLY_ONLINE,
    "chu_dong": DeliveryLevel.PROACTIVE,
}
COUNTER = {"vi": "Quầy tiếp nhận và trả kết quả", "en": "Reception and results counter"}
KIOSK = {"vi": "Máy tự phục vụ tại Bộ phận Một cửa", "en": "Kiosk at the one-stop desk"}
KIOSKS = 3


def furnish(session: Session, today: dt.date) -> None:
    """Make the empty province: whose survey it is, its agencies, procedures, questionnaires and QR placements."""
    place = {"vi": "Vĩnh Long", "en": "Vinh Long"}
    session.add(Installation(id=1, demo=True, root_code=ROOT_CODE, place=place))
    _agencies(session)
    session.execute(sa.insert(Procedure), list(_procedures()))
    published = dt.datetime.combine(today - dt.timedelta(days=400), dt.time(8), LOCAL_ZONE)
    for document in questionnaires.documents(questionnaires.BANK.read_text(encoding="utf-8")):
        questionnaires.publish(session, document, published)
    _placements(session, published)


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a data file by its header."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _agencies(session: Session) -> None:
    ids: dict[str, int] = {}
    for row in rows(PROFILE):  # parents stand before their children
        made = Agency(
            code=row["code"],
            name={"vi": row["name_vi"], "en": row["name_en"]},
            level=Level[row["level"].upper()],
            parent_id=ids[row["parent"]] if row["parent"] else None,
            valid_from=dt.date.fromisoformat(row["valid_from"]),
            valid_to=dt.date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        )
        session.add(made)
        session.flush()
        ids[made.code] = made.id


def _procedures() -> Iterator[dict[str, object]]:
    for row in rows(PROCEDURES):
        yield {
            "code": row["code"],
            "name": {"vi": row["name_vi"], "en": row["name_en"]},
            "field": {"vi": row["field_vi"], "en": row["field_en"]},
            "delivery": DELIVERY[row["delivery"]],
            "valid_from": dt.date.fromisoformat(row["valid_from"]),
        }


def _placements(session: Session, when: dt.datetime) -> None:
    """Give every commune and department a QR at its counter, and a few wards a kiosk that is switched off."""
    chance = random.Random("placements")
    agencies = list(session.scalars(sa.select(Agency).where(Agency.level != Level.PROVINCE).order_by(Agency.id)))
    communes = [agency for agency in agencies if agency.level == Level.COMMUNE]
    wanted = [(agency, Channel.OPEN, COUNTER) for agency in agencies]
    wanted += [(agency, Channel.KIOSK, KIOSK) for agency in communes[:KIOSKS]]
    for agency, channel, label in wanted:
        session.add(
            Placement(
                code="".join(chance.choices(ALPHABET, k=8)),
                channel=channel,
                agency_id=agency.id,
                label=label,
                enabled=channel == Channel.OPEN,
                created_at=when,
            )
        )
    session.flush()

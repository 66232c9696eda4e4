"""Plain functions that make one real thing each, with defaults that make sense."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from survey import questionnaires
from survey.collection import invitations, responses, withdrawn_cases
from survey.collection.answers import Answers
from survey.collection.invitations import AnswerSource
from survey.collection.withdrawn_cases import Informant
from survey.models import (
    Agency,
    Case,
    Channel,
    DeliveryLevel,
    Installation,
    Invitation,
    Level,
    Placement,
    PrivacyNotice,
    PrivacyPage,
    Procedure,
    QuestionnaireVersion,
    Respondent,
    VersionStatus,
)
from survey.models.privacy_notice import PRIVACY_HASH
from survey.security.tokens import case_hash, new_token, token_hash

ASKED = 1  # the version that pages ask: `furnish` publishes the short questionnaire first
SECRET = "a secret that only the tests know, 32+"
START = dt.date(2025, 7, 1)
UNITS = (
    ("H61.1", Level.DEPARTMENT, "Sở Nội vụ", "Department of Home Affairs"),
    ("H61.2", Level.DEPARTMENT, "Sở Tài chính", "Department of Finance"),
    ("H61.50", Level.COMMUNE, "Ủy ban nhân dân phường Trà Vinh", "People's Committee of Tra Vinh Ward"),
    ("H61.51", Level.COMMUNE, "Ủy ban nhân dân xã Càng Long", "People's Committee of Cang Long Commune"),
    ("H61.52", Level.COMMUNE, "Ủy ban nhân dân xã Đông Hải", "People's Committee of Dong Hai Commune"),
)
PROCEDURES = (
    ("1.001193", "Thủ tục đăng ký khai sinh", "Birth registration", "Hộ tịch", "Civil status"),
    ("1.000894", "Thủ tục đăng ký kết hôn", "Marriage registration", "Hộ tịch", "Civil status"),
    ("2.000815", "Chứng thực bản sao từ bản chính", "Certified copies", "Chứng thực", "Certification"),
)
NEW_CASE = sa.insert(Case.__table__)  # type: ignore[arg-type]  # a Table, which it does not say
# What `questionnaires.asked_now` asks, written out once.
ASKED_NOW = sa.select(QuestionnaireVersion.id).where(
    QuestionnaireVersion.code == sa.bindparam("code"), QuestionnaireVersion.status == VersionStatus.PUBLISHED
)
_numbers = itertools.count(1)


def furnish(session: Session) -> None:
    """Make the small province that every test starts from."""
    session.add(Installation(id=1, demo=False, root_code="H61", place={"vi": "Vĩnh Long", "en": "Vinh Long"}))
    province = agency(session, "H61", Level.PROVINCE, "Ủy ban nhân dân tỉnh Vĩnh Long", "Vinh Long Province", None)
    for code, level, vi, en in UNITS:
        agency(session, code, level, vi, en, province.id)
    for code, vi, en, field_vi, field_en in PROCEDURES:
        session.add(
            Procedure(
                code=code,
                name={"vi": vi, "en": en},
                field={"vi": field_vi, "en": field_en},
                delivery=DeliveryLevel.FULLY_ONLINE,
                valid_from=START,
            )
        )
    for document in questionnaires.documents(questionnaires.BANK.read_text(encoding="utf-8")):
        questionnaires.publish(session, document, dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    session.flush()


def agency(session: Session, code: str, level: Level, vi: str, en: str, parent_id: int | None) -> Agency:
    """Add one agency."""
    made = Agency(code=code, name={"vi": vi, "en": en}, level=level, parent_id=parent_id, valid_from=START)
    session.add(made)
    session.flush()
    return made


def agency_id(session: Session, code: str = "H61.50") -> int:
    """Return an agency's id by its code."""
    return _id(session, Agency.id, Agency.code, code)


def procedure_id(session: Session, code: str = "1.001193") -> int:
    """Return a procedure's id by its code."""
    return _id(session, Procedure.id, Procedure.code, code)


def _id(session: Session, column: InstrumentedAttribute[int], by: InstrumentedAttribute[str], code: str) -> int:
    """Look up once in a session what hundreds of cases need."""
    ids: dict[tuple[str, str], int] = session.info.setdefault("ids", {})
    key = (str(column), code)
    if key not in ids:
        ids[key] = session.scalars(sa.select(column).where(by == code)).one()
    return ids[key]


def case(
    session: Session, agency: str = "H61.50", procedure: str = "1.001193", finished: dt.date | None = None
) -> Case:
    """Add one finished case."""
    made = Case(**_case(session, agency, procedure, finished or dt.datetime.now(dt.UTC).date()))
    session.add(made)
    session.flush()
    return made


def _case(session: Session, agency: str, procedure: str, finished: dt.date) -> dict[str, Any]:
    unit = agency_id(session, agency)
    return {
        "code_hash": case_hash(SECRET, f"{agency}-261001-{next(_numbers):04}"),
        "receiving_agency_id": unit,
        "resolving_agency_id": unit,
        "procedure_id": procedure_id(session, procedure),
        "respondent": Respondent.CITIZEN,
        "finished_day": finished,
    }


def invitation(
    session: Session,
    agency: str = "H61.50",
    procedure: str = "1.001193",
    when: dt.datetime | None = None,
    days: int = 7,
) -> str:
    """Issue an invitation for a new case and return its token."""
    when = when or dt.datetime.now(dt.UTC)
    values = _case(session, agency, procedure, when.date())
    session.flush()
    [number] = session.connection().execute(NEW_CASE, values).inserted_primary_key  # tests need tens of thousands
    return invitations.issue(session, [number], when, days)[number]


def withdraw(session: Session, token: str, when: dt.datetime) -> None:
    """Let the portal withdraw the case of an invitation."""
    case_id = session.scalars(sa.select(Invitation.case_id).where(Invitation.token_hash == token_hash(token))).one()
    withdrawn_cases.change(session, {case_id: when.date()}, Informant(when))


def give_back(session: Session, token: str, when: dt.datetime) -> None:
    """Let the portal give the withdrawn case of an invitation back."""
    case_id = session.scalars(sa.select(Invitation.case_id).where(Invitation.token_hash == token_hash(token))).one()
    withdrawn_cases.change(session, {case_id: None}, Informant(when))


def placement(
    session: Session, agency: str = "H61.50", code: str = "TESTQR", channel: Channel = Channel.OPEN
) -> Placement:
    """Add an open QR code."""
    made = Placement(
        code=code, channel=channel, agency_id=agency_id(session, agency), created_at=dt.datetime.now(dt.UTC)
    )
    session.add(made)
    session.flush()
    return made


def privacy_notice(
    session: Session, number: int, since: dt.date, page: PrivacyPage = PrivacyPage.FORM, **texts: str
) -> bytes:
    """Keep a version of what pages say about data, and return its hash."""
    name = number.to_bytes(PRIVACY_HASH, "big")
    session.add(PrivacyNotice(hash=name, page=page, texts=texts or {"vi": f"Lời {number}"}, since=since))
    session.flush()
    return name


def response(
    session: Session,
    rating: int = 5,
    agency: str = "H61.50",
    procedure: str = "1.001193",
    when: dt.datetime | None = None,
    channel: Channel = Channel.INVITATION,
    ratings: dict[str, int] | None = None,
    other: dict[str, Any] | None = None,
    comments: dict[str, str] | None = None,
    asked: str = questionnaires.SHORT,
    source: AnswerSource | None = None,
    amends: bytes | None = None,
) -> bytes:
    """Record one answer given at `when` and return its receipt."""
    when = when or dt.datetime.now(dt.UTC)
    if source is not None:
        pass  # somebody answers again
    elif channel == Channel.INVITATION:
        source = invitations.find(session.connection(), invitation(session, agency, procedure, when), when)
    else:
        found = placement(session, agency, f"QR{next(_numbers)}", channel)
        source = invitations.place(session.connection(), found.code, channel)
    sheet = questionnaires.published_questionnaire(session, session.connection().scalar(ASKED_NOW, {"code": asked}))
    answers = Answers({"overall": rating, **(ratings or {})}, other or {}, comments or {})
    meta = responses.SubmissionMeta(new_token(), when, "vi", amends=amends)
    return responses.record(session.connection(), SECRET, source, sheet, answers, meta)

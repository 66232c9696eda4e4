"""Answers on paper and by telephone from a file: one sheet a line, checked whole before the first one is recorded.

The number that stands on a sheet makes it known again: the same file, or the same line of a later one, counts once.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.orm import Session

from survey import questionnaires
from survey.cases.recording import Tally
from survey.collection import sheets
from survey.collection.answers import Answers
from survey.collection.sheets import Pile, Sheet, SheetFate
from survey.collection.withdrawn_cases import Informant
from survey.errors import Conflict
from survey.i18n import msgid
from survey.imports import table
from survey.imports.cases import RESPONDENTS
from survey.imports.cells import agency_code, choice, day, procedure_code, words
from survey.imports.faults import Findings
from survey.imports.header import Column
from survey.models import Channel
from survey.organisation import agencies, procedures
from survey.organisation.dated_tree import valid
from survey.questionnaires import IN_PERSON, SHORT, Question, Questionnaire
from survey.security.tokens import keyed, keys

LONGEST_NUMBER = 40
CHANNELS = {
    **dict.fromkeys(("giấy", "phiếu giấy", "bản giấy", "paper", "4"), Channel.PAPER),
    **dict.fromkeys(("điện thoại", "qua điện thoại", "gọi điện", "telephone", "phone", "5"), Channel.TELEPHONE),
}
_NO_AGENCY = msgid("No agency has the code %(code)s. Import the agencies first, or correct the code.")
_NO_PROCEDURE = msgid("No procedure has the code %(code)s. Import the procedures first, or correct the code.")
_TWICE = msgid("The same sheet stands in line %(other)s already. Keep one of the two lines.")


@dataclass(frozen=True)
class Surroundings:
    """What a file of sheets is held against: agencies and procedures by code, what is asked, open days."""

    agencies: Mapping[str, int]
    procedures: Mapping[str, int]
    questionnaire: Questionnaire
    today: dt.date
    check_day: Callable[[dt.date], None]


@dataclass(frozen=True)
class ListedSheet:
    """One line: where its sheet belongs, and the sheet; its key is made of `number` when it is recorded."""

    pile: Pile
    sheet: Sheet
    number: str


def surroundings(session: Session, today: dt.date) -> Surroundings:
    """Read what a file of sheets is held against: what is asked at counters, else what invitations ask."""
    asked = questionnaires.all_asked_now(session)
    units = agencies.tree(session, today).agencies.values()
    days: dict[dt.date, Conflict | None] = {}

    def check_day(one: dt.date) -> None:
        if one not in days:
            try:
                sheets.check_day(session, one, today)
                days[one] = None
            except Conflict as conflict:
                days[one] = conflict
        if (fault := days[one]) is not None:
            raise fault

    return Surroundings(
        {one.code: one.id for one in units if valid(one, today)},
        {code: one.id for code, one in procedures.in_force(session, today).items()},
        asked[IN_PERSON] if IN_PERSON in asked else questionnaires.asked_now(session, SHORT),
        today,
        check_day,
    )


def columns(questionnaire: Questionnaire) -> tuple[Column, ...]:
    """Return the columns of a file: what every sheet has, and one for each rating that is asked."""
    rated = [question for question in questionnaire.questions if question.slot]
    return (
        Column("number", ("Số phiếu", "Mã phiếu", "Sheet number", "Sheet"), words(LONGEST_NUMBER)),
        Column("agency", ("Mã đơn vị", "Mã cơ quan", "Đơn vị", "Agency", "Agency code"), agency_code),
        Column("day", ("Ngày trả lời", "Ngày", "Day", "Answered on"), day),
        Column("channel", ("Kênh", "Hình thức", "Channel"), choice(CHANNELS, "Giấy, Điện thoại; Paper, Telephone")),
        Column("procedure", ("Mã thủ tục", "Mã TTHC", "Procedure code"), procedure_code, needed=False, optional=True),
        Column(
            "respondent",
            ("Đối tượng", "Respondent"),
            choice(RESPONDENTS, "Người dân, Doanh nghiệp; Citizen, Business"),
            needed=False,
            optional=True,
        ),
        *(_rating(question) for question in rated),
    )


def check(around: Surroundings, path: Path, findings: Findings, progress: Callable[[int], object]) -> list[ListedSheet]:
    """Return the sheets of a file, each once.

    Raises:
        ImportRefused: there are faults, each by line and column.
    """
    entries: list[ListedSheet] = []
    places: dict[tuple[str, str, Channel], int] = {}
    slots = {question.id: question.slot for question in around.questionnaire.questions if question.slot}
    for row in table.rows(path, columns(around.questionnaire), findings):
        progress(1)
        if not row.whole:
            continue
        values, titles = row.values, findings.titles
        agency, procedure = values["agency"], values.get("procedure")
        if agency not in around.agencies:
            findings.fault(row.line, titles["agency"], agency, _NO_AGENCY, code=agency)
            continue
        if procedure is not None and procedure not in around.procedures:
            findings.fault(row.line, titles["procedure"], procedure, _NO_PROCEDURE, code=procedure)
            continue
        try:
            around.check_day(values["day"])
        except Conflict as conflict:
            findings.fault(row.line, titles["day"], f"{values['day']:%d/%m/%Y}", conflict.message)
            continue
        other = places.setdefault((values["number"], agency, values["channel"]), row.line)
        if other != row.line:
            findings.fault(row.line, titles["number"], values["number"], _TWICE, other=other)
            continue
        ratings = {slot: values[name] for name, slot in slots.items() if values.get(name) is not None}
        pile = Pile(
            around.agencies[agency], values["channel"], around.procedures.get(procedure or ""), around.questionnaire
        )
        sheet = Sheet(Answers(ratings), values["day"], values.get("respondent"), "")
        entries.append(ListedSheet(pile, sheet, values["number"]))
    findings.check()
    return entries


def apply(session: Session, secret: str, entries: Sequence[ListedSheet], informant: Informant) -> Tally:
    """Record sheets; one that was recorded before is left, or corrected by what the file says now."""
    fates: Counter[SheetFate] = Counter()
    for entry in entries:
        parts = (str(entry.pile.agency_id), entry.pile.channel.name, entry.number)
        key, *former = (_sheet_key(one, parts) for one in keys(secret))
        sheet = replace(entry.sheet, key=key, former_keys=tuple(former))
        _receipt, fate = sheets.lay(session, secret, entry.pile, sheet, informant.staff_id, informant.when)
        fates[fate] += 1
    return Tally(fates[SheetFate.ADDED], fates[SheetFate.UNCHANGED], fates[SheetFate.UPDATED])


def _sheet_key(key: str, parts: tuple[str, ...]) -> str:
    return keyed(key, "sheet number", *parts).hex()[:32]


def _rating(question: Question) -> Column:
    levels = {option.value: int(option.value) for option in question.options}
    named = {text: int(option.value) for option in question.options for text in option.text.values()}
    headers = (question.id, *dict.fromkeys(question.text.values()))
    return Column(
        question.id, headers, choice(levels | named, "1–5"), needed=question.target, optional=not question.target
    )

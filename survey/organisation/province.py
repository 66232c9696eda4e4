"""Whose survey this is: the province that somebody enters at the start, before any file tells of it."""

from __future__ import annotations

import datetime as dt
import re

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.errors import Conflict
from survey.i18n import nfc
from survey.models import Agency, Installation, Level, Texts
from survey.organisation.agencies import is_installed, revise, root
from survey.organisation.code_formats import AGENCY_CODE, plain_code

COMMITTEE = {
    "vi": re.compile(r"^(?:Ủy|Uỷ) ban nhân dân (?:tỉnh|thành phố)\s+", re.IGNORECASE),
    "en": re.compile(r"^People's Committee of\s+|\s+(?:Provincial|City) People's Committee$"),
}
SINCE = dt.date(2025, 7, 1)  # the provinces of today exist since then: resolution 202/2025/QH15
NAME = 500  # characters, as files of agencies may have


def place_of(name: Texts) -> Texts:
    """Return the place-name of a province, as it stands before the date of a report.

    >>> place_of({"vi": "Ủy ban nhân dân tỉnh Vĩnh Long", "en": "Vinh Long Provincial People's Committee"})
    {'vi': 'Vĩnh Long', 'en': 'Vinh Long'}
    """
    return {
        language: COMMITTEE[language].sub("", words) if language in COMMITTEE else words
        for language, words in name.items()
    }


def establish(session: Session, code: str, name: Texts) -> Agency:
    """Say whose survey this is, and enter the province, of which nothing else is known yet.

    It gives way to the row of a file of agencies with its code, which may have another first day.

    Raises:
        Conflict: that has been said before, or the code or a name is none.
    """
    if is_installed(session):
        raise Conflict("This survey is set up already.")
    code, name = _read(code, name)
    province = Agency(code=code, name=name, level=Level.PROVINCE, valid_from=SINCE, placeholder=True)
    session.add(province)
    session.add(Installation(id=1, demo=False, root_code=code, place=place_of(name)))
    session.flush()
    return province


def correct(session: Session, code: str, name: Texts) -> Agency:
    """Correct the code and the names of a province that was entered, as long as no file has told of it.

    Raises:
        Conflict: there are agencies below it already, or the code or a name is none.
    """
    if not is_correctable(session):
        raise Conflict("The province stands in the list of agencies now. Please correct it there and import it again.")
    code, name = _read(code, name)
    province, installation = root(session), session.get_one(Installation, 1)
    province.code, province.name = code, name
    installation.root_code, installation.place = code, place_of(name)
    session.flush()
    revise(session)
    return province


def is_correctable(session: Session) -> bool:
    """Return whether the province was entered and no file has told of it or of any other agency."""
    others = sa.select(Agency.id).where(sa.not_(Agency.placeholder)).limit(1)
    return is_installed(session) and root(session).placeholder and session.scalar(others) is None


def _read(code: str, name: Texts) -> tuple[str, dict[str, str]]:
    code, words = plain_code(code), {language: nfc(text).strip() for language, text in name.items()}
    if not AGENCY_CODE.fullmatch(code) or "." in code:
        raise Conflict("The code of a province is a letter and two digits, such as H61. Please correct it.")
    if not words.get("vi") or max(map(len, words.values())) > NAME:
        raise Conflict("Please give the name in Vietnamese, of at most %(most)s characters.", most=NAME)
    return code, {language: text for language, text in words.items() if text}

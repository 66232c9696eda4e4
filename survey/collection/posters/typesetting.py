"""Posters of placements: whose survey it is, the QR code, the address in print, and how to tell that it is genuine."""

from __future__ import annotations

import datetime as dt
import enum
import json
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from survey import questionnaires
from survey.collection import placements
from survey.collection.posters import qr_code, typst_pdf
from survey.fonts import SANS, printable
from survey.i18n import date, gettext, speaking
from survey.models import Placement, Texts
from survey.organisation import agencies, procedures
from survey.questionnaires import Questionnaire

LANGUAGES = ("vi", "en")
LONGEST_ON_STRIP = 130
STRIPS = (3, 8)  # across and down an A4 sheet
PostersSet = Callable[[int], None]


class Size(enum.StrEnum):
    """What is printed: a poster for the wall or the desk, or a sheet of strips to cut for result letters."""

    A4 = "a4"
    A5 = "a5"
    STRIP = "strip"


@dataclass(frozen=True)
class Poster:
    """What one poster says."""

    address: str
    code: str
    fingerprint: str
    check: str
    improvements: str  # where it stands what was done about what people said
    province: Texts | None
    unit: Texts
    procedure: Texts | None = None
    place: Texts | None = None
    levels: tuple[Texts, ...] = ()  # the answers of one tap, worst first; none where several pages are asked


def posters_of(
    session: Session, placed: Sequence[Placement], secret: str, public_url: str, day: dt.date
) -> list[Poster]:
    """Return what the posters of these placements say, under the names that agencies and procedures carry that day."""
    tree = agencies.tree(session, day)
    procedure_names = procedures.names(session, day)
    asked = questionnaires.all_asked_now(session)
    province = agencies.root(session, day)
    posters = []
    for placement in placed:
        link = placements.address(public_url, placement.channel, placement.code)
        unit = tree.named_now(placement.agency_id)
        posters.append(
            Poster(
                address=link,
                code=placements.shown(placement.code),
                fingerprint=placements.fingerprint(secret, link),
                check=f"{public_url}/qr",
                improvements=f"{public_url}/improvements",
                province=None if unit.id == province.id else province.name,
                unit=unit.name,
                procedure=procedure_names.get(placement.procedure_id or 0),
                place=placement.label,
                levels=_levels(asked.get(placement.questionnaire)),
            )
        )
    return posters


def pdf(posters: Sequence[Poster], size: Size, day: dt.date, demo: bool, progress: PostersSet | None = None) -> bytes:
    """Return these posters as one PDF/A file, a page each, in Vietnamese and English; of strips, a sheet of one code.

    `progress` is told of every poster that has been drawn; setting the pages comes after the last.
    """
    return typst_pdf.typeset(document(posters, size, day, demo, progress))


def document(
    posters: Sequence[Poster], size: Size, day: dt.date, demo: bool, progress: PostersSet | None = None
) -> str:
    """Return what stands on these posters, ready to be set."""
    words = {language: _words(language, day) for language in LANGUAGES}
    drawn = []
    for poster in posters:
        drawn.append(_drawn(poster))
        if size == Size.STRIP:
            drawn[-1]["unit"]["vi"] = textwrap.shorten(drawn[-1]["unit"]["vi"], LONGEST_ON_STRIP, placeholder=" …")
        if progress:
            progress(1)
    first = posters[0]
    data = {
        "size": size.value,
        "strips": STRIPS,
        "font": SANS,
        "demo": demo,
        "title": f"{words['vi']['ask']} – {_both(first.unit)['vi']}" if len(posters) == 1 else words["vi"]["ask"],
        "author": _both(first.province or first.unit)["vi"],
        "day": [day.year, day.month, day.day],
        "words": words,
        "posters": drawn,
    }
    return json.dumps(data, ensure_ascii=False)


def _drawn(poster: Poster) -> dict[str, Any]:
    scheme, _separator, rest = poster.address.partition("://")
    return {
        "scheme": f"{scheme}://",
        "rest": rest,
        "code": poster.code,
        "fingerprint": poster.fingerprint,
        "check": poster.check.partition("://")[2],
        "improvements": poster.improvements.partition("://")[2],
        "alt": poster.address,
        "svg": qr_code.svg(poster.address),
        "province": _both(poster.province),
        "unit": _both(poster.unit),
        "procedure": _both(poster.procedure),
        "place": _both(poster.place),
        "levels": [_both(level) for level in poster.levels],
    }


def _levels(questionnaire: Questionnaire | None) -> tuple[Texts, ...]:
    if questionnaire is None or questionnaire.paged:
        return ()
    return tuple(option.text for option in questionnaire.target.options)


def _both(texts: Texts | None) -> dict[str, str]:
    vi = printable((texts or {}).get("vi", ""))
    return {"vi": vi, "en": printable((texts or {}).get("en", "")) or vi}


def _words(language: str, day: dt.date) -> dict[str, str | list[str]]:
    with speaking(language):
        return {
            "ask": gettext("Please rate the public service that you have just used"),
            "steps": [
                gettext("Open Zalo → Scan QR, or your camera"),
                gettext("Point it at this code"),
                gettext("Tap one face"),
                gettext("Answer a few questions"),
            ],
            "open": gettext("or open this address"),
            "officers": gettext("Officers must not answer for you"),
            "voluntary": gettext("Voluntary, and no name is asked"),
            "code": gettext("Code"),
            "fingerprint": gettext("Fingerprint"),
            "place": gettext("Where it hangs"),
            "check": gettext("Is this code genuine? Check it at"),
            "improvements": gettext("What was done about what people said:"),
            "printed": gettext("Printed on %(day)s", day=date(day, language)),
            "demo": gettext("Demonstration data"),
        }

"""The head and the end of a report, as Decree 30/2020 lays them out: who issues it, signs it and receives it."""

from __future__ import annotations

from collections.abc import Iterator

from survey.i18n import date, gettext, text
from survey.periods import local_day
from survey.reports import texts
from survey.reports.issuing import Issuing
from survey.reports.issuing_versions import COMMITTEE
from survey.reports.outline import OutlineHead, OutlineText, SigningBlock
from survey.reports.report import Report

DOTS = "……………………………………"
LONGEST_LINE = 20  # letters in capitals, so that no line breaks by itself
BREAKS = (" VÀ ", " ỦY BAN ", " AND ", " OF ", " CỦA ")


def head(report: Report) -> OutlineHead:
    """Return the head of the document: a draft, without number and day."""
    issuing, name = report.issuing, text(report.units.agency.name)
    year = local_day(report.as_of).year
    return OutlineHead(
        superior=issuer_lines(text(report.parent.name)) if report.parent else (),
        issuer=issuer_lines(name),
        nation=gettext("SOCIALIST REPUBLIC OF VIET NAM"),
        motto=gettext("Independence - Freedom - Happiness"),
        number=gettext("No.:"),
        symbol=symbol(report),
        draft=gettext("DRAFT"),
        scope=gettext("FOR INTERNAL USE") if report.beyond_public else "",
        dated=gettext("%(place)s, …… …………… %(year)s", place=place(report), year=year),
        kind=gettext("REPORT"),
        title=texts.title(report),
        demo=texts.demo_note(report),
        code=texts.code(report),
        addressees=issuing.addressees,
    )


def symbol(report: Report) -> str:
    """Return what stands behind the number of a document, with dots where nobody has entered it."""
    entered = report.issuing.symbol.lstrip("/")
    return f"/{entered}" if entered else "/BC-……"


def place(report: Report) -> str:
    """Return where the document is dated: what the agency entered or its name suggests, else the province's town."""
    return report.issuing.place or text(report.place)


def issuer_lines(name: str) -> tuple[str, ...]:
    """Return an agency's name as the head of a document prints it: in capitals, in lines that break no word.

    >>> issuer_lines("Ủy ban nhân dân tỉnh Vĩnh Long")
    ('ỦY BAN NHÂN DÂN', 'TỈNH VĨNH LONG')
    >>> issuer_lines("Sở Nông nghiệp và Môi trường")
    ('SỞ NÔNG NGHIỆP', 'VÀ MÔI TRƯỜNG')
    """
    if name.startswith(COMMITTEE):
        return (COMMITTEE.strip().upper(), *_broken(name.removeprefix(COMMITTEE).upper()))
    return _broken(name.upper())


def _broken(name: str) -> tuple[str, ...]:
    """Return a name in two lines where it is too long for one: before a joining word, else nearest to its middle."""
    if len(name) <= LONGEST_LINE:
        return (name,)
    places = [place for place, letter in enumerate(name) if letter == " "]
    joints = [place for place in places if any(name.startswith(one, place) for one in BREAKS)]
    at = min(joints or places, key=lambda place: abs(place - len(name) / 2), default=0)
    return (name[:at], name[at + 1 :]) if at else (name,)


def opening(report: Report) -> Iterator[OutlineText]:
    """Yield the legal bases, and the sentence that says what is reported, of which days, and how final it is."""
    for basis in report.issuing.bases:
        yield OutlineText(basis.rstrip(".;") + ";", "basis")
    values = {
        "agency": text(report.units.agency.name),
        "days": texts.days_words(report.units.period),
        "state": state(report),
    }
    if report.issuing.bases:
        yield OutlineText(
            gettext(
                "%(agency)s reports the results of measuring the satisfaction of citizens and businesses with online "
                "public services %(days)s (%(state)s) as follows:",
                **values,
            )
        )
        return
    yield OutlineText(
        gettext(
            "Pursuant to ……………………, %(agency)s reports the results of measuring the satisfaction of citizens and "
            "businesses with online public services %(days)s (%(state)s) as follows:",
            **values,
        )
    )


def state(report: Report) -> str:
    """Say how final the figures are: closed on a day, still open, or still being collected."""
    figures = report.units
    if figures.scope.closing is not None:
        return gettext("figures closed on %(day)s", day=date(figures.scope.closing.closed_at))
    if figures.provisional:
        return gettext("provisional figures as of %(day)s, the period has not ended", day=date(figures.today))
    return gettext("figures as of %(day)s, not closed yet", day=date(figures.today))


def signing(issuing: Issuing) -> SigningBlock:
    """Return who receives the document and who signs it, with dots for what is left to be filled in."""
    as_above = [gettext("As above")] if issuing.addressees else []
    recipients = [*as_above, *(issuing.recipients or ("……………………",))]
    archive = gettext("Archives: Office, %(unit)s.", unit=issuing.drafting_unit or "……")
    return SigningBlock(
        (*[f"- {one.strip(' -;.') or one};" for one in recipients], f"- {archive}"),
        issuing.signing,
        issuing.position.upper() or DOTS,
        issuing.signer or DOTS,
    )

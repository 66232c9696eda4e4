"""The annexes: results by unit, by procedure, by factor, the method, and what a check of the collection has to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from survey.i18n import gettext, number, text
from survey.ledger.notes import checkpoint
from survey.periods import local_day
from survey.reports import pictures, tables, texts, unit_tables
from survey.reports.figures_digest import check_address, figures_digest
from survey.reports.head import symbol
from survey.reports.numbering import Numbering
from survey.reports.outline import OutlineAnnex, OutlineBlock, OutlineQrCode, OutlineText
from survey.reports.report import Report
from survey.results import caveats
from survey.results.channel_names import REFERENCE
from survey.results.factors import by_questionnaire
from survey.results.rows import JudgedRow

CHECKPOINT_WIDTH = 40  # millimetres: it holds ten times as much as an address
LINE = 64
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII")


@dataclass(frozen=True)
class _Part:
    title: str
    blocks: Sequence[OutlineBlock]


def annexes(report: Report, numbering: Numbering) -> Iterator[OutlineAnnex]:
    """Yield the annexes in their order, each with its number; those with nothing to tell are left out."""
    attached = gettext(
        "(Attached to Report No.        %(symbol)s of …… …………… %(year)s of %(agency)s)",
        symbol=symbol(report),
        year=local_day(report.as_of).year,
        agency=text(report.units.agency.name),
    )
    parts = [part for part in _parts(report, numbering) if part.blocks]
    for numeral, part in zip(ROMAN, parts, strict=False):
        name = gettext("Annex %(numeral)s", numeral=numeral)
        yield OutlineAnnex(name, part.title.upper(), attached, tuple(part.blocks))


def _parts(report: Report, numbering: Numbering) -> Iterator[_Part]:
    if report.by_row.by == "unit":
        kinds = list(unit_tables.blocks(report.units))
        for title, rows in kinds:
            last = title == kinds[-1][0]
            yield _Part(title, list(_units(report, numbering, title, rows, last=last)))
    if any(row.shown for row in report.procedures.judged.rows):
        title = gettext("Results by procedure (answers by invitation)")
        procedures = numbering.table(title, unit_tables.procedures(report, report.procedures))
        yield _Part(gettext("Results by procedure, by field"), list(procedures))
    if report.units.judged.total.shown:
        yield _Part(gettext("Levels, factors and reasons"), list(_factors(report, numbering)))
    proofs = [*_register(report), *_ledger(report)]
    yield _Part(gettext("Method and checks"), [*_method(report), *_checks(report, numbering), *proofs])


def _units(
    report: Report, numbering: Numbering, title: str, rows: Sequence[JudgedRow], *, last: bool
) -> Iterator[OutlineBlock]:
    yield from numbering.table(title, unit_tables.units(report, rows))
    yield OutlineText(
        gettext("Change: against the period before; * a clear change, beyond what chance explains."), "note"
    )
    if last:
        drawn = pictures.lowest(report)
        title = gettext("The lowest rates with their confidence intervals, against the target")
        yield from numbering.figure(title, drawn)


def _factors(report: Report, numbering: Numbering) -> Iterator[OutlineBlock]:
    yield from numbering.table(gettext("Answers by level"), tables.levels(report))
    for asked in by_questionnaire(report.overview.factors):
        if not any(row.shown for row in asked):
            continue
        title = gettext(
            "Satisfaction with each factor asked in “%(questionnaire)s” (answers by invitation)",
            questionnaire=text(asked[0].title),
        )
        yield from numbering.table(title, tables.factors(report, asked))
    yield from numbering.table(texts.reasons(report), tables.reasons(report))
    yield OutlineText(caveats.importance(report.overview.importance), "method")


def _method(report: Report) -> Iterator[OutlineBlock]:
    yield from (OutlineText(sentence, "method") for sentence in texts.method(report))


def _register(report: Report) -> Iterator[OutlineBlock]:
    """Yield how this very report is checked against the register, once its figures cannot change any more."""
    if report.units.closed and report.public_url:
        address = check_address(report.public_url, figures_digest(report))
        words = gettext(
            "Everybody can check this report against the register of issued reports, by the code of its figures or by "
            "this QR code: %(address)s",
            address=address,
        )
        yield OutlineText(words, "method")
        yield OutlineQrCode(address, gettext("QR code of the address above"))


def _ledger(report: Report) -> Iterator[OutlineBlock]:
    """Yield how far the ledger went when the period was closed: a copy on paper finds a rewritten history."""
    closing = report.units.scope.closing
    if closing is None or closing.checkpoint is None or not report.public_url:
        return
    lines = closing.checkpoint.rstrip("\n").split("\n")
    words = gettext(
        "When the period was closed, the public ledger had %(size)s entries, and its signed checkpoint was the one "
        "below. Whoever keeps it can find out later whether an answer of before was changed, removed or added, by this "
        "guide: %(address)s",
        size=number(checkpoint(closing.checkpoint).size),
        address=f"{report.public_url}/ledger",
    )
    yield OutlineText(words, "method")
    yield OutlineText("\n".join(line for whole in lines if whole for line in _broken(whole)), "code")
    yield OutlineQrCode(closing.checkpoint, gettext("QR code of the checkpoint above"), CHECKPOINT_WIDTH)


def _broken(line: str) -> Iterator[str]:
    """Yield a line as it fits on paper: a signature has no place where it breaks by itself."""
    yield from (line[at : at + LINE] for at in range(0, len(line), LINE))


def _checks(report: Report, numbering: Numbering) -> Iterator[OutlineBlock]:
    for channel in REFERENCE:
        if sentence := texts.reference(report, channel):
            yield OutlineText(sentence, "method")
    title = gettext("Was everyone asked? Units with something amiss")
    amiss = tables.asked(report)
    yield from numbering.table(title, amiss)
    if not amiss.rows and report.asked.total.finished:
        yield OutlineText(gettext("In no unit is anything amiss with whom was asked, when, and how."), "method")
    if report.letters is not None and report.letters.units:
        title = gettext("Cases finished late, and letters of apology: the units with most of them")
        yield from numbering.table(title, tables.letters(report.letters, report))
    title = gettext("Answers left out of the count, and counted again")
    yield from numbering.table(
        title, tables.exclusions(report) if report.exclusions.lines and not report.public else None
    )

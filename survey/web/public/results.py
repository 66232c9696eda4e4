"""Public results: what was published of each closed period, of the province and of each unit, and how to check it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, url_for
from markupsafe import Markup

from analysis import Verdict
from analysis.validation import exact_target
from survey import periods
from survey.callbacks import publishing as call_back
from survey.callbacks import words as call_back_words
from survey.callbacks.figures import CallBackFigures
from survey.charts.axis import axis_beside, axis_for
from survey.charts.trend import trend_drawing
from survey.collection.posters import qr_code
from survey.comments import publishing
from survey.errors import NotFound
from survey.i18n import current_language, gettext, languages, text
from survey.ledger import tree
from survey.models import Improvement, Publication
from survey.organisation import agencies
from survey.periods import Period
from survey.reports import open_data, register
from survey.reports.figures_digest import grouped
from survey.reports.register import RegisterRow
from survey.results import caveats, overview_text, publication, verdict_text
from survey.results.charts import level_names
from survey.results.period_names import period_name, period_words, short_period
from survey.results.publication import PublishedPeriod
from survey.results.published import PublishedFigures
from survey.results.published_trend import published_trend
from survey.results.rows import JudgedRow, short_name
from survey.results.second_target import headline_source, named
from survey.web.public.published_pages import WrittenPage, sent
from survey.web.request import session, settings

pages = Blueprint("results", __name__, url_prefix="/results")
HTML = "text/html; charset=utf-8"
IMPROVEMENTS = 4  # of which a page of results has room
GONE = 410


@dataclass(frozen=True)
class DataFile:
    """A file of the open data: what it is called, where it is, and how large."""

    name: str
    address: str
    size: int


@pages.get("")
def newest() -> Response:
    """Show the period that was published and ended last.

    Raises:
        NotFound: publication is off.
    """
    return sent("newest", _newest)


@pages.get("/<basis>/<code>", defaults={"agency": ""})
@pages.get("/<basis>/<code>/<agency>")
def period(basis: str, code: str, agency: str) -> Response:
    """Show what was published of a period, of the province or of one unit; where it was retracted, why.

    Raises:
        NotFound: publication is off, or nothing was published of this period or unit.
        InvalidPeriod: there is no such period.
    """
    wanted = periods.parse(code, basis)
    return sent((wanted.code, basis, agency), lambda: _of(wanted, agency))


def address_of(shown: Period, agency: str = "", language: str | None = None) -> str:
    """Return the whole address of a page of results, the same for ever."""
    return _whole(url_for("results.period", basis=str(shown.basis), code=shown.code, agency=agency or None), language)


def file_address(of: Publication, name: str) -> str:
    """Return the whole address of a file of the open data."""
    return _whole(url_for("results_files.file", sha256=of.sha256.hex(), name=name))


def _whole(address: str, language: str | None = None) -> str:
    return f"{settings().public_url}{address}" + (f"?lang={language}" if language else "")


def _newest() -> WrittenPage:
    every = publication.current(session())
    if every:
        return _page(every, every[0], "")
    return WrittenPage(render_template("public/results_none.html").encode(), HTML)


def _of(wanted: Period, agency: str) -> WrittenPage:
    every = publication.current(session())
    shown = next((one for one in every if one.figures.period == wanted), None)
    if shown is not None:
        return _page(every, shown, agency)
    last = publication.newest(session(), wanted)
    if last is None:
        raise NotFound("This period is not published. Those that are stand among the results on the home page.")
    page = render_template("public/results_retracted.html", publication=last, period_name=period_name(wanted))
    return WrittenPage(page.encode(), HTML, GONE)


def _page(every: Sequence[PublishedPeriod], of: PublishedPeriod, agency: str) -> WrittenPage:
    shown = of.figures
    row = shown.row_of(agency) if agency else shown.total
    if row is None:
        raise NotFound("There is no agency with the code %(code)s.", code=agency[:40])
    target = float(exact_target(shown.standard.target))
    by_period = {one.figures.period: one.figures for one in every}
    movement = published_trend(shown, by_period, lambda then: then.row_of(agency) if agency else then.total)
    checkpoint = tree.newest_checkpoint(session())
    rows = [] if agency else _by_verdict(shown)
    called = None if agency else call_back.read(shown)
    page = render_template(
        "public/results.html",
        address=address_of(shown.period, agency),
        alternates=[(one, address_of(shown.period, agency, one)) for one in languages()],
        axis=axis_beside(row.lower, target),
        call_back_words=call_back_words,
        called=called,
        called_axis=axis_for([row.lower, *_lower_of_all(called), target]),
        caveats=caveats,
        certain_names="; ".join(short_name(one) for _kind, some in rows for one in some if one.named),
        checkpoint=checkpoint,
        code=Markup(qr_code.svg(checkpoint.note)) if checkpoint else "",  # noqa: S704 - drawn here
        drawing=trend_drawing(movement, shown.standard.target),
        entries=_entries(agency),
        figures=shown,
        files=_files(of),
        grouped=grouped,
        issued=_issued(shown, agency),
        ledger_address=_whole("/ledger"),
        level_names=level_names(),
        licence=open_data.licence(of.publication.figures),
        month_words=lambda code: period_words(periods.parse(code, shown.period.basis)),
        named=named,
        own=agency,
        periods=[(period_name(one.figures.period), _here(one.figures, agency)) for one in every],
        period_name=period_name,
        publication=of.publication,
        results_address=lambda code: url_for(
            "results.period",
            basis=str(shown.period.basis),
            code=shown.period.code,
            agency=code,
            lang=current_language(),
        ),
        row=row,
        rows=shown.rows,
        rows_axis=axis_for([*(one.lower for one in shown.rows if caveats.judged(one)), target]),
        second=shown.second,
        short_name=short_name,
        short_period=short_period,
        source=headline_source(shown.standard),
        target=target,
        title=overview_text.final_title(row, shown.standard.target),
        titles=overview_text,
        trend=movement,
        units=dict(rows),
        words=verdict_text,
    )
    return WrittenPage(page.encode(), HTML)


def _lower_of_all(called: CallBackFigures | None) -> list[float]:
    return [] if called is None or called.over_all is None else [float(called.over_all.lower)]


def _here(shown: PublishedFigures, agency: str) -> str:
    """Return the page of a period of the same unit, or of the province where the unit has no row in it."""
    own = agency if agency and shown.row_of(agency) else None
    return url_for(
        "results.period", basis=str(shown.period.basis), code=shown.period.code, agency=own, lang=current_language()
    )


def _by_verdict(shown: PublishedFigures) -> list[tuple[str, list[JudgedRow]]]:
    """Return the units by what is concluded of them: the verdicts, those with few answers, those without any."""
    kinds: dict[str, list[JudgedRow]] = defaultdict(list)
    for row in shown.rows:
        kinds["none" if not row.answered else str(row.verdict) if caveats.judged(row) else "few"].append(row)
    return [(kind, kinds[kind]) for kind in (*Verdict, "few", "none") if kinds[kind]]


def _entries(agency: str) -> list[tuple[Improvement, str]]:
    """Return what was done about what people said, the newest first, each with the name of its unit."""
    of = agencies.tree(session())
    keys = set(publishing.published_by_agency(session()))
    if agency:
        keys &= set(of.subtree(agencies.bearer(session(), agency).id))
    entries = publishing.published(session(), keys, 0, IMPROVEMENTS)
    return [(one, text(of.named_now(one.agency_id).name)) for one in entries]


def _issued(shown: PublishedFigures, agency: str) -> list[RegisterRow]:
    """Return the reports of the period that the agency has issued."""
    code = agency or shown.total.code
    bearers = [key for key, one in agencies.by_id(session()).items() if one.code == code]
    return register.of_period(session(), shown.period, bearers)


def _files(of: PublishedPeriod) -> list[DataFile]:
    content = open_data.files(of.publication.figures, address_of(of.figures.period))
    sha256 = of.publication.sha256.hex()
    return [
        DataFile(name, url_for("results_files.file", sha256=sha256, name=name), len(body))
        for name, body in content.items()
    ]


@pages.app_template_global()
def file_words(name: str) -> str:
    """Return what a file of the open data is, in the language in use."""
    return {
        open_data.CSV: gettext("All figures, one row for each unit"),
        open_data.JSON: gettext("The same for programs; the ledger names this file"),
        open_data.DICTIONARY: gettext("What each column means"),
        open_data.PACKAGE: gettext("Description of the data package (Frictionless)"),
        open_data.LICENCE: gettext("Licence"),
        open_data.CHECKSUMS: gettext("Checksums"),
    }[name]

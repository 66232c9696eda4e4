"""What people wrote: filtered, searched, newest first, with the themes week by week; and as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from survey.accounts import accounts
from survey.audit import trail
from survey.audit.acts import Act
from survey.comments import follow_up
from survey.comments.clock import WEEK
from survey.comments.reading import CommentFilter, CommentsInScope, Offered
from survey.comments.references import key_of, reference
from survey.comments.standing import ASKS, LATE, STATUSES, state_words
from survey.comments.themes import themes
from survey.errors import NotFound
from survey.i18n import gettext, language_name, msgid, nfc, ngettext, number, sort_key, text
from survey.models import Channel, Role
from survey.organisation import agencies, procedures
from survey.periods import local_day, now, parse
from survey.redaction.checking import fault_words
from survey.reports.comments_table import written
from survey.reports.table_file import ENDINGS
from survey.results import caveats
from survey.results.channel_names import channel_name
from survey.results.charts import level_names
from survey.results.choices import reason_questions
from survey.results.scope import Scope
from survey.web.request import finish_reading, number_asked, page_asked, reading, session, settings
from survey.web.staff import access, labels, period_picker
from survey.web.staff.follow_up import (
    FILTERS,
    address,
    choices,
    comments_in,
    form_change,
    here,
    owners,
    statuses_offered,
)

pages = Blueprint("comments", __name__, url_prefix="/staff/comments")
A_PAGE = 20
MOST_IN_A_FILE = 20_000
LOW = "low"
LEVELS = {LOW: frozenset({1, 2, 3}), **{str(level): frozenset({level}) for level in range(1, 6)}}
NONE_CHOSEN = msgid("Please choose at least one comment.")
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FIRST = 6  # choices of a facet that stand in view, the others folded
Choices = list[tuple[str, str, int]]  # of a filter: value, name, how many comments


@dataclass(frozen=True)
class Facet:
    """One thing by which comments are filtered: what can be chosen in view and folded, and what is chosen."""

    name: str
    label: str
    first: Choices
    others: Choices
    chosen: str

    @classmethod
    def of(cls, name: str, label: str, choices: Choices, asked: Mapping[str, str]) -> Facet:
        """Divide the choices; the chosen one is always in view."""
        chosen = asked.get(name, "")
        some = [one for one in choices if one[2] or one[0] == chosen]
        first = [one for place, one in enumerate(some) if place < FIRST or one[0] == chosen]
        return cls(name, label, first, [one for one in some if one not in first], chosen)


@pages.get("")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show the comments of the chosen period and agency; by default the last month and the account's own."""
    return _page(_comments(), MultiDict(), {})


@pages.post("")
@access.requires(Role.MANAGER)
def change() -> AnyResponse | tuple[str, int]:
    """Change all comments that were chosen, or none."""
    comments = _comments()
    keys = frozenset(key_of(settings().secret_key, named) for named in request.form.getlist("comment")[:A_PAGE])
    rows = follow_up.held(comments, keys)
    change, wrong = form_change(request.form, keeping=True)
    wrong |= follow_up.faults(rows, change, owners(rows), comments.clock)
    if not rows:
        wrong["comment"] = (NONE_CHOSEN, {})
    if wrong:
        return _page(comments, request.form, fault_words(wrong)), 422
    number = follow_up.follow_up(session(), rows, change, access.who().staff_id, now())
    session().commit()
    place = {**here(comments.scope), "page": request.args.get("page")}
    return redirect(url_for(".show", **place, changed=number, _anchor="list"), 303)


def _comments() -> CommentsInScope:
    period = period_picker.period_asked(local_day(now()))
    return comments_in(session(), access.scope(request.args.get("agency"), period))


def _page(comments: CommentsInScope, entered: MultiDict[str, str], faults: Mapping[str, str]) -> str:
    scope, period, today = comments.scope, comments.scope.period, comments.clock.today
    wanted, place = _wanted(request.args, scope), page_asked()
    offered = comments.offered()
    matching = comments.number(wanted)
    rows = comments.page(wanted, place * A_PAGE, A_PAGE)
    spans, by_span = comments.over_time(wanted)
    listed = themes(session())
    filters = dict(_filters(session(), scope, offered))
    names, may_own = accounts.names(session()), choices(owners(rows)) if access.may_change() else []
    finish_reading()
    asked: dict[str, Any] = {name: typed for name in FILTERS if (typed := nfc(request.args.get(name, "")))}
    facets = [Facet.of(name, label, choices, asked) for name, (label, choices) in filters.items() if choices]
    place_of_reader = here(scope)
    secret = settings().secret_key
    return render_template(
        "staff/comments.html",
        address=address,
        agency=scope.agency,
        asked=asked,
        batches=caveats.by_batches(scope),
        changed=number_asked("changed"),
        channels={channel: channel_name(channel) for channel in Channel if channel != Channel.INVITATION},
        comments=comments,
        entered=entered,
        faults=faults,
        chosen_words=[words for facet in facets for value, words, _number in facet.first if value == facet.chosen],
        facets=facets,
        facet_address=lambda name, value: url_for(".show", **{**place_of_reader, name: value}),
        finding=_finding(offered),
        endings=ENDINGS,
        in_halves=spans[0].last - spans[0].first > WEEK,
        here={name: value for name, value in place_of_reader.items() if name not in asked},
        levels=level_names(),
        low=sum(offered.levels.get(level, 0) for level in LEVELS[LOW]),
        longest_note=follow_up.LONGEST_NOTE,
        may_change=access.may_change(),
        names=names,
        owners=may_own,
        place_of_reader=place_of_reader,
        reference=lambda row: reference(secret, row.key),
        state_words=state_words,
        statuses=statuses_offered(),
        may_edit_themes=access.of_the_province(),
        most_in_a_file=MOST_IN_A_FILE,
        number=matching,
        offered=offered,
        older=url_for(".show", **place_of_reader, page=place + 2) if (place + 1) * A_PAGE < matching else None,
        newer=url_for(".show", **place_of_reader, page=place or None) if place else None,
        period=period,
        period_name=labels.period_name(period),
        periods=period_picker.offered(today, period.basis, period),
        place=place,
        rows=rows,
        a_page=A_PAGE,
        spans=spans,
        trend=[(text(theme.name), by_span[theme.code]) for theme in listed if any(by_span[theme.code])],
        units={key: text(unit.name) for key, unit in scope.tree.agencies.items()},
    )


def _finding(offered: Offered) -> str:
    """Return in a few words what there is to do about the comments of a period."""
    late, new = offered.statuses.get(LATE, 0), offered.statuses.get("new", 0)
    parts = [
        (late, ngettext("%(number)s overdue", "%(number)s overdue", late, number=number(late))),
        (new, ngettext("%(number)s not taken yet", "%(number)s not taken yet", new, number=number(new))),
    ]
    return ", ".join(words for count, words in parts if count) or gettext("none is waiting")


@pages.post("/file")
@access.requires(Role.VIEWER)
@access.confirmed
def file() -> Response:
    """Send the comments that the page shows as a file, on record; never what was searched for."""
    ending = request.form.get("format", "")
    if ending not in ENDINGS:
        raise NotFound("There is no report in this format or language. Please choose one from the list.")
    period = parse(request.form.get("period", ""), request.form.get("basis", ""))
    with reading() as looking:  # the request's own session would hold SQLite's write lock meanwhile
        scope = access.scope(request.form.get("agency"), period, looking)
        comments = comments_in(looking, scope)
        rows = comments.page(_wanted(request.form, scope), 0, MOST_IN_A_FILE)
        names = accounts.names(looking)
        demo = agencies.installation(looking).demo
        units = {key: text(unit.name) for key, unit in scope.tree.agencies.items()}
    note = gettext("Demonstration data") if demo else ""
    content = written(rows, units, names, ending, note=note)
    about = {"agency": scope.agency.code, "period": period.code, "basis": str(period.basis), "format": ending}
    trail.append(session(), access.who().staff_id, Act.COMMENTS_EXPORTED, now(), **about, number=len(rows))
    session().commit()
    response = Response(content, content_type=TYPES[ending])
    name = f"hailong_{scope.agency.code}_{period.code}_{period.basis}_comments.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _wanted(sent: MultiDict[str, str], scope: Scope) -> CommentFilter:
    """Return what is asked for; a value that there is not finds nothing, as it does with any other."""
    codes = {scope.tree.agencies[unit].code: unit for unit in set(scope.unit_of.values())}

    def value(name: str, longest: int = 40) -> str:
        return nfc(sent.get(name, ""))[:longest]

    return CommentFilter(
        unit=codes.get(value("unit"), 0) if value("unit") else None,
        procedure=value("procedure"),
        levels=LEVELS.get(value("level"), frozenset()),
        reason=value("reason"),
        theme=value("theme"),
        language=value("language"),
        status=value("status"),
        words=value("q", 200),
    )


def _filters(looking: Session, scope: Scope, offered: Offered) -> Iterator[tuple[str, tuple[str, Choices]]]:
    """Yield each filter's field with its label and choices: levels in their order, all else the most frequent first."""
    words = {o.value: text(o.text) for q in reason_questions(looking, scope).values() for o in q.options}
    in_force = procedures.names(looking, scope.period.last)
    named = {one.code: text(in_force[key]) for key, one in procedures.by_id(looking).items()}
    units = {scope.tree.agencies[key].code: number for key, number in offered.units.items()}
    names = {one.code: text(one.name) for key in offered.units if (one := scope.tree.agencies[key])}
    low = sum(offered.levels.get(level, 0) for level in LEVELS[LOW])
    levels = [(str(level), level_names()[level - 1], offered.levels.get(level, 0)) for level in range(1, 6)]
    states = [(state, state_words(state), offered.statuses.get(state, 0)) for state in (*STATUSES, LATE, ASKS)]
    yield "status", (gettext("Status"), states)
    yield "level", (gettext("Level"), [(LOW, gettext("Levels 1 to 3 together"), low), *levels])
    yield "theme", (gettext("Theme"), _ranked(offered.themes, {one.code: text(one.name) for one in themes(looking)}))
    yield "reason", (gettext("Reason"), _ranked(offered.reasons, words))
    if len(units) > 1:
        yield "unit", (gettext("Unit"), _ranked(units, names))
    yield "procedure", (gettext("Procedure"), _ranked(offered.procedures, named))
    yield (
        "language",
        (gettext("Language"), _ranked(offered.languages, {c: language_name(c) for c in offered.languages})),
    )


def _ranked(numbers: Mapping[str, int], names: Mapping[str, Any]) -> Choices:
    rows = [(value, names.get(value, value), number) for value, number in numbers.items()]
    return sorted(rows, key=lambda row: (-row[2], sort_key(row[1])))

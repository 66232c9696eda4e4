"""What people wrote, as officials read it: of one period and agency, filtered and searched, newest first.

A comment is kept with the sheet in which it was sent. Whoever adds to a sheet keeps the comment, whoever replaces it
takes it back: so it is read with the sheet that counts, whose level, reasons and language are shown beside it.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.comments.clock import WEEK, Clock
from survey.comments.sent_day import CUT, DAY, SentDay, newest, sent_day
from survey.comments.sheets import with_its_sheet
from survey.comments.standing import ASKS, COLUMNS, LATE, STATUSES, Standing, monday_of, standing, stands, week, week_of
from survey.comments.tally import added_up
from survey.comments.themes import Theme, holds, themes
from survey.i18n import plain_words, text
from survey.models import Channel, Comment, FollowUp, Procedure, ReplyContact, Response
from survey.organisation import procedures
from survey.periods import halves_of
from survey.questionnaires import Question
from survey.results import counts
from survey.results.choices import reason_questions
from survey.results.cuts import raw
from survey.results.disclosure import NamedCell, nameable
from survey.results.scope import Scope, Standard

DEEPEST = 3  # what a comment may name: agency with channel, field, procedure
Filter = sa.ColumnElement[bool]
CommentPart = tuple[int, str]  # the number of the answer with which it was sent, of this moment, and the question
CommentKey = tuple[bytes, str]  # the receipt of the sheet and the question: it stays when numbers are traded


@dataclass(frozen=True)
class CommentFilter:
    """Which comments are asked for; what is empty asks for nothing."""

    unit: int | None = None  # directly below the agency of the scope, with all below it
    procedure: str = ""
    levels: frozenset[int] = frozenset()
    reason: str = ""
    theme: str = ""
    language: str = ""
    status: str = ""  # one of STATUSES, LATE, or ASKS
    words: str = ""
    keys: frozenset[CommentKey] | None = None
    parts: frozenset[CommentPart] | None = None


@dataclass(frozen=True)
class CommentRow:
    """A comment with what is shown beside it; `sent`: when, as far as this reader may know and as it is kept.

    `procedure` and `field` are empty where few answered about them in the period (`disclosure.nameable`). Where few
    answered the agency at all by this channel, nothing stands beside the words: `level` is None, and no reasons.
    """

    text: str
    sent: SentDay
    agency_id: int
    procedure: str
    field: str
    channel: Channel
    level: int | None
    language: str
    reasons: tuple[str, ...]
    themes: tuple[str, ...]
    standing: Standing
    key: CommentKey = dataclasses.field(repr=False)
    response_id: int = dataclasses.field(repr=False)  # with which it was sent, of this moment


@dataclass(frozen=True)
class Offered:
    """What comments can be filtered by, each with how many of all in the scope it finds."""

    total: int
    levels: Mapping[int, int]
    languages: Mapping[str, int]
    reasons: Mapping[str, int]
    themes: Mapping[str, int]
    statuses: Mapping[str, int]
    units: Mapping[int, int]
    procedures: Mapping[str, int]


@dataclass(frozen=True)
class CommentsInScope:
    """The comments of one scope: everything that is asked about them goes by the same conditions."""

    session: Session = field(repr=False)
    scope: Scope
    weekly: bool  # the reader may know the week, not the day
    clock: Clock = field(repr=False)
    fewest: int = Standard.fewest  # answers from which a comment may name what they were about, and its level

    def page(self, wanted: CommentFilter, first: int = 0, most: int | None = None) -> list[CommentRow]:
        """Return some of the comments, newest first; in a day, week or half month in an order that tells nothing."""
        listed, why = self._themes, self._reason_questions
        columns = [
            *(Comment.text, Response.day, Response.agency_id, Response.procedure_id, Response.channel),
            *(Response.overall, Response.language, Response.other, Response.receipt),
            *(CUT.label("cut"), Comment.response_id, Comment.question, *COLUMNS),
            *[holds(theme).label(f"theme_{place}") for place, theme in enumerate(listed)],
        ]
        sent = newest(halves_of(self.scope.period))
        order = week(sent) if self.weekly else sent
        query = self._of(columns, wanted, listed).order_by(order.desc(), Response.receipt, Comment.question)
        rows = self.session.execute(query.offset(first).limit(most)).all()
        return list(self._rows(rows, listed, why))

    def number(self, wanted: CommentFilter) -> int:
        """Return how many comments are found."""
        query = self._of([sa.func.count()], wanted, self._themes)
        return int(self.session.scalar(query) or 0)

    def offered(self) -> Offered:
        """Count all comments of the scope by everything that they can be filtered by, in one reading."""
        listed = self._themes
        reasons = sorted({option.value for question in self._reason_questions.values() for option in question.options})
        counted: dict[tuple[str, Any], Filter] = {
            **{("level", level): sa.and_(self._with_level, Response.overall == level) for level in range(1, 6)},
            **{("reason", value): sa.and_(self._with_level, self._named(value)) for value in reasons},
            **{("theme", theme.code): holds(theme) for theme in listed},
            **{("status", status): stands(status, self.clock, self._with_level) for status in (*STATUSES, LATE, ASKS)},
        }
        some = [sa.func.count().filter(condition) for condition in counted.values()]
        keys = [Response.agency_id, Response.procedure_id, Response.channel, Response.language]
        query = self._of([*keys, sa.func.count(), *some], CommentFilter(), listed).group_by(*keys)
        tally: dict[tuple[str, Any], int] = {}
        total = 0
        every = self._procedures
        for agency_id, procedure_id, channel, language, number, *numbers in self.session.execute(query):
            total += number
            keyed = {("unit", self.scope.unit_of[agency_id]): number, ("language", language): number}
            if self._cell(agency_id, channel, procedure_id) in self._nameable and procedure_id in every:
                keyed["procedure", every[procedure_id].code] = number
            for key, value in [*keyed.items(), *zip(counted, numbers, strict=True)]:
                tally[key] = tally.get(key, 0) + value
        of = [{key: value for (one, key), value in tally.items() if one == kind and value} for kind in _KINDS]
        return Offered(total, *of)

    def tally(self) -> dict[tuple[Channel, int], dict[str, int]]:
        """Count the comments of the scope by channel and unit: `comments`, those of each status, and those late."""
        return added_up(self.tally_by_agency(), self.scope.unit_of)

    def tally_by_agency(self) -> dict[tuple[Channel, int], dict[str, int]]:
        """Return the same by channel and agency."""
        some = [sa.func.count().filter(stands(status, self.clock, self._with_level)) for status in (*STATUSES, LATE)]
        keys = [Response.channel, Response.agency_id]
        rows = self.session.execute(self._of([*keys, sa.func.count(), *some], CommentFilter(), ()).group_by(*keys))
        names = ("comments", *STATUSES, LATE)
        return {(channel, agency): dict(zip(names, numbers, strict=True)) for channel, agency, *numbers in rows}

    def over_time(self, wanted: CommentFilter) -> tuple[list[SentDay], dict[str, list[int]]]:
        """Return the weeks of the period, and by the code of each theme how many comments each has.

        They are its halves of months where links are cut: of those comments nobody knows the week any more.
        """
        listed, period = self._themes, self.scope.period
        some = [sa.func.count().filter(holds(theme)) for theme in listed]
        query = self._of([Response.day, sa.func.max(sa.case((CUT, 1), else_=0)), *some], wanted, listed)
        by_day = [tuple(row) for row in self.session.execute(query.group_by(Response.day))]
        if any(cut for _day, cut, *_numbers in by_day):
            spans = [SentDay(*half) for half in halves_of(period)]
        else:
            mondays = map(monday_of, range(week_of(period.first), week_of(period.last) + 1))
            spans = [SentDay(monday, monday + WEEK - DAY) for monday in mondays]
        numbers = np.zeros((len(listed), len(spans)), dtype=int)
        firsts = [span.first for span in spans]
        for day, _cut, *counted in by_day:
            numbers[:, bisect_right(firsts, day) - 1] += counted
        return spans, {theme.code: line for theme, line in zip(listed, numbers.tolist(), strict=True)}

    def _of(self, columns: Sequence[Any], wanted: CommentFilter, listed: Sequence[Theme]) -> sa.Select[Any]:
        kept = with_its_sheet(self.scope)
        query = (
            sa.select(*columns)
            .select_from(kept)
            .join(Comment, sa.and_(Comment.response_id == kept.c.part, Comment.question == kept.c.question))
            .join(Response, Response.id == kept.c.sheet)
            .outerjoin(FollowUp, sa.and_(FollowUp.response_id == kept.c.part, FollowUp.question == kept.c.question))
            .outerjoin(ReplyContact, sa.and_(ReplyContact.response_id == kept.c.part, ReplyContact.sealed.is_not(None)))
        )
        return query.where(kept.c.place == 1, *self._conditions(wanted, listed))

    def _conditions(self, wanted: CommentFilter, listed: Sequence[Theme]) -> Iterator[Filter]:
        if wanted.unit is not None:
            yield Response.agency_id.in_([one for one, unit in self.scope.unit_of.items() if unit == wanted.unit])
        if wanted.procedure:
            asked = [key for key, row in self._procedures.items() if row.code == wanted.procedure]
            named = [cell[0] for cell in self._nameable if len(cell) == DEEPEST and cell[-1] in asked]
            yield Response.procedure_id.in_(asked)
            yield sa.tuple_(Response.agency_id, Response.channel).in_(named)
        if wanted.levels:
            yield self._with_level
            yield Response.overall.in_(sorted(wanted.levels))
        if wanted.reason:
            yield self._with_level
            yield self._named(wanted.reason)
        if wanted.theme:
            about = [holds(theme) for theme in listed if theme.code == wanted.theme]
            yield about[0] if about else sa.false()
        if wanted.language:
            yield Response.language == wanted.language
        if wanted.status:
            yield stands(wanted.status, self.clock, self._with_level)
        yield from _picked(wanted)
        for word in plain_words(wanted.words).split():
            yield Comment.plain.contains(f" {word}")

    def _named(self, reason: str) -> Filter:
        """Return the condition that a sheet gives a reason."""
        columns = [Response.other[question].as_string() for question in self._reason_questions]
        return sa.or_(sa.false(), *[column.contains(f'"{reason}"', autoescape=True) for column in columns])

    @cached_property
    def _themes(self) -> tuple[Theme, ...]:
        return themes(self.session)

    @cached_property
    def _reason_questions(self) -> Mapping[str, Question]:
        return reason_questions(self.session, self.scope)

    @cached_property
    def _procedures(self) -> Mapping[int, Procedure]:
        return procedures.by_id(self.session)

    @cached_property
    def _nameable(self) -> frozenset[NamedCell]:
        """Return what may stand beside a comment: agency and channel, their fields, and of these the procedures."""
        cells = counts.cells(self.session, self.scope, ("agency", "channel", "procedure"))
        rows = cells[["agency", "channel", "procedure", "answered"]].astype("Int64").to_numpy().tolist()
        named = ((self._cell(unit, channel, raw(procedure)), answered) for unit, channel, procedure, answered in rows)
        return nameable(named, self.fewest)

    def _cell(self, agency_id: int, channel: int, procedure_id: int | None) -> NamedCell:
        row = self._procedures.get(procedure_id) if procedure_id else None
        return (agency_id, Channel(channel)), row.field["vi"] if row else "", procedure_id

    @cached_property
    def _with_level(self) -> Filter:
        """Return the condition that the level of a sheet, and the reasons, may stand beside its comment."""
        shown = [cell[0] for cell in self._nameable if len(cell) == 1]
        return sa.tuple_(Response.agency_id, Response.channel).in_(shown)

    def _rows(self, rows: Iterable[Any], listed: Sequence[Theme], why: Mapping[str, Question]) -> Iterator[CommentRow]:
        every = self._procedures
        names = procedures.names_of(every, self.scope.period.last)
        words = {option.value: text(option.text) for question in why.values() for option in question.options}
        for row in rows:
            written, day, agency_id, procedure_id, channel, level, language, other, *rest = row
            receipt, cut, response_id, question, *rest = rest
            stored, about = rest[: len(COLUMNS)], rest[len(COLUMNS) :]
            cell = self._cell(agency_id, channel, procedure_id)
            of_field, of_procedure = cell[:2] in self._nameable, cell in self._nameable and procedure_id in every
            level = level if cell[:1] in self._nameable else None
            reasons = dict.fromkeys(value for name in why for value in (other or {}).get(name) or () if level)
            yield CommentRow(
                text=written,
                sent=sent_day(day, cut=cut, weekly=self.weekly),
                agency_id=agency_id,
                procedure=text(names[procedure_id]) if of_procedure else "",
                field=text(every[procedure_id].field) if of_field and procedure_id in every else "",
                channel=channel,
                level=level,
                language=language,
                reasons=tuple(words[value] for value in reasons if value in words),
                themes=tuple(text(theme.name) for theme, is_about in zip(listed, about, strict=True) if is_about),
                standing=standing(self.clock, level, day, tuple(stored)),
                key=(receipt, question),
                response_id=response_id,
            )


def _picked(wanted: CommentFilter) -> Iterator[Filter]:
    """Yield the conditions that a comment is one of those that are asked for by name."""
    if wanted.keys is not None:
        yield sa.tuple_(Response.receipt, Comment.question).in_(sorted(wanted.keys))
    if wanted.parts is not None:
        yield sa.tuple_(Comment.response_id, Comment.question).in_(sorted(wanted.parts))


_KINDS = ("level", "language", "reason", "theme", "status", "unit", "procedure")

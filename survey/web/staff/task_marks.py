"""The tasks that stand beside the figures of a page, and the way to make one there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import url_for
from sqlalchemy.orm import Session

from survey.periods import local_day, now
from survey.results.scope import Scope
from survey.tasks import listing
from survey.tasks.listing import TaskRow, TasksBeside
from survey.tasks.subjects import KINDS
from survey.web.staff import access


@dataclass(frozen=True)
class TaskMarks:
    """Tasks by the figures of a page; `may_make`: its reader may make new ones."""

    beside: TasksBeside
    may_make: bool
    state_words: Callable[[str], str] = listing.state_words

    def of(self, kind: str, key: str = "", unit: int | None = None) -> list[TaskRow]:
        """Return the tasks of a figure: of the page's agency, or of a unit below it."""
        return self.beside.of(KINDS[kind], key, unit)

    def without_making(self) -> TaskMarks:
        """Return the same where no task can come of a figure, because it is not shown or says nothing."""
        return replace(self, may_make=False)

    def address(self, kind: str, key: str = "", agency: str = "") -> str:
        """Return the address at which a task is made of a figure; empty if the reader may not."""
        if not self.may_make:
            return ""
        scope = self.beside.scope
        return url_for(
            "tasks.new",
            kind=kind,
            key=key or None,
            agency=agency or scope.agency.code,
            period=scope.period.code,
            basis=str(scope.period.basis),
        )


def task_marks(session: Session, scope: Scope) -> TaskMarks:
    """Return the tasks beside the figures of a scope."""
    return TaskMarks(listing.beside(session, scope, local_day(now())), access.may_change())

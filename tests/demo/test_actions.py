"""The demonstration's offices act: tasks from shown figures in every state, entries at every step, letters."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
import yaml
from sqlalchemy.orm import Session

from survey.apologies import listing, steps
from survey.audit.acts import Act
from survey.comments import publishing
from survey.comments.publishing import EntryWords
from survey.demo import actions, apologies
from survey.demo.addresses import LOGINS
from survey.models import AuditEntry, Improvement, ImprovementStatus, Role, SubjectKind, Task, TaskStatus
from survey.organisation.agencies import tree
from survey.periods import local_day, parse
from survey.redaction.checking import fault_of_text
from survey.results import closing
from survey.tasks.steps import LONGEST
from tests.demo.conftest import NOW
from tests.support.figures import STANDARD
from tests.support.officials import official

pytestmark = pytest.mark.usefixtures("vietnamese")


@pytest.mark.parametrize("fifth", ["sqlite"], indirect=True)  # what it calls is tested on both
def test_its_offices_made_tasks_of_figures_and_told_what_they_did(filled: Session) -> None:
    for kind, agency in (("staff", "H61"), ("unit_staff", "H61.102")):
        official(filled, LOGINS[kind][0], agency, Role.ADMINISTRATOR if kind == "staff" else Role.MANAGER)
    for code in ("2026-08", "2026-09", "2026-10"):
        closing.close(filled, parse(code), NOW, STANDARD)
    actions.act(filled, NOW, STANDARD)
    actions.act_on_the_newest(filled, NOW, STANDARD)
    tasks = filled.scalars(sa.select(Task)).all()
    assert {task.kind for task in tasks} >= {SubjectKind.FACTOR, SubjectKind.VERDICT}
    assert {task.status for task in tasks} == {TaskStatus.OPEN, TaskStatus.DONE}
    assert any(task.due_day < local_day(NOW) for task in tasks if task.status == TaskStatus.OPEN), "one is overdue"
    assert all("{" not in task.what and not fault_of_text(task.what, LONGEST["what"]) for task in tasks)
    assert all(bool(task.result) == (task.status == TaskStatus.DONE) for task in tasks)
    on_record = filled.scalars(sa.select(AuditEntry.about).where(AuditEntry.act == Act.REPORT_REQUESTED.value))
    assert [about["period"] for about in on_record] == ["2026-10"], "the alert that it is due would be false"
    statuses = {entry.status for entry in filled.scalars(sa.select(Improvement))}
    assert statuses == set(ImprovementStatus) - {ImprovementStatus.WITHDRAWN}
    assert apologies.write_some(filled, "k" * 32, NOW) == apologies.LETTERS
    every = {key: listing.listed(filled, list(tree(filled).agencies), key, 0, 99) for key in listing.LISTS}
    states = {key: sorted(row.state for row in rows) for key, rows in every.items()}
    assert states == {
        "waiting": ["waiting"] * 5,
        "paper": ["paper", "paper", "refused"],
        "sent": ["delivered", "delivered", "refused"],
        "other": ["declined", "handed_over"],
    }
    assert any(row.words for row in every["waiting"])


def test_its_words_are_such_as_the_pages_take() -> None:
    plan, today = yaml.safe_load(actions.ACTIONS.read_text(encoding="utf-8")), local_day(NOW)
    for entry in plan["entries"]:
        since = today - dt.timedelta(days=entry["since"])
        assert not publishing.faults(EntryWords(entry["voice"], entry["measure"], since), today)
        assert "reason" not in entry or not publishing.reason_faults(entry["reason"])
    for step, words in apologies.PLAN:
        assert not steps.faults(step, words, words)
    for task in plan["tasks"]:
        assert not fault_of_text(task["what"], LONGEST["what"])
        assert not fault_of_text(task.get("result", ""), LONGEST["result"])

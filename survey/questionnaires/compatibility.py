"""What may never change over versions: figures join by a question's code, so a code keeps its meaning for good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.i18n import msgid
from survey.models import QuestionnaireVersion, VersionStatus
from survey.questionnaires.document import At, DocumentFault, items, listed

KIND = msgid("Version %(version)s of “%(code)s” asked %(question)s in another way; give this question a new code.")
SCALE = msgid(
    "The scale of %(question)s differs from version %(version)s of “%(code)s”; give this question a new code."
)
TARGET = msgid("%(question)s was the target question in version %(version)s of “%(code)s” and cannot become another.")
Meaning = tuple[str, Any, bool]  # kind; scale with its values; whether it is the target question


def changed_meanings(session: Session, document: Mapping[str, Any]) -> list[DocumentFault]:
    """Return a fault for every question whose code meant something else in a version that has been asked.

    Words, hints, order and options may change; the kind of question, its scale and being the target may not.
    """
    published = (
        sa.select(QuestionnaireVersion)
        .where(QuestionnaireVersion.status != VersionStatus.DRAFT)
        .order_by(QuestionnaireVersion.id)
    )
    earlier: dict[str, tuple[Meaning, QuestionnaireVersion]] = {}
    for row in session.scalars(published):
        earlier |= {code: (meaning, row) for code, (_at, meaning) in _meanings(row.document).items()}
    faults = []
    for code, (at, (kind, scale, target)) in _meanings(document).items():
        if code not in earlier:
            continue
        (was_kind, was_scale, was_target), row = earlier[code]
        values = {"question": code, "version": row.version, "code": row.code}
        if kind != was_kind:
            faults.append(DocumentFault((*at, "type"), KIND, values))
        elif scale != was_scale:
            faults.append(DocumentFault((*at, "scale"), SCALE, values))
        elif target != was_target:
            faults.append(DocumentFault((*at, "target_item"), TARGET, values))
    return faults


def _meanings(document: Mapping[str, Any]) -> dict[str, tuple[At, Meaning]]:
    meanings: dict[str, tuple[At, Meaning]] = {}
    for at, item in items(document, unasked=True):
        kind, name = str(item.get("type", "scale")), item.get("scale")
        scale = document.get("scales", {}).get(name, {})
        points = (name, tuple(str(point.get("value")) for _i, point in listed(scale, "points"))) if name else None
        meanings[str(item.get("id"))] = at, (kind, points, bool(item.get("target_item")))
        for i, row in listed(item, "rows"):
            meanings[str(row.get("id"))] = (*at, "rows", i), ("row", points, False)
    return meanings

"""Which questionnaires were asked of the people whose answers are looked at."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import QuestionnaireVersion, VersionStatus
from survey.questionnaires import SHORT, Questionnaire, published_questionnaire
from survey.results.scope import Scope


def questionnaires_asked(session: Session, scope: Scope) -> tuple[Questionnaire, ...]:
    """Return every published version, the short questionnaire first, of each the newest version first.

    Of a closed period those that had been published when it was closed. A question that an older version asked too
    stands in the newest one already: its words there hold.
    """
    row = QuestionnaireVersion
    query = sa.select(row.id, row.code, row.published_at).where(row.status != VersionStatus.DRAFT)
    if scope.closing is not None:
        query = query.where(row.published_at <= scope.closing.closed_at)
    versions = session.execute(query.order_by(row.published_at.desc(), row.id.desc())).all()
    first = sorted(versions, key=lambda version: (version.code != SHORT, version.code))  # stable: newest stay first
    return tuple(published_questionnaire(session, version.id) for version in first)

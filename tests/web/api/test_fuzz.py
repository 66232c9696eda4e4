"""Schemathesis reads the API's own description and tries everything it promises; no answer may break it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
import sqlalchemy as sa
from schemathesis import engine
from schemathesis.engine import events
from sqlalchemy.orm import Session

from survey.accounts import api_keys
from survey.app import create_app
from survey.collection.withdrawn_cases import withdrawn
from survey.models import Case, Invitation
from survey.periods import now
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.served import served


@pytest.fixture
def site(settings: Settings) -> Iterator[str]:
    """The whole application behind a real socket, without the limit that a fuzzer would meet at once."""
    app = create_app(dataclasses.replace(settings, api_per_minute=10_000_000))
    with survey_of(app).database, served(app) as address:
        yield address


@pytest.fixture
def key(session: Session) -> str:
    made = api_keys.add(session, "fuzz", list(api_keys.KeyScope), factories.agency_id(session, "H61"), now())
    session.commit()
    return made


def run(site: str, key: str, examples: int) -> tuple[list[str], dict[str, int]]:
    """Run every phase and check of the fuzzer on the real application; return what it found, and how much it asked."""
    schema = schemathesis.openapi.from_url(f"{site}/api/v1/openapi.json")
    schema.validate()
    schema.config.update(headers={"Authorization": f"Bearer {key}"}, continue_on_failure=True)
    schema.config.generation.update(max_examples=examples, deterministic=True)
    found: list[str] = []
    asked: dict[str, int] = {}
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            asked[event.phase.value] = asked.get(event.phase.value, 0) + len(event.recorder.interactions)
            for nodes in event.recorder.checks.values():
                found += [f"{one.name}: {one.failure_info.failure}" for one in nodes if one.failure_info is not None]
        elif isinstance(event, events.NonFatalError | events.FatalError):
            found.append(str(event))
    return found, asked


def test_nothing_that_the_description_promises_can_be_broken(
    site: str, key: str, look: Callable[..., list[Any]], campaign: bool, engine_name: str
) -> None:
    found, asked = run(site, key, 1000 if campaign else 25 if engine_name == "postgresql" else 5)
    assert found == []
    assert min(asked["examples"], asked["coverage"], asked["fuzzing"]) > 0
    assert sum(asked.values()) > 300
    counted = sa.select(sa.func.count(Case.id), sa.func.count(Invitation.id)).select_from(Case).outerjoin(Invitation)
    [(cases, invited)] = look(counted.where(sa.not_(withdrawn(Case.id))))
    assert cases == invited > 0, "the examples of the description are real cases"

"""A program with a key of the province."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.support.portal import Portal, program


@pytest.fixture
def portal(session: Session, client: FlaskClient) -> Portal:
    return program(session, client)

"""What all tests of reports share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from survey import reports
from survey.db.engine import Database
from survey.i18n import speaking
from tests.support.reporting import FILES, WrittenReport, answers, build


@pytest.fixture
def engine_name() -> str:
    """One database is enough: what is proved here is the file; its figures are proved in tests/results on both."""
    return "sqlite"


@pytest.fixture(scope="session")
def written(
    fresh_database: Callable[[str, Path], AbstractContextManager[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, WrittenReport]]:
    """October of a small province in each language, for tests that only look at it."""
    folder = tmp_path_factory.mktemp("written")
    with (
        fresh_database("sqlite", folder) as url,
        Database(url) as database,
        database.session(writes=True) as session,
    ):
        answers(session)
        files = {}
        for language in ("vi", "en"):
            with speaking(language):
                report = build(session, language)
                files[language] = WrittenReport(report, *reports.write(report, folder, FILES))
        yield files

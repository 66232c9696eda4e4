"""`hailong poster`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from survey.collection import placements
from survey.i18n import speaking
from survey.models import Channel, Placement
from survey.periods import now
from tests.support import decoding, factories

BASE = "https://hailong.vinhlong.gov.vn"
SECRET = factories.SECRET


def placed(session: Session, agency: str = "H61.50", channel: Channel = Channel.OPEN) -> Placement:
    made = placements.make(session, factories.agency_id(session, agency), channel, now(), label={"vi": "Quầy số 3"})
    session.commit()
    return made


@pytest.fixture
def vietnamese() -> Iterator[None]:
    """The language of a command."""
    with speaking("vi"):
        yield


def test_the_command_prints_every_unit_of_a_province(
    app: Flask, tmp_path: Any, session: Session, vietnamese: None
) -> None:
    placed(session, channel=Channel.KIOSK)
    runner = app.test_cli_runner()
    arguments = ["hailong", "poster", "--all", "--make", "--size", "a5", "--out", str(tmp_path / "all.pdf")]
    for _ in range(2):  # --make gives no second code to those that have one
        done = runner.invoke(args=arguments)
        assert done.exit_code == 0, done.output
        assert "6 áp phích" in done.output
    pdf = (tmp_path / "all.pdf").read_bytes()
    session.expire_all()
    made = session.scalars(sa.select(Placement).where(Placement.channel == Channel.OPEN))
    decoded = [code for [code] in decoding.zbar(decoding.rasters(pdf, 100))]
    assert sorted(decoded) == sorted(placements.address("http://127.0.0.1:8000", one.channel, one.code) for one in made)
    one = runner.invoke(args=["hailong", "poster", "--agency", "H61.50", "--out", str(tmp_path / "ward.pdf")])
    assert "1 áp phích" in one.output
    assert runner.invoke(args=["hailong", "poster", "--out", str(tmp_path / "none.pdf")]).exit_code == 2

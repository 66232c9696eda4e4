"""Addresses in a file of cases: they invite at once, are kept in the queue only, and never cost a case."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from survey.models import AddressKind, Case, Delivery, Invitation, MessageKind
from survey.security.tokens import case_hash
from tests.support import factories
from tests.support.files import HEADERS, as_csv, feed, run


def test_a_file_with_addresses_leaves_everyone_else_due(app: Flask, session: Session, tmp_path: Path) -> None:
    session.rollback()
    before = as_csv(tmp_path / "before.csv", [HEADERS, *feed(2)])
    run(app, "import", "cases", before)
    rows = [(*row, address) for row, address in zip(feed(4)[2:], ("an@example.vn", ""), strict=True)]
    path = as_csv(tmp_path / "cases.csv", [(*HEADERS, "Liên hệ"), *rows])
    assert "lời mời" not in run(app, "import", "cases", path, "--dry-run").output
    assert "Đã tạo 1 lời mời.\nSố tin chờ gửi: 1." in run(app, "import", "cases", path).output
    invited = sa.select(Case.code_hash).join(Invitation)
    assert session.scalars(invited).all() == [case_hash(factories.SECRET, rows[0][0])]
    session.rollback()
    for file, number in ((before, 2), (path, 1)):
        result = run(app, "invite", "--cases", file, "--links", tmp_path / f"links{number}.csv")
        assert f"Đã tạo {number} lời mời" in result.output
    assert session.scalar(sa.select(sa.func.count(Invitation.id))) == 4


def test_a_feed_with_addresses_invites_at_once_and_keeps_them_in_the_queue_only(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    session.rollback()
    addresses = ("an@example.vn", "0912 345 678", "", "+84 987654321")
    rows = [(*row, address) for row, address in zip(feed(4), addresses, strict=True)]
    path = as_csv(tmp_path / "cases.csv", [(*HEADERS, "Số điện thoại"), *rows])
    dry = run(app, "import", "cases", path, "--dry-run")
    assert "thêm mới 4" in dry.output and session.scalar(sa.select(sa.func.count(Invitation.id))) == 0
    session.rollback()
    result = run(app, "import", "cases", path)
    assert "Đã tạo 3 lời mời.\nSố tin chờ gửi: 3." in result.output
    assert "lời mời" not in run(app, "import", "cases", path).output
    messages = session.scalars(sa.select(Delivery).where(Delivery.kind == MessageKind.INVITATION)).all()
    kinds = sorted(message.address_kind for message in messages)
    assert kinds == [AddressKind.EMAIL, AddressKind.PHONE, AddressKind.PHONE]
    payloads = [message.payload or b"" for message in messages]  # sealed: any three signs may stand in them by chance
    assert all(payloads) and not any(plain in one for one in payloads for plain in (b"345678", b"345 678", b"example"))


def test_an_address_that_cannot_be_used_costs_no_case(app: Flask, session: Session, tmp_path: Path) -> None:
    session.rollback()
    rows = [(*row, address) for row, address in zip(feed(2), ("an@example.vn", "091234"), strict=True)]
    path = as_csv(tmp_path / "cases.csv", [(*HEADERS, "Số điện thoại"), *rows])
    result = run(app, "import", "cases", path)
    assert "thêm mới 2," in result.output and "Đã tạo 1 lời mời" in result.output
    assert "Dòng 3, cột “Số điện thoại”" in result.output and "091234" not in result.output
    as_csv(path, [(*HEADERS, "Số điện thoại"), (*rows[1][:-1], "0912 345 678")])
    assert "Đã tạo 1 lời mời" in run(app, "import", "cases", path).output, "it stayed due"

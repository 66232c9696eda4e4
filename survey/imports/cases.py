"""Finished cases from a file of the portal: checked whole before the first one is recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from survey.cases import recording
from survey.cases.recording import Directory, FinishedCase
from survey.delivery.contact import Contact
from survey.i18n import msgid
from survey.imports import table
from survey.imports.cells import agency_code, case_code, choice, contact, day, procedure_code
from survey.imports.faults import ODD_SHAPE, Findings
from survey.imports.header import Column
from survey.models import CaseOutcome, Filing, Respondent
from survey.organisation.code_formats import AGENCY_CODE, OLD_AGENCY_CODE
from survey.security.tokens import case_hash, former_case_hashes

PEOPLE = ("người dân", "công dân", "cá nhân", "hộ gia đình", "nd", "cd", "cn", "citizen", "individual", "person", "1")
BODIES = (
    *("doanh nghiệp", "dn", "tổ chức", "tc", "doanh nghiệp, tổ chức", "tổ chức, doanh nghiệp", "dn/tc", "tc/dn"),
    *("công ty", "hợp tác xã", "hộ kinh doanh", "cơ quan"),
    *("business", "company", "enterprise", "organisation", "organization", "2"),
)
RESPONDENTS = {**dict.fromkeys(PEOPLE, Respondent.CITIZEN), **dict.fromkeys(BODIES, Respondent.BUSINESS)}
IN_PERSON = ("1", "trực tiếp", "nộp trực tiếp", "tại bộ phận một cửa", "in person")
ONLINE = ("2", "trực tuyến", "nộp trực tuyến", "qua mạng", "cổng dịch vụ công", "online")
BY_POST = (
    *("3", "bưu chính công ích", "qua bưu chính công ích", "bcci", "bưu chính", "qua bưu chính", "bưu điện"),
    "post",
)
FILINGS = {
    **dict.fromkeys(IN_PERSON, Filing.IN_PERSON),
    **dict.fromkeys(ONLINE, Filing.ONLINE),
    **dict.fromkeys(BY_POST, Filing.POST),
}
GRANTED = (
    *("1", "đồng ý", "chấp thuận", "được giải quyết", "đã giải quyết", "đã trả kết quả", "trả kết quả", "đã cấp"),
    *("granted", "approved"),
)
REFUSED = (
    *("2", "từ chối", "từ chối giải quyết", "không giải quyết", "không chấp thuận", "không đủ điều kiện", "trả lại"),
    *("trả hồ sơ", "trả lại hồ sơ", "refused", "rejected"),
)
GIVEN_UP = (
    *("3", "rút hồ sơ", "đã rút", "công dân rút", "công dân rút hồ sơ", "người nộp rút hồ sơ", "dừng xử lý"),
    *("given up", "abandoned"),
)
OUTCOMES = {
    **dict.fromkeys(GRANTED, CaseOutcome.GRANTED),
    **dict.fromkeys(REFUSED, CaseOutcome.REFUSED),
    **dict.fromkeys(GIVEN_UP, CaseOutcome.GIVEN_UP),
}
COLUMNS = (
    Column("case_code", ("Mã hồ sơ", "Số hồ sơ", "Case code", "Case number"), case_code, secret=True),
    Column("procedure", ("Mã thủ tục", "Mã TTHC", "Mã thủ tục hành chính", "Procedure code"), procedure_code),
    Column(
        "receiving",
        (
            *("Mã cơ quan tiếp nhận", "Cơ quan tiếp nhận", "Đơn vị tiếp nhận", "Mã đơn vị tiếp nhận"),
            *("Receiving agency", "Receiving agency code"),
        ),
        agency_code,
        needed=False,
        optional=True,
    ),
    Column(
        "resolving",
        (
            *("Mã cơ quan giải quyết", "Cơ quan giải quyết", "Đơn vị giải quyết", "Mã đơn vị giải quyết", "Mã đơn vị"),
            *("Resolving agency", "Resolving agency code"),
        ),
        agency_code,
    ),
    Column("received", ("Ngày tiếp nhận", "Received day", "Received", "Received date"), day, False, optional=True),
    Column("due", ("Ngày hẹn trả", "Ngày hẹn trả kết quả", "Due day", "Due", "Due date"), day, False, optional=True),
    Column(
        "finished",
        ("Ngày trả", "Ngày trả kết quả", "Ngày hoàn thành", "Finished day", "Finished", "Finished date"),
        day,
    ),
    Column(
        "withdrawn",
        (
            *("Ngày rút hồ sơ", "Ngày rút", "Ngày công dân rút hồ sơ"),
            *("Withdrawn on", "Withdrawn day", "Withdrawn", "Withdrawn date"),
        ),
        day,
        needed=False,
        optional=True,
    ),
    Column(
        "filing",
        ("Kênh nộp", "Hình thức nộp", "Cách nộp", "Filing", "Filed by"),
        choice(FILINGS, "1 Trực tiếp, 2 Trực tuyến, 3 Bưu chính công ích; 1 In person, 2 Online, 3 Post"),
        needed=False,
        optional=True,
    ),
    Column(
        "outcome",
        ("Kết quả", "Kết quả giải quyết", "Kết quả xử lý", "Tình trạng kết quả", "Outcome"),
        choice(OUTCOMES, "1 Đồng ý, 2 Từ chối, 3 Rút hồ sơ; 1 Granted, 2 Refused, 3 Given up"),
        needed=False,
        optional=True,
        spared=True,  # portals have many words for it: one that is new costs no case
    ),
    Column(
        "respondent",
        ("Đối tượng", "Đối tượng nộp", "Respondent", "Respondent kind", "Applicant"),
        choice(RESPONDENTS, "Người dân, Doanh nghiệp; Citizen, Business"),
    ),
    *(
        Column(name, headers, contact, needed=False, optional=True, secret=True, spared=True)
        for name, headers in (
            ("contact", ("Liên hệ", "Thông tin liên hệ", "Contact")),
            ("email", ("Thư điện tử", "Email", "Địa chỉ email", "Hộp thư", "E-mail address")),
            ("phone", ("Số điện thoại", "Điện thoại", "SĐT", "Di động", "Phone", "Phone number", "Mobile")),
        )
    ),
)

_TWICE = msgid("The same case stands in line %(other)s with other particulars. Keep one of the two lines.")
_REPEATED = msgid("The same case stands in line %(other)s already; it counts once.")
_NEW_AGENCY = msgid(
    "No agency has the code %(code)s yet. It is taken; please import the agencies for its name and place."
)


@dataclass(frozen=True)
class Feed:
    """The cases of a file, and by the hash of its code where to write to for a case that says so."""

    cases: list[FinishedCase]
    contacts: dict[bytes, Contact] = field(repr=False)
    former: dict[bytes, tuple[bytes, ...]] = field(repr=False)  # its hashes under former keys, by today's


def check(
    directory: Directory, secret: str, path: Path, today: dt.date, findings: Findings, progress: Callable[[int], object]
) -> Feed:
    """Return the cases of a file, each once; `progress` is told of every row.

    Raises:
        ImportRefused: there are faults, each by line and column.
    """
    places: dict[bytes, tuple[int, int]] = {}
    cases: list[FinishedCase] = []
    shared: dict[str, str] = {}
    warned: set[str] = set()
    contacts: dict[bytes, Contact] = {}
    former: dict[bytes, tuple[bytes, ...]] = {}
    for row in table.rows(path, COLUMNS, findings):
        progress(1)
        if not row.whole:
            continue
        values = row.values
        typed = values.pop("case_code")
        code = case_hash(secret, typed)
        if before := former_case_hashes(secret, typed):
            former[code] = before
        where = where_to(values)
        values.setdefault("receiving", values["resolving"])
        for name in ("receiving", "resolving", "procedure"):
            values[name] = shared.setdefault(values[name], values[name])
        case = FinishedCase(code_hash=code, **values, withdrawal_told="withdrawn" in findings.titles)
        if code in places:
            line, at = places[code]
            if cases[at] == case:
                findings.warn(row.line, findings.titles["case_code"], "", _REPEATED, other=line)
            else:
                findings.fault(row.line, findings.titles["case_code"], "", _TWICE, other=line)
            continue
        _check(directory, case, row.line, today, findings)
        new = {name: unknown for name, unknown in recording.unknown_agencies(directory, case) if unknown not in warned}
        _warn(row.line, new, findings)
        warned.update(new.values())
        places[code] = (row.line, len(cases))
        cases.append(case)
        if where is not None:
            contacts[code] = where
    findings.check()
    return Feed(cases, contacts, former)


def where_to(values: dict[str, Any]) -> Contact | None:
    """Take the addresses out of a row and return the one to write to: what is said to be one, e-mail before phone."""
    addresses = [values.pop(name, None) for name in ("contact", "email", "phone")]
    return next((address for address in addresses if address is not None), None)


def _check(directory: Directory, case: FinishedCase, line: int, today: dt.date, findings: Findings) -> None:
    for name, message, values in recording.faults(directory, case, today):
        value = getattr(case, name)
        text = f"{value:%d/%m/%Y}" if isinstance(value, dt.date) else value
        findings.fault(line, findings.titles[name], text, message, **values)


def _warn(line: int, new: dict[str, str], findings: Findings) -> None:
    """Warn of unknown agencies, once for each."""
    for name, code in new.items():
        title = findings.titles[name]
        findings.warn(line, title, code, _NEW_AGENCY, code=code)
        if not (AGENCY_CODE.fullmatch(code) or OLD_AGENCY_CODE.fullmatch(code)):
            findings.warn(line, title, code, ODD_SHAPE)

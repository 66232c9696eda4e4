"""Files of spreadsheets from any country: their encoding and separator are told from their first bytes."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.delimited import SEPARATORS, START_BYTES, dialect, encoding

NAMES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters='\r\n"\0,;\t|'), min_size=1), min_size=2)


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_every_usual_dialect_is_recognised(code: str, separator: str, end: str) -> None:
    start = f"Số hồ sơ{separator}Tên{end}".encode(code)
    form = dialect(start)
    assert (form.header, form.separator, form.skip) == (("Số hồ sơ", "Tên"), separator, 0)
    assert start.decode(form.encoding) == start.decode(code)


@given(NAMES, st.sampled_from(SEPARATORS))
def test_the_separator_is_the_one_that_divides_the_first_line(names: list[str], separator: str) -> None:
    form = dialect(("\ufeff" + separator.join(names) + "\n").encode())
    assert (form.separator, form.header) == (separator, tuple(names))


def test_separators_inside_quotation_marks_do_not_count() -> None:
    assert dialect(b'"a;b;c;d",e\n').header == ("a;b;c;d", "e")


def test_the_line_that_names_the_separator_is_passed_over() -> None:
    form = dialect(b"sep=;\r\na;b\r\n")
    assert (form.skip, form.header) == (1, ("a", "b"))


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"sep=;"])
def test_a_file_without_a_header_has_none(start: bytes) -> None:
    assert dialect(start).header == ()


def test_only_the_first_line_must_be_readable() -> None:
    assert dialect("Mã,Tên\n".encode() + b"\xff,1\n").header == ("Mã", "Tên")
    with pytest.raises(UnicodeDecodeError):
        dialect(b"M\xff,T\n")


def test_a_letter_cut_at_the_end_of_the_bytes_is_no_fault() -> None:
    whole = ("a,b\n" + "ế" * START_BYTES).encode()
    assert [dialect(whole[: START_BYTES - cut]).header for cut in range(3)] == [("a", "b")] * 3


def test_a_field_beyond_all_measure_is_refused() -> None:
    with pytest.raises(csv.Error):
        dialect(b"x" * (csv.field_size_limit() + 1))


def test_plain_text_is_utf_8() -> None:
    assert encoding(b"a") == encoding(b"") == "utf-8"

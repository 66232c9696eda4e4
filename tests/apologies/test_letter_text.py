"""What a letter says: what was promised, what happened, that we are sorry, whom to ask; nothing of the person."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from survey.apologies import letter_text
from survey.apologies.letter_text import LetterFacts
from survey.i18n import speaking
from survey.models import Respondent
from tests.support.apologies import DUE, FINISHED, RECEIVED

UNIT = {"vi": "Ủy ban nhân dân phường Trà Vinh", "en": "People's Committee of Tra Vinh Ward"}
PROVINCE = {"vi": "Ủy ban nhân dân tỉnh Vĩnh Long", "en": "Vinh Long Province"}
FACTS = LetterFacts(UNIT, PROVINCE, Respondent.CITIZEN, RECEIVED, DUE, FINISHED, 3)
ASKING = re.compile(r"đánh giá|khảo sát|hài lòng|góp ý|phiếu|https?:|rate|survey|satisf|opinion|answer", re.IGNORECASE)
LAW = re.compile(r"nghị định|thông tư|\bluật\b|quyết định số|\bNĐ\b|decree|circular|\blaw\b", re.IGNORECASE)


def test_the_letter_in_vietnamese() -> None:
    notice = letter_text.notice(FACTS, "an@example.vn", "vi")
    assert (notice.sender, notice.subject) == (UNIT["vi"], "Thư xin lỗi về việc giải quyết hồ sơ trễ hẹn")
    assert notice.body == (
        "Kính gửi Ông/Bà,\n\n"
        "Hồ sơ được tiếp nhận ngày 21/09/2026, hẹn trả kết quả ngày 30/09/2026. "
        "Hồ sơ được giải quyết xong ngày 05/10/2026, trễ hẹn 3 ngày làm việc.\n\n"
        "Ủy ban nhân dân phường Trà Vinh thành thật xin lỗi Ông/Bà về sự chậm trễ này.\n\n"
        "Ông/Bà không cần làm gì thêm. "
        "Nếu có điều cần hỏi về hồ sơ, xin vui lòng liên hệ Ủy ban nhân dân phường Trà Vinh.\n\n"
        "Trân trọng,\n\n"
        "Ủy ban nhân dân phường Trà Vinh\nỦy ban nhân dân tỉnh Vĩnh Long\n"
    )


def test_the_letter_in_english() -> None:
    notice = letter_text.notice(replace(FACTS, received=None, days_late=1), "an@example.vn", "en")
    assert "promised for 30 September 2026. It was finished on 5 October 2026, 1 working day late." in notice.body
    assert "People's Committee of Tra Vinh Ward sincerely apologises to you for this delay." in notice.body
    assert notice.short["en"].startswith(
        "People's Committee of Tra Vinh Ward: the result of your case was promised for 30 September 2026 and came on "
        "5 October 2026."
    )


def test_a_letter_about_a_delay_without_a_working_day_in_it_counts_none() -> None:
    saturday, sunday = dt.date(2026, 10, 3), dt.date(2026, 10, 4)
    over_a_weekend = replace(FACTS, due=saturday, finished=sunday, days_late=0)
    assert "It was finished on 4 October 2026, after that day." in letter_text.notice(over_a_weekend, "", "en").body


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("respondent", list(Respondent))
@pytest.mark.parametrize("received", [RECEIVED, None])
def test_no_letter_asks_for_anything_cites_a_rule_or_names_a_case(
    language: str, respondent: Respondent, received: dt.date | None
) -> None:
    for late in (0, 1, 3):
        facts = replace(FACTS, respondent=respondent, received=received, days_late=late)
        notice = letter_text.notice(facts, "an@example.vn", language)
        texts = (notice.subject, notice.body, *notice.short.values())
        for words in texts:
            assert not ASKING.search(words) and not LAW.search(words), words
            assert "H61" not in words and "an@example.vn" not in words
        assert notice.stop_link == "" and list(notice.short) == [language]
        assert str(late) + " " in notice.body or not late


def test_own_words_stand_in_the_letter_and_the_short_one_fits_three_messages() -> None:
    notice = letter_text.notice(replace(FACTS, words="Nguyên nhân: mất điện hai ngày."), "an@example.vn", "vi")
    assert "\n\nNguyên nhân: mất điện hai ngày.\n\n" in notice.body
    assert len(notice.short["vi"]) <= 3 * 67 + 70  # in UCS-2, of a long name of a unit
    with speaking("vi"):
        business = replace(FACTS, respondent=Respondent.BUSINESS)
        assert letter_text.greeting(business) == "Kính gửi Quý doanh nghiệp,"
        assert not any("Ông/Bà" in paragraph for paragraph in letter_text.paragraphs(business))


def test_a_letter_of_the_province_is_signed_once() -> None:
    with speaking("vi"):
        assert letter_text.signature(replace(FACTS, unit=PROVINCE)) == [PROVINCE["vi"]]

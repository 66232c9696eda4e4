"""Public results: read without signing in, of closed periods only, kept as the same bytes, retracted with a reason."""

from __future__ import annotations

import datetime as dt
import gzip
import re

import feedparser
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from survey.comments import publishing
from survey.comments.publishing import Actor, EntryWords, PublishingStep
from survey.ledger import sealing, signing_key
from survey.models import Publication, Role
from survey.periods import parse
from survey.results import closing, publication
from survey.web.public.published_pages import WrittenPages
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.officials import official
from tests.support.pages import check_page, hidden
from tests.support.published import CLOSED, GIVEN, OCTOBER, PUBLISHED, STANDARD, answers, publish_october

PAGE = "/results/calendar/2026-10"
FILES = ("results.json", "results.csv", "dictionary.csv", "datapackage.json", "LICENSE.txt", "SHA256SUMS")
sqlite_alone = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # what is said, not how it is stored


@sqlite_alone
@pytest.mark.parametrize("language", ["vi", "en"])
def test_everybody_reads_the_verdict_who_was_asked_and_how_to_check_it(
    client: FlaskClient, session: Session, language: str
) -> None:
    of = publish_october(session)
    settings = survey_of(client.application).settings
    signing_key.make(signing_key.file_of(settings), "example.vn/ledger")
    sealing.seal(survey_of(client.application).database, signing_key.file_of(settings), PUBLISHED)
    page = client.get(f"{PAGE}?lang={language}")
    words = " ".join(check_page(page, language).words.split())
    said = {
        "vi": ("Tháng 10 năm 2026: chưa đạt chỉ tiêu 90%", "65,8%", "106 trong 161 phiếu", "Kiểm chứng", "3 đơn vị"),
        "en": ("October 2026: misses the target of 90%", "65.8%", "106 of 161 answers", "Check it", "3 units"),
    }[language]
    assert [one for one in said if one not in words] == []
    assert of.sha256.hex() in words and "verify_ledger.py" in words
    note = client.get("/ledger/checkpoint").text
    assert " ".join(note.split()) in words and "<svg" in page.text
    assert client.get(f"/results?lang={language}").text == page.text, "the newest stands at the short address too"


@sqlite_alone
def test_of_a_unit_with_few_answers_only_their_number_is_published(client: FlaskClient, session: Session) -> None:
    publish_october(session)
    whole = client.get(PAGE)
    shown = check_page(client.get(f"{PAGE}/H61.1")).words
    assert "Sở Nội vụ" in shown and "40 trong 60 phiếu" in " ".join(shown.split())
    for code, number in (("H61.50", 40), ("H61.51", 12), ("H61.52", 4)):  # the first would tell of the second
        page = check_page(client.get(f"{PAGE}/{code}"))
        words = " ".join(page.words.split())
        assert f"Có {number} phiếu trả lời" in words and "hài lòng (" not in words
        assert not re.search(r"\d,\d%", words.replace("100,0%", "")), "no rate but that everybody invited answered"
    assert "3 đơn vị chỉ công bố số phiếu" in " ".join(check_page(whole).words.split())
    for strange in ("/results/calendar/2026-09", f"{PAGE}/H61.99", "/results/calendar/2026-10/data/passwd"):
        assert client.get(strange).status_code == 404
    assert client.get("/results/calendar/2026-99").status_code == 400


def test_unless_the_province_publishes_there_is_nothing_in_words(
    client: FlaskClient, session: Session, link: str
) -> None:
    of = publish_october(session)
    file = f"/results/data/{of.sha256.hex()}/results.csv"
    assert "/results?lang=vi" in client.get("/").text
    assert "/results?lang=vi" in client.post(link, data={**hidden(client.get(link)), "S1": "4"}).text
    assert client.get(PAGE).status_code == client.get(file).status_code == 200, "from now on both are kept"
    publication.switch(session, False, None, PUBLISHED)
    session.commit()
    survey_of(client.application).part(WrittenPages)
    for path in ("/results", PAGE, file, f"{PAGE}/data/results.csv", "/results/feed.atom", "/results/catalog.jsonld"):
        refused = client.get(path)
        assert refused.status_code == 404, path
        assert "chưa công bố" in check_page(refused).words
    assert "/results" not in client.get("/sitemap.xml").text
    publication.switch(session, True, None, PUBLISHED)
    session.execute(sa.delete(Publication))
    session.commit()
    assert "Chưa có kỳ nào được công bố" in check_page(client.get("/results")).words


def test_pages_and_files_are_kept_as_the_same_bytes_and_count_no_answers(client: FlaskClient, session: Session) -> None:
    of = publish_october(session)
    asked: list[str] = []

    def keep(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(sa.Engine, "before_cursor_execute", keep)  # by whichever login pages come
    paths = [PAGE, f"{PAGE}/H61.1", "/results/feed.atom", "/results/catalog.jsonld", "/sitemap.xml", "/robots.txt"]
    paths += [f"/results/data/{of.sha256.hex()}/{name}" for name in FILES]
    first = [client.get(path) for path in paths]
    assert len(asked) > 20
    counted = re.compile(r"\b(response|frozen_cell|frozen_cohort|closed_period|\"case\")\b")
    assert [statement for statement in asked if counted.search(statement)] == []
    asked.clear()
    for path, before in zip(paths, first, strict=True):
        again = client.get(path)
        assert again.data == before.data and before.headers["Cache-Control"].startswith("public")
        assert client.get(path, headers={"If-None-Match": again.headers["ETag"]}).status_code == 304
        assert "Set-Cookie" not in again.headers and "X-Robots-Tag" not in again.headers
    assert len(asked) <= 12 * len(paths), "what is kept is not written again"
    event.remove(sa.Engine, "before_cursor_execute", keep)
    for name, forever in ((FILES[0], True), (FILES[1], True), (FILES[2], False)):
        kept = client.get(f"/results/data/{of.sha256.hex()}/{name}").headers["Cache-Control"]
        assert ("immutable" in kept) is forever
    # What comes after the closing, or changes a name, moves nothing in it.
    survey_of(client.application).part(WrittenPages).clear()
    answers(session, {"H61.1": 20})
    session.execute(sa.text("UPDATE agency SET code = 'X' WHERE code = 'H61.2'"))
    session.commit()
    for path, before in zip(paths, first, strict=True):
        assert client.get(path).data == before.data, path


def test_what_is_retracted_says_why_and_may_be_published_again(client: FlaskClient, session: Session) -> None:
    of = publish_october(session)
    file = f"/results/data/{of.sha256.hex()}/results.json"
    assert client.get(PAGE).status_code == client.get(file).status_code == 200
    publication.retract(session, OCTOBER, "Nhập nhầm hồ sơ của hai đơn vị.", PUBLISHED)
    session.commit()
    for path in (PAGE, f"{PAGE}/H61.1"):
        page = client.get(path)
        assert page.status_code == 410 and "no-store" not in page.headers["Cache-Control"]
        assert "Nhập nhầm hồ sơ của hai đơn vị." in check_page(page).words
        assert "65,8%" not in page.text
    gone = client.get(file)
    assert (gone.status_code, gone.mimetype) == (410, "text/plain") and "Nhập nhầm" in gone.text
    assert client.get("/results/feed.atom").text.count("<entry>") == 0
    publication.publish(session, OCTOBER, STANDARD, PUBLISHED + dt.timedelta(days=1))
    session.commit()
    assert client.get(PAGE).status_code == client.get(file).status_code == 200
    assert client.get(f"{PAGE}/data/results.json").location.endswith(file)


@sqlite_alone
def test_search_engines_find_each_page_in_each_language(client: FlaskClient, session: Session) -> None:
    publish_october(session)
    robots = client.get("/robots.txt").text
    site = survey_of(client.application).settings.public_url
    assert f"Sitemap: {site}/sitemap.xml" in robots and "Disallow: /staff/" in robots and "/results" not in robots
    sitemap = client.get("/sitemap.xml").text
    for language in ("vi", "en"):
        here = f"{site}{PAGE}?lang={language}"
        assert f"<loc>{here}</loc>" in sitemap and f"<loc>{site}{PAGE}/H61.52?lang={language}</loc>" in sitemap
        page = client.get(f"{PAGE}?lang={language}&code=<b>&period=2020").text
        assert f'<link rel="canonical" href="{here}">' in page and "2020" not in page
        assert page.count('rel="alternate" hreflang=') == 3
        title = re.search(r"<title>(.*?)</title>", page)
        assert title and {"vi": "Tháng 10 năm 2026: ", "en": "October 2026: "}[language] in title[1]


@sqlite_alone
def test_a_feed_tells_of_newly_published_periods(client: FlaskClient, session: Session) -> None:
    publish_october(session)
    answers(session, {"H61.1": 40}, GIVEN - dt.timedelta(days=30))
    september = parse("2026-09")
    closing.close(session, september, CLOSED, STANDARD)
    publication.publish(session, september, STANDARD, PUBLISHED + dt.timedelta(hours=1))
    session.commit()
    for language, name in (("vi", "Tháng 9 năm 2026"), ("en", "September 2026")):
        feed = feedparser.parse(client.get(f"/results/feed.atom?lang={language}").data)
        assert not feed.bozo and feed.version == "atom10" and feed.feed.language == language
        newest, other = feed.entries
        assert name in newest.title and newest.updated_parsed > other.updated_parsed
        assert newest.link.endswith(f"/results/calendar/2026-09?lang={language}") and newest.summary
    page = " ".join(check_page(client.get(PAGE)).words.split())
    assert "Tháng 9 năm 2026" in page and "Drawn" not in page and "trend" in client.get(PAGE).text


@sqlite_alone
def test_what_was_done_stands_beside_the_figures_of_its_unit(client: FlaskClient, session: Session) -> None:
    publish_october(session)
    writer = Actor(official(session, "xa", "H61.50", Role.MANAGER).id, False)
    decider = Actor(official(session, "tinh", "H61", Role.MANAGER).id, True)
    assert "Chờ lâu quá" not in client.get(PAGE).text
    words = EntryWords("Chờ lâu quá", "Đã mở thêm quầy", GIVEN.date())
    entry = publishing.add(session, factories.agency_id(session), words, writer, PUBLISHED, hand_in=True)
    publishing.take(session, entry, PublishingStep.PUBLISH, decider, PUBLISHED, turn=1)
    session.commit()
    assert "Đã mở thêm quầy" in client.get(PAGE).text and "Đã mở thêm quầy" in client.get(f"{PAGE}/H61.50").text
    assert "Đã mở thêm quầy" not in client.get(f"{PAGE}/H61.1").text


@sqlite_alone
def test_a_page_of_a_whole_province_weighs_no_more_than_forty_kilobytes(client: FlaskClient, session: Session) -> None:
    of = publish_october(session)
    units = of.figures["units"]
    many = [{**units[place % len(units)], "code": f"H61.{place}"} for place in range(140)]
    of.figures = {**of.figures, "units": many}
    session.commit()
    page = client.get(PAGE)
    check_page(page)
    styles = [client.get(path).data for path in re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.text)]
    assert len(styles) == 2 and page.text.count('class="interval-row"') == 140
    assert sum(len(gzip.compress(part, 6)) for part in (page.data, *styles)) <= 40_000
    assert "<script" not in page.text

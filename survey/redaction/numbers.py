"""Numbers, codes and addresses of mail that tell who somebody is, however they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial

from survey.redaction.kinds import Kind, Passage, masked

GAP = r"(?:[ .,_·*/–—-]{1,3}|[ ,]*\b(?:roi|xong|tiep theo|tiep|sau do)\b[ ,]*|[ .-]?\(|\)[ .-]?)?"
TIGHT = r"[ .–—-]{0,2}"
# What looks like a number to hide and is none. It is passed over, and nothing is joined over it.
UNIT = r"(?:d|dong|vnd|vnđ|usd|nghin|ngan|trieu|tr|ty|ti|%|km|m2|m|ha|kg|mb|gb)"
HARMLESS = re.compile(
    r"""
    (?<![\w./-])(?:
      (?:0?[1-9]|[12]\d|3[01])\s?([-/.])\s?(?:0?[1-9]|1[0-2])\s?\1\s?(?:19|20)?\d\d      # days
    | (?:0?[1-9]|1[0-2])/(?:19|20)\d\d                                                    # months
    | (?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])
    | \d{1,4}/(?:19|20)\d\d/[a-z]{2}[\w-]{0,20}                                           # numbers of decrees
    | [1-9]\.\d{6}(?:\.\d\d|\.000\.00\.00\.[a-z]\d\d(?:\.\d\d)?)?                         # codes of procedures
    | [a-z]\d\d(?:\.\d{1,3}){1,4}(?!\s?[-–—]\s?\d)                                        # codes of agencies
    | (?:1900|1800)[ .-]?\d{2,4}(?:[ .-]?\d{2})?                                          # hot lines
    )(?![\w]|[./-]\d)
    """,
    re.VERBOSE,
)
AMOUNT = re.compile(
    r"(?<![\w./-])(?:[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3}){0,4}(?:[.,]\d{1,2})?"
    rf"|[1-9]\d{{0,14}}(?: \d{{3}}){{0,4}}\s?(?={UNIT}(?!\w)))(?!\w|[./-]\d)"
)
WITH_UNIT = re.compile(rf"\s?{UNIT}(?!\w)")
BRANCH = re.compile(r"\s?-\s?\d{3}(?!\d)")
CASE = re.compile(
    r"(?<![a-z0-9.])(?:[a-z]\d{2,6}(?:\s?[. ]\s?\d{1,3}){0,4}|\d{3}\.\d\d\.\d\d\.[a-z]\d\d)"
    r"\s?[-–— ]\s?\d{6}\s?[-–— ]\s?\d{4,7}(?!\d)"
    r"|(?<![\d.-])\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\s?[-–—]\s?\d{4,7}(?!\d)"
)
NUMBERED_CASE = re.compile(
    r"\b(?:ho so|bien nhan|giay hen|phieu hen|bien lai|giay tiep nhan)(?: so| ma(?: so)?)?\s?[:.]?\s?"
    r"(?=[a-z0-9./-]{0,12}\d\d)([a-z]{0,5}[-./]?\d[a-z0-9./–-]{2,30}[a-z0-9])"
)
SAYS_IDENTITY = r"\b(?:cccd|cmnd|cmtnd|cc|can cuoc|chung minh|dinh danh|ho chieu|passport|bhxh|bhyt|id|gplx|the)\b"
SAYS_PHONE = r"\b(?:sdt|dt|dien thoai|phone|tel|zalo|goi|lien he|lh|alo|call|di dong|hotline)\b"
SAYS_DEED = r"\b(?:seri|gcn|vao so|so do|so hong)\b"
SAYS_TAX = r"\b(?:mst|ma so thue|thue|tax)\b"
SAYS_BANK = r"\b(?:stk|tk|tai khoan|account|ngan hang|so the|\w{0,9}bank|sacom\w{0,4}|vietin\w{0,4}|momo)\b"
# After a word that says what it is: any number of eight digits and more, in groups.
CUED = tuple(
    (re.compile(rf"{words}[^\d\n\x00\x01.;]{{0,25}}?\b((?:{letters})?\d(?:{TIGHT}\d){{{least - 1},18}})(?!\d)"), kind)
    for words, letters, least, kind in (
        (SAYS_TAX, "", 10, Kind.TAX),
        (SAYS_BANK, "", 8, Kind.BANK),
        (SAYS_IDENTITY, "[a-z]{1,2}", 7, Kind.IDENTITY),
        (SAYS_PHONE, "", 9, Kind.PHONE),
        (SAYS_DEED, r"[a-z]{1,2}\s?", 5, Kind.NUMBER),
    )
)
IDENTITY = re.compile(
    r"(?<![\d.])0\d\d(?:\d{9}|[ .-]\d{3}[ .-]\d{3}[ .-]?\d{3}|[ .-]\d{3}[ .-]\d{6}"
    r"|[ .-]\d[ .-]\d\d[ .-]\d{6}|\d[ .-]\d{4}[ .-]\d{4}|\d{3}[ .-]\d{6})(?!\d)"
)
PHONE = re.compile(
    rf"(?<!\d)(?:\(?(?:\+|00)\s?84\)?{GAP}\(?0?\)?|\(?84\)?{GAP}|\(?0){GAP}"
    rf"(?:1[2689](?:{GAP}\d){{8}}|[35789](?:{GAP}\d){{8}}|2(?:{GAP}\d){{8,9}})(?!\d)"
)
LOOKALIKE = re.compile(r"(?<!\w)[oil\d]*\d[oil\d]*(?!\w)")  # the letter O for a nought, I or L for a one
DIGITS = str.maketrans("oil", "011")
DIGIT = r"(?:khong|mot|mốt|hai|ba|bon|tu|nam|lam|sau|bay|tam|chin|zero|one|two|three|four|five|six|seven|eight|nine)"
SPELT = re.compile(rf"\b{DIGIT}(?:[ ,.-]{{1,3}}(?:{DIGIT}|\d{{1,3}})){{7,}}\b")
TAX = re.compile(r"(?<![\d.])\d{10}\s?-\s?\d{3}(?!\d)")
PLATE = re.compile(r"(?<![\w.])[1-9]\d\s?[-.]?\s?[a-z]{1,2}\d?\s?[-. ]?\s?(?:\d{3}[. ]?\d\d|\d{4})(?![\w])")
SAYS_PLATE = re.compile(r"\b(?:bien(?: so)?|bs|xe|plate)\b[^\d\n]{0,15}\Z")
LONG = re.compile(r"(?<![\w.])[a-z]{0,2}\d(?:[ -]?\d){7,24}(?!\w)|(?<![\w.])\d(?:[.]?\d){7,24}(?![\w])")
SIGNS = re.compile(r"\d\D{0,40}\d|@|\bat\b|\ba (?:cong|moc)\b|\.com\b")  # texts without any hold no number
PAGE = re.compile(r"(?<![\w.])(?:https?://)?(?:www\.|m\.)?(?:facebook|fb|tiktok|instagram)\.com/[^\s\x00\x01,;]{1,100}")
AT = re.compile(r"\s?(?:@|[\[(]\s?(?:at|a|a cong)\s?[\])]|\ba (?:cong|moc)\b|\bat\b)\s?")
LOCAL = re.compile(r"[a-z0-9._%+-]{0,63}[a-z0-9]")
_DOT = r"(?:\.|\s?(?:\[\.\]|\(\.\)|\.(?=\s?(?:com|vn|net|org|edu|gov|info)\b)|[\[(]?\b(?:cham|dot)\b[\])]?)\s?)"
DOMAIN = re.compile(
    rf"[a-z0-9-]{{1,63}}(?:{_DOT}[a-z0-9-]{{1,63}}){{0,3}}{_DOT}[a-z]{{2,10}}\b|(?:gmail|yahoo|hotmail|outlook|icloud)\b"
)


def find(exact: str, plain: str) -> Iterator[Passage]:
    """Yield what stands in a text as its `Spelling` reads it; what was taken out before stands there as a mask."""
    if not (SIGNS.search(plain) or SPELT.search(plain)):
        return
    plates = partial(_plates, exact)
    for rule in (_emails, _pages, plates, _cases, _cued, _harmless, _phones, _amounts, _long):
        places = _apart(rule(plain))
        plain = masked(plain, [Passage(start, end, kind or Kind.NUMBER) for start, end, kind in places])
        yield from (Passage(start, end, kind) for start, end, kind in places if kind is not None)


Place = tuple[int, int, Kind | None]


def _apart(places: Iterable[Place]) -> list[Place]:
    """Return places in their order, without those that overlap with one before."""
    apart: list[Place] = []
    for place in sorted(places, key=lambda place: place[:2]):
        if not apart or apart[-1][1] <= place[0]:
            apart.append(place)
    return apart


def _emails(plain: str) -> Iterator[Place]:
    free = 0
    for at in AT.finditer(plain):
        before = LOCAL.fullmatch(plain, _local_start(plain, at.start(), free), at.start())
        domain = DOMAIN.match(plain, at.end())
        if before and domain and (at.group().strip() != "at" or "." in domain.group() or " " in domain.group()):
            free = domain.end()
            yield before.start(), free, Kind.EMAIL


def _local_start(plain: str, end: int, free: int) -> int:
    start = end
    while start > max(free, end - 64) and plain[start - 1] in "abcdefghijklmnopqrstuvwxyz0123456789._%+-":
        start -= 1
    while start < end and plain[start] in "._%+-":
        start += 1
    return start


def _pages(plain: str) -> Iterator[Place]:
    yield from ((*match.span(), Kind.PAGE) for match in PAGE.finditer(plain))


def _plates(exact: str, plain: str) -> Iterator[Place]:
    for match in PLATE.finditer(plain):
        letters = [sign for sign in exact[match.start() : match.end()] if sign.isalpha()]
        series = re.match(r"\d\d[-.]?[a-z]{1,2}\d[-. ]", match.group()) or re.search(
            r"\d[.]\d\d\Z|\A\d\d[a-z]{1,2}-?\d{5}\Z", match.group()
        )
        cued = SAYS_PLATE.search(plain, max(0, match.start() - 25), match.start())
        if all(sign.isupper() for sign in letters) or series or cued:
            yield *match.span(), Kind.PLATE


def _cases(plain: str) -> Iterator[Place]:
    yield from ((*match.span(), Kind.CASE) for match in CASE.finditer(plain))
    for match in NUMBERED_CASE.finditer(plain):
        if not HARMLESS.fullmatch(match.group(1)):
            yield *match.span(1), Kind.CASE


def _cued(plain: str) -> Iterator[Place]:
    for pattern, kind in CUED:
        for match in pattern.finditer(plain):
            end = match.end()
            if kind is Kind.TAX and (branch := BRANCH.match(plain, end)):
                end = branch.end()
            if not _amount(plain, match.start(1), end):
                yield match.start(1), end, kind


def _amount(plain: str, start: int, end: int) -> bool:
    return plain[start] != "0" and WITH_UNIT.match(plain, end) is not None


def _harmless(plain: str) -> Iterator[Place]:
    yield from ((*match.span(), None) for match in HARMLESS.finditer(plain))


def _amounts(plain: str) -> Iterator[Place]:
    yield from ((*match.span(), None) for match in AMOUNT.finditer(plain))


def _phones(plain: str) -> Iterator[Place]:
    longer = [
        Passage(*match.span(), kind)
        for rule, kind in ((TAX, Kind.TAX), (IDENTITY, Kind.IDENTITY))
        for match in rule.finditer(plain)
    ]
    yield from longer
    plain = masked(plain, longer)
    digits = LOOKALIKE.sub(lambda match: match.group().translate(DIGITS), plain)
    for pattern, letters in ((PHONE, digits), (SPELT, plain)):
        for match in pattern.finditer(letters):
            yield *match.span(), Kind.PHONE


def _long(plain: str) -> Iterator[Place]:
    for match in LONG.finditer(plain):
        digits = sum(sign.isdigit() for sign in match.group())
        kinds = {9: Kind.IDENTITY, 12: Kind.IDENTITY, 10: Kind.TAX, 13: Kind.BANK, 14: Kind.BANK}
        yield *match.span(), kinds.get(digits, Kind.NUMBER)

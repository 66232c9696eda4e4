"""When a question is asked: a small language, read here, checked at publishing, followed by the server and the browser.

    S1 <= 3                      the answer to S1 is 3 or less
    any(S1..S6 <= 3)             at least one answer from S1 to S6 (by their codes) is 3 or less
    all(S1, S4 >= 4) and not A2 == officer

"No opinion" (9) and no answer at all satisfy no comparison. Nothing is ever evaluated as a program.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from survey.i18n import msgid

LONGEST = 300
DEEPEST = 8
NO_OPINION = "9"
ORDERED: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
OPERATORS = (*ORDERED, "==", "!=")
TOKEN = re.compile(r"\s*(?:(\.\.)|(<=|>=|==|!=|<|>|=)|([(),])|([A-Za-z0-9_][A-Za-z0-9_+-]*)|(\S))")
CODE = re.compile(r"([A-Za-z_]*)(\d+)([A-Za-z]*)")
Condition = list[Any]  # ["any" | "all", codes, operator, value], ["and" | "or", one, other], ["not", one]: plain JSON


class _Reader:
    def __init__(self, text: str, codes: Sequence[str]) -> None:
        if len(text) > LONGEST:
            raise ValueError((msgid("This condition is longer than %(limit)s characters."), {"limit": LONGEST}))
        self.words = [next(part for part in groups if part) for groups in TOKEN.findall(text)]
        self.known_codes = codes
        self.at = 0
        self.depth = 0

    def next(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def take(self, expected: str = "") -> str:
        word = self.next()
        if not word or (expected and word != expected):
            raise self.fault(word)
        self.at += 1
        return word

    def fault(self, word: str) -> ValueError:
        if not word:
            return ValueError((msgid("This condition ends too early."), {}))
        return ValueError((msgid("This condition cannot be read at “%(word)s”."), {"word": word}))

    def either(self) -> Condition:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fault(self.next())
        condition = self.both()
        while self.next() == "or":
            self.at += 1
            condition = ["or", condition, self.both()]
        self.depth -= 1
        return condition

    def both(self) -> Condition:
        condition = self.one()
        while self.next() == "and":
            self.at += 1
            condition = ["and", condition, self.one()]
        return condition

    def one(self) -> Condition:
        word = self.next()
        if word == "not":
            self.at += 1
            self.depth += 1
            if self.depth > DEEPEST:
                raise self.fault(word)
            condition = ["not", self.one()]
            self.depth -= 1
            return condition
        if word == "(":
            self.take("(")
            condition = self.either()
            self.take(")")
            return condition
        if word in ("any", "all"):
            self.at += 1
            self.take("(")
            condition = self.comparison(word, many=True)
            self.take(")")
            return condition
        return self.comparison("any", many=False)

    def comparison(self, quantifier: str, many: bool) -> Condition:
        codes = self.codes()
        while many and self.next() == ",":
            self.at += 1
            codes += self.codes()
        if len(codes) > 1 and not many:
            raise self.fault("..")
        sign = self.take()
        if sign not in OPERATORS:
            raise self.fault(sign)
        value = self.take()
        if not re.fullmatch(r"[A-Za-z0-9_+-]+", value) or (sign in ORDERED and not value.isdecimal()):
            raise self.fault(value)
        return [quantifier, list(dict.fromkeys(codes)), sign, value]

    def codes(self) -> list[str]:
        first = self.code()
        if self.next() != "..":
            return [first]
        self.at += 1
        last = self.code()
        one, other = CODE.fullmatch(first), CODE.fullmatch(last)
        if not one or not other or one[1] != other[1] or one[3] or other[3] or int(one[2]) > int(other[2]):
            raise self.fault(f"{first}..{last}")
        span = range(int(one[2]), int(other[2]) + 1)
        parts = ((code, CODE.fullmatch(code)) for code in self.known_codes)
        return [code for code, part in parts if part and part[1] == one[1] and not part[3] and int(part[2]) in span]

    def code(self) -> str:
        word = self.take()
        if word not in self.known_codes:
            raise ValueError((msgid("This condition names “%(code)s”, which is no question here."), {"code": word}))
        return word


def parse(text: str, codes: Sequence[str]) -> Condition:
    """Return a condition over the questions with these `codes`, given in the order in which they are asked.

    Raises:
        ValueError: what cannot be read; its argument is a msgid and the values that fill it.

    >>> parse("any(S1..S3 <= 3) or A2 == officer", ["A2", "S1", "S2", "S3", "S8"])
    ['or', ['any', ['S1', 'S2', 'S3'], '<=', '3'], ['any', ['A2'], '==', 'officer']]
    """
    reader = _Reader(text, codes)
    condition = reader.either()
    if reader.next():
        raise reader.fault(reader.next())
    return condition


def holds(condition: Condition, answers: Callable[[str], Sequence[str]]) -> bool:
    """Return whether a condition holds for the answers given; the same rule stands in citizen.js.

    >>> rule = parse("any(S1..S2 <= 3)", ["S1", "S2"])
    >>> [holds(rule, {"S1": ["5"], "S2": [given]}.__getitem__) for given in ("3", "4", "9", "")]
    [True, False, False, False]
    >>> holds(parse("S1 >= 4", ["S1"]), lambda _code: ["9"]), holds(parse("S1 != 4", ["S1"]), lambda _code: [""])
    (False, False)
    """
    kind, *rest = condition
    if kind == "and":
        return all(holds(part, answers) for part in rest)
    if kind == "or":
        return any(holds(part, answers) for part in rest)
    if kind == "not":
        return not holds(rest[0], answers)
    codes, sign, value = rest
    return (any if kind == "any" else all)(_compares([g for g in answers(code) if g], sign, value) for code in codes)


def _compares(given: Sequence[str], sign: str, value: str) -> bool:
    if sign in ORDERED:
        return any(g.isdecimal() and g != NO_OPINION and ORDERED[sign](int(g), int(value)) for g in given)
    return (value in given) if sign == "==" else bool(given) and value not in given


def asked_about(condition: Condition) -> set[str]:
    """Return the codes of the questions that a condition looks at."""
    kind, *rest = condition
    return set(rest[0]) if kind in ("any", "all") else set().union(*(asked_about(part) for part in rest))

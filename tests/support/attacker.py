"""Somebody who holds a dump, the secret key and the portal's list of cases, and wants to know who said what."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

from survey.security.tokens import case_hash, keyed

Row = dict[str, Any]
Guess = list[tuple[str, bytes]]  # code of a case and receipt of an answer
PURPOSES = ("case", "receipt", "contact", "message address", "form", "answer", "invitation")


class Attacker:
    """Guesses which answer belongs to which of the cases of one cell, in every way that the dump's rows allow."""

    def __init__(self, dump: dict[str, list[Row]], secret: str, codes: Sequence[str], cell: Row) -> None:
        self.secret, self.codes = secret, codes
        self.place = {name: {id(row): at for at, row in enumerate(rows)} for name, rows in dump.items()}
        self.chain = Counter(row["supersedes_id"] for row in dump["response"])
        self.earlier = {row["id"]: row["supersedes_id"] for row in dump["response"]}
        answers = [row for row in dump["response"] if cell.items() <= row.items()]
        self.answers = [row for row in answers if row["counted"]]
        self.comments = {row["response_id"]: at for at, row in enumerate(dump["comment"])}
        self.frozen_days = {row["response_id"]: row["due_day"] or 0 for row in dump["comment"]}
        self.followed = {row["response_id"]: at for at, row in enumerate(dump["follow_up"])}
        self.steps_of = {row["response_id"]: at for at, row in enumerate(dump["follow_up_step"])}
        self.due_days = {row["response_id"]: row["due_day"] or 0 for row in dump["follow_up"]}
        self.step_days = {row["response_id"]: row["day"] or 0 for row in dump["follow_up_step"]}
        self.linked = {row["invitation_id"]: bytes(row["receipt"]) for row in self.answers}
        cases = {bytes(row["code_hash"]): row for row in dump["case"]}
        invitations = {row["case_id"]: row for row in dump["invitation"]}
        self.cases = {code: cases[case_hash(secret, code)] for code in codes}
        invited = {code: invitations[row["id"]] for code, row in self.cases.items()}
        self.invitations = {c: row for c, row in invited.items() if row["used"] or row["id"] in self.linked}
        self.deliveries = {(row["invitation_id"], row["kind"]): row for row in dump["delivery"]}
        self.notices = {row["hash"]: row["id"] for row in dump["privacy_notice"]}
        self.steps = {row["delivery_id"]: str(row["at"]) for row in dump["transition"]}

    def guesses(self) -> Iterator[tuple[str, Guess]]:
        """Yield each way with its guess for every answered case: the link, what a key may join, and every order."""
        yield "link", [(c, self.linked[row["id"]]) for c, row in self.invitations.items() if row["id"] in self.linked]
        yield "hash", list(self._hashed())
        for (one, of_case), (other, of_answer) in product(self._case_orders(), self._answer_orders()):
            cases = sorted(self.invitations, key=lambda code: (of_case(code), self.codes.index(code)))
            answers = sorted(self.answers, key=lambda row: (of_answer(row), row["id"]))
            for way, line in (("", answers), (" backwards", answers[::-1])):
                receipts = [bytes(row["receipt"]) for row in line]
                yield f"{one} by {other}{way}", list(zip(cases, receipts, strict=True))

    def _case_orders(self) -> Iterator[tuple[str, Callable[[str], Any]]]:
        yield "feed", self.codes.index
        for name in ("id", "code_hash"):
            yield f"case.{name}", lambda code, name=name: self.cases[code][name]
        yield "place of case", lambda code: self.place["case"][id(self.cases[code])]
        for name in ("id", "token_hash", "issued_at", "expires_at", "changes"):
            yield f"invitation.{name}", lambda code, name=name: self.invitations[code][name]
        yield "place of invitation", lambda code: self.place["invitation"][id(self.invitations[code])]
        for kind, name in product((1, 2), ("id", "changed_at", "delivered_at", "state")):
            yield f"delivery.{name} {kind}", lambda code, kind=kind, name=name: self._sent(code, kind, name)
        yield "step of reminder", lambda code: self.steps.get(self._delivery(code, 2).get("id"), "")

    def _answer_orders(self) -> Iterator[tuple[str, Callable[[Row], Any]]]:
        for name in ("id", "submitted_at", "day", "receipt", "seconds"):
            yield f"response.{name}", lambda row, name=name: row[name]
        yield "response.privacy_notice", lambda row: self.notices.get(row["privacy_notice"], 0)
        yield "place of response", lambda row: self.place["response"][id(row)]
        yield "place of comment", lambda row: self.comments.get(row["id"], -1)
        places = {"follow_up": self.followed, "step": self.steps_of, "due day": self.due_days, "day": self.step_days}
        places["frozen day"] = self.frozen_days
        for name, places_of in places.items():
            yield f"follow-up, {name}", lambda row, of=places_of: of.get(row["id"], -1)
        yield "number of changes", lambda row: sum(1 for _ in self._before(row["id"]))
        yield "first of its changes", lambda row: list(self._before(row["id"]))[-1]

    def _before(self, number: int | None) -> Iterator[int]:
        while number is not None:
            yield number
            number = self.earlier[number]

    def _delivery(self, code: str, kind: int) -> Row:
        return self.deliveries.get((self.invitations[code]["id"], kind), {})

    def _sent(self, code: str, kind: int, name: str) -> str:
        value = self._delivery(code, kind).get(name)
        return f"{value:09}" if isinstance(value, int) else str(value)

    def _hashed(self) -> Iterator[tuple[str, bytes]]:
        receipts = {bytes(row["receipt"]) for row in self.answers}
        for code, invitation in self.invitations.items():
            case = self.cases[code]
            parts = [code, code.encode(), bytes(case["code_hash"]), bytes(invitation["token_hash"])]
            numbers = [f"{number}" for number in (case["id"], invitation["id"])]
            parts += [*numbers, *(f"1:{number}" for number in numbers)]
            digests = [keyed(self.secret, purpose, part) for purpose, part in product(PURPOSES, parts)]
            digests += [hashlib.sha256(p if isinstance(p, bytes) else p.encode()).digest() for p in parts]
            yield from ((code, digest[:10]) for digest in digests if digest[:10] in receipts)

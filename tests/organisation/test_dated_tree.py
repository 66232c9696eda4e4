"""Whatever is changed from which day on: the tree of a day is what the rows valid on that day say."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import NamedTuple

from hypothesis import example, given
from hypothesis import strategies as st

from survey.models import Agency, Level
from survey.organisation.dated_tree import tree_of, valid

START = dt.date(2026, 1, 1)
HOUSES = {"H61": None, "H61.1": "H61", "H61.2": "H61", "H61.50": "H61.1", "H61.51": "H61.1", "H61.52": "H61.2"}
CHANGES = st.lists(
    st.tuples(
        st.integers(1, 40),  # days after the change before
        st.sampled_from(["rename", "move", "merge", "found", "split"]),
        st.integers(0, 30),  # who changes, and
        st.integers(0, 30),  # with whom, of those that can
        st.booleans(),  # whether the next name is entered as the successor, or merely begins on the next day
    ),
    max_size=9,
)


class Parted(NamedTuple):
    """One that was split: what it was called, below whom it stood, and what came out of it."""

    name: str
    above: str
    parts: tuple[str, ...]


class Moment(NamedTuple):
    """What holds from a day on: names and who stands above whom, who was merged into whom, who was split."""

    day: dt.date
    state: dict[str, tuple[str, str | None]]
    into: dict[str, str]
    parted: dict[str, Parted]

    def heir(self, code: str) -> str:
        return self.heir(self.into[code]) if code in self.into else code

    def founded(self, code: str) -> bool:
        return code in self.state or code in self.parted

    def name(self, code: str) -> str:
        return self.parted[code].name if code in self.parted else self.state[code][0]

    def line(self, code: str) -> list[str]:
        above = self.heir(self.parted[code].above) if code in self.parted else self.state[code][1]
        return [code] if above is None else [*self.line(above), code]

    def below(self, code: str) -> set[str]:
        return {one for one, (_, above) in self.state.items() if above == code}

    def seen_by(self, code: str) -> set[str]:
        parts = self.parted[code].parts if code in self.parted else ()
        return {*self.line(code)}.union(*(self.seen_by(self.heir(part)) for part in parts))


@dataclass
class Province:
    """The rows as an importer would leave them, and beside them a plain diary: what holds from which day on."""

    rows: list[Agency] = field(default_factory=list)
    current: dict[str, Agency] = field(default_factory=dict)
    diary: list[Moment] = field(default_factory=list)
    into: dict[str, str] = field(default_factory=dict)
    parted: dict[str, Parted] = field(default_factory=dict)

    def enter(self, code: str, name: str, above: str | None, day: dt.date) -> Agency:
        parent = self.current[above].id if above else None
        row = Agency(
            id=len(self.rows) + 1,
            code=code,
            name={"vi": name, "en": name},
            level=Level.OFFICE,
            valid_from=day,
            parent_id=parent,
            valid_to=None,
            successor_id=None,
        )
        self.rows.append(row)
        self.current[code] = row
        return row

    def above(self, code: str) -> str | None:
        parent_id = self.current[code].parent_id
        return None if parent_id is None else self.heir(self.rows[parent_id - 1].code)

    def heir(self, code: str) -> str:
        while code in self.into:
            code = self.into[code]
        return code

    def end(self, code: str, day: dt.date) -> Agency:
        row = self.current[code]
        row.valid_to = day - dt.timedelta(days=1)
        return row

    def write(self, day: dt.date) -> None:
        state = {code: (row.name["vi"], self.above(code)) for code, row in self.current.items()}
        self.diary.append(Moment(day, state, dict(self.into), dict(self.parted)))

    def split(self, code: str, middle: list[str], with_whom: int, day: dt.date) -> None:
        above, row = self.above(code), self.end(code, day)
        assert above is not None
        del self.current[code]
        parts = [f"H61.{100 + len(self.rows) + place}" for place in (1, 2)]
        for place, part in enumerate(parts):
            entered = self.enter(part, f"part {part}", middle[(with_whom + place) % len(middle)], day)
            entered.split_from_id = row.id
        self.parted[code] = Parted(row.name["vi"], above, tuple(parts))

    def change(self, day: dt.date, kind: str, who: int, with_whom: int, linked: bool) -> None:
        middle = sorted(code for code in self.current if code.count(".") == 1 and int(code[4:]) < 50)
        leaves = sorted(code for code in self.current if code.count(".") == 1 and int(code[4:]) >= 50)
        every = sorted(self.current)
        number = len(self.rows) + 1
        if kind == "found":
            self.enter(f"H61.{100 + number}", f"new {number}", middle[who % len(middle)], day)
        elif kind == "split":
            if len(leaves) > 1:
                self.split(leaves[who % len(leaves)], middle, with_whom, day)
        elif kind == "merge":
            group = leaves if who % 3 else middle
            one, other = group[who % len(group)], group[with_whom % len(group)]
            if one == other:
                return
            self.end(one, day).successor_id = self.current[other].id
            del self.current[one]
            self.into[one] = other
        else:
            code = (leaves if kind == "move" else every)[who % len(leaves if kind == "move" else every)]
            above = middle[with_whom % len(middle)] if kind == "move" else self.above(code)
            name = self.current[code].name["vi"] if kind == "move" else f"name {number}"
            before = self.end(code, day)
            after = self.enter(code, name, above, day)
            before.successor_id = after.id if linked else None
        self.write(day)


@given(CHANGES, st.integers(0, 400))
@example([(1, "rename", 5, 0, False), (1, "split", 2, 0, False)], 0)  # a name that nobody bears yet, split later on
def test_each_day_shows_what_the_rows_valid_on_it_say_whatever_comes_later(
    changes: list[tuple[int, str, int, int, bool]], ahead: int
) -> None:
    province, day = Province(), START
    for code, above in HOUSES.items():
        province.enter(code, f"first {code}", above, day)
    province.write(day)
    for days, kind, who, with_whom, linked in changes:
        day += dt.timedelta(days=days)
        province.change(day, kind, who, with_whom, linked)
    asked = START + dt.timedelta(days=ahead)
    then = [moment for moment in province.diary if moment.day <= asked][-1]
    tree = tree_of({row.id: row for row in province.rows}, asked)
    scopes = [scope for scope in province.rows if then.founded(scope.code)]
    for row in province.rows:
        code = then.heir(row.code)
        if not then.founded(code):
            continue
        carried = tree.named_now(row.id)
        if then.founded(row.code):  # one that was split still stands where it stood, though it has ended
            assert (carried.name["vi"], valid(carried, asked)) == (then.name(row.code), row.code in then.state)
            assert [one.code for one in tree.path(carried.id)] == then.line(row.code)
            children = [tree.agencies[child] for child in tree.children.get(carried.id, ())]
            assert {one.code for one in children if valid(one, asked)} == then.below(row.code)
        shown = tree.agencies[tree.shown_in.get(row.id, row.id)]
        assert (shown.code, shown.name["vi"]) == (code, then.name(code))
        for scope in scopes:
            assert tree.within(row.id, scope.id) is (scope.code in then.seen_by(code))
            assert (row.id in set(tree.subtree(scope.id))) is (scope.code in then.line(code))


def test_a_diary_with_a_split_says_who_sees_what() -> None:
    province, day = Province(), START
    for code, above in HOUSES.items():
        province.enter(code, f"first {code}", above, day)
    province.change(day + dt.timedelta(days=1), "split", 0, 1, True)
    [(code, parted)] = province.diary[-1].parted.items()
    assert (code, parted.above) == ("H61.50", "H61.1") and len(parted.parts) == 2
    assert province.diary[-1].seen_by(code) == {"H61", "H61.1", "H61.2", "H61.50", *parted.parts}

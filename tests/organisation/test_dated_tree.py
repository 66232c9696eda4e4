"""Whatever is changed from which day on: the tree of a day is what the rows valid on that day say."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from survey.models import Agency, Level
from survey.organisation.dated_tree import tree_of, valid

START = dt.date(2026, 1, 1)
HOUSES = {"H61": None, "H61.1": "H61", "H61.2": "H61", "H61.50": "H61.1", "H61.51": "H61.1", "H61.52": "H61.2"}
CHANGES = st.lists(
    st.tuples(
        st.integers(1, 40),  # days after the change before
        st.sampled_from(["rename", "move", "merge", "found"]),
        st.integers(0, 30),  # who changes, and
        st.integers(0, 30),  # with whom, of those that can
        st.booleans(),  # whether the next name is entered as the successor, or merely begins on the next day
    ),
    max_size=9,
)


@dataclass
class Province:
    """The rows as an importer would leave them, and beside them a plain diary: what holds from which day on."""

    rows: list[Agency] = field(default_factory=list)
    current: dict[str, Agency] = field(default_factory=dict)
    diary: list[tuple[dt.date, dict[str, tuple[str, str | None]], dict[str, str]]] = field(default_factory=list)
    into: dict[str, str] = field(default_factory=dict)

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
        self.diary.append((day, state, dict(self.into)))

    def change(self, day: dt.date, kind: str, who: int, with_whom: int, linked: bool) -> None:
        middle = sorted(code for code in self.current if code.count(".") == 1 and int(code[4:]) < 50)
        leaves = sorted(code for code in self.current if code.count(".") == 1 and int(code[4:]) >= 50)
        every = sorted(self.current)
        number = len(self.rows) + 1
        if kind == "found":
            self.enter(f"H61.{100 + number}", f"new {number}", middle[who % len(middle)], day)
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
    _, state, into = [entry for entry in province.diary if entry[0] <= asked][-1]

    def heir(code: str) -> str:
        return heir(into[code]) if code in into else code

    def line(code: str) -> list[str]:
        above = state[code][1]
        return [code] if above is None else [*line(above), code]

    tree = tree_of({row.id: row for row in province.rows}, asked)
    for row in province.rows:
        code = heir(row.code)
        if code not in state:
            continue  # it has not been founded yet
        carried = tree.named_now(row.id)
        if row.code in state:
            assert (carried.name["vi"], valid(carried, asked)) == (state[row.code][0], True)
            assert [one.code for one in tree.path(carried.id)] == line(row.code)
            below = {one for one, (_, above) in state.items() if above == row.code}
            children = [tree.agencies[child] for child in tree.children.get(carried.id, ())]
            assert {one.code for one in children if valid(one, asked)} == below
        shown = tree.agencies[tree.shown_in.get(row.id, row.id)]
        assert (shown.code, shown.name["vi"]) == (code, state[code][0])
        for scope in province.rows:
            if scope.code in state:
                assert tree.within(row.id, scope.id) is (scope.code in line(code))
                assert (row.id in set(tree.subtree(scope.id))) is (scope.code in line(code))

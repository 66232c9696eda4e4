"""Add up the rows of a file into counts per cell while it streams past, and name every value that is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analysis import garbled
from analysis.command.faults import MOST_FAULTS, FileRefused, InputFault, NoRows, refuse
from analysis.command.numbers import Numbers
from analysis.command.reading import Block, ColumnTexts, InputTable, Unclear, careful_blocks, fast_blocks, not_utf8
from analysis.command.scale import Scale, without_accents
from analysis.command.values import Rule, name, weight_rule, whole_rule
from analysis.validation import Real

MOST_CELLS = 200_000
# The name of a row that adds up the others, as it is compared: “Tổng cộng (A + B)”, “Toàn tỉnh”; not “Tổng công ty”.
_WHOLE = "(?:toan|ca) (?:tinh|thanh pho|nganh|nuoc|quoc)"
TOTALS = re.compile(
    r"(?:(?:tong(?: so| cong)?|cong|(?:grand |sub-?)?totals?|sum|in all|all)"
    rf"(?: (?:chung|cong|so|phieu|ho so|don vi|y kien|answers|{_WHOLE}))*|{_WHOLE})(?: ?\(.*\))?[\s:.]*\d*"
)
ShareRead = Callable[[float], None]


@dataclass(frozen=True)
class KeptRows:
    """Rows are counted whose column holds the text, or with `other` those whose column holds another."""

    column: str
    text: str
    other: bool = False

    def holds(self, block: Block) -> NDArray[np.bool_]:
        """Return for each row whether it is counted."""
        texts = block.columns[self.column]
        same = np.array([name(text) == self.text for text in texts.texts], dtype=np.bool_)
        return np.asarray(same[texts.codes] != self.other)


@dataclass(frozen=True)
class Wanted:
    """Which columns mean what: ratings of persons, or counts of satisfied and answered."""

    by: tuple[str, ...] = ()
    rating: str = ""
    satisfied: str = ""
    answered: str = ""
    weight: str = ""
    population: str = ""
    calls: tuple[tuple[str, str], ...] = ()  # which column holds which count of those called, by `tables.CALLED`
    scale: Scale = field(default_factory=Scale)
    where: tuple[KeptRows, ...] = ()

    def numbers(self, table: InputTable) -> dict[str, Numbers]:
        """Return for each column of numbers the reader that finds out how they are written."""
        calls = (column for _, column in self.calls)
        counts = dict.fromkeys((self.satisfied, self.answered, self.population, *calls))
        given = {column: Numbers(whole=True, habit=table.decimal) for column in counts if column}
        return given | ({self.weight: Numbers(whole=False)} if self.weight else {})

    def rules(self, numbers: dict[str, Numbers]) -> dict[str, Rule]:
        """Return the rule for each column that holds ratings or numbers."""
        rules = {column: whole_rule(reader) for column, reader in numbers.items()}
        if self.weight:
            rules[self.weight] = weight_rule(numbers[self.weight])
        return ({self.rating: self.scale.read} if self.rating else {}) | rules


@dataclass
class Groups:
    """The cells met so far, each the path of its groups' codes, in order of first appearance."""

    by: tuple[str, ...]
    spellings: list[dict[str, int]] = field(default_factory=list)
    paths: list[dict[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start with no group in any column."""
        self.spellings, self.paths = [{} for _ in self.by], [{} for _ in self.by]

    def codes(self, block: Block) -> NDArray[np.int64]:
        """Return for each row of the block the number of its cell."""
        cell = np.zeros(block.size, dtype=np.int64)
        for column, spelling, path in zip(self.by, self.spellings, self.paths, strict=True):
            texts = block.columns[column]
            numbers = [spelling.setdefault(name(text), len(spelling)) for text in texts.texts]
            key = pa.array(cell << 32 | np.array(numbers, dtype=np.int64)[texts.codes]).dictionary_encode()
            numbers = [path.setdefault(value, len(path)) for value in key.dictionary.to_pylist()]
            cell = np.array(numbers, dtype=np.int64)[key.indices.to_numpy()]
            if len(path) > MOST_CELLS:
                raise refuse(
                    f"makes more than {MOST_CELLS:,} groups: choose a column with fewer different values", column
                )
        return cell

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.paths[-1]) if self.by else 1

    def labels(self) -> dict[str, list[str]]:
        """Return the groups' names of every cell, column by column."""
        cells = list(range(len(self)))
        columns: dict[str, list[str]] = {}
        for column, spelling, path in reversed(list(zip(self.by, self.spellings, self.paths, strict=True))):
            keys, texts = list(path), list(spelling)
            columns[column] = [texts[keys[cell] & 0xFFFFFFFF] for cell in cells]
            cells = [keys[cell] >> 32 for cell in cells]
        return {column: columns[column] for column in self.by}


class Totals:
    """The sums per cell so far, and what was wrong on the way."""

    def __init__(self, wanted: Wanted, rules: dict[str, Rule], table: InputTable) -> None:
        self.wanted, self.rules, self.table = wanted, rules, table
        self.groups, self.faults, self.rows = Groups(wanted.by), list[InputFault](), 0
        self.sums: dict[str, Real] = {}
        self.population: Real = np.zeros(0)
        self._adding: dict[str, str] = {}  # of each column the name of a row that adds up others
        self._added: set[str] = set()  # columns that name other rows, too

    def take(self, blocks: Iterator[Block], progress: ShareRead) -> None:
        """Add all blocks, stopping when enough faults are known."""
        for read in blocks:
            block = read
            for condition in self.wanted.where:
                block = block.only(condition.holds(block))
            self.rows += block.size
            values = {column: self._read(block, column, rule) for column, rule in self.rules.items()}
            for column in self.wanted.by:
                self._read(block, column, _legible)
            if not self.wanted.rating:
                self._refuse_totals(block)
            if not self.faults:
                (self._add_persons if self.wanted.rating else self._add_counts)(block, values)
            progress(block.done)
            if len(self.faults) >= MOST_FAULTS:
                return

    def counts(self) -> dict[str, Any]:
        """Return the columns of numbers, whole ones as int64."""
        columns: dict[str, Any] = {
            key: total if key.startswith("weight") else total.astype(np.int64) for key, total in self.sums.items()
        }
        if self.wanted.rating:
            scale = self.wanted.scale
            levels = [columns[f"level_{place}"] for place in range(1, scale.size + 1)]
            happy = levels[scale.place(scale.satisfied_from) - 1 :]
            if not scale.five:  # levels and mean scores are those of the scale of 1 to 5
                columns = {key: column for key, column in columns.items() if not key.startswith("level_")}
            columns = {"answered": np.sum(levels, axis=0), "satisfied": np.sum(happy, axis=0)} | columns
            if self.wanted.population:
                columns["population"] = self.population.astype(np.int64)
        return columns

    def _read(self, block: Block, column: str, rule: Rule) -> Real:
        texts = block.columns[column]
        values, wrong = self._values(texts, rule)
        if wrong:
            for row in np.flatnonzero(np.isin(texts.codes, list(wrong)))[:MOST_FAULTS]:
                self._fault(block, int(row), column, wrong[int(texts.codes[row])])
        return values[texts.codes]

    def _fault(self, block: Block, row: int, column: str, cure: str) -> None:
        if block.lines is None:
            raise Unclear
        self.faults.append(InputFault(f"{self.table.unit} {block.lines[row]}", column, cure))

    def _refuse_totals(self, block: Block) -> None:
        for column in self.table.text_columns or self.wanted.by:
            texts = block.columns[column]
            for text in (texts.texts[code] for code in np.unique(texts.codes)):
                if TOTALS.fullmatch(without_accents(text)):
                    self._adding.setdefault(column, text.strip())
                elif text.strip():
                    self._added.add(column)
            if column in self._adding and column in self._added:
                total = self._adding[column]
                cure = f"“{total}” adds up other rows, which would count twice: delete it, or leave it out with"
                raise refuse(f"{cure} --where '{column}!={total}' (or choose rows by --where COLUMN=VALUE)", column)

    def _add_persons(self, block: Block, values: dict[str, Real]) -> None:
        cell, rating = self.groups.codes(block), values[self.wanted.rating].astype(np.int64)
        size, width = len(self.groups), self.wanted.scale.size + 1
        levels = np.bincount(cell * width + rating, minlength=size * width).reshape(size, width)
        for level in range(width):
            self._add(f"level_{level}" if level else "no_answer", levels[:, level])
        if self.wanted.weight:
            weight = values[self.wanted.weight] * (rating > 0)
            happy = weight * (rating >= self.wanted.scale.place(self.wanted.scale.satisfied_from))
            for key, part in (("weight", weight), ("weight_satisfied", happy), ("weight_squares", weight**2)):
                self._add(key, np.bincount(cell, part, minlength=size))
        if self.wanted.population:
            self._same_population(block, cell, values[self.wanted.population])

    def _same_population(self, block: Block, cell: NDArray[np.int64], cases: Real) -> None:
        self.population = _longer(self.population, len(self.groups), -1.0)
        new = np.flatnonzero(self.population[cell] < 0)[::-1]
        self.population[cell[new]] = cases[new]
        for row in np.flatnonzero(cases != self.population[cell])[:MOST_FAULTS]:
            before = int(self.population[cell[row]])
            cure = f"{int(cases[row])} here, {before} on an earlier row of the same group: give each group one number"
            self._fault(block, int(row), self.wanted.population, cure)

    def _add_counts(self, block: Block, values: dict[str, Real]) -> None:
        wanted = self.wanted
        satisfied, answered = values[wanted.satisfied], values[wanted.answered]
        for row in np.flatnonzero(satisfied > answered)[:MOST_FAULTS]:
            cure = f"{int(satisfied[row])} satisfied of {int(answered[row])} answered: correct one of them"
            self._fault(block, int(row), wanted.satisfied, cure)
        cell, size = self.groups.codes(block), len(self.groups)
        given = {"answered": answered, "satisfied": satisfied}
        if wanted.population:
            given["population"] = values[wanted.population]
        given |= {count: values[column] for count, column in wanted.calls}
        for key, part in given.items():
            self._add(key, np.bincount(cell, part, minlength=size))

    def _readable(self, text: str) -> float:
        if any("\udc80" <= letter <= "\udcff" for letter in text):
            raise ValueError(not_utf8(text))
        return 0.0

    def _values(self, texts: ColumnTexts, rule: Rule) -> tuple[Real, dict[int, str]]:
        """Apply the rule once to each distinct text."""
        values, wrong = np.zeros(len(texts.texts)), dict[int, str]()
        for code, text in enumerate(texts.texts):
            try:
                self._readable(text)
                values[code] = rule(text)
            except ValueError as error:
                wrong[code] = str(error)
        return values, wrong

    def _add(self, key: str, part: NDArray[Any]) -> None:
        total = _longer(self.sums.get(key, np.zeros(0)), part.size, 0.0)
        self.sums[key] = total + part


@lru_cache(maxsize=1 << 16)
def _legible(text: str) -> float:
    """Refuse a name whose letters were garbled: it would be a group beside the one that is meant."""
    if (meaning := garbled.meant(text)) is not None:
        raise ValueError(
            f"“{text.strip()[:40]}” is garbled, probably for “{meaning}”: save the file in Unicode (UTF-8)"
        )
    if garbled.lost(text):
        cure = "take the file again from where it came, in Unicode (UTF-8), or write the name again"
        raise ValueError(f"letters of “{text.strip()[:40]}” are lost: {cure}")
    return 0.0


def _longer(array: Real, size: int, filling: float) -> Real:
    return np.concatenate([array, np.full(size - array.size, filling)])


def add_up(table: InputTable, wanted: Wanted, progress: ShareRead = lambda _: None) -> dict[str, Any]:
    """Return the columns of counts per cell: the groups, answered, satisfied, levels, weights, population.

    Of persons the population is that of the cell, repeated on each row; of counts it is added up like they are.

    Raises:
        FileRefused: a column is missing, there are no rows (`NoRows`), or values are wrong; up to twenty are named.
    """
    numbers = wanted.numbers(table)
    totals = _taken(table, wanted, numbers, progress)
    if any(reader.doubtful for reader in numbers.values()):  # a second look, knowing how the column writes its numbers
        totals = _taken(table, wanted, {column: reader.settle() for column, reader in numbers.items()}, progress)
    if totals.faults:
        raise FileRefused(*sorted(totals.faults, key=lambda fault: int(fault.place.split()[-1]))[:MOST_FAULTS])
    if not totals.rows:
        where = " that --where chooses" if wanted.where else ""
        raise NoRows(InputFault("", "", f"no rows below the header{where}: there is nothing to judge"))
    return totals.groups.labels() | totals.counts()


def _taken(table: InputTable, wanted: Wanted, numbers: dict[str, Numbers], progress: ShareRead) -> Totals:
    rules = wanted.rules(numbers)
    chosen = [condition.column for condition in wanted.where]
    columns = list(dict.fromkeys([*wanted.by, *rules, *chosen, *table.text_columns]))
    totals = Totals(wanted, rules, table)
    try:
        totals.take(fast_blocks(table, columns), progress)
    except Unclear:
        totals = Totals(wanted, rules, table)
        totals.take(careful_blocks(table, columns, totals.faults), progress)
    return totals

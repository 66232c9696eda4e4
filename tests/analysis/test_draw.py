from __future__ import annotations

import hashlib
import itertools
import subprocess
from collections import Counter

import pytest
from scipy.stats import chisquare

from analysis.call_back import draw, seed_of

CHECKPOINT = b"hailong.example/ledger\n42\nUsqrkUkUYAnyrEqHOEq0PLaeIQwYyTpTXtmzMlMrvRg=\n"


def seeds(number: int) -> list[bytes]:
    return [hashlib.sha256(b"seed %d" % place).digest() for place in range(number)]


def test_the_draw_is_what_it_always_was():
    seed = seed_of(CHECKPOINT)
    assert seed.hex() == "2679fd95e9be738f6431abed71ad59d6c3565ae40666b825aeefbd9beb81e00e"
    assert draw(810, 12, seed) == (103, 768, 234, 130, 15, 316, 417, 54, 651, 253, 313, 529)
    assert draw(1, 1, seed) == (0,)
    assert draw(2, 2, seed) == (1, 0)
    assert draw(1_000_000, 3, seed) == (841000, 106347, 786936)


def test_a_stranger_repeats_it_with_sha256sum_alone():
    seed = seed_of(CHECKPOINT)
    published = subprocess.run(["sha256sum"], input=CHECKPOINT, capture_output=True, check=True).stdout.split()[0]
    assert published.decode() == seed.hex()
    numbers = []
    for counter in itertools.count():
        block = bytes.fromhex(f"{published.decode()}{counter:016x}")
        digest = subprocess.run(["sha256sum"], input=block, capture_output=True, check=True).stdout.split()[0]
        # 810 cases: 809 has ten binary digits, so that the first ten of each block count.
        number = int(f"{int(digest, 16):0256b}"[:10], 2)
        if number < 810 and number not in numbers:
            numbers.append(number)
        if len(numbers) == 12:
            break
    assert draw(810, 12, seed) == tuple(numbers)


def test_more_calls_extend_the_draw_and_exchange_nothing():
    seed = seed_of(CHECKPOINT)
    whole = draw(100, 100, seed)
    assert sorted(whole) == list(range(100))
    assert all(draw(100, calls, seed) == whole[:calls] for calls in range(100))


@pytest.mark.parametrize(("cases", "calls"), [(5, 2), (8, 3), (9, 1), (4, 4)])
def test_every_sample_in_every_order_is_equally_likely(cases, calls, campaign):
    times = 60_000 if campaign else 6_000
    drawn = Counter(draw(cases, calls, seed) for seed in seeds(times))
    possible = list(itertools.permutations(range(cases), calls))
    assert set(drawn) <= set(possible)
    assert chisquare([drawn[sample] for sample in possible]).pvalue > 0.001


def test_nothing_and_nobody():
    seed = seed_of(CHECKPOINT)
    assert draw(0, 0, seed) == draw(7, 0, seed) == ()


@pytest.mark.parametrize(
    ("cases", "calls", "seed", "message"),
    [
        (5, 6, bytes(32), "between 0 and"),
        (5, -1, bytes(32), "between 0 and"),
        (5, 1, bytes(31), "32 bytes"),
        (5, 1, b"", "32 bytes"),
    ],
)
def test_an_impossible_draw_is_refused(cases, calls, seed, message):
    with pytest.raises(ValueError, match=message):
        draw(cases, calls, seed)

"""Which cases are called: a draw from a public seed that anybody can repeat with SHA-256 and nothing else."""

from __future__ import annotations

import hashlib

SEED_BYTES = 32
COUNTER_BYTES = 8


def seed_of(published: bytes) -> bytes:
    r"""Return the seed that a text published after the design was sealed stands for: SHA-256 of its bytes.

    Source: FIPS 180-4; the text is the first checkpoint of the ledger that others witnessed after the design.

    >>> seed_of(b"hailong.example/ledger\n42\n").hex()[:16]
    'f23754cfcf256d48'
    """
    return hashlib.sha256(published).digest()


def draw(cases: int, calls: int, seed: bytes) -> tuple[int, ...]:
    r"""Return the positions 0 … cases−1 of `calls` cases in the order they were drawn: a simple random sample.

    Block i = 0, 1, 2 … is SHA-256(seed ‖ i as 8 bytes, the highest first). Its first b bits are read as a whole number,
    b being as many as cases−1 has in binary; a number of `cases` or more, and one that came before, is passed over.
    Every set of `calls` positions is then equally likely, and no programming language's own generator is needed.

    Units: positions in a list that is sorted before the seed exists, such as by the keyed hash of each case's code.
    Edges: more calls from one seed go on where fewer ended, so that a sample can be extended and never exchanged; all
    cases in a chance order if calls = cases; nothing is drawn for calls = 0.
    Source: rejection sampling, von Neumann 1951, NBS Appl. Math. Series 12:36; SHA-256, FIPS 180-4.

    Raises:
        ValueError: calls below 0 or above the cases, or a seed that is not 32 bytes.

    >>> draw(1000, 5, seed_of(b"hailong.example/ledger\n42\n"))
    (590, 686, 560, 831, 203)
    """
    if not 0 <= calls <= cases:
        raise ValueError("calls must lie between 0 and the number of cases")
    if len(seed) != SEED_BYTES:
        raise ValueError(f"the seed must be {SEED_BYTES} bytes: SHA-256 of what was published")
    bits = (cases - 1).bit_length()
    positions: dict[int, None] = {}
    counter = 0
    while len(positions) < calls:
        block = hashlib.sha256(seed + counter.to_bytes(COUNTER_BYTES, "big")).digest()
        position = int.from_bytes(block, "big") >> (8 * SEED_BYTES - bits)
        if position < cases:
            positions.setdefault(position)
        counter += 1
    return tuple(positions)

"""Citizen identity numbers: well formed, nobody's, and never given twice in the whole region.

GB 11643-1999: six digits of the division, eight of the birth date, a serial of three (odd for
men, even for women), and a check character by ISO 7064 MOD 11-2. The division is 371098, which
GB/T 2260 never assigned.

A day has 500 serials a sex, fewer than there are blocks of households, so blocks take turns: in
each window of ten days a block owns one day and one serial on it (for a man and for a woman), a
cell that no other block owns. Who is born in that window is born on that day. A twin of the same
sex takes a serial of a few set aside; who may take them rotates, so that none is taken twice.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

DIVISION: Final = "371098"

WINDOW: Final = 10
"""Days of a window."""

BLOCKS: Final = 4500
"""Blocks that can own cells: more would share them."""

_NORMAL: Final = BLOCKS // WINDOW  # serials of a day that blocks own
_TWINS: Final = 499 - _NORMAL  # serials of a day set aside for second twins
_COPRIME: Final = np.array([n for n in range(1, BLOCKS) if n % 2 and n % 3 and n % 5])


def _mixed(numbers: Ints) -> NDArray[np.uint64]:
    """Each number scattered over 64 bits (the finaliser of splitmix64)."""
    with np.errstate(over="ignore"):
        z = numbers.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def cells(block: int, windows: Ints) -> tuple[Ints, Ints]:
    """The day (since 1970-01-01) and the serial's rank (0-449) that a block owns in each window.

    Two blocks never own the same rank on the same day.

    Raises:
        ValueError: there are not that many blocks.
    """
    if not 0 <= block < BLOCKS:
        raise ValueError(f"block {block} is not within 0-{BLOCKS - 1}: no ID numbers are left")
    mixed = _mixed(windows)
    factor = _COPRIME[(mixed % np.uint64(len(_COPRIME))).astype(np.int64)]
    offset = ((mixed >> np.uint64(24)) % np.uint64(BLOCKS)).astype(np.int64)
    cell = (block * factor + offset) % BLOCKS
    return windows * WINDOW + cell // _NORMAL, cell % _NORMAL


def twin_rank(window: int, rank: int) -> int | None:
    """The rank of a second twin of the same sex beside the block's own; None: not this window."""
    return _NORMAL + rank % _TWINS if rank // _TWINS == window % 10 else None


def serials(ranks: Ints, male: NDArray[np.bool_]) -> Ints:
    """The three digits for ranks 0-498: odd for men, even (from 2) for women."""
    return np.where(male, 2 * ranks + 1, 2 * ranks + 2)


def id_numbers(days: Ints, serial: Ints) -> list[str]:
    """The numbers for birth days (since 1970-01-01) and serials."""
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    years = months.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day = days - months.astype("datetime64[D]").astype(np.int64) + 1
    first17 = ((int(DIVISION) * 10**8 + years * 10**4 + month * 100 + day) * 1000 + serial).tolist()
    rest = np.array(first17, dtype=np.int64)
    total = np.zeros(len(rest), dtype=np.int64)
    for weight in (2, 4, 8, 5, 10, 9, 7, 3, 6, 1, 2, 4, 8, 5, 10, 9, 7):  # from the last digit
        rest, digit = np.divmod(rest, 10)
        total += weight * digit
    checks = "10X98765432"
    return [f"{n}{checks[t]}" for n, t in zip(first17, (total % 11).tolist(), strict=True)]

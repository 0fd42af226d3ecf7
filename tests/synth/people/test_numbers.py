"""ID numbers are well formed and nobody shares one, in the whole city."""

import numpy as np
import pytest

from minkang.synth.people import ThinBlock
from minkang.synth.people.demography import days_of
from minkang.synth.people.households import day_of
from minkang.synth.people.names import UYGHUR
from minkang.synth.people.numbers import BLOCKS, cells, id_numbers, serials, twin_rank

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def test_a_number_says_birth_sex_and_its_own_check(thin: ThinBlock) -> None:
    people = thin.people
    for row in range(0, len(people.birth), 211):
        number = people.id_number[row]
        total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
        assert number.startswith(f"371098{day_of(int(people.birth[row])):%Y%m%d}")
        assert int(number[16]) % 2 == people.male[row]
        assert number[17] == "10X98765432"[total % 11]


def test_a_known_number_has_the_known_check_character() -> None:
    """GB 11643-1999, annex: 34052419800101001X."""
    day = np.array([days_of(day_of(0))]) + 3652
    assert id_numbers(day, np.array([1]))[0][6:17] == "19800101001"


def test_nobody_of_a_hundred_thousand_shares_a_number(thin: ThinBlock) -> None:
    assert len(thin.key) > 100_000
    assert len(set(thin.people.id_number)) == len(thin.key)
    assert len(set(thin.key)) == len(thin.key)


def test_no_two_blocks_own_the_same_day_and_serial() -> None:
    """This holds for all people that the city can have: cells are never shared."""
    windows = np.array([-2500, -1, 0, 1, 1900, 2070])
    owned = [cells(block, windows) for block in range(BLOCKS)]
    days = np.array([one[0] for one in owned])
    ranks = np.array([one[1] for one in owned])
    assert ((days // 10) == windows).all()
    for at in range(len(windows)):
        assert len(np.unique(days[:, at] * 1000 + ranks[:, at])) == BLOCKS


def test_second_twins_take_serials_of_their_own() -> None:
    for window in (700,):
        days, ranks = zip(
            *(
                (one[0][0], one[1][0])
                for one in (cells(b, np.array([window])) for b in range(BLOCKS))
            ),
            strict=True,
        )
        taken = [
            (day, twin_rank(window, int(rank)))
            for day, rank in zip(days, ranks, strict=True)
            if twin_rank(window, int(rank)) is not None
        ]
        assert len(taken) == len(set(taken)) > 100
        assert all(450 <= rank <= 498 for _, rank in taken if rank is not None)


def test_serials_have_three_digits_and_the_parity_of_the_sex() -> None:
    ranks = np.arange(499)
    men, women = serials(ranks, ranks >= 0), serials(ranks, ranks < 0)
    assert (men % 2 == 1).all()
    assert (women % 2 == 0).all()
    assert men.max() <= 999
    assert women.min() >= 2


def test_a_block_too_many_is_refused() -> None:
    with pytest.raises(ValueError, match="no ID numbers are left"):
        cells(BLOCKS, np.arange(2))


def test_names_are_many_and_hold_what_breaks_systems(thin: ThinBlock) -> None:
    people = thin.people
    surnames = set(people.surname)
    assert {"欧阳", "单", "仇"} <= surnames
    assert any("·" in given for given in people.given[people.nation == UYGHUR])
    assert {"珅", "䶮"} & set(people.given)
    full = people.surname + people.given
    assert len(set(full)) > len(full) * 0.25

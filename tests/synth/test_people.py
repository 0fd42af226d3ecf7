"""Nobody in the region can be a real person, and the odd cases are all there."""

from collections import Counter
from datetime import date

import pytest

from minkang.synth import INSTITUTIONS, Region
from minkang.synth.id_numbers import id_number


def is_valid_id(number: str) -> bool:
    """ISO 7064 MOD 11-2 over all eighteen characters, computed the other way round."""
    if len(number) != 18 or not number[:17].isdigit():
        return False
    rest = 0
    for character in number:
        rest = (rest * 2 + (10 if character == "X" else int(character))) % 11
    return rest == 1


def test_the_independent_check_knows_the_example_of_the_standard() -> None:
    assert is_valid_id("11010519491231002X")
    assert not is_valid_id("110105194912310021")


def test_every_id_number_is_valid_agrees_with_the_person_and_belongs_to_nobody(
    region: Region,
) -> None:
    for resident in region.residents:
        number = resident.id_number
        assert is_valid_id(number)
        assert number[:6] == "371098"
        assert number[6:14] == f"{resident.birth_date:%Y%m%d}"
        assert int(number[16]) % 2 == (resident.sex == "M")
    assert len({resident.id_number for resident in region.residents}) == len(region.residents)


def test_a_serial_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="1-999"):
        id_number(date(1960, 1, 1), 1000)


def test_telephones_lie_in_the_block_without_operator(region: Region) -> None:
    for resident in region.residents:
        for phone in (resident.phone, resident.former_phone or resident.phone):
            assert phone.startswith("154")
            assert len(phone) == 11


def test_institution_codes_have_22_characters_and_cannot_be_real() -> None:
    for place in INSTITUTIONS.values():
        assert len(place.code) == 22
        assert place.code.startswith("MK")


def test_the_odd_cases_are_there(region: Region) -> None:
    marks = Counter(mark for resident in region.residents for mark in resident.marks)
    assert marks["twin"] >= 4
    assert marks["namesake"] >= 4
    assert marks["no-id"] >= 4
    assert marks["id-contradicts-birth"] == 1
    assert marks["id-wrong-check"] == 1
    assert marks["birth-day-unknown"] == 1
    assert marks["registered-twice"] >= 1
    assert marks["hostile-text"] == 1
    assert any(len(resident.surname) == 2 for resident in region.residents)
    codes = Counter(c.code for resident in region.residents for c in resident.conditions)
    assert codes["B24"] == 1
    assert codes["F32.1"] >= 1


def test_namesakes_share_all_but_the_id_number(region: Region) -> None:
    pairs: dict[tuple[str, date, str], list[str]] = {}
    for resident in region.residents:
        if "namesake" in resident.marks:
            key = (resident.name, resident.birth_date, resident.town)
            pairs.setdefault(key, []).append(resident.id_number)
    assert pairs
    assert all(len(set(numbers)) == 2 for numbers in pairs.values())


def test_what_a_source_writes_wrongly_is_wrong(region: Region) -> None:
    by_mark = {mark: resident for resident in region.residents for mark in resident.marks}
    (written,) = by_mark["id-wrong-check"].as_written.values()
    assert written.id_number is not None
    assert not is_valid_id(written.id_number)
    contradicting = by_mark["id-contradicts-birth"]
    (written,) = contradicting.as_written.values()
    assert written.birth_date != contradicting.birth_date
    for resident in region.residents:
        assert set(resident.as_written) <= set(resident.numbers)

"""Full households tell of the same people as thin lives, and nothing in them contradicts itself."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.synth.people import household, households, households_for, number_of, thin_block
from minkang.synth.people.block import whole_block
from minkang.synth.people.demography import NEVER
from minkang.synth.people.households import day_of
from minkang.synth.people.infections import KEYS
from minkang.synth.people.moves import OPEN
from minkang.synth.record import Household, Infection, Person, World
from tests.synth.people.conftest import BEGIN, TODAY


def test_full_and_thin_are_the_same_people(world: World) -> None:
    first, count = 500, 400  # over the edge of a block
    thin = thin_block(world, first, count)
    columns = thin.people
    full = [
        person for one in households(world, range(first, first + count)) for person in one.people
    ]
    assert list(thin.key) == [person.key for person in full]
    for row, person in enumerate(full):
        mother = int(columns.mother[row])
        assert (columns.surname[row], columns.given[row]) == (person.surname, person.given)
        assert columns.id_number[row] == person.id_number
        assert thin.village[row] == person.village
        assert day_of(int(columns.birth[row])) == person.birth
        assert (columns.death[row] < NEVER) == (person.death is not None)
        assert (columns.arrived[row] > OPEN) == (person.arrived is not None)
        assert (columns.left[row] < NEVER) == (person.left is not None)
        assert (thin.key[mother] if mother >= 0 else "") == person.mother
    ill = [
        (thin.key[row], KEYS[disease])
        for row, disease in zip(columns.ill, columns.disease, strict=True)
    ]
    assert ill == [(person.key, one.disease) for person in full for one in person.infections]
    assert len(columns.pregnant) == sum(len(person.pregnancies) for person in full)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(0, 40_000), min_size=1, max_size=3))
def test_a_household_is_the_same_whatever_was_asked_before(
    world: World, numbers: list[int]
) -> None:
    forward = {number: household(world, number) for number in numbers}
    whole_block.cache_clear()
    assert all(household(world, number) == forward[number] for number in reversed(numbers))
    assert all(number_of(world, forward[number].key) == number for number in numbers)


def test_another_seed_is_another_city(world: World) -> None:
    other = msgspec.structs.replace(world, seed=8)
    assert household(other, 3) != household(world, 3)


def test_days_that_pass_change_nothing_that_was(world: World) -> None:
    later = msgspec.structs.replace(world, today=TODAY + timedelta(days=90))
    for number in range(150):
        before = {person.key: person for person in household(world, number).people}
        after = {person.key: person for person in household(later, number).people}
        assert before.keys() <= after.keys()
        for key, person in before.items():
            then = after[key]
            assert (then.birth, then.id_number) == (person.birth, person.id_number)
            assert (then.name, then.mother) == (person.name, person.mother)
            assert then.death == person.death or (then.death and then.death >= TODAY)
            assert then.infections[: len(person.infections)] == person.infections
            past = [one for one in person.pregnancies if one.ended < TODAY]
            assert list(then.pregnancies[: len(past)]) == past


def test_planted_infections_stand_beside_the_usual_ones(world: World) -> None:
    key = household(world, 1).people[0].key
    planted = Infection("measles", TODAY - timedelta(days=9), "outbreak-1")
    struck = msgspec.structs.replace(world, struck={key: (planted,)})
    assert planted in household(struck, 1).people[0].infections


def test_the_place_ends(world: World) -> None:
    with pytest.raises(IndexError):
        household(world, world.place.households)
    last = household(world, world.place.households - 1)
    assert last.number == world.place.households - 1


def test_residents_asked_for_are_residents_made(some: list[Household]) -> None:
    people = [person for one in some[: households_for(2000)] for person in one.people]
    here = sum(person.here(TODAY - timedelta(days=1)) for person in people)
    assert 1850 < here < 2150


def test_couples_are_two_grown_people_of_like_age(some: list[Household]) -> None:
    young = couples = 0
    for person, by_key in _everybody(some):
        partner = by_key.get(person.spouse)
        if partner is None:
            continue
        couples += 1
        assert partner.sex != person.sex
        assert partner.spouse == person.key
        assert partner.married == person.married is not None
        assert abs((partner.birth - person.birth).days) < 13 * 365.25
        young += person.age(person.married) < (22 if person.sex == "M" else 20)
    assert young < couples * 0.02


def test_nobody_does_anything_when_dead_or_gone(some: list[Household]) -> None:
    for person, _ in _everybody(some):
        assert person.birth < TODAY
        assert person.death is None or person.left is None
        last = person.death or person.left or TODAY
        assert last >= max(person.birth, person.arrived or person.birth)
        assert person.married is None or person.married <= last
        assert person.moved is None or person.birth < person.moved < last
        assert all(person.here(one.onset) for one in person.infections)
        assert all(one.last_period < last for one in person.pregnancies)


def test_pregnancies_follow_one_another_and_end_in_their_children(some: list[Household]) -> None:
    for person, by_key in _everybody(some):
        ends = None
        for one in person.pregnancies:
            length = (one.ended - one.last_period).days
            assert one.ended >= BEGIN
            assert person.sex == "F"
            assert ends is None or one.last_period > ends
            assert length < 300
            assert one.outcome in ("miscarried", "ended") or length > 190
            assert person.death is None or one.ended <= person.death
            ends = one.ended
            for key in one.children:
                child = by_key[key]
                assert (child.birth, child.mother) == (one.ended, person.key)
            missing = one.outcome == "live" and not one.children
            assert not missing or one.ended >= TODAY or person.left is not None


def test_children_have_parents_of_an_age_who_were_alive(some: list[Household]) -> None:
    for person, by_key in _everybody(some):
        mother, father = by_key.get(person.mother), by_key.get(person.father)
        if mother is not None:
            assert 19.5 < mother.age(person.birth) < 47
            assert mother.death is None or mother.death >= person.birth
        if father is not None:
            assert 19 < father.age(person.birth) < 62
            assert father.death is None or (person.birth - father.death).days < 290
            assert father.surname == person.surname or mother is not None


def test_each_household_has_a_head_and_no_two_of_one_name(some: list[Household]) -> None:
    for one in some:
        assert [person.relation for person in one.people].count("户主") == 1
        names = [person.given for person in one.people]
        assert len(set(names)) == len(names)
        keys = [person.key for person in one.people]
        assert keys == sorted(keys)


def test_telephones_are_of_the_block_without_operator(some: list[Household]) -> None:
    owners: dict[str, str] = {}
    for person, _ in _everybody(some):
        assert person.phone.startswith("154")
        assert len(person.phone) == 11
        assert owners.setdefault(person.phone, person.household) == person.household


def test_work_goes_with_age(some: list[Household]) -> None:
    for person, _ in _everybody(some):
        last = min(day for day in (person.death, person.left, TODAY) if day)
        age = person.age(last)
        if age < 3:
            assert person.occupation == "散居儿童"
        if 7 < age < 14:
            assert person.occupation == "学生"
            assert person.site
        if person.occupation == "离退人员":
            assert age >= 49.9
        assert person.marital == "未婚" or age > 19


def _everybody(some: list[Household]) -> list[tuple[Person, dict[str, Person]]]:
    found = []
    for one in some:
        by_key = {person.key: person for person in one.people}
        found += [(person, by_key) for person in one.people]
    return found

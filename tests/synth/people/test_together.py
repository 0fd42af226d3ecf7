"""Who goes to school where, who meets whom, and what the register says of them."""

from datetime import date

import pytest

from minkang.synth.people import (
    COLUMNS,
    contacts,
    population_rows,
    roster,
    schooling,
)
from minkang.synth.people.kin import Links, relations
from minkang.synth.people.schooling import school_age
from minkang.synth.record import Household, World

_DAY = date(2026, 3, 10)


def test_school_begins_in_the_september_after_the_sixth_birthday() -> None:
    assert school_age(date(2019, 8, 31), date(2025, 9, 1)) == 6
    assert school_age(date(2019, 9, 1), date(2025, 9, 1)) == 5
    assert school_age(date(2019, 8, 31), date(2025, 8, 31)) == 5


def test_a_class_has_one_school_year_and_contacts_go_both_ways(
    world: World, some: list[Household]
) -> None:
    people = some[:900]
    found = roster(world, people, _DAY)
    by_key = {person.key: person for one in people for person in one.people}
    largest = max(found.classes.values(), key=len)
    assert len({school_age(by_key[key].birth, _DAY) for key in largest}) == 1
    one, other = largest[:2]
    assert other in contacts(world, one, _DAY, found).class_
    assert one in contacts(world, other, _DAY, found).class_
    assert one not in contacts(world, one, _DAY, found).class_
    assert set(contacts(world, one, _DAY).home) == set(contacts(world, one, _DAY, found).home)


def test_who_is_gone_meets_nobody(world: World, some: list[Household]) -> None:
    gone = next(
        person
        for one in some
        for person in one.people
        if person.death is not None and person.death < _DAY
    )
    with pytest.raises(KeyError):
        contacts(world, gone.key, _DAY)


def test_a_childs_school_moves_up_with_age(world: World, some: list[Household]) -> None:
    child = next(
        person
        for one in some
        for person in one.people
        if person.birth.year == 2013 and person.left is None
    )
    stages = []
    for year in range(2016, 2027):
        found = schooling(world.place, world.seed, child, date(year, 10, 10))
        stages.append((found.stage, found.grade) if found else ("", 0))
    assert ("primary", 0) in stages
    assert ("middle", 0) in stages
    assert stages.index(("primary", 5)) + 1 == stages.index(("middle", 0))


def test_relations_follow_the_head() -> None:
    # grandfather, his son with wife, their daughter
    members = [
        Links(True, -1, -1, -1), Links(True, -1, 0, 2), Links(False, -1, -1, 1),
        Links(False, 2, 1, -1),
    ]  # fmt: skip
    assert relations(members, 0) == ["户主", "子", "儿媳", "孙女"]
    assert relations(members, 1) == ["父亲", "户主", "配偶", "女"]
    assert relations(members, 2) == ["公公", "配偶", "户主", "女"]
    assert relations(members, 3) == ["祖父", "父亲", "母亲", "户主"]


def test_the_register_has_a_row_for_everybody(world: World, some: list[Household]) -> None:
    people = [person for one in some[:400] for person in one.people]
    rows = list(population_rows(world, some[:400]))
    assert [row["人口编号"] for row in rows] == [person.key for person in people]
    for row, person in zip(rows, people, strict=True):
        assert tuple(row) == COLUMNS
        assert row["是否在册"] == ("否" if person.death or person.left else "是")
        assert (row["死亡日期"] != "") == (person.death is not None)
        assert row["更新时间"] < world.today.isoformat()
        assert row["户主身份证号"]

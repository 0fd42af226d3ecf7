"""Planted outbreaks: causal trees, plausible incubations, the same on every call."""

from datetime import date

import msgspec
import pytest

from minkang.synth.outbreaks.absence import SYMPTOMS, away, school_absence
from minkang.synth.outbreaks.agents import AGENTS
from minkang.synth.outbreaks.members import members
from minkang.synth.outbreaks.pharmacy import bought, pharmacy_sales
from minkang.synth.outbreaks.plant import Outbreak, plant, struck
from minkang.synth.outbreaks.request import KINDS, request
from minkang.synth.outbreaks.school_days import is_school_day
from minkang.synth.outbreaks.spread import Case
from minkang.synth.people.diseases import DISEASES
from minkang.synth.place.place import Place, build_place
from minkang.synth.record import Household
from tests.synth import simple

_DAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def place() -> Place:
    return build_place(7)


@pytest.fixture(scope="module")
def roofs(place: Place) -> tuple[Household, ...]:
    return simple.households(place, 700)


@pytest.fixture(scope="module")
def planted(place: Place, roofs: tuple[Household, ...]) -> dict[str, Outbreak]:
    wanted = [request(f"{kind}@auto@{_DAY}") for kind in KINDS]
    found = plant(simple.world(place), wanted, lambda: roofs)
    return {one.request.kind: one for one in found}


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_infects_before_being_infectious(kind: str, planted: dict[str, Outbreak]) -> None:
    agent = AGENTS[kind]
    known: dict[str, Case] = {}
    median, dispersion, least, most = agent.incubation
    delays = []
    for case in planted[kind].cases:
        assert case.person not in known
        delays.append(case.onset - case.infected)
        assert least <= delays[-1] <= most
        if case.infector:
            giver = known[case.infector]
            assert giver.generation == case.generation - 1
            assert giver.onset - agent.before <= case.infected <= giver.onset + agent.lasting + 0.01
        known[case.person] = case
    delays.sort()
    assert median / dispersion < delays[len(delays) // 2] < median * dispersion
    assert len(delays) >= 4


def test_settings_are_shared_by_who_gives_and_who_gets(
    place: Place, roofs: tuple[Household, ...], planted: dict[str, Outbreak]
) -> None:
    reach = members(simple.world(place), roofs, _DAY)
    for outbreak in planted.values():
        for case in outbreak.cases:
            if case.infector:
                giver, taker = reach.people[case.infector], reach.people[case.person]
                assert giver.groups[case.where] == taker.groups[case.where]


def test_a_point_source_is_over_in_days_and_a_slow_rise_is_not(
    planted: dict[str, Outbreak],
) -> None:
    meal = [case.day for case in planted["food-poisoning"].cases if case.where == "canteen"]
    assert (max(meal) - min(meal)).days <= 3
    water = [case.day for case in planted["dysentery"].cases]
    weeks = [(day - _DAY).days // 7 for day in water]
    assert max(weeks) >= 7
    assert sum(week >= 5 for week in weeks) > sum(week < 5 for week in weeks)


def test_the_same_request_gives_the_same_tree(
    place: Place, roofs: tuple[Household, ...], planted: dict[str, Outbreak]
) -> None:
    wanted = [request(f"{kind}@auto@{_DAY}") for kind in KINDS]
    again = plant(simple.world(place), wanted, lambda: roofs)
    assert {one.request.kind: one for one in again} == planted


def test_who_is_struck_carries_the_outbreak_and_the_infector(planted: dict[str, Outbreak]) -> None:
    found = struck(planted.values())
    cases = [case for one in planted.values() for case in one.cases]
    assert sum(len(infections) for infections in found.values()) == len(cases)
    assert list(found) == sorted(found)
    first = next(case for case in cases if case.infector)
    assert any(
        one.infector == first.infector and one.origin == first.outbreak
        for one in found[first.person]
    )
    assert {one.disease for own in found.values() for one in own} <= DISEASES.keys()
    assert DISEASES.keys() >= SYMPTOMS.keys()


def test_requests_that_make_no_sense_are_refused(
    place: Place, roofs: tuple[Household, ...]
) -> None:
    for wrong in ("norovirus", "plague@auto@2026-03-02", "measles@auto@soon"):
        with pytest.raises(ValueError, match=r"is not|no such"):
            request(wrong)
    for wrong in ("norovirus@nowhere@2026-03-02", "measles@auto@2010-03-02"):
        with pytest.raises(ValueError, match=r"is no site|lies outside"):
            plant(simple.world(place), [request(wrong)], lambda: roofs)


def test_an_outbreak_at_a_school_shows_in_its_absence(
    place: Place, roofs: tuple[Household, ...], planted: dict[str, Outbreak]
) -> None:
    world, noro = simple.world(place), planted["norovirus"]
    ill = struck([noro])
    sick = [
        msgspec.structs.replace(
            roof,
            people=tuple(
                msgspec.structs.replace(one, infections=ill.get(one.key, ())) for one in roof.people
            ),
        )
        for roof in roofs
    ]
    since = date(2026, 2, 26)
    shortened = msgspec.structs.replace(world, today=date(2026, 3, 14))
    rows = list(school_absence(shortened, {place.site(noro.place).town}, away(world, sick), since))
    usual = list(school_absence(shortened, {place.site(noro.place).town}, [], since))
    assert len(rows) == len(usual)
    name = place.site(noro.place).name
    extra = {
        (row["日期"], row["班级"]): int(row["因病缺勤"]) - int(before["因病缺勤"])
        for row, before in zip(rows, usual, strict=True)
        if row["学校"] == name
    }
    assert sum(extra.values()) >= 5
    assert max(extra, key=lambda key: extra[key])[0] >= "2026-03-02"
    for row in rows:
        assert int(row["因病缺勤"]) <= int(row["缺勤"]) <= int(row["应到"])
        assert is_school_day(date.fromisoformat(row["日期"]))


def test_pharmacies_sell_more_for_the_season_and_for_the_sick(
    place: Place, roofs: tuple[Household, ...]
) -> None:
    town = place.villages[0].town
    base = simple.world(place)
    world = msgspec.structs.replace(base, today=date(2026, 1, 20))
    rows = list(pharmacy_sales(world, {town}, {}, date(2026, 1, 1)))
    july = msgspec.structs.replace(base, today=date(2025, 7, 20))
    summer = list(pharmacy_sales(july, {town}, {}, date(2025, 7, 1)))

    def sold(of: list[dict[str, str]], goods: str) -> int:
        return sum(int(row["数量"]) for row in of if row["类别"] == goods)

    assert sold(rows, "感冒药") > 1.5 * sold(summer, "感冒药")
    assert sold(rows, "止泻药") < sold(summer, "止泻药")
    extra = bought(base, roofs)
    assert extra
    assert min(extra.values()) > 0

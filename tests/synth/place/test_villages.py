"""Towns, villages, and which household lives where."""

from collections import Counter

import pytest

from minkang.synth.place import Place, build_place
from minkang.synth.place.villages import (
    PERSONS_PER_HOUSEHOLD,
    PRACTICE_STREET,
    PRACTICE_TOWN,
)


def test_the_city_and_its_counties_have_their_residents(place: Place) -> None:
    assert place.population == pytest.approx(2_906_500, rel=0.002)
    counties = {county.name: county.population for county in place.counties}
    expected = {"环翠区": 1.2e6, "文登区": 0.55e6, "荣成市": 0.71e6, "乳山市": 0.46e6}
    assert counties == pytest.approx(expected, rel=0.02)


def test_villages_add_up_to_their_towns(place: Place) -> None:
    people = Counter[str]()
    for village in place.villages:
        people[village.town] += village.population
        assert 300 <= village.population <= 6000
        assert village.code.startswith(village.town)
        assert village.urban == bool(village.roads)
        assert ("001" <= village.code[9:] <= "199") == village.urban
    assert people == {town.code: town.population for town in place.towns}
    assert len({village.code for village in place.villages}) == len(place.villages)
    assert len({village.name for village in place.villages}) == len(place.villages)


def test_the_first_two_thousand_residents_fill_whole_places_of_both_kinds(place: Place) -> None:
    last, _ = place.village_of(round(2000 / PERSONS_PER_HOUSEHOLD) - 1)
    filled = place.villages[: place.villages.index(last) + 1]
    assert {village.town for village in filled} == {PRACTICE_STREET, PRACTICE_TOWN}
    assert sum(village.population for village in filled) < 2_600
    rural = sum(village.population for village in filled if not village.urban)
    assert 0.25 < rural / sum(village.population for village in filled) < 0.6


def test_household_numbers_run_through_the_villages(place: Place) -> None:
    for village in place.villages[:40]:
        assert place.village_of(village.first) == (village, 0)
        last = village.first + village.households - 1
        assert place.village_of(last) == (village, village.households - 1)
    assert place.households == pytest.approx(place.population / PERSONS_PER_HOUSEHOLD, rel=0.001)
    for number in (-1, place.households):
        with pytest.raises(IndexError):
            place.village_of(number)


def test_the_same_seed_makes_the_same_place_whatever_was_asked_before(place: Place) -> None:
    other = build_place(place.seed)
    assert other is not place
    assert other.villages == place.villages
    assert other.institutions == place.institutions
    assert other.sites == place.sites
    for key in ("yunxi", "lanxi"):
        assert other.staff(other.by_key[key]) == place.staff(place.by_key[key])
    assert build_place(place.seed + 1).villages != place.villages


def test_children_have_schools_of_their_quarter_and_workers_employers(place: Place) -> None:
    for village in place.villages[::50]:
        for stage, grades in (("nursery", 3), ("primary", 6), ("middle", 3), ("high", 3)):
            school = place.school_for(village.code, stage, 1)
            assert school.kind == stage
            assert len(school.grades) == grades
            assert school.county == village.county
            assert place.site(school.key) == school
        assert place.employer_for(village.code, 3).town == village.town
        assert place.care_home_for(village.code, 3).kind == "care-home"


def test_sites_are_as_many_and_as_large_as_a_city_of_that_size_has(place: Place) -> None:
    kinds = Counter(site.kind for site in place.sites)
    assert len({site.key for site in place.sites}) == len(place.sites)
    assert len({site.name for site in place.sites}) == len(place.sites)
    primary = sum(site.size for site in place.sites if site.kind == "primary")
    assert primary == pytest.approx(130_000, rel=0.1)  # six cohorts of about 22,000
    assert 250 < kinds["nursery"] < 400
    assert 20 < kinds["high"] < 40
    hazards = [site for site in place.sites if site.hazards]
    assert {"石材加工", "船舶制造", "水产品加工"} <= {site.trade for site in hazards}
    assert 0.3 < len(hazards) / kinds["employer"] < 0.7


def test_a_class_has_the_name_of_its_grade(place: Place) -> None:
    school = place.school_for(place.villages[0].code, "primary", 0)
    assert school.class_of(0, 0) == "一年级(1)班"
    assert school.class_of(9, school.classes) == "六年级(1)班"

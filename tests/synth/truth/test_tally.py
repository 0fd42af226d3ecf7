"""Counting lives: each figure by its definition."""

from datetime import date, datetime, timedelta

import msgspec
import pytest

from minkang.synth.place import Place, build_place
from minkang.synth.record import LOCAL, Condition, Form, Lived, Pregnancy
from minkang.synth.truth.indicators import figures, total
from minkang.synth.truth.tally import add, band, tally
from tests.synth import simple


@pytest.fixture(scope="module")
def place() -> Place:
    return build_place(7)


def _form(person: str, kind: str, day: date, **values: str) -> Form:
    return Form(person, datetime(day.year, day.month, day.day, 9, tzinfo=LOCAL), kind, values)


def test_age_groups_have_no_gaps() -> None:
    assert [band(age) for age in (0.5, 1, 4.9, 5, 44.9, 45, 74, 75, 85, 101)] == [
        "0", "1-4", "1-4", "5-14", "15-44", "45-64", "65-74", "75-84", "85+", "85+",
    ]  # fmt: skip


def test_person_years_are_those_of_the_window(place: Place) -> None:
    world, roof = simple.world(place), simple.household(place, 1, child_age=8)
    counted = tally(world, Lived(roof, {}, (), ()))
    years = (simple.TODAY - simple.BEGIN).days / 365.25
    assert total(counted, "person-years") == pytest.approx(3 * years)


def test_four_follow_ups_a_year_are_by_the_rules(place: Place) -> None:
    world, roof = simple.world(place), simple.household(place, 1)
    father, mother, _ = roof.people
    ill = Condition("hypertension", "I10", "高血压", simple.BEGIN, simple.BEGIN, simple.BEGIN)
    days = [simple.TODAY - timedelta(days=back) for back in (20, 110, 200, 290)]
    forms = tuple(_form(father.key, "hypertension_followup", day) for day in days)
    forms += (_form(mother.key, "hypertension_followup", days[0]),)
    lived = Lived(roof, {father.key: (ill,), mother.key: (ill,)}, (), forms)
    found = {one.key: one for one in figures(world, tally(world, lived)) if not one.part}
    assert (found["hypertension-managed"].value, found["hypertension-standard"].value) == (100, 50)


def test_a_child_without_one_dose_is_not_fully_vaccinated(place: Place) -> None:
    world, roof = simple.world(place), simple.household(place, 1)
    born = simple.BEGIN + timedelta(days=40)
    world = msgspec.structs.replace(world, today=born + timedelta(days=800))
    child = msgspec.structs.replace(roof.people[2], birth=born)
    roof = msgspec.structs.replace(roof, people=(*roof.people[:2], child))
    names = (
        ["乙型肝炎疫苗"] * 3 + ["结核疫苗", "乙型脑炎疫苗", "麻疹流行性腮腺炎风疹疫苗"]
        + ["脊髓灰质炎疫苗"] * 3 + ["白喉百日咳破伤风疫苗"] * 3
    )  # fmt: skip
    doses = tuple(
        _form(child.key, "immunization", born + timedelta(days=30 + at), 疫苗名称=name)
        for at, name in enumerate(names)
    )
    for given, expected in ((doses, 1), (doses[1:], 0)):
        counted = tally(world, Lived(roof, {}, (), given))
        assert (total(counted, "aged-two"), total(counted, "vaccinated")) == (1, expected)


def test_an_early_file_is_one_by_the_thirteenth_week(place: Place) -> None:
    world, roof = simple.world(place), simple.household(place, 1)
    ended = date(2026, 2, 1)
    last = ended - timedelta(days=275)
    mother = msgspec.structs.replace(
        roof.people[1], pregnancies=(Pregnancy(last, ended, "live", ("x",)),)
    )
    roof = msgspec.structs.replace(roof, people=(roof.people[0], mother, roof.people[2]))
    for week, expected in ((9, 1), (16, 0)):
        form = _form(mother.key, "first_antenatal_visit", last + timedelta(weeks=week))
        counted = tally(world, Lived(roof, {}, (), (form,)))
        assert (total(counted, "deliveries"), total(counted, "early-file")) == (1, expected)


def test_tallies_add_up(place: Place) -> None:
    world = simple.world(place)
    one = tally(world, Lived(simple.household(place, 1), {}, (), ()))
    whole = dict(one)
    add(whole, one)
    assert total(whole, "residents") == 2 * total(one, "residents") == 6

"""What desks get wrong about people: at the stated rates, always the same, always recorded."""

from collections import Counter
from datetime import datetime, timedelta

import msgspec
import pytest

from minkang.synth.dirt.desk import believed
from minkang.synth.dirt.kinds import KINDS, chosen
from minkang.synth.dirt.registration import registration
from minkang.synth.dirt.spelling import homophone, lookalike, slipped_digits
from minkang.synth.draws import stream
from minkang.synth.place.place import Place, build_place
from minkang.synth.record import LOCAL, Person
from tests.synth import simple

_AT = datetime(2026, 3, 2, 9, 0, tzinfo=LOCAL)


@pytest.fixture(scope="module")
def place() -> Place:
    return build_place(7)


def test_a_clean_world_writes_the_truth(place: Place) -> None:
    world, roof = simple.world(place), simple.household(place, 3)
    for person in roof.people:
        seen = registration(world, roof, person, place.by_key["haibin"], _AT)
        assert (seen.surname + seen.given, seen.birth) == (person.name, person.birth)
        assert (seen.id_number, seen.phone) == (person.id_number, person.phone)


def test_each_kind_befalls_people_at_its_rate(place: Place) -> None:
    world = simple.world(place, chosen("all"))
    found: Counter[str] = Counter()
    count = 0
    for roof in simple.households(place, 2500):
        for person in roof.people:
            count += 1
            belief = believed(world, roof, person, "jiceng-room", "jiceng")
            found.update(stain.kind for stain in belief.stains)
    for kind in ("name-homophone", "birth-slip", "phone-missing", "duplicate-within"):
        expected = KINDS[kind].rate * count
        assert abs(found[kind] - expected) < 4 * expected**0.5 + 0.1 * expected, kind
    assert 0.1 < found["id-guardian"] / 2500 < 0.3


def test_what_is_believed_differs_only_where_a_stain_says_so(place: Place) -> None:
    world = simple.world(place, chosen("all"))
    house = place.by_key["songling"]
    for roof in simple.households(place, 300):
        for person in roof.people:
            stains = believed(world, roof, person, house.key, house.system).stains
            kinds = {stain.kind for stain in stains}
            seen = registration(world, roof, person, house, _AT)
            changed = {
                "name": seen.surname + seen.given != person.name,
                "sex": seen.sex != person.sex,
                "birth": seen.birth != person.birth,
                "id": seen.id_number != person.id_number,
                "phone": seen.phone != person.phone,
            }
            told = {kind.partition("-")[0] for kind in kinds} | (
                {"id", "birth", "phone"} if "duplicate-across" in kinds else set()
            )
            assert {key for key, is_so in changed.items() if is_so} <= told


def test_a_kind_that_is_switched_off_leaves_the_others_alone(place: Place) -> None:
    everything = simple.world(place, chosen("all"))
    less = simple.world(place, tuple(key for key in KINDS if key != "name-homophone"))
    for roof in simple.households(place, 200):
        for person in roof.people:
            whole = believed(everything, roof, person, "haibin", "haibin").stains
            part = believed(less, roof, person, "haibin", "haibin").stains
            others = [s for s in whole if not s.kind.startswith("name-")]
            assert others == [s for s in part if not s.kind.startswith("name-")]


def test_a_newborn_goes_by_its_mothers_name_for_some_weeks(place: Place) -> None:
    world = simple.world(place, ("newborn-name",))
    roof = simple.household(place, 5)
    child = msgspec.structs.replace(roof.people[2], birth=_AT.date() - timedelta(days=3))
    roof = msgspec.structs.replace(roof, people=(*roof.people[:2], child))
    haibin = place.by_key["haibin"]
    names = set()
    for number in range(20):
        one = msgspec.structs.replace(child, key=f"{child.key}{number}")
        family = msgspec.structs.replace(roof, people=(*roof.people[:2], one))
        seen = registration(world, family, one, haibin, _AT)
        later = registration(world, family, one, haibin, _AT + timedelta(days=40))
        names.add(seen.surname + seen.given)
        assert later.given == child.given
        assert not (seen.given.endswith("之女") and seen.id_number)
    assert "王丽娟之女" in names


def test_slips_change_what_they_touch(place: Place) -> None:
    for seed in range(200):
        random = stream(seed, "slips")
        assert slipped_digits("37109819850312002", random) != "37109819850312002"
    assert homophone("王丽娟", stream(1, "x")) != "王丽娟"
    assert len(lookalike("王建国", stream(1, "x"))) == 3


def test_unknown_dirt_is_named() -> None:
    with pytest.raises(ValueError, match="mud"):
        chosen("late,mud")
    assert chosen("doubled,late") == ("late", "doubled")


def test_spouses_and_guardians_are_those_of_the_household(place: Place) -> None:
    world = simple.world(place, ("id-shared", "id-guardian"))
    seen: set[str] = set()
    for roof in simple.households(place, 1500):
        father, mother, child = roof.people
        of: dict[str, Person] = {"id-shared": mother, "id-guardian": mother}
        for person in (father, child):
            for stain in believed(world, roof, person, "minban-1", "minban").stains:
                assert stain.after == of[stain.kind].id_number
                seen.add(stain.kind)
    assert seen == {"id-shared", "id-guardian"}

"""Simple invented households on the real place, for tests that need people and no lives."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from minkang.synth.people import household as people_household
from minkang.synth.place import Place
from minkang.synth.record import (
    LOCAL,
    Condition,
    Diagnosis,
    Fees,
    Household,
    Infection,
    Lived,
    Person,
    Visit,
    World,
)

BEGIN, TODAY = date(2025, 1, 1), date(2026, 7, 1)


def world(place: Place, dirt: tuple[str, ...] = (), seed: int = 7) -> World:
    """Eighteen months of a region."""
    return World(seed, BEGIN, TODAY, place, dirt=dirt)


def household(place: Place, number: int, child_age: int = -1) -> Household:
    """Two parents and a child of 3-14 who goes to the school of the village."""
    village, _ = place.village_of(number)
    random = Random(number)
    key = f"{village.code}{number:06d}"
    age = child_age if child_age >= 0 else random.randrange(3, 15)
    birth = TODAY - timedelta(days=365 * age + random.randrange(5, 360))
    stage = "nursery" if age < 6 else "primary" if age < 12 else "middle"
    school = place.school_for(village.code, stage, number).key
    work = place.employer_for(village.code, number).key
    roof = {"household": key, "village": village.code, "address": f"{village.name}{number}号"}

    def person(at: int, given: str, sex: str, born: date, **facts: object) -> Person:
        serial = number % 400 * 2 + (1 if sex == "M" else 2)
        return Person(
            key=f"{key}-{at}", surname="王", given=given, sex=sex, birth=born,  # type: ignore[arg-type]
            id_number=f"371098{born:%Y%m%d}{serial:03d}X", phone=f"154{number:07d}{at}",
            **roof, **facts,  # type: ignore[arg-type]
        )  # fmt: skip

    def years(count: int) -> date:
        return TODAY - timedelta(days=365 * count + random.randrange(360))

    father = person(1, "建华", "M", years(38), spouse=f"{key}-2", site=work, relation="户主")
    mother = person(2, "丽娟", "F", years(36), spouse=f"{key}-1", relation="配偶")
    child = person(
        3, "梓涵", "F", birth, site=school, mother=f"{key}-2", father=f"{key}-1", relation="女",
        infections=(Infection("influenza", date(2026, 3, 10)),) if number % 9 == 0 else (),
    )  # fmt: skip
    return Household(key, number, village.code, (father, mother, child))


def households(place: Place, count: int, child_age: int = -1) -> tuple[Household, ...]:
    """The first so many households of the region."""
    return tuple(household(place, number, child_age) for number in range(count))


def plain_life(world: World, number: int) -> Lived:
    """A household of the region in which everybody sees two doctors a year, nothing else."""
    roof = people_household(world, number)
    visits = tuple(
        visit for at, person in enumerate(roof.people) for visit in _visits(world, roof, person, at)
    )
    old = [one for one in roof.people if one.age(world.today) > 60]
    ill = Condition("hypertension", "I10.x00x002", "高血压", world.begin, world.begin)
    return Lived(roof, {one.key: (ill,) for one in old}, tuple(sorted(visits, key=_start)), ())


def _start(visit: Visit) -> datetime:
    return visit.start


def _visits(world: World, roof: Household, person: Person, at: int) -> Iterator[Visit]:
    place: Place = world.place
    for year in range(world.begin.year, world.today.year + 1):
        for half, (care, kind) in enumerate((("city", "O"), ("village", "O"))):
            day = date(year, 2 + 6 * half, 1 + (roof.number + at) % 27)
            if not (world.begin <= day < world.today and person.here(day)):
                continue
            institution = place.institution(care, roof.village, 0.1)  # type: ignore[arg-type]
            department = place.department(institution, "general")
            start = datetime.combine(day, time(8 + half, (roof.number * 7 + at) % 60), LOCAL)
            yield Visit(
                number=f"MZ{start:%y%m%d}{roof.number:05d}{at}",
                person=person.key,
                patient=f"P{roof.number:07d}{at}",
                institution=institution.key,
                department=department.key,
                doctor=place.doctor(institution, department, 0.5, day).code,
                kind=kind,  # type: ignore[arg-type]
                start=start,
                end=start + timedelta(minutes=20),
                diagnoses=(Diagnosis("J06.900", "急性上呼吸道感染"),),
                texts={"complaint": "咳嗽3天"},
                fees=Fees(5200, 2600, {"诊查费": 5200}),
            )

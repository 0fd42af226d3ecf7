"""Simple persons without a place, for tests of courses, bodies and the plans of long illness."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from random import Random

from minkang.synth.lives.body import Body, body_of
from minkang.synth.lives.courses import conditions_of
from minkang.synth.lives.life import Life, days_here
from minkang.synth.record import Condition, Household, Infection, Person, Sex, World

BEGIN, TODAY = date(2016, 11, 1), date(2026, 11, 1)
WORLD = World(11, BEGIN, TODAY, None)
LAST = TODAY - timedelta(days=1)


def resident(
    number: int,
    sex: Sex,
    years: float,
    death: date | None = None,
    infections: tuple[Infection, ...] = (),
) -> Person:
    """Somebody of that age on the last day (or who would be)."""
    return Person(
        key=f"t{number:05d}-00",
        household=f"t{number:05d}",
        surname="慕",
        given="某",
        sex=sex,
        birth=LAST - timedelta(days=round(years * 365.25)),
        id_number=f"371098{number:012d}",
        phone="15400000000",
        village="371002001001",
        address="",
        death=death,
        infections=infections,
    )


def conditions(person: Person) -> tuple[Condition, ...]:
    """The courses of that person living alone."""
    return conditions_of(WORLD, Household(person.household, 0, person.village, (person,)), person)


def life_of(person: Person, known: tuple[Condition, ...] | None = None) -> Life:
    """The life of that person, with other courses than the drawn ones if given."""
    courses = conditions(person) if known is None else known
    begin, end = days_here(WORLD, person)
    home = Household(person.household, 0, person.village, (person,))
    return Life(WORLD, person, home, courses, body_of(WORLD, person, courses), begin, end)


@cache
def adults() -> tuple[tuple[Person, tuple[Condition, ...]], ...]:
    """3,000 people between 18 and 90 with the ages of an old city, and their courses."""
    random = Random(3)
    people = []
    for number in range(3000):
        low, high = random.choices(((18, 40), (40, 60), (60, 75), (75, 90)), (27, 38, 25, 10))[0]
        sex: Sex = "M" if number % 2 else "F"
        person = resident(number, sex, random.uniform(low, high))
        people.append((person, conditions(person)))
    return tuple(people)


@cache
def dying() -> tuple[tuple[Person, tuple[Condition, ...]], ...]:
    """600 people who die within the region's years, mostly old."""
    random = Random(5)
    people = []
    for number in range(9000, 9600):
        sex: Sex = "M" if number % 2 else "F"
        death = TODAY - timedelta(days=random.randint(1, 3600))
        person = resident(number, sex, random.triangular(30, 100, 84) + 6, death)
        people.append((person, conditions(person)))
    return tuple(people)


def there(courses: tuple[Condition, ...], key: str, day: date = LAST) -> Condition | None:
    """The course of that key that is there on a day."""
    for course in courses:
        if (
            course.key == key
            and course.since <= day
            and (course.over is None or day <= course.over)
        ):
            return course
    return None


def body(person: Person, *courses: Condition) -> Body:
    """The body of that person with exactly these courses."""
    return body_of(WORLD, person, courses)


def everybody() -> Iterator[tuple[Person, tuple[Condition, ...]]]:
    """The living and the dying."""
    yield from adults()
    yield from dying()

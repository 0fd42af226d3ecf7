"""Real lives, as their systems send them, at the receiver's door."""

from collections import Counter
from datetime import date
from functools import cache

from minkang.fhir import Refused
from minkang.synth.lives.life import days_here
from minkang.synth.lives.live import live
from minkang.synth.place import build_place
from minkang.synth.record import Lived, World
from minkang.synth.speak.form_columns import COLUMNS
from minkang.synth.speak.say import everything
from minkang.synth.speak.sent import Message, Sent
from minkang.synth.speak.setting import Setting
from minkang.synth.speak.systems import FORM_SYSTEM
from tests.synth.speak.mapped import contributions

HOUSEHOLDS = 30


@cache
def world() -> World:
    return World(11, date(2025, 11, 1), date(2026, 11, 1), build_place(11))


@cache
def setting() -> Setting:
    return Setting(world())


@cache
def lives() -> tuple[Lived, ...]:
    return tuple(live(world(), number) for number in range(HOUSEHOLDS))


@cache
def sent() -> tuple[Sent, ...]:
    return tuple(one for lived in lives() for one in everything(setting(), lived))


def resident_years() -> float:
    days = 0
    for lived in lives():
        for person in lived.household.people:
            begin, end = days_here(world(), person)
            days += max(0, (end - begin).days + 1)
    return days / 365.25


def test_nothing_is_refused_and_forty_resources_come_of_a_resident_year() -> None:
    made: set[tuple[str, str, str]] = set()
    refused: Counter[str] = Counter()
    for one in sent():
        try:
            made |= {(one.source, *given.key) for given in contributions(setting(), one)}
        except Refused as refusal:
            refused.update(f"{one.source}: {p.place}: {p.text}" for p in refusal.problems)
    assert refused == {}
    assert len(made) / resident_years() >= 40


def test_every_column_of_a_form_is_one_of_its_table() -> None:
    kept = {"记录编号", "健康档案编号", "姓名", "性别", "出生日期", "身份证号", "更新时间"}
    strange = {
        (form.kind, column)
        for lived in lives()
        for form in lived.forms
        for column in form.values
        if column not in COLUMNS[form.kind] or column in kept - {"出生日期", "性别"}
    }
    assert strange == set()
    assert {form.kind for lived in lives() for form in lived.forms} <= set(FORM_SYSTEM)


def test_many_systems_speak_in_many_ways() -> None:
    ways = {one.channel if isinstance(one, Message) else "table" for one in sent()}
    assert {"mllp", "table", "document"} <= ways
    assert len({one.source for one in sent()}) >= 12

"""Vaccinations by vaccine and dose against the national schedule: given, due, overdue.

国家免疫规划疫苗儿童免疫程序及说明（2021年版）, table 1, with "一、(四)" on the age by which a dose
should be given at the latest: a dose is overdue when that age has passed. The schedule is that for
who was born since October 2019, when two doses of inactivated polio and of measles-mumps-rubella
vaccine began; for others only what was given is shown.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from minkang.record.fact import Names, Origin, concept_text, moment, origin_of
from minkang.store import Stored

SOURCE: Final = "国家免疫规划疫苗儿童免疫程序及说明（2021年版）"
SCHEDULE_FROM: Final = date(2019, 10, 1)
_PROGRAMME_ENDS: Final = 18 * 12
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_GIVEN: Final = "completed"


class Dose(msgspec.Struct, frozen=True):
    """A dose of the schedule: due at that age, at the latest by the other, in months."""

    number: int
    due: int
    latest: int


class Vaccine(msgspec.Struct, frozen=True):
    """A vaccine of the programme and the words that its entries are known by."""

    key: str
    name: str
    words: tuple[str, ...]
    doses: tuple[Dose, ...]


def _vaccine(key: str, name: str, words: str, *doses: tuple[int, int]) -> Vaccine:
    numbered = tuple(Dose(at, due, latest) for at, (due, latest) in enumerate(doses, 1))
    return Vaccine(key, name, tuple(words.split()), numbered)


# Ages in months: due, and by when at the latest (2021 edition, part one, 4).
PROGRAMME: Final = (
    _vaccine("hepb", "乙肝疫苗", "乙型肝炎 乙肝", (0, 1), (1, 3), (6, 12)),
    _vaccine("bcg", "卡介苗", "结核 卡介苗", (0, 3)),
    _vaccine("polio", "脊灰疫苗", "脊髓灰质炎 脊灰", (2, 12), (3, 12), (4, 12), (48, 60)),
    _vaccine("dtap", "百白破疫苗", "百日咳 百白破", (3, 12), (4, 12), (5, 12), (18, 24)),
    _vaccine("dt", "白破疫苗", "白喉破伤风疫苗 白破疫苗 吸附白喉破伤风", (72, 84)),
    _vaccine("mmr", "麻腮风疫苗", "麻疹 麻腮风", (8, 12), (18, 24)),
    _vaccine("je", "乙脑减毒活疫苗", "乙型脑炎 乙脑", (8, 12), (24, 36)),
    _vaccine("mena", "A群流脑多糖疫苗", "A群脑膜炎 A群流脑", (6, 18), (9, 18)),
    _vaccine("menac", "A群C群流脑多糖疫苗", "A群C群", (36, 48), (72, 84)),
    _vaccine("hepa", "甲肝减毒活疫苗", "甲型肝炎 甲肝", (18, 24)),
)  # fmt: skip
# In this order, since the words of some are within those of others.
_KNOWN_BY: Final = ("menac", "mena", "hepb", "hepa", "je", "dtap", "dt", "polio", "mmr", "bcg")
_BY_KEY: Final = {one.key: one for one in PROGRAMME}
# Several vaccines in one: 五联 holds those against polio and against pertussis.
_COMBINED: Final = (("五联", ("dtap", "polio")), ("四联", ("dtap",)))


class Shot(msgspec.Struct, frozen=True):
    """One vaccination as it was sent; `status` is that of the Immunization."""

    name: str
    product: str
    number: int | None
    on: date | None
    lot: str
    maker: str
    place: str
    site: str
    status: str
    reason: str
    vaccines: tuple[str, ...]
    origin: Origin


class Slot(msgspec.Struct, frozen=True):
    """A dose of the schedule for one child.

    `state` is `given`, `overdue`, `due` (its age has come), or `later`.
    """

    vaccine: Vaccine
    dose: Dose
    due: date
    latest: date
    state: str
    shot: Shot | None


def shots_of(immunizations: Iterable[Stored], names: Names) -> tuple[Shot, ...]:
    """All vaccinations, newest first; entries made in error are left out."""
    shots = [
        _shot(one, names)
        for one in immunizations
        if one.resource.get("status") != "entered-in-error"
    ]
    return tuple(sorted(shots, key=lambda one: (one.on is not None, one.on), reverse=True))


def slots_of(shots: Sequence[Shot], birth: date, today: date) -> tuple[Slot, ...]:
    """The schedule of a child with what was given; nothing for who was born before it or is grown.

    Doses count in the order they were given, whatever number was written beside them.
    """
    if birth < SCHEDULE_FROM or _months(birth, today) >= _PROGRAMME_ENDS:
        return ()
    slots = []
    for vaccine in PROGRAMME:
        given = sorted(
            (s for s in shots if vaccine.key in s.vaccines and s.status == _GIVEN and s.on),
            key=lambda one: one.on or birth,
        )
        for dose in vaccine.doses:
            shot = given[dose.number - 1] if len(given) >= dose.number else None
            due, latest = _after(birth, dose.due), _after(birth, dose.latest)
            state = "given" if shot else "overdue" if today >= latest else "due"
            if shot is None and today < due:
                state = "later"
            slots.append(Slot(vaccine, dose, due, latest, state, shot))
    return tuple(slots)


def vaccines_of(name: str, product: str = "") -> tuple[str, ...]:
    """The keys of the programme's vaccines that a name stands for; none for others."""
    for text in (product, name):
        for word, keys in _COMBINED:
            if word in text:
                return keys
        for key in _KNOWN_BY:
            if any(word in text for word in _BY_KEY[key].words):
                return (key,)
    return ()


def _shot(stored: Stored, names: Names) -> Shot:
    resource = stored.resource
    name = concept_text(resource.get("vaccineCode"))
    notes = resource.get("note") or [{}]
    product = str(notes[0].get("text", ""))
    protocol: dict[str, Any] = (resource.get("protocolApplied") or [{}])[0]
    at: datetime | None = moment(resource.get("occurrenceDateTime"))
    origin = origin_of(stored, names)
    number = protocol.get("doseNumberPositiveInt")
    return Shot(
        name,
        product,
        None if number is None else int(number),
        at.astimezone(_ZONE).date() if at else None,
        str(resource.get("lotNumber", "")),
        str((resource.get("manufacturer") or {}).get("display", "")),
        str((resource.get("location") or {}).get("display", "")) or origin.organisation_name,
        concept_text(resource.get("site")),
        str(resource.get("status", "")),
        concept_text(resource.get("statusReason")),
        vaccines_of(name, product),
        origin,
    )


def _after(birth: date, months: int) -> date:
    """The day of an age; the last of a month where it has no such day."""
    year, month = divmod(birth.month - 1 + months, 12)
    for day in range(birth.day, 27, -1):
        try:
            return date(birth.year + year, month + 1, day)
        except ValueError:
            continue
    return date(birth.year + year, month + 1, min(birth.day, 28))


def _months(birth: date, today: date) -> int:
    whole = (today.year - birth.year) * 12 + today.month - birth.month
    return whole - (today.day < birth.day)

"""One visit of a life and what was found at it: the record that the message writers read."""

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from minkang.synth.analytes import Value
from minkang.synth.institutions import INSTITUTIONS, Doctor
from minkang.synth.residents import Resident

LOCAL: Final = ZoneInfo("Asia/Shanghai")


class Diagnosis(msgspec.Struct, frozen=True):
    """ICD-10 code and Chinese name."""

    code: str
    name: str


class Report(msgspec.Struct, frozen=True):
    """One laboratory or imaging report of a visit; `panel` is a key of `analytes.PANELS`."""

    panel: str
    observed: datetime
    reported: datetime
    values: tuple[Value, ...]


class Visit(msgspec.Struct, frozen=True):
    """A visit, an emergency or an admission (`kind` O, E, I); `end` None while in hospital.

    `number` and `patient_number` are empty until the region has put all visits in order.
    """

    person: str
    source: str
    kind: str
    department: str
    doctor: Doctor
    start: datetime
    end: datetime | None
    diagnoses: tuple[Diagnosis, ...]
    complaint: str
    reports: tuple[Report, ...] = ()
    pressure: tuple[int, int] | None = None  # mmHg
    fingerstick: str | None = None  # fasting glucose in mmol/L
    number: str = ""
    patient_number: str = ""


def working_time(random: Random, day: date, *, any_hour: bool = False) -> datetime:
    """A moment of that day, or of the Monday after a weekend, when a clinic is open."""
    if any_hour:
        clock = time(random.randint(0, 23), random.randrange(60))
    else:
        if day.weekday() >= 5:
            day += timedelta(days=7 - day.weekday())
        hour = random.choices((8, 9, 10, 11, 13, 14, 15, 16), (5, 7, 6, 3, 3, 4, 3, 1))[0]
        clock = time(hour, random.randrange(60))
    return datetime.combine(day, clock.replace(second=random.randrange(60)), LOCAL)


def own_doctor(resident: Resident, source: str, department: str) -> Doctor:
    """The doctor whom this resident sees in that department, always the same one."""
    doctors = INSTITUTIONS[source].staff[department]
    return doctors[resident.seed % len(doctors)]

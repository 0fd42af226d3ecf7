"""SIU: appointments made, moved, cancelled and missed."""

from itertools import permutations

import pytest

from tests.exchange.hl7v2_mapped import PID, after, only, refused, segment, written


def siu(event: str, *resources: str, hour: int = 8, **sch: str) -> bytes:
    at = f"20260501{hour:02d}0000"
    fields = {"f1": "A1", "f2": "B1", "f7": "复查^复查^L", **sch}
    return written(f"SIU^{event}", segment("SCH", **fields), *resources, at=at)


TIMES = "TQ1|||||||20260510090000|20260510093000"
ONE = (
    TIMES,
    "NTE|1||空腹",
    PID,
    "RGS|1",
    "AIS|1|A|CT^CT检查^L",
    "NTE|1||带片",
    "AIP|1|A|D1^王^海燕",
)


def test_an_appointment_says_when_for_what_and_with_whom() -> None:
    found = after(siu("S12", *ONE, "AIL|1|A|CT室^1", "AIG|1|A|M1^CT机", "ZSI|x"))
    (appointment,), (patient,) = found["Appointment"], found["Patient"]
    assert appointment["status"] == "booked"
    assert appointment["start"] == "2026-05-10T09:00:00+08:00"
    assert appointment["end"] == "2026-05-10T09:30:00+08:00"
    assert appointment["serviceType"][0]["text"] == "CT检查"
    assert appointment["reasonCode"][0]["text"] == "复查"
    assert appointment["comment"] == "空腹"
    assert [one["actor"] for one in appointment["participant"]] == [
        {"reference": f"Patient/{patient['id']}"},
        {"display": "王海燕"},
        {"display": "CT室 1"},
        {"display": "CT机"},
    ]
    assert appointment["extension"][0]["valueString"] == "ZSI|x"


@pytest.mark.parametrize(
    ("event", "filled", "status"),
    [
        ("S12", "", "booked"),
        ("S13", "", "booked"),
        ("S14", "Complete", "fulfilled"),
        ("S14", "本院状态", "booked"),
        ("S15", "", "cancelled"),
        ("S16", "", "cancelled"),
        ("S17", "", "entered-in-error"),
        ("S19", "", "booked"),
        ("S26", "Booked", "noshow"),
    ],
)
def test_the_event_decides_then_the_filler_status(event: str, filled: str, status: str) -> None:
    assert only("Appointment", siu(event, *ONE, f25=filled))["status"] == status


def test_a_cancelled_appointment_is_not_revived_by_a_late_change() -> None:
    messages = [
        siu("S12", *ONE, hour=8),
        siu("S15", PID, hour=9, f6="病情变化^病情变化^L"),
        siu("S14", *ONE, hour=10),
    ]
    for several in permutations(messages):
        appointment = only("Appointment", *several)
        assert appointment["status"] == "cancelled"
        assert appointment["cancelationReason"]["text"] == "病情变化"


@pytest.mark.parametrize(
    ("fields", "resources"),
    [
        ({"f11": "^^^20260510090000^20260510093000"}, ()),
        ({"f11": "^^^20260510090000", "f9": "30", "f10": "min"}, ()),
        ({"f9": "1800", "f10": "s"}, ("AIS|1|A|CT|20260510090000",)),
        ({}, ("AIS|1|A|CT|20260510090000|||30|分钟",)),
    ],
)
def test_times_as_each_version_writes_them(
    fields: dict[str, str], resources: tuple[str, ...]
) -> None:
    appointment = only("Appointment", siu("S12", PID, *resources, hour=8, **fields))
    assert appointment["start"] == "2026-05-10T09:00:00+08:00"
    assert appointment["end"] in ("2026-05-10T09:30:00+08:00", "2026-05-10T01:30:00+00:00")


def test_a_day_without_a_time_is_what_was_asked_for() -> None:
    appointment = only("Appointment", siu("S12", PID, f11="^^^20260510"))
    assert "start" not in appointment
    assert appointment["requestedPeriod"] == [{"start": "2026-05-10"}]
    later = siu("S13", *ONE, hour=9)
    known = only("Appointment", later, siu("S12", PID, f11="^^^20260510"))
    assert known["start"] == "2026-05-10T09:00:00+08:00"
    assert "_start" not in known


def test_an_appointment_without_number_is_refused() -> None:
    assert refused(siu("S12", PID, f1="", f2="")) == [("SCH-2", "required")]
    assert refused(written("SIU^S12", PID)) == [("SCH", "required")]

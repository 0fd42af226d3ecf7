"""A life by visits: what hangs under which, across midnight, and with wrong clocks."""

from datetime import UTC, date, datetime

from minkang.record.timeline import Wish, chosen, timeline_of
from tests.record.lives import all_of, at, encounter, life, made, measured, stored, text


def test_what_belongs_to_a_visit_hangs_under_it() -> None:
    (stop,) = timeline_of(
        life(
            *all_of(
                [
                    encounter("v1", "2026-11-02T08:00:00+08:00", serviceType=text("心内科")),
                    made("Condition", "c1", code=text("高血压", "I10"), **at("v1")),
                    made("Condition", "c2", code=text("高血压", "I10"), **at("v1")),
                    measured("o1", "2160-0", "80", "2026-11-02T09:00:00+08:00", **at("v1")),
                    made(
                        "MedicationRequest", "m1",
                        medicationCodeableConcept=text("氨氯地平"),
                        dosageInstruction=[{"text": "每日一次"}], **at("v1"),
                    ),
                    made("DocumentReference", "d1", description="门诊病历",
                         context={"encounter": [{"reference": "Encounter/v1"}]}),
                    made("Procedure", "p1", code=text("没有做"), **at("v1"))
                    | {"status": "not-done"},
                ]
            )
        )
    )  # fmt: skip
    assert stop.visit is not None
    assert stop.visit.department == "心内科"
    assert stop.institution == "一院"
    said = [(one.kind, one.name, one.more) for one in stop.items]
    assert said == [
        ("Condition", "高血压", ""),
        ("MedicationRequest", "氨氯地平", "每日一次"),
        ("DocumentReference", "门诊病历", ""),
    ]
    assert [one.origin.id for one in stop.results] == ["o1"]


def test_without_a_visit_a_day_at_an_institution_is_one_stop() -> None:
    late = "2026-11-02T23:50:00+08:00"
    next_day = "2026-11-03T00:10:00+08:00"
    stops = timeline_of(
        life(
            stored(measured("o1", "2160-0", "80", late)),
            stored(measured("o2", "718-7", "130", "2026-11-02T15:40:00Z")),
            stored(measured("o3", "2160-0", "81", next_day)),
            stored(measured("o4", "2160-0", "82", next_day), "MK2"),
        )
    )
    shown = [(one.institution, [r.origin.id for r in one.results]) for one in stops]
    # 15:40 UTC is twenty to midnight here: the same day as ten to midnight.
    assert len(shown) == 3
    assert ("一院", ["o3"]) in shown
    assert ("二院", ["o4"]) in shown
    assert {frozenset(ids) for _, ids in shown} == {
        frozenset({"o1", "o2"}), frozenset({"o3"}), frozenset({"o4"}),
    }  # fmt: skip
    assert all(one.visit is None for one in stops)


def test_a_day_of_which_nothing_can_be_named_is_no_stop() -> None:
    survey = [{"coding": [{"code": "survey"}]}]
    stops = timeline_of(
        life(
            stored(measured("answer", "74465-6", "2", "2026-11-02T09:00:00+08:00")
                   | {"category": survey}),
            stored(made("Condition", "unnamed", recordedDate="2026-11-03")),
            stored(measured("o1", "2160-0", "80", "2026-11-04T09:00:00+08:00")),
        )
    )  # fmt: skip
    assert [[one.origin.id for one in stop.results] for stop in stops] == [["o1"]]


def test_the_newest_comes_first_and_what_has_no_time_last() -> None:
    stops = timeline_of(
        life(
            stored(encounter("old", "2020-01-01")),
            stored(encounter("new", "2026-01-01")),
            stored(made("Condition", "c", code=text("何时不明"))),
        )
    )
    assert [one.visit.origin.id if one.visit else "" for one in stops] == ["new", "old", ""]


def test_a_clock_that_is_ahead_and_a_visit_after_death_are_marked() -> None:
    received = datetime(2026, 11, 2, 4, tzinfo=UTC)
    stops = timeline_of(
        life(
            stored(encounter("ahead", "2027-11-02T08:00:00+08:00"), received=received),
            stored(encounter("right", "2026-11-02T11:00:00+08:00"), received=received),
            stored(encounter("on-the-day", "2026-11-01T23:59:00+08:00"), received=received),
        ),
        died=date(2026, 11, 1),
    )
    assert {one.visit.origin.id: one.faults for one in stops if one.visit} == {
        "ahead": ("ahead", "after-death"),
        "right": ("after-death",),
        "on-the-day": (),
    }


def test_days_are_those_of_china() -> None:
    stops = timeline_of(
        life(
            stored(encounter("before", "2026-11-01T15:59:00Z")),
            stored(encounter("after", "2026-11-01T16:01:00Z"), "MK2"),
        )
    )

    def ids(wish: Wish) -> list[str]:
        return [one.visit.origin.id for one in chosen(stops, wish) if one.visit]

    assert ids(Wish(since=date(2026, 11, 2))) == ["after"]
    assert ids(Wish(until=date(2026, 11, 1))) == ["before"]
    assert ids(Wish(institution="二院")) == ["after"]
    assert ids(Wish(kind="IMP")) == []
    assert ids(Wish()) == ["after", "before"]

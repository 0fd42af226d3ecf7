"""Who works where and when, and the tables of base resources."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.synth.place import Place, base_rows

FORMS = Path("examples/forms")
DAYS = st.dates(date(2012, 6, 1), date(2035, 6, 1))
SHARES = st.floats(0, 1, exclude_max=True)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(DAYS, SHARES, st.sampled_from(("haibin", "yunxi", "room-371003106200", "jikong")))
def test_whoever_is_asked_for_is_employed_on_that_day(
    place: Place, day: date, at: float, key: str
) -> None:
    institution = place.by_key[key]
    for specialty in ("general", "cardiac", "laboratory", "public-health"):
        department = place.department(institution, specialty)
        for one in (
            place.doctor(institution, department, at, day),
            place.nurse(institution, department, at, day),
        ):
            assert one.there(day)
            assert one.institution == key
            assert 21 < (day - one.birth).days / 365.25 < 73


def test_posts_are_never_empty_and_nobody_holds_two(place: Place) -> None:
    posts = place.posts(place.by_key["songling"])
    codes = [one.code for post in posts for one in post.holders]
    assert len(set(codes)) == len(codes)
    for post in posts:
        for before, after in zip(post.holders, post.holders[1:], strict=False):
            assert before.left == after.hired
        assert post.holders[-1].left is None


def test_without_a_day_somebody_is_named_who_is_there_all_the_years(place: Place) -> None:
    for key in ("haibin", "yunxi", "room-371003106201", "township-centre-371003106"):
        institution = place.by_key[key]
        for department in institution.departments:
            one = place.doctor(institution, department, 0.4)
            assert one.hired < date(2016, 1, 1)
            assert one.left is None or one.left > date(2028, 1, 1)


def test_a_family_doctor_is_of_the_primary_institution_and_stays_the_same(place: Place) -> None:
    for village in place.villages[:20]:
        doctor = place.family_doctor(village.code, 3)
        assert doctor.institution == place.primary(village.code).key
        assert doctor.role in ("doctor", "assistant", "village-doctor")
        assert place.family_doctor(village.code, 4) == doctor


def test_beds_stand_in_wards_of_their_departments(place: Place) -> None:
    for key in ("haibin", "gangcheng", "chuanran"):
        institution = place.by_key[key]
        beds = place.beds(institution)
        assert len(beds) == institution.beds
        assert len({bed.code for bed in beds}) == len(beds)
        intensive = place.department(institution, "intensive")
        bed = place.bed(institution, intensive, 0.5)
        assert bed is not None
        assert (bed.department, bed.kind) == (intensive.key, "监护")
    assert place.bed(place.by_key["yunxi"], place.by_key["yunxi"].departments[0], 0.1) is None


@pytest.mark.parametrize("day", [date(2018, 3, 1), date(2026, 11, 1)])
def test_base_rows_have_the_columns_of_the_forms_and_tell_nothing_of_tomorrow(
    place: Place, day: date
) -> None:
    keys = ("gangcheng", "yunxi", "room-371003106200", "jikong", "infirmary-001")
    rows: dict[str, list[dict[str, str]]] = {}
    for table, row in base_rows(place, [place.by_key[key] for key in keys], day):
        rows.setdefault(table, []).append(row)
    for table, found in rows.items():
        with (FORMS / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            columns = next(csv.reader(file))
        assert all(list(row) == columns for row in found)
    tomorrow = (day + timedelta(days=1)).isoformat()
    for staff in rows["staff"]:
        assert staff["到岗日期"] < tomorrow
        assert staff["离岗日期"] < tomorrow
        assert (staff["是否在岗"] == "否") == bool(staff["离岗日期"])
        assert staff["更新时间"] < tomorrow
    taken = [row["床位状态"] == "占用" for row in rows["beds"]]
    assert sum(taken) / len(taken) == pytest.approx(0.63, abs=0.07)
    numbers = {row["科室编号"] for row in rows["departments"]}
    assert numbers >= {row["科室编号"] for row in rows["staff"]}

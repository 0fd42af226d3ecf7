"""The lives hang together: enough visits, in order, with bodies that answer to treatment."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from statistics import mean
from zoneinfo import ZoneInfo

import pytest

from minkang.synth import Region, Resident, generate
from minkang.synth.physiology import creatinine, estimated_filtration

LOCAL = ZoneInfo("Asia/Shanghai")


def results(region: Region, resident: Resident, analyte: str) -> list[tuple[date, float]]:
    return [
        (report.observed.astimezone(LOCAL).date(), float(value.text))
        for visit in region.visits
        if visit.person == resident.key
        for report in visit.reports
        for value in report.values
        if value.analyte == analyte
    ]


def with_condition(region: Region, key: str) -> list[tuple[Resident, date]]:
    return [
        (resident, condition.treated)
        for resident in region.residents
        for condition in resident.conditions
        if condition.key == key and condition.treated is not None
    ]


def test_the_same_seed_makes_the_same_region_and_another_does_not() -> None:
    today = date(2026, 3, 2)
    first, second, other = generate(60, 1, today), generate(60, 1, today), generate(60, 2, today)
    assert first == second
    assert first.residents != other.residents


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_life_has_two_visits_and_none_lies_ahead(seed: int) -> None:
    region = generate(120, seed, date(2024, 2, 29))
    counts = Counter(visit.person for visit in region.visits)
    births = {resident.key: resident.birth_date for resident in region.residents}
    assert len(counts) == 120
    assert min(counts.values()) >= 2
    for visit in region.visits:
        assert births[visit.person] < visit.start.date() < region.today
        assert visit.end is None or visit.start < visit.end
        assert visit.end is None or visit.end.date() < region.today


def test_a_single_life_can_be_made() -> None:
    assert len(generate(1, 5, date(2026, 3, 2)).residents) == 1


def test_nobody_is_an_outpatient_while_in_hospital(region: Region) -> None:
    by_person = defaultdict(list)
    for visit in region.visits:
        by_person[visit.person].append(visit)
    for visits in by_person.values():
        for stay in (visit for visit in visits if visit.kind == "I"):
            for other in visits:
                if other is not stay and other.start >= stay.start:
                    assert stay.end is not None
                    assert other.start > stay.end


def test_hba1c_of_diabetics_falls_once_they_are_treated(region: Region) -> None:
    diabetics = with_condition(region, "diabetes")
    assert len(diabetics) >= 10
    for resident, treated in diabetics:
        curve = results(region, resident, "hba1c")
        assert len(curve) >= 6
        assert len(results(region, resident, "glucose")) >= 6
        before = [number for day, number in curve if day <= treated]
        after = [number for day, number in curve if day >= treated + timedelta(days=150)]
        assert before
        assert mean(after) < mean(before) - 0.5


def test_thyroid_and_iron_answer_to_treatment(region: Region) -> None:
    for key, analyte, sign in (("thyroid", "tsh", -1), ("anaemia", "haemoglobin", 1)):
        for resident, treated in with_condition(region, key):
            curve = results(region, resident, analyte)
            before = [number for day, number in curve if day <= treated]
            after = [number for day, number in curve if day >= treated + timedelta(days=150)]
            if before and after:
                assert sign * (mean(after) - mean(before)) > 0


def test_a_failing_kidney_raises_creatinine(region: Region) -> None:
    rises = []
    for resident, _ in with_condition(region, "kidney"):
        curve = [number for _, number in results(region, resident, "creatinine")]
        if len(curve) >= 6:
            rises.append(mean(curve[-3:]) - mean(curve[:3]))
    assert rises
    assert mean(rises) > 5


def test_creatinine_and_filtration_are_each_others_inverse() -> None:
    for sex in "MF":
        for rate in (12.0, 45.0, 88.0, 118.0):
            umol = creatinine(rate, sex, 60)
            assert estimated_filtration(umol, sex, 60) == pytest.approx(rate)


def test_flags_agree_with_the_numbers(region: Region) -> None:
    for visit in region.visits:
        for report in visit.reports:
            for value in report.values:
                if value.analyte == "glucose":
                    number = float(value.text)
                    assert value.flag == ("H" if number > 6.1 else "L" if number < 3.9 else "N")


def test_sensitive_diagnoses_stay_in_their_own_departments(region: Region) -> None:
    for visit in region.visits:
        codes = {diagnosis.code for diagnosis in visit.diagnoses}
        if "F32.1" in codes:
            assert visit.department == "临床心理科"
        if "B24" in codes:
            assert visit.department == "感染性疾病科"


def test_many_are_known_at_several_sources(region: Region) -> None:
    several = sum(len(resident.numbers) > 1 for resident in region.residents)
    assert several > len(region.residents) / 3

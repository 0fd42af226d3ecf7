"""What visits hold: numbers, prescriptions, reports, operations, fees, front pages, referrals."""

from collections import Counter
from datetime import date, timedelta

import pytest

from minkang.synth.lives.calendar import settle
from minkang.synth.lives.drugs import DRUGS, TIMES_A_DAY
from minkang.synth.lives.fees import CLASSES
from minkang.synth.lives.furnish import furnish
from minkang.synth.lives.numbers import patient_number, permuted, visit_number
from minkang.synth.lives.prescribe import lines_of
from minkang.synth.record import Medicine, Visit
from tests.synth.lives.lived import lived, plan, somebody


def visits() -> list[Visit]:
    return [visit for one in lived() for visit in one.visits]


def test_numbers_belong_to_one_visit_and_one_patient() -> None:
    numbers = Counter((visit.institution, visit.number) for visit in visits())
    assert max(numbers.values()) == 1
    patients: dict[tuple[str, str], set[str]] = {}
    for visit in visits():
        patients.setdefault((visit.institution, visit.patient), set()).add(visit.person)
    assert all(len(persons) == 1 for persons in patients.values())


def test_a_permutation_gives_no_number_twice() -> None:
    assert len({permuted(number, "haibin") for number in range(20_000)}) == 20_000
    day = date(2024, 3, 5).toordinal()
    made = {visit_number("haibin", "O", day, "240305", number, 0) for number in range(20_000)}
    assert len(made) == 20_000
    assert patient_number("haibin", "haibin", 7) != patient_number("gangcheng", "gangcheng", 7)


def test_every_pack_covers_its_days() -> None:
    for visit in visits():
        for prescription in visit.prescriptions:
            assert prescription.at >= visit.start
            for line in prescription.lines:
                product = DRUGS[line.drug]
                packs = int(line.quantity.rstrip(product.box))
                if line.frequency not in ("prn", "st") and line.dose == product.dose:
                    units = product.each * TIMES_A_DAY[line.frequency] * line.days
                    assert packs * product.pack >= units - product.each
                assert line.cents == packs * product.cents > 0


@pytest.mark.parametrize(("drug", "age"), [("amoxicillin", 2.5), ("ibuprofen", 4.0)])
def test_a_child_is_given_a_child_s_product(drug: str, age: float) -> None:
    grown = lines_of((Medicine(drug, 5),), 40.0)[0]
    child = lines_of((Medicine(drug, 5),), age)[0]
    assert child.drug != grown.drug
    assert child.route == "口服"


def test_one_class_is_prescribed_once() -> None:
    two = (Medicine("atorvastatin", 28), Medicine("rosuvastatin", 28), Medicine("aspirin", 28))
    assert [line.drug for line in lines_of(two, 70.0)] == ["atorvastatin", "aspirin"]


def test_reports_and_operations_lie_within_their_visit() -> None:
    operated = 0
    for visit in visits():
        for report in visit.reports:
            assert visit.start < report.taken < report.reported
            assert visit.kind != "I" or visit.end is None or report.taken < visit.end
        for study in visit.studies:
            assert visit.start < study.taken < study.reported
        for done in visit.operations:
            operated += 1
            assert visit.start < done.begin < done.end
            assert visit.end is None or done.end <= visit.end
    assert operated


def test_fees_add_up_and_insurance_pays_a_part() -> None:
    paid = total = 0
    for visit in visits():
        assert visit.fees is not None
        assert sum(visit.fees.classes.values()) == visit.fees.total
        assert set(visit.fees.classes) <= set(CLASSES)
        assert 0 <= visit.fees.insured <= visit.fees.total
        if visit.kind == "I":
            paid += visit.fees.insured
            total += visit.fees.total
    assert 0.4 < paid / total < 0.85


def test_an_admission_has_its_front_page() -> None:
    stays = [visit for visit in visits() if visit.kind == "I"]
    assert stays
    for visit in stays:
        page = visit.front_page
        assert page["入院途径"] in ("1", "2", "3", "9")
        assert page["药物过敏"] in ("1", "2")
        if visit.end is not None:
            days = (visit.end.date() - visit.start.date()).days
            assert page["实际住院天数"] == str(max(1, days))
            assert page["离院方式"] == "5" or visit.outcome != "死亡"
            nursing = sum(int(page[f"{level}级护理天数"]) for level in ("一", "二", "三"))
            assert nursing == days
            assert visit.texts["admission-course"]
            assert visit.texts["discharge-condition"]
        else:
            assert "离院方式" not in page


def test_who_is_sent_arrives_and_comes_back() -> None:
    life, day = somebody(), date(2024, 3, 5)
    first = plan(day, care="town", refer="county", because="stroke", lasting=2)
    stay = plan(day + timedelta(days=2), "I", nights=9, because="stroke", weight=3)
    settled, _ = settle(life, [first, stay], [])
    (sender, receiver), forms = furnish(life, settled)
    assert sender.refer == receiver.institution
    assert receiver.referred_from == sender.number
    assert [form.kind for form in forms][:1] == ["referral_out"]
    assert forms[0].values["初步印象"] == "高血压"
    for form in forms[1:]:
        assert form.kind == "referral_back"
        assert receiver.refer == sender.institution
        assert receiver.end is not None
        assert form.at.date() == receiver.end.date()


def test_the_same_doctor_mostly_treats_what_lasts() -> None:
    doctors: dict[tuple[str, str, str], Counter[str]] = {}
    for visit in visits():
        if visit.because == "hypertension":
            seat = (visit.person, visit.institution, visit.department)
            doctors.setdefault(seat, Counter())[visit.doctor] += 1
    often = [one for one in doctors.values() if one.total() >= 8]
    assert often
    assert sum(max(one.values()) / one.total() for one in often) / len(often) > 0.6

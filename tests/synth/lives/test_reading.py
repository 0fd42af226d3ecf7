"""What a clinician who read lives found false, as far as a rule can hold it."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

import pytest

from minkang.synth.lives.desk import centre_desk, expecting
from minkang.synth.lives.drugs import DRUGS, Drug
from minkang.synth.lives.given import suited
from minkang.synth.lives.live import life_of, live
from minkang.synth.lives.vaccination_adults import of_adults
from minkang.synth.record import Diagnosis, Lived, Medicine, Person, Visit
from minkang.synth.texts.apt import said_of, sign_of
from minkang.synth.texts.words import lasting
from tests.synth.lives.lived import lived, plan, somebody, world

_PAIRS = ("A1", "A3", "A4", "B98", "J1", "J85", "K2", "K35", "K65", "N7")
_MEN = re.compile("前列腺|阴囊|睾丸")
_WOMEN = re.compile("月经|子宫|宫颈|阴道|卵巢")
_NOT_OF_CHILDREN = re.compile("饮酒后|熬夜后|工作压力|家庭琐事|情绪不佳后")


@cache
def _lives() -> tuple[Lived, ...]:
    return (*lived(), *(live(world(), number) for number in range(30, 40)))


def _visits() -> Iterator[tuple[Person, Visit]]:
    for one in _lives():
        people = {person.key: person for person in one.household.people}
        for visit in one.visits:
            yield people[visit.person], visit


def _prescribed(visit: Visit) -> list[Drug]:
    return [DRUGS[line.drug] for script in visit.prescriptions for line in script.lines]


def test_no_two_pain_killers_and_no_two_antibiotics_for_a_cold() -> None:
    for _, visit in _visits():
        drugs = _prescribed(visit)
        pain = {one.key for one in drugs if one.kind == "解热镇痛抗炎药" and one.route != "外用"}
        assert len(pain) <= 1, (visit.number, pain)
        most = 2 if any(one.code.startswith(_PAIRS) for one in visit.diagnoses) else 1
        killers = {
            one.key for one in drugs if one.kind.endswith("抗菌药") and "硝基咪唑" not in one.kind
        }
        assert len(killers) <= most or "A15" <= visit.diagnoses[0].code[:3] <= "A19"


def test_children_get_neither_aspirin_nor_quinolones() -> None:
    for person, visit in _visits():
        if person.age(visit.start.date()) < 16:
            for drug in _prescribed(visit):
                assert drug.key != "aspirin"
                assert not (drug.kind.startswith("喹诺酮") and "眼" not in drug.kind)


def test_organs_are_those_of_the_sex() -> None:
    for person, visit in _visits():
        wrong = _WOMEN if person.sex == "M" else _MEN
        for text in visit.texts.values():
            assert not wrong.search(text), text


def test_what_brings_on_a_childs_illness_is_of_a_childs_life() -> None:
    for person, visit in _visits():
        if person.age(visit.start.date()) < 11:
            assert not _NOT_OF_CHILDREN.search(visit.texts.get("present-illness", ""))


def test_complaint_and_story_tell_the_same_time() -> None:
    time = re.compile(r"(\d+(?:个月|天|日|周|年|小时)余?|半月|半天|数小时)$")
    told = 0
    for _, visit in _visits():
        found = time.search(visit.texts.get("complaint", ""))
        story = visit.texts.get("present-illness", "")
        if found is not None and "前" in story[:14] and "加重" not in visit.texts["complaint"]:
            told += 1
            assert found[1] in story, (visit.texts["complaint"], story)
    assert told > 100


def test_the_dying_are_not_told_to_come_again() -> None:
    for _, visit in _visits():
        if visit.outcome == "死亡":
            assert not re.search("复诊|复查|康复|随诊", visit.texts.get("advice", ""))


def test_no_count_is_negative_and_no_report_tells_two_ejection_fractions() -> None:
    for _, visit in _visits():
        for report in visit.reports:
            for value in report.values:
                assert not value.text.startswith("-") or value.analyte == "base-excess"
        for study in visit.studies:
            shares = [int(n) for n in re.findall(r"(?:LVEF |射血分数)(\d+)%", study.findings)]
            assert len(shares) <= 1
            assert all(share >= 25 for share in shares)


def test_an_operation_has_anaesthesia_and_its_stay_medicines() -> None:
    for _, visit in _visits():
        if any(one.operation.level >= 3 for one in visit.operations):
            assert all(one.operation.anaesthesia for one in visit.operations if one.operation.level)
            assert visit.kind != "I" or _prescribed(visit)


@pytest.mark.parametrize(
    ("diagnosis", "asked", "given"),
    [
        (Diagnosis("K25.900", "胃溃疡"), ("ibuprofen",), ("paracetamol",)),
        (Diagnosis("J20.900", "急性支气管炎"), ("levofloxacin", "cefuroxime"), ("levofloxacin",)),
        (Diagnosis("J18.900", "肺炎"), ("ceftriaxone", "azithromycin"),
         ("ceftriaxone", "azithromycin")),
        (Diagnosis("M54.500", "腰痛"), ("celecoxib", "loxoprofen"), ("celecoxib",)),
    ],
)  # fmt: skip
def test_what_is_given_suits(
    diagnosis: Diagnosis, asked: tuple[str, ...], given: tuple[str, ...]
) -> None:
    life = somebody()
    day = date(2024, 5, 6)
    wished = plan(day, diagnoses=(diagnosis,))
    medicines = tuple(Medicine(drug, 5) for drug in asked)
    assert tuple(one.drug for one in suited(life, wished, day, "", medicines)) == given


def test_allergy_is_heeded() -> None:
    day = date(2024, 5, 6)
    medicines = (Medicine("amoxicillin", 5), Medicine("ambroxol", 5))
    left = suited(somebody(), plan(day), day, "青霉素", medicines)
    assert [one.drug for one in left] == ["azithromycin", "ambroxol"]


def test_words_go_with_the_disease() -> None:
    cold, coronary = Diagnosis("J06.900", "上感"), Diagnosis("I25.103", "冠心病")
    ways = ("含服硝酸甘油可缓解", "与活动有关")
    assert said_of(ways, (cold,)) == ["与活动有关"]
    assert said_of(ways, (coronary,)) == list(ways)
    assert sign_of("leg-swelling", (coronary,)) == "oedema"
    assert sign_of("leg-swelling", (Diagnosis("I80.200", "血栓"),)) == "leg-swelling"


@pytest.mark.parametrize("way", range(6))
def test_days_are_rounded_to_the_nearest_week(way: int) -> None:
    assert lasting(13, way) in ("13天", "2周")
    assert lasting(20, way) in ("20天", "3周")


def test_doses_against_covid_are_counted_without_gaps() -> None:
    for one in _lives():
        for person in one.household.people:
            life = life_of(world(), one.household, person)
            doses = of_adults(life, centre_desk(life, "vaccination"))
            numbers = [dose.dose for dose in doses if dose.vaccine.startswith("covid")]
            assert numbers == list(range(1, len(numbers) + 1))
            assert not any(expecting(life, dose.day) for dose in doses)

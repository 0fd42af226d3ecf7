"""What is written: complaints, histories, examinations, reports of imaging."""

from collections.abc import Iterator
from datetime import date
from random import Random

import msgspec
import pytest

from minkang.synth.lives.drugs import ALIASES, DRUGS, FOR_CHILDREN, TIMES_A_DAY
from minkang.synth.record import Care, Condition, Diagnosis, Kind, Person, Plan, Vitals
from minkang.synth.texts import notes
from minkang.synth.texts.case import Case
from minkang.synth.texts.imaging import STUDIES, report
from minkang.synth.texts.signs import SIGNS
from minkang.synth.texts.slips import slipped
from minkang.synth.texts.style import drawn
from minkang.synth.texts.symptoms import DENIED, SYMPTOMS

DAY = date(2024, 3, 5)
WOMENS = ("子宫", "宫颈", "月经", "附件", "阴道", "卵巢", "孕妇")
MENS = ("前列腺", "睾丸", "阴囊", "附睾")


def person(sex: str = "M", birth: date = date(1960, 5, 1)) -> Person:
    return Person(
        "v-0001-01", "v-0001", "于", "海", "F" if sex == "F" else "M", birth, "", "", "v", ""
    )


def case(
    seed: int, symptoms: tuple[str, ...], *, kind: Kind = "O", sex: str = "M", born: int = 1960,
    vitals: Vitals | None = None, known: tuple[Condition, ...] = (), because: str = "",
    care: Care = "town", specialty: str = "general", lasting: int = 3,
) -> Case:  # fmt: skip
    who = person(sex, date(born, 5, 1))
    plan = Plan(
        who.key, DAY, kind, care, specialty, (Diagnosis("J06.900", "急性上呼吸道感染"),),
        symptoms=symptoms, lasting=lasting, because=because,
    )  # fmt: skip
    random = Random(seed)
    return Case(
        person=who, age=who.age(DAY), plan=plan, random=random, style=drawn(Random(seed)),
        ordinal=DAY.toordinal(), vitals=vitals or Vitals(), known=known,
    )  # fmt: skip


def all_symptoms(sex: str) -> Iterator[tuple[str, ...]]:
    keys = [key for key, one in SYMPTOMS.items() if one.sex in ("", sex)]
    random = Random(4)
    for key in keys:
        yield (key, *random.sample(keys, 2))


def written(one: Case) -> dict[str, str]:
    return notes.outpatient(one, (), "haibin", slips=False)


@pytest.mark.parametrize(("sex", "others"), [("M", WOMENS), ("F", MENS)])
def test_nobody_has_the_other_sex_s_organs(sex: str, others: tuple[str, ...]) -> None:
    for number, symptoms in enumerate(all_symptoms(sex)):
        for kind in ("O", "I"):
            one = case(number, symptoms, sex=sex, kind="I" if kind == "I" else "O")
            texts = (
                written(one)
                if kind == "O"
                else notes.inpatient(
                    one, (), (), "haibin", ("于一", "于二", ""), (), finished=True, slips=False
                )
            )
            for text in texts.values():
                assert not any(word in text for word in others), (symptoms, text)
                assert "{" not in text
                assert "None" not in text


def test_a_complaint_has_at_most_twenty_characters() -> None:
    for number, symptoms in enumerate(all_symptoms("F")):
        for lasting in (0, 1, 14, 90, 3650):
            text = written(case(number, symptoms, sex="F", lasting=lasting))["complaint"]
            assert 0 < len(text) <= 20, text


def test_what_is_complained_of_is_not_denied() -> None:
    for number, symptoms in enumerate(all_symptoms("M")):
        one = case(number, symptoms)
        text = written(one)["present-illness"]
        start = text.rfind(one.style.denies)
        denied = text[start:].split("，")[0] if start >= 0 else ""
        chief = SYMPTOMS[symptoms[0]]
        assert chief.name not in denied, text
        for key in symptoms[1:]:
            assert SYMPTOMS[key].name not in denied.split("、"), text


def test_who_is_hot_does_not_deny_fever() -> None:
    for seed in range(200):
        one = case(seed, ("cough", "sputum"), vitals=Vitals(celsius=38.6, pulse=98, breaths=20))
        text = written(one)["present-illness"]
        denied = [part for part in text.split("，") if part.startswith(one.style.denies)]
        assert not any("发热" in part for part in denied), text


def test_pressure_is_quoted_as_measured() -> None:
    high = Condition("hypertension", "I10", "高血压", date(2010, 1, 1), found=date(2012, 1, 1))
    measured = Vitals(systolic=163, diastolic=97, pulse=71, breaths=18)
    for seed in range(60):
        texts = written(case(seed, (), vitals=measured, known=(high,), because="hypertension"))
        assert "163/97mmHg" in texts["examination"]
        assert "163/97mmHg" in texts["present-illness"]
        assert "12年" in texts["past-history"]


def test_a_child_s_story_is_told_by_others() -> None:
    told = [written(case(seed, ("fever", "cough"), born=2021)) for seed in range(80)]
    assert all("患者" not in one["present-illness"] for one in told)
    assert any("代诉" in one["present-illness"] for one in told)


def test_there_are_thousands_of_ways_to_say_it() -> None:
    keys = ("cough", "headache", "epigastric-pain", "low-back-pain", "chest-tightness", "dizziness")
    seen: dict[str, set[str]] = {}
    for seed in range(5600):
        symptoms = (keys[seed % 6], "fatigue") if seed % 2 else (keys[seed % 6],)
        vitals = Vitals(120 + seed % 50, 76, 60 + seed % 30, 18, 36.5)
        for key, text in written(case(seed, symptoms, vitals=vitals, lasting=seed % 30)).items():
            seen.setdefault(key, set()).add(text)
    assert len(seen["present-illness"]) > 5000
    assert len(seen["examination"]) > 5000


def test_slips_leave_numbers_alone() -> None:
    text = "测血压160/95mmHg，体温38.5℃，咳嗽加重3天，无明显诱因，予以治疗后缓解。"
    digits = [letter for letter in text if letter.isascii()]
    slips = {slipped(Random(seed), text) for seed in range(300)}
    assert len(slips) > 30
    assert all([letter for letter in one if letter.isascii()] == digits for one in slips)


@pytest.mark.parametrize("study", sorted(STUDIES))
def test_every_finding_can_be_reported(study: str) -> None:
    random = Random(3)
    for finding in ("", *STUDIES[study].findings):
        for _ in range(4):
            findings, impression = report(random, study, finding)
            assert findings.endswith("。")
            assert "{" not in findings + impression


def test_one_study_names_one_side() -> None:
    random = Random(5)
    for side, other in (("left", "右"), ("right", "左")):
        for _ in range(60):
            findings, impression = report(random, "chest-ct", f"mass-{side}")
            assert other not in impression
            assert other not in findings.split("。")[0]


def test_catalogues_know_each_other() -> None:
    assert {one.sign for one in SYMPTOMS.values()} - {""} <= set(SIGNS)
    assert {key for keys in DENIED.values() for key in keys} <= set(SYMPTOMS)
    assert {one.system for one in SYMPTOMS.values()} <= set(DENIED)
    assert set(ALIASES.values()) | set(FOR_CHILDREN.values()) <= set(DRUGS)
    assert {one.frequency for one in DRUGS.values()} <= set(TIMES_A_DAY)
    assert len(DRUGS) >= 180
    assert len(SYMPTOMS) >= 150


def test_the_same_case_is_written_the_same() -> None:
    first = written(case(9, ("fever", "sore-throat")))
    again = written(case(9, ("fever", "sore-throat")))
    assert msgspec.json.encode(first) == msgspec.json.encode(again)

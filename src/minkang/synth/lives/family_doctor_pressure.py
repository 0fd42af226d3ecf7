"""Follow-ups of managed hypertension (HSDB04.01), with the pressure that the body has that day."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from minkang.synth.lives.body import blood_pressure, height_weight, pulse
from minkang.synth.lives.chronic_medicines import medicines_of
from minkang.synth.lives.desk import Desk, family_desk, form, here, morning, open_day
from minkang.synth.lives.family_doctor_medicines import lines
from minkang.synth.lives.family_doctor_rounds import rounds, way
from minkang.synth.lives.habits_forms import followup_habits, salt, sizes
from minkang.synth.lives.life import Life
from minkang.synth.lives.managed import Managed
from minkang.synth.record import Form

KEY = "hypertension"
_COUGHING = ("enalapril", "captopril", "perindopril", "benazepril")
_SWELLING = ("amlodipine", "nifedipine", "nifedipine-controlled", "felodipine")


def measured(life: Life, day: date, random: Random) -> tuple[int, int]:
    """Blood pressure as the village doctor reads it: even numbers, and tens more often."""
    systolic, diastolic = blood_pressure(life.body, day)
    return _read(systolic + random.gauss(0, 5), random), _read(
        diastolic + random.gauss(0, 3.5), random
    )


def _read(value: float, random: Random) -> int:
    return round(value / 10) * 10 if random.random() < 0.12 else round(value / 2) * 2


def controlled(systolic: int, diastolic: int, age: float) -> bool:
    """The service rule's goal: below 140/90, from 65 years below 150/90 (third edition)."""
    return systolic < (150 if age >= 65 else 140) and diastolic < 90


def pressure_followups(life: Life, managed: Managed) -> Iterator[Form]:
    """The forms of the window; where the pressure is high, another a fortnight later."""
    random = life.stream("followup-hypertension")
    desk = family_desk(life)
    high_before = False
    for day in rounds(life, managed):
        systolic, diastolic = measured(life, day, random)
        well = controlled(systolic, diastolic, life.age(day))
        again = open_day(day + timedelta(days=14))
        back = not well and managed.strict and random.random() < 0.55
        following = again if not well else day + timedelta(days=91)
        yield _form(life, desk, day, (systolic, diastolic), following, high_before, random)
        high_before = not well
        if back and here(life, again):
            values = measured(life, again, random)
            well = controlled(*values, life.age(again))
            after = again + timedelta(days=77 if well else 14)
            yield _form(life, desk, again, values, after, high_before, random)
            high_before = not well


def _form(
    life: Life,
    desk: Desk,
    day: date,
    pressure: tuple[int, int],
    following: date,
    high_before: bool,
    random: Random,
) -> Form:
    age = life.age(day)
    well = controlled(*pressure, age)
    code, other = _symptoms(life, day, pressure, random)
    tall, heavy = height_weight(life.body, day)
    met = way(random, day, age)
    measured_sizes = sizes(tall, heavy + random.gauss(0, 0.4))
    values = {
        "随访日期": day.isoformat(),
        "随访方式": met,
        "症状": code,
        "症状其他": other,
        "收缩压": str(pressure[0]),
        "舒张压": str(pressure[1]),
        **(measured_sizes if met != "3" else {}),
        "心率": str(round(pulse(life.body, day) + random.gauss(0, 4))),
        **followup_habits(life, day, random),
        **salt(life, random),
        **_treatment(life, day, well, random),
        "下次随访日期": following.isoformat(),
        "随访医生签名": desk.doctor_name,
    }
    if high_before and not well:
        hospital = life.world.place.institution("county", life.person.village, 0.0)
        values["转诊原因"] = "连续两次血压控制不满意"
        values["转诊机构及科别"] = f"{hospital.name}心内科"
    return form(life, desk, morning(random, day), "hypertension_followup", values, KEY)


def _treatment(life: Life, day: date, well: bool, random: Random) -> dict[str, str]:
    """Medicines, how they are taken and borne, and the class of this follow-up."""
    medicines = medicines_of(life, KEY, day)
    reaction = _reaction(tuple(medicine.drug for medicine in medicines), random)
    regular = life.body.adherence + random.gauss(0, 0.12)
    ill = any(life.has(key, day) for key in _COMPLICATIONS)
    grade = "1" if well else "4" if ill and random.random() < 0.2 else "2"
    return {
        "心理调整": "1" if random.random() < 0.85 else "2",
        "遵医行为": "1" if regular > 0.6 else "2",
        "服药依从性": "3" if not medicines else "1" if regular > 0.55 else "2",
        "药物不良反应": "2" if reaction else "1",
        "药物不良反应描述": reaction,
        "此次随访分类": "3" if reaction and well else grade,
        **lines(medicines, 5),
    }


_COMPLICATIONS = ("stroke-ischaemic", "infarction", "heart-failure", "kidney")


def _reaction(drugs: tuple[str, ...], random: Random) -> str:
    drawn = random.random()
    if drawn < 0.02 and any(drug in _COUGHING for drug in drugs):
        return "服药后干咳"
    if drawn < 0.012 and any(drug in _SWELLING for drug in drugs):
        return "踝部轻度水肿"
    return ""


def _symptoms(life: Life, day: date, pressure: tuple[int, int], random: Random) -> tuple[str, str]:
    """Codes of the form's symptoms, and the other one in words."""
    found = []
    drawn = random.random()
    if drawn < 0.04 + max(0, pressure[0] - 145) * 0.012:
        found.append("2")
    if life.has("coronary", day) and random.random() < 0.15:
        found.append("6")
    if life.has("heart-failure", day) and random.random() < 0.35:
        found += ["5", "9"]
    if life.has("stroke-ischaemic", day) and random.random() < 0.2:
        found.append("8")
    if drawn > 0.985:
        return "、".join([*found, "10"]), random.choice(("夜间睡眠差", "乏力", "耳后发胀"))
    return "、".join(found) or "1", ""

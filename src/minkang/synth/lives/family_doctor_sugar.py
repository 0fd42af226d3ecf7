"""Follow-ups of managed type 2 diabetes (HSDB04.02), with the sugar that the body has that day."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from minkang.synth.lives.body import after_meal, glucose, hba1c, height_weight
from minkang.synth.lives.chronic_medicines import medicines_of
from minkang.synth.lives.desk import Desk, family_desk, form, here, morning, open_day
from minkang.synth.lives.family_doctor_medicines import insulin, is_insulin, lines
from minkang.synth.lives.family_doctor_pressure import measured
from minkang.synth.lives.family_doctor_rounds import rounds, way
from minkang.synth.lives.habits_forms import followup_habits, sizes
from minkang.synth.lives.life import Life
from minkang.synth.lives.managed import Managed
from minkang.synth.record import Form, Medicine

KEY = "diabetes"
_SINKING = ("gliclazide", "glimepiride", "glipizide", "repaglinide", "gliquidone")


def sugar_followups(life: Life, managed: Managed) -> Iterator[Form]:
    """The forms of the window; where fasting glucose is 7.0 and more, another after two weeks."""
    random = life.stream("followup-diabetes")
    desk = family_desk(life)
    high_before, yearly = False, 0
    for at, day in enumerate(rounds(life, managed)):
        fasting = max(3.2, glucose(life.body, day) * random.gauss(1, 0.07))
        high = fasting >= 7.0
        again = open_day(day + timedelta(days=14))
        back = high and managed.strict and random.random() < 0.25
        following = again if high else day + timedelta(days=91)
        yield _form(life, desk, day, fasting, following, high_before, at % 4 == yearly, random)
        high_before = high
        if back and here(life, again):
            fasting = max(3.2, glucose(life.body, again) * random.gauss(1, 0.07))
            after = again + timedelta(days=14 if fasting >= 7 else 77)
            yield _form(life, desk, again, fasting, after, high_before, False, random)
            high_before = fasting >= 7.0


def _form(
    life: Life,
    desk: Desk,
    day: date,
    fasting: float,
    following: date,
    high_before: bool,
    with_hba1c: bool,
    random: Random,
) -> Form:
    high = fasting >= 7.0
    tall, heavy = height_weight(life.body, day)
    systolic, diastolic = measured(life, day, random)
    met = way(random, day, life.age(day))
    values = {
        "随访日期": day.isoformat(),
        "随访方式": met,
        "症状": _symptoms(life, day, fasting, random),
        "收缩压": str(systolic),
        "舒张压": str(diastolic),
        **sizes(tall, heavy + random.gauss(0, 0.4)),
        **_feet(life, day, random),
        **followup_habits(life, day, random),
        "主食": str(random.choice((250, 300, 300, 350, 400))),
        "目标主食": "250",
        "空腹血糖": f"{fasting:.1f}",
        **_treatment(life, day, fasting, random),
        "下次随访日期": following.isoformat(),
        "随访医生签名": desk.doctor_name,
    }
    if random.random() < 0.3:
        values["餐后血糖"] = f"{after_meal(life.body, day) * random.gauss(1, 0.08):.1f}"
    if with_hba1c and met != "3":
        values["糖化血红蛋白"] = f"{hba1c(life.body, day) + random.gauss(0, 0.12):.1f}"
        values["糖化血红蛋白检查日期"] = day.isoformat()
    if high and high_before:
        hospital = life.world.place.institution("county", life.person.village, 0.0)
        values["转诊原因"] = "连续两次空腹血糖控制不满意"
        values["转诊机构及科别"] = f"{hospital.name}内分泌科"
    return form(life, desk, morning(random, day), "diabetes_followup", values, KEY)


def _treatment(life: Life, day: date, fasting: float, random: Random) -> dict[str, str]:
    """Medicines, how they are taken and borne, low sugar, and the class of this follow-up."""
    medicines = medicines_of(life, KEY, day)
    drugs = tuple(medicine.drug for medicine in medicines)
    sinks = any(drug in _SINKING or is_insulin(drug) for drug in drugs)
    low = fasting < 3.9 or (random.random() < 0.03 and sinks)
    reaction = "腹泻、腹胀" if "metformin" in drugs and random.random() < 0.015 else ""
    regular = life.body.adherence + random.gauss(0, 0.12)
    return {
        "心理调整": "1" if random.random() < 0.85 else "2",
        "遵医行为": "1" if regular > 0.6 else "2",
        "服药依从性": "3" if not medicines else "1" if regular > 0.55 else "2",
        "药物不良反应": "2" if reaction else "1",
        "药物不良反应描述": reaction,
        "低血糖反应": "2" if low else "1",
        "此次随访分类": "2" if fasting >= 7.0 else "3" if reaction else "1",
        **_medicines(medicines),
    }


def _medicines(medicines: tuple[Medicine, ...]) -> dict[str, str]:
    tablets = tuple(medicine for medicine in medicines if not is_insulin(medicine.drug))
    return {**lines(tablets, 3), **insulin(medicines)}


def _symptoms(life: Life, day: date, fasting: float, random: Random) -> str:
    found = []
    if fasting > 11 and random.random() < 0.5:
        found += ["2", "4"]
    if life.has("retinopathy", day) and random.random() < 0.35:
        found.append("5")
    if life.has("neuropathy", day) and random.random() < 0.45:
        found.append("7")
    if life.has("kidney", day) and random.random() < 0.12:
        found.append("8")
    return "、".join(found) or "1"


def _feet(life: Life, day: date, random: Random) -> dict[str, str]:
    if life.has("diabetic-foot", day):
        return {"足背动脉搏动": "2", "足背动脉搏动部位": "双侧"}
    if random.random() < 0.02:
        return {"足背动脉搏动": "2", "足背动脉搏动部位": random.choice(("左侧", "右侧"))}
    return {"足背动脉搏动": "1"}

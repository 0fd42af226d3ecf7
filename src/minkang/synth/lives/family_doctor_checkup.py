"""The yearly check-up of those over 65 and of managed patients (健康体检表), at the centre.

About 72 % of those over 65 come (plans: 65-75 %), of managed patients under 65 about 60 %. The
village is invited in its own weeks of spring to autumn. What is measured follows the body; what the
centre has no device for stays empty.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from minkang.synth.draws import share
from minkang.synth.lives.body import (
    creatinine,
    filtration,
    glucose,
    haemoglobin,
    hba1c,
    height_weight,
    lipids,
    pulse,
)
from minkang.synth.lives.chronic_medicines import all_medicines
from minkang.synth.lives.desk import centre_desk, form, here, morning, open_day
from minkang.synth.lives.drugs import DRUGS, FREQUENCY_WORDS
from minkang.synth.lives.family_doctor_pressure import measured
from minkang.synth.lives.habits_forms import checkup_habits
from minkang.synth.lives.life import Life
from minkang.synth.lives.managed import Managed, is_managed, unaware
from minkang.synth.lives.old_age import constitution, dependence, memory
from minkang.synth.record import Form

_CLEAR: Final = "未见异常"
_LONG: Final = ("hypertension", "diabetes", "dyslipidaemia", "coronary", "copd",
                "stroke-ischaemic", "heart-failure", "gout", "hypothyroidism")  # fmt: skip


def checkups(life: Life, managed: tuple[Managed, ...]) -> Iterator[Form]:
    """One form a year for whom it is meant."""
    if life.age(life.end) < 65 and not managed:
        return
    random = life.stream("health-checkup")
    comes = random.random()
    week = share(life.world.seed, "checkup-weeks", life.person.village)
    for year in range(life.begin.year, life.end.year + 1):
        chance, at = random.random(), int(random.random() * 18)
        day = open_day(date(year, 3, 10) + timedelta(days=int(week * 200) + at))
        if date(2020, 1, 26) <= day < date(2020, 5, 1):
            day = open_day(day + timedelta(days=100))
        if not here(life, day):
            continue
        old = year - life.person.birth.year >= 65
        meant = old or any(is_managed(managed, one.key, day) for one in managed)
        habit = 0.965 if old else 0.66
        if meant and comes < habit and chance < 0.94 and not unaware(life, day):
            yield _checkup(life, day, old, random)


def _checkup(life: Life, day: date, old: bool, random: Random) -> Form:
    desk = centre_desk(life, "general", random.random())
    left = measured(life, day, random)
    right = (left[0] + random.choice((-4, 0, 2, 4, 6)), left[1] + random.choice((-2, 0, 2, 4)))
    tall, heavy = height_weight(life.body, day)
    index = heavy / (tall / 100) ** 2
    blood = _laboratory(life, day, random)
    fatty = index > 26.5 and random.random() < 0.6
    tracing = _tracing(life, day, random)
    values = {
        "体检日期": day.isoformat(),
        "责任医生": desk.doctor_name,
        "症状": _symptoms(life, day, random),
        "体温": f"{random.gauss(36.4, 0.2):.1f}",
        "脉率": str(round(pulse(life.body, day) + random.gauss(0, 4))),
        "呼吸频率": str(random.choice((16, 17, 18, 18, 19, 20))),
        "左侧收缩压": str(left[0]),
        "左侧舒张压": str(left[1]),
        "右侧收缩压": str(right[0]),
        "右侧舒张压": str(right[1]),
        "身高": f"{tall:.1f}",
        "体重": f"{heavy:.1f}",
        "腰围": str(round(84 + (index - 24) * 2.5 + random.gauss(0, 3))),
        "体质指数": f"{index:.1f}",
        **(_old(life, day, random) if old else {}),
        **checkup_habits(life, day, random),
        **_work(life),
        **_body(life, day, random),
        **blood,
        "心电图": tracing,
        "腹部B超": "脂肪肝" if fatty else _CLEAR,
        **_known(life, day),
        **_medicines(life, day),
    }
    values |= _judged(life, day, left, index, values, fatty, tracing)
    return form(life, desk, morning(random, day), "health_checkup", values, "health-checkup")


def _symptoms(life: Life, day: date, random: Random) -> str:
    found = []
    if life.has("coronary", day) and random.random() < 0.35:
        found.append("5")
    if life.has("copd", day) and random.random() < 0.6:
        found += ["7", "9"]
    if random.random() < 0.08:
        found.append(random.choice(("2", "3")))
    if life.age(day) > 60 and random.random() < 0.12:
        found.append("16")
    return "、".join(dict.fromkeys(found)) or "1"


def _old(life: Life, day: date, random: Random) -> dict[str, str]:
    """Self-care, memory and mood of those over 65."""
    points, mind = dependence(life, day), memory(life, day)
    grade = "1" if points <= 3 else "2" if points <= 8 else "3" if points <= 18 else "4"
    low = life.has("depression", day) is not None or random.random() < 0.02
    found = {
        "老年人健康状态自我评估": "4" if points > 8 else random.choice(("1", "2", "2", "3")),
        "老年人生活自理能力自我评估": grade,
        "自理能力评分": str(points),
        "老年人认知功能": "2" if mind < 24 else "1",
        "老年人情感状态": "2" if low else "1",
        "辅助检查其他": f"中医体质辨识：{constitution(life)}",
    }
    if mind < 24:
        found["简易智力状态检查总分"] = str(mind)
    if low:
        found["老年人抑郁评分"] = str(random.randint(11, 18))
    return found


def _work(life: Life) -> dict[str, str]:
    if not life.body.habits.dust:
        return {"职业病危害因素接触史": "1"}
    years = max(3, int(life.age(life.begin) - 30) // 2)
    return {
        "职业病危害因素接触史": "2",
        "危害因素工种及从业时间": f"{life.person.occupation or '采石工'}，{min(years, 25)}年",
        "粉尘及防护措施": "矽尘，戴口罩",
    }


def _body(life: Life, day: date, random: Random) -> dict[str, str]:
    """The examination from head to foot."""
    age = life.age(day)
    draw = random.random
    lungs, fibrillates = life.has("copd", day), life.has("atrial-fibrillation", day)
    swollen = life.has("heart-failure", day) is not None and draw() < 0.5
    near = max(0.2, min(1.0, 1.05 - max(0.0, age - 50) * 0.014 + random.gauss(0, 0.12)))
    teeth = "2" if draw() < (age - 45) / 50 else "1"
    beats = round(pulse(life.body, day) + random.gauss(0, 3))
    found = {
        "口唇": "3" if lungs is not None and lungs.severity > 0.8 else "1",
        "齿列": teeth + ("、4" if teeth == "2" and draw() < 0.4 else ""),
        "咽部": "1" if draw() < 0.93 else "2",
        "左眼视力": f"{near:.1f}",
        "右眼视力": f"{max(0.1, near + random.choice((-0.1, 0, 0, 0.1))):.1f}",
        "听力": "2" if draw() < max(0.01, (age - 68) * 0.018) else "1",
        "运动功能": "2" if dependence(life, day) > 16 else "1",
        "皮肤": "01",
        "巩膜": "1",
        "淋巴结": "1",
        "桶状胸": "2" if lungs is not None and lungs.severity > 0.45 else "1",
        "呼吸音": "2" if lungs is not None and draw() < 0.5 else "1",
        "罗音": "2" if lungs is not None and draw() < 0.3 else "1",
        "心率": str(beats),
        "心律": "3" if fibrillates is not None else "2" if draw() < 0.03 else "1",
        "心脏杂音": "无",
        "腹部压痛": "无",
        "腹部包块": "无",
        "肝大": "无",
        "脾大": "无",
        "移动性浊音": "无",
        "下肢水肿": "4" if swollen else "1",
        "足背动脉搏动": "2",
    }
    if found["呼吸音"] == "2":
        found["呼吸音异常"] = "双肺呼吸音减低"
    if life.has("diabetes", day):
        found["眼底"] = "2 视网膜病变" if life.has("retinopathy", day) else "1"
    return found


def _laboratory(life: Life, day: date, random: Random) -> dict[str, str]:
    """Blood and urine; glucose, kidney, lipids and haemoglobin are the body's own."""
    gauss, body = random.gauss, life.body
    fats = lipids(body, day)
    rate = filtration(body, day)
    umol = creatinine(rate, life.person.sex, life.age(day)) * gauss(1, 0.04)
    sugar = glucose(body, day) * gauss(1, 0.03)
    liver = random.lognormvariate(2.95, 0.35) * (1.25 if body.habits.drinks == 2 else 1)
    found = {
        "血红蛋白": str(round(haemoglobin(body, day) + gauss(0, 2))),
        "白细胞": f"{max(3.2, gauss(6.1, 1.2)):.2f}",
        "血小板": str(round(max(95, gauss(215, 42)))),
        "尿蛋白": "+" if rate < 50 and random.random() < 0.5 else "阴性",
        "尿糖": "++" if sugar > 11 else "阴性",
        "尿酮体": "阴性",
        "尿潜血": "阴性" if random.random() < 0.92 else "+",
        "空腹血糖": f"{sugar:.2f}",
        "血清谷丙转氨酶": str(round(liver)),
        "血清谷草转氨酶": str(round(liver * 0.55 + gauss(11, 2))),
        "白蛋白": f"{gauss(44, 2.2):.1f}",
        "总胆红素": f"{random.lognormvariate(2.5, 0.3):.1f}",
        "结合胆红素": f"{random.lognormvariate(1.2, 0.3):.1f}",
        "血清肌酐": str(round(umol)),
        "血尿素": f"{max(2.4, 5.4 + (80 - min(rate, 95)) * 0.09 + gauss(0, 0.9)):.2f}",
        "总胆固醇": f"{fats['cholesterol'] * gauss(1, 0.03):.2f}",
        "甘油三酯": f"{max(0.4, fats['triglyceride'] * gauss(1, 0.12)):.2f}",
        "血清低密度脂蛋白胆固醇": f"{fats['ldl'] * gauss(1, 0.03):.2f}",
        "血清高密度脂蛋白胆固醇": f"{fats['hdl'] * gauss(1, 0.03):.2f}",
    }
    if life.has("diabetes", day) and random.random() < 0.5:
        found["糖化血红蛋白"] = f"{hba1c(body, day) + gauss(0, 0.1):.1f}"
    return found


def _tracing(life: Life, day: date, random: Random) -> str:
    if life.has("atrial-fibrillation", day):
        return "心房颤动"
    if life.has("infarction", day):
        return "窦性心律，异常Q波"
    drawn = random.random()
    if life.has("coronary", day) and drawn < 0.5:
        return "窦性心律，ST-T改变"
    if drawn < 0.72:
        return "窦性心律，正常心电图"
    return random.choice(
        ("窦性心动过缓", "窦性心律，T波改变", "完全性右束支传导阻滞", "窦性心律，左室高电压",
         "窦性心律，偶发室性早搏", "Ⅰ度房室传导阻滞")
    )  # fmt: skip


def _known(life: Life, day: date) -> dict[str, str]:
    """The form's list of known diseases by organ."""
    known = {condition.key for condition in life.known(day)}

    def codes(*pairs: tuple[str, str]) -> str:
        return "、".join(sorted({code for key, code in pairs if key in known})) or "1"

    return {
        "脑血管疾病": codes(("stroke-ischaemic", "2"), ("stroke-haemorrhagic", "3")),
        "肾脏疾病": codes(("kidney", "3" if "diabetes" not in known else "2")),
        "心脏疾病": codes(("infarction", "2"), ("coronary", "3"), ("heart-failure", "5")),
        "血管疾病": "1",
        "眼部疾病": codes(("retinopathy", "2"), ("cataract", "4")),
        "神经系统其他疾病": "2 帕金森病" if "parkinson" in known else "1",
        "其他系统疾病": "2 " + "、".join(_others(life, day)) if _others(life, day) else "1",
    }


def _others(life: Life, day: date) -> list[str]:
    return [
        condition.name
        for condition in life.known(day)
        if condition.key in ("copd", "gout", "osteoporosis", "hypothyroidism", "diabetes")
    ]


def _medicines(life: Life, day: date) -> dict[str, str]:
    regular = "1" if life.body.adherence > 0.55 else "2"
    found: dict[str, str] = {}
    begun = {c.key: c.treated for c in life.conditions if c.treated is not None}
    years = max(1, (day - min(begun.values())).days // 365) if begun else 1
    for at, medicine in enumerate(all_medicines(life, _LONG, day)[:6], 1):
        drug = DRUGS[medicine.drug]
        often = FREQUENCY_WORDS.get(medicine.frequency or drug.frequency, "")
        found[f"药物{at}名称"] = drug.name
        found[f"药物{at}用法"] = f"{drug.route}，{often}" if often else drug.route
        found[f"药物{at}用量"] = f"每次{medicine.dose or drug.dose}"
        found[f"药物{at}用药时间"] = f"{years}年"
        found[f"药物{at}服药依从性"] = regular
    return found


def _judged(
    life: Life,
    day: date,
    pressure: tuple[int, int],
    index: float,
    values: dict[str, str],
    fatty: bool,
    tracing: str,
) -> dict[str, str]:
    """What the doctor makes of it: up to four abnormalities, advice, risks."""
    odd = []
    if pressure[0] >= 140 or pressure[1] >= 90:
        odd.append(f"血压偏高（{pressure[0]}/{pressure[1]}mmHg）")
    if float(values["空腹血糖"]) >= 7.0:
        odd.append(f"空腹血糖升高（{values['空腹血糖']}mmol/L）")
    if index >= 24:
        odd.append("肥胖" if index >= 28 else "超重")
    if float(values["总胆固醇"]) >= 6.2 or float(values["甘油三酯"]) >= 2.3:
        odd.append("血脂异常")
    if fatty:
        odd.append("脂肪肝")
    if "正常" not in tracing and "偏" not in tracing:
        odd.append(f"心电图：{tracing}")
    advice = ["1"] if life.known(day) else []
    if odd:
        advice.append("2")
    risks = ["3", "4"]
    if values["吸烟状况"] == "3":
        risks.insert(0, "1")
    if index >= 24:
        risks.append("5")
    if life.age(day) >= 60:
        risks.append("6")
    found = {
        "健康评价": "2" if odd else "1",
        **{f"异常{n}": text for n, text in enumerate(odd[:4], 1)},
        "指导": "、".join(advice),
        "危险因素控制": "、".join(risks),
    }
    if index >= 24:
        tall = float(values["身高"]) / 100
        found["减体重目标"] = f"{max(23.9 * tall**2, float(values['体重']) - 3):.1f}"
    if life.age(day) >= 60:
        found["建议接种疫苗"] = "流感疫苗、肺炎球菌疫苗"
    return found

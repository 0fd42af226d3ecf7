"""The forms of a pregnancy at the resident's own centre (WS/T 483, HSDB02.01-02.04).

The first visit before the thirteenth week, four more at about 17, 22, 30 and 38 weeks, a visit at
home within a week of leaving hospital, an examination after six weeks. Nearly all women are
reached (plans: at least 97 % looked after from first to last).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from minkang.synth.lives.body import blood_pressure, glucose, haemoglobin, height_weight
from minkang.synth.lives.desk import centre_desk, form, here, morning, open_day
from minkang.synth.lives.life import Life, usual
from minkang.synth.lives.maternity_birth import birth_of
from minkang.synth.lives.maternity_course import COLOURS, Course
from minkang.synth.lives.maternity_visits import because, weeks_of
from minkang.synth.record import Form, Person

_CLEAR: Final = "未见异常"
_PRESSED: Final = {"gestational": (26, 15), "preeclampsia": (31, 19), "severe": (46, 27)}
_GROUPS: Final = {"A": "1", "B": "2", "O": "3", "AB": "4"}


def antenatal_forms(life: Life, course: Course, hepatitis: bool) -> Iterator[Form]:
    """The first antenatal form and the second to fifth, as far as the pregnancy went."""
    random = life.stream(f"antenatal-forms-{course.pregnancy.last_period.toordinal()}")
    start, last = course.pregnancy.last_period, course.pregnancy.ended - timedelta(days=2)
    late = random.random() > 0.965
    booked = random.uniform(14, 22) if late else random.triangular(7.2, 12.8, 9.6)
    weeks = [booked, *(week for week in (17.2, 22.4, 30.3, 37.7) if week > booked + 2)]
    days = [open_day(start + timedelta(days=int(w * 7 + random.uniform(-4, 5)))) for w in weeks]
    wanted = course.pregnancy.outcome == "ended" and course.weeks < 13
    for at, day in enumerate(days):
        missed = random.random() < 0.025
        if day > last or not here(life, day) or wanted or (missed and at):
            continue
        following = days[at + 1] if at + 1 < len(days) else start + timedelta(days=280)
        if at == 0:
            yield _first(life, course, random, day, following, hepatitis)
        else:
            yield _later(life, course, random, day, following, at + 1, hepatitis)


def pressure_at(life: Life, course: Course, random: Random, day: date) -> tuple[int, int]:
    """Blood pressure on that day of the pregnancy, as measured at a desk."""
    systolic, diastolic = blood_pressure(life.body, day)
    if course.pressure and course.week(day) >= 31 and day <= course.pregnancy.ended:
        more = _PRESSED[course.pressure]
        systolic, diastolic = systolic + more[0], diastolic + more[1]
    return round(systolic + random.gauss(0, 4)), round(diastolic + random.gauss(0, 3))


def _first(
    life: Life, course: Course, random: Random, day: date, following: date, hepatitis: bool
) -> Form:
    desk = centre_desk(life, "women-health")
    weeks, days = weeks_of(course, day)
    tall, heavy = height_weight(life.body, day)
    husband = life.member(life.person.spouse)
    colour, why, purple = course.risks(weeks, hepatitis)
    systolic, diastolic = pressure_at(life, course, random, day)
    values = {
        "检查日期": day.isoformat(),
        "孕周": str(weeks),
        "孕天": str(days),
        "孕妇年龄": str(int(life.age(day))),
        **_husband(husband, day),
        "孕次": str(course.gravida),
        "产次阴道分娩": str(course.parity - course.scars),
        "产次剖宫产": str(course.scars),
        "末次月经": course.pregnancy.last_period.isoformat(),
        "预产期": (course.pregnancy.last_period + timedelta(days=280)).isoformat(),
        **_history(life, course, day, random),
        "身高": f"{tall:.1f}",
        "体重": f"{heavy:.1f}",
        "体质指数": f"{heavy / (tall / 100) ** 2:.1f}",
        "收缩压": str(systolic),
        "舒张压": str(diastolic),
        **dict.fromkeys(
            ("心脏听诊", "肺部听诊", "外阴", "阴道", "宫颈", "附件"), _CLEAR
        ),
        "子宫": f"增大如孕{weeks}周",
        **_blood(life, course, day, random, hepatitis),
        "B超": f"宫内{'双胎' if course.twins else '早孕' if weeks < 13 else '妊娠'}，"
        f"约{weeks}周，见胎心搏动",
        "总体评估": _judged(colour, why, purple),
        "指导": "01、02、03、04、05",
        "下次随访日期": following.isoformat(),
        "检查医生签名": desk.doctor_name,
    }  # fmt: skip
    if colour == "orange" or purple:
        values["转诊原因"] = "；".join(why) or "妊娠合并传染病"
        values["转诊机构及科别"] = _hospital(life, course) + "产科"
    moment = morning(random, day)
    return form(life, desk, moment, "first_antenatal_visit", values, because(course))


def _judged(colour: str, why: tuple[str, ...], purple: bool) -> str:
    if colour == "green" and not purple:
        return "未见异常（妊娠风险绿色）"
    named = COLOURS[colour] + ("、紫色" if purple else "")
    return f"异常（妊娠风险{named}：{'；'.join(why) or '合并传染病'}）"


def _husband(husband: Person | None, day: date) -> dict[str, str]:
    if husband is None:
        return {}
    return {
        "丈夫姓名": husband.name,
        "丈夫年龄": str(int(husband.age(day))),
        "丈夫电话": husband.phone,
    }


def _history(life: Life, course: Course, day: date, random: Random) -> dict[str, str]:
    """Past, family and personal history, operations and what became of earlier pregnancies."""
    codes = {"hypertension": "5", "diabetes": "7", "kidney": "3", "hepatitis-b": "4",
             "anaemia": "6"}  # fmt: skip
    past = sorted({codes[c.key] for c in life.known(day) if c.key in codes})
    if course.thyroid:
        past.append("8")
    return {
        "既往史": "、".join(past) or "1",
        "家族史": "1" if random.random() < 0.985 else "2",
        "个人史": "2" if life.body.habits.smokes(life.age(day)) else "1",
        "妇产科手术史": "2 剖宫产术" if course.scars else "1",
        "自然流产": str(course.miscarriages),
        "人工流产": str(course.abortions),
        "死胎": "0",
        "死产": "0",
        "新生儿死亡": "0",
        "出生缺陷儿": "0",
    }


def _blood(
    life: Life, course: Course, day: date, random: Random, hepatitis: bool
) -> dict[str, str]:
    """The laboratory's part of the first form."""
    group, rhesus = life.body.blood_group[:-1], life.body.blood_group[-1]
    immune = random.random() < 0.62
    return {
        "血红蛋白": str(round(haemoglobin(life.body, day) + random.gauss(0, 2))),
        "白细胞计数": f"{max(4.2, random.gauss(8.1, 1.4)):.2f}",
        "血小板计数": str(round(max(118, random.gauss(222, 40)))),
        "尿蛋白": "阴性",
        "尿糖": "阴性" if random.random() < 0.96 else "微量",
        "尿酮体": "阴性" if random.random() < 0.93 else "+",
        "尿潜血": "阴性" if random.random() < 0.94 else "±",
        "血型": _GROUPS[group],
        "RH血型": "1" if rhesus == "-" else "2",
        "血糖": f"{max(3.6, glucose(life.body, day) - 0.3 + random.gauss(0, 0.2)):.2f}",
        "血清谷丙转氨酶": str(round(random.lognormvariate(2.75, 0.4))),
        "血清谷草转氨酶": str(round(random.lognormvariate(2.9, 0.25))),
        "白蛋白": f"{random.gauss(41.5, 2.2):.1f}",
        "总胆红素": f"{random.lognormvariate(2.2, 0.3):.1f}",
        "结合胆红素": f"{random.lognormvariate(1.0, 0.3):.1f}",
        "血清肌酐": str(round(random.gauss(48, 6))),
        "血尿素": f"{random.gauss(3.3, 0.6):.2f}",
        "阴道分泌物": "1" if random.random() < 0.93 else "3",
        "阴道清洁度": "1" if random.random() < 0.4 else "2",
        "乙型肝炎表面抗原": "阳性" if hepatitis else "阴性",
        "乙型肝炎表面抗体": "阳性" if immune and not hepatitis else "阴性",
        "乙型肝炎e抗原": "阴性",
        "乙型肝炎e抗体": "阳性" if hepatitis else "阴性",
        "乙型肝炎核心抗体": "阳性" if hepatitis else "阴性",
        "梅毒血清学试验": "阳性" if course.syphilis else "阴性",
        "HIV抗体检测": "阴性",
    }


_COMPLAINTS: Final = ("无不适", "无不适", "无不适", "无特殊不适", "偶有腰酸", "偶有下肢抽筋",
                      "胃部烧灼感", "便秘", "夜间睡眠差")  # fmt: skip


def _later(
    life: Life, course: Course, random: Random, day: date, following: date, at: int, hepatitis: bool
) -> Form:
    desk = centre_desk(life, "women-health")
    weeks, days = weeks_of(course, day)
    _, heavy = height_weight(life.body, day)
    systolic, diastolic = pressure_at(life, course, random, day)
    red = round(haemoglobin(life.body, day) + random.gauss(0, 2))
    colour, why, _ = course.risks(weeks, hepatitis)
    odd = [text for text in why if "年龄" not in text and "指数" not in text]
    protein = bool(course.pressure) and course.pressure != "gestational" and weeks >= 31
    if red < 110 and not any("贫血" in text for text in odd):
        odd.append(f"血红蛋白{red}g/L，偏低")
    values = {
        "随访日期": day.isoformat(),
        "产前随访次数": str(at),
        "孕周": str(weeks),
        "孕天": str(days),
        "主诉": "双下肢水肿" if protein else random.choice(_COMPLAINTS),
        "体重": f"{heavy:.1f}",
        "宫底高度": str(round(weeks * 0.88 + 1 + 2 * course.twins + random.gauss(0, 1.1))),
        "腹围": str(round(74 + weeks * 0.62 + (course.bmi - 22) * 2 + random.gauss(0, 2))),
        "胎心率": str(round(random.gauss(145, 5))),
        "收缩压": str(systolic),
        "舒张压": str(diastolic),
        "血红蛋白": str(red),
        "尿蛋白": ("++" if course.pressure == "severe" else "+") if protein else "阴性",
        "其他辅助检查": _further(course, weeks),
        "分类": "2" if odd else "1",
        "异常描述": "；".join(odd),
        "指导": "01、03、06" if weeks < 28 else "03、07、08、09",
        "下次随访日期": following.isoformat(),
        "随访医生签名": desk.doctor_name,
    }
    if weeks >= 28:
        values["胎位"] = "13" if course.breech else "01" if random.random() < 0.62 else "02"
    if colour == "orange" and at >= 4:
        values["转诊原因"] = why[0]
        values["转诊机构及科别"] = _hospital(life, course) + "产科"
    return form(life, desk, morning(random, day), "antenatal_visit", values, because(course))


def _further(course: Course, weeks: int) -> str:
    if weeks < 20:
        return "血清学产前筛查低风险"
    if weeks < 28:
        return "胎儿系统超声未见明显异常"
    if weeks < 34:
        return f"75gOGTT：{course.fasting}-{course.one}-{course.two}mmol/L"
    return "胎心监护有反应"


def _hospital(life: Life, course: Course) -> str:
    place = life.world.place
    return str(place.institution(course.care, life.person.village, usual(life, course.care)).name)


def postnatal_forms(life: Life, course: Course) -> Iterator[Form]:
    """The visit at home after birth and the examination after six weeks."""
    random = life.stream(f"postnatal-{course.pregnancy.ended.toordinal()}")
    birth = birth_of(life.world.seed, life.person.key, course)
    home = birth.admitted + timedelta(days=birth.nights)
    visited, seen, low = random.random() < 0.975, random.random() < 0.95, random.random() < 0.06
    first = open_day(home + timedelta(days=2 + int(random.random() * 5)))
    second = open_day(course.pregnancy.ended + timedelta(days=42 + int(random.random() * 12)))
    if visited and here(life, first):
        yield _visited(life, course, random, first, home, low, second)
    if seen and here(life, second):
        yield _six_weeks(life, course, random, second, home, low)


def _common(
    life: Life, course: Course, random: Random, day: date, home: date, low: bool
) -> dict[str, str]:
    systolic, diastolic = pressure_at(life, course, random, day)
    if course.pressure:
        systolic, diastolic = systolic + 14, diastolic + 9
    return {
        "随访日期": day.isoformat(),
        "分娩日期": course.pregnancy.ended.isoformat(),
        "出院日期": home.isoformat(),
        "一般健康情况": "良好",
        "一般心理状况": "情绪低落，睡眠差" if low else "平稳",
        "收缩压": str(systolic),
        "舒张压": str(diastolic),
    }


def _visited(
    life: Life, course: Course, random: Random, day: date, home: date, low: bool, following: date
) -> Form:
    desk = centre_desk(life, "women-health")
    breast, lochia = random.random() < 0.07, random.random() < 0.02
    wound = random.random() < (0.03 if course.mode == "caesarean" or course.tear else 0.0)
    odd = [text for found, text in (
        (breast, "乳房胀痛有硬结"), (lochia, "恶露量多"), (wound, "伤口轻度红肿"),
        (low, "产后情绪低落"),
    ) if found]  # fmt: skip
    values = {
        **_common(life, course, random, day, home, low),
        "体温": f"{random.gauss(36.6, 0.2):.1f}",
        "乳房": "2" if breast else "1",
        "乳房异常": "胀痛，可触及硬结" if breast else "",
        "恶露": "2" if lochia else "1",
        "恶露异常": "量多" if lochia else "",
        "子宫": "1",
        "伤口": "2" if wound else "1",
        "伤口异常": "轻度红肿" if wound else "",
        "分类": "2" if odd else "1",
        "异常描述": "；".join(odd),
        "指导": "01、02、03、09、10",
        "下次随访日期": following.isoformat(),
        "随访医生签名": desk.doctor_name,
    }
    return form(life, desk, morning(random, day), "postnatal_visit", values, because(course))


def _six_weeks(
    life: Life, course: Course, random: Random, day: date, home: date, low: bool
) -> Form:
    desk = centre_desk(life, "women-health")
    womb, wound = random.random() < 0.02, random.random() < 0.01
    still_low = low and random.random() < 0.5
    bad = womb or wound or still_low or course.pressure == "severe"
    why = "；".join(
        text
        for found, text in (
            (womb, "子宫复旧欠佳"),
            (wound, "伤口愈合欠佳"),
            (still_low, "情绪低落，建议心理门诊评估"),
            (course.pressure == "severe", "血压仍偏高，继续监测"),
        )
        if found
    )
    values = {
        **_common(life, course, random, day, home, still_low),
        "乳房": "1",
        "恶露": "1",
        "子宫": "2" if womb else "1",
        "子宫异常": "复旧欠佳" if womb else "",
        "伤口": "2" if wound else "1",
        "伤口异常": "愈合欠佳" if wound else "",
        "其他": "盆底肌力Ⅲ级，建议盆底康复" if random.random() < 0.2 else "",
        "分类": "2" if bad else "1",
        "未恢复描述": why,
        "指导": "02、09、11、12、13",
        "处理": "2" if bad else "1",
        "随访医生签名": desk.doctor_name,
    }
    if bad:
        values["转诊原因"] = why
        values["转诊机构及科别"] = _hospital(life, course) + "产科"
    return form(life, desk, morning(random, day), "postnatal_42_day_visit", values, because(course))

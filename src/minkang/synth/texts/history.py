"""What was before: past illnesses, operations, allergy, habits, family, menses."""

from typing import Final

from minkang.synth.record import Condition
from minkang.synth.texts.beginnings import newborn
from minkang.synth.texts.case import Case
from minkang.synth.texts.complaint import short_name
from minkang.synth.texts.words import lasting, listed

_HEALTHY: Final = ("既往体健", "平素身体健康", "既往体质可", "平素体健", "既往身体状况良好")
_NO_INFECTION: Final = ("否认肝炎、结核等传染病史", "否认传染病史", "无肝炎、结核病史")
_NO_SURGERY: Final = ("否认手术、外伤史", "无重大手术及外伤史", "否认手术、外伤及输血史")
_NO_ALLERGY: Final = ("否认药物、食物过敏史", "无药物及食物过敏史", "否认药敏史", "未发现药物过敏")
_DENIED_CHRONIC: Final = (
    ("hypertension", "高血压"), ("diabetes", "糖尿病"), ("coronary", "冠心病"),
    ("stroke-ischaemic", "脑梗死"),
)  # fmt: skip
_INFECTIOUS: Final = frozenset(("hepatitis-b", "tuberculosis", "hiv", "cirrhosis", "liver-cancer"))
_SAID_RARELY: Final = frozenset(("hiv", "schizophrenia", "bipolar", "depression"))
_LONG: Final = 30


def past_history(case: Case, *, whole: bool = False) -> str:
    """Known conditions with their years and medicines, then what is denied."""
    if newborn(case):
        return case.pick(
            ("生后无窒息、抢救史。", "无特殊病史，已接种卡介苗、乙肝疫苗。", "生后一般情况可。")
        )
    said = [_course(case, course) for course in _told(case)]
    keys = {course.key for course in case.known}
    parts = list(filter(None, said))
    if not parts:
        parts = [case.pick(_HEALTHY)]
    elif whole or case.style.brief < 0.4:
        denied = [name for key, name in _DENIED_CHRONIC if not _related(key, keys)]
        if denied and case.age > 30:
            parts.append(f"否认{listed(denied)}病史")
    if case.operated:
        last = case.operated[-1]
        parts.append(f"{last.year}年行“{short_name(last.name)}”")
    elif whole or case.chance(0.4 - 0.3 * case.style.brief):
        parts.append(case.pick(_NO_SURGERY))
    if (whole or case.chance(0.4)) and not keys & _INFECTIOUS:
        parts.append(case.pick(_NO_INFECTION))
    if case.allergy:
        parts.append(f"对“{case.allergy}”过敏")
    elif whole or case.chance(0.75):
        parts.append(case.pick(_NO_ALLERGY))
    return "；".join(parts) + "。"


def _told(case: Case) -> list[Condition]:
    """The long ones, oldest first; sensitive ones only to the departments that treat them."""
    told = []
    for course in case.known:
        if course.key == "pneumonia" or course.found is None:
            continue
        new = case.ordinal - course.found.toordinal()
        if new < _LONG and (new < 3 or course.key == case.plan.because or case.dead):
            continue
        if course.key in _SAID_RARELY and case.plan.specialty not in ("mental", "infectious"):
            continue
        told.append(course)
    return told[:5]


def _related(key: str, keys: set[str]) -> bool:
    if key == "coronary":
        return bool(keys & {"coronary", "infarction"})
    if key == "diabetes":
        return bool(keys & {"diabetes", "diabetes-type-1"})
    if key == "stroke-ischaemic":
        return bool(keys & {"stroke-ischaemic", "stroke-haemorrhagic"})
    return key in keys


def _course(case: Case, course: Condition) -> str:
    if course.found is None:
        return ""
    days = max(1, case.ordinal - course.found.toordinal())
    long = lasting(days, int(case.random.random() * 40))
    name = short_name(course.name)
    if course.over is not None and course.over.toordinal() < case.ordinal:
        return case.pick((f"{course.found.year}年患{name}，已治愈", f"曾患{name}，已愈"))
    if course.key == "hypertension":
        worst = 150 + round(course.severity * 4) * 10
        first = case.pick((f"高血压病史{long}", f"发现血压升高{long}", f"“高血压”{long}"))
        return f"{first}，最高血压{worst}/{85 + round(course.severity * 4) * 5}mmHg"
    if course.key == "infarction":
        return case.pick((f"{course.found.year}年患急性心肌梗死", f"心肌梗死病史{long}"))
    if course.key.startswith("stroke"):
        return case.pick((f"{course.found.year}年患{name}", f"{name}病史{long}"))
    return case.pick((f"{name}病史{long}", f"患{name}{long}", f"“{name}”病史{long}"))


def personal_history(case: Case) -> str:
    """Birth, dwelling, smoke, drink; a child's birth, feeding and vaccines."""
    if newborn(case):
        return case.pick(("母乳喂养，生后按时接种首剂疫苗。", "人工喂养，未接触传染病患者。"))
    if case.age < 14:
        grams = case.plan.facts.get("grams")
        born = f"出生体重{grams}g，生后无窒息" if grams else case.pick(
            ("出生史无特殊，生后无窒息", "生后哭声好，无窒息抢救史", "母孕期体健，出生史无特殊")
        )  # fmt: skip
        return born + case.pick(
            ("，生长发育同同龄儿，按计划接种疫苗。", "，智力、体格发育正常，预防接种按时。")
        )
    parts = [
        case.pick(("生于原籍，无外地久居史", "生长于本地，无疫区居住史", "久居本地，无疫水接触史"))
    ]
    if case.smokes:
        years = max(1, int(case.age) - 22)
        parts.append(f"吸烟{years}年，约{case.smokes}支/日")
    if case.drinks:
        parts.append("长期饮酒，白酒约150ml/日" if case.drinks > 1 else "偶饮酒")
    if not case.smokes and not case.drinks:
        parts.append(case.pick(("无烟酒嗜好", "否认吸烟、饮酒史", "不吸烟、不饮酒")))
    return "，".join(parts) + "。"


def family_history(case: Case, family: tuple[str, ...]) -> str:
    """What runs in the family, as it is told."""
    names = {
        "hypertension": "高血压", "diabetes": "糖尿病", "stroke": "脑卒中", "cancer": "恶性肿瘤",
        "coronary": "冠心病",
    }  # fmt: skip
    told = [names[key] for key in family if key in names]
    if told:
        who = case.pick(("父亲", "母亲", "父母一方", "一兄", "一姐"))
        return f"{who}有{listed(told)}病史，否认其他家族遗传病史。"
    return case.pick(
        ("否认家族遗传病史。", "家族中无类似病史及遗传病史。", "父母体健，无家族遗传病史。")
    )


def menses(case: Case) -> str:
    """Periods and births of a woman grown, empty for others."""
    if case.person.sex != "F" or case.age < 14:
        return ""
    pregnant, delivered = case.pregnancies
    facts = case.plan.facts
    if facts.get("gravida", "").isdigit():
        pregnant, delivered = int(facts["gravida"]), int(facts.get("parity") or 0)
    if case.age > 53:
        stopped = 47 + int(case.random.random() * 6)
        return f"初潮{13 + int(case.random.random() * 4)}岁，{stopped}岁绝经。"
    first, days = (low + int(case.random.random() * 3) for low in (12, 4))
    text = f"月经{first}岁初潮，周期28～30天，经期{days}天，经量中等"
    return text + (f"，孕{pregnant}产{delivered}。" if pregnant else "。")

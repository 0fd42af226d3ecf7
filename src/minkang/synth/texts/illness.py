"""The present illness: how it began, what it is like, what came with it, what is denied."""

from typing import Final

from minkang.synth.texts.advice import INJECTED
from minkang.synth.texts.apt import said_of
from minkang.synth.texts.beginnings import newborn, newborn_story
from minkang.synth.texts.case import Case
from minkang.synth.texts.complaint import chief_form, short_name, side_of
from minkang.synth.texts.examination import vital_words
from minkang.synth.texts.symptoms import DENIED, SYMPTOMS, Symptom
from minkang.synth.texts.values import result
from minkang.synth.texts.words import lasting, listed

_TRIGGERS: Final[dict[str, tuple[str, ...]]] = {
    "respiratory": (
        "受凉后",
        "无明显诱因",
        "劳累受凉后",
        "接触感冒患者后",
        "淋雨后",
        "气候变化后",
        "无明显诱因",
    ),
    "ent": ("受凉后", "无明显诱因", "劳累后", "进食辛辣后", "熬夜后"),
    "digestive": (
        "饮食不当后",
        "无明显诱因",
        "进食生冷后",
        "进食油腻后",
        "不洁饮食后",
        "饮酒后",
        "情绪不佳后",
    ),
    "heart": ("活动后", "无明显诱因", "情绪激动后", "劳累后", "受凉后", "饱餐后"),
    "neuro": ("无明显诱因", "晨起时", "劳累后", "安静状态下", "活动中", "睡眠欠佳后"),
    "bone": ("劳累后", "无明显诱因", "久坐后", "搬重物后", "受凉后", "运动后", "弯腰时"),
    "skin": ("无明显诱因", "进食海鲜后", "接触不明物后", "日晒后", "换季时", "饮酒后"),
    "urinary": ("无明显诱因", "劳累后", "饮水少后", "憋尿后", "久坐后"),
    "eye": ("无明显诱因", "用眼过度后", "揉眼后", "无明显诱因"),
    "mouth": ("无明显诱因", "进食硬物后", "上火后", "熬夜后"),
    "gyn": ("无明显诱因", "经前", "劳累后", "受凉后"),
    "mental": ("因家庭琐事后", "无明显诱因", "工作压力大后", "生活事件后"),
    "injury": ("不慎", "意外", "干活时不慎", "行走时不慎"),
    "child": ("无明显诱因", "受凉后"),
}
_PLAIN: Final = ("持续存在", "休息后稍缓解", "程度较轻")
_ANY: Final = ("无明显诱因", "劳累后", "受凉后")
_CAUSES: Final = {
    "fall": "不慎跌倒后", "traffic": "因车祸", "height": "由高处跌落后", "sport": "运动时不慎受伤",
    "machine": "操作机器时受伤", "blade": "被利器划伤后", "blow": "被物体撞击后", "dog": "被犬咬伤",
    "cat": "被猫抓伤", "heat": "被热液烫伤", "sea": "下海时被蜇伤", "bee": "被蜂蜇伤",
    "swallow": "误吞异物后", "water": "溺水后", "burn": "被热水烫到", "cut": "被利器划伤",
    "seafood": "进食海鲜后", "stove": "室内煤炉取暖后", "drug-or-sting": "接触可疑过敏原后",
    "bite": "被动物咬到", "work": "工作中不慎",
}  # fmt: skip
_OF_CHILDREN: Final = frozenset(
    ("受凉后", "无明显诱因", "接触感冒患者后", "气候变化后", "饮食不当后", "进食生冷后",
     "不洁饮食后", "运动后", "进食海鲜后", "接触不明物后", "换季时", "揉眼后",
     "不慎", "意外", "饮水少后")
)  # fmt: skip
_TREATED: Final = (
    "未予特殊处理",
    "自服药物（具体不详），效果欠佳",
    "未系统诊治",
    "于当地诊所口服药物治疗，无明显好转",
    "自行休息后无明显缓解",
    "在家自服“感冒药”，症状无明显减轻",
    "未就诊",
    "曾于村卫生室治疗，效果不佳",
)
_SELF_DRUGS: Final = frozenset(("respiratory", "ent", "general"))
_SINCE: Final = (
    "自发病以来，神志清，精神可，饮食、睡眠尚可，大小便正常，体重无明显变化",
    "病程中，精神、食欲可，睡眠一般，二便如常",
    "病来精神尚可，饮食睡眠可，大小便无异常",
    "发病以来，神志清，食欲稍差，夜眠可，二便正常",
    "患病以来，一般情况可，饮食二便正常",
)  # fmt: skip
_STEADY: Final = ("病情平稳", "一般情况可", "病情稳定", "无明显不适", "无特殊不适主诉", "状况良好")
_TAKES: Final = ("规律服用", "长期口服", "目前口服", "坚持服用", "平素服用", "现用")
_USES: Final = ("规律使用", "目前应用", "坚持使用", "现用")
_PRESSURE: Final = ("血压控制可", "血压控制尚可", "血压控制满意", "血压平稳")
_HIGH_PRESSURE: Final = ("血压控制欠佳", "血压偏高", "血压控制不理想", "血压控制不达标")
_FOR_PARENT: Final = ("家长代诉：", "其母代诉：", "", "", "家属代诉：")
_ON_PLAN: Final = frozenset(("vaccine-due", "plate-in-place", "iud-check"))
_TREND: Final = (
    "治疗后症状好转",
    "症状较前减轻",
    "用药后好转",
    "症状明显缓解",
    "仍有轻度不适",
    "较前好转",
)


def present_illness(case: Case) -> str:
    """The paragraph under the complaint."""
    plan = case.plan
    facts = plan.facts
    if plan.kind == "P" and "hearing" in facts:
        return case.pick(
            ("生后反应好，吃奶可，大小便已排。", "患儿一般情况可，吃奶好，无呕吐、腹胀。")
        )
    if plan.kind == "P":
        return case.pick(
            ("来院健康体检，无特殊不适。", "要求体检，近期一般情况可。", "无自觉不适，来院体检。")
        )
    if newborn(case):
        return newborn_story(case)
    if facts.get("weeks") and plan.specialty in ("obstetric", "women-health") and case.age > 12:
        return _pregnancy(case)
    symptoms = [SYMPTOMS[key] for key in plan.symptoms if key in SYMPTOMS]
    if symptoms and symptoms[0].group == "none":
        if symptoms[0].key in _ON_PLAN:
            return f"{case.who}{symptoms[0].forms[0]}，{case.pick(symptoms[0].details)}。"
        symptoms = []
    if facts.get("course") in ("follow-up", "after-discharge"):
        return _review(case, symptoms)
    if not symptoms:
        return _steady(case)
    return _story(case, symptoms)


def _story(case: Case, symptoms: list[Symptom]) -> str:
    plan, style = case.plan, case.style
    chief = symptoms[0]
    ago = lasting(plan.lasting, case.way)
    lead = style.since.format(who=case.who, ago=ago)
    if case.age < 5:
        lead = lead.replace("患儿诉", "患儿")
    if case.child:
        lead = case.pick(_FOR_PARENT) + lead
    trigger = _trigger(case, chief)
    said = [f"{lead}{trigger}出现{_told(case, chief)}"]
    if style.brief < 0.85:
        said.append(_detail(case, chief))
    also = [one for one in symptoms[1:] if one.group != chief.group]
    hot = case.vitals.celsius is not None and case.vitals.celsius >= 38.0
    if hot and all(one.group != "fever" for one in symptoms):
        also.append(SYMPTOMS["fever"])
    if also:
        said.append(
            f"{case.pick(('伴', '同时伴', '并有', '伴有'))}{listed(one.name for one in also)}"
        )
        if style.brief < 0.5 and case.chance(0.6):
            said.append(_detail(case, also[0]))
    denied = _denied(case, chief, symptoms, "".join(said))
    if denied:
        said.append(f"{style.denies}{listed(denied)}")
    if case.chance(0.55):
        treated = case.pick(_TREATED)
        if "感冒药" in treated and chief.system not in _SELF_DRUGS:
            treated = "未予特殊处理"
        said.append(treated)
    text = "，".join(said)
    if plan.kind == "I":
        return f"{text}。{_brought(case)}。{_since(case)}。"
    if style.brief < 0.6:
        return f"{text}，{style.comes}。" + (f"{_since(case)}。" if style.brief < 0.3 else "")
    return text + "。"


def _trigger(case: Case, chief: Symptom) -> str:
    """What brought it on: how an injury came about; nothing for what is slow, or grows."""
    facts = case.plan.facts
    told = _CAUSES.get(facts.get("cause", "")) or _CAUSES.get(facts.get("mechanism", ""))
    if told is not None:
        return told
    slow = case.plan.lasting > 45 or any(one.code[:1] in "CD" for one in case.plan.diagnoses)
    if slow or chief.system in ("general", "endocrine") or case.age < 1 or case.dead:
        return "无明显诱因"
    ways = _TRIGGERS.get(chief.system, _ANY)
    if case.child:
        ways = tuple(way for way in ways if way in _OF_CHILDREN) or ("无明显诱因",)
    return case.pick(ways)


def _since(case: Case) -> str:
    """Appetite, sleep and the rest since it began, less what the patient complains of."""
    keys = set(case.plan.symptoms)
    if keys & {"unconscious", "confusion", "cardiac-arrest", "poisoning", "alcohol"}:
        return "发病以来未进食，小便如常"
    if keys & {"diarrhoea", "watery-diarrhoea", "constipation", "vomiting", "dysuria", "melaena",
               "poor-appetite", "insomnia", "weight-loss", "polyuria", "frequent-urination",
               "bloody-diarrhoea", "blood-in-stool", "haematuria", "nausea"}:  # fmt: skip
        return case.pick(("病来精神稍差", "病程中神志清，精神欠佳", "发病以来精神一般"))
    return case.pick(_SINCE)


def _brought(case: Case) -> str:
    if case.plan.ambulance:
        return case.pick(("由120急救车送入我院，急诊收入院", "家属拨打120送来我院，以“急症”收入院"))
    first = short_name(case.plan.diagnoses[0].name) if case.plan.diagnoses else ""
    urgent = bool(case.plan.acute) and not first.endswith("化疗")
    return case.pick(
        (f"门诊以“{first}”收入院", f"为进一步诊治，以“{first}”收住院", "为求系统诊治收入院",
         f"急诊拟“{first}”收入我科" if urgent else "门诊查体后收入院")
    )  # fmt: skip


def _told(case: Case, chief: Symptom) -> str:
    return chief_form(case, chief).removeprefix("发现")


def _detail(case: Case, symptom: Symptom) -> str:
    text = case.pick(said_of(symptom.details, case.plan.diagnoses, _PLAIN))
    if "{" not in text:
        return text
    draw = case.random.random
    vitals = case.vitals
    highest = (vitals.celsius if vitals.celsius and vitals.celsius > 37.2 else 37.9) + draw() * 0.7
    systolic = vitals.systolic or 150
    return text.format(
        t=f"{min(highest, 41.0):.1f}℃",
        kg=3 + int(draw() * 7),
        ml=50 * (1 + int(draw() * 6)),
        min=(5, 10, 3, 15, 30, 2)[int(draw() * 6)],
        n=3 + int(draw() * 6),
        bp=f"{systolic - 6}～{systolic + 8}/{(vitals.diastolic or 92)}",
        glu=_glucose(case),
        side=side_of(case),
    )


def _glucose(case: Case) -> str:
    if case.vitals.glucose is not None:
        return f"{case.vitals.glucose:.1f}"
    found = result(case, "glucose")
    if found is not None and "." in found.text:
        return found.text
    return f"{7.2 + case.random.random() * 3:.1f}"


def _denied(case: Case, chief: Symptom, symptoms: list[Symptom], told: str) -> list[str]:
    """What is asked after and not there: never what was `told`, nor that by another word."""
    groups = {one.group for one in symptoms}
    names = told + "".join(one.name for one in symptoms)
    hot = case.vitals.celsius is not None and case.vitals.celsius >= 37.3
    signs = {one.sign for one in symptoms}
    most = 5 if case.plan.kind == "I" else 2 + int(case.random.random() * 3)
    found: list[str] = []
    offset = int(case.random.random() * 3)
    keys = DENIED.get(chief.system, DENIED["general"])
    for at in range(len(keys)):
        other = SYMPTOMS[keys[(at + offset) % len(keys)]]
        if other.group in groups or other.name in names or any(
            one.name in other.name for one in symptoms
        ):  # fmt: skip
            continue
        if (other.group == "fever" and hot) or (other.sign and other.sign in signs):
            continue
        if other.sex and other.sex != case.person.sex:
            continue
        found.append(other.name)
        if len(found) == most:
            break
    return found


def _review(case: Case, symptoms: list[Symptom]) -> str:
    plan = case.plan
    first = short_name(plan.diagnoses[0].name) if plan.diagnoses else "前症"
    again = case.pick(
        (
            f"{case.who}因“{first}”治疗后复诊",
            f"“{first}”治疗后",
            f"前次就诊后按“{first}”治疗",
            f"{first}复诊",
        )
    )
    if plan.facts.get("course") == "after-discharge":
        again = case.pick((f"因“{first}”住院治疗，出院后复查", f"{first}出院后，遵嘱复诊"))
    said = [again, case.pick(_TREND)]
    if symptoms and case.chance(0.4):
        said.append(f"{symptoms[0].name}较前减轻")
    if case.chance(0.4):
        said.append(f"目前精神、饮食可，{case.style.denies}新发不适")
    return "，".join(said) + "。"


def _steady(case: Case) -> str:
    """Somebody known comes again without a complaint: what is taken, how it is controlled."""
    plan = case.plan
    course = next((one for one in case.known if one.key == plan.because), None)
    said = []
    if course is not None and course.found is not None:
        long = lasting(
            max(7, case.ordinal - course.found.toordinal()), int(case.random.random() * 40)
        )
        said.append(f"{case.who}{short_name(course.name)}病史{long}")
    elif plan.diagnoses:
        said.append(f"{case.who}因“{short_name(plan.diagnoses[0].name)}”来诊")
    if case.regular and course is not None:
        taken = case.regular[:4]
        ways = _USES if any(name in INJECTED for name in taken) else _TAKES
        said.append(f"{case.pick(ways)}{listed(taken)}")
    keys = {one.key for one in case.known}
    vitals = case.vitals
    if "hypertension" in keys and vitals.systolic is not None:
        high = vitals.systolic >= 140 or (vitals.diastolic or 0) >= 90
        said.append(case.pick(_HIGH_PRESSURE if high else _PRESSURE))
        said.append(f"今测血压{vitals.systolic}/{vitals.diastolic}mmHg")
    if keys & {"diabetes", "diabetes-type-1"}:
        if vitals.glucose is not None:
            said.append(f"今测空腹血糖{vitals.glucose:.1f}mmol/L")
        elif case.chance(0.5):
            said.append("饮食、运动尚能控制")
    if case.chance(0.8):
        system = "heart" if "hypertension" in keys else "endocrine" if "diabetes" in keys else ""
        denied = [SYMPTOMS[key].name for key in DENIED.get(system, DENIED["general"])[:6]]
        start = int(case.random.random() * 3)
        said.append(f"{case.style.denies}{listed(denied[start : start + 3])}")
    said.append(case.pick(_STEADY))
    return "，".join(said) + "。"


def _pregnancy(case: Case) -> str:
    facts = case.plan.facts
    weeks = facts["weeks"]
    gravida, parity = facts.get("gravida", ""), facts.get("parity", "")
    said = [f"孕妇平素月经规律，现停经{weeks}周"]
    if gravida:
        said[0] += f"，孕{gravida}产{parity or 0}"
    symptoms = [
        SYMPTOMS[key] for key in case.plan.symptoms
        if key in SYMPTOMS and key not in ("antenatal", "amenorrhoea")
    ]  # fmt: skip
    if symptoms:
        ago = lasting(case.plan.lasting, case.way)
        said.append(f"{ago}前出现{listed(one.name for one in symptoms)}")
    groups = {one.group for one in symptoms}
    names = "".join(one.name for one in symptoms)
    denied = [
        SYMPTOMS[key].name for key in DENIED["obstetric"]
        if SYMPTOMS[key].group not in groups and SYMPTOMS[key].name not in names
    ]  # fmt: skip
    start = int(case.random.random() * 4)
    said.append(f"{case.style.denies}{listed(denied[start : start + 4])}")
    if int(weeks.split("+")[0]) >= 20 and "less-movement" not in case.plan.symptoms:
        said.append(case.pick(("自觉胎动正常", "胎动好", "胎动如常")))
    if facts.get("risk-colour"):
        said.append(f"妊娠风险评估{facts['risk-colour']}")
    if facts.get("ogtt"):
        said.append(f"OGTT：{facts['ogtt']}mmol/L")
    if case.vitals.systolic is not None and case.chance(0.4):
        said.append(vital_words(case.vitals, letters=case.style.letters))
    return "，".join(said) + "。"

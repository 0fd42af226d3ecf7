"""The chief complaint: symptom and how long, at most twenty characters."""

from typing import Final

from minkang.synth.texts.apt import said_of
from minkang.synth.texts.case import Case
from minkang.synth.texts.symptoms import SYMPTOMS, Symptom
from minkang.synth.texts.words import lasting

MOST: Final = 20

_REVIEWS: Final = ("复查", "复诊", "复诊取药", "要求复查", "来院复查", "随诊")
_CHRONIC: Final = (
    "{name}{years}，复诊",
    "{name}{years}",
    "发现{name}{years}",
    "{name}复诊取药",
    "{name}{years}，取药",
    "确诊{name}{years}，复查",
    "{name}病史{years}，复诊",
    "{name}规律服药，要求续方",
)
_CHECK_UPS: Final = ("健康体检", "要求体检", "年度健康体检", "常规体检", "体检")
_CHILD_CHECK_UPS: Final = ("儿童健康体检", "儿童保健查体", "定期儿保")


def complaint(case: Case) -> str:
    """What brought the patient, in the words of the first line of a record."""
    plan = case.plan
    facts = plan.facts
    if "complaint" in facts:
        return facts["complaint"][:MOST]
    if plan.kind == "P" and "hearing" in facts:
        return case.pick(("新生儿疾病筛查", "新生儿查体及筛查", "生后3天，新生儿筛查"))
    if plan.kind == "P":
        return case.pick(_CHILD_CHECK_UPS if case.age < 7 else _CHECK_UPS)
    if facts.get("weeks") and plan.specialty in ("obstetric", "women-health") and case.age > 12:
        return _pregnant(case)
    steady = not plan.symptoms or _group(plan.symptoms[0]) == "none"
    if facts.get("course") in ("follow-up", "after-discharge") or steady:
        return _again(case)
    return _fresh(case)


def _group(key: str) -> str:
    symptom = SYMPTOMS.get(key)
    return symptom.group if symptom is not None else "none"


def _pregnant(case: Case) -> str:
    weeks = case.plan.facts["weeks"].split("+")[0]
    symptoms = [key for key in case.plan.symptoms if key in SYMPTOMS]
    if symptoms and symptoms[0] not in ("antenatal", "amenorrhoea"):
        said = case.pick(SYMPTOMS[symptoms[0]].forms)
        long = lasting(case.plan.lasting, case.way)
        return _short(f"停经{weeks}周，{said}{long}", f"孕{weeks}周，{said}")
    if "amenorrhoea" in symptoms:
        return f"停经{max(35, case.plan.lasting)}天"
    return case.pick((f"停经{weeks}周，产前检查", f"孕{weeks}周产检", f"妊娠{weeks}周，定期产检"))


def _again(case: Case) -> str:
    plan = case.plan
    first = plan.diagnoses[0].name if plan.diagnoses else ""
    if plan.facts.get("course") == "after-discharge":
        return _short(f"{first}出院后复查", f"{first}复查", "出院后复查")
    course = next((one for one in case.known if one.key == plan.because), None)
    if course is not None and course.found is not None:
        years = lasting(
            max(7, case.ordinal - course.found.toordinal()), int(case.random.random() * 40)
        )
        name = short_name(first or course.name)
        return _short(
            case.pick(_CHRONIC).format(name=name, years=years), f"{name}复诊", f"{name[:12]}复诊"
        )
    if (plan.diagnoses and plan.diagnoses[0].code.startswith("Z39")) or "delivery" in plan.facts:
        return case.pick(("产后复查", "产后42天复查", "产后常规复查"))
    if plan.symptoms and plan.lasting and _group(plan.symptoms[0]) != "none":
        said = SYMPTOMS[plan.symptoms[0]].forms[0]
        return _short(f"{said}治疗后{case.pick(_REVIEWS)}", f"{said}复诊")
    return _short(f"{short_name(first)}{case.pick(_REVIEWS)}", f"{first}复诊", "复诊")


def _fresh(case: Case) -> str:
    plan = case.plan
    symptoms = [SYMPTOMS[key] for key in plan.symptoms if key in SYMPTOMS]
    if not symptoms:
        return _again(case)
    chief = chief_form(case, symptoms[0])
    ago = lasting(plan.lasting, case.way)
    if case.age < 28 / 365.25:
        return _short(f"生后{symptoms[0].name}{ago}", f"{symptoms[0].name}{ago}")
    if case.dead and plan.diagnoses:
        worse = _worse(case, ago)
        if worse:
            return worse
    course = next((one for one in case.known if one.key == plan.because), None)
    if (
        course is not None and course.found is not None and plan.lasting <= 21
        and case.ordinal - course.found.toordinal() > 200 and case.chance(0.6)
        and symptoms[0].system in ("respiratory", "heart", "digestive", "bone", "endocrine")
    ):  # fmt: skip
        years = lasting(case.ordinal - course.found.toordinal(), 0)
        return _short(f"反复{symptoms[0].name}{years}，加重{ago}", f"{chief}{ago}")
    groups = {symptoms[0].group}
    also = []
    for other in symptoms[1:]:
        if other.group not in groups and other.name not in chief:
            groups.add(other.group)
            also.append(other.name)
    for count in (min(2, len(also)), 1, 0):
        text = "、".join((chief, *also[:count])) + ago
        if len(text) <= MOST and (count or case.chance(0.9) or not also):
            return text
    if plan.lasting <= 0 and not chief.startswith("突发") and len(chief) < 12 and case.chance(0.3):
        return _short(f"突发{chief}{ago}", f"{chief}{ago}")
    return _short(f"{chief}{ago}", f"{symptoms[0].name}{ago}", symptoms[0].name)


def _worse(case: Case, ago: str) -> str:
    """Of somebody who dies of a known course: since when it is known, and worse."""
    first = case.plan.diagnoses[0]
    for one in case.known:
        if one.found is not None and one.code[:3] == first.code[:3]:
            days = case.ordinal - one.found.toordinal()
            if days > 30:
                name = short_name(first.name)
                return _short(f"确诊{name}{lasting(days, 0)}，加重{ago}", f"{name}加重{ago}")
    return ""


def chief_form(case: Case, symptom: Symptom) -> str:
    """The symptom in the words of this visit, the same in every paragraph."""
    ways = said_of(symptom.forms, case.plan.diagnoses)
    return ways[(case.way + case.ordinal // 40) % len(ways)].replace("{side}", side_of(case))


def side_of(case: Case) -> str:
    """左, 右 or 双 as the plan's facts or the study's finding says; 一 where nothing does."""
    said = case.plan.facts.get("side", "")
    if not said:
        for finding in case.plan.images.values():
            if finding.endswith(("-left", "-right")):
                said = finding.rsplit("-", 1)[1]
    return {"left": "左", "right": "右", "bilateral": "双"}.get(said, said or "一")


def short_name(name: str) -> str:
    """A diagnosis as it is said: without code-book ornaments."""
    for mark in ("[", "（", "(", "，", ","):
        name = name.split(mark)[0]
    return name


def _short(*ways: str) -> str:
    for way in ways:
        if len(way) <= MOST:
            return way
    return ways[-1][:MOST]

"""Physical examination by parts: what is normal there, and which sign a symptom brings."""

from typing import Final

from minkang.synth.record import Vitals
from minkang.synth.texts.apt import sign_of
from minkang.synth.texts.beginnings import newborn, newborn_examined
from minkang.synth.texts.case import Case
from minkang.synth.texts.signs import CHILD, NORMAL, SIGNS
from minkang.synth.texts.symptoms import SYMPTOMS

PARTS: Final = ("general", "skin", "eyes", "throat", "neck", "lungs", "heart", "abdomen", "spine",
                "limbs", "nerves", "own")  # fmt: skip

_BY_SYSTEM: Final[dict[str, tuple[str, ...]]] = {
    "respiratory": ("throat", "lungs", "heart"),
    "heart": ("neck", "lungs", "heart", "limbs"),
    "digestive": ("skin", "lungs", "abdomen"),
    "neuro": ("eyes", "neck", "heart", "nerves"),
    "endocrine": ("neck", "heart", "limbs"),
    "urinary": ("abdomen", "limbs"),
    "bone": ("spine", "limbs"),
    "injury": ("nerves", "abdomen"),
    "skin": ("skin", "throat"),
    "eye": ("eyes",),
    "ent": ("throat", "lungs"),
    "mouth": ("throat",),
    "gyn": ("abdomen",),
    "obstetric": ("heart", "limbs"),
    "mental": ("heart", "nerves"),
    "child": ("throat", "lungs", "heart", "abdomen"),
    "blood": ("skin", "abdomen"),
    "general": ("lungs", "heart", "abdomen"),
}  # fmt: skip
_WHOLE: Final = ("skin", "eyes", "throat", "neck", "lungs", "heart", "abdomen", "spine", "limbs",
                 "nerves")  # fmt: skip
_FEW: Final = ("lungs", "heart", "abdomen", "limbs")
_LOCAL: Final = frozenset(("eye", "mouth", "bone", "skin", "injury", "gyn"))


def examination(case: Case, *, whole: bool = False) -> str:
    """What was found; `whole` goes through all parts, as on admission."""
    if newborn(case):
        return _newborn(case)
    signs = _signs(case)
    weeks = case.plan.facts.get("weeks", "").split("+")[0]
    if case.plan.specialty == "obstetric" and weeks.isdigit() and int(weeks) >= 16:
        signs["abdomen"] = case.pick(("腹部膨隆，与孕周相符，无压痛", "腹膨隆如孕周，子宫张力不高"))
    if any(one.key == "atrial-fibrillation" for one in case.known):
        signs["heart"] = _filled(case, case.pick(_FIBRILLATING))
    if case.dead:
        signs["general"] = case.pick(_GRAVE)
        brain = any(
            one.code.startswith(("I60", "I61", "I63", "S06")) for one in case.plan.diagnoses
        )
        signs["nerves"] = case.pick(_DYING_BRAIN) if brain else "查体不能配合，四肢刺痛反应差"
        if brain:
            signs["eyes"] = "双侧瞳孔不等大，对光反射迟钝"
    symptoms = case.plan.symptoms
    system = SYMPTOMS[symptoms[0]].system if symptoms and symptoms[0] in SYMPTOMS else "general"
    if whole:
        parts: tuple[str, ...] = _WHOLE
    elif symptoms:
        parts = _BY_SYSTEM.get(system, _FEW)
    else:
        parts = _FEW if case.style.brief < 0.7 else ("lungs", "heart")
    written = [_vital_words(case)] if case.vitals.celsius or case.vitals.systolic else []
    general = signs.get("general")
    if general or whole or system not in _LOCAL or case.chance(0.4):
        written.append(general or _normal(case, "general"))
    written += [signs.get(part) or _normal(case, part) for part in parts if part != "general"]
    written += [
        said for part, said in signs.items()
        if part not in parts and part != "general" and (part != "heart" or not _only_rhythm(said))
    ]  # fmt: skip
    written += _asked_for(case)
    if case.plan.facts.get("tongue"):
        facts = case.plan.facts
        written.append(f"{facts['tongue']}，{facts['pulse']}" if "pulse" in facts else
                       facts["tongue"])  # fmt: skip
    joint = "。" if case.style.brief < 0.5 or whole else "，"
    return joint.join([one for one in written if one]) + "。"


_FIBRILLATING: Final = (
    "心率{p}次/分，心律绝对不齐，第一心音强弱不等", "心律绝对不齐，心音强弱不等，脉搏短绌",
)  # fmt: skip
_DYING_BRAIN: Final = (
    "肢体刺痛反应差，双侧巴氏征（+）", "一侧肢体坠落试验阳性，双侧病理征（+）",
)  # fmt: skip
_GRAVE: Final = (
    "神志恍惚，精神萎靡，重病容", "意识模糊，呼吸浅促，查体不合作", "嗜睡，面色晦暗，四肢末梢凉",
    "浅昏迷，口唇发绀，肢端湿冷",
)  # fmt: skip


def _newborn(case: Case) -> str:
    signs = _signs(case)
    head, chest, belly = newborn_examined(case)
    written = [
        _vital_words(case), head, signs.get("skin", ""), signs.get("lungs", chest), belly,
        *_asked_for(case),
    ]  # fmt: skip
    return "。".join([one for one in written if one]) + "。"


def _signs(case: Case) -> dict[str, str]:
    found: dict[str, str] = {}
    for key in case.plan.symptoms:
        symptom = SYMPTOMS.get(key)
        if symptom is None or symptom.sign not in SIGNS:
            continue
        if symptom.sex and symptom.sex != case.person.sex:
            continue
        sign = sign_of(symptom.sign, case.plan.diagnoses)
        if not sign or (sign == "thin" and _stout(case.vitals)) or (case.again and _healed(case)):
            continue
        part, ways = SIGNS[sign]
        if sign == "fever" and not _hot(case.vitals):
            continue
        if part not in found:
            found[part] = _filled(case, case.pick(ways))
    if found.get("lungs") and _pneumonia(case):
        found["lungs"] = case.pick(SIGNS["moist"][1])
    return found


_SHORT_LIVED: Final = (
    "A0",
    "B08",
    "B34",
    "H10",
    "H6",
    "J0",
    "J1",
    "J2",
    "K52",
    "L50",
    "R05",
    "R50",
)


def _healed(case: Case) -> bool:
    """Whether what was found the first time has gone: most of what lasts only days."""
    first = case.plan.diagnoses[0].code if case.plan.diagnoses else ""
    codes = [one.code for one in case.plan.diagnoses if one.system == "icd10"]
    return (codes[0] if codes else first).startswith(_SHORT_LIVED) and case.chance(0.75)


def _stout(vitals: Vitals) -> bool:
    if vitals.height is None or vitals.weight is None:
        return False
    return vitals.weight / (vitals.height / 100) ** 2 >= 20


def _only_rhythm(said: str) -> bool:
    """A known rhythm is not looked for where the heart is not listened to."""
    return "绝对不齐" in said


def _pneumonia(case: Case) -> bool:
    again = case.plan.facts.get("course") in ("follow-up", "after-discharge")
    return not again and any("J12" <= one.code[:3] <= "J18" for one in case.plan.diagnoses)


_MEASURED: Final = (
    ("sight-right", "右眼裸眼视力{}"), ("sight-left", "左眼裸眼视力{}"),
    ("decayed-teeth", "龋齿{}颗"), ("tuberculin-mm", "结核菌素试验硬结{}mm"),
    ("fev1-percent", "FEV1占预计值{}%"), ("hearing-db", "双耳高频平均听阈{}dB"),
    ("birth-weight", "出生体重{}g"),
)  # fmt: skip


def _asked_for(case: Case) -> list[str]:
    """What a check was for: sight, teeth, hearing; the womb and the heart of the unborn."""
    facts = case.plan.facts
    said = [
        words.format(facts[key]) for key, words in _MEASURED if facts.get(key) not in (None, "")
    ]
    if "hearing" in facts:
        heard = "通过" if facts["hearing"] == "passed" else "未通过，待复查"
        said.append(f"听力初筛{heard}")
    if facts.get("heel-blood") == "taken":
        said.append("足跟血已采集")
    weeks = facts.get("weeks", "").split("+")[0]
    if case.plan.specialty == "obstetric" and weeks.isdigit() and int(weeks) >= 20:
        height = int(weeks) - 2 + int(case.random.random() * 3)
        heart = 132 + int(case.random.random() * 24)
        said.append(f"宫高{height}cm，胎心{heart}次/分，子宫无压痛")
    return said


def _hot(vitals: Vitals) -> bool:
    return vitals.celsius is not None and vitals.celsius >= 37.5


def _normal(case: Case, part: str) -> str:
    ways = (CHILD.get(part) if case.age < 7 else None) or NORMAL[part]
    return _filled(case, case.pick(ways)) if ways else ""


def _filled(case: Case, text: str) -> str:
    if "{" not in text:
        return text
    pulse = case.vitals.pulse or 76
    return text.format(p=pulse, f=132 + int(case.random.random() * 24))


def _vital_words(case: Case) -> str:
    return vital_words(case.vitals, letters=case.style.letters)


def vital_words(vitals: Vitals, *, letters: bool) -> str:
    """What the nurse measured, in letters (BP 130/80mmHg) or in words."""
    found = []
    if vitals.celsius is not None:
        found.append(f"{'T ' if letters else '体温'}{vitals.celsius:.1f}℃")
    if vitals.pulse is not None:
        found.append(f"{'P ' if letters else '脉搏'}{vitals.pulse}次/分")
    if vitals.breaths is not None:
        found.append(f"{'R ' if letters else '呼吸'}{vitals.breaths}次/分")
    if vitals.systolic is not None:
        found.append(f"{'BP ' if letters else '血压'}{vitals.systolic}/{vitals.diastolic}mmHg")
    if vitals.saturation is not None:
        found.append(f"{'SpO2 ' if letters else '血氧饱和度'}{vitals.saturation}%")
    return "，".join(found)

"""Births and first days: what is written of a woman in labour and of a newborn.

Both differ in every paragraph from what is written of others, so they have their own.
"""

from typing import Final

from minkang.synth.texts.case import Case
from minkang.synth.texts.complaint import short_name
from minkang.synth.texts.symptoms import SYMPTOMS
from minkang.synth.texts.words import listed

NEWBORN: Final = 28 / 365.25
"""Age in years below which somebody is a newborn."""

_WAYS: Final = {"vaginal": "自然分娩", "forceps": "产钳助产", "caesarean": "剖宫产"}
_BORN: Final = ("足月儿，母孕期产检规律", "母孕期体健，定期产检", "母孕期无特殊用药史")
_CRIED: Final = ("生后哭声响亮，无窒息史", "Apgar评分1分钟9分、5分钟10分", "羊水清，无胎膜早破")
_FED: Final = ("吃奶可，大小便已排", "母乳喂养，吸吮有力，胎便已排", "混合喂养，二便正常")
_HEADS: Final = (
    "前囟平软，反应可，哭声响亮",
    "面色红润，前囟平，吸吮反射好",
    "反应好，颅缝无重叠，前囟平软",
)
_BODIES: Final = (
    "双肺呼吸音清，心率{p}次/分，律齐，未闻及杂音", "呼吸平稳，双肺呼吸音清，心音有力，律齐",
    "双肺呼吸音对称，心率{p}次/分，心音有力",
)  # fmt: skip
_BELLIES: Final = (
    "腹软，脐部干燥无渗血，四肢肌张力正常，拥抱反射引出", "腹软不胀，脐带残端清洁，原始反射引出",
    "腹软，肝肋下1cm，脐周无红肿，四肢活动好",
)  # fmt: skip
_LYING_IN: Final = (
    "子宫收缩好，宫底脐下{n}指，恶露量少，色暗红", "子宫复旧好，恶露不多，无异味",
    "宫底脐下{n}指，质硬，阴道流血少",
)  # fmt: skip
_BREASTS: Final = ("双乳充盈，泌乳可", "乳汁分泌可，乳头无皲裂", "母乳喂养顺利")
_AFTER_BIRTH: Final = (
    "注意休息，加强营养，保持会阴清洁；产褥期禁盆浴及性生活；坚持母乳喂养；产后42天门诊复查。",
    "加强营养，注意卫生，禁性生活6周，母乳喂养；恶露异常、发热随诊；产后42天母婴同查。",
    "注意恶露及体温变化，按需哺乳，适当活动，做好避孕，产后42天复查。",
)  # fmt: skip


def newborn(case: Case) -> bool:
    """Whether the patient has been born less than four weeks ago."""
    return case.age < NEWBORN


def delivers(case: Case) -> bool:
    """Whether the patient gives birth in this stay."""
    return case.plan.facts.get("delivery", "") in _WAYS


def newborn_story(case: Case) -> str:
    """A newborn's present illness: pregnancy, birth, what was seen since."""
    facts = case.plan.facts
    grams = facts.get("birth-weight") or facts.get("grams", "")
    said = [f"患儿系{case.pick(_BORN)}", case.pick(_CRIED)]
    if any("早产" in one.name for one in case.plan.diagnoses):
        said = ["患儿系早产儿，生后反应稍差，哭声弱"]
    if grams:
        said.append(f"出生体重{grams}g")
    symptoms = [SYMPTOMS[key].name for key in case.plan.symptoms if key in SYMPTOMS]
    if symptoms:
        said.append(f"生后发现{listed(symptoms)}")
        said.append("无呕吐、抽搐" if "vomiting" not in case.plan.symptoms else "无抽搐、发热")
    else:
        said.append(case.pick(_FED))
    if case.plan.kind == "I":
        first = short_name(case.plan.diagnoses[0].name) if case.plan.diagnoses else ""
        said.append(f"为进一步诊治以“{first}”收入新生儿科")
    return "，".join(said) + "。"


def newborn_examined(case: Case) -> list[str]:
    """Head, chest, belly and reflexes."""
    pulse = case.vitals.pulse or 138
    return [case.pick(_HEADS), case.pick(_BODIES).format(p=pulse), case.pick(_BELLIES)]


def first_diagnosis(case: Case) -> str:
    """What a woman in labour is admitted with: counts, weeks, position."""
    facts = case.plan.facts
    weeks = facts.get("weeks", "")
    planned = facts.get("delivery") == "caesarean" and not case.plan.symptoms
    waits = "待产" if planned else "临产"
    return f"孕{facts.get('gravida', '1')}产{facts.get('parity', '0')}，孕{weeks}周，头位，{waits}"


def born(case: Case) -> str:
    """When and how the child was born, as the plan has it."""
    facts = case.plan.facts
    way = _WAYS[facts["delivery"]]
    if facts["delivery"] == "caesarean":
        after = "胎盘胎膜完整剥离"
    else:
        after = case.pick(("胎盘胎膜自然娩出，完整", "胎盘胎膜娩出完整", "脐带、胎盘无异常"))
    lost = facts.get("blood-loss", "200")
    return f"于{facts.get('birth-time', '')}{way}，{after}，产时及产后2小时出血约{lost}ml"


def after_birth(case: Case) -> str:
    """How mother is on the days after."""
    fingers = 1 + int(case.random.random() * 3)
    womb = case.pick(_LYING_IN).format(n=fingers)
    cut = "腹部切口敷料干燥" if case.plan.facts["delivery"] == "caesarean" else "会阴无红肿"
    return f"产妇一般情况可，体温正常，{womb}，{cut}，{case.pick(_BREASTS)}。"


def birth_orders(case: Case) -> str:
    """What a mother is told when she goes home."""
    return case.pick(_AFTER_BIRTH)

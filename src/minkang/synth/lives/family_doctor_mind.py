"""Severe mental disorders under the family doctor's eye (HSDB04.03, HSDB04.04).

Registered within weeks of diagnosis, seen every quarter when stable, more often when not; 95 % and
more are managed, 90 % and more take their medicine as told (plans).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from minkang.synth.lives.chronic_medicines import medicines_of
from minkang.synth.lives.desk import Desk, family_desk, form, here, morning, open_day
from minkang.synth.lives.family_doctor_medicines import lines
from minkang.synth.lives.family_doctor_rounds import rounds, way
from minkang.synth.lives.life import Life
from minkang.synth.lives.managed import Managed
from minkang.synth.record import Condition, Form

_CODES: Final = {"schizophrenia": "1", "bipolar": "4"}
_SYMPTOMS: Final = {"schizophrenia": ("01", "03", "10", "11", "05"), "bipolar": ("06", "04", "08")}


def mind_forms(life: Life, managed: Managed) -> Iterator[Form]:
    """The registration, where it falls into the window, and the follow-ups."""
    condition = next(c for c in life.conditions if c.key == managed.key)
    random = life.stream("followup-mind")
    desk = family_desk(life)
    registered = open_day(max(managed.since, life.begin))
    if here(life, registered):
        yield _registration(life, desk, condition, registered, random)
    for day in rounds(life, managed):
        if day <= registered:
            continue
        state = _state(condition, life.body.adherence, random)
        again = open_day(day + timedelta(days=14))
        following = again if state < 3 else day + timedelta(days=91)
        yield _followup(life, desk, condition, day, state, following, random)
        if state == 1 and here(life, again):
            after = again + timedelta(days=28)
            yield _followup(life, desk, condition, again, 2, after, random)


def _state(condition: Condition, adherence: float, random: Random) -> int:
    """1 unstable, 2 nearly stable, 3 stable."""
    drawn = random.random() + 0.25 * (condition.severity - 0.5) - 0.3 * (adherence - 0.7)
    return 1 if drawn > 0.975 else 2 if drawn > 0.80 else 3


def _guardian(life: Life) -> dict[str, str]:
    person = life.person
    for key, relation in (
        (person.spouse, "夫" if person.sex == "F" else "妻"),
        (person.father, "父亲"),
        (person.mother, "母亲"),
    ):
        member = life.member(key) if key else None
        if member is not None:
            return {
                "监护人姓名": member.name,
                "与患者关系": relation,
                "监护人住址": member.address,
                "监护人电话": member.phone,
            }
    return {}


def _registration(life: Life, desk: Desk, condition: Condition, day: date, random: Random) -> Form:
    found = condition.found or day
    place = life.world.place
    village = place.village(life.person.village)
    values = {
        "填表日期": day.isoformat(),
        **_guardian(life),
        "辖区村居委会联系人": f"{village.name}网格员",
        "辖区村居委会联系电话": f"154{int(village.code[-6:]) + 60_000_000:08d}",
        "户别": "1" if village.urban else "2",
        "就业情况": "6" if life.age(day) >= 60 and village.urban else "3" if not village.urban
        else "4" if random.random() < 0.7 else "1",
        "知情同意": "1",
        "知情同意签字": _guardian(life).get("监护人姓名", life.person.name),
        "知情同意签字时间": day.isoformat(),
        "初次发病时间": condition.since.isoformat(),
        "既往主要症状": "、".join(sorted(random.sample(_SYMPTOMS[condition.key], 2))),
        "既往关锁情况": "1",
        "既往门诊治疗情况": "3" if life.body.adherence > 0.6 else "2",
        "首次抗精神病药治疗时间": (condition.treated or found).isoformat(),
        "既往住院次数": str(int(condition.severity * 3 + random.random())),
        "诊断": _CODES[condition.key],
        "确诊医院": str(place.institution("mental", life.person.village, 0.0).name),
        "确诊日期": found.isoformat(),
        "最近一次治疗效果": "2",
        "危险行为": "2",
        **dict.fromkeys(_HARMS, "0"),
        "经济状况": "1" if random.random() < 0.3 else "2",
        "专科医生意见": "规律服药，每月复诊，家属看护",
        "医生签字": desk.doctor_name,
    }  # fmt: skip
    at = morning(random, day)
    return form(life, desk, at, "mental_disorder_registration", values, condition.key)


_HARMS: Final = ("轻度滋事次数", "肇事次数", "肇祸次数", "其他危害行为次数", "自伤次数",
                 "自杀未遂次数")  # fmt: skip


def _followup(
    life: Life,
    desk: Desk,
    condition: Condition,
    day: date,
    state: int,
    following: date,
    random: Random,
) -> Form:
    danger = "0" if state == 3 else "1" if random.random() < 0.8 else "2"
    symptoms = (
        "99"
        if state == 3
        else "、".join(sorted(random.sample(_SYMPTOMS[condition.key], 3 - state)))
    )
    values = {
        "随访日期": day.isoformat(),
        "随访方式": way(random, day, life.age(day)),
        "危险性评估": danger,
        "目前症状": symptoms,
        "目前症状其他": "无明显精神病性症状" if state == 3 else "",
        **_functions(condition, life.age(day), state),
        "危险行为": "1" if danger != "0" else "2",
        **dict.fromkeys(_HARMS, "0"),
        "关锁情况": "1",
        "住院情况": "0" if condition.severity < 0.4 else "3",
        "实验室检查": "1" if random.random() < 0.7 else "2",
        **_treatment(life, condition, day, random),
        "治疗效果": "2" if state == 3 else "3" if state == 2 else "4",
        "是否转诊": "2" if state == 1 else "1",
        "康复措施": random.choice(("1", "1、4", "1、2")),
        "本次随访分类": str(state),
        "下次随访日期": following.isoformat(),
        "随访医生签名": desk.doctor_name,
    }  # fmt: skip
    if danger != "0":
        values["轻度滋事次数"] = "1"
    if state == 1:
        hospital = life.world.place.institution("mental", life.person.village, 0.0)
        values["转诊原因"] = "病情不稳定"
        values["转诊机构及科别"] = f"{hospital.name}精神科"
    at = morning(random, day)
    return form(life, desk, at, "mental_disorder_followup", values, condition.key)


def _functions(condition: Condition, age: float, state: int) -> dict[str, str]:
    """Insight, sleep, meals and what the patient can do."""
    return {
        "自知力": str(4 - state),
        "睡眠情况": "1" if state == 3 else "2",
        "饮食情况": "1",
        "社会功能个人生活料理": "1" if condition.severity < 0.7 or state == 3 else "2",
        "社会功能家务劳动": "1" if condition.severity < 0.4 else "2",
        "社会功能生产劳动及工作": "9" if age > 65 else "2" if condition.severity < 0.6
        else "3",
        "社会功能学习能力": "2",
        "社会功能社会人际交往": "2" if state > 1 else "3",
    }  # fmt: skip


def _treatment(life: Life, condition: Condition, day: date, random: Random) -> dict[str, str]:
    """Medicines, and how they are taken and borne."""
    medicines = medicines_of(life, condition.key, day)
    regular = life.body.adherence + random.gauss(0.12, 0.1)
    shaking = bool(medicines) and random.random() < 0.08
    return {
        "用药依从性": "3" if not medicines else "1" if regular > 0.55 else "2",
        "药物不良反应": "1" if shaking else "2" if medicines else "9",
        "药物不良反应描述": "双手轻微震颤" if shaking else "",
        **lines(medicines, 3),
    }

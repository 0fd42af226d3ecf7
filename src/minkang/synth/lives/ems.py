"""120: calls for an ambulance, from the ring to the hospital's door, or in vain.

`calls_of` makes the calls that belong to visits whose plans have `ambulance=True`, counted back
from the moment at which the visit begins; `plans` makes those which end without a visit: death on
the spot, nobody found, taken back, refused. Of all calls that sent a vehicle out about one in
eight is such (annual reports of city emergency centres); a vehicle is on its way within three
minutes and there in eight to fifteen in town, up to half an hour in the villages.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final

from minkang.synth.lives.calendar import Settled
from minkang.synth.lives.endings import Ending, ending_of
from minkang.synth.lives.life import Life
from minkang.synth.record import LOCAL, Form, Plan, Visit

_ALONE: Final = (
    # below age, calls a year that end without a visit
    (15.0, 0.0009), (60.0, 0.0012), (75.0, 0.0028), (200.0, 0.006),
)  # fmt: skip
_IN_VAIN: Final = (
    ("取消", 0.45, "呼叫后自行取消"),
    ("未见患者", 0.2, "到达现场未见患者"),
    ("拒绝送院", 0.35, "现场处置后患者及家属拒绝送院"),
)
_REASONS: Final = {
    "chest-pain": "胸痛", "breathless": "呼吸困难", "syncope": "晕倒", "convulsion": "抽搐",
    "head-injury": "头部外伤", "unable-to-walk": "摔伤后不能行走", "hip-pain": "摔伤",
    "trauma": "外伤", "alcohol": "醉酒", "unconscious": "呼之不应", "confusion": "意识模糊",
    "abdominal-pain": "腹痛", "flank-pain": "腰痛", "vomiting": "呕吐", "dizziness": "头晕",
    "fever": "高热", "haematemesis": "呕血", "melaena": "消化道出血", "hives": "过敏",
    "limb-weakness": "肢体无力、言语不清", "slurred-speech": "言语不清", "palpitations": "心慌",
    "labour-pain": "临产", "weakness-left": "肢体无力", "weakness-right": "肢体无力",
}  # fmt: skip
_WITHOUT: Final = ("头晕", "胸闷", "摔伤", "醉酒", "腹痛", "高热")
_GRADES: Final = ("一级（濒危）", "二级（危重）", "三级（急症）", "四级（非急症）")


def plans(life: Life) -> Iterator[Form]:
    """Calls without a visit: in vain, or where somebody died before the hospital."""
    for year in range(life.begin.year, life.end.year + 1):
        random = life.stream(f"ems-{year}")
        age = max(0.0, life.person.age(date(year, 7, 1)))
        rate = next(rate for below, rate in _ALONE if age < below)
        if random.random() >= rate:
            continue
        day = date(year, random.randint(1, 12), random.randint(1, 28))
        if life.begin <= day <= life.end:
            yield _in_vain(life, random, day)
    ending = ending_of(life)
    if ending is not None and ending.ambulance and ending.place in ("home", "outside"):
        yield _on_the_spot(life, ending)


def calls_of(life: Life, settled: Iterable[Settled], visits: Iterable[Visit]) -> Iterator[Form]:
    """The calls behind what happened: for each plan by ambulance, with the visit that it became.

    Visits are found by when they began; a plan that became none has had no call either.
    """
    place: Any = life.world.place
    at = {visit.start: visit.institution for visit in visits}
    for one in settled:
        if one.plan.ambulance and one.start in at:
            name = place.by_key[at[one.start]].name if place is not None else ""
            yield call_of(life, one.plan, one.start, name)


def call_of(life: Life, plan: Plan, arrived: datetime, hospital: str = "") -> Form:
    """The call behind a visit that began at `arrived`; `hospital` is the name of where.

    Times run backwards from the hospital's door; all are on the minute, in order.
    """
    random = life.stream(f"ems-{plan.because}-{plan.day}")
    station, near = _station(life)
    back = random.randint(7, 14) if near else random.randint(14, 32)
    scene = random.randint(8, 22)
    out = random.randint(6, 13) if near else random.randint(11, 27)
    door = arrived - timedelta(minutes=random.randint(1, 5))
    left = door - timedelta(minutes=back)
    there = left - timedelta(minutes=scene)
    gone = there - timedelta(minutes=out)
    sent = gone - timedelta(minutes=random.randint(1, 3))
    rang = sent - timedelta(minutes=random.choice((0, 1, 1, 2)))
    worst = max(plan.acute.values(), default=0.4)
    dead = plan.outcome == "死亡"
    grade = 0 if dead else 1 if worst >= 0.8 else 2 if worst >= 0.3 else 3
    values = {
        "呼救时间": _text(rang),
        "派车时间": _text(sent),
        "出发时间": _text(gone),
        "到达现场时间": _text(there),
        "离开现场时间": _text(left),
        "到达医院时间": _text(door),
        "呼叫原因": _REASONS.get(plan.symptoms[0] if plan.symptoms else "", "突发疾病"),
        "初步诊断": plan.diagnoses[0].name,
        "病情分级": _GRADES[grade],
        "急救措施": "、".join(_measures(random, plan, grade)),
        "送达医院": hospital,
        "结果": "送院",
    }
    return _form(life, random, rang, values, station, plan.because)


def _in_vain(life: Life, random: Random, day: date) -> Form:
    """A call that was taken back, or found nobody, or nobody who would come along."""
    station, near = _station(life)
    rang = datetime.combine(day, time(random.randrange(24), random.randrange(60)), LOCAL)
    result, _, told = random.choices(_IN_VAIN, [share for _, share, _ in _IN_VAIN])[0]
    sent = rang + timedelta(minutes=random.choice((1, 1, 2)))
    gone = sent + timedelta(minutes=random.randint(1, 3))
    values = {"呼救时间": _text(rang), "派车时间": _text(sent), "出发时间": _text(gone)}
    if result != "取消":
        there = gone + timedelta(minutes=random.randint(6, 14) if near else random.randint(12, 28))
        values["到达现场时间"] = _text(there)
        values["离开现场时间"] = _text(there + timedelta(minutes=random.randint(6, 20)))
    values |= {
        "呼叫原因": random.choice(_WITHOUT),
        "病情分级": _GRADES[3],
        "结果": result,
        "备注": told,
    }
    return _form(life, random, rang, values, station, "")


def _on_the_spot(life: Life, ending: Ending) -> Form:
    """Called for somebody who was dead before they could be moved."""
    random = life.stream("ems-death")
    station, near = _station(life)
    found = ending.at + timedelta(minutes=random.randint(-12, 25))
    sent = found + timedelta(minutes=random.choice((1, 1, 2)))
    gone = sent + timedelta(minutes=random.randint(1, 3))
    there = gone + timedelta(minutes=random.randint(6, 14) if near else random.randint(12, 28))
    injury = ending.chain.injury
    values = {
        "呼救时间": _text(found),
        "派车时间": _text(sent),
        "出发时间": _text(gone),
        "到达现场时间": _text(there),
        "离开现场时间": _text(there + timedelta(minutes=random.randint(20, 45))),
        "呼叫原因": ending.chain.links[-1].name if injury else "呼之不应",
        "初步诊断": "院前死亡",
        "病情分级": _GRADES[0],
        "急救措施": "心肺复苏、心电图检查",
        "结果": "现场死亡",
    }
    return _form(life, random, found, values, station, "death")


def _station(life: Life) -> tuple[Any, bool]:
    """The station that goes out, and whether it is near (same town, or a quarter of the city)."""
    place: Any = life.world.place
    if place is None:
        return None, True
    village = life.person.village
    station = place.ambulance_station(village)
    return station, station.town == village[:9] or bool(place.village(village).urban)


def _measures(random: Random, plan: Plan, grade: int) -> list[str]:
    measures = ["生命体征监测"]
    acute = plan.acute
    if acute.get("breathless") or acute.get("heart") or grade == 0:
        measures.append("吸氧")
    if "ecg" in plan.images or acute.get("heart"):
        measures.append("心电图检查")
    if acute.get("bleeding"):
        measures += ["止血包扎", "建立静脉通道"]
    if plan.diagnoses[0].code.startswith(("S", "T0")):
        measures.append("固定搬运")
    if grade == 0:
        measures.append("心肺复苏")
    elif grade == 1 and "建立静脉通道" not in measures and random.random() < 0.7:
        measures.append("建立静脉通道")
    return measures


def _form(
    life: Life, random: Random, rang: datetime, values: dict[str, str], station: Any, because: str
) -> Form:
    callers = [p.phone for p in life.household.people if p.here(rang.date()) and p.phone]
    vehicle = random.randint(1, station.vehicles) if station is not None else 1
    number = int(station.town[-5:]) % 900 + 10 * vehicle if station is not None else vehicle
    more = {
        "呼叫电话": random.choice(callers) if callers else "",
        "现场地址": life.person.address,
        "急救站": station.name if station is not None else "",
        "车牌号": f"鲁KI{number % 1000:03d}O",  # no plate has the letters I and O
    }
    return Form(
        person=life.person.key,
        at=rang,
        kind="ems_call",
        values={column: text for column, text in (values | more).items() if text},
        institution=station.host if station is not None else "",
        because=because,
    )


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")

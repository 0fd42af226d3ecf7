"""The health file: one form of basic information for everybody (HSDA00.01).

Those who live here when the region's years begin have one from the years of 2009-2015, entered
into the system in the first weeks; the newborn get theirs at the first visits, who moves in within
half a year. About 97 % have one.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from minkang.synth.draws import share, stream
from minkang.synth.lives.desk import Desk, family_desk, form, here, morning, open_day
from minkang.synth.lives.life import Life
from minkang.synth.record import Form

_CODES: Final = {
    "hypertension": "2", "diabetes": "3", "coronary": "4", "copd": "5", "stroke-ischaemic": "7",
    "stroke-haemorrhagic": "7", "schizophrenia": "8", "bipolar": "8", "tuberculosis": "9",
    "hepatitis-b": "10",
}  # fmt: skip
_PLAIN: Final = frozenset("2345789")
_KIN: Final = {"hypertension": "2", "diabetes": "3", "coronary": "4", "stroke": "7",
               "cancer": "6"}  # fmt: skip
_GROUPS: Final = {"A": "1", "B": "2", "O": "3", "AB": "4"}
_WORK: Final = ("农", "渔", "养殖")


def basic_information(life: Life) -> Iterator[Form]:
    """The resident's file, where it is opened or entered within the window."""
    random = life.stream("file")
    has, delay, seat = random.random(), random.random(), random.random()
    person = life.person
    if person.birth >= life.world.begin:
        opened = open_day(person.birth + timedelta(days=12 + int(delay * 25)))
        entered = opened
    elif person.arrived is not None and person.arrived > life.world.begin:
        opened = open_day(person.arrived + timedelta(days=10 + int(delay * 170)))
        entered = opened
    else:
        entered = open_day(life.begin + timedelta(days=int(delay * 42)))
        first = max(person.birth + timedelta(days=30), date(2009, 9, 1))
        span = max(1, (life.begin - first).days)
        opened = open_day(first + timedelta(days=int(seat * min(span, 2200))))
        opened = min(opened, entered)
    if has < 0.97 and here(life, entered):
        yield _file(life, opened, entered, random)


def _file(life: Life, opened: date, entered: date, random: Random) -> Form:
    person = life.person
    desk = family_desk(life)
    place = life.world.place
    village = place.village(person.village)
    contact = _contact(life)
    values = {
        "建档日期": opened.isoformat(),
        **_standing(life, entered),
        "本人电话": person.phone,
        "联系人姓名": contact[0],
        "联系人电话": contact[1],
        "常住类型": "2" if person.arrived is not None else "1",
        "民族": person.nation,
        "血型": _GROUPS[life.body.blood_group[:-1]] if random.random() < 0.45 else "5",
        "RH血型": "2" if random.random() < 0.45 else "3",
        "医疗费用支付方式": {"职工": "01", "居民": "02"}.get(person.insurance, "07"),
        **_allergies(random),
        "暴露史": "2" if life.body.habits.dust else "1",
        **_past(life, entered),
        **_operations(life, entered, random),
        **_family(life, random),
        "遗传病史": "1",
        "残疾情况": _disability(life, entered),
        **_home(life, village.urban),
        "现住址": person.address,
        "户籍地址": person.former_address or person.address,
        "乡镇名称": place.town(village.town).name,
        "村名称": village.name,
        "建档单位": desk.name,
        "建档人": _clerk(life, desk),
        "责任医生": desk.doctor_name,
    }
    return form(life, desk, morning(random, entered), "basic_information", values)


def _clerk(life: Life, desk: Desk) -> str:
    place = life.world.place
    primary = place.primary(life.person.village)
    return str(place.nurse(primary, place.department(primary, "general"), 0.5).name) or desk.name


def _contact(life: Life) -> tuple[str, str]:
    person = life.person
    for member in life.household.people:
        if member.key != person.key and member.phone and member.age(life.begin) >= 18:
            return member.name, member.phone
    return "", ""


def _standing(life: Life, day: date) -> dict[str, str]:
    """Work, schooling and marriage as they were that day, as far as that is known.

    The person's own words are those of the last day: a child's are left out, and who married or
    was widowed later was not so yet.
    """
    person = life.person
    if life.age(day) < 16:
        return {"婚姻状况": "未婚"}
    marital = person.marital
    if person.married is not None and person.married > day and marital == "已婚":
        marital = "未婚"
    spouse = life.member(person.spouse) if person.spouse else None
    if marital == "丧偶" and spouse is not None and spouse.here(day):
        marital = "已婚"
    return {
        "工作单位": _employer(life),
        "文化程度": "90" if person.education.startswith("文盲") else person.education,
        "职业": person.occupation,
        "婚姻状况": marital,
    }


def _employer(life: Life) -> str:
    site = life.person.site
    if not site:
        return ""
    try:
        found = life.world.place.site(site)
    except KeyError:
        return ""
    return str(found.name) if found.kind in ("employer", "restaurant") else ""


def _allergies(random: Random) -> dict[str, str]:
    drawn = random.random()
    if drawn < 0.91:
        return {"药物过敏史": "1"}
    if drawn < 0.96:
        return {"药物过敏史": "2", "过敏药物1": "青霉素"}
    if drawn < 0.98:
        return {"药物过敏史": "3", "过敏药物1": "磺胺类"}
    return {"药物过敏史": "5", "过敏药物1": random.choice(("头孢菌素类", "阿司匹林", "碘造影剂"))}


def _past(life: Life, day: date) -> dict[str, str]:
    known = sorted(life.known(day), key=lambda condition: condition.found or day)
    found: dict[str, str] = {}
    codes = []
    for condition in known:
        if condition.key == "hiv" or (condition.over is not None and condition.over < day):
            continue
        code = _CODES.get(condition.key) or ("6" if "cancer" in condition.key else "13")
        at = len(found) // 2 + 1
        if at > 6 or condition.found is None:
            break
        codes.append(code)
        found[f"既往疾病{at}"] = code if code in _PLAIN else condition.name
        found[f"既往疾病{at}确诊时间"] = condition.found.isoformat()
    if not codes:
        return {"既往史": "1"}
    return {"既往史": "、".join(sorted(set(codes), key=int)), **found}


_CUTS: Final = (
    ("阑尾切除术", "", 0.05), ("胆囊切除术", "", 0.03), ("疝修补术", "M", 0.03),
    ("白内障手术", "", 0.03), ("扁桃体切除术", "", 0.015), ("剖宫产术", "F", 0.10),
)  # fmt: skip


def _operations(life: Life, day: date, random: Random) -> dict[str, str]:
    """Operations, injuries and transfusions of the years before."""
    age = life.age(day)
    found: dict[str, str] = {}
    if age < 25:
        return found
    number = 1
    for name, sex, rate in _CUTS:
        drawn, when = random.random(), random.random()
        if name == "白内障手术" and age < 68:
            continue
        if name == "剖宫产术" and (life.person.birth.year < 1958 or not life.person.marital):
            continue
        if drawn < rate * min(1.6, age / 50) and sex in ("", life.person.sex) and number < 3:
            low = max(66.0, age - 8) if name == "白内障手术" else 22.0
            high = min(age - 0.5, 36.0) if name == "剖宫产术" else age - 0.5
            years = low + when * max(0.0, high - low)
            at = life.person.birth + timedelta(days=int(years * 365.25))
            found[f"手术{number}名称"] = name
            found[f"手术{number}时间"] = at.isoformat()
            number += 1
    if random.random() < 0.04:
        at = life.person.birth + timedelta(days=int((20 + random.random() * (age - 21)) * 365.25))
        found["外伤1名称"] = random.choice(("左桡骨骨折", "右踝骨骨折", "肋骨骨折", "头皮裂伤"))
        found["外伤1时间"] = at.isoformat()
    return found


def _family(life: Life, random: Random) -> dict[str, str]:
    """What runs in the family: of one parent mostly, sometimes of siblings."""
    father: list[str] = []
    mother: list[str] = []
    siblings: list[str] = []
    for key in life.body.habits.family:
        drawn = random.random()
        (father if drawn < 0.45 else mother).append(_KIN[key])
        if drawn > 0.8:
            siblings.append(_KIN[key])
    found = {}
    for column, codes in (("父亲病史", father), ("母亲病史", mother), ("兄弟姐妹病史", siblings)):
        found[column] = "、".join(sorted(codes, key=int)) or "1"
    return found


def _disability(life: Life, day: date) -> str:
    if life.has("schizophrenia", day):
        return "07"
    if life.has("stroke-ischaemic", day) or life.has("stroke-haemorrhagic", day):
        return "05" if share(life.world.seed, "disabled", life.person.key) < 0.3 else "01"
    drawn = stream(life.world.seed, "disability-file", life.person.key).random()
    old = life.age(day) > 60
    if drawn < (0.02 if old else 0.004):
        return "05"
    if drawn < (0.032 if old else 0.006):
        return "03"
    return "02" if drawn < (0.042 if old else 0.007) else "01"


def _home(life: Life, urban: bool) -> dict[str, str]:
    """Kitchen, fuel, water, toilet and stable: the same for all of a household."""
    random = stream(life.world.seed, "home", life.household.key)
    farmed = any(mark in life.person.occupation for mark in _WORK)
    if urban:
        return {"厨房排风设施": "2", "燃料类型": "3" if random.random() < 0.85 else "1",
                "饮水": "1" if random.random() < 0.9 else "2", "厕所": "1",
                "禽畜栏": "1"}  # fmt: skip
    fuel = random.random()
    return {
        "厨房排风设施": "2" if random.random() < 0.6 else "3" if random.random() < 0.5 else "4",
        "燃料类型": "1" if fuel < 0.55 else "5" if fuel < 0.8 else "3",
        "饮水": "1" if random.random() < 0.93 else "3",
        "厕所": "1" if random.random() < 0.75 else "2",
        "禽畜栏": "2" if farmed and random.random() < 0.35 else "1",
    }

"""The death certificate (居民死亡医学证明（推断）书, WS/T 483.3) filled in from an ending."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final

from minkang.synth.draws import share
from minkang.synth.lives.endings_chain import Link
from minkang.synth.lives.life import Life
from minkang.synth.record import LOCAL, Form, Person

if TYPE_CHECKING:
    from minkang.synth.lives.endings import Ending

_PLACE: Final = {"ward": "01", "emergency": "02", "home": "03", "arrival": "07", "outside": "99"}
_MARITAL: Final = {
    "未婚": "10",
    "已婚": "20",
    "初婚": "21",
    "再婚": "22",
    "丧偶": "30",
    "离婚": "40",
}
_HIGHEST: Final = {"city": "02", "county": "03", "tcm": "03", "town": "04"}


def certificate(life: Life, ending: Ending) -> Form:
    """The form as it is filed one to six days after death, in working hours."""
    random = life.stream("certificate")
    filed = ending.at + timedelta(days=random.choice((1, 1, 1, 2, 2, 3, 4, 6)))
    at = datetime.combine(
        filed.date(), time(random.choice((8, 9, 10, 14, 15, 16)), random.randrange(60)), LOCAL
    )
    values = {
        "填表日期": at.date().isoformat(),
        "国家或地区": "中国",
        "证件类型": "01" if life.person.id_number else "99",
        "死亡日期时间": ending.at.strftime("%Y-%m-%d %H:%M:%S"),
        "死亡地点": _place(life, ending),
        "死亡时是否处于妊娠期或妊娠终止后42天内": _pregnant(life, ending),
        **_person(life),
        **_family(life, random),
        **_causes(ending, random),
        "最高诊断单位": _level(ending, random),
        "最高诊断依据": _evidence(ending, random),
    }
    institution, doctor, signed = _desk(life, ending, at)
    values |= signed
    if ending.place not in ("ward", "emergency"):
        values |= _inquiry(life, ending, random, at)
    return Form(
        person=life.person.key,
        at=at,
        kind="death_certificate",
        values={column: value for column, value in values.items() if value},
        institution=institution,
        doctor=doctor,
        because="death",
    )


def _desk(life: Life, ending: Ending, at: datetime) -> tuple[str, str, dict[str, str]]:
    """Who signs: the hospital where it ended, else the town's centre; nothing without a place."""
    place: Any = life.world.place
    if place is None:
        return "", "", {}
    seed, person = life.world.seed, life.person
    if ending.place in ("home", "outside"):
        institution, specialty = place.centre(person.village), "general"
    else:
        care, specialty = ending.care, "emergency"
        if ending.place != "ward" and care in ("tcm", "town"):
            care = "county"
        pick = share(seed, "usual", life.household.key, care)
        institution = place.institution(care, person.village, pick)
    department = place.department(institution, specialty)
    seat = share(seed, "doctor", person.key, institution.key, department.key)
    doctor = place.doctor(institution, department, seat, at.date())
    signed = {"医疗机构": institution.name, "医师签名": doctor.name}
    if ending.chain.injury and ending.place in ("home", "outside"):
        signed["民警签名"] = "公安机关已出具意见"
    return institution.key, doctor.code, signed


def _place(life: Life, ending: Ending) -> str:
    if ending.place == "home" and "care-home" in life.person.site:
        return "06"
    return _PLACE[ending.place]


def _person(life: Life) -> dict[str, str]:
    person = life.person
    return {
        "民族": person.nation,
        "婚姻状况": _MARITAL.get(person.marital, person.marital),
        "文化程度": person.education,
        "个人身份": _standing(life),
        "户籍地址": person.former_address or person.address,
        "常住地址": person.address,
    }


def _standing(life: Life) -> str:
    """The code of GB/T 2261.4 that an occupation comes nearest to."""
    age = life.person.age(life.end)
    words = life.person.occupation
    if "农" in words:
        return "27"
    if age >= 60 and "职工" in life.person.insurance:
        return "80"
    if "学生" in words or 6 <= age < 18:
        return "31"
    if "工人" in words:
        return "24"
    if words and age >= 18:
        return "17"
    return "90"


def _pregnant(life: Life, ending: Ending) -> str:
    if life.person.sex != "F":
        return ""
    death = ending.at.date()
    for pregnancy in life.person.pregnancies:
        if pregnancy.last_period <= death <= pregnancy.ended + timedelta(days=42):
            return "1"
    return "2"


def _relative(life: Life) -> Person | None:
    """Who of the household speaks for the dead: an adult who is alive and here, else None."""
    death = life.end
    for person in life.household.people:
        alive = person.death is None or person.death > death
        other = person.key != life.person.key
        if other and alive and person.here(death) and person.age(death) >= 18:
            return person
    return None


def _family(life: Life, random: Random) -> dict[str, str]:
    relative = _relative(life)
    if relative is None:
        return {}
    return {
        "可联系的家属姓名": relative.name,
        "家属联系电话": relative.phone,
        "家属住址或工作单位": relative.address if random.random() < 0.8 else "",
    }


def _causes(ending: Ending, random: Random) -> dict[str, str]:
    values: dict[str, str] = {}
    for letter, link in zip("abcd", ending.chain.links, strict=False):
        values[f"死因{letter}"] = link.name
        values[f"死因{letter}编码"] = link.code
        values[f"死因{letter}发病至死亡间隔"] = interval(link, random)
    values["根本死亡原因"] = ending.chain.underlying.name
    values["根本死亡原因编码"] = ending.chain.underlying.code
    values["其他疾病诊断"] = "、".join(d.name for d in ending.chain.others)
    return values


def interval(link: Link, random: Random) -> str:
    """Time from onset to death as doctors write it: minutes, hours, days, months, years."""
    days = link.days
    if days < 0.04:
        return f"{max(5, round(days * 1440 / 5) * 5)}分钟"
    if days < 1.5:
        return f"{max(1, round(days * 24))}小时"
    if days < 45:
        return f"{round(days)}天"
    if days < 365 * 2:
        return f"{max(2, round(days / 30.4))}个月"
    if random.random() < 0.05:
        return "不详"
    return f"{round(days / 365.25)}年"


def _level(ending: Ending, random: Random) -> str:
    if ending.place in ("home", "outside") and ending.admitted is None:
        if ending.chain.course == "sudden":
            return random.choice(("06", "04", "03"))
        return random.choice(("03", "03", "02", "04"))
    return _HIGHEST.get(ending.care, "03")


def _evidence(ending: Ending, random: Random) -> str:
    if ending.chain.group == "cancer":
        return "2" if random.random() < 0.72 else "4"
    if ending.place in ("outside", "arrival") or (
        ending.place == "home" and ending.chain.course == "sudden"
    ):
        return random.choice(("6", "6", "5"))
    return "4" if random.random() < 0.75 else "5"


def _inquiry(life: Life, ending: Ending, random: Random, at: datetime) -> dict[str, str]:
    """What the town's doctor asked the family, since nobody of a hospital saw the death."""
    relative = _relative(life)
    links, underlying = ending.chain.links, ending.chain.underlying
    root = next((link for link in links if link.code == underlying.code), links[-1])
    worst = ending.chain.links[0]
    if ending.chain.injury:
        text = f"据家属述，死者{ending.at:%m月%d日}因{root.name}致死，{_before(life, ending)}"
    elif ending.chain.course == "sudden":
        last = interval(worst, random)
        text = f"死者既往有{root.name}病史，{ending.at:%m月%d日}突发不适，{last}内死亡"
    else:
        text = f"死者患{root.name}{interval(root, random)}，近期病情加重，进食差，卧床，家中死亡"
    values = {
        "调查记录": text,
        "死因推断": ending.chain.underlying.name,
        "调查日期": at.date().isoformat(),
    }
    if relative is not None:
        values["被调查者姓名"] = relative.name
        values["被调查者电话"] = relative.phone
        values["被调查者与死者关系"] = _relation(life.person, relative)
    return values


def _before(life: Life, ending: Ending) -> str:
    """What the family says of earlier illness."""
    names = [
        course.name for course in life.known(ending.at.date())
        if (ending.at.date() - (course.found or course.since)).days > 30
    ]  # fmt: skip
    return f"既往有{'、'.join(names[:2])}病史" if names else "既往体健"


def _relation(dead: Person, other: Person) -> str:
    """What the other one is to the dead."""
    if other.key == dead.spouse:
        return "配偶"
    if dead.key in (other.mother, other.father):
        return "子" if other.sex == "M" else "女"
    if other.key == dead.mother:
        return "母"
    if other.key == dead.father:
        return "父"
    return "亲属"

"""Contracts with the family doctor: yearly, for a package of services.

Signed are about 45 % of all and 75 % and more of the old, the chronically ill, small children and
expectant mothers (national figures of 2022-2024); a household mostly signs together. The columns
are those of the grassroots system's own table (mapping family_doctor_contract).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from minkang.synth.draws import share
from minkang.synth.lives.desk import Desk, family_desk, form, here, morning, open_day
from minkang.synth.lives.life import Life
from minkang.synth.lives.managed import Managed, is_managed
from minkang.synth.record import Form


def contracts(life: Life, managed: tuple[Managed, ...]) -> Iterator[Form]:
    """The contracts of the window, one a year."""
    random = life.stream("contracts")
    desk = family_desk(life)
    seed = life.world.seed
    home = share(seed, "contract", life.household.key)
    own = random.random()
    month = 1 + int(share(seed, "contract-month", life.person.village) * 5)
    for year in range(life.begin.year, life.end.year + 1):
        keeps, at = random.random(), int(random.random() * 50)
        day = open_day(date(year, month, 4) + timedelta(days=at))
        if not here(life, day):
            continue
        groups = groups_of(life, managed, day)
        wish = 0.80 if groups else 0.30
        wish += 0.012 * (year - 2020)
        if 0.65 * home + 0.35 * own < wish and keeps < 0.96:
            yield _contract(life, desk, day, groups, random)


def groups_of(life: Life, managed: tuple[Managed, ...], day: date) -> tuple[str, ...]:
    """The groups that a contract looks after first to which the resident belongs."""
    found = []
    age = life.age(day)
    if age >= 65:
        found.append("老年人")
    if age < 7:
        found.append("0-6岁儿童")
    if any(p.last_period <= day <= p.ended + timedelta(days=60) for p in life.person.pregnancies):
        found.append("孕产妇")
    for key, name in (
        ("hypertension", "高血压患者"),
        ("diabetes", "2型糖尿病患者"),
        ("schizophrenia", "严重精神障碍患者"),
        ("bipolar", "严重精神障碍患者"),
    ):
        if is_managed(managed, key, day):
            found.append(name)
    return tuple(dict.fromkeys(found))


def _contract(life: Life, desk: Desk, day: date, groups: tuple[str, ...], random: Random) -> Form:
    packages = ["基础服务包"]
    names = {"老年人": "老年人服务包", "0-6岁儿童": "儿童服务包", "孕产妇": "孕产妇服务包",
             "高血压患者": "高血压服务包", "2型糖尿病患者": "糖尿病服务包",
             "严重精神障碍患者": "严重精神障碍服务包"}  # fmt: skip
    packages += [names[group] for group in groups]
    values = {
        "签约日期": day.isoformat(),
        "到期日期": date(day.year, 12, 31).isoformat(),
        "签约机构": desk.name,
        "签约团队": f"{desk.doctor_name}家庭医生团队",
        "签约医生": desk.doctor_name,
        "服务包": "、".join(packages),
        "人群分类": "、".join(groups) or "一般人群",
    }
    return form(life, desk, morning(random, day), "family_doctor_contract", values)

"""How somebody lives, as the forms of the family doctor ask for it: smoke, drink, move, eat."""

from datetime import date
from random import Random

from minkang.synth.lives.life import Life


def followup_habits(life: Life, day: date, random: Random) -> dict[str, str]:
    """Smoking, drinking and movement at a follow-up, each with the aim until the next one."""
    habits, age = life.body.habits, life.age(day)
    smokes = habits.daily if habits.smokes(age) else 0
    drinks = (0, 0, 2)[habits.drinks] if age < 78 else 0
    times = random.choice((5, 6, 7)) if habits.active else random.choice((0, 2, 3, 4))
    minutes = random.choice((30, 30, 40, 60)) if times else 0
    return {
        "日吸烟量": str(smokes),
        "目标日吸烟量": str(max(0, smokes - 5)),
        "日饮酒量": str(drinks),
        "目标日饮酒量": str(max(0, drinks - 1)),
        "每周运动次数": str(times),
        "每次运动时间": str(minutes),
        "目标每周运动次数": str(max(5, times)),
        "目标每次运动时间": "30" if minutes < 30 else str(minutes),
    }


def salt(life: Life, random: Random) -> dict[str, str]:
    """How salty the kitchen is, and the aim."""
    level = life.body.habits.salt + random.gauss(0, 0.4)
    return {
        "摄盐情况": "轻" if level < -0.5 else "中" if level < 0.9 else "重",
        "目标摄盐情况": "轻",
    }


def sizes(tall: float, heavy: float) -> dict[str, str]:
    """Height, weight and index with the weight to aim at: an index below 24 in steps of 2 kg."""
    metres = tall / 100
    index = heavy / metres**2
    aim = heavy if index < 24 else max(23.9 * metres**2, heavy - 2)
    return {
        "身高": f"{tall:.1f}",
        "体重": f"{heavy:.1f}",
        "目标体重": f"{aim:.1f}",
        "体质指数": f"{index:.1f}",
        "目标体质指数": f"{aim / metres**2:.1f}",
    }


def checkup_habits(life: Life, day: date, random: Random) -> dict[str, str]:
    """The way of life as the yearly check-up asks for it."""
    habits, age = life.body.habits, life.age(day)
    moves = habits.active or random.random() < 0.3
    found = {
        "锻炼频率": ("1" if habits.active else "2") if moves else random.choice(("3", "4")),
        "饮食习惯": "1、4" if habits.salt > 0.8 else "1",
        "吸烟状况": "1",
        "饮酒频率": ("1", "2", "4")[habits.drinks] if age < 80 else "1",
    }
    if moves:
        found["每次锻炼时间"] = random.choice(("30", "30", "40", "60"))
        found["坚持锻炼时间"] = str(2 + int(max(0.0, age - 50) * 0.5))
        found["锻炼方式"] = random.choice(("散步", "散步", "广场舞", "太极拳", "快走", "骑自行车"))
    if habits.smokes_from and age > habits.smokes_from:
        found["开始吸烟年龄"] = str(int(habits.smokes_from))
        if habits.smokes(age):
            found |= {"吸烟状况": "3", "日吸烟量": str(habits.daily)}
        else:
            found |= {"吸烟状况": "2", "戒烟年龄": str(int(habits.smokes_until))}
    if habits.drinks and age < 80:
        found |= {
            "日饮酒量": str(habits.drinks),
            "是否戒酒": "1",
            "开始饮酒年龄": str(19 + int(habits.salt + 2)),
            "近一年内是否曾醉酒": "1" if habits.drinks == 2 and random.random() < 0.2 else "2",
            "饮酒种类": "1、2" if habits.drinks == 2 else "2",
        }
    return found

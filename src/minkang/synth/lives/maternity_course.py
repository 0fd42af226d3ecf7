"""The course of one pregnancy: its risks, how it ends, and how the child comes into the world.

Everything follows from the mother, the number of the pregnancy and the world's seed, so that the
mother's record and the child's tell the same birth. Rates: diabetes of pregnancy 15-17 %
(Zhu 2022, IADPSG criteria in China), hypertensive disorders 5-6 %, caesareans 44-45 % (health
statistics yearbook 2021-2023), preterm births from the pregnancy's own dates, severe bleeding 1 %.
Risk colours as in the rule on risk in pregnancy (国卫办妇幼发〔2017〕35号): green, yellow,
orange, red; purple is a contagious disease and stands beside another colour.
"""

from datetime import date
from functools import lru_cache
from random import Random
from typing import Final

import msgspec

from minkang.synth.draws import stream
from minkang.synth.lives.courses_habits import habits_of
from minkang.synth.lives.growth import frame_of, length_at, weight_at
from minkang.synth.record import Person, Pregnancy, Sex

COLOURS: Final = {"green": "绿色", "yellow": "黄色", "orange": "橙色", "red": "红色"}


class Course(msgspec.Struct, frozen=True, gc=False):
    """What a pregnancy brings. `weeks` is the gestation at its end; `mode` the way of delivery.

    `mode` is vaginal, forceps, caesarean or empty where nobody was born; `reason` the cause of a
    caesarean. `pressure` is "", gestational, preeclampsia or severe. `anaemia` is the
    haemoglobin of the third trimester in g/L where it is below 110, else 0 (the mother's body knows
    it; the course alone has 0). `scars` counts caesareans before. `fasting`, `one`
    and `two` are the glucose tolerance test in mmol/L. `loss` is bleeding in ml.
    """

    pregnancy: Pregnancy
    gravida: int
    parity: int
    scars: int
    miscarriages: int
    abortions: int
    age: float
    bmi: float
    weeks: float
    mode: str
    reason: str
    breech: bool
    pressure: str
    diabetes: bool
    insulin: bool
    fasting: float
    one: float
    two: float
    anaemia: int
    thyroid: bool
    syphilis: bool
    placenta: bool
    cord: bool
    early_rupture: bool
    loss: int
    tear: int
    analgesia: bool
    gain: float
    care: str

    @property
    def twins(self) -> bool:
        """Whether more than one child was carried to birth."""
        return len(self.pregnancy.children) > 1

    @property
    def born(self) -> bool:
        """Whether it ended in a birth, alive or still."""
        return self.pregnancy.outcome in ("live", "still")

    def week(self, day: date) -> float:
        """Completed weeks and parts since the last period."""
        return (day - self.pregnancy.last_period).days / 7

    def risks(self, week: float, hepatitis: bool = False) -> tuple[str, tuple[str, ...], bool]:
        """Colour, what it rests on (in Chinese), and whether purple stands beside, by that week."""
        found: list[tuple[int, str]] = []
        if self.age >= 40:
            found.append((2, "年龄≥40岁"))
        elif self.age >= 35 or self.age <= 18:
            found.append((1, "年龄≥35岁" if self.age >= 35 else "年龄≤18岁"))
        if self.bmi >= 28:
            found.append((2, "体重指数≥28"))
        elif self.bmi > 25 or self.bmi < 18.5:
            found.append((1, "体重指数>25" if self.bmi > 25 else "体重指数<18.5"))
        if self.scars:
            found.append((2 if self.scars > 1 else 1, "剖宫产史"))
        if self.miscarriages + self.abortions >= 3:
            found.append((1, "流产史≥3次"))
        if self.twins and week >= 8:
            found.append((1, "双胎妊娠"))
        if self.diabetes and week >= 25:
            found.append((2 if self.insulin else 1, "妊娠期糖尿病"))
        if self.pressure and week >= 30:
            grave = {"gestational": 1, "preeclampsia": 1, "severe": 2}[self.pressure]
            found.append((grave, "重度子痫前期" if grave == 2 else "妊娠期高血压疾病"))
        if self.anaemia and week >= 28:
            found.append((1, "贫血（血红蛋白60-110g/L）"))
        if self.thyroid:
            found.append((1, "甲状腺功能减退"))
        if self.placenta and week >= 28:
            found.append((2, "前置胎盘"))
        colour = ("green", "yellow", "orange")[max((grade for grade, _ in found), default=0)]
        contagious = hepatitis or self.syphilis
        return colour, tuple(text for _, text in sorted(found, reverse=True)), contagious


class Newborn(msgspec.Struct, frozen=True, gc=False):
    """A child on its first day. `apgar` after one, five and ten minutes."""

    weeks: float
    grams: int
    length: float
    head: float
    apgar: tuple[int, int, int]
    malformation: str
    jaundice: float  # peak, micromol/L through the skin
    hearing: bool  # passed at the first test
    heart: bool  # passed pulse oximetry and auscultation
    metabolic: str  # "" normal, else the code of the form
    fed: str  # 1 breast, 2 both, 3 formula: until half a year


@lru_cache(maxsize=256)
def course_of(seed: int, mother: Person, at: int) -> Course:
    """The course of the mother's pregnancy with that index in `Person.pregnancies`."""
    pregnancy = mother.pregnancies[at]
    random = stream(seed, "pregnancy", mother.key, at)
    before = mother.pregnancies[:at]
    scars, older = _scars(seed, mother, at)
    losses = sum(p.outcome == "miscarried" for p in before)
    ended = sum(p.outcome == "ended" for p in before)
    hidden = stream(seed, "pregnancies-before", mother.key)
    losses += int(hidden.random() < 0.12)
    ended += int(hidden.random() < 0.22)
    days = (pregnancy.ended - pregnancy.last_period).days
    age = (pregnancy.last_period - mother.birth).days / 365.25
    bmi = habits_of(mother).bmi - 2.2 - max(0.0, 35 - age) * 0.06
    diabetes = random.random() < 0.115 + 0.009 * max(0.0, age - 28) + 0.018 * max(0.0, bmi - 23)
    pressure = _pressure(random, age, bmi, len(pregnancy.children) > 1, pregnancy.parity == 0)
    breech, small = random.random() < 0.035, random.random()
    mode, reason = _mode(random, pregnancy, scars, breech, pressure)
    glucose = _tolerance(random, diabetes)
    loss = int(random.lognormvariate(5.5 if mode == "caesarean" else 5.1, 0.42))
    if random.random() < 0.028:
        loss = int(random.lognormvariate(6.75, 0.28))
    return Course(
        pregnancy=pregnancy,
        gravida=older + len(before) + losses + ended - _lost(before) + 1,
        parity=pregnancy.parity,
        scars=scars,
        miscarriages=losses,
        abortions=ended,
        age=age,
        bmi=bmi,
        weeks=days / 7,
        mode=mode,
        reason=reason,
        breech=breech,
        pressure=pressure,
        diabetes=diabetes,
        insulin=diabetes and random.random() < 0.12,
        fasting=glucose[0],
        one=glucose[1],
        two=glucose[2],
        anaemia=0,
        thyroid=random.random() < 0.045,
        syphilis=random.random() < 0.0016,
        placenta=random.random() < (0.03 if scars else 0.006),
        cord=random.random() < 0.24,
        early_rupture=random.random() < 0.16,
        loss=loss,
        tear=1 if small < 0.45 else 2 if small < 0.62 else 0,
        analgesia=random.random() < 0.45,
        gain=max(4.0, random.gauss(13.8, 3.8) - max(0.0, bmi - 23) * 0.5),
        care="mch" if random.random() < 0.58 else "county" if random.random() < 0.72 else "city",
    )


def _lost(before: tuple[Pregnancy, ...]) -> int:
    return sum(p.outcome in ("miscarried", "ended") for p in before)


def _scars(seed: int, mother: Person, at: int) -> tuple[int, int]:
    """Caesareans before this pregnancy, and deliveries before the first one listed."""
    listed = [n for n in range(at) if mother.pregnancies[n].outcome in ("live", "still")]
    older = max(0, mother.pregnancies[at].parity - len(listed))
    random = stream(seed, "deliveries-before", mother.key)
    scars = 0
    for _ in range(older):
        scars += int(random.random() < (0.9 if scars else 0.4))
    scars += sum(course_of(seed, mother, n).mode == "caesarean" for n in listed)
    return scars, older


def _pressure(random: Random, age: float, bmi: float, twins: bool, first: bool) -> str:
    chance = 0.028 + 0.004 * max(0.0, age - 30) + 0.005 * max(0.0, bmi - 23)
    chance += 0.08 * twins + 0.012 * first
    drawn, grade = random.random(), random.random()
    if drawn >= chance:
        return ""
    return "gestational" if grade < 0.5 else "preeclampsia" if grade < 0.78 else "severe"


def _mode(
    random: Random, pregnancy: Pregnancy, scars: int, breech: bool, pressure: str
) -> tuple[str, str]:
    """Way of delivery and cause of a caesarean; nothing where nobody was born."""
    drawn, why = random.random(), random.random()
    if pregnancy.outcome not in ("live", "still"):
        return "", ""
    if pregnancy.outcome == "still":
        return ("vaginal", "") if drawn < 0.85 else ("caesarean", "abruption")
    if scars:
        return ("caesarean", "scar") if drawn < 0.88 else ("vaginal", "")
    if len(pregnancy.children) > 1 and drawn < 0.8:
        return "caesarean", "twins"
    if breech and drawn < 0.92:
        return "caesarean", "breech"
    if pressure == "severe" and drawn < 0.75:
        return "caesarean", "preeclampsia"
    if drawn < (0.36 if pregnancy.parity == 0 else 0.13):
        for share, reason in _REASONS:
            if why < share:
                return "caesarean", reason
    return ("forceps", "") if drawn > 0.988 else ("vaginal", "")


_REASONS: Final = (
    (0.26, "distress"), (0.50, "arrest"), (0.66, "disproportion"), (0.80, "macrosomia"),
    (0.88, "oligohydramnios"), (1.01, "wish"),
)  # fmt: skip


def _tolerance(random: Random, diabetes: bool) -> tuple[float, float, float]:
    """Glucose fasting, after one and two hours (75 g); diabetes from 5.1, 10.0 or 8.5 (2014)."""
    fasting, one, two = random.gauss(4.45, 0.28), random.gauss(7.5, 1.1), random.gauss(6.5, 0.85)
    fasting, one, two = min(5.05, fasting), min(9.9, one), min(8.4, two)
    if diabetes:
        kind = random.random()
        if kind < 0.55:
            fasting = 5.1 + random.expovariate(4)
        if kind > 0.4:
            two = 8.5 + random.expovariate(1.1)
        if kind > 0.25:
            one = 10.0 + random.expovariate(0.9)
    return round(max(3.6, fasting), 2), round(max(4.9, one), 2), round(max(4.4, two), 2)


def newborn_of(seed: int, child: str, sex: Sex, course: Course) -> Newborn:
    """How the child of that key and sex was when it was born of that pregnancy."""
    random = stream(seed, "newborn", child)
    weeks, twin = course.weeks, course.twins
    frame = frame_of(seed, child, sex)
    mean = weight_at(frame, 0) * 1000 + 20 + 150 * (weeks - 39.3) - 9 * max(0.0, 39 - weeks) ** 2
    mean += 12 * (course.gain - 13.8) + 18 * (course.bmi - 22) + 90 * course.diabetes
    mean -= (330 if twin else 0) + (220 if course.pressure == "severe" else 0)
    mean += 260 if course.reason == "macrosomia" else 0
    grams = int(max(480, mean) / 10) * 10
    if course.reason == "macrosomia":
        grams = max(grams, 3950)
    length = length_at(frame, 0) + (grams - weight_at(frame, 0) * 1000) / 520
    head = 34.3 + (grams - 3300) / 900 + random.gauss(0, 0.5)
    distress = 0.006 + 0.03 * (course.reason == "distress") + 0.012 * max(0.0, 36 - weeks)
    first = random.choices((8, 9, 10), (6, 40, 54))[0]
    if random.random() < distress:
        first = random.randint(3, 7)
    five = min(10, first + (1 if first >= 8 else random.randint(2, 4)))
    odd = random.random()
    return Newborn(
        weeks=weeks,
        grams=grams,
        length=round(length, 1),
        head=round(head, 1),
        apgar=(first, five, min(10, max(five, 9 if first >= 6 else 8))),
        malformation=_MALFORMATIONS[int(odd * 900)] if odd < 0.0088 else "",
        jaundice=max(80.0, random.gauss(195, 45) + 6 * max(0.0, 38 - weeks)),
        hearing=random.random() < 0.94,
        heart=random.random() < 0.975,
        metabolic="3" if odd > 0.99955 else "",
        fed="1" if random.random() < 0.72 else "2" if random.random() < 0.75 else "3",
    )


_MALFORMATIONS: Final = (
    "左侧副耳", "多指（右手）", "房间隔缺损", "室间隔缺损", "唇裂（左侧）", "马蹄内翻足（右侧）",
    "尿道下裂", "动脉导管未闭",
)  # fmt: skip


def delivery_of(seed: int, mother: Person | None, child: str) -> Course | None:
    """The course of the mother's pregnancy in which that child was born, if it is on record."""
    if mother is not None:
        for at, pregnancy in enumerate(mother.pregnancies):
            if child in pregnancy.children:
                return course_of(seed, mother, at)
    return None

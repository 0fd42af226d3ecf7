"""Results that are words: dipsticks, antibodies, antigens, cultures, blood groups.

An infection turns its test positive when `acute` names it: influenza-a, influenza-b, covid, rsv,
adenovirus, mycoplasma, norovirus, rotavirus, measles, rubella, ev71, ca16, enterovirus,
hantavirus, sfts, dengue, malaria, brucellosis, hepatitis-a, hepatitis-e, hepatitis-c, syphilis,
dysentery, salmonella, urinary (a urinary infection), stone, sepsis, candida, trichomonas, hpv; a
value is its strength.
"""

from collections.abc import Callable, Mapping
from datetime import date
from random import Random
from typing import Final

from minkang.synth.lives.body_frame import Body, days_treated

Acute = Mapping[str, float]
Known = Mapping[str, float]

NEGATIVE: Final = "阴性(-)"
POSITIVE: Final = "阳性(+)"

_SIGNS: Final = {
    # analyte: (what in `acute` turns it positive, how a positive and a negative are written)
    "flu-a": ("influenza-a", POSITIVE, NEGATIVE), "flu-b": ("influenza-b", POSITIVE, NEGATIVE),
    "flu-a-pcr": ("influenza-a", "阳性", "阴性"), "flu-b-pcr": ("influenza-b", "阳性", "阴性"),
    "covid-pcr": ("covid", "阳性", "阴性"), "rsv-pcr": ("rsv", "阳性", "阴性"),
    "adenovirus-pcr": ("adenovirus", "阳性", "阴性"),
    "mycoplasma-pcr": ("mycoplasma", "阳性", "阴性"),
    "mycoplasma-igm": ("mycoplasma", POSITIVE, NEGATIVE),
    "norovirus": ("norovirus", "阳性", "阴性"), "rotavirus": ("rotavirus", POSITIVE, NEGATIVE),
    "ev71-pcr": ("ev71", "阳性", "阴性"), "ca16-pcr": ("ca16", "阳性", "阴性"),
    "enterovirus-pcr": ("enterovirus", "阳性", "阴性"),
    "measles-igm": ("measles", POSITIVE, NEGATIVE), "rubella-igm": ("rubella", POSITIVE, NEGATIVE),
    "hantavirus-igm": ("hantavirus", POSITIVE, NEGATIVE),
    "sfts-pcr": ("sfts", "阳性", "阴性"), "dengue-ns1": ("dengue", POSITIVE, NEGATIVE),
    "malaria": ("malaria", "检出", "未检出"),
    "brucella": ("brucellosis", "1:200(++)", NEGATIVE),
    "hav-igm": ("hepatitis-a", POSITIVE, NEGATIVE), "hev-igm": ("hepatitis-e", POSITIVE, NEGATIVE),
    "hcv-antibody": ("hepatitis-c", POSITIVE, NEGATIVE),
    "tp-antibody": ("syphilis", POSITIVE, NEGATIVE), "rpr": ("syphilis", "阳性(1:8)", NEGATIVE),
    "candida": ("candida", "检出", "未检出"), "trichomonas": ("trichomonas", "检出", "未检出"),
    "hpv": ("hpv", "阳性(16型)", "阴性"), "ketones-urine": ("ketones", "2+", NEGATIVE),
    "antibody-screen": ("", "阳性", "阴性"),
}  # fmt: skip


_FOR_LIFE: Final = frozenset(("syphilis", "hepatitis-c"))


def text_of(key: str, body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    """The words of a qualitative result."""
    sign = _SIGNS.get(key)
    if sign is not None:
        cause, positive, negative = sign
        strength = acute.get(cause, 0.0)
        if cause in _FOR_LIFE and body.met.get(cause, 10**7) <= day.toordinal():
            strength = 1.0
        return positive if strength and random.random() < 0.75 + 0.25 * strength else negative
    rule = _RULES.get(key)
    return NEGATIVE if rule is None else rule(body, day, acute, known, random)


def _plus(value: float, limits: tuple[float, ...]) -> str:
    grade = sum(value >= limit for limit in limits)
    return NEGATIVE if grade == 0 else "±" if grade == 1 else f"{grade - 1}+"


def _protein(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    leak = known.get("albumin-creatinine", 8.0) * random.uniform(0.7, 1.4)
    leak += 90 * acute.get("fever", 0.0) + 500 * acute.get("pre-eclampsia", 0.0)
    return _plus(leak, (80, 180, 500, 1600))


def _sugar(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    flozin = any(drug.endswith("gliflozin") for drug in body.drugs("diabetes", day))
    flozin = flozin or "dapagliflozin" in body.drugs("heart-failure", day)
    if flozin:
        return "4+"
    return _plus(known.get("glucose", 5.0) * random.uniform(0.9, 1.3), (9.6, 11, 13.5, 17, 22))


def _leukocytes(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    infected = acute.get("urinary", 0.0)
    if infected:
        return random.choice(("2+", "3+", "3+"))
    return NEGATIVE if random.random() < 0.94 else "±"


def _nitrite(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    return POSITIVE if acute.get("urinary") and random.random() < 0.6 else NEGATIVE


def _blood(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    if acute.get("stone"):
        return random.choice(("2+", "3+"))
    if acute.get("urinary"):
        return random.choice(("±", "1+", "2+"))
    return NEGATIVE if random.random() < 0.93 else random.choice(("±", "1+"))


def _clarity(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    return "浑浊" if acute.get("urinary") else "清亮" if random.random() < 0.96 else "微浑"


def _colour(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    if acute.get("stone"):
        return "淡红色"
    return "深黄色" if acute.get("dehydration") else random.choice(("淡黄色", "淡黄色", "黄色"))


def _bile(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    return "2+" if acute.get("liver", 0.0) > 0.3 else NEGATIVE


def _casts(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    kidney = body.there("kidney", day)
    return "透明管型0-1/LP" if kidney is not None and random.random() < 0.3 else "未见"


def _surface(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    return POSITIVE if body.there("hepatitis-b", day) else NEGATIVE


def _surface_antibody(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    if body.there("hepatitis-b", day):
        return NEGATIVE
    young = day.year - body.age(day) > 1992
    protected = body.levels[27] > (-0.35 if young else 0.35)
    return POSITIVE if protected else NEGATIVE


def _e_antigen(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    hepatitis = body.there("hepatitis-b", day)
    if hepatitis is None:
        return NEGATIVE
    return POSITIVE if hepatitis.severity > 0.68 and body.age(day) < 45 else NEGATIVE


def _e_antibody(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    if body.there("hepatitis-b", day) is None:
        return NEGATIVE
    return NEGATIVE if _e_antigen(body, day, acute, known, random) == POSITIVE else POSITIVE


def _core_antibody(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    if body.there("hepatitis-b", day):
        return POSITIVE
    met = day.year - body.age(day) < 1990 and body.levels[28] > 0.4
    return POSITIVE if met else NEGATIVE


def _hiv(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    return "待复检" if body.there("hiv", day) else NEGATIVE


def _hiv_confirmed(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    return "HIV-1抗体阳性(+)" if body.there("hiv", day) else "HIV抗体阴性(-)"


def _smear(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    tuberculosis = body.there("tuberculosis", day)
    if tuberculosis is None or tuberculosis.facts.get("smear") != "positive":
        return NEGATIVE
    turned = days_treated(tuberculosis, day) > (110 if tuberculosis.facts.get("resistant") else 50)
    return (
        NEGATIVE
        if turned
        else random.choice((POSITIVE, "阳性(++)", "阳性(1+)", "阳性(2条/300视野)"))
    )


def _tb_pcr(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    tuberculosis = body.there("tuberculosis", day)
    if tuberculosis is None or days_treated(tuberculosis, day) > 90:
        return NEGATIVE
    smear = tuberculosis.facts.get("smear") == "positive"
    return POSITIVE if smear or random.random() < 0.45 else NEGATIVE


def _tb_culture(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    return "阳性" if _tb_pcr(body, day, acute, known, random) == POSITIVE else "阴性"


def _resistance(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    tuberculosis = body.there("tuberculosis", day)
    return "检出(rpoB突变)" if tuberculosis and tuberculosis.facts.get("resistant") else "未检出"


def _igra(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    latent = body.levels[29] > 1.65 - 0.012 * min(80.0, body.age(day))
    return "阳性" if latent or body.there("tuberculosis", day) else "阴性"


def _stool_culture(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    if acute.get("dysentery"):
        return random.choice(("检出福氏志贺菌", "检出宋内志贺菌"))
    return "检出鼠伤寒沙门菌" if acute.get("salmonella") else "未检出沙门菌、志贺菌"


def _sputum(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    if acute.get("infection", 0.0) > 0.3 and random.random() < 0.45:
        if body.there("copd", day) is not None:
            return random.choice(("流感嗜血杆菌", "铜绿假单胞菌", "肺炎克雷伯菌", "鲍曼不动杆菌"))
        return random.choice(("肺炎链球菌", "肺炎克雷伯菌", "流感嗜血杆菌", "金黄色葡萄球菌"))
    return "正常菌群生长"


def _blood_culture(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    ill = acute.get("sepsis", 0.0) or max(0.0, acute.get("infection", 0.0) - 0.7)
    if ill and random.random() < 0.35:
        return random.choice(("大肠埃希菌", "肺炎克雷伯菌", "金黄色葡萄球菌", "凝固酶阴性葡萄球菌"))
    return "培养5天无细菌生长"


def _urine_culture(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    if acute.get("urinary") and random.random() < 0.7:
        return random.choice(
            ("大肠埃希菌 >10^5CFU/mL", "粪肠球菌 >10^5CFU/mL", "奇异变形杆菌 >10^5CFU/mL")
        )
    return "无细菌生长"


def _stool_form(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    if acute.get("dysentery"):
        return "黏液脓血便"
    if acute.get("bleeding"):
        return "柏油样便"
    return random.choice(("稀水便", "稀便")) if acute.get("dehydration") else "软便"


def _stool_colour(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    return "黑色" if acute.get("bleeding") else "黄色" if random.random() < 0.8 else "黄褐色"


def _hidden_blood(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    bleeding = acute.get("bleeding") or acute.get("dysentery")
    bowel = body.there("colorectal-cancer", day) or body.there("stomach-cancer", day)
    if bowel is not None and bowel.treated is not None and day > bowel.treated:
        bowel = None
    if bleeding or (bowel is not None and random.random() < 0.75):
        return POSITIVE
    return NEGATIVE if random.random() < 0.965 else POSITIVE


def _eggs(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    return "未检出" if random.random() < 0.995 else "检出蛔虫卵"


def _cells(body: Body, day: date, acute: Acute, known: Known, random: Random) -> str:
    if acute.get("hpv") and random.random() < 0.4:
        return random.choice(("非典型鳞状细胞(ASC-US)", "低级别鳞状上皮内病变(LSIL)"))
    if body.there("cervical-cancer", day) and not days_treated(
        body.conditions["cervical-cancer"], day
    ):
        return "高级别鳞状上皮内病变(HSIL)"
    return "未见上皮内病变或恶性病变(NILM)"


_Rule = Callable[[Body, date, Acute, Known, Random], str]

_RULES: Final[dict[str, _Rule]] = {
    "protein-urine": _protein, "glucose-urine": _sugar, "leukocytes-urine": _leukocytes,
    "nitrite-urine": _nitrite, "blood-urine": _blood, "clarity-urine": _clarity,
    "colour-urine": _colour, "bilirubin-urine": _bile, "casts-urine": _casts, "hbsag": _surface,
    "urobilinogen-urine": lambda body, day, acute, known, random: "正常",
    "hbsab": _surface_antibody, "hbeag": _e_antigen, "hbeab": _e_antibody,
    "hbcab": _core_antibody, "hiv-antibody": _hiv, "hiv-confirmation": _hiv_confirmed,
    "sputum-smear": _smear, "sputum-smear-2": _smear, "tb-pcr": _tb_pcr,
    "sputum-culture-tb": _tb_culture, "rifampicin-resistance": _resistance, "igra": _igra,
    "stool-culture": _stool_culture, "sputum-culture": _sputum, "blood-culture": _blood_culture,
    "urine-culture": _urine_culture, "form-stool": _stool_form, "colour-stool": _stool_colour,
    "occult-blood": _hidden_blood, "eggs-stool": _eggs, "cytology-cervix": _cells,
    "vaginal-cleanness": lambda body, day, acute, known, random: (
        "Ⅲ度" if acute.get("candida") or acute.get("trichomonas") else "Ⅱ度"),
    "abo": lambda body, day, acute, known, random: body.blood_group[:-1] + "型",
    "rh": lambda body, day, acute, known, random: (
        POSITIVE if body.blood_group[-1] == "+" else NEGATIVE),
}  # fmt: skip

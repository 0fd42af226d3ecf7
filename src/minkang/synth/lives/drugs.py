"""The medicines of the region's institutions: what a pack is, the usual dose, what it costs.

Keys are international nonproprietary names in kebab-case; patent Chinese medicines go by their
names in pinyin. Doses are the usual adult ones of the package leaflets' common ranges, prices are
of the order of magnitude of centrally purchased packs. Nothing here names a maker.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from minkang.synth.lives.drugs_table import TABLE


class Drug(msgspec.Struct, frozen=True, gc=False):
    """One product. `each` units of `unit` make a single `dose`; a `box` holds `pack` of them.

    `kind` is the pharmacological class as a formulary prints it; `patent` marks Chinese patent
    medicines (the others are Western); `essential` whether it is on the essential-medicines list.
    """

    key: str
    name: str
    specification: str
    form: str
    route: str
    dose: str
    each: float
    unit: str
    pack: int
    box: str
    frequency: str
    cents: int
    kind: str
    essential: bool
    patent: bool


TIMES_A_DAY: Final = {
    "qd": 1.0, "bid": 2.0, "tid": 3.0, "qid": 4.0, "qn": 1.0, "qm": 1.0, "q4h": 6.0, "q6h": 4.0,
    "q8h": 3.0, "q12h": 2.0, "qod": 0.5, "q72h": 1 / 3, "biw": 2 / 7, "tiw": 3 / 7,
    "qw": 1 / 7, "q2w": 1 / 14, "q3w": 1 / 21, "q4w": 1 / 28, "prn": 1.0, "st": 1.0,
}  # fmt: skip
"""Doses a day by the abbreviation of the prescription; prn counts once, st is once at all."""

FREQUENCY_WORDS: Final = {
    "qd": "每日一次", "bid": "每日两次", "tid": "每日三次", "qid": "每日四次", "qn": "每晚一次",
    "qm": "每晨一次", "q4h": "每4小时一次", "q6h": "每6小时一次", "q8h": "每8小时一次",
    "q12h": "每12小时一次", "qod": "隔日一次", "q72h": "每72小时一次", "biw": "每周两次",
    "tiw": "每周三次", "qw": "每周一次", "q2w": "每两周一次", "q3w": "每三周一次",
    "q4w": "每四周一次",
    "prn": "必要时", "st": "立即",
}  # fmt: skip


def _drugs() -> Iterator[Drug]:
    for line in TABLE.strip().splitlines():
        (key, name, specification, form, route, dose, each, unit, pack, box, frequency, yuan, kind,
         essential, sort) = line.split()  # fmt: skip
        yield Drug(
            key, name, specification, form, route, dose, float(each), unit, int(pack), box,
            frequency, round(float(yuan) * 100), kind, essential == "基", sort == "成",
        )  # fmt: skip


DRUGS: Final = {drug.key: drug for drug in _drugs()}

ALIASES: Final = {
    "acetaminophen": "paracetamol", "albuterol": "salbutamol", "l-thyroxine": "levothyroxine",
    "hrze": "hrze-fixed", "insulin": "insulin-premixed", "saline": "sodium-chloride",
    "ors": "oral-rehydration-salts", "smectite": "montmorillonite",
    "adrenaline": "epinephrine", "noradrenaline": "norepinephrine",
    "montelukast-sodium": "montelukast", "bacillus": "bacillus-subtilis",
    "calcium": "calcium-vitamin-d", "glucose-injection": "glucose-infusion",
    "low-molecular-heparin": "heparin-low",
    "human-albumin": "albumin", "dioctahedral-smectite": "montmorillonite",
    "ferrous-sulfate": "ferrous-succinate", "iron": "ferrous-succinate",
    "paishi": "paishi-keli", "sodium-valproate": "valproate", "seawater-nasal": "saline-nasal",
    "hydrocortisone-butyrate-cream": "hydrocortisone-cream", "mupirocin": "mupirocin-ointment",
    "calamine": "calamine-lotion", "vitamin-d3": "vitamin-d", "watermelon-frost": "xigua-shuang",
    "calcium-carbonate-d3": "calcium-vitamin-d", "wenxin": "wenxin-keli",
    "paracetamol-pseudoephedrine": "compound-paracetamol", "hydrotalcite": "aluminium-magnesium",
    "bismuth-potassium-citrate": "bismuth-potassium", "macrogol": "polyethylene-glycol",
    "maren": "maren-ruanchang", "mayinglong-ointment": "mayinglong", "danning": "danning-pian",
    "compound-carraghenates": "taining-suppository", "lipoic-acid": "alpha-lipoic-acid",
    "adapalene": "adapalene-gel", "calcipotriol": "calcipotriol-ointment",
    "tacrolimus-cream": "tacrolimus-ointment", "sodium-hyaluronate-eye": "hyaluronate-eye",
    "atropine-low-eye": "atropine-eye-low", "chlorhexidine-rinse": "chlorhexidine-gargle",
    "rupixiao": "rupi-sanjie", "xiaojin": "xiao-jin-wan",
    "tobramycin-dexamethasone-eye": "tobramycin-eye",
}  # fmt: skip
"""Other names by which plans may call the same product."""

FOR_CHILDREN: Final = {
    "amoxicillin": "amoxicillin-granules",
    "amoxicillin-clavulanate": "amoxicillin-clavulanate-suspension",
    "azithromycin": "azithromycin-suspension",
    "ibuprofen": "ibuprofen-suspension",
    "paracetamol": "paracetamol-drops",
    "compound-paracetamol": "paediatric-cold-granules",
    "ambroxol": "ambroxol-syrup",
    "oseltamivir": "oseltamivir-granules",
    "loratadine": "loratadine-syrup",
    "cetirizine": "cetirizine-drops",
    "montelukast": "montelukast-chewable",
    "cefuroxime": "cefixime",
    "cefdinir": "cefixime",
    "levofloxacin": "cefixime",
    "moxifloxacin": "azithromycin-suspension",
    "norfloxacin": "cefixime",
    "ciprofloxacin": "cefixime",
    "diclofenac": "ibuprofen-suspension",
    "celecoxib": "ibuprofen-suspension",
    "loxoprofen": "ibuprofen-suspension",
    "lianhua-qingwen": "xiaoer-chiqiao",
    "suhuang-zhike": "xiaoer-feire-kechuan",
    "jianwei-xiaoshi": "xiaoer-huashi",
    "doxycycline": "azithromycin-suspension",
}  # fmt: skip
"""What a child under 12 gets instead: another form, or where the drug is not for children."""


def drug(key: str) -> Drug:
    """The product of that key or alias; KeyError where the catalogue has none."""
    found = DRUGS.get(key)
    return found if found is not None else DRUGS[ALIASES[key]]

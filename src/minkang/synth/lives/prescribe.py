"""From medicines of a plan to prescriptions: doses for the age, packs that cover the days, prices.

At most five products stand on one prescription; infusions and injections stand apart from what is
taken at home; a Chinese formula is a prescription of its own (prescription rules of 2007, articles
6 and 19).
"""

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import Final

from minkang.synth.lives.drugs import FOR_CHILDREN, TIMES_A_DAY, Drug, drug
from minkang.synth.lives.numbers import part_number
from minkang.synth.record import Herb, Line, Medicine, Prescription

ONE_OF: Final = {
    "他汀类调脂药": "statin",
    "β受体阻滞药": "beta",
    "血管紧张素受体拮抗药": "renin",
    "血管紧张素转换酶抑制药": "renin",
    "血管紧张素受体脑啡肽酶抑制药": "renin",
    "质子泵抑制药": "acid",
    "DPP-4抑制药": "dpp4",
    "SGLT2抑制药": "sglt2",
    "磺脲类降糖药": "sulfonylurea",
    "双胍类降糖药": "metformin",
}
"""Classes of which nobody is prescribed two at once: what two courses ask for is given once."""

_MOST: Final = 5
_HERB_CENTS: Final = 18  # a gram of the mean herb
_GRANULES: Final = ("袋", "片", "粒", "支", "揿", "喷")
_INJECTED: Final = frozenset(
    ("静脉滴注", "静脉注射", "静脉泵入", "肌内注射", "局部浸润", "局部浸润注射", "硬膜外注射")
)  # fmt: skip
_USAGES: Final = (
    "水煎服，日一剂，早晚分服", "水煎400ml，早晚温服", "免煎颗粒，开水冲服，日一剂",
    "水煎服，每日一剂，分两次饭后温服",
)  # fmt: skip
# Share of the adult dose by age below which it holds.
_SHARES: Final = ((1, 0.15), (3, 0.25), (6, 1 / 3), (9, 0.5), (12, 2 / 3), (15, 0.75))
_SYRUP: Final = ((1, 2.5), (3, 4.0), (6, 5.0), (9, 7.5), (12, 10.0), (200, 10.0))


def lines_of(medicines: Sequence[Medicine], age: float) -> list[Line]:
    """A line for each medicine; a child has the child's product and dose."""
    found: list[Line] = []
    seen: set[str] = set()
    classes: set[str] = set()
    for medicine in medicines:
        key = FOR_CHILDREN.get(medicine.drug, medicine.drug) if age < 12 else medicine.drug
        product = drug(key)
        if product.key in seen:
            continue
        seen.add(product.key)
        alone = ONE_OF.get(product.kind)
        if alone is not None:
            if alone in classes:
                continue
            classes.add(alone)
        same = key == medicine.drug
        found.append(_line(product, medicine, age, same))
    return found


def _line(product: Drug, medicine: Medicine, age: float, same: bool) -> Line:
    frequency = (medicine.frequency if same else "") or product.frequency
    days = max(1, medicine.days)
    dose, each = (medicine.dose if same else "") or product.dose, product.each
    if medicine.dose and same and medicine.dose != product.dose:
        each = _each(product, medicine.dose)
    if age < 15 and not (medicine.dose and same):
        dose, each = _childs(product, age)
    units = each * _times(frequency, days)
    packs = max(1, ceil(units / product.pack - 1e-9))
    if product.unit == "次" and product.pack == 1:
        packs = max(1, ceil(_times(frequency, days)))
    return Line(
        product.key, dose, frequency, product.route, days, f"{packs}{product.box}",
        packs * product.cents,
    )  # fmt: skip


def _times(frequency: str, days: int) -> float:
    """Doses over the days; prn counts one in two days, st is one."""
    if frequency == "st":
        return 1.0
    if frequency == "prn":
        return max(1.0, min(days, 14) * 0.5)
    return max(1.0, ceil(TIMES_A_DAY[frequency] * days - 1e-9))


def _each(product: Drug, dose: str) -> float:
    """Units of the product that make this dose, by the proportion to the usual one."""
    wished, usual = _number(dose), _number(product.dose)
    if wished is None or usual is None or usual == 0:
        return product.each
    ratio = wished / usual
    if dose.endswith("g") and not dose.endswith(("mg", "μg")) and product.dose.endswith("mg"):
        ratio *= 1000
    elif dose.endswith("mg") and not product.dose.endswith(("mg", "μg")):
        ratio = ratio / 1000 if product.dose.endswith("g") else 1.0
    return product.each * ratio


def _number(dose: str) -> float | None:
    end = 0
    while end < len(dose) and (dose[end].isdigit() or dose[end] == "."):
        end += 1
    return float(dose[:end]) if end else None


def _childs(product: Drug, age: float) -> tuple[str, float]:
    """A child's dose: millilitres by age, else a share of the grown-up's in halves of units."""
    if product.unit == "ml" and product.each >= 2.5:
        millilitres = next(volume for limit, volume in _SYRUP if age < limit)
        return f"{millilitres:g}ml", millilitres
    if "儿" in product.kind or "小儿" in product.name or product.key in _CHILD_FORMS:
        packs = 0.5 if age < 1 else 1.0 if age < 6 else 2.0 if product.unit == "袋" else 1.0
        number = _number(product.dose)
        scale = packs / product.each
        unit = product.dose.lstrip("0123456789.")
        return (f"{number * scale:g}{unit}" if number else product.dose), packs
    share = next((part for limit, part in _SHARES if age < limit), 1.0)
    number = _number(product.dose)
    if number is None or share == 1.0 or product.unit not in _GRANULES:
        return product.dose, product.each
    least = 1.0 if product.unit in ("揿", "喷") else 0.25
    each = max(least, round(product.each * share * 4) / 4)
    unit = product.dose.lstrip("0123456789.")
    amount = float(f"{number * each / product.each:.3g}")
    return f"{amount:g}{unit}", each


_CHILD_FORMS: Final = frozenset(
    product for product in FOR_CHILDREN.values() if not product.startswith("xiaoer")
)


def prescriptions_of(
    lines: Sequence[Line], herbs: Sequence[Herb], doses: int, visit: str, at: datetime,
    doctor: str, share: float,
) -> list[Prescription]:  # fmt: skip
    """The prescriptions of a visit; `share` in [0, 1) chooses how a decoction is to be taken."""
    found: list[Prescription] = []
    home = [line for line in lines if line.route not in _INJECTED]
    given = [line for line in lines if line.route in _INJECTED]
    for group in (given, home):
        for first in range(0, len(group), _MOST):
            found.append(
                Prescription(
                    part_number("CF", visit, len(found) + 1), at, doctor,
                    tuple(group[first : first + _MOST]),
                )
            )  # fmt: skip
    if herbs:
        usage = _USAGES[int(share * len(_USAGES))]
        found.append(
            Prescription(
                part_number("CF", visit, len(found) + 1), at, doctor, (), tuple(herbs), doses,
                usage,
            )
        )  # fmt: skip
    return found


def herb_cents(herbs: Sequence[Herb], doses: int) -> int:
    """What a formula costs: its grams, so many times."""
    return sum(herb.grams for herb in herbs) * doses * _HERB_CENTS

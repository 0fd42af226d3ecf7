"""Sales of pharmacies: what the counters of over-the-counter medicines show each day.

The usual sales follow class of medicine, season, weekday and holiday, with more spread than chance
alone (negative binomial). People who are ill buy for themselves before, or instead of, seeing a
doctor: two in three of the mildly ill, mostly on the day of onset or the next.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from minkang.synth.draws import stream
from minkang.synth.outbreaks.school_days import is_holiday
from minkang.synth.record import Household, World

COLUMNS: Final = ("日期", "药店", "类别", "数量")

# Boxes a day for each hundred customers a day, and the season by month.
_WINTER: Final = (1.5, 1.3, 1.15, 0.95, 0.8, 0.7, 0.65, 0.65, 0.8, 0.95, 1.15, 1.4)
_SUMMER: Final = (0.7, 0.7, 0.8, 0.9, 1.05, 1.3, 1.5, 1.5, 1.25, 1.0, 0.8, 0.7)
_SPRING: Final = (0.6, 0.7, 1.1, 1.5, 1.6, 1.1, 0.8, 1.2, 1.4, 0.9, 0.6, 0.5)
_EVEN: Final = (1.0,) * 12
CLASSES: Final = {
    "解热镇痛药": (7.0, _WINTER),
    "感冒药": (11.0, _WINTER),
    "止咳祛痰药": (8.0, _WINTER),
    "抗病毒药": (2.5, _WINTER),
    "止泻药": (3.5, _SUMMER),
    "口服补液盐": (0.8, _SUMMER),
    "抗过敏药": (2.8, _SPRING),
    "消毒用品": (3.0, _EVEN),
}
"""Classes of medicine with their usual sales and season."""

_BUYS: Final = {
    "influenza": (("感冒药", 0.6), ("解热镇痛药", 0.6), ("抗病毒药", 0.3), ("止咳祛痰药", 0.3)),
    "covid-19": (("解热镇痛药", 0.6), ("感冒药", 0.5), ("止咳祛痰药", 0.5), ("抗病毒药", 0.1)),
    "unknown-pneumonia": (("解热镇痛药", 0.6), ("止咳祛痰药", 0.6), ("抗病毒药", 0.4)),
    "infectious-diarrhoea": (("止泻药", 0.65), ("口服补液盐", 0.3)),
    "dysentery": (("止泻药", 0.7), ("口服补液盐", 0.25)),
    "measles": (("解热镇痛药", 0.5), ("感冒药", 0.4)),
    "hand-foot-mouth": (("解热镇痛药", 0.4), ("抗病毒药", 0.3)),
}
_DELAYS: Final = ((0, 0.45), (1, 0.8), (2, 0.93), (3, 1.0))
_SENTINELS: Final = 6
"""Pharmacies of a town that report, the first ones."""

_SPREAD: Final = 14.0  # the smaller, the more the days differ


def bought(world: World, households: Iterable[Household]) -> dict[tuple[str, str, date], int]:
    """Boxes bought because of notifiable or planted infections, by village, class and day."""
    found: dict[tuple[str, str, date], int] = {}
    for household in households:
        for person in household.people:
            for infection in person.infections:
                goods = _BUYS.get(infection.disease)
                if goods is None or not person.here(infection.onset):
                    continue
                draw = stream(world.seed, "bought", person.key, infection.onset.isoformat())
                if draw.random() < 0.33 + 0.4 * infection.severity:
                    continue  # straight to a doctor, or nothing at all
                for goods_class, share in goods:
                    chance, after = draw.random(), draw.random()
                    if chance < share:
                        days = next(days for days, limit in _DELAYS if after < limit)
                        key = (person.village, goods_class, infection.onset + timedelta(days=days))
                        found[key] = found.get(key, 0) + 1
    return found


def pharmacy_sales(
    world: World, towns: Iterable[str], extra: dict[tuple[str, str, date], int], since: date
) -> Iterator[dict[str, str]]:
    """Rows of COLUMNS for the reporting pharmacies of the towns, by day, pharmacy and class."""
    shops = [
        shop
        for town in towns
        for shop in [one for one in world.place.sites_in(town) if one.kind == "pharmacy"][
            :_SENTINELS
        ]
    ]
    near: dict[str, list[str]] = {}
    for shop in shops:
        near.setdefault(shop.town, []).append(shop.key)
    sold: dict[tuple[str, str, date], int] = {}
    for (village, goods, day), count in extra.items():
        if own := near.get(village[:9]):
            at = own[stream(world.seed, "shop", village).randrange(len(own))]
            sold[at, goods, day] = sold.get((at, goods, day), 0) + count
    day = since
    while day < world.today:
        for shop in shops:
            yield from _of_day(world.seed, shop, day, sold)
        day += timedelta(days=1)


def _of_day(
    seed: int, shop: Any, day: date, sold: dict[tuple[str, str, date], int]
) -> Iterator[dict[str, str]]:
    random = stream(seed, "sales", shop.key, day.toordinal())
    pace = 1.12 if day.weekday() >= 5 else 0.96
    if is_holiday(day):
        pace *= 0.6
    for goods, (rate, season) in CLASSES.items():
        mean = rate * shop.size / 100 * season[day.month - 1] * pace
        count = _spread_count(random, mean) + sold.get((shop.key, goods, day), 0)
        yield {
            "日期": day.isoformat(),
            "药店": shop.name,
            "类别": goods,
            "数量": str(count),
        }


def _spread_count(random: Random, mean: float) -> int:
    """A negative binomial count: a Poisson one whose mean is drawn from a gamma distribution."""
    if mean <= 0:
        return 0
    rate = random.gammavariate(_SPREAD, mean / _SPREAD)
    if rate > 30:
        return max(0, round(random.gauss(rate, rate**0.5)))
    chance, count = random.random(), 0
    term = total = 2.718281828459045**-rate
    while chance > total and count < 200:
        count += 1
        term *= rate / count
        total += term
    return count

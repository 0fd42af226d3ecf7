"""Who gets a notifiable infection, and when: the country's rate of each month, by age and sex.

Later months than the table's last repeat the season of the last year. The rate is that of reported
cases, so an infection here is one that is notified.
"""

from functools import lru_cache
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from minkang.synth.people.adults import Span
from minkang.synth.people.demography import YEAR
from minkang.synth.people.diseases import AGES, DISEASES, NATION
from minkang.synth.people.infection_table import FIRST_YEAR, MONTHLY

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NATIONAL_POPULATION: Final = 1.41e9

KEYS: Final = tuple(DISEASES)
"""The diseases in the order in which columns count them."""

_TABLE: Final = np.array([[int(n) for n in MONTHLY[key].split()] for key in KEYS], dtype=float)
_ONCE: Final = np.array([DISEASES[key].once for key in KEYS])
_SEVERITY: Final = np.array([DISEASES[key].severity for key in KEYS])
_BANDS: Final = len(AGES)


def national_cases(key: str, year: int, month: int) -> float:
    """Cases in the country in a month (1-12); later months than known as in the last year.

    Raises:
        KeyError: no such disease.
    """
    return float(_month_columns(year)[KEYS.index(key), month - 1])


@lru_cache(maxsize=64)
def _month_columns(year: int) -> Floats:
    """Cases by disease and month of a year."""
    known = _TABLE.shape[1]
    made = np.empty((len(KEYS), 12))
    for month in range(12):
        at = (year - FIRST_YEAR) * 12 + month
        while at >= known:
            at -= 12
        made[:, month] = _TABLE[:, max(at, month)]
    return made


@lru_cache(maxsize=1)
def _relative() -> Floats:
    """Rate by disease, sex (0 women, 1 men) and band against the mean of the whole country."""
    made = np.empty((len(KEYS), 2, _BANDS))
    share = np.array(NATION) / sum(NATION)
    for at, key in enumerate(KEYS):
        disease = DISEASES[key]
        profile = np.array(disease.profile)
        mean = float((profile * share).sum()) * (1 + disease.male) / 2
        made[at, 0] = profile / mean
        made[at, 1] = profile * disease.male / mean
    local = np.array([DISEASES[key].local for key in KEYS])
    return np.asarray(made * local[:, None, None])


class Cases(msgspec.Struct, frozen=True):
    """Infections by row of the person; `disease` is a place in KEYS, `onset` a day."""

    person: Ints
    disease: Ints
    onset: Ints
    severity: Floats


def cases_of(span: Span, birth: Ints, male: Bools, entered: Ints, left: Ints, death: Ints) -> Cases:
    """All infections from the first day on, of people of a block, while they are here.

    A year's draws depend on that year's residents alone; the last year is drawn whole.
    """
    first = np.maximum(entered, span.begin)
    last = np.minimum(left, death)
    years = range(_year_of(span.begin), _year_of(span.today) + 1)
    parts = [_year_cases(span, year, birth, male, first, last) for year in years]
    person, disease, onset, severity = (np.concatenate(part) for part in zip(*parts, strict=True))
    kept = _without_repeats(person, disease, onset)
    return Cases(person[kept], disease[kept], onset[kept], severity[kept])


def _year_of(day: int) -> int:
    return (
        int(np.int64(day).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)) + 1970
    )


def _year_cases(
    span: Span, year: int, birth: Ints, male: Bools, first: Ints, last: Ints
) -> tuple[Ints, Ints, Ints, Floats]:
    months = (np.arange(13) + (year - 1970) * 12).astype("datetime64[M]")
    edges = months.astype("datetime64[D]").astype(np.int64)
    here = np.flatnonzero((first < edges[12]) & (last >= edges[0]) & (birth < edges[12]))
    age = np.maximum((edges[6] - birth[here]) / YEAR, 0.0)
    group = male[here] * _BANDS + np.searchsorted(AGES, age, side="right") - 1
    order = np.argsort(group, kind="stable")
    count = np.bincount(group, minlength=2 * _BANDS)
    rate = _month_columns(year).sum(axis=1) / NATIONAL_POPULATION
    mean = rate[:, None] * _relative().reshape(len(KEYS), -1) * count
    random = span.columns(f"infections-{year}")
    disease, band = _events(mean, random.random(mean.shape))
    uniform = random.random((len(disease), 4))
    start = np.cumsum(count) - count
    rank = start[band] + (uniform[:, 0] * count[band]).astype(np.int64)
    person = here[order[rank]]
    onset = _days(year, edges, disease, uniform[:, 1], uniform[:, 2])
    severity = np.clip(_SEVERITY[disease] * (0.4 + 1.5 * uniform[:, 3] ** 1.5), 0.02, 1.0)
    there = (onset >= first[person]) & (onset <= last[person]) & (onset >= birth[person] + 5)
    return person[there], disease[there], onset[there], severity[there]


def _events(mean: Floats, uniform: Floats) -> tuple[Ints, Ints]:
    """A Poisson number of events in each cell, by inversion: row and column of each event."""
    chance = np.exp(-mean)
    rows, columns = np.nonzero(uniform > chance)
    below, at, mu = chance[rows, columns], uniform[rows, columns], mean[rows, columns]
    number = np.zeros(len(rows), dtype=np.int64)
    term, total = below.copy(), below.copy()
    step = 0
    while True:
        more = at > total
        if not more.any() or step > 400:
            break
        step += 1
        number += more
        term = term * mu / step
        total = total + term
    return np.repeat(rows, number), np.repeat(columns, number)


def _days(year: int, edges: Ints, disease: Ints, month: Floats, within: Floats) -> Ints:
    """Days of onset: the month by the country's season of that year, the day at random."""
    cases = _month_columns(year)
    shares = np.cumsum(cases, axis=1) / np.maximum(cases.sum(axis=1, keepdims=True), 1e-9)
    at = np.minimum((month[:, None] >= shares[disease]).sum(axis=1), 11)
    return np.asarray(edges[at] + within * (edges[at + 1] - edges[at]), dtype=np.int64)


_AGAIN: Final = 60
"""Days within which what comes again is the same illness."""


def _without_repeats(person: Ints, disease: Ints, onset: Ints) -> Ints:
    """Rows that count: what comes once in a life only the first time, no other within 60 days."""
    order = np.lexsort((onset, disease, person))
    p, d, o = person[order], disease[order], onset[order]
    same = np.zeros(len(order), dtype=np.bool_)
    same[1:] = (p[1:] == p[:-1]) & (d[1:] == d[:-1])
    close = np.zeros(len(order), dtype=np.bool_)
    close[1:] = o[1:] - o[:-1] < _AGAIN
    return np.asarray(order[~(same & (_ONCE[d] | close))])

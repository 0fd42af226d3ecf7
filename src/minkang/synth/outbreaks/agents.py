"""The agents: how long they incubate, how they spread, whom they strike.

Incubation is log-normal by median and dispersion (the factor of one standard deviation):
norovirus 1.2 d, 1.56 (Lee 2013, BMC Infect Dis 13:446); measles 12.5 d, 1.23 (Lessler 2009, Lancet
Infect Dis 9:291); a coronavirus-like agent 5.1 d, 1.52 (Lauer 2020, Ann Intern Med 172:577);
Shigella 1-3 days and Vibrio parahaemolyticus 4-30 hours (Heymann, Control of Communicable Diseases
Manual). Contact rates are our own choice, set so that attack rates and reproduction numbers come
out as published for such outbreaks: norovirus about a third of a class, measles by the gaps in
immunity alone, the new agent two to three persons infected by each at first.
"""

from typing import Final

import msgspec


class Agent(msgspec.Struct, frozen=True):
    """What spreads.

    Attributes:
        disease: key of `people.infections.DISEASES`.
        incubation: median days, dispersion, least and most days.
        before: days before the onset from which one infects others (negative: after).
        lasting: days after the onset until one no longer does.
        contacts: infecting contacts a day in each setting, with everybody susceptible.
        stays: share of those who stay at home from the day after the onset.
        immune: share of the immune by age: pairs of an age limit and a share.
        severity: share by ages of serious courses: pairs of an age limit and a mean severity.
        noticed: cases after which measures are taken, and days from that case to the measures.
        damped: what is left of the contacts outside the household then.
    """

    disease: str
    incubation: tuple[float, float, float, float]
    before: float
    lasting: float
    contacts: dict[str, float]
    stays: float
    immune: tuple[tuple[float, float], ...]
    severity: tuple[tuple[float, float], ...]
    noticed: tuple[int, float]
    damped: float


# fmt: off
AGENTS: Final = {
    "norovirus": Agent(
        "infectious-diarrhoea", (1.2, 1.56, 0.4, 3.0), 0.0, 2.2,
        {"home": .28, "class": 1.5, "school": .25, "village": .03}, .6,
        ((200, .15),), ((3, .35), (15, .25), (65, .25), (200, .45)), (8, 2.0), .15,
    ),
    "measles": Agent(
        "measles", (12.5, 1.23, 7.0, 19.0), 4.0, 4.0,
        {"home": 2.2, "class": 2.5, "school": .9, "work": .9, "village": 1.8}, .7,
        ((.7, .35), (1.6, .80), (20, .975), (45, .93), (200, .995)),
        ((5, .6), (20, .45), (200, .55)), (3, 5.0), .35,
    ),
    "food-poisoning": Agent(
        "infectious-diarrhoea", (.71, 1.6, .16, 2.0), 0.0, 1.5,
        {"home": .02}, .7, ((200, .0),),
        ((5, .5), (60, .42), (200, .55)), (10, 1.0), .0,
    ),
    "new-respiratory": Agent(
        "unknown-pneumonia", (5.1, 1.52, 1.5, 14.0), 2.0, 6.0,
        {"home": .17, "class": .12, "school": .03, "work": .12, "village": .16}, .45,
        ((200, .0),), ((15, .15), (40, .3), (65, .45), (80, .65), (200, .8)), (25, 7.0), .45,
    ),
    "dysentery": Agent(
        "dysentery", (2.0, 1.6, .7, 6.0), 0.0, 6.0,
        {"home": .05, "class": .03, "village": .012}, .5,
        ((200, .1),), ((5, .5), (60, .35), (200, .5)), (40, 10.0), .4,
    ),
}
# fmt: on


def by_age(table: tuple[tuple[float, float], ...], age: float) -> float:
    """The value of the first row whose limit lies above the age."""
    for limit, value in table:
        if age < limit:
            return value
    return table[-1][1]

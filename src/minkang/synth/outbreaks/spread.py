"""Chains of infection, from one to the next, in continuous time.

Each infected person meets others at the agent's rates while infectious; whoever of them is
susceptible and not infected before is infected. Events are taken in order of time, so that every
chain is causal; the chain is a function of its random stream and of the members alone.
"""

import heapq
from datetime import date
from math import log
from random import Random

import msgspec

from minkang.synth.outbreaks.agents import Agent, by_age
from minkang.synth.outbreaks.members import Member, Members


class Case(msgspec.Struct, frozen=True, gc=False):
    """One infected person of an outbreak.

    `infected` and `onset` are moments in days since 0001-01-01 with their fraction. `infector` is
    empty for the first and for those whom a common source struck; `where` is the setting, or
    travel, canteen, water.
    """

    outbreak: str
    person: str
    infected: float
    onset: float
    infector: str
    where: str
    generation: int
    severity: float

    @property
    def day(self) -> date:
        """The day of onset."""
        return date.fromordinal(int(self.onset))


class Seed(msgspec.Struct, frozen=True):
    """Somebody who is infected from without."""

    person: str
    infected: float
    where: str


def incubation(agent: Agent, random: Random) -> float:
    """Days from infection to onset."""
    median, dispersion, least, most = agent.incubation
    while True:
        days = random.lognormvariate(log(median), log(dispersion))
        if least <= days <= most:
            return days


def spread(
    outbreak: str, agent: Agent, seeds: list[Seed], members: Members, random: Random, until: float
) -> list[Case]:
    """All cases that the seeds lead to with an onset before `until`, in order of infection."""
    queue = [(seed.infected, seed.person, "", seed.where, 0) for seed in seeds]
    heapq.heapify(queue)
    immune: dict[str, bool] = {}
    found: dict[str, Case] = {}
    measures = until
    while queue:
        at, key, infector, where, generation = heapq.heappop(queue)
        if key in found or at >= until:
            continue
        member = members.people[key]
        age = (at - member.birth.toordinal()) / 365.25
        if infector and key not in immune:
            immune[key] = random.random() < by_age(agent.immune, age)
        if immune.get(key):
            continue
        case = _case(outbreak, agent, random, key, at, infector, where, generation, age)
        if case.onset >= until:
            continue
        found[key] = case
        count, delay = agent.noticed
        if len(found) == count:
            measures = case.onset + delay
        for meeting in _meetings(agent, case, member, members, random, measures):
            heapq.heappush(queue, (*meeting, generation + 1))
    return list(found.values())


def _case(
    outbreak: str, agent: Agent, random: Random, key: str, at: float, infector: str, where: str,
    generation: int, age: float,
) -> Case:  # fmt: skip
    onset = at + incubation(agent, random)
    mean = by_age(agent.severity, age)
    severity = round(random.betavariate(4 * mean, 4 * (1 - mean)), 3)
    return Case(outbreak, key, at, onset, infector, where, generation, severity)


def _meetings(
    agent: Agent, case: Case, member: Member, members: Members, random: Random, measures: float
) -> list[tuple[float, str, str, str]]:
    """Whom a case might infect: moment, key, infector, setting."""
    begin = max(case.infected + 0.25, case.onset - agent.before)
    end = case.onset + agent.lasting
    stays = random.random() < agent.stays
    found = []
    for setting, rate in agent.contacts.items():
        group = member.groups.get(setting)
        others = members.groups.get((setting, group), ()) if group else ()
        if len(others) < 2:
            continue
        last = end if setting == "home" or not stays else min(end, case.onset + 1.0)
        # Rates are of a large group; a household infects each of its few members by itself.
        most = rate * (len(others) - 1) if setting == "home" else rate
        for moment in _moments(most, begin, last, random):
            damped = setting != "home" and moment > measures and random.random() > agent.damped
            other = random.choice(others)
            if not damped and other != case.person:
                found.append((moment, other, case.person, setting))
    return found


def _moments(rate: float, begin: float, end: float, random: Random) -> list[float]:
    """Moments of a Poisson process between two moments."""
    found, at = [], begin
    while rate > 0:
        at += random.expovariate(rate)
        if at >= end:
            break
        found.append(at)
    return found

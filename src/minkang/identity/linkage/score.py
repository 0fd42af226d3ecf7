"""What a pair of registrations is worth, and what follows from it."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from minkang.identity.linkage.definition import Definition, Level, Step
from minkang.identity.linkage.guards import GUARDS, RULES

Outcome = Literal["link", "review", "separate"]


class Scored(msgspec.Struct, frozen=True, gc=False):
    """A pair as it is judged.

    Attributes:
        weight: log2 of the odds that both are one resident: prior and the weights of all levels.
        probability: those odds as a probability.
        outcome: what follows.
        rule: `id-number` or `card` where a rule links, `weights`, or the guard that held it back.
        levels: one for each comparison, in the order of the definition.
    """

    weight: float
    probability: float
    outcome: Outcome
    rule: str
    levels: tuple[Level, ...]


def score(definition: Definition, a: Any, b: Any) -> Scored:
    """How a pair is judged; the same for (a, b) and (b, a).

    `a` and `b` have the columns of the definition as attributes: for the built-in one, `Features`.
    """
    weight = definition.prior
    levels: list[Level] = []
    for comparison in definition.steps:
        for step in comparison:
            if step[0](a, b):
                level = step[1] if step[2] is None else _by_frequency(step, step[2], a, b)
                weight += level.weight
                levels.append(level)
                break
    outcome, rule = _judged(definition, a, b, weight, levels)
    return Scored(weight, probability_of(weight), outcome, rule, tuple(levels))


def probability_of(weight: float) -> float:
    """The probability of odds of which this is log2."""
    if weight > 60:
        return 1.0
    odds: float = 2.0 ** max(weight, -200.0)
    return odds / (1.0 + odds)


def _by_frequency(step: Step, get: Callable[[Any], Any], a: Any, b: Any) -> Level:
    """The level with the frequency of the value for u; of two values that of the more frequent."""
    one, other = step.weighed.get(get(a)), step.weighed.get(get(b))
    if one is None or other is None:
        return one or other or step.level
    return one if one.weight <= other.weight else other


def _judged(
    definition: Definition, a: Any, b: Any, weight: float, levels: list[Level]
) -> tuple[Outcome, str]:
    """Rule and outcome: rules above weights, guards above both."""
    written = definition.written
    if weight < written.review and not _may_be_ruled(levels):
        return "separate", "weights"
    found = {one.comparison: one.level for one in levels}
    rule = next((one for one in written.rules if RULES[one](definition, a, b, found)), "")
    for name in written.guards:
        holds, effect = GUARDS[name]
        if holds(definition, a, b, found):
            if effect == "separate" or (weight < written.review and not rule):
                named = name == "two-on-one-number"
                return ("review" if named else "separate"), name
            return "review", name
    if rule:
        return "link", rule
    if weight >= written.link:
        return "link", "weights"
    return ("review" if weight >= written.review else "separate"), "weights"


def _may_be_ruled(levels: list[Level]) -> bool:
    """Whether an identity number or a card agrees: only then a rule, or its guard, may hold."""
    return any(
        one.level in ("equal", "shared") and one.comparison in ("id", "cards") for one in levels
    )

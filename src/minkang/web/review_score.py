"""What each agreement of two registrations weighs, in words, by the definition in force."""

from typing import Any, Final

from minkang.identity.in_force import definition_in_force
from minkang.identity.linkage.definition import Definition
from minkang.identity.linkage.explain import Explained, explain
from minkang.identity.linkage.features import features_of
from minkang.identity.linkage.score import score
from minkang.web.review_view import Facts
from minkang.web.review_words import Say, spoken, weight_text
from minkang.web.visitor import Visitor

_WIDEST: Final = 24.0
"""The weight whose bar is as long as a bar can be."""


async def score_shown(visitor: Visitor, facts: Facts) -> dict[str, Any]:
    """The pair scored now: what each comparison says and weighs, the sum, what follows."""
    async with visitor.web.store.pool.acquire() as connection:
        definition = await definition_in_force(connection)
    one, other = (facts.patients[patient] for patient in facts.pair)
    found = score(
        definition,
        features_of(one.resource, one.source),
        features_of(other.resource, other.source),
    )
    return _shown(definition, explain(definition, found, spoken(visitor)), visitor.say)


def _shown(definition: Definition, found: Explained, say: Say) -> dict[str, Any]:
    written = definition.written
    lines = [_line(one.title, one.words, one.weight) for one in found.lines]
    lines.append(_line(say("先验"), say("任取两份登记是同一人的可能"), found.prior))
    return {
        "weight": weight_text(found.weight),
        "probability": say("可能性 %(share)s") % {"share": _share(found.probability)},
        "outcome": found.outcome,
        "rule": found.rule,
        "lines": lines,
        "marks": say(
            "权重是以 2 为底的对数：每加 1，是同一人的可能就多一倍。达到 %(link)s 自动关联，"
            "达到 %(review)s 送人核对；有疑点的，分数再高也要由人核对。"
        )
        % {"link": f"{written.link:.1f}", "review": f"{written.review:.1f}"},
    }


def _line(label: str, text: str, weight: float) -> dict[str, Any]:
    return {
        "label": label,
        "words": text,
        "weight": weight_text(weight) if weight else "0",
        "share": min(100, round(100 * abs(weight) / _WIDEST)),
        "plus": weight >= 0,
    }


def _share(probability: float) -> str:
    """A probability as pages show it, never rounded to certainty."""
    percent = 100 * probability
    if percent > 99.99:
        return "> 99.99 %"
    return "< 0.01 %" if percent < 0.01 else f"{percent:.2f} %"

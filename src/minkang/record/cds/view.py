"""When a chart is opened: allergies, chronic diseases, the last visit elsewhere. Pure."""

from collections.abc import Iterator
from datetime import datetime

from minkang.record.cds.advice import Advice, cut, plain
from minkang.record.cds.knowledge import knowledge
from minkang.record.fact import concept_code, concept_text
from minkang.record.life import Life
from minkang.record.problems import ListedProblem, problem_list
from minkang.record.visits import Visit, visits_of
from minkang.store import Stored

_NO_ALLERGY = frozenset({"refuted", "entered-in-error"})
_OVER = frozenset({"inactive", "resolved"})
_KINDS = {"AMB": "门诊", "IMP": "住院", "EMER": "急诊", "HH": "上门", "VR": "线上"}
_MOST = 6


def allergies_of(life: Life) -> list[Stored]:
    """Allergies that stand: not refuted, not over, not entered in error."""
    return [
        one
        for one in life.of("AllergyIntolerance")
        if concept_code(one.resource.get("verificationStatus")) not in _NO_ALLERGY
        and concept_code(one.resource.get("clinicalStatus")) not in _OVER
    ]


def on_view(life: Life, institution: frozenset[str], now: datetime) -> Iterator[Advice]:
    """The three cards, as far as there is something to say; that nothing is recorded says nothing.

    `institution`: ids of the organisations that count as the clinician's own.
    """
    allergies = {concept_text(one.resource.get("code")): one for one in allergies_of(life)}
    names = [name for name in allergies if name]
    if names:
        lines = [
            f"- {plain(name)}（{plain(life.names.get(allergies[name].source, ''))}）"
            for name in names
        ]
        yield Advice(
            rule="allergies",
            what="allergies",
            urgency="warning",
            summary=cut(f"过敏：{'、'.join(names[:_MOST])}"),
            detail="\n".join(lines),
        )
    chronic = _chronic(problem_list(life.of("Condition"), life.names))
    if chronic:
        yield Advice(
            rule="chronic",
            what="chronic",
            urgency="info",
            summary=cut(f"慢性病：{'、'.join(chronic)}"),
            detail="\n".join(_chronic_line(name, one) for name, one in chronic.items()),
        )
    if (visit := _elsewhere(life, institution)) is not None:
        yield _last_visit(visit, now)


def _chronic(problems: tuple[ListedProblem, ...]) -> dict[str, ListedProblem]:
    """Chronic diseases among the problems, the last diagnosis of each."""
    found: dict[str, ListedProblem] = {}
    for one in problems:
        for disease in knowledge().chronic:
            if one.code.startswith(disease.icd10):
                found.setdefault(disease.name, one)
    return found


def _chronic_line(name: str, one: ListedProblem) -> str:
    last = f"{one.last:%Y-%m-%d}" if one.last else "时间不详"
    return f"- {name}：{plain(one.name)}，最近 {last}，{plain('、'.join(one.institutions))}"


def _elsewhere(life: Life, institution: frozenset[str]) -> Visit | None:
    visits = visits_of(life.of("Encounter"), life.names)
    return next((v for v in visits if v.start and v.origin.organisation not in institution), None)


def _last_visit(visit: Visit, now: datetime) -> Advice:
    assert visit.start is not None  # noqa: S101 - those without a time are left out
    kind, where = _KINDS.get(visit.kind, "就诊"), visit.origin.organisation_name
    reasons = "、".join(visit.reasons) or "诊断未写明"
    ward = f" {visit.department}" if visit.department else ""
    return Advice(
        rule="last-visit",
        what="last-visit",
        urgency="info",
        summary=cut(f"{ago(visit.start, now)}在{where}{ward}{kind}：{reasons}"),
        detail=f"- {visit.start:%Y-%m-%d}，{plain(where)}{plain(ward)}，{kind}\n- {plain(reasons)}",
    )


def ago(at: datetime, now: datetime) -> str:
    """How long ago, in days as people count them."""
    days = (now.date() - at.astimezone(now.tzinfo).date()).days
    return {0: "今天", 1: "昨天"}.get(days, f"{days} 天前")

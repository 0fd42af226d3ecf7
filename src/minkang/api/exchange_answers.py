"""What a sender is told of its messages, as FHIR: kept under which number, what is wrong where."""

from collections.abc import Sequence
from typing import Any, Final

from minkang.api.call import Answer, resource_answer
from minkang.api.outcomes import Issue, issues_of, outcome
from minkang.exchange import Kept
from minkang.exchange.outcome import Became
from minkang.fhir import Problem, Resource

_STATE_SYSTEM: Final = "urn:minkang:exchange:state"
_STATES: Final = {
    "waiting": "等待处理",
    "stored": "已入库",
    "quarantined": "已隔离",
    "trial": "试接，只保存和检查，不入库",
}
_MOST: Final = 200
"""So many problems are told in one answer; all of them stand with the message."""


def location_of(source: str, message: int) -> str:
    """Where a sender can ask what became of a message."""
    return f"/exchange/{source}/messages/{message}"


def kept_answer(source: str, kept: Kept, problems: Sequence[Problem]) -> Answer:
    """The answer to one message: 202 kept, 200 kept before, 422 kept and put aside."""
    location = location_of(source, kept.id).encode()
    status = 422 if problems else status_of(kept)
    return resource_answer(outcome_of(kept, problems), status, ((b"location", location),))


def status_of(kept: Kept) -> int:
    """202 of a message that is new, 200 of one that came before."""
    return 200 if kept.repeated else 202


def outcome_of(kept: Kept, problems: Sequence[Problem]) -> Resource:
    """The OperationOutcome of one message: its number is the `id`, its state a coding."""
    again = "，与以前收到的一条相同（repeated）" if kept.repeated else ""
    text = f"已保存，编号 {kept.id}，{_STATES[kept.state]}（{kept.state}）{again}"
    found = outcome(
        [Issue("informational", text, severity="information"), *issues_of(problems[:_MOST])]
    )
    codes = [kept.state, "repeated"] if kept.repeated else [kept.state]
    found["issue"][0]["details"] = {
        "coding": [{"system": _STATE_SYSTEM, "code": code} for code in codes]
    }
    return {"resourceType": found["resourceType"], "id": str(kept.id), "issue": found["issue"]}


def several_answer(kept: Sequence[Kept], problems: Sequence[Sequence[Problem]]) -> Answer:
    """The answer to messages that came together, one a line: 422 if any was put aside."""
    bad = [
        (line, one.id, found)
        for line, (one, found) in enumerate(zip(kept, problems, strict=True), 1)
        if found
    ]
    text = f"{len(kept)} 条已保存，其中 {len(bad)} 条已隔离"
    issues = [Issue("informational", text, severity="information")]
    for line, number, found in bad:
        for issue in issues_of(found[:_MOST]):
            said = f"第 {line} 行（编号 {number}）：{issue.text}"
            issues.append(Issue(issue.code, said, issue.place))
    status = 422 if bad else max(map(status_of, kept))
    return resource_answer(outcome(issues[: _MOST + 1]), status)


def became_answer(found: Became) -> Answer:
    """What became of a message, as Parameters: the resources that it made are references."""
    parameters: list[dict[str, Any]] = [
        {"name": "id", "valueString": str(found.id)},
        {"name": "state", "valueCode": found.state},
        {"name": "kind", "valueString": found.kind or "?"},
        {"name": "received", "valueInstant": found.received.isoformat()},
        {"name": "repeats", "valueUnsignedInt": found.repeats},
    ]
    if found.control_id.strip():
        parameters.append({"name": "control-id", "valueString": found.control_id})
    if found.processed is not None:
        parameters.append({"name": "processed", "valueInstant": found.processed.isoformat()})
    if found.problems:
        told = outcome(issues_of(found.problems[:_MOST]))
        parameters.append({"name": "problems", "resource": told})
    parameters += [
        {"name": "made", "valueReference": {"reference": f"{one.type}/{one.id}"}}
        for one in found.made
    ]
    return resource_answer({"resourceType": "Parameters", "parameter": parameters})

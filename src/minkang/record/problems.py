"""The problem list: diagnoses of all visits, one line for each disease."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from minkang.fhir import Resource
from minkang.record.fact import Names, Origin, concept_code, concept_text, moment, origin_of
from minkang.store import Stored

_NEVER_HAD = ("entered-in-error", "refuted")


class ListedProblem(msgspec.Struct, frozen=True):
    """A disease, when it was first and last diagnosed, how often and where."""

    code: str
    name: str
    first: datetime | None
    last: datetime | None
    times: int
    institutions: tuple[str, ...]
    origin: Origin


def problem_list(conditions: Iterable[Stored], names: Names) -> tuple[ListedProblem, ...]:
    """Conditions grouped by code (by name where there is none), last diagnosed first.

    What was entered in error or refuted is no problem of the patient's.
    """
    groups: dict[str, list[tuple[datetime | None, str, str, Origin]]] = {}
    for stored in conditions:
        resource = stored.resource
        if never_had(resource):
            continue
        name, code = concept_text(resource.get("code")), concept_code(resource.get("code"))
        at = moment(resource.get("recordedDate") or resource.get("onsetDateTime"))
        groups.setdefault(code or name, []).append((at, name, code, origin_of(stored, names)))
    problems = [_problem(group) for group in groups.values()]
    return tuple(sorted(problems, key=lambda p: (p.last is not None, p.last), reverse=True))


def never_had(condition: Resource) -> bool:
    """Whether a diagnosis was ruled out, or written down for somebody else."""
    return concept_code(condition.get("verificationStatus")) in _NEVER_HAD


def _problem(group: list[tuple[datetime | None, str, str, Origin]]) -> ListedProblem:
    times = [at for at, *_ in group if at is not None]
    _, name, code, origin = max(group, key=lambda one: (one[0] is not None, one[0]))
    institutions = dict.fromkeys(one[3].organisation_name for one in group)
    return ListedProblem(
        code,
        name,
        min(times, default=None),
        max(times, default=None),
        len(group),
        tuple(institutions),
        origin,
    )

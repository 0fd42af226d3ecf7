"""`Patient/$ihe-pix`: what other numbers a resident has, by one that the caller knows.

IHE PIXm 3.0.4, Mobile Patient Identifier Cross-reference Query [ITI-83]: by GET, and by POST of a
Parameters, which keeps the number out of addresses. A number that several residents have (a shared
or mistyped one) is refused: two lives are never given as one.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from minkang.api.access import ask, of_people, unseen
from minkang.api.call import Answer, Call, resource_answer
from minkang.api.cross_reference import Known, Scopes, is_domain, known_by, known_of, number_of
from minkang.api.named import note_named
from minkang.api.outcomes import Refusal
from minkang.api.terminology_parameters import Kind, read_parameters
from minkang.fhir import reference
from minkang.policy import Decision
from minkang.store import Scope, Stored

_PARAMETERS: Final[dict[str, Kind]] = {"sourceIdentifier": "text", "targetSystem": "text"}
_OPERATION: Final = "$ihe-pix"
_NOBODY: Final = "-"


class _Asked(msgspec.Struct, frozen=True):
    """The number, by its system and value, and the systems wanted; none is all.

    `patient` is the id of a Patient of this server, where that is the number.
    """

    system: str
    value: str
    targets: tuple[str, ...]
    patient: str | None


async def ihe_pix(call: Call) -> Answer:
    """`GET` or `POST /Patient/$ihe-pix` with `sourceIdentifier` and `targetSystem`, repeated.

    Raises:
        Refusal: 400 the system of the number is known to nobody, 403 that of a target, 404 the
            number itself; of people, who learn no more than that, 403.
    """
    asked = _asked(call)
    await _check_domains(call, asked)
    known, decision = await _known(call, asked)
    if not known:
        if of_people(call):
            raise unseen()
        text = "sourceIdentifier Patient Identifier not found"
        raise Refusal(404, "not-found", text, "sourceIdentifier")
    if len(known) > 1:
        text = "这个编号属于多位居民，不能对照 / the identifier is of several residents"
        raise Refusal(409, "multiple-matches", text, "sourceIdentifier")
    await note_named(call, decision, known[0].patients)
    parameters = [*_numbers(known[0], asked), *_ids(call, known[0], asked)]
    made: dict[str, Any] = {"resourceType": "Parameters"}
    return resource_answer({**made, "parameter": parameters} if parameters else made)


async def _known(call: Call, asked: _Asked) -> tuple[Sequence[Known], Decision]:
    """Who has the number, of those whom the caller knows; and the decision that let it be told."""
    what = f"{_OPERATION}?sourceIdentifier"
    if of_people(call):
        # For them it is about one resident, whether there is such a one or not.
        whole = Scopes(Scope.whole(), Scope.whole())
        somebody = [patient for one in await _find(call, whole, asked) for patient in one.patients]
        decision = await ask(call, "read-api", "Patient", what, _about(call, somebody))
        scopes = Scopes(decision.scope, decision.scope)
    else:
        own = await ask(call, "read-api", "Patient", what)
        decision = await ask(call, "cross-reference", "Patient", what)
        scopes = Scopes(own.scope, decision.scope)
    found = await _find(call, scopes, asked)
    if asked.patient is not None:
        found = [one for one in found if any(own.id == asked.patient for own in one.own)]
    return found, decision


def _about(call: Call, patients: Sequence[Stored]) -> str:
    """The Patient whom a person's question is about: one of the own institution, if there is."""
    account = call.account
    own = {account.organisation, account.institution} if account is not None else set()
    return min(((one.source not in own, one.id) for one in patients), default=(True, _NOBODY))[1]


async def _find(call: Call, scopes: Scopes, asked: _Asked) -> list[Known]:
    if asked.patient is not None:
        return await known_of(call.door.store, scopes, [asked.patient])
    return await known_by(call.door.store, scopes, asked.system, asked.value)


async def _check_domains(call: Call, asked: _Asked) -> None:
    """Refuse systems that nobody gives numbers out in (ITI-83, 2:3.83.4.2.2.3 and .4).

    Raises:
        Refusal: 400, 403.
    """
    store = call.door.store
    if asked.patient is None and not await is_domain(store, asked.system):
        text = "sourceIdentifier Assigning Authority not found"
        raise Refusal(400, "code-invalid", text, "sourceIdentifier")
    for target in asked.targets:
        if target != call.base and not await is_domain(store, target):
            raise Refusal(403, "code-invalid", "targetSystem not found", "targetSystem")


def _numbers(known: Known, asked: _Asked) -> Iterable[dict[str, Any]]:
    """The numbers in the systems asked for, without the one that was given."""
    for identifier in known.numbers:
        number = number_of(identifier)
        wanted = not asked.targets or number[0] in asked.targets
        if wanted and number != (asked.system, asked.value):
            kept = {name: identifier[name] for name in ("system", "value", "assigner", "type")
                    if name in identifier}  # fmt: skip
            yield {"name": "targetIdentifier", "valueIdentifier": kept}


def _ids(call: Call, known: Known, asked: _Asked) -> Iterable[dict[str, Any]]:
    """The Patients that have a number in a system asked for; all, of the base itself."""
    all_of_them = not asked.targets or call.base in asked.targets
    for one in known.patients:
        resource = one.resource
        if resource.get("active") is False or one.id == asked.patient:
            continue
        systems = {given.get("system") for given in resource.get("identifier", [])}
        if all_of_them or systems & set(asked.targets):
            yield {"name": "targetId", "valueReference": reference("Patient", one.id)}


def _asked(call: Call) -> _Asked:
    """What is asked for.

    Raises:
        Refusal: 400: a parameter is missing, unknown or malformed.
    """
    given = read_parameters(call, _PARAMETERS)
    system, mark, value = given.required("sourceIdentifier").rpartition("|")
    system, value = system.strip(), value.strip()
    if not (mark and system and value):
        text = "sourceIdentifier 应为 system|value / must be system|value"
        raise Refusal(400, "value", text, "sourceIdentifier")
    targets = tuple(dict.fromkeys(one for one in given.values.get("targetSystem", ()) if one))
    patient = None
    if system.rstrip("/") == call.base:
        patient = value.removeprefix("Patient/")
    return _Asked(system, value, targets, patient)

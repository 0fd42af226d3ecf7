"""`Patient/$match`: who a caller's patient may be, by the matching that links residents.

FHIR R4 operation-patient-match; IHE PDQm 3.1, Patient Demographics Match [ITI-119]. A match is of
one resident: the Patient of it that fits best. A system gets those of its own institution as they
are, of others' only what a list shows (the policy's `find-residents`), marked as masked; people
who may look for residents get all of them so.

`search.score` is the probability; the grade is `certain` where the platform would link by itself,
`probable` where people decide by weight, `possible` where something holds the link back.
"""

from typing import Any, Final

import msgspec

from minkang.api.access import ask, of_people, source_of
from minkang.api.body import json_of
from minkang.api.call import Answer, Call
from minkang.api.entries import bundle, found_entry
from minkang.api.masking import shown
from minkang.api.named import note_named
from minkang.api.negotiation import FHIR_JSON, check_content_type
from minkang.api.outcomes import Refusal
from minkang.api.terminology_parameters import Kind, of_type, read_parameters
from minkang.fhir import Resource, encode
from minkang.identity.linkage.blocking import blocking_keys
from minkang.identity.linkage.features import Features, features_of
from minkang.identity.matching import Matched, matches
from minkang.policy import Decision
from minkang.store import Stored

_PARAMETERS: Final[dict[str, Kind]] = {
    "resource": "resource",
    "onlyCertainMatches": "boolean",
    "count": "number",
}
_GRADE: Final = "http://hl7.org/fhir/StructureDefinition/match-grade"
_MASKED: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "MASKED",
}
_COUNT: Final = 10
_MOST: Final = 100


class _Asked(msgspec.Struct, frozen=True):
    """Whom it is about, whether only certain matches count, and how many at most."""

    features: Features
    certain: bool
    count: int


class _Answered(msgspec.Struct, frozen=True):
    """A match, and the Patient as the caller may see it."""

    match: Matched
    patient: Stored


async def match(call: Call) -> Answer:
    """`POST /Patient/$match` with a Parameters, or with the Patient alone.

    Raises:
        Refusal: 400 nothing to match by, or a wrong parameter; 403 the caller may not look for
            residents; 422 the Patient is not valid.
    """
    finds = await ask(call, "find-residents", "Patient", "$match")
    own = None if of_people(call) else await ask(call, "read-api", "Patient", "$match")
    asked = _asked(call)
    found = await _found(call, asked, own, finds)
    certain = [one for one in found if one.match.scored.outcome == "link"]
    if asked.certain:
        # Several who are certain are several residents: then nobody is.
        found = certain if len(certain) == 1 else []
    entries = [_entry(call.base, one) for one in found[: asked.count]]
    links = [("self", f"{call.base}/Patient/$match")]
    return Answer(200, bundle("searchset", entries, links, len(entries)))


async def _found(
    call: Call, asked: _Asked, own: Decision | None, finds: Decision
) -> list[_Answered]:
    """The residents who fit, best first; of whom the caller knows its own Patient."""
    store, keys = call.door.store, call.door.keys
    most = _MOST if asked.certain else asked.count
    found: list[_Answered] = []
    if own is not None:
        known = await matches(store, own.scope, keys, asked.features, limit=most)
        found = [_Answered(one, one.patient) for one in known]
        await note_named(call, own, [one.patient for one in known])
    persons = {one.match.person for one in found}
    others = [
        one
        for one in await matches(store, finds.scope, keys, asked.features, limit=most)
        if one.person not in persons
    ]
    await note_named(call, finds, [one.patient for one in others])
    found += [_Answered(one, _masked(call, finds, one.patient)) for one in others]
    return sorted(found, key=lambda one: (-one.match.scored.weight, one.match.person))


def _masked(call: Call, decision: Decision, patient: Stored) -> Stored:
    """A Patient as the decision masks it, and labelled so: nobody shall take it into a record."""
    if not decision.mask:
        return patient
    masked = shown(call, decision, patient)
    resource = masked.resource
    meta = resource.get("meta", {})
    labels = [*meta.get("security", []), _MASKED]
    labelled = {**resource, "meta": {**meta, "security": labels}}
    return msgspec.structs.replace(masked, body=encode(labelled))


def _entry(base: str, one: _Answered) -> dict[str, Any]:
    entry = found_entry(base, one.patient, one.patient.body)
    grade = {"url": _GRADE, "valueCode": grade_of(one.match)}
    score = round(one.match.scored.probability, 4)
    return {**entry, "search": {"extension": [grade], "mode": "match", "score": score}}


def grade_of(found: Matched) -> str:
    """The grade of a match, from FHIR's value set match-grade."""
    scored = found.scored
    if scored.outcome == "link":
        return "certain"
    return "probable" if scored.rule == "weights" else "possible"


def _asked(call: Call) -> _Asked:
    """What is asked for.

    Raises:
        Refusal: 400, 415, 422.
    """
    patient, certain, count = _given(call)
    if count is not None and not 1 <= count <= _MOST:
        raise Refusal(400, "value", f"count 应为 1 至 {_MOST} / out of range", "count")
    # Who asks is where the patient is known: a number of its own is then the same number.
    source = "" if of_people(call) else source_of(call)
    features = features_of(patient, source)
    if not blocking_keys(features):
        text = (
            "资料不足以匹配：请给出证件号码，或姓名与出生日期、电话 / not enough to match by: "
            "a number, or a name with birth date or telephone"
        )
        raise Refusal(400, "required", text, "resource")
    return _Asked(features, certain, count or _COUNT)


def _given(call: Call) -> tuple[Resource, bool, int | None]:
    """The Patient, and the two other parameters."""
    check_content_type(call.headers.get(b"content-type"), FHIR_JSON)
    body = json_of(call.body, call.door.limits)
    if isinstance(body, dict) and body.get("resourceType") == "Patient":
        return of_type(_with_id(body), "Patient", "resource"), False, None
    given = read_parameters(call, _PARAMETERS)
    resource = given.one("resource")
    if not isinstance(resource, dict):
        raise Refusal(400, "required", "缺少参数 resource / missing parameter", "resource")
    patient = of_type(_with_id(resource), "Patient", "resource")
    return patient, given.flag("onlyCertainMatches"), given.number("count")


def _with_id(patient: Resource) -> Resource:
    """A Patient that nothing is stored of, and no other than itself."""
    return {**patient, "id": "unknown"}

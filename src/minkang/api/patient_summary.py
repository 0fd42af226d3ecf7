"""`Patient/$summary`: the International Patient Summary of a resident, over all linked Patients."""

from minkang.api.access import ask, missing
from minkang.api.call import Answer, Call
from minkang.api.masking import refuse_where_masked
from minkang.api.named import note_named
from minkang.api.outcomes import Refusal
from minkang.fhir import encode
from minkang.identity import Resident, resident_of_patient
from minkang.record.life import gather
from minkang.record.summary import TYPES, summary_bundle
from minkang.store import Scope, read

_IGNORED = frozenset({"_format", "_pretty"})


async def patient_summary(call: Call) -> Answer:
    """`GET` or `POST /Patient/id/$summary`: a document Bundle (IPS 1.1, operation `summary`).

    What the caller's scope shows, and nothing else: a fact that the caller may not read is not in
    the document, and that it is missing is not told.

    Raises:
        Refusal: 400 a parameter that the operation does not have, 403 not allowed, 404 no Patient.
    """
    patient = call.segments[1]
    for name, _ in call.query:
        if name not in _IGNORED:
            raise Refusal(
                400, "not-supported", f"没有参数 {name[:60]!r} / unknown parameter", name[:60]
            )
    decision = await ask(call, "read-api", "Patient", f"{patient}/$summary", patient)
    refuse_where_masked(decision)
    store = call.door.store
    own = await read(store, decision.scope, "Patient", patient)
    if own is None:
        raise missing(call, "Patient", patient)
    known = await resident_of_patient(store, Scope.whole(), patient)
    about = known or Resident("", "", "", "", "", "", "", "", frozenset([patient]))
    life = await gather(store, decision.scope, about, TYPES)
    await note_named(call, decision, [own, *(one for kind in TYPES for one in life.of(kind))])
    return Answer(200, encode(summary_bundle(life, own, call.now)))

"""`Person/$link-changes`: versions of Persons as a connected system may follow them.

Who belongs together changes without any Patient changing. A system that may read Persons follows
them with `Person/_history?_since=` or `Person?_lastUpdated=gt...`; one of an institution learns by
this operation of the residents whom its institution knows: health code and identity number, and
which Patients are linked, no more. It pages as a history does; a page may hold fewer than were
asked for, and there are more as long as there is a link `next`.
"""

import msgspec

from minkang.api.access import ask, of_people, unseen
from minkang.api.call import Answer, Call
from minkang.api.entries import bundle, version_entry
from minkang.api.history import asked_of, links_of
from minkang.api.named import note_named
from minkang.api.outcomes import Refusal
from minkang.api.person_links import linked, patients_in, reached, with_only
from minkang.fhir import encode
from minkang.store import Scope, Stored, versions

_SHOWN = ("resourceType", "id", "meta", "identifier", "link")


async def link_changes(call: Call) -> Answer:
    """`GET /Person/$link-changes` with `_since`, `_at`, `_count`, newest first.

    Raises:
        Refusal: 400; 403: for people it is not.
    """
    asked, subset = asked_of(call, "Person")
    if subset is not None:
        text = "此操作没有 _summary、_elements 参数 / not supported here"
        raise Refusal(400, "not-supported", text, "_elements")
    if of_people(call):
        await ask(call, "cross-reference", "Person", "$link-changes")
        raise unseen()
    own = await ask(call, "read-api", "Person", "$link-changes")
    decision = await ask(call, "cross-reference", "Person", "$link-changes")
    page = await versions(call.door.store, Scope.whole(), asked)
    patients = patients_in(page.versions)
    known = await reached(call.door.store, own.scope, patients)
    seen = known | await reached(call.door.store, decision.scope, patients - known)
    told = [
        _shown(one, seen)
        for one in page.versions
        if one.deleted or known.intersection(linked(one.resource))
    ]
    await note_named(call, decision, told)
    entries = [version_entry(call.base, one, one.body) for one in told]
    return Answer(200, bundle("history", entries, links_of(call, page.next)))


def _shown(stored: Stored, seen: frozenset[str]) -> Stored:
    """A version with what identifies alone; a deletion says no more than that there is no more."""
    if stored.deleted:
        return stored
    person = {name: one for name, one in stored.resource.items() if name in _SHOWN}
    return msgspec.structs.replace(stored, body=encode(with_only(person, seen)))

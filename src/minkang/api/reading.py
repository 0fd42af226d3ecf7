"""Read one resource: the current version, or a version by its number (R4, 3.1.0.2, 3.1.0.3)."""

from minkang.api.access import ask_to_read, missing, of_people
from minkang.api.binary import raw_answer
from minkang.api.call import Answer, Call, stored_answer, version_headers
from minkang.api.masking import shown
from minkang.api.named import note_named
from minkang.api.negotiation import is_unchanged
from minkang.api.outcomes import Refusal
from minkang.api.person_links import with_links_in_reach
from minkang.api.subset import Subset, reduced, subset_of
from minkang.policy import Decision
from minkang.store import Stored, read, read_version

_MAX_VERSION = 9


async def read_current(call: Call) -> Answer:
    """`GET /Type/id`. The bytes of the store go out unchanged; of a Binary, what it holds."""
    kind, resource_id = call.segments
    subset = subset_of(call.query) if call.query else None
    decision = await ask_to_read(call, kind, resource_id)
    stored = await read(call.door.store, decision.scope, kind, resource_id, deleted=True)
    return await _shown(call, decision, stored, subset)


async def read_one_version(call: Call) -> Answer:
    """`GET /Type/id/_history/version`."""
    kind, resource_id, _, text = call.segments
    subset = subset_of(call.query) if call.query else None
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= _MAX_VERSION else 0
    decision = await ask_to_read(call, kind, resource_id)
    stored = await read_version(call.door.store, decision.scope, kind, resource_id, number)
    return await _shown(call, decision, stored, subset)


async def _shown(
    call: Call, decision: Decision, stored: Stored | None, subset: Subset | None
) -> Answer:
    if stored is None:
        raise missing(call, call.segments[0], call.segments[1])
    if stored.deleted:
        if of_people(call):
            raise missing(call, stored.type, stored.id)
        raise Refusal(
            410,
            "deleted",
            f"{stored.type}/{stored.id} 已删除 / deleted",
            headers=tuple(version_headers(stored.version, stored.updated)),
        )
    if is_unchanged(call.headers, stored.version, stored.updated):
        return Answer(304, b"", version_headers(stored.version, stored.updated))
    await note_named(call, decision, (stored,))
    (stored,) = await with_links_in_reach(call, decision, (stored,))
    stored = shown(call, decision, stored)
    if subset is not None:
        headers = version_headers(stored.version, stored.updated)
        return Answer(200, reduced(stored, subset), headers)
    if stored.type == "Binary" and (raw := raw_answer(call, stored)) is not None:
        return raw
    return stored_answer(stored)

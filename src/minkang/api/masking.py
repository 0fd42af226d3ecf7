"""What leaves the base, masked as the decision says: each resource before it goes out."""

from functools import lru_cache

import msgspec

from minkang.api.access import unseen
from minkang.api.call import Call
from minkang.fhir import encode
from minkang.fhir.search import Search
from minkang.policy import Decision
from minkang.policy.mask import Pseudonyms, listed, pseudonymised, pseudonyms, refuse_masked
from minkang.store import Found, Stored


def shown(call: Call, decision: Decision, stored: Stored) -> Stored:
    """A version as the caller may see it; its own bytes where nothing is masked."""
    if not decision.mask:
        return stored
    if decision.mask == "list":
        return msgspec.structs.replace(stored, body=encode(listed(stored.resource)))
    names = _pseudonyms(call)
    body = encode(pseudonymised(stored.resource, names))
    return msgspec.structs.replace(stored, id=names(stored.type, stored.id), body=body)


def shown_found(call: Call, decision: Decision, found: Found) -> Found:
    """A page of a search as the caller may see it."""
    if not decision.mask:
        return found
    return msgspec.structs.replace(
        found,
        matches=tuple(shown(call, decision, one) for one in found.matches),
        included=tuple(shown(call, decision, one) for one in found.included),
    )


def check_search(decision: Decision, search: Search) -> None:
    """Refuse a search by what is masked.

    Raises:
        Refused: it would tell what is masked; each problem names the parameter.
    """
    if decision.mask:
        refuse_masked(search)


def refuse_where_masked(decision: Decision) -> None:
    """What can't be given masked (documents, findings of a validation) is not given.

    Raises:
        Refusal: 403.
    """
    if decision.mask:
        raise unseen()


def _pseudonyms(call: Call) -> Pseudonyms:
    account = call.account
    project = (account.client or account.post or account.id) if account is not None else ""
    return _of_project(call.door.keys.id_key, project)


@lru_cache(maxsize=1_000)
def _of_project(key: bytes, project: str) -> Pseudonyms:
    return pseudonyms(key, project)

"""What an app's scopes leave of a decision, at the FHIR base (SMART App Launch 2.2, 3.0.2).

Each interaction has its letter of c r u d s: reading a resource or its history is r; every search,
`$everything` and export is s, and so are their includes and the criteria of conditional writes.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from minkang.accounts.account import entry_by
from minkang.api.call import Call
from minkang.api.outcomes import Refusal
from minkang.fhir import TYPE_CODES, Resource
from minkang.identity import Resident
from minkang.policy import Action, Decision
from minkang.policy.smart import allows, fitting, narrowed
from minkang.store.criteria import prepared

_WRITING: Final[Mapping[str, str]] = {"POST": "c", "PUT": "u", "PATCH": "u", "DELETE": "d"}
_NOT_WRITING: Final = ("_", "$")


async def within_scopes(
    call: Call, decision: Decision, action: Action, about: Resident | None
) -> Decision:
    """The decision, its scope narrowed to what the caller's app was granted.

    `about` is the resident that the call is about, if it is about one.

    Raises:
        Refusal: 403: the app has no scope for this interaction with this type; it is written down.
        AuditUnavailable: that could not be written down.
    """
    account = call.account
    if account is None or account.scopes is None:
        return decision
    letter, kind = letter_of(call), _kind_of(call)
    if not fitting(account.scopes, letter, kind) and call.segments:
        entry = entry_by(
            account,
            action,
            call.now,
            allowed=False,
            reason="outside-app-scopes",
            object_type=kind or "",
            address=call.address,
            person=about.person if about else None,
            detail={"app": account.client, "letter": letter},
        )
        await call.door.gate.log.record(entry)
        raise insufficient()
    same = about is not None and about.person == account.about
    patients = about.patients if about is not None and same else frozenset[str]()
    reads = letter if letter in "rs" else "s"
    scope = narrowed(decision.scope, account.scopes, reads, patients)
    scope = await prepared(call.door.store, scope)
    return msgspec.structs.replace(decision, scope=scope)


def check_written(
    call: Call, method: str, kind: str, place: str, *resources: Resource | None
) -> None:
    """See that an app may write a resource of a type: what is there, and what shall be.

    Raises:
        Refusal: 403.
    """
    account = call.account
    if account is None or account.scopes is None:
        return
    letter = _WRITING[method]
    given = [one for one in resources if one is not None]
    nobody = frozenset[str]()
    if not fitting(account.scopes, letter, kind) or not all(
        allows(account.scopes, letter, one, nobody) for one in given
    ):
        raise insufficient(place)


def letter_of(call: Call) -> str:
    """The letter of what a request does."""
    kind, *rest = call.segments or ("",)
    if kind not in TYPE_CODES:
        return "s"
    operation = next((one for one in rest if one.startswith(_NOT_WRITING)), "")
    if call.method in _WRITING and operation in ("", "_search"):
        return "s" if operation else _WRITING[call.method]
    if not rest or operation in ("_search", "$everything"):
        return "s"
    if rest[0].startswith(_NOT_WRITING) or (len(rest) > 1 and rest[1] in (*TYPE_CODES, "*")):
        return "s"
    return "r"


def insufficient(place: str = "") -> Refusal:
    """The refusal of an app that was not granted this (RFC 6750, 3.1)."""
    return Refusal(
        403,
        "forbidden",
        "应用没有获得此项授权 / the app was not granted a scope for this",
        place,
        headers=((b"www-authenticate", b'Bearer error="insufficient_scope"'),),
    )


def _kind_of(call: Call) -> str | None:
    """The resource type that a request is about, if it is about one."""
    kind, *rest = call.segments or ("",)
    if kind == "Patient" and len(rest) > 1 and (rest[1] in TYPE_CODES or rest[1] == "*"):
        return rest[1] if rest[1] in TYPE_CODES else None
    if "$everything" in rest or "$export" in rest:
        return None
    return kind if kind in TYPE_CODES else None

"""FHIR REST, reading: what the first path needs. The whole of R4 joins with the store's issue.

Every read is about one resident: by a resource id, or by `patient` in a search.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, Router, get
from litestar.params import FromPath

from minkang.api.access import Door, scope_for_patient
from minkang.api.outcomes import Outcome, answer, outcome
from minkang.fhir import Resource, decode, patients_of
from minkang.store import Query, Scope, Stored, history, read, search

_TYPES = ("Condition", "DiagnosticReport", "Encounter", "Observation", "Patient")
_PARAMETERS = {
    "Condition": ("patient", "code"),
    "DiagnosticReport": ("patient", "code"),
    "Encounter": ("patient",),
    "Observation": ("patient", "code", "category"),
}
_MAX_COUNT = 1000


def fhir_routes(door: Door) -> Router:
    """The FHIR base `/fhir` of this platform."""

    @get("/metadata")
    async def metadata() -> Response[bytes]:
        return answer(_capabilities())

    @get("/{kind:str}/{identifier:str}")
    async def read_one(
        request: Request[Any, Any, Any], kind: FromPath[str], identifier: FromPath[str]
    ) -> Response[bytes]:
        scope = await _scope(door, request, kind, identifier)
        found = await read(door.gate.store, scope, kind, identifier)
        if found is None:
            raise _unseen()
        return answer(found.body, headers=_version_headers(found))

    @get("/{kind:str}/{identifier:str}/_history")
    async def versions(
        request: Request[Any, Any, Any], kind: FromPath[str], identifier: FromPath[str]
    ) -> Response[bytes]:
        scope = await _scope(door, request, kind, identifier)
        found = await history(door.gate.store, scope, kind, identifier)
        entries = [{"resource": decode(one.body)} for one in found if not one.deleted]
        return answer(_bundle("history", entries, [("self", str(request.url))]))

    @get("/{kind:str}")
    async def find(request: Request[Any, Any, Any], kind: FromPath[str]) -> Response[bytes]:
        return await _find(door, request, kind)

    return Router(
        "/fhir",
        route_handlers=[metadata, read_one, versions, find],
        exception_handlers={Outcome: lambda _, error: outcome(error)},
    )


async def _scope(door: Door, request: Request[Any, Any, Any], kind: str, identifier: str) -> Scope:
    """The scope for a resource, by the Patient that it is about."""
    _known(kind)
    stored = await read(door.gate.store, Scope.whole(), kind, identifier)
    patients = sorted(patients_of(stored.resource)) if stored else []
    patient = patients[0] if patients else None
    return await scope_for_patient(door, request, patient, (kind, identifier))


async def _find(door: Door, request: Request[Any, Any, Any], kind: str) -> Response[bytes]:
    _known(kind)
    given: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        given.setdefault(name, []).append(str(value))
    known = _PARAMETERS.get(kind, ())
    if unknown := [name for name in given if name not in (*known, "_count", "_after")]:
        text = f"search parameter {unknown[0]!r} is not supported for {kind}: {', '.join(known)}"
        raise Outcome(400, "not-supported", text, unknown[0])
    patients = [value.removeprefix("Patient/") for value in given.get("patient", [])]
    if len(patients) != 1:
        raise Outcome(400, "required", "exactly one patient is needed", "patient")
    scope = await scope_for_patient(door, request, patients[0], (kind, f"patient={patients[0]}"))
    query = Query(
        types=(kind,),
        patients=(patients[0],),
        terms=tuple(
            _tokens(door, kind, name, value)
            for name in ("code", "category")
            for value in given.get(name, [])
        ),
        limit=_count(given.get("_count", ["100"])[0]),
        after=_key(given["_after"][0]) if "_after" in given else None,
    )
    page = await search(door.gate.store, scope, query)
    entries = [
        {"resource": decode(match.body), "search": {"mode": "match"}} for match in page.matches
    ]
    links = [("self", given)]
    if page.next is not None:
        moment, last = page.next
        links.append(("next", {**given, "_after": [f"{moment.isoformat()} {last}"]}))
    path = request.url.path
    shown = [(relation, f"{path}?{urlencode(asked, doseq=True)}") for relation, asked in links]
    return answer(_bundle("searchset", entries, shown))


def _key(text: str) -> tuple[datetime, str]:
    """Where the page before ended, from its own `next` link."""
    moment, _, last = text.partition(" ")
    try:
        return datetime.fromisoformat(moment), last
    except ValueError:
        raise Outcome(400, "value", "_after is not from a next link", "_after") from None


def _tokens(door: Door, kind: str, parameter: str, value: str) -> tuple[int, ...]:
    """The terms of `code`, `|code`, `system|code`, comma-separated alternatives."""
    terms = []
    for one in value.split(","):
        system, bar, code = one.rpartition("|")
        terms.append(door.gate.store.terms.token(kind, parameter, system if bar else None, code))
    return tuple(terms)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MAX_COUNT:
        raise Outcome(400, "value", f"_count must be a number from 1 to {_MAX_COUNT}", "_count")
    return int(text)


def _known(kind: str) -> None:
    if kind not in _TYPES:
        raise Outcome(404, "not-supported", f"{kind[:40]!r} is not served: {', '.join(_TYPES)}")


def _unseen() -> Outcome:
    return Outcome(403, "forbidden", "it does not exist, or you may not see it")


def _version_headers(stored: Stored) -> dict[str, str]:
    return {
        "ETag": f'W/"{stored.version}"',
        "Last-Modified": stored.updated.strftime("%a, %d %b %Y %H:%M:%S GMT"),
    }


def _bundle(kind: str, entries: list[dict[str, Any]], links: list[tuple[str, str]]) -> Resource:
    return {
        "resourceType": "Bundle",
        "type": kind,
        "link": [{"relation": relation, "url": url} for relation, url in links],
        "entry": entries,
    }


def _capabilities() -> Resource:
    """What is really on, from the tables above."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-22",
        "kind": "instance",
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "software": {"name": "Minkang"},
        "rest": [
            {
                "mode": "server",
                "resource": [
                    {
                        "type": kind,
                        "interaction": [{"code": code} for code in _interactions(kind)],
                        "versioning": "versioned",
                        "searchParam": [
                            {"name": name, "type": "reference" if name == "patient" else "token"}
                            for name in _PARAMETERS.get(kind, ())
                        ],
                    }
                    for kind in _TYPES
                ],
            }
        ],
    }


def _interactions(kind: str) -> tuple[str, ...]:
    return ("read", "history-instance", *(("search-type",) if kind in _PARAMETERS else ()))

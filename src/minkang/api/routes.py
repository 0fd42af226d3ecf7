"""Which requests there are at the FHIR base, and who carries them out.

`ROUTES` is the whole list: the capability statement, the answers to wrong methods and the tests
of access are made from it.
"""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from minkang.api import (
    binary,
    documents_out,
    export,
    history,
    link_changes,
    match,
    pix,
    reading,
    searching,
    terminology,
    validation,
    writing,
)
from minkang.api.access import admit
from minkang.api.audit_events import viewing
from minkang.api.bundle import carry_out_bundle
from minkang.api.call import Answer, Call
from minkang.api.capability import metadata
from minkang.api.everything import everything
from minkang.api.negotiation import FHIR_JSON
from minkang.api.oauth_metadata import openid_configuration, smart_configuration
from minkang.api.outcomes import Refusal
from minkang.api.patient_summary import patient_summary
from minkang.fhir import TYPE_CODES

Handler = Callable[[Call], Awaitable[Answer]]


_FHIR = {b"accept": FHIR_JSON.encode()}


async def _bundle(call: Call) -> Answer:
    return await carry_out_bundle(call, perform)


def _both(handler: Handler) -> Mapping[str, Handler]:
    """An operation that changes nothing: by GET, and by POST of a Parameters."""
    return {"GET": handler, "POST": handler}


ROUTES: Mapping[str, Mapping[str, Handler]] = {
    "": {"GET": searching.search_all, "POST": _bundle},
    "/metadata": {"GET": metadata},
    "/.well-known/smart-configuration": {"GET": smart_configuration},
    "/.well-known/openid-configuration": {"GET": openid_configuration},
    "/$export": {"GET": export.export_all, "POST": export.export_all},
    "/$export-status/{job}": {"GET": export.export_status, "DELETE": export.export_delete},
    "/$export-file/{job}/{name}": {"GET": export.export_file},
    "/Patient/$export": {"GET": export.export_patients, "POST": export.export_patients},
    "/Group/$export": {"GET": export.export_no_group},
    "/Group/{id}/$export": {"GET": export.export_group, "POST": export.export_group},
    "/_search": {"POST": searching.search_all_by_post},
    "/_history": {"GET": history.history_of_all},
    "/{type}": {
        "GET": searching.search_type,
        "POST": writing.create,
        "PUT": writing.update_by_criteria,
        "PATCH": writing.patch_by_criteria,
        "DELETE": writing.delete_by_criteria,
    },
    "/{type}/_search": {"POST": searching.search_type_by_post},
    "/{type}/_history": {"GET": history.history_of_type},
    "/{type}/$validate": {"POST": validation.validate_new},
    "/{type}/{id}": {
        "GET": reading.read_current,
        "PUT": writing.update,
        "PATCH": writing.patch,
        "DELETE": writing.delete,
    },
    "/{type}/{id}/_history": {"GET": history.history_of_one},
    "/{type}/{id}/_history/{version}": {"GET": reading.read_one_version},
    "/{type}/{id}/$validate": {
        "GET": validation.validate_stored,
        "POST": validation.validate_existing,
    },
    "/Patient/$match": {"POST": match.match},
    "/Patient/$ihe-pix": _both(pix.ihe_pix),
    "/Person/$link-changes": {"GET": link_changes.link_changes},
    "/Patient/{id}/$everything": {"GET": everything},
    "/Patient/{id}/$summary": _both(patient_summary),
    "/DocumentReference/{id}/$wst500": {"GET": documents_out.of_document},
    "/Encounter/{id}/$wst500": {"GET": documents_out.of_visit},
    "/CodeSystem/$lookup": _both(terminology.lookup_code),
    "/CodeSystem/$validate-code": _both(terminology.validate_in_code_system),
    "/CodeSystem/{id}/$validate-code": _both(terminology.validate_in_code_system),
    "/CodeSystem/$subsumes": _both(terminology.subsumes_code),
    "/CodeSystem/{id}/$subsumes": _both(terminology.subsumes_code),
    "/ValueSet/$expand": _both(terminology.expand_value_set),
    "/ValueSet/{id}/$expand": _both(terminology.expand_value_set),
    "/ValueSet/$validate-code": _both(terminology.validate_in_set),
    "/ValueSet/{id}/$validate-code": _both(terminology.validate_in_set),
    "/ConceptMap/$translate": _both(terminology.translate_code),
    "/ConceptMap/{id}/$translate": _both(terminology.translate_code),
    "/Patient/{id}/{type}": {"GET": searching.search_compartment},
    "/Patient/{id}/{type}/_search": {"POST": searching.search_compartment_by_post},
}
"""Path behind the base, and method, to what carries it out. HEAD is GET without the body."""

_SYSTEM = {
    ("metadata", 0): "/metadata",
    ("_search", 0): "/_search",
    ("_history", 0): "/_history",
    ("$export", 0): "/$export",
    ("$export-status", 1): "/$export-status/{job}",
    ("$export-file", 2): "/$export-file/{job}/{name}",
}

_OF_BINARY: Mapping[Handler, Handler] = {
    writing.create: binary.create,
    writing.update: binary.update,
}
"""What takes a Binary's own content at the same doors."""

PUBLIC = frozenset(
    {
        "/metadata",
        "/.well-known/smart-configuration",
        "/.well-known/openid-configuration",
    }
)
"""What answers without a caller."""


async def perform(call: Call) -> Answer:
    """Carry out one entry of a Bundle: it brings a resource and is answered by one.

    Raises:
        Refusal, Refused, TooCostly, AuditUnavailable and what the database raises.
    """
    handler = await _admitted(call)
    return await handler(msgspec.structs.replace(call, headers={**call.headers, **_FHIR}))


async def admitted(call: Call) -> Handler:
    """Who carries out a request, once it is known that somebody asks; the body is not needed yet.

    Raises:
        Refusal: 404 there is no such address, 405 not with this method, 401 nobody asks.
    """
    handler = await _admitted(call)
    if call.segments[:1] == ("Binary",):
        return _OF_BINARY.get(handler, handler)
    return handler


async def _admitted(call: Call) -> Handler:
    pattern = pattern_of(call.segments)
    if pattern is None:
        raise _nowhere(call.segments)
    handler = _handler(pattern, call.method)
    if pattern not in PUBLIC:
        await admit(call)
    if call.segments[:1] == ("AuditEvent",):
        return await viewing(call) or handler
    return handler


def _handler(pattern: str, method: str) -> Handler:
    methods = ROUTES[pattern]
    handler = methods.get("GET" if method == "HEAD" else method)
    if handler is None:
        allowed = ", ".join([*methods, "HEAD"] if "GET" in methods else methods)
        raise Refusal(
            405,
            "not-supported",
            f"此地址只支持 {allowed} / method not allowed",
            headers=((b"allow", allowed.encode()),),
        )
    return handler


def pattern_of(segments: tuple[str, ...]) -> str | None:
    """The key of `ROUTES` for a path; None if there is none."""
    if not segments:
        return ""
    head, *rest = segments
    if head == ".well-known":
        pattern = "/" + "/".join(segments)
        return pattern if pattern in ROUTES else None
    if head not in TYPE_CODES:
        return _SYSTEM.get((head, len(rest)))
    if not rest:
        return "/{type}"
    if len(rest) == 1:
        if rest[0][:1] not in ("_", "$"):
            return "/{type}/{id}"
        pattern = f"/{{type}}/{rest[0]}"
        if pattern not in ROUTES:
            pattern = f"/{head}/{rest[0]}"
    elif rest[1] == "_history":
        pattern = "/{type}/{id}/_history" + ("/{version}" if len(rest) > 2 else "")
        if len(rest) > 3:
            return None
    elif rest[1][:1] == "$" and len(rest) == 2:
        pattern = "/{type}/{id}/" + rest[1]
        if pattern not in ROUTES:
            pattern = f"/{head}/{{id}}/{rest[1]}"
    elif head == "Patient" and (rest[1] in TYPE_CODES or rest[1] == "*"):
        pattern = "/Patient/{id}/{type}"
        if rest[2:]:
            pattern += "/" + "/".join(rest[2:])
    else:
        return None
    return pattern if pattern in ROUTES else None


def _nowhere(segments: tuple[str, ...]) -> Refusal:
    name = next((one for one in segments if one.startswith("$")), "")
    if name:
        return Refusal(404, "not-supported", f"没有操作 {name[:60]} / unknown operation")
    if segments[0] not in TYPE_CODES:
        return Refusal(404, "not-supported", f"没有资源类型 {segments[0][:60]!r} / unknown type")
    return Refusal(404, "not-found", "没有此地址 / no such address")

"""The CapabilityStatement: what is really on, made from the routes and the search parameters."""

from functools import cache
from typing import Any

from minkang import __version__
from minkang.api.audit_events import PARAMETERS
from minkang.api.call import Answer, Call, resource_answer
from minkang.api.negotiation import FHIR_JSON, PATCH_JSON
from minkang.api.oauth_metadata import platform_of, security
from minkang.api.terminology_answers import terminology_capabilities
from minkang.fhir import TYPE_CODES, Resource, encode
from minkang.fhir.search_parameters import parameters_of

_DATE = "2026-11-22"
_HL7 = "http://hl7.org/fhir/OperationDefinition"
_BULK = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"
_INTERACTIONS = (
    "read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create",
    "search-type",
)  # fmt: skip


_OWN = "urn:minkang:OperationDefinition"
_PIX = "https://profiles.ihe.net/ITI/PIXm/OperationDefinition/IHE.PIXm.pix"
_IPS_SUMMARY = "http://hl7.org/fhir/uv/ips/OperationDefinition/summary"
_WST500 = ("DocumentReference", "Encounter")
_TERMINOLOGY = {
    "CodeSystem": ("lookup", "validate-code", "subsumes"),
    "ConceptMap": ("translate",),
    "ValueSet": ("expand", "validate-code"),
}


async def metadata(call: Call) -> Answer:
    """`GET /metadata`, for everybody; with `mode=terminology` what it knows of code systems."""
    if ("mode", "terminology") in call.query:
        return resource_answer(terminology_capabilities(call.base))
    return Answer(200, _statement(call.base, call.door.exports is not None, platform_of(call)))


@cache
def _statement(base: str, bulk: bool, platform: str) -> bytes:
    return encode(capabilities(base, bulk=bulk, platform=platform))


def capabilities(base: str, *, bulk: bool, platform: str = "") -> Resource:
    """The statement of a base at this address; `bulk`: with bulk export.

    `platform`: how callers reach the platform, for OAuth.
    """
    operations = [{"name": "validate", "definition": f"{_HL7}/Resource-validate"}]
    if bulk:
        operations.append({"name": "export", "definition": f"{_BULK}/export"})
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _DATE,
        "kind": "instance",
        "software": {"name": "Minkang", "version": __version__},
        "implementation": {"description": "Minkang 民康", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["json", FHIR_JSON],
        "patchFormat": [PATCH_JSON],
        "rest": [
            {
                "mode": "server",
                "security": security(platform or base.removesuffix("/fhir")),
                "resource": [_resource(kind, bulk=bulk) for kind in TYPE_CODES],
                "interaction": [
                    {"code": code}
                    for code in ("transaction", "batch", "search-system", "history-system")
                ],
                "searchParam": _parameters("Resource"),
                "operation": operations,
                "compartment": ["http://hl7.org/fhir/CompartmentDefinition/patient"],
            }
        ],
    }


def _resource(kind: str, *, bulk: bool) -> dict[str, Any]:
    described: dict[str, Any] = {
        "type": kind,
        "profile": f"http://hl7.org/fhir/StructureDefinition/{kind}",
        "interaction": [{"code": code} for code in _INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        "referencePolicy": ["literal", "logical"],
        "searchInclude": ["*", *_references(kind)],
        "searchParam": _parameters(kind),
        "operation": [{"name": "validate", "definition": f"{_HL7}/Resource-validate"}],
    }
    described["operation"] += [
        {"name": name, "definition": f"{_HL7}/{kind}-{name}"} for name in _TERMINOLOGY.get(kind, ())
    ]
    if kind == "AuditEvent":
        described["documentation"] = (
            "Audit administrators and residents read the platform's own log here, as entries are "
            "asked for: read and search by " + ", ".join(PARAMETERS) + "."
        )
    if kind in _WST500:
        described["operation"].append({"name": "wst500", "definition": f"{_OWN}/{kind}-wst500"})
    if kind == "Person":
        described["operation"].append(
            {"name": "link-changes", "definition": f"{_OWN}/Person-link-changes"}
        )
    if kind == "Patient":
        described["operation"] += [
            {"name": "everything", "definition": f"{_HL7}/Patient-everything"},
            {"name": "summary", "definition": _IPS_SUMMARY},
            {"name": "match", "definition": f"{_HL7}/Patient-match"},
            {"name": "ihe-pix", "definition": _PIX},
        ]
        if bulk:
            described["operation"].append(
                {"name": "export", "definition": f"{_BULK}/patient-export"}
            )
    return described


def _references(kind: str) -> list[str]:
    return [f"{kind}:{one.code}" for one in parameters_of(kind).values() if one.kind == "reference"]


def _parameters(kind: str) -> list[dict[str, str]]:
    if kind == "Resource":
        shared = set.intersection(*(set(parameters_of(one)) for one in TYPE_CODES))
        known = parameters_of("Patient")
        found = [known[code] for code in sorted(shared)]
    else:
        found = list(parameters_of(kind).values())
    return [{"name": one.code, "type": one.kind} for one in found]

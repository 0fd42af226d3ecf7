"""What the operations of the terminology service answer, in FHIR's form (R4, 4.7)."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from minkang.api.outcomes import Refusal
from minkang.api.terminology_parameters import EXPAND, REFUSED_IF_TRUE
from minkang.fhir import Refused, Resource
from minkang.terminology import Coding, Expansion, Found, Match, ValueSet, Verdict, Wanted
from minkang.terminology.builtin import heads

_NAMESPACE = uuid.UUID("6d696e6b-616e-4672-8000-7465726d7321")
_NOT_KNOWN = frozenset({"unknown-system", "unknown-value-set", "unknown-map", "unknown-code"})


def terminology_capabilities(base: str) -> Resource:
    """The statement of `metadata?mode=terminology`: the code systems that come with the base."""
    return {
        "resourceType": "TerminologyCapabilities",
        "status": "active",
        "date": "2026-11-22",
        "kind": "instance",
        "implementation": {"description": "Minkang 民康", "url": base},
        "codeSystem": [
            {
                "uri": head.url,
                "version": [{"code": head.version, "isDefault": True}],
                "subsumption": head.hierarchy != "none",
            }
            for head in heads().values()
        ],
        "expansion": {
            "hierarchical": False,
            "paging": True,
            "incomplete": False,
            "parameter": [{"name": name} for name in sorted(EXPAND) if name not in REFUSED_IF_TRUE],
            "textFilter": "每个词：代码开头、名称的一部分，或拼音首字母",
        },
        "validateCode": {"translations": False},
        "translation": {"needsMap": False},
    }


def expanded(value_set: ValueSet, expansion: Expansion, wanted: Wanted, now: datetime) -> Resource:
    """The answer of `$expand`."""
    told = [{"name": "activeOnly", "valueBoolean": True}] if wanted.active_only else []
    if wanted.text:
        told.append({"name": "filter", "valueString": wanted.text})
    if wanted.count is not None:
        told.append({"name": "count", "valueInteger": wanted.count})
    told.append({"name": "date", "valueDateTime": wanted.on})
    contains = [
        {
            "system": member.coding.system,
            **_filled(version=member.coding.version, code=member.coding.code),
            **_filled(abstract=member.abstract or None, inactive=member.inactive or None),
            **_filled(display=member.coding.display),
        }
        for member in expansion.members
    ]
    seed = f"{value_set.url}|{value_set.version}|{wanted}|{now.isoformat()}"
    return {
        "resourceType": "ValueSet",
        **_filled(url=value_set.url, version=value_set.version),
        **_filled(name=value_set.name, title=value_set.title),
        "status": value_set.status,
        "expansion": {
            "identifier": f"urn:uuid:{uuid.uuid5(_NAMESPACE, seed)}",
            "timestamp": now.isoformat(timespec="seconds"),
            "total": expansion.total,
            "offset": wanted.offset,
            "parameter": told,
            **_filled(contains=contains),
        },
    }


def translated(codings: Sequence[Coding], found: Sequence[Match]) -> Resource:
    """The answer of `$translate`."""
    matches = [
        {
            "name": "match",
            "part": [
                {"name": "equivalence", "valueCode": one.equivalence},
                *(
                    [{"name": "concept", "valueCoding": as_fhir(one.coding)}]
                    if one.coding.code
                    else []
                ),
                {"name": "source", "valueUri": one.map},
            ],
        }
        for one in dict.fromkeys(found)
    ]
    mapped = any(one.is_mapped for one in found)
    answer = parameters_of(("result", "valueBoolean", mapped))
    if not mapped:
        shown = "、".join(f"{one.system}#{one.code}"[:200] for one in codings[:3])
        answer["parameter"].append({"name": "message", "valueString": f"{shown} 没有映射"})
    answer["parameter"] += matches
    return answer


def refusal_of(refused: Refused) -> Refusal:
    """The status that a refusal of the terminology means here."""
    problem = refused.problems[0]
    text = f"{problem.text} [{problem.rule}]"
    if problem.rule in _NOT_KNOWN:
        return Refusal(404, "not-found", text, problem.place)
    if problem.rule == "too-costly":
        return Refusal(400, "too-costly", text, problem.place)
    if problem.stage != "terminology":
        return Refusal.of_problems(400, refused.problems)
    code = "not-supported" if problem.rule in ("filter", "not-expandable") else "invalid"
    return Refusal(422, code, text, problem.place)


def looked_up(found: Found, wanted: frozenset[str]) -> Resource:
    """The answer of `$lookup`; `wanted`: only these properties (all if none are named)."""
    head = found.head
    answer = parameters_of(
        ("name", "valueString", head.title or head.url),
        ("version", "valueString", found.coding.version or head.version or None),
        ("display", "valueString", found.coding.display),
    )
    for name in found.names:
        span = f"{name.since or ''}至{name.until or ''}"
        use = {"system": "urn:minkang:cs:name-use", "code": "dated", "display": span}
        part = [{"name": "use", "valueCoding": use}, {"name": "value", "valueString": name.display}]
        answer["parameter"].append({"name": "designation", "part": part})
    for code, value in found.properties:
        if wanted and code not in wanted:
            continue
        part = [{"name": "code", "valueCode": code}, {"name": "value", _typed(code, value): value}]
        answer["parameter"].append({"name": "property", "part": part})
    return answer


def _typed(code: str, value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "valueBoolean"
    if isinstance(value, int):
        return "valueInteger"
    if code in ("effectiveDate", "deprecationDate"):
        return "valueDateTime"
    return "valueCode" if code in ("parent", "child", "successor") else "valueString"


def verdict_of(verdict: Verdict) -> Resource:
    return parameters_of(
        ("result", "valueBoolean", verdict.valid),
        ("message", "valueString", verdict.message),
        ("display", "valueString", verdict.display),
    )


def parameters_of(*rows: tuple[str, str, object]) -> Resource:
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": name, key: value} for name, key, value in rows if value is not None],
    }


def as_fhir(coding: Coding) -> dict[str, Any]:
    return {"system": coding.system, **_filled(code=coding.code, display=coding.display)}


def _filled(**elements: Any) -> dict[str, Any]:
    """The elements that hold something."""
    return {name: value for name, value in elements.items() if value not in (None, "", [])}

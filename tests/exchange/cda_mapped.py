"""What documents become: mapped, merged, and judged by the rules of FHIR."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from minkang.exchange.mappings import Context, map_message
from minkang.exchange.merge import Contribution
from minkang.fhir import Problem, Refused, Resource
from tests.exchange.cda_samples import Node, written
from tests.exchange.hl7v2_mapped import HAIBIN, merged

CONTEXT = Context(HAIBIN, b"k" * 32, datetime(2026, 5, 3, tzinfo=UTC), b"h" * 32)


def contributions(document: Node | bytes, **source: Any) -> list[Contribution]:
    """What a document gives; `source` changes its source."""
    raw = document if isinstance(document, bytes) else written(document)
    sender = msgspec.structs.replace(HAIBIN, **source)
    content = hashlib.sha256(raw).digest()
    context = msgspec.structs.replace(CONTEXT, source=sender, content_hash=content)
    return map_message(context, "document", raw)


def after(*documents: Node | bytes) -> dict[str, list[Resource]]:
    """The valid resources by type after some documents in this order."""
    found: dict[str, list[Resource]] = {}
    several = [c for one in documents for c in contributions(one)]
    for (kind, _), resource in merged(several).items():
        found.setdefault(kind, []).append(resource)
    return found


def only(kind: str, *documents: Node | bytes) -> Resource:
    """The one resource of a type after some documents."""
    (found,) = after(*documents)[kind]
    return found


def problems(document: Node | bytes) -> list[Problem]:
    """What is wrong with a document that is refused."""
    with pytest.raises(Refused) as refusal:
        contributions(document)
    return list(refusal.value.problems)


def rules(document: Node | bytes) -> set[str]:
    """The rules that a refused document breaks."""
    return {problem.rule for problem in problems(document)}


def observed(found: dict[str, list[Resource]]) -> dict[str, Resource]:
    """Observations by what they are called."""
    return {one["code"]["text"]: one for one in found.get("Observation", [])}

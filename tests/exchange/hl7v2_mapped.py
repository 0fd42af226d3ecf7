"""What HL7 v2 messages become: mapped, merged, and judged by the rules of FHIR."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from minkang.exchange.mappings import Context, map_message
from minkang.exchange.merge import Contribution, Orders, merge, pack_orders, unpack_orders
from minkang.exchange.sources import Source
from minkang.fhir import Problem, Refused, Resource
from minkang.fhir.invariants import invariants
from minkang.fhir.validate import validate

HAIBIN = Source(
    id="haibin",
    name="海滨市人民医院",
    organisation="MKHAIBIN",
    channels=("mllp",),
    namespace="haibin",
    codes={"GLU": "2345-7"},
)
CONTEXT = Context(HAIBIN, b"k" * 32, datetime(2026, 5, 3, tzinfo=UTC), b"h" * 32)
Key = tuple[str, str]


def segment(name: str, **fields: str) -> str:
    """A segment with fields by their number: `segment("PV1", f2="I", f19="V001")`."""
    numbered = {int(key[1:]): value for key, value in fields.items()}
    line = [name, *[""] * max(numbered, default=0)]
    for number, value in numbered.items():
        line[number] = value
    return "|".join(line)


PID = segment("PID", f3="P001^^^haibin^PI", f5="欧阳^小明", f7="19850315", f8="M")
PV1 = segment("PV1", f2="I", f3="CARD^301^05", f19="V001", f44="20260501080000")


def written(kind: str, *segments: str, at: str = "20260501080000", version: str = "2.4") -> bytes:
    """A message of a kind with its segments after MSH, in UTF-8."""
    head = f"MSH|^~\\&|haibin|MKHAIBIN|MINKANG|REGION|{at}+0800||{kind}|c-{at}|P|{version}"
    return "\r".join([f"{head}||||||UNICODE UTF-8", *segments, ""]).encode()


def contributions(raw: bytes, tie: bytes = b"") -> list[Contribution]:
    """What a message gives; `tie` tells messages of the same time apart."""
    context = Context(HAIBIN, b"k" * 32, CONTEXT.received, tie or b"h" * 32)
    return map_message(context, "mllp", raw)


def merged(several: Iterable[Contribution]) -> dict[Key, Resource]:
    """The resources after all contributions, each valid, with all that must hold in it."""
    states: dict[Key, tuple[Resource | None, Orders]] = {}
    for one in several:
        resource, orders = states.get(one.key, (None, {}))
        states[one.key] = merge(resource, unpack_orders(pack_orders(orders)), one)
    found = {key: resource for key, (resource, _) in states.items() if resource is not None}
    for resource in found.values():
        assert validate(resource) == []
        assert invariants(resource) == []
    return found


def after(*messages: bytes) -> dict[str, list[Resource]]:
    """The resources by type after some messages in this order."""
    found: dict[str, list[Resource]] = {}
    several = [c for raw in messages for c in contributions(raw)]
    for (kind, _), resource in merged(several).items():
        found.setdefault(kind, []).append(resource)
    return found


def only(kind: str, *messages: bytes) -> Resource:
    """The one resource of a type after some messages."""
    (found,) = after(*messages)[kind]
    return found


def problems(raw: bytes) -> list[Problem]:
    """What is wrong with a message that is refused."""
    with pytest.raises(Refused) as refusal:
        map_message(CONTEXT, "mllp", raw)
    return list(refusal.value.problems)


def refused(raw: bytes) -> list[tuple[str, str]]:
    """Place and rule of what is wrong with a message."""
    return [(problem.place, problem.rule) for problem in problems(raw)]

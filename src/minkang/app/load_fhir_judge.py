"""Whether a resource in a file may come in: the rules of POST, and an id where it has none."""

from typing import Any

import msgspec

from minkang.api.body import json_of
from minkang.api.limits import Limits
from minkang.api.outcomes import Refusal
from minkang.app.load_fhir_split import DOCUMENT, LINE
from minkang.app.load_report import FileProblem
from minkang.crypto import hmac_sm3
from minkang.fhir import Problem, Refused, Resource, decode, encode
from minkang.fhir.validate import check

LIMITS = Limits(body=DOCUMENT, entries=100_000)
"""Those of the FHIR base, but for what a file may hold more than a request."""

_RULES = {"invalid": "json", "too-long": "depth", "value": "number"}


class Arrived(msgspec.Struct, frozen=True):
    """A resource that may come in: with type and id, valid; and where it stood."""

    resource: Resource
    file: str
    line: int
    place: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Type and id."""
        return self.resource["resourceType"], self.resource["id"]


class Tally(msgspec.Struct):
    """What became of some resources."""

    accepted: int = 0
    unchanged: int = 0
    refused: int = 0
    problems: list[FileProblem] = []

    def refuse(self, file: str, line: int, problems: list[Problem], count: int = 1) -> None:
        """Count what is refused, and why; several problems may be of one resource."""
        self.refused += count
        self.problems += [FileProblem(file, line, p.place or "-", p.rule, p.text) for p in problems]

    def refuse_arrived(self, arrived: Arrived, rule: str, text: str) -> None:
        """Refuse one that was valid."""
        place = arrived.place or arrived.key[0]
        self.refuse(arrived.file, arrived.line, [Problem("store", f"{place}.id", rule, text)])


def judged(body: bytes, id_key: bytes) -> Resource:
    """The resource of a JSON text; one without id gets one derived from its content.

    Raises:
        Refused: with every problem.
    """
    if len(body) > LINE:
        raise Refused([Problem("parse", "-", "too-long", f"超过 {LINE} 字节 / longer than that")])
    try:
        resource = decode(body)
    except (ValueError, ArithmeticError, RecursionError):
        resource = parsed(body)
    problems = check(resource, body) if isinstance(resource, dict) else [_NO_OBJECT]
    if problems:
        raise Refused(problems)
    if "id" not in resource:
        resource = {**resource, "id": derived_id(id_key, encode(resource))}
    return ordered(resource)


def ordered(resource: Resource) -> Resource:
    """The resource with type, id and meta first, as the store gives it back: so it is the same."""
    first: Resource = {"resourceType": resource["resourceType"], "id": resource["id"]}
    if "meta" in resource:
        first["meta"] = resource["meta"]
    return first | resource


def parsed(body: bytes) -> Any:
    """The JSON of a text.

    Raises:
        Refused: malformed, no UTF-8, NUL characters, nested too deep, numbers beyond measure.
    """
    try:
        return json_of(body, LIMITS)
    except Refusal as refusal:
        rule = _RULES.get(refusal.issues[0].code, "json")
        raise Refused([Problem("parse", "-", rule, str(refusal))]) from None


def derived_id(id_key: bytes, text: bytes) -> str:
    """An id (32 characters) that is the same whenever the same comes again (ADR 0004)."""
    return hmac_sm3(id_key, b"load:" + text)[:16].hex()


_NO_OBJECT = Problem("parse", "-", "type", "应为一个资源 / no resource")

"""Bundles in files, taken apart. Pure.

A transaction or batch becomes steps, a collection, searchset or history the resources in it. Ids
are kept: a resource without one gets that of its `fullUrl`, else one derived from its content, so
that loading again changes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from minkang.api.bundle_entries import Entry, entries_of
from minkang.api.bundle_steps import steps_of
from minkang.api.links import relink, root_of
from minkang.api.outcomes import Refusal
from minkang.api.steps import Step
from minkang.app.load_fhir_judge import LIMITS, Arrived, Tally, derived_id, judged
from minkang.fhir import Problem, Refused, Resource, encode
from minkang.fhir.references import ID_PATTERN

STEPS = frozenset({"transaction", "batch"})
COLLECTIONS = frozenset({"collection", "searchset", "history"})
KEPT_WHOLE = frozenset({"document", "message"})
"""Types of Bundles that are something as they are: stored as Bundles."""


class Holding(msgspec.Struct, frozen=True):
    """The file that a Bundle lies in, and what became of its resources."""

    file: str
    tally: Tally


class Wanted(msgspec.Struct):
    """An entry of a transaction or batch.

    Attributes:
        key: type and id it will have, unless its criteria mean another.
        body: the JSON of its resource; empty once the resource was changed.
        waits: its references that name what is searched for and was not found yet.
    """

    step: Step
    key: tuple[str, str]
    resource: Resource
    body: bytes
    line: int
    waits: list[dict[str, Any]] = []


class Wants(msgspec.Struct):
    """A transaction (`whole`: all or nothing) or batch, with the problems found so far."""

    whole: bool
    entries: int
    wanted: list[Wanted]
    problems: list[tuple[int, list[Problem]]]


def wants_of(bundle: Resource, body: bytes, id_key: bytes) -> Wants:
    """The steps of a transaction or batch.

    Raises:
        Refused: the Bundle itself is wrong.
    """
    try:
        entries = entries_of(bundle, body, "", LIMITS)
    except Refusal as refusal:
        raise Refused(problems_in(refusal)) from None
    wants = Wants(bundle["type"] == "transaction", len(entries), [], [])
    cursor = _Cursor(body)
    for entry in entries:
        line = cursor.line_of(entry.body)
        try:
            wants.wanted.append(_wanted(entry, line, id_key))
        except Refused as refused:
            wants.problems.append((line, list(refused.problems)))
    return wants


def collected(bundle: Resource, body: bytes, id_key: bytes, held: Holding) -> list[Arrived]:
    """The valid resources of a collection, searchset or history (of which only the newest counts).

    Those that are not valid are added to the tally of `held`.

    Raises:
        Refused: the Bundle itself is wrong.
    """
    raw = _raw_entries(body)
    cursor = _Cursor(body)
    found: list[_Found] = []
    for number, entry in _brought(bundle):
        place = f"Bundle.entry[{number}].resource"
        part = bytes(raw[number].resource)
        full_url = _text(entry, "fullUrl")
        resource = _with_id(entry["resource"], full_url, id_key)
        given = part if resource is entry["resource"] else b""
        found.append(_Found(resource, given, full_url, place, cursor.line_of(part)))
    places = {one.full_url: one.address for one in found if one.full_url}
    arrived = []
    for one in found:
        links = relink(one.resource, places, root_of(one.full_url))
        text = encode(one.resource) if links.changed or not one.body else one.body
        try:
            arrived.append(Arrived(judged(text, id_key), held.file, one.line, one.place))
        except Refused as refused:
            problems = moved(refused.problems, one.place, one.resource.get("resourceType"))
            held.tally.refuse(held.file, one.line, problems)
    return arrived


def problems_in(refusal: Refusal) -> list[Problem]:
    """What the FHIR base would have answered, as problems."""
    return [Problem("bundle", one.place, one.code, one.text) for one in refusal.issues]


def moved(problems: Iterable[Problem], below: str, of_type: Any) -> list[Problem]:
    """Problems of a resource in their places within the Bundle."""
    return [
        msgspec.structs.replace(one, place=below + one.place.removeprefix(str(of_type)))
        for one in problems
    ]


def identifiers_of(wanted: Iterable[Wanted]) -> dict[tuple[str, str], str]:
    """Which entry of the Bundle has an identifier: (type, `system|value`) to `Type/id`.

    One that several have means none of them.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for one in wanted:
        held = one.resource.get("identifier")
        for identifier in held if isinstance(held, list) else [held]:
            if isinstance(identifier, dict) and isinstance(identifier.get("value"), str):
                system, value = identifier.get("system"), identifier["value"]
                texts = [value, f"{system}|{value}" if isinstance(system, str) else f"|{value}"]
                for text in texts:
                    found.setdefault((one.key[0], text), set()).add("/".join(one.key))
    return {key: places.pop() for key, places in found.items() if len(places) == 1}


def _wanted(entry: Entry, line: int, id_key: bytes) -> Wanted:
    """The step of an entry.

    Raises:
        Refused: it brings no resource, or is wrong.
    """
    if entry.method not in ("POST", "PUT"):
        text = f"装入时不执行 {entry.method} / not done by a load"
        raise Refused([Problem("bundle", f"{entry.place}.request.method", "not-supported", text)])
    try:
        (step,) = steps_of([entry], LIMITS)
    except Refusal as refusal:
        raise Refused(problems_in(refusal)) from None
    assert step.resource is not None  # noqa: S101 - POST and PUT have one
    resource = step.resource
    if step.id is None:
        resource = _with_id(resource, step.full_url, id_key)
        if not (isinstance(resource["id"], str) and ID_PATTERN.fullmatch(resource["id"])):
            place = f"{entry.place}.resource.id"
            raise Refused([Problem("bundle", place, "pattern", "不是 FHIR id / no FHIR id")])
    rewritten = resource is not step.resource
    body = b"" if rewritten else entry.body
    return Wanted(step, (step.type, resource["id"]), resource, body, line)


def _with_id(resource: Resource, full_url: str, id_key: bytes) -> Resource:
    """The resource with the id it has, that of its `fullUrl`, or one made of its content."""
    if "id" in resource:
        return resource
    tail = full_url.removeprefix("urn:uuid:")
    if full_url.startswith("http"):
        tail = full_url.rpartition("/")[2]
    if not ID_PATTERN.fullmatch(tail):
        tail = derived_id(id_key, full_url.encode() or encode(resource))
    return {**resource, "id": tail}


class _Found(msgspec.Struct, frozen=True):
    """A resource in a collection; `body` is empty where it is no longer what came."""

    resource: Resource
    body: bytes
    full_url: str
    place: str
    line: int

    @property
    def address(self) -> str:
        """`Type/id`."""
        return f"{self.resource.get('resourceType')}/{self.resource['id']}"


class _RawEntry(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"")


class _RawBundle(msgspec.Struct):
    entry: list[_RawEntry] = []


def _raw_entries(body: bytes) -> list[_RawEntry]:
    try:
        return msgspec.json.decode(body, type=_RawBundle).entry
    except msgspec.ValidationError:
        raise Refused([Problem("bundle", "Bundle.entry", "type", "应为对象的数组")]) from None


def _brought(bundle: Resource) -> Iterator[tuple[int, dict[str, Any]]]:
    """The entries that bring a resource, with their numbers."""
    seen: set[tuple[str, str]] = set()
    for number, entry in enumerate(bundle.get("entry", [])):
        search = entry.get("search")
        if isinstance(search, dict) and search.get("mode") == "outcome":
            continue
        if bundle["type"] == "history":
            # The newest comes first (R4, 3.1.0.12); after a deletion nothing is left.
            key = _version_key(entry)
            if key in seen:
                continue
            seen.add(key)
        if isinstance(entry.get("resource"), dict):
            yield number, entry


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def _version_key(entry: Mapping[str, Any]) -> tuple[str, str]:
    resource = entry.get("resource")
    if isinstance(resource, dict):
        return str(resource.get("resourceType")), str(resource.get("id"))
    request = entry.get("request")
    url = _text(request, "url") if isinstance(request, dict) else ""
    url = url or _text(entry, "fullUrl")
    kind, _, resource_id = url.partition("/_history/")[0].rpartition("/")
    return kind.rpartition("/")[2], resource_id


class _Cursor:
    """Finds on which line things stand that come one after the other."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._lines = b"\n" in body.strip()
        self._at, self._line = 0, 1

    def line_of(self, part: bytes) -> int:
        """The line on which a part begins."""
        found = self._body.find(part, self._at) if self._lines and part else -1
        if found >= 0:
            self._line += self._body.count(b"\n", self._at, found)
            self._at = found
        return self._line

"""What a resource can be found by: 64-bit hashes of (type, parameter, system, value).

Values that identify a person directly are hashed under the index key, so that the columns give
nothing away without it. The definitions of the search parameters are FHIR R4's.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from minkang.crypto import hash64, keyed_hash64
from minkang.fhir import Resource, date_range
from minkang.store.names import grams, normalise, pinyin_keys

# Token parameters in use: type -> parameter -> element that holds Coding-bearing concepts.
_CONCEPTS: dict[str, dict[str, str]] = {
    "Condition": {"code": "code"},
    "DiagnosticReport": {"code": "code"},
    "Observation": {"code": "code", "category": "category"},
}
_IDENTIFIED = frozenset({"Patient", "Person", "Encounter", "Organization"})

_DATES: dict[str, tuple[str, ...]] = {
    "Condition": ("onsetDateTime", "recordedDate"),
    "DiagnosticReport": ("effectiveDateTime", "issued"),
    "Encounter": ("period.start",),
    "Observation": ("effectiveDateTime", "effectivePeriod.start", "issued"),
}


class Terms:
    """Makes search terms; holds the key for those that identify a person."""

    def __init__(self, index_key: bytes) -> None:
        self._key = index_key

    def token(self, resource_type: str, parameter: str, system: str | None, value: str) -> int:
        """Term of a token; without `system` it stands for the value in any system."""
        text = f"{resource_type}|{parameter}|{'*' if system is None else system}|{value}"
        if parameter == "identifier":
            return keyed_hash64(self._key, text)
        return hash64(text)

    def name_part(self, gram: str) -> int:
        """Term of one or two neighbouring characters of a Patient's name."""
        return keyed_hash64(self._key, f"Patient|name|{gram}")

    def name(self, text: str) -> list[int]:
        """Terms that a Patient's name has all of when it contains `text`."""
        part = normalise(text)
        wanted = grams(part) if len(part) < 2 else {part[i : i + 2] for i in range(len(part) - 1)}
        return [self.name_part(gram) for gram in sorted(wanted)]

    def phonetic(self, key: str) -> int:
        """Term of a pinyin key (`pinyin_keys`) of a Patient's name."""
        return keyed_hash64(self._key, f"Patient|phonetic|{normalise(key)}")

    def of(self, resource: Resource) -> list[int]:
        """All terms of a resource, sorted and without repetition."""
        return sorted(set(self._all(resource)))

    def _all(self, resource: Resource) -> Iterator[int]:
        resource_type = resource["resourceType"]
        if resource_type in _IDENTIFIED:
            for identifier in resource.get("identifier", []):
                value = identifier.get("value")
                if value:
                    yield self.token(resource_type, "identifier", None, value)
                    yield self.token(
                        resource_type, "identifier", identifier.get("system", ""), value
                    )
        for parameter, element in _CONCEPTS.get(resource_type, {}).items():
            for coding in _codings(resource.get(element)):
                if code := coding.get("code"):
                    yield self.token(resource_type, parameter, None, code)
                    yield self.token(resource_type, parameter, coding.get("system", ""), code)
        if resource_type == "Patient":
            for name in resource.get("name", []):
                text = name.get("text", "")
                yield from map(self.name_part, grams(text))
                yield from map(self.phonetic, pinyin_keys(text))


def clinical_date(resource: Resource, otherwise: datetime) -> datetime:
    """When what the resource tells of happened; lists run newest first by it."""
    for path in _DATES.get(resource["resourceType"], ()):
        value: Any = resource
        for step in path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, str):
            return date_range(value).low.astimezone(UTC)
    return otherwise


def _codings(value: Any) -> Iterator[dict[str, Any]]:
    for concept in value if isinstance(value, list) else [value]:
        if isinstance(concept, dict):
            yield from concept.get("coding", [])

"""The label that every row carries from its first day: how sensitive it is, and why.

A label is a small integer: its low three bits are the grade (GB/T 39725-2020, 6.2), above them a
bit for each topic. Rows that an older release marked sensitive carry no topic and count as
restricted.
"""

from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from typing import Final

from minkang.fhir import Resource
from minkang.store.topics import CONFIDENTIALITY, SENSITIVE_TOPICS, Topic, topics_of

RESTRICTED = {"system": CONFIDENTIALITY, "code": "R"}
"""The security label of what is sensitive though its own codes do not say so."""


class Grade(IntEnum):
    """Grades of health data after GB/T 39725-2020, 6.2 (level 1 open to level 5 most closed)."""

    OPEN = 1
    BROAD = 2
    LIMITED = 3
    PERSONAL = 4
    SENSITIVE = 5


GRADE_BITS: Final = 7
"""The bits of a label that are its grade."""

_FIRST_TOPIC: Final = 3
_BITS: Final = {
    Topic.RESTRICTED: 1 << _FIRST_TOPIC,
    Topic.HIV_STD: 2 << _FIRST_TOPIC,
    Topic.MENTAL: 4 << _FIRST_TOPIC,
    Topic.GENETIC: 8 << _FIRST_TOPIC,
    Topic.REPRODUCTIVE: 16 << _FIRST_TOPIC,
    Topic.NOTIFIABLE: 32 << _FIRST_TOPIC,
}
"""Stored with every row: a topic's bit never changes, a new topic takes the next one."""

_OPEN_TYPES = frozenset({"CodeSystem", "ConceptMap", "Location", "Organization", "ValueSet"})
_BROAD_TYPES = frozenset({"Practitioner", "PractitionerRole"})
_GRADES: Final = {int(one): one for one in Grade}


def label_of(resource: Resource) -> int:
    """The label of a resource by its type, its codes and its security labels."""
    kind = resource.get("resourceType")
    if kind in _OPEN_TYPES:
        return Grade.OPEN
    if kind in _BROAD_TYPES:
        return Grade.BROAD
    topics = topics_of(resource)
    return label(Grade.PERSONAL, topics) if topics else Grade.PERSONAL


@lru_cache(maxsize=1_000)
def label(grade: Grade, topics: frozenset[Topic]) -> int:
    """The label of a grade and topics; a sensitive topic makes the grade sensitive."""
    level = Grade.SENSITIVE if topics & SENSITIVE_TOPICS else grade
    return int(level) | topic_bits(topics)


def grade_in(label: int) -> Grade:
    """The grade that a label says."""
    return _GRADES[label & GRADE_BITS]


@lru_cache(maxsize=1_000)
def topics_in(label: int) -> frozenset[Topic]:
    """The topics that a label says."""
    found = frozenset(topic for topic, bit in _BITS.items() if label & bit)
    if label & GRADE_BITS == Grade.SENSITIVE and not found & SENSITIVE_TOPICS:
        return found | {Topic.RESTRICTED}
    return found


def topic_bits(topics: Iterable[str]) -> int:
    """The bits of some topics in a label."""
    return sum(_BITS[Topic(topic)] for topic in set(topics))


def grade_of(resource: Resource) -> Grade:
    """The grade of a resource by its type, its codes and its security labels (R, V)."""
    return grade_in(label_of(resource))

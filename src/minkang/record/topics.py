"""A life by topics: what of its stops belongs to a disease, a service or a kind of care.

The topics are data (`topics.yaml`); everything is told from stops that were gathered within a
scope, so that a topic of which nothing may be seen does not come up. (The topics that decide what
may be seen are others: `minkang.store.topics`.)
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

import msgspec
import yaml

from minkang.record.imaging import kind_of
from minkang.record.timeline import Item, Stop

OTHER: Final = "other"
"""The key of what belongs to no topic."""

_ICD_10: Final = re.compile(r"[A-Z]\d\d")
_ICD_9: Final = re.compile(r"\d\d\.")


class TopicsBroken(Exception):  # noqa: N818 - reads as what happened
    """The file is not in order; the text names the topic."""


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"source": "from"}):
    """A topic; see the head of `topics.yaml`."""

    key: str
    zh: str
    en: str
    source: str
    diagnoses: str = ""
    named: str = ""
    systems: tuple[str, ...] = ()
    forms: str = ""
    classes: tuple[str, ...] = ()
    departments: str = ""
    procedures: str = ""
    operations: str = ""
    kinds: tuple[str, ...] = ()
    examinations: bool = False
    along: tuple[str, ...] = ()


class Strand(msgspec.Struct, frozen=True):
    """What of a life belongs to a topic: stops, newest first, each with that of it alone."""

    topic: Topic
    stops: tuple[Stop, ...]

    @property
    def first(self) -> datetime | None:
        """When the oldest of them was that has a time."""
        return min((one.at for one in self.stops if one.at is not None), default=None)

    @property
    def last(self) -> datetime | None:
        """When the newest of them was that has a time."""
        return max((one.at for one in self.stops if one.at is not None), default=None)

    @property
    def institutions(self) -> tuple[str, ...]:
        """Where it was, the latest first."""
        return tuple(dict.fromkeys(one.institution for one in self.stops))


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    topics: tuple[Topic, ...]


def read_topics(text: str) -> tuple[Topic, ...]:
    """The topics of a text in YAML.

    Raises:
        TopicsBroken: they are not in order.
    """
    try:
        found = msgspec.convert(yaml.safe_load(text), _File).topics
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise TopicsBroken(str(error)) from error
    keys: set[str] = set()
    for one in found:
        if one.key in keys or one.key == OTHER:
            raise TopicsBroken(f"{one.key}: a key is used once, and {OTHER} is taken")
        keys.add(one.key)
        for expression in _expressions(one):
            try:
                re.compile(expression)
            except re.error as error:
                raise TopicsBroken(f"{one.key}: {expression}: {error}") from error
        alone = (one.systems, one.classes, one.kinds, one.examinations)
        if not any(_expressions(one)) and not any(alone):
            raise TopicsBroken(f"{one.key}: nothing belongs to it")
    return found


def _expressions(topic: Topic) -> tuple[str, ...]:
    return (
        topic.diagnoses, topic.named, topic.forms, topic.departments, topic.procedures,
        topic.operations,
    )  # fmt: skip


@cache
def topics() -> tuple[Topic, ...]:
    """The topics of the release, in the order they are shown."""
    return read_topics(files("minkang.record").joinpath("topics.yaml").read_text("utf-8"))


_OTHER_TOPIC: Final = Topic(OTHER, "其他", "Other", "")


def strands_of(stops: Sequence[Stop]) -> tuple[Strand, ...]:
    """Stops by topics, in the order of the topics; what belongs to none comes last.

    A stop may belong to several. Nothing that has a name is lost.
    """
    found: dict[str, dict[int, Stop]] = {}
    for at, stop in enumerate(stops):
        whole = _whole(stop)
        for key in whole:
            found.setdefault(key, {})[at] = stop
        taken = {key: _items(stop, key) for key in _parts(stop) - whole}
        for key, items in taken.items():
            found.setdefault(key, {})[at] = msgspec.structs.replace(stop, items=items, results=())
        rest = _rest(stop, [one for items in taken.values() for one in items])
        if not whole and rest is not None:
            found.setdefault(OTHER, {})[at] = rest
    strands = []
    for topic in (*topics(), _OTHER_TOPIC):
        if topic.key in found:
            told = _along(topic, found[topic.key], stops)
            strands.append(Strand(topic, tuple(told[at] for at in sorted(told))))
    return tuple(strands)


def strand_of(strands: Iterable[Strand], key: str) -> Strand | None:
    """The strand of a topic; None if there is none such here."""
    return next((one for one in strands if one.topic.key == key), None)


def said_of(stop: Stop, topic: Topic) -> tuple[str, ...]:
    """What of a stop makes it one of a topic, in words: diagnoses, what was done, values of its
    course; else all diagnoses, else the form that was filled in."""
    visit = stop.visit
    reasons = visit.reasons if visit is not None else ()
    diagnoses = [(one.name, one.codings) for one in stop.items if one.kind == "Condition"]
    named = [*((one, ()) for one in reasons), *diagnoses]
    said = [name for name, codings in named if topic.key in _of_diagnosis(name, codings)]
    said += [one.name for one in stop.items if topic.key in _of_item(one, diagnoses=False)]
    if not said:
        course = [one for one in stop.results if one.item in topic.along]
        said = [f"{one.name} {one.text} {one.unit}".strip() for one in course]
    if not said:
        said = [name for name, _ in named] or list(visit.forms[:1] if visit is not None else ())
    if not said:
        said = [one.name for one in stop.items] or [one.name for one in stop.results]
    return tuple(dict.fromkeys(one for one in said if one))


def _whole(stop: Stop) -> frozenset[str]:
    """The topics to which a visit belongs with all that hangs under it."""
    visit = stop.visit
    if visit is None:
        return frozenset()
    found = set(_of_visit(visit.kind, visit.department, visit.forms))
    for reason in visit.reasons:
        found |= _of_diagnosis(reason, ())
    for one in stop.items:
        if one.kind == "Condition":
            found |= _of_diagnosis(one.name, one.codings)
    return frozenset(found)


def _parts(stop: Stop) -> frozenset[str]:
    """The topics to which something of a stop belongs by itself."""
    found: set[str] = set()
    for one in stop.items:
        found |= _of_item(one, diagnoses=stop.visit is None)
    return frozenset(found)


def _items(stop: Stop, key: str) -> tuple[Item, ...]:
    return tuple(one for one in stop.items if key in _of_item(one, diagnoses=stop.visit is None))


def _rest(stop: Stop, taken: Sequence[Item]) -> Stop | None:
    """What of a stop no topic has taken; None if that is nothing that could be named."""
    gone = {(one.kind, one.origin.id) for one in taken}
    items = tuple(one for one in stop.items if (one.kind, one.origin.id) not in gone)
    if not items and not stop.results and (gone or stop.visit is None):
        return None
    return msgspec.structs.replace(stop, items=items)


def _along(topic: Topic, found: dict[int, Stop], stops: Sequence[Stop]) -> dict[int, Stop]:
    """The stops of a topic with the values that tell its course, wherever they were measured."""
    if not topic.along:
        return found
    told = dict(found)
    for at, stop in enumerate(stops):
        mine = found.get(at)
        if mine is not None and mine.results:
            continue
        values = tuple(one for one in stop.results if one.item in topic.along)
        if values:
            items = mine.items if mine is not None else ()
            told[at] = msgspec.structs.replace(stop, items=items, results=values)
    return told


def _of_item(item: Item, *, diagnoses: bool) -> frozenset[str]:
    if item.kind == "Condition":
        return _of_diagnosis(item.name, item.codings) if diagnoses else frozenset()
    return _of_other(item.kind, item.name, item.codings)


class _Compiled(msgspec.Struct, frozen=True):
    topic: Topic
    diagnoses: re.Pattern[str] | None
    named: re.Pattern[str] | None
    forms: re.Pattern[str] | None
    departments: re.Pattern[str] | None
    procedures: re.Pattern[str] | None
    operations: re.Pattern[str] | None


@cache
def _compiled() -> tuple[_Compiled, ...]:
    return tuple(
        _Compiled(one, *(re.compile(text) if text else None for text in _expressions(one)))
        for one in topics()
    )


# The same few thousand codes, names and departments come up in all lives.


@lru_cache(4_096)
def _of_visit(kind: str, department: str, forms: tuple[str, ...]) -> frozenset[str]:
    return frozenset(
        one.topic.key
        for one in _compiled()
        if kind in one.topic.classes
        or (one.departments and one.departments.search(department))
        or (one.forms and any(one.forms.search(form) for form in forms))
    )


@lru_cache(8_192)
def _of_diagnosis(name: str, codings: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """By the codes of ICD-10, if there are any, else by the name; other systems by themselves."""
    systems = {system for system, _ in codings}
    own = {system for one in topics() for system in one.systems}
    codes = [code for system, code in codings if system not in own and _ICD_10.match(code)]
    found = set()
    for one in _compiled():
        by_code = one.diagnoses and any(one.diagnoses.match(code) for code in codes)
        by_name = not codes and one.named and one.named.fullmatch(name)
        if by_code or by_name or systems & set(one.topic.systems):
            found.add(one.topic.key)
    return frozenset(found)


@lru_cache(8_192)
def _of_other(kind: str, name: str, codings: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """A procedure by its codes of ICD-9-CM-3, else by its name; a report by its kind."""
    found = {one.topic.key for one in _compiled() if kind in one.topic.kinds}
    if kind == "Procedure":
        codes = [code for _, code in codings if _ICD_9.match(code)]
        for one in _compiled():
            by_code = one.procedures and any(one.procedures.match(code) for code in codes)
            by_name = not codes and one.operations and one.operations.fullmatch(name)
            if by_code or by_name:
                found.add(one.topic.key)
    elif kind == "DiagnosticReport" and kind_of(name) != "other":
        found |= {one.topic.key for one in _compiled() if one.topic.examinations}
    return frozenset(found)

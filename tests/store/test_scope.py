"""What a scope shows is what a naive reading of its grants shows, at every door of the store."""

from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minkang.fhir.search_syntax import parse_search
from minkang.store import (
    SENSITIVE_TOPICS,
    Change,
    Grade,
    Grant,
    History,
    Position,
    Query,
    Scope,
    Store,
    Stored,
    Topic,
    changes,
    find,
    label_of,
    read,
    read_version,
    search,
    versions,
    write,
)
from minkang.store.feed import start

CODES = {
    "plain": "I10",
    "hiv": "B20",
    "syphilis": "A51.0",
    "mental": "F20.0",
    "genetic": "Q90.9",
    "abortion": "O04",
    "tuberculosis": "A16.2",
}
LABEL = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
TIMES = {"old": "2020-05-01", "new": "2026-05-01"}
BETWEEN = datetime(2023, 1, 1, tzinfo=UTC)


def condition(resource_id: str, patient: str, code: str, on: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": resource_id,
        "subject": {"reference": f"Patient/{patient}"},
        "code": {"coding": [{"code": code}]},
        "recordedDate": on,
        **more,
    }


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def rows(store: Store) -> dict[str, Stored]:
    """Conditions of two patients, two sources, each topic, two times; one row of an old release."""
    made = []
    for name, code in CODES.items():
        for patient in ("s1", "s2"):
            for source in ("MK1", "MK2"):
                for age, on in TIMES.items():
                    one = condition(f"{name}-{patient}-{source}-{age}".lower(), patient, code, on)
                    made.append(Change(one, source))
    closed = condition("closed", "s1", "I10", TIMES["new"], meta={"security": [LABEL]})
    made += [Change(closed, "MK1"), Change(condition("oldest", "s1", "I10", TIMES["new"]), "MK1")]
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, made)
    await store.pool.execute("update store.resource set grade = 5 where id = 'oldest'")
    found = await search(store, Scope.whole(), Query(types=("Condition",), limit=1000))
    return {one.id: one for one in found.matches}


@pytest.mark.parametrize(
    ("name", "topics"),
    [
        ("plain", set()),
        ("hiv", {Topic.HIV_STD, Topic.NOTIFIABLE}),
        ("syphilis", {Topic.HIV_STD, Topic.NOTIFIABLE}),
        ("mental", {Topic.MENTAL}),
        ("genetic", {Topic.GENETIC}),
        ("abortion", {Topic.REPRODUCTIVE}),
        ("tuberculosis", {Topic.NOTIFIABLE}),
    ],
)
async def test_a_row_carries_its_topics_and_the_grade_they_make(
    rows: dict[str, Stored], name: str, topics: set[Topic]
) -> None:
    row = rows[f"{name}-s1-mk1-new"]
    assert row.topics == topics
    sensitive = bool(topics & SENSITIVE_TOPICS)
    assert row.grade is (Grade.SENSITIVE if sensitive else Grade.PERSONAL)


async def test_what_an_older_release_marked_sensitive_is_restricted(
    store: Store, rows: dict[str, Stored]
) -> None:
    assert rows["oldest"].topics == rows["closed"].topics == {Topic.RESTRICTED}
    assert rows["oldest"].grade is Grade.SENSITIVE


def test_words_and_values_tell_topics_too() -> None:
    def topics(**more: Any) -> int:
        return label_of({"resourceType": "Observation", "code": {"text": "检查"}, **more})

    plain = topics()
    assert plain == Grade.PERSONAL
    assert topics(valueCodeableConcept={"text": "抑郁状态"}) & 7 == Grade.SENSITIVE
    assert topics(code={"text": "全外显子组测序"}) & 7 == Grade.SENSITIVE
    assert label_of({"resourceType": "MolecularSequence"}) & 7 == Grade.SENSITIVE
    assert label_of({"resourceType": "Practitioner"}) == Grade.BROAD


_topics = st.frozensets(st.sampled_from(sorted(SENSITIVE_TOPICS)))
grants = st.builds(
    Grant,
    grade=st.sampled_from([Grade.PERSONAL, Grade.SENSITIVE]),
    patients=st.none() | st.frozensets(st.sampled_from(["s1", "s2"])),
    sources=st.none() | st.frozensets(st.sampled_from(["MK1", "MK2"])),
    types=st.none() | st.just(frozenset({"Condition"})),
    topics=st.none() | _topics,
    only_topics=st.none() | st.frozensets(st.sampled_from(sorted(Topic))),
    without_sources=st.frozensets(st.sampled_from(["MK1", "MK2"]), max_size=1),
    without_topics=st.frozensets(st.sampled_from(sorted(Topic)), max_size=2),
    since=st.none() | st.just(BETWEEN),
    until=st.none() | st.just(BETWEEN),
)


def shows(grant: Grant, row: Stored) -> bool:
    """A grant read naively, from the row's own content."""
    resource = row.resource
    patient = resource["subject"]["reference"].removeprefix("Patient/")
    on = datetime.fromisoformat(resource["recordedDate"]).replace(tzinfo=UTC)
    sensitive = row.topics & SENSITIVE_TOPICS
    return (
        row.grade <= grant.grade
        and (grant.patients is None or patient in grant.patients)
        and (grant.sources is None or row.source in grant.sources)
        and row.source not in grant.without_sources
        and (grant.topics is None or sensitive <= grant.topics)
        and (grant.only_topics is None or bool(row.topics & grant.only_topics))
        and not row.topics & grant.without_topics
        and (grant.since is None or on >= grant.since)
        and (grant.until is None or on < grant.until)
    )


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(grants, max_size=3).map(tuple))
async def test_every_door_shows_what_a_naive_reading_of_the_scope_shows(
    store: Store, rows: dict[str, Stored], given_grants: tuple[Grant, ...]
) -> None:
    scope = Scope(given_grants)
    expected = {one.id for one in rows.values() if any(shows(g, one) for g in given_grants)}
    queried = await search(store, scope, Query(types=("Condition",), limit=1000))
    assert {one.id for one in queried.matches} == expected
    everything = parse_search(("Condition",), [("_count", "500"), ("_total", "accurate")])
    found = await find(store, scope, everything)
    assert ({one.id for one in found.matches}, found.total) == (expected, len(expected))
    lived = await versions(store, scope, History(type="Condition", count=500))
    assert {one.id for one in lived.versions} == expected
    one = min(rows)
    assert (await read(store, scope, "Condition", one) is not None) == (one in expected)
    again = await read_version(store, scope, "Condition", one, 1)
    assert (again is not None) == (one in expected)


async def test_the_change_feed_keeps_to_topics_and_times(
    store: Store, rows: dict[str, Stored]
) -> None:
    scope = Scope(
        (Grant(grade=Grade.SENSITIVE, only_topics=frozenset({"notifiable"}), since=BETWEEN),)
    )
    async with store.pool.acquire() as connection:
        position: Position = await start(connection)
        found = await changes(store, connection, scope, position, limit=500)
    ids = {one.id for one in found.versions}
    assert ids == {one for one in rows if one.startswith(("hiv", "syph", "tub")) and "new" in one}

"""Codes of sources: counted while nobody knows them, proposed, mapped, coded anew."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.fhir import Refused, Resource
from minkang.fhir.validate import check
from minkang.store import Change, Scope, Store, read, write
from minkang.terminology import (
    Coding,
    Note,
    Recoding,
    Terminology,
    Waiting,
    built_in,
    code_with,
    map_code,
    map_url,
    note_unmapped,
    propose,
    queue,
    recode,
    to_recode,
    translate,
)
from minkang.terminology.builtin import ICD10, SEX
from minkang.terminology.concept_map import ConceptMap, Group, Target
from minkang.terminology.source_map import map_id

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
LOCAL = "urn:minkang:source:haibin:code:zd"


def note(code: str, display: str = "", sample: str = "", **more: str) -> Note:
    return Note(
        source=more.pop("source", "haibin"),
        system=LOCAL,
        code=code,
        display=display,
        place="Condition.code",
        sample=sample,
        **more,
    )


async def noted(store: Store, *notes: Note, at: datetime = NOW) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        await note_unmapped(connection, notes, at)


async def queued_codes(store: Store, source: str) -> list[tuple[str, int]]:
    async with store.pool.acquire() as connection:
        return [(one.code, one.count) for one in await queue(connection, source=source)]


async def mapped(store: Store, code: str, target: Coding | None, source: str) -> Recoding:
    async with store.pool.acquire() as connection, connection.transaction():
        return await map_code(
            store,
            connection,
            source=source,
            organisation="MK1",
            local=Coding(LOCAL, code, "高血压病"),
            target=target,
            by="信息中心",
            at=NOW + timedelta(minutes=1),
        )


# --- the queue ---


async def test_the_most_frequent_code_waits_first(queued: Store) -> None:
    await noted(
        queued,
        *[note("G1", "高血压病", f"Condition/{n}", source="first") for n in range(9)],
        note("T2", "糖尿病", source="first"),
    )
    await noted(queued, note("T2", source="first"), note("T2", source="first"))
    assert await queued_codes(queued, "first") == [("G1", 9), ("T2", 3)]
    async with queued.pool.acquire() as connection:
        first, second = await queue(connection, source="first")
        assert first.display == "高血压病"
        assert len(first.samples) == 5
        assert first.places == ("Condition.code",)
        # A later message without a name takes none away.
        assert second.display == "糖尿病"
        assert await queue(connection, source="first", limit=1) == [first]
        assert await queue(connection, source="first", after=first) == [second]


async def test_pages_of_the_queue_hold_every_code_once(queued: Store) -> None:
    await noted(queued, *[note(f"P{n % 40}", source="paged") for n in range(100)])
    seen: list[Waiting] = []
    async with queued.pool.acquire() as connection:
        while page := await queue(
            connection, source="paged", limit=7, after=seen[-1] if seen else None
        ):
            seen += page
    assert len({one.code for one in seen}) == len(seen) == 40
    assert [one.count for one in seen] == sorted((one.count for one in seen), reverse=True)


async def test_a_mapped_code_leaves_the_queue(queued: Store) -> None:
    await noted(queued, note("G1", "高血压病", "Condition/1", source="second"))
    recoding = await mapped(queued, "G1", Coding(ICD10, "I10.x00"), "second")
    assert await queued_codes(queued, "second") == []
    assert (recoding.count, recoding.samples) == (1, ("Condition/1",))
    # A message that was read before the map was changed brings it back no more; a later one does.
    await noted(queued, note("G1", source="second"), at=NOW)
    assert await queued_codes(queued, "second") == []
    await noted(queued, note("G1", source="second"), at=NOW + timedelta(minutes=2))
    assert await queued_codes(queued, "second") == [("G1", 3)]


# --- the map ---


async def test_mapping_writes_the_map_of_the_source(queued: Store) -> None:
    recoding = await mapped(queued, "G1", Coding(ICD10, "I10.x00"), "third")
    assert recoding.target == Coding(ICD10, "I10.x00", "特发性（原发性）高血压")
    stored = await read(queued, Scope.whole(), "ConceptMap", map_id("third"))
    assert stored is not None
    assert check(stored.resource, stored.body) == []
    terminology = Terminology(queued, Scope.whole())
    own = await terminology.concept_map(map_url("third"))
    found = await translate(terminology, Coding(LOCAL, "G1"), maps=[own])
    assert [one.coding.code for one in found] == ["I10.x00"]


async def test_a_correction_replaces_what_was_mapped_before(queued: Store) -> None:
    await mapped(queued, "G1", Coding(ICD10, "I10.x00"), "fourth")
    await mapped(queued, "T2", Coding(ICD10, "E14.900"), "fourth")
    again = await mapped(queued, "G1", Coding(ICD10, "I11.900"), "fourth")
    assert [one.code for one in again.replaced] == ["I10.x00"]
    own = await Terminology(queued, Scope.whole()).concept_map(map_url("fourth"))
    (group,) = own.groups
    assert {code: targets[0].code for code, targets in group.elements.items()} == {
        "G1": "I11.900",
        "T2": "E14.900",
    }
    none = await mapped(queued, "G1", None, "fourth")
    assert none.target is None
    assert [one.code for one in none.replaced] == ["I11.900"]


async def test_the_same_mapping_twice_changes_nothing(queued: Store) -> None:
    for _ in range(2):
        await mapped(queued, "G1", Coding(ICD10, "I10.x00"), "fifth")
    stored = await read(queued, Scope.whole(), "ConceptMap", map_id("fifth"))
    assert stored is not None
    assert stored.version == 1


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Coding(ICD10, "I10"), "abstract-code"),
        (Coding(ICD10, "I99.9999"), "unknown-code"),
        (Coding("urn:nobody", "1"), "unknown-system"),
    ],
)
async def test_a_code_is_mapped_to_real_codes_only(
    queued: Store, target: Coding, expected: str
) -> None:
    with pytest.raises(Refused) as refused:
        await mapped(queued, "G9", target, "sixth")
    assert refused.value.problems[0].rule == expected


def test_the_id_of_a_map_is_an_id_for_any_source() -> None:
    long = "a" * 63
    assert len(map_id(long)) <= 64
    assert map_id(long) != map_id("a" * 62)
    assert map_id("haibin") == "codes-haibin"


# --- coding ---


def condition(*codings: dict[str, Any]) -> Resource:
    return {
        "resourceType": "Condition",
        "id": "c",
        "subject": {"reference": "Patient/p"},
        "code": {"coding": list(codings), "text": "高血压病"},
    }


OWN = {"system": LOCAL, "code": "G1", "display": "高血压病"}
STANDARD = {"system": ICD10, "code": "I10.x00", "display": "特发性（原发性）高血压"}
TARGET = Coding(ICD10, "I10.x00", "特发性（原发性）高血压")


def own_map(*pairs: tuple[str, str]) -> ConceptMap:
    elements = {code: (Target(to, TARGET.display),) for code, to in pairs}
    return ConceptMap(
        url=map_url("haibin"), groups=(Group(source=LOCAL, target=ICD10, elements=elements),)
    )


def is_local(system: str) -> bool:
    return system.startswith("urn:minkang:source:")


def test_a_standard_code_stands_beside_the_own_one() -> None:
    coded = code_with(condition(OWN), own_map(("G1", "I10.x00")), is_local)
    assert coded.resource["code"]["coding"] == [OWN, STANDARD]
    assert coded.unmapped == ()


def test_a_code_that_can_not_be_mapped_keeps_its_original_coding() -> None:
    for known in (None, own_map(("T2", "E14.900"))):
        coded = code_with(condition(OWN), known, is_local)
        assert coded.resource == condition(OWN)
        assert coded.unmapped == (("Condition.code", Coding(LOCAL, "G1", "高血压病")),)


def test_a_code_with_a_standard_one_beside_it_does_not_wait() -> None:
    assert code_with(condition(OWN, STANDARD), None, is_local).unmapped == ()


def test_codes_inside_of_components_are_found() -> None:
    observation = {
        "resourceType": "Observation",
        "component": [{"code": {"coding": [{"system": LOCAL, "code": "SBP"}]}}],
    }
    coded = code_with(observation, None, is_local)
    assert [place for place, _ in coded.unmapped] == ["Observation.component.code"]


def test_recoding_puts_the_right_code_and_takes_the_wrong_one_away() -> None:
    wrong = Coding(ICD10, "I11.900")
    before = condition(OWN, {"system": ICD10, "code": "I11.900"})
    recoding = Recoding(
        source="haibin", local=Coding(LOCAL, "G1"), target=TARGET, replaced=(wrong,)
    )
    after = recode(before, recoding)
    assert after["code"]["coding"] == [OWN, STANDARD]
    assert recode(after, recoding) is after
    other = condition({"system": LOCAL, "code": "T2"})
    assert recode(other, recoding) is other


@settings(deadline=None)
@given(st.lists(st.sampled_from(["G1", "T2", "X9"]), max_size=4), st.booleans())
def test_coding_again_changes_nothing(codes: list[str], known: bool) -> None:
    resource = condition(*({"system": LOCAL, "code": code} for code in codes))
    using = own_map(("G1", "I10.x00"), ("T2", "E14.900")) if known else None
    once = code_with(resource, using, is_local).resource
    assert code_with(once, using, is_local).resource == once
    # Whatever the source sent is still there, in its order.
    kept = [one for one in once["code"]["coding"] if one["system"] == LOCAL]
    assert kept == resource["code"]["coding"]


async def test_what_was_stored_before_is_found_and_coded_anew(queued: Store) -> None:
    local = "urn:minkang:source:seventh:code:zd"
    own = {"system": local, "code": "G1"}
    resources = [
        {**condition(own), "id": f"r{n}"} if n % 2 else {**condition(), "id": f"r{n}"}
        for n in range(6)
    ]
    for resource in resources:
        if not resource["code"]["coding"]:
            resource["code"] = {"text": "其他"}
    async with queued.pool.acquire() as connection, connection.transaction():
        await write(queued, connection, [Change(one, "MK1") for one in resources])
        await note_unmapped(
            connection,
            [
                Note(source="seventh", system=local, code="G1", place="Condition.code")
                for _ in range(3)
            ],
            NOW,
        )
    async with queued.pool.acquire() as connection, connection.transaction():
        recoding = await map_code(
            queued,
            connection,
            source="seventh",
            organisation="MK1",
            local=Coding(local, "G1"),
            target=Coding(ICD10, "I10.x00"),
            by="信息中心",
            at=NOW,
        )
    found = [one async for one in to_recode(queued, Scope.whole(), recoding)]
    assert sorted(one.id for one in found) == ["r1", "r3", "r5"]
    async with queued.pool.acquire() as connection, connection.transaction():
        changes = [Change(recode(one.resource, recoding), one.source) for one in found]
        outcomes = await write(queued, connection, changes)
    assert {one.kind for one in outcomes} == {"updated"}


# --- proposals ---


def proposed(code: str, display: str, url: str = ICD10) -> list[tuple[str, str]]:
    of = built_in(url)
    assert of is not None
    return [(one.code, one.reason) for one in propose(of, code, display)]


def test_an_equal_name_is_proposed_first() -> None:
    assert proposed("A0031", "2型糖尿病")[0] == ("E11.900", "same-name")
    assert proposed("A0031", "高血压")[0] == ("I10.x00x002", "same-name")


def test_names_are_compared_without_their_punctuation() -> None:
    assert proposed("", "特发性(原发性)高血压")[0] == ("I10.x00", "same-name")


def test_the_who_code_of_a_subcategory_is_its_unspecified_code() -> None:
    assert ("E11.900", "same-code") in proposed("E11.9", "二型糖尿病")
    assert ("I10.x00", "same-code") in proposed("i10", "原发性高血压")


def test_a_code_that_only_looks_alike_is_not_sure() -> None:
    of = built_in(SEX)
    assert of is not None
    best = propose(of, "1", "女性")[0]
    assert (best.code, best.reason) == ("2", "same-name")


def test_missing_zeros_are_no_matter() -> None:
    assert ("01", "same-code") in proposed("1", "", "urn:minkang:cs:CV02.01.101")
    assert ("1", "same-code") in proposed("01", "", SEX)


def test_a_part_of_a_name_and_a_likeness_are_proposed() -> None:
    assert any(reason == "part-of-name" for _, reason in proposed("", "老年高血压病"))
    assert ("E11.900", "alike") in proposed("", "2型糖料病") or proposed("", "2型糖料病")


def test_nothing_is_proposed_for_nothing() -> None:
    assert proposed("", "") == []
    assert proposed("ZZZ", "〇〇〇〇") == []


@settings(deadline=None)
@given(st.text(max_size=8), st.text(max_size=12))
def test_proposals_are_codes_for_records_in_order(code: str, display: str) -> None:
    of = built_in("urn:minkang:cs:CV05.01.017")
    assert of is not None
    found = propose(of, code, display)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    for one in found:
        assert of.position(one.code) is not None
        assert 0 < one.score <= 1

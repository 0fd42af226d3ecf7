"""Codes of sources: counted while nobody knows them, proposed, mapped, coded anew."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.fhir import Refused, Resource
from minkang.fhir.validate import check
from minkang.store import Change, Scope, Store, lock_current, read, write
from minkang.terminology import (
    Coding,
    Meaning,
    Note,
    Terminology,
    Waiting,
    built_in,
    code_with,
    decided,
    entry,
    known_elsewhere,
    map_codes,
    map_url,
    note_places,
    note_unmapped,
    propose,
    queue,
    recode,
    recode_some,
    recodings,
    systems_of,
    translate,
    unmap_code,
)
from minkang.terminology.builtin import ICD10, SEX
from minkang.terminology.concept_map import ConceptMap, Group, Target
from minkang.terminology.source_map import map_id

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
LOCAL = "urn:minkang:source:haibin:code:zd"


def note(code: str, display: str = "", sample: str = "", **more: Any) -> Note:
    return Note(
        source=more.pop("source", "haibin"),
        system=LOCAL,
        code=code,
        display=display,
        place="Condition.code",
        sample=sample,
        **more,
    )


async def noted(store: Store, *notes: Note) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        await note_unmapped(connection, notes, NOW)


async def queued_codes(store: Store, source: str) -> list[tuple[str, int]]:
    async with store.pool.acquire() as connection:
        return [(one.code, one.count) for one in await queue(connection, source=source)]


async def mapped(store: Store, code: str, target: Coding | None, source: str) -> int | None:
    async with store.pool.acquire() as connection, connection.transaction():
        return await map_codes(
            store,
            connection,
            source=source,
            organisation="MK1",
            meanings=[Meaning(Coding(LOCAL, code, "高血压病"), target)],
            by="信息中心",
            at=NOW + timedelta(minutes=1),
        )


async def unmapped(store: Store, code: str, source: str) -> int | None:
    async with store.pool.acquire() as connection, connection.transaction():
        return await unmap_code(
            store,
            connection,
            source=source,
            organisation="MK1",
            local=Coding(LOCAL, code),
            by="信息中心",
            at=NOW + timedelta(minutes=2),
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
    await mapped(queued, "G1", Coding(ICD10, "I10.x00"), "second")
    assert await queued_codes(queued, "second") == []
    async with queued.pool.acquire() as connection:
        (done,) = await decided(connection, source="second")
    assert (done.code, done.mapped_code, done.mapped_by) == ("G1", "I10.x00", "信息中心")
    # A message that was read before the map was changed brings it back no more; a later one does.
    await noted(queued, note("G1", source="second", version=0))
    assert await queued_codes(queued, "second") == []
    await noted(queued, note("G1", source="second", version=1))
    assert await queued_codes(queued, "second") == [("G1", 3)]


async def test_a_decision_is_taken_back(queued: Store) -> None:
    await noted(queued, note("G1", "高血压病", source="undone"))
    await mapped(queued, "G1", Coding(ICD10, "I10.x00"), "undone")
    await mapped(queued, "Z9", None, "undone")
    assert await unmapped(queued, "G1", "undone") is not None
    assert await unmapped(queued, "Z9", "undone") is not None
    assert await queued_codes(queued, "undone") == [("G1", 1)]
    async with queued.pool.acquire() as connection:
        # What nobody ever sent waits for nobody.
        assert await entry(connection, "undone", LOCAL, "Z9") is None
        assert await decided(connection, source="undone") == []
    assert await unmapped(queued, "G1", "undone") is None


async def test_what_others_mapped_a_name_to_is_known(queued: Store) -> None:
    for source in ("one", "two"):
        await mapped(queued, "G1", Coding(ICD10, "I10.x00"), source)
    async with queued.pool.acquire() as connection:
        known = await known_elsewhere(connection, "three", "高血压病")
        assert [(one.target.code, one.sources >= 2) for one in known] == [("I10.x00", True)]
        assert await known_elsewhere(connection, "three", "") == []


# --- the map ---


async def test_mapping_writes_the_map_of_the_source(queued: Store) -> None:
    assert await mapped(queued, "G1", Coding(ICD10, "I10.x00"), "third") is not None
    stored = await read(queued, Scope.whole(), "ConceptMap", map_id("third"))
    assert stored is not None
    assert check(stored.resource, stored.body) == []
    terminology = Terminology(queued, Scope.whole())
    own = await terminology.concept_map(map_url("third"))
    found = await translate(terminology, Coding(LOCAL, "G1"), maps=[own])
    assert [one.coding for one in found] == [
        Coding(ICD10, "I10.x00", "特发性（原发性）高血压"),
    ]


async def test_a_correction_replaces_what_was_mapped_before(queued: Store) -> None:
    await mapped(queued, "G1", Coding(ICD10, "I10.x00"), "fourth")
    await mapped(queued, "T2", Coding(ICD10, "E14.900"), "fourth")
    await mapped(queued, "G1", Coding(ICD10, "I11.900"), "fourth")
    own = await Terminology(queued, Scope.whole()).concept_map(map_url("fourth"))
    (group,) = own.groups
    assert {code: targets[0].code for code, targets in group.elements.items()} == {
        "G1": "I11.900",
        "T2": "E14.900",
    }
    await mapped(queued, "G1", None, "fourth")
    own = await Terminology(queued, Scope.whole()).concept_map(map_url("fourth"))
    (match,) = await translate(Terminology(queued, Scope.whole()), Coding(LOCAL, "G1"), maps=[own])
    assert not match.is_mapped


async def test_the_same_mapping_twice_changes_nothing(queued: Store) -> None:
    assert await mapped(queued, "G1", Coding(ICD10, "I10.x00"), "fifth") is not None
    assert await mapped(queued, "G1", Coding(ICD10, "I10.x00"), "fifth") is None
    stored = await read(queued, Scope.whole(), "ConceptMap", map_id("fifth"))
    assert stored is not None
    assert stored.version == 1


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Coding(ICD10, "I10"), "abstract-code"),
        (Coding(ICD10, "I99.9999"), "unknown-code"),
        (Coding("urn:nobody", "1"), "unknown-system"),
        (Coding("http://loinc.org", "2345-6"), "unknown-code"),
    ],
)
async def test_a_code_is_mapped_to_real_codes_only(
    queued: Store, target: Coding, expected: str
) -> None:
    with pytest.raises(Refused) as refused:
        await mapped(queued, "G9", target, "sixth")
    assert refused.value.problems[0].rule == expected


async def test_a_code_of_a_system_without_a_table_is_known_by_its_form(queued: Store) -> None:
    await mapped(queued, "GLU", Coding("http://loinc.org", "2345-7", "葡萄糖"), "formed")
    element = Coding("urn:oid:2.16.156.10011.2.2.1", "DE04.10.174.00", "收缩压(mmHg)")
    await mapped(queued, "SBP", element, "formed")
    async with queued.pool.acquire() as connection:
        done = await decided(connection, source="formed")
    assert {one.mapped_code for one in done} == {"2345-7", "DE04.10.174.00"}


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
ADDED = {**STANDARD, "userSelected": False}
TARGET = Coding(ICD10, "I10.x00", "特发性（原发性）高血压")


def own_map(*pairs: tuple[str, str]) -> ConceptMap:
    elements = {code: (Target(to, TARGET.display),) for code, to in pairs}
    return ConceptMap(
        url=map_url("haibin"), groups=(Group(source=LOCAL, target=ICD10, elements=elements),)
    )


OWN_SYSTEMS = systems_of("haibin")


def test_a_standard_code_stands_beside_the_own_one() -> None:
    coded = code_with(condition(OWN), own_map(("G1", "I10.x00")), OWN_SYSTEMS)
    assert coded.resource["code"]["coding"] == [OWN, ADDED]
    assert coded.unmapped == ()
    assert coded.met == (("Condition.code", LOCAL),)


def test_a_code_that_can_not_be_mapped_keeps_its_original_coding() -> None:
    for known in (None, own_map(("T2", "E14.900"))):
        coded = code_with(condition(OWN), known, OWN_SYSTEMS)
        assert coded.resource == condition(OWN)
        assert coded.unmapped == (("Condition.code", Coding(LOCAL, "G1", "高血压病")),)


def test_a_code_with_a_standard_one_beside_it_does_not_wait() -> None:
    assert code_with(condition(OWN, STANDARD), None, OWN_SYSTEMS).unmapped == ()


def test_codes_inside_of_components_are_found() -> None:
    observation = {
        "resourceType": "Observation",
        "component": [{"code": {"coding": [{"system": LOCAL, "code": "SBP"}]}}],
    }
    coded = code_with(observation, None, OWN_SYSTEMS)
    assert [place for place, _ in coded.unmapped] == ["Observation.component.code"]


def test_codes_stand_wherever_a_concept_may_stand() -> None:
    own = {"coding": [{"system": LOCAL, "code": "X"}]}
    request: Resource = {
        "resourceType": "MedicationRequest",
        "identifier": [{"type": own, "value": "1"}],
        "medicationCodeableConcept": own,
        "dosageInstruction": [{"route": own, "timing": {"code": own}}],
        "contained": [
            {"resourceType": "Medication", "id": "m", "ingredient": [{"itemCodeableConcept": own}]}
        ],
    }
    assert [place for place, _ in code_with(request, None, OWN_SYSTEMS).unmapped] == [
        "MedicationRequest.medicationCodeableConcept",
        "MedicationRequest.dosageInstruction.timing.code",
        "MedicationRequest.dosageInstruction.route",
        "MedicationRequest.contained.ingredient.itemCodeableConcept",
    ]
    known = ConceptMap(
        url="urn:x",
        groups=(Group(source=LOCAL, target=ICD10, elements={"X": (Target("I10.x00"),)}),),
    )
    coded = code_with(request, known, OWN_SYSTEMS).resource
    assert coded["identifier"] is request["identifier"]
    ingredient = coded["contained"][0]["ingredient"][0]["itemCodeableConcept"]
    assert [one["code"] for one in ingredient["coding"]] == ["X", "I10.x00"]
    assert request["contained"][0]["ingredient"][0]["itemCodeableConcept"] == own


def test_recoding_puts_the_right_code_and_takes_the_wrong_one_away() -> None:
    wrong = {"system": ICD10, "code": "I11.900", "userSelected": False}
    known = own_map(("G1", "I10.x00"))
    after = recode(condition(OWN, wrong), known, OWN_SYSTEMS)
    assert after["code"]["coding"] == [OWN, ADDED]
    assert recode(after, known, OWN_SYSTEMS) is after
    assert recode(after, None, OWN_SYSTEMS) == condition(OWN)


def test_recoding_takes_nothing_away_that_a_source_said() -> None:
    said = condition(OWN, STANDARD)
    assert recode(said, own_map(("G1", "I11.900")), OWN_SYSTEMS)["code"]["coding"][:2] == [
        OWN,
        STANDARD,
    ]
    other = condition({"system": "urn:minkang:source:other:code:zd", "code": "G1"}, ADDED)
    assert recode(other, None, OWN_SYSTEMS) is other


@settings(deadline=None)
@given(st.lists(st.sampled_from(["G1", "T2", "X9"]), max_size=4), st.booleans())
def test_coding_again_changes_nothing(codes: list[str], known: bool) -> None:
    resource = condition(*({"system": LOCAL, "code": code} for code in codes))
    using = own_map(("G1", "I10.x00"), ("T2", "E14.900")) if known else None
    once = code_with(resource, using, OWN_SYSTEMS).resource
    assert code_with(once, using, OWN_SYSTEMS).resource == once
    # Whatever the source sent is still there, in its order.
    kept = [one for one in once["code"]["coding"] if one["system"] == LOCAL]
    assert kept == resource["code"]["coding"]


# --- coding anew ---


def with_codes(source: str, code: str, number: int) -> Resource:
    """A Condition that holds a code where search finds it, and another where it does not."""
    system = f"urn:minkang:source:{source}:code:zd"
    coding = {"system": system, "code": code}
    stage = [{"type": {"coding": [{"system": system, "code": "ST"}]}}]
    return {**condition(coding), "id": f"{source}-{number}", "stage": stage}


async def stored_codes(store: Store, resource_id: str) -> list[str]:
    found = await read(store, Scope.whole(), "Condition", resource_id)
    assert found is not None
    concepts = [found.resource["code"], *(one["type"] for one in found.resource["stage"])]
    return [coding["code"] for concept in concepts for coding in concept["coding"]]


async def test_what_was_stored_before_is_found_and_coded_anew(queued: Store) -> None:
    local = "urn:minkang:source:seventh:code:zd"
    async with queued.pool.acquire() as connection, connection.transaction():
        changes = [
            Change(with_codes("seventh", "G1" if n % 2 else "G2", n), "MK1", b"orders")
            for n in range(6)
        ]
        await write(queued, connection, changes)
        places = ("Condition.code", "Condition.stage.type")
        await note_places(connection, {("seventh", local, place) for place in places})

    async def decide(**meanings: str | None) -> None:
        async with queued.pool.acquire() as connection, connection.transaction():
            await map_codes(
                queued,
                connection,
                source="seventh",
                organisation="MK1",
                meanings=[
                    Meaning(Coding(local, code), Coding(ICD10, to) if to else None)
                    for code, to in meanings.items()
                ],
                by="信息中心",
                at=NOW,
            )
        while await recode_some(queued):
            pass

    await decide(G1="I10.x00", ST="E11.900")
    assert await stored_codes(queued, "seventh-1") == ["G1", "I10.x00", "ST", "E11.900"]
    assert await stored_codes(queued, "seventh-2") == ["G2", "ST", "E11.900"]
    await decide(G1="I11.900", ST=None)
    assert await stored_codes(queued, "seventh-1") == ["G1", "I11.900", "ST"]
    async with queued.pool.acquire() as connection:
        last, first = await recodings(connection, "seventh")
        locked = await lock_current(queued, connection, [("Condition", "seventh-1")])
    assert (first.changed, last.changed) == (6, 6)
    assert first.finished
    # What a writer kept beside the resource is still there.
    assert locked.current["Condition", "seventh-1"].note == b"orders"


async def test_a_recoding_goes_on_where_it_was(queued: Store) -> None:
    """Page by page; each with its place in one transaction."""
    local = "urn:minkang:source:paged:code:zd"
    resources = [
        {**condition({"system": local, "code": "G1"}), "id": f"paged-{n}"} for n in range(230)
    ]
    async with queued.pool.acquire() as connection, connection.transaction():
        await write(queued, connection, [Change(one, "MK1") for one in resources])
        await note_places(connection, {("paged", local, "Condition.code")})
        await map_codes(
            queued,
            connection,
            source="paged",
            organisation="MK1",
            meanings=[Meaning(Coding(local, "G1"), Coding(ICD10, "I10.x00"))],
            by="信息中心",
            at=NOW,
        )
    seen = []
    while await recode_some(queued):
        async with queued.pool.acquire() as connection:
            (state,) = await recodings(connection, "paged")
        seen.append((state.changed, state.step, state.steps))
    assert seen == [(0, 0, 1), (200, 0, 1), (230, 1, 1), (230, 1, 1)]


async def test_a_recoding_waits_for_those_who_work_by_the_old_map(queued: Store) -> None:
    while await recode_some(queued):
        pass
    async with queued.pool.acquire() as old:
        transaction = old.transaction()
        await transaction.start()
        await old.fetchval("select pg_current_xact_id()")
        number = await mapped(queued, "G1", Coding(ICD10, "I10.x00"), "eighth")
        assert await recode_some(queued)  # begins
        assert not await recode_some(queued)  # waits
        await transaction.commit()
    while await recode_some(queued):
        pass
    async with queued.pool.acquire() as connection:
        (done,) = await recodings(connection, "eighth")
    assert done.id == number
    assert done.finished


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

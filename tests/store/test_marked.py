"""Values that tell little, or all, lie with the version itself, and are found all the same."""

from importlib import import_module
from typing import Any

import pytest

from minkang.fhir.search_syntax import parse_search
from minkang.store import Change, Scope, Store, find, write
from minkang.store.marked import coarse_of
from minkang.store.reindex import reindex
from minkang.store.terms import code_hash, parameter_hash, system_hash

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"


def condition(one: str, status: str) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": one,
        "subject": {"reference": "Patient/p1"},
        "clinicalStatus": {"coding": [{"system": CLINICAL, "code": status}]},
    }


def medication(one: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Medication", "id": one, **more}


async def put(store: Store, *resources: dict[str, Any]) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(one, "h") for one in resources])


async def found(store: Store, kind: str, *pairs: tuple[str, str]) -> tuple[list[str], int | None]:
    search = parse_search((kind,), [*pairs, ("_total", "accurate")])
    page = await find(store, Scope.whole(), search)
    return sorted(one.id for one in page.matches), page.total


def test_coarse_is_what_has_few_values_by_its_definition() -> None:
    assert {"status", "category"} <= coarse_of("Observation")
    assert {"gender", "active", "deceased"} <= coarse_of("Patient")
    assert {"clinical-status", "verification-status"} <= coarse_of("Condition")
    assert not {"code", "identifier", "_tag", "value-concept"} & coarse_of("Observation")
    assert "language" not in coarse_of("Patient")


async def test_what_has_no_marks_at_all_does_not_have_a_value(store: Store) -> None:
    coding = {"coding": [{"system": "urn:drugs", "code": "A"}]}
    await put(store, medication("bare", code=coding), medication("on", status="active"))
    assert await store.pool.fetchval("select marks is null from store.resource where id = 'bare'")
    assert await found(store, "Medication", ("status:not", "active")) == (["bare"], 1)
    assert await found(store, "Medication", ("status", "active")) == (["on"], 1)


async def test_an_image_is_found_by_its_number(store: Store) -> None:
    def study(one: str, numbers: list[str]) -> dict[str, Any]:
        images = [{"uid": number, "sopClass": {"code": "urn:oid:1.2"}} for number in numbers]
        return {
            "resourceType": "ImagingStudy",
            "id": one,
            "status": "available",
            "subject": {"reference": "Patient/p1"},
            "series": [{"uid": f"1.9.{one[1:]}", "modality": {"code": "CT"}, "instance": images}],
        }

    many = [f"1.2.840.{number}" for number in range(600)]
    await put(store, study("s1", many[:300]), study("s2", many[300:]))
    assert await found(store, "ImagingStudy", ("instance", many[0])) == (["s1"], 1)
    assert await found(store, "ImagingStudy", ("instance", many[599])) == (["s2"], 1)
    assert await found(store, "ImagingStudy", ("instance:not", many[599])) == (["s1"], 1)
    assert await found(store, "ImagingStudy", ("series", "1.9.2")) == (["s2"], 1)
    assert await found(store, "ImagingStudy", ("instance", f"{many[0]},{many[599]}")) == (
        ["s1", "s2"],
        2,
    )


async def test_a_rare_value_is_had_whole_instead_of_walked_for(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, condition("rare", "relapse"))
    await put(store, *(condition(f"n{number}", "active") for number in range(60)))
    module = import_module("minkang.store.find")
    monkeypatch.setattr(module, "_SAMPLE", 10)
    monkeypatch.setattr(module, "_STEP", 3)
    steps = 0
    step = module._Run._step

    async def counted(*given: Any, **named: Any) -> Any:
        nonlocal steps
        steps += 1
        return await step(*given, **named)

    monkeypatch.setattr(module._Run, "_step", counted)
    search = parse_search(("Condition",), [("clinical-status", "relapse"), ("_count", "1")])
    page = await find(store, Scope.whole(), search)
    assert [one.id for one in page.matches] == ["rare"]
    assert steps == 3


async def as_before(store: Store) -> None:
    """The index rows of the conditions as the rules before this one made them."""
    base = parameter_hash("Condition", "clinical-status") ^ system_hash(CLINICAL)
    numbers = [base ^ code_hash(status) for status in ("active", "resolved")]
    await store.pool.execute(
        """insert into store.term (hash, sequence)
           select n, sequence from store.resource r, unnest($1::bigint[]) n
           where r.marks @> array[n]""",
        numbers,
    )
    await store.pool.execute(
        """update store.resource r set indexed = 1,
               marks = array(select m from unnest(r.marks) m where m <> all($1::bigint[]))
           where r.marks && $1::bigint[]""",
        numbers,
    )


async def left(store: Store) -> int:
    """Terms of versions that are not there any more."""
    return int(
        await store.pool.fetchval(
            """select count(*) from store.term t where not exists (
                   select from store.resource r where r.sequence = t.sequence)"""
        )
    )


async def test_terms_of_the_rules_before_go_with_their_version(store: Store) -> None:
    await put(store, *(condition(f"c{number}", "active") for number in range(4)))
    await as_before(store)
    await put(store, condition("c0", "resolved"))
    assert await left(store) == 0
    while await reindex(store, limit=2):
        pass
    assert await left(store) == 0
    assert (await found(store, "Condition", ("clinical-status", "resolved")))[0] == ["c0"]
    actives, _ = await found(store, "Condition", ("clinical-status", "active"), ("_count", "99"))
    assert {"c1", "c2", "c3"} <= set(actives)

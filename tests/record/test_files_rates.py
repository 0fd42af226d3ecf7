"""Rates, quality and the work list: exact against a naive count; uses are data."""

from datetime import date, timedelta
from typing import Any

import pytest
import pytest_asyncio

from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.record.files import close_file, file_of_person, judge, rates, work_counts, work_of
from minkang.record.files.items import sheet_items
from minkang.record.files.rates import total
from minkang.record.files.sheet import Said
from minkang.record.files.uses import UsesBroken, kind_of, read_uses, uses
from minkang.store import Store
from tests.identity.register.rows import OTHER_VILLAGE, VILLAGE, put
from tests.record.files_region import (
    BY,
    OTHER,
    STATION,
    TODAY,
    caught_up,
    days_ago,
    filed,
    form,
    organisations,
    person,
    row,
    send,
    visit,
)

COUNT = 24
BORN = {serial: date(1940 + serial, 3, 4) for serial in range(1, COUNT + 1)}
LAST_USE = {serial: days_ago(serial * 30) for serial in range(1, COUNT + 1) if serial % 3}
NO_FILE = frozenset({4, 9, 22})
DEAD = 6
HERE = {serial: VILLAGE if serial % 2 else OTHER_VILLAGE for serial in range(1, COUNT + 1)}


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def region(store: Store, keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Two villages of one station; every third resident never came, some have no file, one died."""
    await organisations(store)
    rows, others = [], []
    for serial in range(1, COUNT + 1):
        name, where = f"居民{serial}", HERE[serial]
        said = {"living": where, "registered": where}
        if serial == DEAD:
            said["died"] = days_ago(20).isoformat()
        rows.append(row(serial, name, BORN[serial], **said))
        if serial not in NO_FILE:
            number = f"{where}{serial:05}"
            others += [
                filed(serial, name, BORN[serial], number),
                *form(f"f-{serial}", number, "2024-05-05"),
            ]
            if serial in LAST_USE:
                others.append(visit(f"f-{serial}", "v", LAST_USE[serial]))
    await put(store, keys, *rows)
    await send(store, *others)
    await store.pool.execute("insert into files.area values ($1, $2)", OTHER_VILLAGE, STATION)
    await caught_up(store, keys)
    log = await AuditLog.open(store.pool, keys, tmp_path_factory.mktemp("audit"))
    gone = await file_of_person(store.pool, (await person(store, 24)).person)
    assert gone is not None
    await close_file(store, log, gone.id, "mistaken", TODAY, version=gone.version, by=BY)
    await log.close()


def naive(where: str) -> tuple[int, int, int, int]:
    """Residents, those with a file, files, used files of a division, one by one."""
    people = filed_ = files = used = 0
    for serial in range(1, COUNT + 1):
        if not HERE[serial].startswith(where):
            continue
        living, has = serial != DEAD, serial not in NO_FILE and serial != 24
        people += living
        filed_ += living and has
        files += has
        used += has and serial in LAST_USE and LAST_USE[serial] > TODAY - timedelta(days=365)
    return people, filed_, files, used


@pytest.mark.parametrize("digits", [6, 9, 12])
async def test_rates_are_what_counting_one_by_one_gives(store: Store, digits: int) -> None:
    found = await rates(store, TODAY, digits=digits)
    assert {one.key for one in found} == {HERE[1][:digits], HERE[2][:digits]}
    for one in found:
        assert (one.people, one.with_file, one.files, one.used) == naive(one.key)
    whole = total(found)
    assert (whole.people, whole.with_file, whole.files, whole.used) == naive("")
    assert 0 < whole.used < whole.files


async def test_by_institution_and_doctor_the_same_files_are_counted(store: Store) -> None:
    (one,) = await rates(store, TODAY, by="institution", institutions={STATION})
    assert (one.key, one.people, one.with_file, one.files, one.used) == (STATION, *naive(""))
    (doctor,) = await rates(store, TODAY, by="doctor", institutions={STATION})
    assert (doctor.key, doctor.people, doctor.files, doctor.used) == ("李鹏龙", 0, *naive("")[2:])
    assert await rates(store, TODAY, by="institution", institutions={OTHER}) == ()


async def test_the_definition_decides_what_counts(store: Store) -> None:
    (care,) = await rates(store, TODAY, digits=6)
    (services,) = await rates(store, TODAY, digits=6, definition="services")
    assert services.used == 0  # all of them only came to the doctor
    assert (services.files, services.people) == (care.files, care.people)
    (unknown,) = await rates(store, TODAY, digits=6, definition="no such one")
    assert unknown == care


async def test_a_visit_that_is_taken_back_counts_no_more_and_comes_back(
    store: Store, keys: Keys
) -> None:
    before = total(await rates(store, TODAY)).used
    wrong = visit("f-1", "v", LAST_USE[1], status="entered-in-error")
    await send(store, wrong)
    await caught_up(store, keys)
    assert total(await rates(store, TODAY)).used == before - 1
    await send(store, visit("f-1", "v", LAST_USE[1]))
    await caught_up(store, keys)
    assert total(await rates(store, TODAY)).used == before


async def test_the_work_list_says_what_is_to_be_done_and_the_most_pressing_first(
    store: Store,
) -> None:
    counts = await work_counts(store, {STATION}, TODAY)
    people, filed_, files, used = naive("")
    assert counts["missing"] == people - filed_
    assert counts["died"] == 1
    assert counts["unused"] == files - used
    assert counts["asked"] == counts["moved-out"] == counts["moved-in"] == 0
    found = await work_of(store, {STATION}, TODAY, limit=500)
    assert found[0].kinds[0] == "died"
    assert found[0].person == (await person(store, DEAD)).person
    listed = [one.kinds[0] for one in found]
    assert listed == sorted(listed, key=list(counts).index)
    assert len({one.person for one in found}) == len(found)
    missing = {one.person for one in await work_of(store, {STATION}, TODAY, kind="missing")}
    assert missing == {(await person(store, one)).person for one in {*NO_FILE, 24}}
    assert await work_of(store, {OTHER}, TODAY) == []
    pages = [
        one.person
        for offset in range(0, len(found), 5)
        for one in await work_of(store, {STATION}, TODAY, limit=5, offset=offset)
    ]
    assert pages == [one.person for one in found]


async def test_who_moved_is_for_the_old_keeper_and_the_new_one(store: Store, keys: Keys) -> None:
    away = "371002100200"
    await put(store, keys, row(1, "居民1", BORN[1], living=away, registered=VILLAGE,
                               moved_in=days_ago(3).isoformat()))  # fmt: skip
    who = (await person(store, 1)).person
    old = await work_of(store, {STATION}, TODAY, kind="moved-out")
    new = await work_of(store, {OTHER}, TODAY)
    assert [one.person for one in old] == [who]
    assert [(one.person, one.kinds[0]) for one in new] == [(who, "moved-in")]
    await put(store, keys, row(1, "居民1", BORN[1]))
    assert await work_of(store, {OTHER}, TODAY) == []


async def test_a_stay_in_hospital_after_the_last_update_is_work(store: Store, keys: Keys) -> None:
    await send(store, visit("f-2", "stay", days_ago(40), "IMP"))
    await send(store, visit("f-5", "late", days_ago(2), "IMP"))
    await caught_up(store, keys)
    found = await work_of(store, {STATION}, TODAY, kind="not-updated")
    assert [one.person for one in found] == [(await person(store, 2)).person]


def test_uses_name_what_they_count_and_nothing_unknown() -> None:
    known = uses()
    assert known.definition().key == known.in_force
    text = """
in_force: a
events: [{key: visit, zh: 门诊, type: Encounter, classes: [AMB]}]
definitions: [{key: a, zh: 甲, law: 无, days: 30, counts: [visit, other]}]
"""
    with pytest.raises(UsesBroken, match="other"):
        read_uses(text)
    with pytest.raises(UsesBroken, match="days"):
        read_uses(text.replace(", other", "").replace("30", "0"))
    rule = read_uses(text.replace(", other", ""))
    assert kind_of(visit("p", "1", TODAY), rule) == "visit"
    assert kind_of(visit("p", "1", TODAY, "IMP"), rule) == ""


def said(**items: Any) -> dict[str, Said]:
    return {key.replace("_", "-"): Said(tuple(values), "S") for key, values in items.items()}


WHOLE = {
    "name": ["张三"], "sex": ["male"], "birth": ["1960-01-01"], "id_number": ["11010519491231002X"],
    "phone": ["13800000001"], "address": ["某村"], "药物过敏史": ["1"], "既往史": ["2"],
}  # fmt: skip


def test_quality_names_what_is_missing_wrong_and_contradictory() -> None:
    empty = judge({}, TODAY)
    assert empty.score == 0
    assert empty.missing == tuple(key for key, item in sheet_items().items.items() if item.required)
    found = judge(said(**WHOLE), TODAY)
    assert found.missing == ()
    assert set(found.contradictions) == {"birth-number", "sex-number"}
    assert set(found.wrong) == {"sex", "birth", "id-number"}
    right = judge(said(**{**WHOLE, "birth": ["1949-12-31"], "sex": ["female"]}), TODAY)
    assert right.wrong == ()
    assert right.score > found.score
    both = judge(said(**{**WHOLE, "既往史": ["1", "2"]}), TODAY)
    assert both.contradictions["none-and-some"] == ("既往史",)
    assert judge(said(**{**WHOLE, "药物过敏史": ["2"]}), TODAY).contradictions["allergy-unnamed"]
    assert judge(said(**{**WHOLE, "phone": ["none"]}), TODAY).states["phone"] == "invalid"


def test_a_sheet_with_everything_earns_a_hundred_and_a_child_is_not_asked_for_work() -> None:
    values: dict[str, list[str]] = {}
    for key, item in sheet_items().items.items():
        good = next((one for one in item.codes if one not in item.vague), "某某")
        values[key] = [good]
    values |= {"birth": ["1949-12-31"], "sex": ["female"], "id-number": ["11010519491231002X"],
               "phone": ["13800000001"], "contact-phone": ["0631-5200000"]}  # fmt: skip
    assert judge({key: Said(tuple(v), "S") for key, v in values.items()}, TODAY).score == 100
    child = {key: Said(tuple(v), "S") for key, v in values.items() if key != "occupation"}
    assert judge(child, TODAY).score < 100
    child["birth"] = Said(("2020-01-01",), "S")
    assert judge(child, TODAY).states["occupation"] == "not-asked"

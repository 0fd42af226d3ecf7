"""Matching over what is stored: a batch ends where the worker ends."""

from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from minkang.app.linkage import NothingKept, explained, learnt, run_batch
from minkang.app.linkage_truth import NoTruth, line_of, links_against_truth
from minkang.app.platform import Platform
from minkang.audit import AuditLog
from minkang.config import load_settings
from minkang.crypto import Keys
from minkang.exchange import Source, save_source
from minkang.exchange.ids import derive_id
from minkang.fhir import encode
from minkang.identity.decisions import decide
from minkang.identity.in_force import put_in_force
from minkang.identity.judged_pairs import judged_pairs
from minkang.identity.kept import worked
from minkang.identity.linkage.definition import dumped, load_definition
from minkang.identity.linkage.train import Trained
from minkang.store import Store, Stored
from tests.identity.deciding import NOW, steward
from tests.identity.linking import links, patient, put

PEOPLE = [
    patient("p1", "欧阳慧", phone="15400000001"),
    patient("p2", "欧阳惠", id_number=None, phone="15400000001"),
    patient("p3", "欧阳慧", phone="15400000009"),
    patient("p4", "上官云", "1960-02-03", phone="15400000002"),
    patient("p5", "上官云", "1960-02-03", id_number=None, phone="15400000002"),
    patient("p6", "司马青", "1971-05-06", "male"),
]
"""Three people: the first registered three times, the second twice."""


@pytest.fixture
def platform(store: Store, keys: Keys, database_url: str, tmp_path: Path) -> Platform:
    settings = load_settings({"MINKANG_HOME": str(tmp_path)}, tmp_path)
    return Platform(settings, database_url, keys, store.pool, store)


async def test_a_batch_links_as_the_definition_in_force_says(
    platform: Platform, store: Store, keys: Keys
) -> None:
    await put(store, keys, *PEOPLE)
    before = await links(store)
    assert len(set(before.values())) == 3
    written = load_definition().written
    strict = msgspec.structs.replace(
        written, version="nobody", rules=(), link=900.0, review=800.0, guards=()
    )
    async with store.pool.acquire() as connection:
        await put_in_force(connection, dumped(strict), made_by="test", why="apart")
    done = await run_batch(platform)
    assert (done.patients, done.edges, done.definition) == (6, 0, "nobody")
    apart = await links(store)
    assert len(set(apart.values())) == 6
    assert done.moved > 0
    async with store.pool.acquire() as connection:
        await put_in_force(connection, dumped(written), made_by="test", why="together")
    again = await run_batch(platform)
    assert again.edges >= 4
    assert await links(store) == before
    assert (await run_batch(platform)).moved == 0


async def test_a_batch_makes_keys_by_the_rules_of_the_definition_in_force(
    platform: Platform, store: Store, keys: Keys
) -> None:
    """Who has been kept by other rules, who comes after them, and what is put back."""

    async def shared() -> set[frozenset[str]]:
        rows = await store.pool.fetch(
            """select array_agg(f.patient) as who from identity.blocking b
               join identity.feature f using (node) group by b.key having count(*) > 1"""
        )
        return {frozenset(row["who"]) for row in rows}

    written = load_definition().written
    together, linked = await shared(), await links(store)
    assert frozenset(("p1", "p2")) in together
    rules = {"card": written.blocking["card"], "surname": ("surname",)}
    coarse = msgspec.structs.replace(written, version="coarse", blocking=rules)
    async with store.pool.acquire() as connection:
        await put_in_force(connection, dumped(coarse), made_by="test", why="other keys")
    await put(store, keys, patient("p7", "欧阳修", "1907-08-06", phone="15400000007"))
    assert frozenset(("p1", "p2", "p3", "p7")) not in await shared()
    await run_batch(platform)
    assert await shared() == {frozenset(("p1", "p2", "p3", "p7")), frozenset(("p4", "p5"))}
    async with store.pool.acquire() as connection:
        await put_in_force(connection, dumped(written), made_by="test", why="as before")
    await run_batch(platform)
    assert await shared() == together
    # Another one in between, by which somebody was registered and no batch ran.
    async with store.pool.acquire() as connection:
        await put_in_force(connection, dumped(coarse), made_by="test", why="for an hour")
        await put(store, keys, patient("p8", "欧阳询", "1911-10-09", phone="15400000008"))
        await put_in_force(connection, dumped(written), made_by="test", why="as before")
    await run_batch(platform)
    assert await shared() == together
    found = await links(store)
    assert {one: found[one] for one in linked} == linked
    # What is kept is what a registration would keep now: the same again is no work.
    async with store.pool.acquire() as connection:
        digests = {
            row["patient"]: row["digest"]
            for row in await connection.fetch("select patient, digest from identity.feature")
        }
        later = [
            patient("p7", "欧阳修", "1907-08-06", phone="15400000007"),
            patient("p8", "欧阳询", "1911-10-09", phone="15400000008"),
        ]
        for one in (*PEOPLE, *later):
            stored = Stored("Patient", one["id"], 1, NOW, False, "h", 4, encode(one))
            assert worked(keys, load_definition(), stored).digest == digests[one["id"]]


async def test_two_are_explained_by_patient_and_by_person(
    platform: Platform, store: Store, keys: Keys
) -> None:
    person = (await links(store))["p4"]
    for one, other in (("p1", "p2"), ("p4", "p5")):
        found = await explained(platform, one, other, "zh")
        assert found.outcome == "自动关联"
        assert sum(line.weight for line in found.lines) + found.prior == pytest.approx(found.weight)
        assert "15400000" not in found.text
    assert (await explained(platform, person, "p6", "en")).outcome == "kept apart"
    with pytest.raises(NothingKept):
        await explained(platform, "p1", "nobody", "zh")


async def test_decisions_move_the_thresholds_of_what_is_trained(
    platform: Platform, store: Store, keys: Keys, tmp_path: Path
) -> None:
    doubtful = [
        patient(f"d{n}{side}", f"公孙{'甲乙丙丁'[n]}", f"195{n}-01-0{n + 1}", id_number=None)
        for n in range(4)
        for side in "ab"
    ]
    await put(store, keys, *doubtful)
    trained = Trained(load_definition().written, 1, {})
    assert await learnt(platform, trained, 1) == trained
    log = await AuditLog.open(store.pool, keys, tmp_path / "audit")
    for n in range(4):
        one, other, author = f"d{n}a", f"d{n}b", steward()
        await decide(store, keys, one, other, "different", "两人", author, log=log, now=NOW)
    await log.close()
    async with store.pool.acquire() as connection:
        judged = await judged_pairs(store, connection, load_definition())
    moved = await learnt(platform, trained, 1)
    assert moved.decisions == len(judged) > 0
    assert moved.written.link > trained.written.link
    assert await learnt(platform, trained) == trained


async def test_links_are_held_against_the_truth_of_a_demonstration(
    platform: Platform, store: Store, keys: Keys
) -> None:
    folder = platform.settings.home / "truth"
    with pytest.raises(NoTruth):
        await links_against_truth(platform, folder)
    source = Source(id="truthful", organisation="truthful", name="甲医院", channels=("mllp",))
    async with store.pool.acquire() as connection:
        await save_source(connection, source)
    numbers = {"N1": "A", "N2": "A", "N3": "B", "N4": "B"}
    ids = {one: derive_id(keys.id_key, source, "Patient", one, 0) for one in numbers}
    one, card = patient(ids["N1"], "诸葛亮", "1981-01-02", "male"), "1981-01-02"
    await put(
        store, keys, one, patient(ids["N2"], "诸葛亮", card, "male"),
        patient(ids["N3"], "公孙静", "1990-03-04"),
        patient(ids["N4"], "公孙婧", "1962-07-08", id_number=None, town="371098777"),
    )  # fmt: skip
    folder.mkdir(parents=True)
    columns = {
        "person": list(numbers.values()),
        "source": ["truthful"] * 4,
        "patient": list(numbers),
    }
    pq.write_table(pa.table(columns), folder / "registrations.parquet")
    found = await links_against_truth(platform, folder)
    assert (found.records, found.people) == (4, 2)
    assert (found.right, found.missed, found.wrong) == (1, 1, 0)
    assert "漏 missed 1" in line_of(found)

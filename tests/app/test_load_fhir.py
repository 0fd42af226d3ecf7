"""FHIR from files into the store: what is good comes in, what is not is refused with its place."""

import asyncio
import bz2
import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from minkang.app import load_fhir_crew
from minkang.app.load_fhir_crew import WorkerLost
from minkang.app.load_fhir_tasks import Begin
from minkang.config import Settings
from minkang.crypto import load_keys
from minkang.fhir import Resource
from tests.app.loading import (
    Place,
    bundle,
    counts,
    entries_in,
    patient,
    synthea,
    told,
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    load_keys(home / "keys", create=True)
    return home


@pytest.fixture
def place(home: Path, database_url: str, tmp_path: Path) -> Iterator[Place]:
    yield Place(Settings(home=home, database_url=database_url), database_url, tmp_path)
    assert not list((home / "load").glob("*"))  # a load that came through leaves no journal


def result(resource_id: str, of: str, **more: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "id": resource_id,
        "status": "final",
        "code": {"text": "HGB"},
        "subject": {"reference": of},
        **more,
    }


async def test_each_bad_line_is_refused_with_its_place_and_the_others_come_in(
    place: Place,
) -> None:
    file = place.file(
        "bad.ndjson",
        patient("bad-1"),
        '{"resourceType":"Patient","id":"bad-2"',
        b'{"resourceType":"Patient","id":"bad-3","gender":"\xff"}',
        '["no resource"]',
        patient("bad-5", gender=3),
        patient("bad-6", birthDate="2024-02-30"),
        {"resourceType": "Pazient", "id": "bad-7"},
        "",
        patient("bad-9", language="a\0b"),
        r'{"resourceType":"Patient","id":"bad-10","name":[{"text":"\ud800"}]}',
        '{"resourceType":"Patient","id":"bad-11","name":[{"text":"raw \0"}]}',
        patient("no id!"),
        patient("bad-1", gender="female"),
        patient("bad-1"),
        "{" * 100_000,
        patient("bad-16", multipleBirthInteger=10**400),
        '{"resourceType":"Patient","id":"' + "x" * 51 * 1024 * 1024 + '"}',
        patient("bad-18", birthDate="2024-02-29"),
        '{"resourceType":"Patient","id":"bad-19"',
    )
    report = await place.load(file)
    assert told(report) == [
        (2, "-", "json"),
        (3, "-", "json"),
        (4, "-", "type"),
        (5, "Patient.gender", "type"),
        (6, "Patient.birthDate", "calendar-date"),
        (7, "Pazient", "unknown-type"),
        (9, "Patient.language", "characters"),
        (10, "-", "json"),
        (11, "-", "json"),
        (12, "Patient.id", "pattern"),
        (13, "Patient.id", "duplicate"),
        (15, "-", "json"),
        (16, "Patient.multipleBirthInteger", "range"),
        (17, "-", "too-long"),
        (19, "-", "json"),
    ]
    assert counts(report) == (2, 1, 15)
    assert {one.file for one in report.problems} == {file}
    assert report.resources == 2
    assert all(one.text for one in report.problems)


async def test_loading_again_changes_nothing(place: Place) -> None:
    resources: list[Any] = [
        patient("again-1"),
        {"id": "again-2", "gender": "male", "resourceType": "Patient"},
        {"resourceType": "Patient", "gender": "male", "meta": {"versionId": "7"}, "id": "again-3"},
        {"resourceType": "Patient", "name": [{"text": "没有编号"}]},
    ]
    before = await place.count()
    assert counts(await place.load(place.file("one.ndjson", *resources))) == (4, 0, 0)
    assert counts(await place.load(place.file("two.ndjson", *resources))) == (0, 4, 0)
    assert await place.count() == before + 4
    versions = await place.fetch("select version from store.resource where id like 'again-%'")
    assert {row["version"] for row in versions} == {1}


async def test_a_later_load_updates_what_came_from_the_same_organisation_only(
    place: Place,
) -> None:
    old = place.file("old.ndjson", patient("own-1"), patient("own-2"))
    new = place.file("new.ndjson", patient("own-1", gender="female"), patient("own-2"))
    assert counts(await place.load(old)) == (2, 0, 0)
    assert counts(await place.load(new)) == (1, 1, 0)
    foreign = await place.load(old, source="h2")
    assert counts(foreign) == (0, 1, 1)
    assert told(foreign) == [(1, "Patient.id", "other-source")]


async def test_one_id_with_two_contents_in_two_files_keeps_the_first(place: Place) -> None:
    files = [
        place.file(f"twice-{number}.ndjson", patient("twice", birthDate=f"19{number}0"))
        for number in range(5, 8)
    ]
    report = await place.load(*files)
    assert counts(report) == (1, 0, 2)
    assert {one.rule for one in report.problems} == {"duplicate"}


async def test_packed_files_folders_of_single_resources_and_unknown_ones(place: Place) -> None:
    lines = [b'{"resourceType":"Patient","id":"pack-%d"}\n' % number for number in range(40)]
    (place.folder / "a.gz").write_bytes(gzip.compress(b"".join(lines[:10])))
    (place.folder / "b").write_bytes(bz2.compress(b"".join(lines[10:20])))
    with zipfile.ZipFile(place.folder / "c", "w") as archive:
        archive.writestr("x/1.ndjson", b"".join(lines[20:29]))
        archive.writestr("2.json", b'{\n "resourceType": "Patient",\n "id": "pack-29"\n}')
        archive.writestr("notes.txt", b"notes")
    for number in range(30, 40):
        (place.folder / f"single-{number}.json").write_bytes(lines[number])
    (place.folder / "empty.ndjson").touch()
    (place.folder / "cut.gz").write_bytes(gzip.compress(b"".join(lines) * 20_000)[:20_000])
    report = await place.load(*(str(one) for one in sorted(place.folder.iterdir())))
    rules = {Path(one.file).name: one.rule for one in report.problems}
    assert rules == {"c!notes.txt": "format", "cut.gz": "archive"}
    assert report.refused == 2
    assert report.accepted == 40
    rows = await place.fetch("select count(*) as n from store.resource where id like 'pack-%'")
    assert rows[0]["n"] == 40


async def test_a_transaction_is_linked_and_done_whole(place: Place) -> None:
    made = bundle(
        "transaction",
        {
            "fullUrl": "urn:uuid:5e3c8a52-0000-4000-8000-000000000001",
            "resource": result("t-o1", "urn:uuid:5e3c8a52-0000-4000-8000-000000000002"),
            "request": {"method": "POST", "url": "Observation"},
        },
        {
            "fullUrl": "urn:uuid:5e3c8a52-0000-4000-8000-000000000002",
            "resource": {"resourceType": "Patient", "gender": "female"},
            "request": {"method": "POST", "url": "Patient"},
        },
        {
            "resource": result("t-o2", "Patient?identifier=urn:mrn|t-9"),
            "request": {"method": "PUT", "url": "Observation/t-o2"},
        },
        {
            "resource": patient("t-p9", identifier=[{"system": "urn:mrn", "value": "t-9"}]),
            "request": {"method": "PUT", "url": "Patient/t-p9"},
        },
    )
    file = place.file("t.json", made)
    assert counts(await place.load(file)) == (4, 0, 0)
    assert counts(await place.load(file)) == (0, 4, 0)
    await expect_subject(place, "t-o1", "Patient/5e3c8a52-0000-4000-8000-000000000002")
    await expect_subject(place, "t-o2", "Patient/t-p9")


async def expect_subject(place: Place, observation: str, subject: str) -> None:
    exported = place.file("same.ndjson", result(observation, subject))
    assert counts(await place.load(exported)) == (0, 1, 0)


async def test_lines_that_begin_with_a_large_bundle_are_still_lines(place: Place) -> None:
    large = bundle("document", *({"resource": patient(f"in-{n}")} for n in range(9_000)))
    file = place.file("large.ndjson", {**large, "id": "large"}, patient("behind"), "no json")
    report = await place.load(file)
    assert counts(report) == (2, 0, 1)
    assert told(report) == [(3, "-", "json")]


async def test_of_a_transaction_with_a_fault_nothing_comes_in(place: Place) -> None:
    made = bundle(
        "transaction",
        {"resource": patient("half-1"), "request": {"method": "PUT", "url": "Patient/half-1"}},
        {
            "resource": patient("half-2", birthDate="2024-13-01"),
            "request": {"method": "PUT", "url": "Patient/half-2"},
        },
        {
            "resource": result("half-3", "urn:uuid:5e3c8a52-0000-4000-8000-00000000000f"),
            "request": {"method": "PUT", "url": "Observation/half-3"},
        },
        {"request": {"method": "DELETE", "url": "Patient/half-4"}},
    )
    report = await place.load(place.file("half.json", made))
    assert counts(report) == (0, 0, 4)
    assert told(report) == [
        (1, "Bundle.entry[1].resource.birthDate", "pattern"),
        (1, "Bundle.entry[2]", "not-found"),
        (1, "Bundle.entry[3].request.method", "not-supported"),
    ]


async def test_of_a_batch_with_a_fault_the_rest_comes_in(place: Place) -> None:
    made = bundle(
        "batch",
        {"resource": patient("batch-1"), "request": {"method": "PUT", "url": "Patient/batch-1"}},
        {
            "resource": patient("batch-2", gender="unheard"),
            "request": {"method": "PUT", "url": "Patient/batch-2"},
        },
    )
    report = await place.load(place.file("batch.json", made))
    assert counts(report) == (1, 0, 1)
    assert told(report) == [(1, "Bundle.entry[1].resource.gender", "required-binding")]


async def test_files_may_refer_to_what_another_file_brings(place: Place) -> None:
    doctor = {
        "resourceType": "Practitioner",
        "identifier": [{"system": "urn:staff", "value": "late-1"}],
    }
    report = result("late-o", "Patient/late-p", performer=[{"reference": STAFF}])
    first = bundle(
        "transaction",
        {"resource": report, "request": {"method": "PUT", "url": "Observation/late-o"}},
    )
    last = bundle(
        "batch",
        {
            "fullUrl": "urn:uuid:5e3c8a52-0000-4000-8000-0000000000aa",
            "resource": doctor,
            "request": {
                "method": "POST",
                "url": "Practitioner",
                "ifNoneExist": "identifier=urn:staff|late-1",
            },
        },
    )
    files = [place.file("1.json", first), place.file("2.json", last)]
    alone = await place.load(files[0])
    assert counts(alone) == (0, 0, 1)
    assert told(alone) == [(1, "Bundle.entry[0]", "not-found")]
    assert counts(await place.load(*files)) == (2, 0, 0)
    assert counts(await place.load(*files)) == (0, 2, 0)


async def test_a_bundle_wins_over_the_store_and_criteria_over_new_ids(place: Place) -> None:
    number = [{"system": "urn:staff", "value": "twin"}]
    there = {"resourceType": "Practitioner", "id": "twin-there", "identifier": number}
    assert counts(await place.load(place.file("there.ndjson", there))) == (1, 0, 0)
    again: dict[str, Any] = {
        "fullUrl": "urn:uuid:5e3c8a52-0000-4000-8000-0000000000c1",
        "resource": {"resourceType": "Practitioner", "identifier": number},
        "request": {
            "method": "POST",
            "url": "Practitioner",
            "ifNoneExist": "identifier=urn:staff|twin",
        },
    }
    by_number = "Practitioner?identifier=urn:staff|twin"
    seen = {
        "resource": result("twin-o", "Patient/x", performer=[{"reference": by_number}]),
        "request": {"method": "PUT", "url": "Observation/twin-o"},
    }
    report = await place.load(place.file("twin.json", bundle("transaction", again, seen)))
    assert counts(report) == (1, 1, 0)
    known = result("twin-o", "Patient/x", performer=[{"reference": "Practitioner/twin-there"}])
    assert counts(await place.load(place.file("known.ndjson", known))) == (0, 1, 0)
    twice = bundle("transaction", again, {**again, "fullUrl": again["fullUrl"][:-1] + "2"})
    assert told(await place.load(place.file("twice.json", twice))) == [
        (1, "Bundle.entry[1]", "duplicate")
    ]
    assert told(await place.load(place.file("none.json", bundle("batch", odd("_count=1"))))) == [
        (1, "Bundle.entry[0]", "required")
    ]
    assert told(await place.load(place.file("odd.json", bundle("batch", odd("nosuch=1"))))) == [
        (1, "Bundle.entry[0].nosuch", "unknown-parameter")
    ]


async def test_two_entries_that_turn_out_to_mean_one_resource_are_refused(place: Place) -> None:
    number = [{"system": "urn:mrn", "value": "same"}]
    there = patient("same-1", identifier=number)
    assert counts(await place.load(place.file("there.ndjson", there))) == (1, 0, 0)
    by_criteria = {
        "resource": {"resourceType": "Patient", "identifier": number, "gender": "other"},
        "request": {"method": "PUT", "url": "Patient?identifier=urn:mrn|same"},
    }
    by_id = {
        "resource": patient("same-1", gender="female"),
        "request": {"method": "PUT", "url": "Patient/same-1"},
    }
    made = bundle("transaction", by_criteria, by_id)
    report = await place.load(place.file("same.json", made))
    assert counts(report) == (0, 0, 2)
    assert told(report) == [(1, "Bundle.entry[1]", "duplicate")]
    alone = bundle("transaction", by_criteria)
    assert counts(await place.load(place.file("alone.json", alone))) == (1, 0, 0)
    rows = await place.fetch("select version from store.resource where id = 'same-1'")
    assert [row["version"] for row in rows] == [2]


def odd(criteria: str) -> dict[str, Any]:
    return {
        "resource": {"resourceType": "Practitioner", "gender": "male"},
        "request": {"method": "POST", "url": "Practitioner", "ifNoneExist": criteria},
    }


STAFF = "Practitioner?identifier=urn:staff|late-1"


async def test_collections_searchsets_and_histories_bring_their_resources(place: Place) -> None:
    base = "https://elsewhere.example/fhir"
    collection = bundle(
        "collection",
        {
            "fullUrl": "urn:uuid:5e3c8a52-0000-4000-8000-0000000000b1",
            "resource": {"resourceType": "Patient", "gender": "other"},
        },
        {"resource": result("col-1", "urn:uuid:5e3c8a52-0000-4000-8000-0000000000b1")},
        {"resource": result("col-2", "Patient/x", status="unheard")},
    )
    searchset = bundle(
        "searchset",
        {"fullUrl": f"{base}/Patient/set-1", "resource": {"resourceType": "Patient"}},
        {"fullUrl": f"{base}/Observation/set-2", "resource": result("set-2", "Patient/set-1")},
        {
            "resource": {"resourceType": "OperationOutcome", "issue": []},
            "search": {"mode": "outcome"},
        },
    )
    history = bundle(
        "history",
        {"fullUrl": f"{base}/Patient/his-1", "resource": patient("his-1", gender="female")},
        {"fullUrl": f"{base}/Patient/his-1", "resource": patient("his-1")},
        {
            "fullUrl": f"{base}/Patient/his-2",
            "request": {"method": "DELETE", "url": "Patient/his-2"},
        },
        {"fullUrl": f"{base}/Patient/his-2", "resource": patient("his-2")},
    )
    response = bundle("transaction-response", {"response": {"status": "201"}})
    report = await place.load(place.file("c.json", collection))
    assert counts(report) == (2, 0, 1)
    assert told(report) == [(1, "Bundle.entry[2].resource.status", "required-binding")]
    await expect_subject(place, "col-1", "Patient/5e3c8a52-0000-4000-8000-0000000000b1")
    assert counts(await place.load(place.file("s.json", searchset))) == (2, 0, 0)
    await expect_subject(place, "set-2", "Patient/set-1")
    assert counts(await place.load(place.file("h.json", history))) == (1, 0, 0)
    newest = place.file("newest.ndjson", patient("his-1", gender="female"))
    assert counts(await place.load(newest)) == (0, 1, 0)
    assert told(await place.load(place.file("r.json", response))) == [
        (1, "Bundle.type", "bundle-type")
    ]


async def test_patients_are_linked_and_bodies_packed_with_a_dictionary(place: Place) -> None:
    lines = [result(f"many-{number}", f"Patient/many-{number % 40}") for number in range(4_000)]
    people = [patient(f"many-{number}", name=[{"text": f"名{number}"}]) for number in range(40)]
    report = await place.load(place.file("many.ndjson", *people, *lines))
    assert counts(report) == (4_040, 0, 0)
    linked = await place.fetch("select patient from identity.link where patient like 'many-%'")
    assert len(linked) == 40
    made = await place.fetch("select version from store.dictionary")
    assert [row["version"] for row in made] == [1]
    forms = await place.fetch(
        "select get_byte(body, 0) as form, count(*) as n from store.resource group by 1"
    )
    assert {row["form"] for row in forms} >= {1, 2}


async def test_a_worker_that_dies_ends_the_load_and_the_next_one_goes_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Mortal(load_fhir_crew.Crew):
        def __init__(self, begin: Begin) -> None:
            super().__init__(begin)

        async def start(self, count: int) -> None:
            await super().start(count)
            asyncio.get_running_loop().create_task(self._die())

        async def _die(self) -> None:
            await asyncio.sleep(2)
            await self.kill()

    lines = [result(f"die-{number}", "Patient/die") for number in range(30_000)]
    file = place.file("die.ndjson", *lines)
    with monkeypatch.context() as patched:
        patched.setattr("minkang.app.load_fhir.Crew", Mortal)
        with pytest.raises(WorkerLost, match="goes on"):
            await place.load(file)
    before = await place.fetch("select count(*) as n from store.resource where id like 'die-%'")
    report = await place.load(file)
    assert sum(counts(report)) == 30_000
    assert report.refused == 0
    assert before[0]["n"] < 30_000
    after = await place.fetch("select count(*) as n from store.resource where id like 'die-%'")
    assert after[0]["n"] == 30_000


async def test_synthea_comes_in_whole_and_again_changes_nothing(place: Place) -> None:
    await _synthea(place, synthea(place.folder, smallest=3))


@pytest.mark.prove
async def test_all_of_synthea_comes_in_whole_and_again_changes_nothing(place: Place) -> None:
    await _synthea(place, synthea(place.folder))


async def _synthea(place: Place, paths: list[Path]) -> None:
    entries = [entry for path in paths for entry in entries_in(path)]
    files = [str(path) for path in sorted(paths)]
    before = await place.count()
    report = await place.load(*files)
    assert report.problems == []
    assert sum(counts(report)) == len(entries)
    distinct = {(one["resource"]["resourceType"], one["resource"]["id"]) for one in entries}
    again = await place.load(*files)
    assert counts(again) == (0, len(entries), 0)
    assert await place.count() == before + report.accepted
    assert report.accepted <= len(distinct)

"""A watched folder: nothing is taken before it is whole, nothing lost, nothing twice."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from minkang.app.load_arrivals import UnfitSource
from minkang.app.platform import Platform
from minkang.app.watch_folders import Into, empty_folder, look_once, watch_folders
from minkang.config import Settings, WatchedFolder
from minkang.crypto import Keys
from minkang.exchange import Inbox, InboxUnavailable, Source, save_source
from minkang.exchange.channels.watch import Folder
from minkang.exchange.known import KnownSources
from minkang.fhir import encode
from minkang.store import Store, open_pool, open_store
from tests.exchange.fhir_mapped import patient
from tests.exchange.messages import adt
from tests.exchange.small_document import document

SOURCE = Source(
    id="haibin", name="海滨", organisation="MKHAIBIN", channels=("mllp", "document", "fhir")
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def into(store: Store, keys: Keys) -> AsyncIterator[Into]:
    async with store.pool.acquire() as connection:
        await save_source(connection, SOURCE)
        off = {"id": "off", "namespace": "off", "enabled": False}
        await save_source(connection, msgspec.structs.replace(SOURCE, **off))
        bad = {"id": "bad", "namespace": "bad", "table_mapping": "no-such"}
        await save_source(connection, msgspec.structs.replace(SOURCE, **bad))
    inbox = Inbox(store)
    yield Into(inbox, KnownSources(store.pool), keys.id_key)
    await inbox.close()


class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def watched(folder: Path, **more: Any) -> WatchedFolder:
    return WatchedFolder(folder=folder, source=more.pop("source", "haibin"), **more)


def names(folder: Path) -> set[str]:
    return {str(one.relative_to(folder)) for one in folder.rglob("*") if not one.is_dir()} - {
        ".minkang-watch"
    }


def report(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode((folder / f"{name}.report.json").read_bytes())
    return found


async def states(store: Store, prefix: str) -> dict[str, str]:
    rows = await store.pool.fetch(
        "select control_id, state from exchange.message where control_id like $1", f"{prefix}%"
    )
    return {row["control_id"]: row["state"] for row in rows}


async def test_files_are_kept_and_go_where_they_belong(
    store: Store, into: Into, tmp_path: Path
) -> None:
    (tmp_path / "a.hl7").write_bytes(adt(control="W1") + b"\r\n" + adt(control="W2", visit="W2"))
    (tmp_path / "b.xml").write_bytes(document("W3"))
    (tmp_path / "c.ndjson").write_bytes(encode(patient("W4")) + b"\n" + encode(patient("W5", a=1)))
    (tmp_path / "d\n\xff.bin").write_bytes(b"nothing known")
    taken = await empty_folder(into, watched(tmp_path, settle_seconds=0))
    assert [(one.messages, one.refused) for one in taken] == [(2, 0), (1, 0), (2, 1), (1, 1)]
    assert names(tmp_path) == {
        f"{folder}/{name}{ending}"
        for folder, name in [
            ("done", "a.hl7"),
            ("done", "b.xml"),
            ("refused", "c.ndjson"),
            ("refused", "d\n\xff.bin"),
        ]
        for ending in ("", ".report.json")
    }
    assert await states(store, "W") == {
        **dict.fromkeys(("W1", "W2", "W3", "W4"), "waiting"),
        "W5": "quarantined",
    }
    told = report(tmp_path, "refused/c.ndjson")
    (problem,) = told["problems"]
    assert (problem["line"], problem["path"], problem["rule"]) == (
        2,
        "Patient.a",
        "unknown-element",
    )
    assert problem["message"] == told["numbers"][1]


async def test_a_file_is_taken_only_when_it_is_whole(into: Into, tmp_path: Path) -> None:
    clock = Clock()
    folder = Folder(tmp_path, 5, clock)
    place = watched(tmp_path)

    async def look(at: float) -> list[str]:
        clock.now = at
        return [one.file for one in await look_once(into, place, folder)]

    raw = adt(control="half")
    file = tmp_path / "a.hl7"
    file.write_bytes(raw[:50])
    for name in (".hidden", "b.tmp", "c.PART"):
        (tmp_path / name).write_bytes(raw)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(__file__)
    assert [await look(0), await look(4)] == [[], []]
    file.write_bytes(raw)
    assert [await look(6), await look(10)] == [[], []]
    assert await look(11) == ["a.hl7"]
    # A file with a marker need not wait.
    (tmp_path / "d.hl7").write_bytes(adt(control="marked"))
    (tmp_path / "d.hl7.ok").touch()
    assert await look(12) == ["d.hl7"]
    assert {".hidden", "b.tmp", "c.PART", "pipe", "link"} <= names(tmp_path)
    assert not (tmp_path / "d.hl7.ok").exists()


async def test_killed_before_the_move_it_is_taken_again_and_changes_nothing(
    store: Store, into: Into, tmp_path: Path
) -> None:
    file = tmp_path / "a.hl7"
    raw = adt(control="again")
    for turn in range(3):
        file.write_bytes(raw)
        (taken,) = await empty_folder(into, watched(tmp_path, settle_seconds=0))
        assert taken.repeated == (turn > 0)
    assert await states(store, "again") == {"again": "waiting"}
    assert {"done/a.hl7", "done/a.hl7.2", "done/a.hl7.3"} <= names(tmp_path)


async def test_two_watchers_share_a_folder(store: Store, into: Into, tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number:02}.hl7").write_bytes(adt(control=f"two{number}", visit=f"T{number}"))
    place = watched(tmp_path, settle_seconds=0)
    several = await asyncio.gather(*(empty_folder(into, place) for _ in range(3)))
    assert sorted(one.file for taken in several for one in taken) == [
        f"{number:02}.hl7" for number in range(30)
    ]
    assert len(await states(store, "two")) == 30


async def test_a_file_that_the_source_can_t_send_goes_aside_with_the_reason(
    into: Into, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_bytes(b"visit_no\n1\n")
    (tmp_path / "b.hl7").write_bytes(adt(control="behind", visit="BEHIND", sender="bad"))
    await empty_folder(into, watched(tmp_path, source="bad", settle_seconds=0))
    assert {"refused/a.csv", "done/b.hl7"} < names(tmp_path)
    (problem,) = report(tmp_path, "refused/a.csv")["problems"]
    assert (problem["rule"], "no-such" in problem["text"]) == ("unfit-source", True)


async def test_for_a_source_that_is_switched_off_files_stay(into: Into, tmp_path: Path) -> None:
    (tmp_path / "a.hl7").write_bytes(adt())
    for source in ("off", "unheard-of"):
        with pytest.raises(UnfitSource):
            await empty_folder(into, watched(tmp_path, source=source, settle_seconds=0))
    assert names(tmp_path) == {"a.hl7"}


async def test_the_worker_watches_the_folders_of_the_settings(
    store: Store, keys: Keys, into: Into, tmp_path: Path
) -> None:
    folders = [tmp_path / "a", tmp_path / "missing"]
    folders[0].mkdir()
    settings = Settings(
        home=tmp_path, watch=tuple(watched(one, settle_seconds=0) for one in folders)
    )
    platform = Platform(settings, "", keys, store.pool, store)
    watching = asyncio.create_task(watch_folders(platform, into.inbox))
    (folders[0] / "x.hl7").write_bytes(adt(control="worker"))
    for _ in range(200):
        if "done/x.hl7" in names(folders[0]):
            break
        await asyncio.sleep(0.05)
    assert await states(store, "worker") == {"worker": "waiting"}
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_what_could_not_be_kept_stays(
    database_url: str, keys: Keys, into: Into, tmp_path: Path
) -> None:
    (tmp_path / "a.hl7").write_bytes(adt(control="stays"))
    pool = await open_pool(database_url, maximum=2)
    inbox = Inbox(await open_store(pool, keys))
    await pool.close()
    broken = msgspec.structs.replace(into, inbox=inbox)
    with pytest.raises(InboxUnavailable):
        await empty_folder(broken, watched(tmp_path, settle_seconds=0))
    assert names(tmp_path) == {"a.hl7"}
    await inbox.close()

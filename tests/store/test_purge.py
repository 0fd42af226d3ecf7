"""A purge leaves nothing of a life but tombstones without content, and says that it happened."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from minkang.accounts import create_organisation
from minkang.crypto import Keys, load_keys
from minkang.exchange import Inbox, Source, register, sources
from minkang.exchange.sealed_messages import MESSAGES
from minkang.identity import follow
from minkang.store import Scope, Store, changes, history
from minkang.store.feed import head
from minkang.store.purge import Trace, begin_trace, is_purged, purge_person
from minkang.store.reseal import HISTORY, RESOURCES
from tests.exchange.conftest import HAIBIN, Exchange
from tests.exchange.messages import PID, adt, oru
from tests.store.installed import command

pytestmark = pytest.mark.prove

WHOLE = Scope.whole()
OTHER = Source(id="nanshan", name="南山卫生院", organisation="MKNANSHAN", channels=("mllp",))
NUMBER = "11010519491231002X"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("purge")


@pytest.fixture(scope="module")
def keys(home: Path) -> Keys:
    return load_keys(home / "keys", create=True)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def exchange(store: Store, keys: Keys) -> AsyncIterator[Exchange]:
    for source in (HAIBIN, OTHER):
        await create_organisation(
            store.pool, organisation_id=source.organisation, name=source.name, kind="hospital"
        )
        await register(store, source)
    inbox = Inbox(store)
    made = Exchange(store, keys, inbox)
    async with store.pool.acquire() as connection:
        made.sources = await sources(connection)
    yield made
    await inbox.close()


def pid(number: str, name: str) -> str:
    return PID.replace("P001", number).replace("欧阳小明", name)


def with_checked_number(segment: str) -> str:
    """The same PID with an ID number that links: its check digit, birth date and sex agree."""
    for old, new in (
        ("371098198503150017", NUMBER),
        ("|19850315|M|", "|19491231|F|"),
    ):
        segment = segment.replace(old, new)
    return segment


def from_other(raw: bytes) -> bytes:
    return raw.replace(b"|haibin|MKHAIBIN|", b"|nanshan|MKNANSHAN|").replace(
        b"^haibin^PI", b"^nanshan^PI"
    )


async def life(exchange: Exchange, number: str, name: str) -> str:
    """A patient with a visit, a result, and a corrected address; the Patient's id."""
    await exchange.send(
        adt(pid=pid(number, name), visit=f"V{number}", control=f"{number}1"),
        oru(pid=pid(number, name), report=f"L{number}", control=f"{number}2"),
    )
    await settled(exchange, number)
    moved = pid(number, name).replace("港湾路1号", "新址2号")
    at = "20260601080000"
    await exchange.send(
        adt(pid=moved, visit=f"V{number}", event="A08", control=f"{number}3", at=at)
    )
    return await settled(exchange, number)


async def settled(exchange: Exchange, number: str) -> str:
    """Everything processed and linked; the id of the Patient that message `number`1 made."""
    await exchange.process()
    while await follow(exchange.store, exchange.keys):
        pass
    return str(
        await exchange.store.pool.fetchval(
            """select l.patient from identity.link l
               join exchange.made d on d.id = l.patient
               join exchange.message m on m.id = d.message
               where m.control_id = $1""",
            f"{number}1",
        )
    )


async def purge(home: Path, url: str, *words: str) -> "subprocess.CompletedProcess[str]":
    return await asyncio.to_thread(command, home, "purge", *words, url=url)


async def leftovers(store: Store, *texts: str) -> list[str]:
    """Where one of the texts stands in any body, or in any raw message."""
    found = []
    for area in (RESOURCES, HISTORY, MESSAGES):
        rows = await store.pool.fetch(f"select * from {area.table}")
        for row in rows:
            body = store.codec.unpack(row["body"], area.about(row)).decode()
            found += [f"{area.table}: {text}" for text in texts if text in body]
    return found


async def test_nothing_of_a_patient_is_left(
    exchange: Exchange, home: Path, database_url: str
) -> None:
    store = exchange.store
    patient = await life(exchange, "A1", "公孙离去")
    other = await life(exchange, "A2", "欧阳留下")
    async with store.pool.acquire() as connection:
        before = await head(connection)
        sequences = await connection.fetchval(
            """select array_agg(sequence) from store.resource
               where patients && (select patients from store.resource where id = $1)""",
            patient,
        )
    assert await leftovers(store, "公孙离去")
    done = await purge(home, database_url, "--patient", patient, "--reason", "法院裁定", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["messages"] == 3
    assert told["resources"] >= 4
    assert told["versions"] > told["resources"]
    assert await leftovers(store, "公孙离去") == []
    assert await history(store, WHOLE, "Patient", other)
    assert await leftovers(store, "欧阳留下")
    for table in ("compartment", "term", "span", "string"):
        assert not await store.pool.fetchval(
            f"select count(*) from store.{table} where sequence = any($1::bigint[])", sequences
        )
    async with store.pool.acquire() as connection:
        batch = await changes(store, connection, WHOLE, before)
    tombstones = [one for one in batch.versions if is_purged(one)]
    assert ("Patient", patient) in [(one.type, one.id) for one in tombstones]
    assert len(tombstones) == told["resources"]


async def test_it_is_written_down_without_content(
    exchange: Exchange, home: Path, database_url: str
) -> None:
    patient = await life(exchange, "B1", "东方不在")
    done = await purge(home, database_url, "--patient", patient, "--reason", "本人要求")
    assert done.returncode == 0, done.stderr
    pool = exchange.store.pool
    trace = await pool.fetchrow("select * from store.purge order by id desc limit 1")
    assert trace is not None
    assert (trace["kind"], trace["subject"], trace["reason"]) == ("patient", patient, "本人要求")
    assert trace["finished"] > trace["begun"]
    assert trace["messages"] == 3
    entry = await pool.fetchrow("select * from audit.entry where action = 'purge' order by at desc")
    assert entry is not None
    assert entry["object_id"] == patient
    assert json.loads(entry["detail"])["reason"] == "本人要求"
    lines = (home / "purges.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[-1])["subject"] == patient
    assert "东方不在" not in "".join(map(str, [*trace.values(), *entry.values(), *lines]))


async def test_identity_forgets_and_does_not_link_again(
    exchange: Exchange, home: Path, database_url: str
) -> None:
    store = exchange.store
    patient = await life(exchange, "C1", "独孤往矣")
    await purge(home, database_url, "--patient", patient, "--reason", "r")
    while await follow(store, exchange.keys):
        pass
    for table in ("link", "link_history"):
        assert not await store.pool.fetchval(
            f"select count(*) from identity.{table} where patient = $1", patient
        )


async def test_what_other_patients_of_the_person_say_stays(
    exchange: Exchange, home: Path, database_url: str
) -> None:
    store = exchange.store
    await exchange.send(
        adt(pid=with_checked_number(pid("D1", "甲名字丁")), visit="VD1", control="D11"),
        from_other(adt(pid=with_checked_number(pid("D2", "乙名字丁")), visit="VD2", control="D21")),
    )
    first, second = await settled(exchange, "D1"), await settled(exchange, "D2")
    person = await store.pool.fetchval("select person from identity.link where patient = $1", first)
    assert person == await store.pool.fetchval(
        "select person from identity.link where patient = $1", second
    )
    done = await purge(home, database_url, "--patient", first, "--reason", "r")
    assert "further Patients of the same person" in done.stderr
    assert await leftovers(store, "甲名字丁") == []
    versions = await history(store, WHOLE, "Person", person)
    assert [one.deleted for one in versions] == [False]
    assert first not in versions[0].body.decode()
    done = await purge(home, database_url, "--person", person, "--reason", "r")
    assert done.returncode == 0, done.stderr
    assert await leftovers(store, "乙名字丁", NUMBER) == []
    (left,) = await history(store, WHOLE, "Person", person)
    assert is_purged(left)


async def test_a_purge_may_be_repeated(store: Store, exchange: Exchange) -> None:
    patient = await life(exchange, "E1", "再来一次")
    first = await purge_person(store, [patient])
    again = await purge_person(store, [patient])
    assert first.keys
    assert (again.keys, again.versions) == ((), 0)
    assert again.shared == first.shared  # of somebody else, too: left to who links them anew


async def test_what_is_sent_again_begins_anew(exchange: Exchange) -> None:
    patient = await life(exchange, "F1", "去而复返")
    await purge_person(exchange.store, [patient])
    await exchange.send(adt(pid=pid("F1", "去而复返"), visit="VF1", control="F19"))
    await exchange.process()
    current, tombstone = await history(exchange.store, WHOLE, "Patient", patient)
    assert not current.deleted
    assert current.version == tombstone.version + 1


async def test_a_source_goes_with_all_it_sent(
    exchange: Exchange, home: Path, database_url: str
) -> None:
    store = exchange.store
    await exchange.send(
        from_other(adt(pid=pid("G1", "来源之人"), visit="VG1", control="G11")),
        from_other(b"MSH|^~\\&|nanshan|MKNANSHAN|MINKANG|REGION|20260501||ADT^A04|G12|P|2.4\r"),
    )
    await settled(exchange, "G1")
    kept = await store.pool.fetchval("select count(*) from exchange.message where source='haibin'")
    done = await purge(home, database_url, "--source", "nanshan", "--reason", "合同终止")
    assert done.returncode == 0, done.stderr
    assert await leftovers(store, "来源之人") == []
    assert not await store.pool.fetchval(
        "select count(*) from exchange.message where source = 'nanshan'"
    )
    assert kept == await store.pool.fetchval(
        "select count(*) from exchange.message where source = 'haibin'"
    )
    assert not await store.pool.fetchval("select enabled from exchange.source where id = 'nanshan'")


async def test_without_reason_or_subject_nothing_happens(
    exchange: Exchange, home: Path, database_url: str, store: Store
) -> None:
    done = await purge(home, database_url, "--patient", "nobody", "--reason", "r")
    assert (done.returncode, "no Patient nobody" in done.stderr) == (1, True)
    done = await purge(home, database_url, "--patient", "nobody", "--reason", " ")
    assert done.returncode == 2
    async with store.pool.acquire() as connection:
        with pytest.raises(ValueError, match="reason"):
            await begin_trace(connection, Trace(who="x", kind="person", subject="y", reason=""))

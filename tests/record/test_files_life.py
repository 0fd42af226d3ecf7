"""A file from its form to its end: opened, written, handed on, closed, opened again."""

from datetime import timedelta

import pytest
import pytest_asyncio

from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.record.files import (
    FileRefused,
    close_file,
    file_of_person,
    fill_files,
    open_file,
    reopen_file,
    sheets_of,
    steps_of,
    transfer_file,
    write_sheet,
)
from minkang.record.files.file import patients_of
from minkang.record.files.sheet import Sheet
from minkang.store import Scope, Store, history
from tests.record.files_region import (
    BY,
    NOW,
    NUMBER,
    OTHER,
    STATION,
    TODAY,
    caught_up,
    form,
    person,
    send,
    village,
)


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def region(store: Store, keys: Keys) -> None:
    """Four residents; the fourth has no file."""
    await village(store, keys)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def log(store: Store, keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> AuditLog:
    return await AuditLog.open(store.pool, keys, tmp_path_factory.mktemp("audit"))


async def sheet(store: Store, serial: int) -> Sheet:
    """The sheet of a resident's file."""
    who = await person(store, serial)
    file = await file_of_person(store.pool, who.person)
    assert file is not None
    async with store.pool.acquire() as connection:
        patients = await patients_of(connection, [file.patient])
        return (await sheets_of(store, connection, {file.id: patients[file.patient]}))[file.id]


async def test_a_form_opens_a_file_with_its_number_day_doctor_and_institution(
    store: Store,
) -> None:
    file = await file_of_person(store.pool, (await person(store, 1)).person)
    assert file is not None
    assert (file.number, file.institution, file.doctor) == (NUMBER, STATION, "李鹏龙")
    assert (file.state, file.how, str(file.opened)) == ("open", "source", "2026-01-10")
    assert file.division == "371002003001"
    assert [one.kind for one in await steps_of(store.pool, file.id)] == ["opened"]
    said = await sheet(store, 1)
    assert said["name"].values == ("居民1",)
    assert said["phone"].values == ("13800000001",)
    assert said["药物过敏史"].values == ("1",)


async def test_filling_again_opens_nothing_and_changes_nothing(store: Store, keys: Keys) -> None:
    before = await store.pool.fetch("select * from files.file order by id")
    assert (await fill_files(store, NOW)).forms == 0
    await store.pool.execute("update files.file set judged = '-infinity'")
    found = await fill_files(store, NOW)
    assert (found.opened, found.changed) == (0, 3)
    after = await store.pool.fetch("select * from files.file order by id")
    names = [name for name in before[0].keys() if name != "judged"]  # noqa: SIM118 - a Record
    assert [[row[n] for n in names] for row in before] == [[row[n] for n in names] for row in after]


async def test_what_is_written_stands_over_the_form_and_the_form_stays(
    store: Store, log: AuditLog
) -> None:
    who = await person(store, 1)
    file = await file_of_person(store.pool, who.person)
    assert file is not None
    form_before = await history(store, Scope.whole(), "Composition", "f-1-form")
    after = await write_sheet(
        store, log, file.id, {"phone": ["13900000009"], "血型": ["2"]}, version=file.version, by=BY
    )
    assert after.version == file.version + 1
    said = await sheet(store, 1)
    assert said["phone"].values == ("13900000009",)
    assert (said["phone"].author, said["phone"].before) == ("于海山", ("13800000001",))
    assert said["血型"].values == ("2",)
    assert len(form_before) == len(await history(store, Scope.whole(), "Composition", "f-1-form"))
    provenance = await history(store, Scope.whole(), "Provenance", f"file-{file.id}-1")
    assert provenance[0].resource["agent"][0]["who"]["display"] == "于海山"
    entry = await store.pool.fetchrow(
        "select person, detail from audit.entry where action = 'file-changed'"
    )
    assert entry is not None
    assert entry["person"] == who.person
    assert "139" not in entry["detail"]  # items are named, never what they say


async def test_of_two_who_write_at_once_the_second_is_told(store: Store, log: AuditLog) -> None:
    file = await file_of_person(store.pool, (await person(store, 2)).person)
    assert file is not None
    await write_sheet(store, log, file.id, {"血型": ["1"]}, version=file.version, by=BY)
    with pytest.raises(FileRefused) as refused:
        await write_sheet(store, log, file.id, {"血型": ["3"]}, version=file.version, by=BY)
    assert refused.value.code == "changed"
    assert (await sheet(store, 2))["血型"].values == ("1",)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": ["别人"]}, "fixed"),
        ({"血型": ["9"]}, "value"),
        ({"血型": ["1", "2"]}, "value"),
        ({"phone": ["电话"]}, "value"),
        ({"nothing": ["x"]}, "value"),
    ],
)
async def test_what_an_item_cannot_say_is_refused(
    store: Store, log: AuditLog, changes: dict[str, list[str]], code: str
) -> None:
    file = await file_of_person(store.pool, (await person(store, 3)).person)
    assert file is not None
    with pytest.raises(FileRefused) as refused:
        await write_sheet(store, log, file.id, changes, version=file.version, by=BY)
    assert refused.value.code == code
    assert file == await file_of_person(store.pool, (await person(store, 3)).person)


async def test_a_file_is_opened_at_the_desk_with_the_next_number_once(
    store: Store, log: AuditLog
) -> None:
    who = await person(store, 4)
    made = await open_file(store, log, who, {"药物过敏史": ["1"]}, by=BY)
    assert made.number == "37100200300100004"
    assert (made.institution, made.doctor, made.how) == (STATION, "于海山", "desk")
    with pytest.raises(FileRefused) as refused:
        await open_file(store, log, who, {}, by=BY)
    assert refused.value.code == "there-is-one"


async def test_it_is_handed_on_closed_and_opened_again_each_step_noted(
    store: Store, log: AuditLog
) -> None:
    who = await person(store, 3)
    file = await file_of_person(store.pool, who.person)
    assert file is not None
    file = await transfer_file(store, log, file.id, OTHER, version=file.version, by=BY)
    assert file.institution == OTHER
    with pytest.raises(FileRefused):
        await close_file(
            store, log, file.id, "died", TODAY + timedelta(days=1), version=file.version, by=BY
        )
    file = await close_file(store, log, file.id, "died", TODAY, version=file.version, by=BY)
    assert (file.state, file.closed, file.why_closed) == ("closed", TODAY, "died")
    with pytest.raises(FileRefused):
        await write_sheet(store, log, file.id, {"血型": ["1"]}, version=file.version, by=BY)
    file = await reopen_file(store, log, file.id, "登记有误", version=file.version, by=BY)
    assert (file.state, file.closed) == ("open", None)
    kinds = [one.kind for one in await steps_of(store.pool, file.id)]
    assert kinds == ["reopened", "closed", "transferred", "opened"]
    noted = await store.pool.fetch(
        "select action from audit.entry where object_id = $1 order by seq", file.id
    )
    assert [one["action"] for one in noted] == ["file-transferred", "file-closed", "file-reopened"]


async def test_a_later_form_of_the_source_changes_what_was_not_written_over(
    store: Store, keys: Keys
) -> None:
    again = form("f-1", NUMBER, "2026-06-01", 既往史="高血压、糖尿病")
    await send(store, *again)
    await caught_up(store, keys)
    said = await sheet(store, 1)
    assert said["既往史"].values == ("2", "3")
    assert said["phone"].values == ("13900000009",)
    file = await file_of_person(store.pool, (await person(store, 1)).person)
    assert file is not None
    assert file.number == NUMBER

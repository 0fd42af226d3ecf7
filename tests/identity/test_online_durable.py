"""What `register` has acknowledged is there after every process of the database was killed."""

import asyncio

from minkang.app import PACKAGES
from minkang.crypto import Keys
from minkang.identity.online import register
from minkang.store import Change, migrate, open_pool, open_store
from minkang.store.data_keys import begin_sealing
from minkang.store.embedded import embedded, ensure_running
from tests.identity.linking import number, patient
from tests.store.test_embedded import state_folders
from tests.store.test_standby import kill_server

_KILLS, _REGISTRATIONS = 3, 12


async def test_a_registration_is_on_the_disk_when_it_is_acknowledged(keys: Keys) -> None:
    with state_folders() as make:
        home = make("killed")
        with embedded(home) as first:
            url = first
            await migrate(url, PACKAGES)
            await begin_sealing(url, keys.wrapping)
            acknowledged: set[str] = set()
            for kill in range(_KILLS):
                acknowledged |= await registered(url, keys, kill)
                await asyncio.to_thread(kill_server, home)
                url = await asyncio.to_thread(ensure_running, home)
                pool = await open_pool(url)
                rows = await pool.fetch(
                    """select l.patient from identity.link l
                       join identity.feature f using (patient)"""
                )
                assert {row["patient"] for row in rows} == acknowledged
                pool.terminate()


async def registered(url: str, keys: Keys, kill: int) -> set[str]:
    """Registrations one after the other; the last was answered just now."""
    pool = await open_pool(url)
    store = await open_store(pool, keys)
    made = [
        patient(
            f"d{kill}-{at}", "聂政", f"19{50 + at}-05-05",
            id_number=number(f"19{50 + at}-05-05", "male", 1 + kill),
        )
        for at in range(_REGISTRATIONS)
    ]  # fmt: skip
    for one in made:
        await register(store, keys, [Change(one, "h")])
    pool.terminate()
    return {one["id"] for one in made}

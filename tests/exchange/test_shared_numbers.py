"""Tables of one system are a source each, and number the same people."""

import pytest

from minkang.exchange import Source, register
from minkang.exchange.ids import derive_id
from minkang.exchange.sources import SourceError, sources
from minkang.store import Scope, Store, read


def table(name: str, organisation: str = "MKCLOUD", title: str = "基层云·随访表") -> Source:
    return Source(
        id=name,
        name=title,
        organisation=organisation,
        channels=("table",),
        namespace="cloud",
        table_mapping="hypertension_followup",
    )


async def test_what_shares_a_namespace_means_the_same_people(store: Store) -> None:
    for name in ("cloud-pressure", "cloud-files"):
        await register(store, table(name))
    async with store.pool.acquire() as connection:
        known = await sources(connection)
    organisation = await read(store, Scope.whole(), "Organization", "MKCLOUD")
    ids = {
        derive_id(b"k" * 32, known[name], "Patient", "3710-1", 2026)
        for name in ("cloud-pressure", "cloud-files")
    }
    assert len(ids) == 1
    assert organisation is not None
    assert organisation.resource["name"] == "基层云"


async def test_no_other_organisation_takes_part(store: Store) -> None:
    await register(store, table("cloud-first"))
    with pytest.raises(SourceError, match="another organisation"):
        await register(store, table("stranger", organisation="MKELSE"))
    taken = Source(id="cloud", name="别家", organisation="MKELSE", channels=("mllp",))
    with pytest.raises(SourceError, match="another organisation"):
        await register(store, taken)

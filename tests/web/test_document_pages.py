"""Every kind of shared document on the record's page and on the resident's own: all that it says,
as text."""

import html
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from httpx import AsyncClient

from minkang.exchange.mappings.cda import WHOLE
from minkang.fhir import reference
from minkang.store import Change, write
from minkang.web import Web
from tests.exchange import cda_samples as samples
from tests.exchange.cda_mapped import after
from tests.exchange.cda_samples import KINDS, document, laboratory, whole
from tests.exchange.test_sheet import as_shown, said_in
from tests.web.small_region import Region, Someone

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Reading:
    """A resident with the documents, and who reads them."""

    region: Region
    somebody: Someone
    doctor: AsyncClient
    own: AsyncClient

    async def put(self, root: samples.Node, name: str) -> str:
        """Store what a document becomes; the key of what the list shows of it."""
        made = after(root)
        kept = [*made["DocumentReference"], *made.get("Composition", ())]
        changes = []
        for one in kept:
            content = {**one, "id": f"{name}-{one['resourceType'][:3].lower()}",
                       "subject": reference("Patient", self.somebody.patients[0])}  # fmt: skip
            for gone in ("encounter", "custodian", "authenticator", "event", "attester", "meta"):
                content.pop(gone, None)
            if one["resourceType"] == "DocumentReference":
                content["context"] = {
                    "related": [{"reference": f"Composition/{name}-com"}]
                    if "Composition" in made
                    else []
                }
                content["context"] = {k: v for k, v in content["context"].items() if v}
                if not content["context"]:
                    del content["context"]
            content["author"] = [{"display": "王海燕"}]
            content.pop("contained", None)
            content.pop("extension", None)
            changes.append(Change(content, "MK1"))
        store = self.region.web.store
        async with store.pool.acquire() as connection, connection.transaction():
            await write(store, connection, changes)
        return (
            f"Composition/{name}-com" if "Composition" in made else f"DocumentReference/{name}-doc"
        )

    async def page(self, reader: AsyncClient, key: str) -> str:
        """The page of a document, with its markup."""
        own = f"/me/documents?document={key}"
        theirs = f"/record/{self.somebody.person}?tab=documents&document={key}"
        answer = await reader.get(own if reader is self.own else theirs)
        assert answer.status_code == 200
        return answer.text


def words(page: str) -> str:
    """The opened document without its tags."""
    begin = page.index('id="document"')
    return html.unescape(re.sub(r"<[^>]*>", " ", page[begin:]))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def reading(web: Web) -> AsyncIterator[Reading]:
    samples.there()
    async with Region(web) as region:
        made = Reading()
        made.region = region
        made.somebody = await region.born("文书全", visit=True)
        made.doctor = await region.account("doc-dr", "doctor", "MK1")
        made.own = await region.account("doc-own", "resident", person=made.somebody)
        yield made


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_is_read_whole_by_doctor_and_resident(kind: str, reading: Reading) -> None:
    root = whole()[kind] if kind in WHOLE else document(kind)
    key = await reading.put(root, f"d{kind.lower()}")
    for reader in (reading.doctor, reading.own):
        shown = words(await reading.page(reader, key))
        lost = {one for one in said_in(root) if not any(form in shown for form in as_shown(one))}
        assert lost == set()


async def test_results_are_a_table_with_its_head(reading: Reading) -> None:
    page = await reading.page(reading.doctor, await reading.put(laboratory(), "table"))
    assert "<caption>检验结果</caption>" in page
    assert re.search(r'<th scope="col">结果</th>.*<th scope="col">单位</th>', page)
    assert "门（急）诊号" in words(page)
    assert samples.ID_CARD not in page

"""Documents written from the store: the original deleted first, and visits that never were one."""

from datetime import UTC, datetime

import pytest
from lxml import etree

from minkang.exchange import Arrival
from minkang.exchange.cda import label_of
from minkang.exchange.documents import (
    check_document,
    facts_of_document,
    facts_of_visit,
    write_document,
)
from minkang.fhir import Refused
from minkang.store import Change, Grade, Grant, Scope, read, write
from tests.exchange import cda_samples as samples
from tests.exchange.cda_samples import Node
from tests.exchange.conftest import Exchange
from tests.exchange.documents_round import said
from tests.exchange.hl7v2_mapped import segment
from tests.exchange.hl7v2_mapped import written as hl7v2

WHOLE = Scope.whole()
NOW = datetime(2026, 5, 6, tzinfo=UTC)
INSTITUTION = "91371000MA3C000001"


@pytest.fixture(autouse=True)
def there() -> None:
    samples.there()


async def kept(exchange: Exchange, root: Node, number: str) -> str:
    """A document that came in; the id of its DocumentReference."""
    samples.set_all(root, "h:id/@extension", number)
    raw = samples.written(root)
    message = await exchange.inbox.keep(Arrival("haibin", "document", *label_of(raw), raw))
    await exchange.process()
    assert await exchange.state(message.id) == "stored"
    return str(await made_by(exchange, message.id, "DocumentReference"))


async def made_by(exchange: Exchange, message: int, kind: str) -> str | None:
    """The id of what a message made of a type."""
    rows = await exchange.store.pool.fetch(
        "select * from exchange.made where message = $1", message
    )
    for row in rows:
        if await read(exchange.store, WHOLE, kind, row["id"]) is not None:
            return str(row["id"])
    return None


async def without_original(exchange: Exchange, document: str) -> None:
    """Delete original and text of a document."""
    stored = await read(exchange.store, WHOLE, "DocumentReference", document)
    assert stored is not None
    bare = {**stored.resource, "content": [{"attachment": {"title": "deleted"}}]}
    async with exchange.store.pool.acquire() as connection, connection.transaction():
        await write(exchange.store, connection, [Change(bare, stored.source, stored.note)])


@pytest.mark.parametrize("kind", ["C0002", "C0007", "C0032"])
async def test_a_stored_document_is_written_without_its_original(
    exchange: Exchange, kind: str
) -> None:
    root = samples.whole()[kind]
    document = await kept(exchange, root, f"{kind}{'e' * 27}")
    await without_original(exchange, document)
    facts = await facts_of_document(exchange.store, WHOLE, document)
    assert facts is not None
    raw = write_document(facts)
    made = etree.fromstring(raw)
    assert samples.faults(made, kind) == []
    lost = said(root) - said(made)
    # The filler writes one word as number and as name of people: such a number is none.
    assert {one for one in lost if one[2] != "样例"} == set()


async def test_a_document_that_the_scope_hides_is_not_there(exchange: Exchange) -> None:
    document = await kept(exchange, samples.laboratory(), "f" * 32)
    nobody = Scope((Grant(grade=Grade.SENSITIVE, sources=frozenset({"OTHER"})),))
    assert await facts_of_document(exchange.store, nobody, document) is None


async def test_a_document_is_not_written_in_part_where_the_scope_hides_a_fact(
    exchange: Exchange,
) -> None:
    document = await kept(exchange, samples.laboratory(), "a" * 32)
    types = frozenset({"DocumentReference", "Composition", "Patient", "Encounter"})
    index = Scope((Grant(grade=Grade.SENSITIVE, types=types),))
    facts = await facts_of_document(exchange.store, index, document)
    assert facts is not None
    with pytest.raises(Refused) as refusal:
        write_document(facts)
    assert {one.rule for one in refusal.value.problems} == {"fact-missing"}


async def test_a_kind_that_is_only_indexed_can_t_be_written(exchange: Exchange) -> None:
    document = await kept(exchange, samples.document("C0008"), "8" * 32)
    with pytest.raises(Refused) as refusal:
        await facts_of_document(exchange.store, WHOLE, document)
    assert [one.rule for one in refusal.value.problems] == ["layout"]


# -- visits ------------------------------------------------------------------------------------

PERSON = segment("PID", f3="P901^^^haibin^PI", f5="李^伟", f7="19850315", f8="M")
VISIT = segment(
    "PV1",
    f2="O",
    f3="CARD^301^05",
    f7="D01^王^海燕",
    f19="V901",
    f44="20260501080000",
)


def report(number: str, *results: str) -> bytes:
    """A laboratory report of the visit."""
    return hl7v2(
        "ORU^R01",
        PERSON,
        VISIT,
        segment(
            "OBR", f1="1", f2="O1", f3=number, f4="BIO^生化", f22="20260501100000", f32="D02^赵^敏"
        ),
        *results,
        at="20260501100000",
    )


GLUCOSE = segment("OBX", f1="1", f2="NM", f3="GLU^葡萄糖", f5="7.9", f6="mmol/L", f8="H", f11="F")


@pytest.fixture
async def visit(exchange: Exchange) -> str:
    """A visit whose facts came by HL7 v2, in an institution whose code is known."""
    institution = {
        "resourceType": "Organization",
        "id": "MKHAIBIN",
        "name": "海滨市人民医院",
        "identifier": [{"system": "urn:oid:2.16.156.10011.1.5", "value": INSTITUTION}],
    }
    async with exchange.store.pool.acquire() as connection, connection.transaction():
        await write(exchange.store, connection, [Change(institution, "MKHAIBIN")])
    diagnosis = segment("DG1", f1="1", f3="E11.900^2型糖尿病^I10", f6="F", f5="20260501")
    messages = await exchange.send(
        hl7v2("ADT^A04", PERSON, VISIT, diagnosis), report("F901", GLUCOSE)
    )
    await exchange.process()
    found = await made_by(exchange, messages[0].id, "Encounter")
    assert found is not None
    return found


async def test_a_laboratory_report_of_hl7v2_becomes_a_document(
    exchange: Exchange, visit: str
) -> None:
    facts = await facts_of_visit(exchange.store, WHOLE, "C0007", visit, NOW)
    assert facts is not None
    raw = write_document(facts)
    made = etree.fromstring(raw)
    assert samples.faults(made, "C0007") == []
    assert check_document(raw) == []
    values = {value for (_, _, value) in said(made)}
    # Item, result with four decimals, unit, flag, diagnosis, report number, who read it.
    told = {"GLU", "7.9000", "mmol/L", "异常", "E11.900", "F901", "赵敏", INSTITUTION, "V901"}
    assert told <= values
    assert write_document(facts) == raw


async def test_an_outpatient_record_of_a_visit_has_its_diagnoses(
    exchange: Exchange, visit: str
) -> None:
    facts = await facts_of_visit(exchange.store, WHOLE, "C0002", visit, NOW)
    assert facts is not None
    made = etree.fromstring(write_document(facts))
    assert samples.faults(made, "C0002") == []
    assert {"E11.900", "2型糖尿病", "王海燕"} <= {value for (_, _, value) in said(made)}


async def test_what_a_kind_demands_and_nobody_knows_is_refused_with_its_place(
    exchange: Exchange, visit: str
) -> None:
    facts = await facts_of_visit(exchange.store, WHOLE, "C0053", visit, NOW)
    assert facts is not None
    with pytest.raises(Refused) as refusal:
        write_document(facts)
    places = {one.place for one in refusal.value.problems if one.rule == "required"}
    role = "/ClinicalDocument/recordTarget/patientRole"
    assert f"{role}/patient/occupation/occupationCode/@code" in places
    assert "/ClinicalDocument/componentOf/encompassingEncounter/effectiveTime/high/@value" in places


async def test_a_visit_with_a_diagnosis_that_the_scope_hides_becomes_no_document(
    exchange: Exchange, visit: str
) -> None:
    types = frozenset({"Encounter", "Patient", "Organization", "DiagnosticReport", "Observation"})
    scope = Scope((Grant(grade=Grade.SENSITIVE, types=types),))
    with pytest.raises(Refused) as refusal:
        await facts_of_visit(exchange.store, scope, "C0007", visit, NOW)
    assert [one.rule for one in refusal.value.problems] == ["fact-missing"]


async def test_a_visit_with_several_reports_asks_which(exchange: Exchange, visit: str) -> None:
    (message,) = await exchange.send(report("F902", GLUCOSE))
    await exchange.process()
    second = await made_by(exchange, message.id, "DiagnosticReport")
    with pytest.raises(Refused) as refusal:
        await facts_of_visit(exchange.store, WHOLE, "C0007", visit, NOW)
    assert [one.rule for one in refusal.value.problems] == ["report"]
    facts = await facts_of_visit(exchange.store, WHOLE, "C0007", visit, NOW, report=str(second))
    assert facts is not None
    assert "F902" in {value for (_, _, value) in said(etree.fromstring(write_document(facts)))}


async def test_a_kind_that_is_not_made_of_visits_is_refused(exchange: Exchange, visit: str) -> None:
    with pytest.raises(Refused) as refusal:
        await facts_of_visit(exchange.store, WHOLE, "C0005", visit, NOW)
    assert [one.rule for one in refusal.value.problems] == ["kind"]
    assert await facts_of_visit(exchange.store, WHOLE, "C0007", "nobody", NOW) is None

"""The door for interaction messages: SOAP in, kept, acknowledged; queries answered in scope."""

import asyncio
import base64
import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import msgspec
import pytest
import pytest_asyncio
from httpx import ASGITransport, AsyncClient, Response
from lxml import etree

from minkang.api.exchange_door import ExchangeDoor
from minkang.api.limits import Limits
from minkang.api.wst import WstDoor, wst_application
from minkang.crypto import Keys
from minkang.exchange import Inbox, Source, process_waiting, save_source
from minkang.exchange.credentials import issue_credential
from minkang.exchange.known import KnownSources
from minkang.exchange.pace import Pace
from minkang.identity import follow
from minkang.policy import Gate
from minkang.store import Store, open_pool, open_store
from minkang.store.vault import about_message
from tests.exchange import cda_samples, wst_samples
from tests.exchange.wst_samples import message, set_all

NAME = "wstone"
LIMIT = 300_000
SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
XML = {"content-type": "text/xml; charset=utf-8"}
HL7 = "{urn:hl7-org:v3}"
PATIENT = "//h:patient/h:id/h:item/@extension"


@pytest.fixture(autouse=True)
def there() -> None:
    wst_samples.there()
    cda_samples.there()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def wst(store: Store, keys: Keys, gate: Gate) -> AsyncIterator[WstDoor]:
    inbox = Inbox(store)
    door = ExchangeDoor(
        store=store,
        keys=keys,
        inbox=inbox,
        known=KnownSources(store.pool),
        pace=Pace(),
        limits=Limits(body=LIMIT, seconds=0.5),
    )
    yield WstDoor(exchange=door, gate=gate)
    await inbox.close()


async def registered(wst: WstDoor, name: str = NAME, **more: Any) -> tuple[str, str]:
    """The login of a source that is registered anew."""
    door = wst.exchange
    source = Source(
        id=name, name="港湾医院", **{"organisation": "MK1", "channels": ("wst",), **more}
    )
    async with door.store.pool.acquire() as connection:
        await save_source(connection, source)
        given, _ = await issue_credential(connection, door.keys, name, "his", datetime.now(UTC))
    await door.known.refresh()
    return name, given


@pytest_asyncio.fixture(loop_scope="session")
async def client(wst: WstDoor) -> AsyncIterator[AsyncClient]:
    async with calling(wst, await registered(wst)) as made:
        yield made


def calling(wst: WstDoor, login: tuple[str, str] | None = None, **more: Any) -> AsyncClient:
    transport = ASGITransport(wst_application(wst), **more)
    return AsyncClient(transport=transport, base_url="http://x", auth=login)


def enveloped(action: str, text: str, namespace: str = SOAP11) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{namespace}"><s:Body><HIPMessageServer xmlns="urn:hl7-org:v3">'
        f"<action>{action}</action><message>{escape(text)}</message></HIPMessageServer>"
        "</s:Body></s:Envelope>"
    ).encode()


async def sent(client: AsyncClient, action: str, root: Any) -> Response:
    text = root if isinstance(root, str) else etree.tostring(root, encoding="unicode")
    return await client.post("/wst", content=enveloped(action, text), headers=XML)


def told(answer: Response) -> Any:
    """The message in an answer."""
    root = etree.fromstring(answer.content)
    text = root.findtext(f".//{HL7}HIPMessageServerResult")
    assert text, answer.text
    return etree.fromstring(text)


def code(root: Any) -> str:
    return str(root.find(f"{HL7}acknowledgement").get("typeCode"))


def rules(root: Any) -> list[str]:
    return [one.get("code") for one in root.iterfind(f".//{HL7}acknowledgementDetail/{HL7}code")]


def faulted(answer: Response) -> str:
    root = etree.fromstring(answer.content)
    assert any(str(one.tag).endswith("}Fault") for one in root.iter())
    return str(root.findtext(".//{urn:minkang:problem}rule"))


async def processed(wst: WstDoor) -> None:
    while (await process_waiting(wst.exchange.store, wst.exchange.keys)).messages:
        pass


async def kept(wst: WstDoor, control_id: str) -> Any:
    return await wst.exchange.store.pool.fetchrow(
        """select m.*, array(select rule from exchange.problem p where p.message = m.id) as rules
           from exchange.message m where control_id = $1""",
        control_id,
    )


async def test_a_message_is_kept_with_its_service_then_acknowledged_then_stored(
    wst: WstDoor, client: AsyncClient
) -> None:
    root = message("PatientInfoRegister")
    set_all(root, "h:id/@extension", "0" * 31 + "1")
    set_all(root, "h:sender/h:device/h:id/h:item/@extension", "HIS")
    set_all(root, PATIENT, "P1")
    answer = await sent(client, "PatientInfoRegister", root)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    acknowledgement = told(answer)
    assert (acknowledgement.tag, code(acknowledgement)) == (f"{HL7}MCCI_IN000002UV01", "AA")
    target = acknowledgement.find(f"{HL7}acknowledgement/{HL7}targetMessage/{HL7}id")
    assert target.get("extension") == "0" * 31 + "1"
    receiver = acknowledgement.find(f"{HL7}receiver/{HL7}device/{HL7}id/{HL7}item")
    assert receiver.get("extension") == "HIS"
    row = await kept(wst, "0" * 31 + "1")
    assert (row["kind"], row["channel"], row["state"]) == (
        "wst:PatientInfoRegister",
        "wst",
        "waiting",
    )
    raw = wst.exchange.store.codec.unpack(row["body"], about_message(row["hash"]))
    assert raw.startswith(b"<?minkang-service PatientInfoRegister?>\n<PRPA_IN201311UV02")
    await processed(wst)
    assert (await kept(wst, "0" * 31 + "1"))["state"] == "stored"
    # The same once more is the same message.
    assert code(told(await sent(client, "S0001", root))) == "AA"
    assert (await kept(wst, "0" * 31 + "1"))["repeats"] == 1


async def test_what_is_wrong_is_kept_and_told_with_place_and_rule(
    wst: WstDoor, client: AsyncClient
) -> None:
    root = message("PatientInfoRegister")
    set_all(root, "h:id/@extension", "wrong-1")
    set_all(root, "//h:patient/h:id/h:item/@extension", "NA")
    acknowledgement = told(await sent(client, "PatientInfoRegister", root))
    assert (code(acknowledgement), rules(acknowledgement)) == ("AE", ["required"])
    place = acknowledgement.find(f".//{HL7}acknowledgementDetail/{HL7}location").get("value")
    assert place.startswith("/PRPA_IN201311UV02/controlActProcess/subject/")
    row = await kept(wst, "wrong-1")
    assert (row["state"], row["rules"]) == ("quarantined", ["required"])


@pytest.mark.parametrize(
    ("action", "text", "rule"),
    [
        ("SelfDestruct", '<A><id extension="odd-1"/></A>', "unknown-service"),
        ("", '<A><id extension="odd-2"/></A>', "unknown-service"),
        ("OrderInfoAdd", '<A><id extension="odd-3"/></A>', "service-root"),
        ("OrderInfoAdd", '<A><id extension="odd-4"/>', "xml"),
        ("OrderInfoAdd", "<!DOCTYPE A []><A><id extension='odd-5'/></A>", "doctype"),
    ],
)
async def test_what_no_service_can_read_is_kept_too(
    wst: WstDoor, client: AsyncClient, action: str, text: str, rule: str
) -> None:
    acknowledgement = told(await sent(client, action, text))
    assert (code(acknowledgement), rules(acknowledgement)) == ("AE", [rule])
    number = text.partition("odd-")[2][0]
    assert (await kept(wst, f"odd-{number}"))["state"] == "quarantined"


async def test_soap_1_2_is_answered_in_its_own_form(client: AsyncClient) -> None:
    text = etree.tostring(message("OutPatientInfoAdd"), encoding="unicode")
    body = enveloped("OutPatientInfoAdd", text, SOAP12)
    answer = await client.post(
        "/wst", content=body, headers={"content-type": "application/soap+xml"}
    )
    assert answer.headers["content-type"] == "application/soap+xml; charset=utf-8"
    assert etree.fromstring(answer.content).tag == f"{{{SOAP12}}}Envelope"
    assert code(told(answer)) == "AA"


async def test_only_with_a_credential_of_the_source(wst: WstDoor) -> None:
    name, secret = await registered(wst)
    other = (await registered(wst, "wstother"))[1]
    body = enveloped("OutPatientInfoAdd", etree.tostring(message("OutPatientInfoAdd")).decode())
    basic = base64.b64encode(f"{name}:{secret}".encode()).decode()
    tries = {
        ("/wst", f"Basic {basic}"): 200,
        (f"/wst/{name}", f"Bearer {secret}"): 200,
        ("/wst", ""): 401,
        ("/wst", "Basic !"): 401,
        ("/wst", f"Bearer {secret}"): 401,
        (f"/wst/{name}", f"Bearer {other}"): 401,
        ("/wst/nobody", f"Bearer {secret}"): 401,
        ("/wst/a/b", f"Bearer {secret}"): 404,
    }
    async with calling(wst) as client:
        for (path, given), status in tries.items():
            headers = {**XML, "authorization": given} if given else XML
            answer = await client.post(path, content=body, headers=headers)
            assert answer.status_code == status, (path, given)
            if status == 401:
                assert faulted(answer) == "login"
                assert "Basic" in answer.headers["www-authenticate"]


async def test_what_a_source_may_not_do_is_a_fault(wst: WstDoor) -> None:
    cases: dict[int, dict[str, Any]] = {
        403: {"channels": ("mllp",)},
        429: {"messages_per_minute": 1},
    }
    body = enveloped("OutPatientInfoAdd", "<a/>")
    for status, more in cases.items():
        async with calling(wst, await registered(wst, "wstbarred", **more)) as client:
            await client.post("/wst", content=body, headers=XML)
            answer = await client.post("/wst", content=body, headers=XML)
            assert answer.status_code == status
            faulted(answer)


async def test_of_a_source_on_trial_everything_is_judged_and_nothing_stored(wst: WstDoor) -> None:
    root = message("OutPatientInfoAdd")
    set_all(root, "h:id/@extension", "trial-1")
    async with calling(wst, await registered(wst, "wsttrial", stage="trial")) as client:
        assert code(told(await sent(client, "OutPatientInfoAdd", root))) == "AA"
    assert (await kept(wst, "trial-1"))["state"] == "trial"


HOSTILE: dict[str, tuple[dict[str, str], bytes, int, str]] = {
    "nothing": (XML, b"", 500, "xml"),
    "no type": ({}, b"<a/>", 415, "not-supported"),
    "json": ({"content-type": "application/json"}, b"{}", 415, "not-supported"),
    "too long": (XML, b" " * (LIMIT + 1), 413, "too-long"),
    "gzip bomb": (
        {**XML, "content-encoding": "gzip"},
        gzip.compress(b" " * 10_000_000),
        413,
        "too-long",
    ),
    "cut off": (XML, enveloped("OrderInfoAdd", "<a/>")[:-30], 500, "xml"),
    "encoding": (XML, b"<a>\xe9\xff</a>", 500, "encoding"),
    "entities": (
        XML,
        b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>',
        500,
        "doctype",
    ),
    "external": (
        XML,
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        500,
        "doctype",
    ),
    "deep": (XML, b"<a>" * 60_000, 500, "xml"),
    "many": ({**XML}, b"<a/>" * 70_000, 500, "xml"),
    "other call": (
        XML,
        enveloped("a", "b").replace(b"HIPMessageServer", b"Drop"),
        500,
        "operation",
    ),
    "soap 1.2": ({"content-type": "application/soap+xml"}, b"<Envelope/>", 400, "envelope"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_bodies_are_faults_and_the_door_lives_on(
    client: AsyncClient, name: str
) -> None:
    headers, body, status, rule = HOSTILE[name]
    answer = await client.post("/wst", content=body, headers=headers)
    assert (answer.status_code, faulted(answer)) == (status, rule), answer.text
    assert b"root:" not in answer.content
    assert (await client.get("/wst?wsdl")).status_code == 200


async def test_who_sends_slowly_gets_a_fault(wst: WstDoor) -> None:
    name, secret = await registered(wst)
    answered: list[Any] = []

    async def slowly() -> Any:
        await asyncio.sleep(0.1)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(one: Any) -> None:
        answered.append(one)

    headers = [(b"authorization", f"Bearer {secret}".encode()), (b"content-type", b"text/xml")]
    scope = {"method": "POST", "path": f"/wst/{name}", "query_string": b"", "headers": headers}
    await wst_application(wst)(scope, slowly, send)
    assert answered[0]["status"] == 408
    assert b"Fault" in answered[1]["body"]


async def test_nothing_is_acknowledged_that_could_not_be_kept(
    database_url: str, keys: Keys, wst: WstDoor
) -> None:
    pool = await open_pool(database_url, maximum=2)
    inbox = Inbox(await open_store(pool, keys))
    await pool.close()
    exchange = msgspec.structs.replace(wst.exchange, inbox=inbox)
    broken = msgspec.structs.replace(wst, exchange=exchange)
    async with calling(broken, await registered(wst)) as client:
        answer = await sent(client, "OutPatientInfoAdd", message("OutPatientInfoAdd"))
    assert (answer.status_code, code(told(answer)), rules(told(answer))) == (
        503,
        "AR",
        ["unavailable"],
    )
    await inbox.close()


async def test_the_description_names_the_address_it_was_asked_at(client: AsyncClient) -> None:
    answer = await client.get("/wst?wsdl", headers={"host": "hip.example:8443"})
    root = etree.fromstring(answer.content)
    found = {one.get("location") for one in root.iter() if str(one.tag).endswith("}address")}
    assert found == {"http://hip.example:8443/wst"}
    assert (await client.request("DELETE", "/wst")).status_code == 405


# -- queries -----------------------------------------------------------------------------------


def query(name: str, **values: str) -> Any:
    """A query for what is given, all else empty."""
    root = message(name)
    for node in root.find(f"{HL7}controlActProcess").iter():
        for attribute in ("extension", "value", "code"):
            if attribute in node.attrib:
                node.set(attribute, "")
    for path, value in values.items():
        set_all(root, path, value)
    return root


def found_documents(root: Any) -> list[str]:
    items = root.iterfind(f".//{HL7}clinicalDocument/{HL7}id/{HL7}item")
    return [one.get("extension") for one in items]


DOCUMENT = "//h:clinicalDocument.id/h:value/@extension"


async def test_documents_are_found_and_given_back_in_the_scope_of_the_institution(
    wst: WstDoor, client: AsyncClient
) -> None:
    raw = cda_samples.written(cda_samples.document("C0010"))
    root = message("DocumentRegister")
    set_all(root, "//h:originalText/@value", base64.encodebytes(raw).decode())
    set_all(root, "//h:clinicalDocument/h:code/@code", "C0010")
    set_all(root, "//h:clinicalDocument/h:id/h:item/@extension", cda_samples.DOCUMENT_ID)
    assert code(told(await sent(client, "DocumentRegister", root))) == "AA"
    await processed(wst)
    before = await wst.exchange.store.pool.fetchval("select count(*) from audit.entry")

    asked = query("DocumentRetrieve", **{DOCUMENT: cda_samples.DOCUMENT_ID})
    answer = told(await sent(client, "DocumentRetrieve", asked))
    assert (answer.tag, code(answer)) == (f"{HL7}RCMR_IN000032UV01", "AA")
    assert found_documents(answer) == [cda_samples.DOCUMENT_ID]
    given = answer.find(f".//{HL7}storageCode/{HL7}originalText").get("value")
    assert base64.b64decode(given) == raw
    name = answer.find(f".//{HL7}patientPerson/{HL7}name/{HL7}item/{HL7}part").get("value")
    assert name == "欧阳小明"
    after = await wst.exchange.store.pool.fetchval("select count(*) from audit.entry")
    assert after == before + 1

    other = await registered(wst, "wsttwo", organisation="MK2")
    async with calling(wst, other) as stranger:
        answer = told(await sent(stranger, "DocumentRetrieve", asked))
    assert found_documents(answer) == []
    assert answer.find(f".//{HL7}queryResponseCode").get("code") == "NF"


async def test_documents_are_found_by_patient_kind_and_day(
    wst: WstDoor, client: AsyncClient
) -> None:
    await processed(wst)
    item = query("DocumentAccess")
    (first, *_) = item.xpath("//h:patient.id/h:value/h:item", namespaces={"h": HL7[1:-1]})
    first.set("root", "2.16.156.10011.1.3")
    first.set("extension", cda_samples.ID_CARD)
    answer = told(await sent(client, "DocumentAccess", item))
    assert answer.tag == f"{HL7}RCMR_IN000030UV01"
    assert found_documents(answer) == [cda_samples.DOCUMENT_ID]
    assert answer.find(f".//{HL7}storageCode") is None
    first.set("root", "2.16.156.10011.2.5.1.4")
    first.set("extension", "P1")
    # By what documents know the patient of that number by as well: the identity card.
    assert found_documents(told(await sent(client, "DocumentAccess", item)))
    first.set("extension", "P9")
    assert found_documents(told(await sent(client, "DocumentAccess", item))) == []
    first.set("root", "2.16.156.10011.1.3")
    first.set("extension", cda_samples.ID_CARD)
    set_all(item, "//h:clinicalDocument.code/h:value/@code", "C0002")
    assert found_documents(told(await sent(client, "DocumentAccess", item))) == []


async def test_a_patient_is_found_by_number_or_identity_card_and_given_back_as_registered(
    wst: WstDoor, client: AsyncClient
) -> None:
    await processed(wst)
    number = {"//h:parameterList/h:id/@extension": "P1"}
    card = {"//h:livingSubjectId/h:value/h:item/@extension": cda_samples.ID_CARD}
    for given in (number, card):
        answer = told(await sent(client, "PatientInfoQuery", query("PatientInfoQuery", **given)))
        assert (answer.tag, code(answer)) == (f"{HL7}PRPA_IN201306UV02", "AA")
        # By the card all who were registered with it are found; each source keeps its own.
        people = {
            one.find(f"{HL7}id/{HL7}item").get("extension"): one.find(f"{HL7}patientPerson")
            for one in answer.iterfind(f".//{HL7}subject1/{HL7}patient")
            if one.find(f"{HL7}id/{HL7}item") is not None
        }
        person = people["P1"]
    registered = message("PatientInfoRegister")
    for path in ("name/item/part", "telecom/item", "birthTime"):
        where = path.replace("/", f"/{HL7}")
        wanted = registered.find(f".//{HL7}patientPerson/{HL7}{where}").get("value")
        assert wanted in [one.get("value") for one in person.iterfind(f"{HL7}{where}")], path
    both = query("PatientInfoQuery", **{**number, **card})
    set_all(both, "//h:parameterList/h:id/@extension", "P9")
    answer = told(await sent(client, "PatientInfoQuery", both))
    assert answer.find(f".//{HL7}queryResponseCode").get("code") == "NF"


async def test_a_query_without_a_number_or_without_an_answer_says_so(client: AsyncClient) -> None:
    answer = told(await sent(client, "DocumentAccess", query("DocumentAccess")))
    assert (code(answer), rules(answer)) == ("AE", ["required"])
    answer = told(await sent(client, "OrderInfoQuery", query("OrderInfoQuery")))
    assert (answer.tag, rules(answer)) == (f"{HL7}MCCI_IN000002UV01", ["not-supported"])


# -- the master index --------------------------------------------------------------------------


def given(answer: Any) -> list[tuple[str, str]]:
    """Local number and health code of each patient in an answer."""
    found = []
    for one in answer.iterfind(f".//{HL7}subject1/{HL7}patient"):
        local = one.find(f"{HL7}id/{HL7}item")
        codes = [
            other.find(f"{HL7}id/{HL7}item").get("extension")
            for other in one.iterfind(f".//{HL7}asOtherIDs")
            if other.find(f"{HL7}scopingOrganization") is not None
        ]
        found.append(("" if local is None else local.get("extension"), *codes))
    return found


def local_query(number: str) -> Any:
    return query("PatientInfoQuery", **{"//h:parameterList/h:id/@extension": number})


async def test_registering_updating_and_merging_go_through_the_index(
    wst: WstDoor, client: AsyncClient
) -> None:
    """Two numbers of one hospital, merged: either leads to who survives, with one health code."""
    store, keys = wst.exchange.store, wst.exchange.keys

    async def settled() -> None:
        await processed(wst)
        while await follow(store, keys):
            pass

    async def asked(number: str, by: AsyncClient = client) -> list[tuple[str, str]]:
        return given(told(await sent(by, "PatientInfoQuery", local_query(number))))

    for number, name, born in (("X1", "独孤求败", "19600101"), ("X2", "令狐冲", "19700202")):
        root = message("PatientInfoRegister")
        set_all(root, "//h:subject1/h:patient/h:id/h:item/@extension", number)
        person = root.find(f".//{HL7}patientPerson")
        person.find(f"{HL7}name/{HL7}item/{HL7}part").set("value", name)
        person.find(f"{HL7}birthTime").set("value", born)
        for item in person.iterfind(f"{HL7}id/{HL7}item"):
            item.set("extension", "")
        for other in person.findall(f"{HL7}asOtherIDs"):
            person.remove(other)
        assert code(told(await sent(client, "PatientInfoRegister", root))) == "AA"
    await settled()
    ((first, first_code),) = await asked("X1")
    ((second, second_code),) = await asked("X2")
    assert (first, second) == ("X1", "X2")
    assert first_code != second_code

    by_code = query(
        "PatientInfoQuery", **{"//h:livingSubjectId/h:value/h:item/@extension": first_code}
    )
    assert given(told(await sent(client, "PatientInfoQuery", by_code))) == [("X1", first_code)]
    other = await registered(wst, "wstthree", organisation="MK2")
    async with calling(wst, other) as stranger:
        assert given(told(await sent(stranger, "PatientInfoQuery", by_code))) == []
        assert await asked("X1", stranger) == []

    merge = message("PatientInfoMerge")
    set_all(merge, "//h:subject1/h:patient/h:id/h:item/@extension", "X1")
    set_all(merge, "//h:priorRegisteredRole/h:id/h:item/@extension", "X2")
    assert code(told(await sent(client, "PatientInfoMerge", merge))) == "AA"
    await settled()
    assert await asked("X1") == await asked("X2") == [("X1", first_code)]


async def test_the_log_of_a_query_holds_no_number(wst: WstDoor, client: AsyncClient) -> None:
    card = {"//h:livingSubjectId/h:value/h:item/@extension": cda_samples.ID_CARD}
    await sent(client, "PatientInfoQuery", query("PatientInfoQuery", **card))
    rows = await wst.exchange.store.pool.fetch("select object_id, detail::text from audit.entry")
    assert not any(cda_samples.ID_CARD in str(row) for row in rows)
    assert any(row["object_id"] == "?identifier" for row in rows)

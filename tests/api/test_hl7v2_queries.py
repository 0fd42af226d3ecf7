"""HL7 v2 queries for residents on the MLLP socket: PIX, PDQ, and what a hospital merges."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count

import pytest_asyncio

from minkang.api.hl7v2_queries import Hl7Queries
from minkang.audit import looks_at
from minkang.crypto import Keys
from minkang.exchange import Inbox, Source, process_waiting, save_source
from minkang.exchange.channels.hl7v2_intake import Hl7Intake
from minkang.exchange.channels.mllp import Limits, MllpListener
from minkang.exchange.hl7v2 import frame
from minkang.exchange.pace import Pace
from minkang.exchange.sources import sources
from minkang.identity import follow, resident_of_patient
from minkang.policy import Gate
from minkang.store import Query, Scope, Store, search

ID_CARD = "11010519491231002X"
OID = "&2.16.156.10011.1.3&ISO"
HUI = "P1^^^hisone^PI~11010519491231002X^^^^NNCHN||欧阳^慧||19491231|F|||港湾路1号||13800000001"
CONTROL = count(1)


class Line:
    """One connection of a sender."""

    def __init__(self, port: int, sender: str, facility: str) -> None:
        self.port, self.sender, self.facility = port, sender, facility

    async def say(self, kind: str, *segments: str, charset: str = "UNICODE UTF-8") -> "Answer":
        minutes = next(CONTROL)  # each message is of a minute of its own: the later one counts
        at = f"20260501{minutes // 60:02}{minutes % 60:02}00"
        head = f"MSH|^~\\&|{self.sender}|{self.facility}|MINKANG|REGION|{at}||{kind}|c{at}|P|2.5"
        text = "\r".join([f"{head}||||||{charset}", *segments]) + "\r"
        codec = "gb18030" if charset.startswith("GB") else "utf-8"
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(frame(text.encode(codec)))
        found = await asyncio.wait_for(reader.readuntil(b"\x1c\r"), 10)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return Answer(found.strip(b"\x0b\x1c\r").decode(codec), f"c{at}")


class Answer:
    """An answer by its segments."""

    def __init__(self, text: str, control: str) -> None:
        self.lines = text.split("\r")
        self.control = control

    def all(self, name: str) -> Iterator[list[str]]:
        for line in self.lines:
            fields = line.split("|")
            if fields[0] == name:
                yield fields

    def field(self, name: str, number: int) -> str:
        fields = next(self.all(name))
        return fields[number - (name == "MSH")] if number < len(fields) + 1 else ""

    @property
    def said(self) -> tuple[str, str]:
        """MSA-1 and QAK-2."""
        assert self.field("MSA", 2) == self.control
        return self.field("MSA", 1), self.field("QAK", 2)

    @property
    def numbers(self) -> list[set[str]]:
        """PID-3 of each resident."""
        return [set(one[3].split("~")) for one in self.all("PID")]

    @property
    def places(self) -> list[tuple[str, str]]:
        """Place and condition of each error."""
        return [(one[2], one[3].partition("^")[0]) for one in self.all("ERR")]


class Region:
    """Two hospitals' systems on one listener."""

    def __init__(self, port: int, store: Store, keys: Keys) -> None:
        self.one, self.two = Line(port, "hisone", "MK1"), Line(port, "histwo", "MK2")
        self.store, self.keys = store, keys

    async def settle(self) -> None:
        while (await process_waiting(self.store, self.keys)).messages:
            pass
        while await follow(self.store, self.keys):
            pass

    async def register(self, line: Line, pid: str, kind: str = "ADT^A28", *more: str) -> None:
        answer = await line.say(kind, "EVN|", f"PID|1||{pid}", *more)
        assert answer.field("MSA", 1) == "AA", answer.lines
        await self.settle()

    async def code(self) -> str:
        term = self.store.terms.identifier("Person", "identifier", f"urn:oid:{OID[1:-4]}", ID_CARD)
        page = await search(
            self.store, Scope.whole(), Query(types=("Person",), terms=((term,),), limit=1)
        )
        return next(
            str(one["value"])
            for one in page.matches[0].resource["identifier"]
            if one["system"] == "urn:minkang:ehealth-code"
        )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def region(store: Store, keys: Keys, gate: Gate) -> AsyncIterator[Region]:
    made = [
        Source(id="hisone", name="一院", organisation="MK1", channels=("mllp",)),
        Source(id="histwo", name="二院", organisation="MK2", channels=("mllp",)),
        Source(id="trying", name="试接", organisation="MK1", channels=("mllp",), stage="trial"),
        Source(id="silent", name="停用", organisation="MK2", channels=("mllp",), enabled=False),
    ]
    async with store.pool.acquire() as connection:
        for one in made:
            await save_source(connection, one)
        known = await sources(connection)
    inbox = Inbox(store)
    intake = Hl7Intake(inbox, keys.id_key, known, Pace(), queries=Hl7Queries(gate).answer)
    listener = MllpListener(intake, Limits(message_bytes=200_000))
    region = Region(await listener.start("127.0.0.1", 0), store, keys)
    await region.register(region.one, HUI)
    await region.register(region.two, HUI.replace("P1^^^hisone", "Z9^^^histwo"))
    await region.register(region.two, "Z8^^^histwo^PI||独孤^远||19770707|M")
    yield region
    await listener.stop()
    await inbox.close()


def pix(number: str, domains: str = "", event: str = "Q23") -> tuple[str, str, str]:
    name = {"Q23": "IHE PIX Query", "Q21": "Q21^Get Person Demographics^HL7nnn"}[event]
    structure = {"Q23": "QBP_Q21", "Q21": "QBP_Q21"}[event]
    return f"QBP^{event}^{structure}", f"QPD|{name}|tag7|{number}|{domains}", "RCP|I"


def pdq(fields: str, domains: str = "", most: str = "", more: str = "") -> tuple[str, ...]:
    qpd = f"QPD|IHE PDQ Query|tag8|{fields}|||||{domains}".rstrip("|")
    found = ("QBP^Q22^QBP_Q21", qpd, f"RCP|I|{most}")
    return (*found, f"DSC|{more}|I") if more else found


async def test_an_own_number_is_answered_with_the_others(region: Region) -> None:
    answer = await region.one.say(*pix("P1^^^hisone^PI"))
    assert answer.said == ("AA", "OK")
    assert answer.field("MSH", 9) == "RSP^K23^RSP_K23"
    assert (answer.field("QAK", 1), answer.field("QPD", 2)) == ("tag7", "tag7")
    code = await region.code()
    expected = {f"{code}^^^MINKANG^JHN", f"{ID_CARD}^^^{OID}^NNCHN", "Z9^^^histwo^PI"}
    assert answer.numbers == [expected]
    assert answer.field("PID", 5) == "~^^^^^^S"
    assert "慧" not in "".join(answer.lines)


async def test_the_identity_card_and_the_health_code_lead_to_the_same(region: Region) -> None:
    code = await region.code()
    for number in (f"{ID_CARD}^^^{OID}^NNCHN", ID_CARD, f"{code}^^^MINKANG", "P1"):
        answer = await region.one.say(*pix(number, "^^^histwo"))
        assert (answer.said, answer.numbers) == (("AA", "OK"), [{"Z9^^^histwo^PI"}]), number
    both = await region.one.say(*pix("P1", "^^^histwo~^^^MINKANG"))
    assert both.numbers == [{"Z9^^^histwo^PI", f"{code}^^^MINKANG^JHN"}]


async def test_what_nobody_knows_is_an_error_with_its_place(region: Region) -> None:
    for number, domains, place in (
        ("P404^^^hisone", "", "QPD^1^3^1^1"),
        ("P1^^^nowhere", "", "QPD^1^3^1^4"),
        ("P1^^^&1.2.3.4&ISO", "", "QPD^1^3^1^4"),
        ("P1^^^hisone", "^^^nowhere", "QPD^1^4^1^4"),
        ("P1^^^hisone", "^^^histwo~^^^&9.9.9&ISO", "QPD^1^4^2^4"),
    ):
        answer = await region.one.say(*pix(number, domains))
        assert answer.said == ("AE", "AE"), number
        assert answer.places == [(place, "204")]
        assert answer.numbers == []


async def test_no_number_in_the_domain_asked_for_is_nothing_found(region: Region) -> None:
    answer = await region.two.say(*pix("Z8^^^histwo", "^^^hisone"))
    assert (answer.said, answer.numbers) == (("AA", "NF"), [])


async def test_whom_an_institution_does_not_know_it_learns_nothing_of(region: Region) -> None:
    """As of a number that nobody has: no word of whom only the other hospital knows."""
    answers = [await region.one.say(*pix(f"{one}^^^histwo")) for one in ("Z8", "Z404")]
    assert [one.said for one in answers] == [("AE", "AE")] * 2
    assert answers[0].places == answers[1].places
    found = await region.one.say(*pdq("@PID.5.1^独孤"))
    assert (found.said, found.numbers) == (("AA", "NF"), [])


async def test_half_a_query_is_refused_with_its_place(region: Region) -> None:
    for kind, qpd, place in (
        ("QBP^Q23^QBP_Q21", "QPD|IHE PIX Query|t|", "QPD^1^3"),
        ("QBP^Q23^QBP_Q21", "QPD|IHE PIX Query||P1", "QPD^1^2"),
        ("QBP^Q23^QBP_Q21", "ZZZ|1", "QPD^1"),
        ("QBP^Q22^QBP_Q21", "QPD|IHE PDQ Query|t|", "QPD^1^3"),
        ("QBP^Q22^QBP_Q21", "QPD|IHE PDQ Query|t|@PID.8^M", "QPD^1^3^1"),
        ("QBP^Q22^QBP_Q21", "QPD|IHE PDQ Query|t|@PID.7^then", "QPD^1^3^1"),
        ("QBP^Q22^QBP_Q21", "QPD|IHE PDQ Query|t|@PID.5.1^欧阳~@PV1.3^X", "QPD^1^3^2"),
        ("QBP^Q22^QBP_Q21", "QPD|IHE PDQ Query|t|@PID.5.1^欧阳~@PID.18^X", "QPD^1^3^2"),
    ):
        answer = await region.one.say(kind, qpd)
        assert answer.said == ("AE", "AE"), qpd
        assert [re.sub(r"\^1$", "", where) for where, _ in answer.places] == [
            re.sub(r"\^1$", "", place)
        ]


async def test_candidates_have_all_that_is_asked_for(region: Region) -> None:
    code = await region.code()
    for fields in (
        "@PID.5.1^欧阳~@PID.5.2^慧",
        "@PID.5.1^欧阳~@PID.8^F",
        "@PID.7^19491231~@PID.5.1.1^欧阳",
        "@PID.3.1^P1~@PID.3.4.1^hisone",
        f"@PID.3.1^{ID_CARD}~@PID.3.4.2^2.16.156.10011.1.3~@PID.3.4.3^ISO",
        "@PID.13.1^13800000001",
        "@PID.11.1^港湾路1号~@PID.7^1949",
    ):
        answer = await region.one.say(*pdq(fields))
        assert answer.said == ("AA", "OK"), (fields, answer.lines)
        assert answer.field("MSH", 9) == "RSP^K22^RSP_K21"
        (pid,) = answer.all("PID")
        assert pid[3].startswith(f"{code}^^^MINKANG^JHN~")
        assert {"P1^^^hisone^PI", "Z9^^^histwo^PI"} <= answer.numbers[0]
        assert (pid[5], pid[7], pid[8]) == ("欧阳^慧^^^^^L", "19491231", "F")
        assert pid[13] == "13800000001"
        assert 0 <= float(answer.field("QRI", 1)) <= 1
        assert answer.field("QAK", 4) == "1"
    none = await region.one.say(*pdq("@PID.5.1^欧阳~@PID.8^M"))
    assert none.said == ("AA", "NF")
    certain = await region.one.say(*pdq(f"@PID.3.1^{ID_CARD}~@PID.5.1^欧阳慧~@PID.7^19491231"))
    assert float(certain.field("QRI", 1)) > 0.99


async def test_candidates_in_domains_and_by_pages(region: Region) -> None:
    answer = await region.one.say(*pdq("@PID.5.1^欧阳", "^^^histwo"))
    assert answer.numbers == [{"Z9^^^histwo^PI"}]
    unknown = await region.one.say(*pdq("@PID.5.1^欧阳", "^^^nowhere"))
    assert (unknown.said, unknown.places) == (("AE", "AE"), [("QPD^1^8^1^4", "204")])
    for number in ("11", "12", "13"):
        await region.register(region.one, f"S{number}^^^hisone^PI||宇文^化||198001{number}|M")
    found: list[str] = []
    pointer, pages = "", 0
    while True:
        page = await region.one.say(*pdq("@PID.5.1^宇文", "^^^hisone", "2^RD", pointer))
        found += [one for numbers in page.numbers for one in numbers]
        pages += 1
        pointer = page.field("DSC", 1) if any(page.all("DSC")) else ""
        if not pointer:
            break
    assert sorted(found) == [f"S{one}^^^hisone^PI" for one in ("11", "12", "13")]
    assert pages == 2
    wrong = await region.one.say(*pdq("@PID.5.1^宇文", "", "", "made-up"))
    assert (wrong.said, wrong.places) == (("AE", "AE"), [("DSC^1^1^1", "103")])
    given_up = await region.one.say("QCN^J01", "QID|tag8|IHE PDQ Query")
    assert given_up.field("MSA", 1) == "AA"


async def test_demographics_by_number(region: Region) -> None:
    answer = await region.one.say(*pix("P1^^^hisone", event="Q21"))
    assert answer.field("MSH", 9) == "RSP^K21^RSP_K21"
    (pid,) = answer.all("PID")
    assert pid[5] == "欧阳^慧^^^^^L"
    assert "P1^^^hisone^PI" in answer.numbers[0]


async def test_the_answer_speaks_as_it_was_asked(region: Region) -> None:
    answer = await region.one.say(*pdq("@PID.5.1^欧阳"), charset="GB18030")
    assert answer.field("PID", 5) == "欧阳^慧^^^^^L"
    assert answer.field("MSH", 18) == "GB18030"


async def test_who_may_not_send_may_not_ask_either(region: Region) -> None:
    port = region.one.port
    for line in (
        Line(port, "stranger", "MK1"),
        Line(port, "silent", "MK2"),
        Line(port, "hisone", "MK2"),
    ):
        answer = await line.say(*pix("P1^^^hisone"))
        assert answer.field("MSA", 1) == "AR"
        assert not list(answer.all("PID"))


async def test_a_source_on_trial_learns_of_nobody(region: Region) -> None:
    answer = await Line(region.one.port, "trying", "MK1").say(*pix("P1^^^hisone"))
    assert not list(answer.all("PID"))
    assert not list(answer.all("QAK"))


async def test_a_query_is_not_kept_but_stands_in_the_audit_log(
    region: Region, store: Store
) -> None:
    before = datetime.now(UTC)
    sql = "select count(*) from exchange.message where kind like 'QBP%' and state = 'waiting'"
    await region.one.say(*pdq(f"@PID.3.1^{ID_CARD}~@PID.5.1^欧阳"))
    assert await store.pool.fetchval(sql) == 0
    rows = await store.pool.fetch(
        """select action, object_id, account, organisation from audit.entry
           where at >= $1 order by at""",
        before,
    )
    assert {(row["action"], row["organisation"]) for row in rows} == {
        ("read-api", "MK1"),
        ("cross-reference", "MK1"),
        ("list-residents", "MK1"),
    }
    assert {row["account"] for row in rows} == {"source:hisone"}
    assert "PID.3.1&PID.5.1" in rows[0]["object_id"]
    assert not any(ID_CARD in str(row["object_id"]) for row in rows)
    page = await search(store, Scope.whole(), Query(types=("Patient",), limit=1000))
    hui = next(
        one.id
        for one in page.matches
        if any(i.get("value") == "P1" for i in one.resource.get("identifier", []))
    )
    found = await resident_of_patient(store, Scope.whole(), hui)
    assert found is not None
    looks = await looks_at(store.pool, found.person, limit=5)
    assert any(one.at >= before and one.organisation == "MK1" for one in looks)


async def test_a_merge_is_seen_at_once_and_so_is_its_undoing(region: Region) -> None:
    old, new = "M1^^^hisone^PI||尉迟^恭||19600101|M", "M2^^^hisone^PI||程^咬金||19610202|M"
    await region.register(region.one, old)
    await region.register(region.one, new)

    async def code(number: str) -> set[str]:
        answer = await region.one.say(*pix(f"{number}^^^hisone", "^^^MINKANG"))
        assert answer.said == ("AA", "OK")
        return answer.numbers[0]

    first, second = await code("M1"), await code("M2")
    assert first != second
    await region.register(region.one, new, "ADT^A40^ADT_A39", "MRG|M1^^^hisone^PI")
    assert await code("M1") == await code("M2") == second
    (kept,) = first  # the code that was given out before leads where its Patient went
    numbers = await region.one.say(*pix(kept.removesuffix("^JHN"), "^^^hisone"))
    assert numbers.numbers == [{"M2^^^hisone^PI"}]
    told = await region.one.say(*pix("M2^^^hisone", "^^^hisone"))
    assert told.said == ("AA", "NF")  # the retired number is nobody's any more
    await region.register(region.one, new, "ADT^A37^ADT_A37", f"PID|2||{old}")
    assert (await code("M1"), await code("M2")) == (first, second)

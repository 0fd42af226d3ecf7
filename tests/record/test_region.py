"""The region's figures against naive counts of what is stored, through changes and deletions."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
import pytest_asyncio

from minkang.crypto import Keys
from minkang.fhir import TYPE_CODES, Resource
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.identity.register import keep_divisions
from minkang.identity.register.population import people_at
from minkang.record.region import definitions, follow_region, parts, refresh, settle_days
from minkang.record.region.attention import of_institutions, of_sources
from minkang.record.region.days import PERIODS, span
from minkang.record.region.figures import (
    InstitutionLine,
    Pair,
    departments,
    diagnoses,
    institutions_in,
    people_below,
    place_of,
    resources_of,
    visits_at,
    visits_by_class,
    visits_by_day,
)
from minkang.record.region.read import diagnosis_of, unit_of, visit_of
from minkang.record.region.shapes import ShapesRefused, keep_shapes, read_shapes, shapes_below
from minkang.record.region.sources import SourceLine, messages_by_day, sent_by
from minkang.store import Query, Scope, Store, search
from tests.identity.register.rows import OTHER_TOWN, VILLAGE, registered
from tests.record.region_facts import (
    CENTRE,
    HOSPITAL,
    ROOM,
    SHARED,
    count,
    days_before,
    diagnosis,
    directory,
    put_as,
    shared_provider,
    take_away,
    visit,
)

NOW = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
TODAY = date(2026, 11, 21)  # half past midnight in the region
CODES = ("I10.x00", "J06.900", "E11.900", "K29.500")


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def region(store: Store, keys: Keys) -> None:
    """Two years of visits at four institutions, of which some are changed, moved and deleted."""
    await directory(store)
    await keep_divisions(store, {VILLAGE: "云溪社区", OTHER_TOWN: "松汀泊村"})
    dice = random.Random(7)
    await put_as(store, HOSPITAL, *(_any(dice, n, HOSPITAL) for n in range(180)))
    await put_as(store, SHARED, *(_any(dice, n, SHARED) for n in range(180, 300)))
    await count(store, keys, NOW)
    # Later: some visits are said to have been otherwise, some never to have been.
    await put_as(store, HOSPITAL, *(_any(dice, n, HOSPITAL) for n in range(0, 180, 7)))
    await put_as(store, HOSPITAL, *(visit(str(n), TODAY, status="cancelled") for n in (1, 2)))
    await take_away(store, SHARED, *(visit(str(n), TODAY) for n in range(180, 300, 9)))
    found = [
        diagnosis("a", "5", "I10.x00"),  # the visit says so itself, or not: it counts once
        diagnosis("b", "5", "I10.x01"),
        diagnosis("c", "6", "C50.900"),
        diagnosis("d", "8", "C50.900", "refuted"),
        diagnosis("e", "none", "C50.900"),
    ]
    await put_as(store, HOSPITAL, *found)
    await count(store, keys, NOW)


def _any(dice: random.Random, number: int, source: str) -> Resource:
    """A visit as the dice have it; of the shared system at the centre, its room, or nobody's."""
    where = dice.choice([shared_provider(CENTRE, "竹岛中心"), shared_provider(ROOM, "卫生室"),
                         shared_provider("MK-STRANGER", "外来诊所"), None])  # fmt: skip
    return visit(
        str(number),
        days_before(TODAY, dice.choice([dice.randrange(20), dice.randrange(760)])),
        department=dice.choice(["内科", "外科", "儿科", ""]),
        kind=dice.choice(["AMB", "EMER", "IMP", "ACUTE"]),
        provider=where if source == SHARED else {"reference": f"Organization/{HOSPITAL}"},
        codes=tuple(dice.sample(CODES, dice.randrange(3))),
    )


class Naive(msgspec.Struct, frozen=True):
    """A visit read from the store as anybody would read it."""

    id: str
    institution: str
    day: date
    department: str
    kind: str
    codes: frozenset[str]


DIVISIONS = {HOSPITAL: "371002003001", CENTRE: "371002003", ROOM: "371002003", SHARED: "371003",
             "MK-STRANGER": ""}  # fmt: skip


async def naive(store: Store) -> list[Naive]:
    """All visits that stand, one by one."""
    told: dict[str, set[str]] = {}
    for one in await whole(store, "Condition"):
        if one["verificationStatus"]["coding"][0]["code"] == "confirmed":
            told.setdefault(one["encounter"]["reference"].split("/")[1], set()).add(
                one["code"]["coding"][0]["code"][:3]
            )
    found = []
    for one in await whole(store, "Encounter"):
        if one["status"] == "cancelled":
            continue
        provider = one.get("serviceProvider", {})
        own = {c["coding"][0]["code"][:3] for c in one.get("reasonCode", [])}
        kind = one["class"]["code"]
        found.append(
            Naive(
                one["id"],
                provider["identifier"]["value"] if "identifier" in provider
                else HOSPITAL if provider else SHARED,
                date.fromisoformat(one["period"]["start"][:10]),
                one.get("serviceType", {}).get("text", ""),
                "IMP" if kind == "ACUTE" else kind,
                frozenset(own | told.get(one["id"], set())),
            )
        )  # fmt: skip
    return found


async def whole(store: Store, kind: str) -> list[Resource]:
    """All current resources of a type."""
    query, found = Query(types=(kind,), limit=1000), []
    page = await search(store, Scope.whole(), query)
    found += [one.resource for one in page.matches]
    assert page.next is None
    return found


def lies(one: Naive, place: str) -> bool:
    if place.startswith("@"):
        return one.institution == place[1:]
    return DIVISIONS[one.institution].startswith(place)


def within(visits: Iterable[Naive], place: str, days: int, *, before: bool) -> list[Naive]:
    first, last = span(days, TODAY, before=before)
    return [one for one in visits if lies(one, place) and first <= one.day <= last]


PLACES = ("", "37", "3710", "371002", "371002003", "371002003001", "371003", f"@{HOSPITAL}",
          f"@{ROOM}", "@MK-STRANGER", "@nowhere", "11")  # fmt: skip


@pytest.mark.parametrize("days", PERIODS)
async def test_visits_are_what_one_counts_by_hand(store: Store, days: int) -> None:
    visits = await naive(store)
    async with store.readers.lent() as connection:
        for place in PLACES:
            now = within(visits, place, days, before=False)
            before = within(visits, place, days, before=True)
            found = await visits_at(connection, [place], days)
            assert found.get(place, Pair()) == Pair(len(now), len(before)), place
            for told, key in (
                (await visits_by_class(connection, place, days), "kind"),
                (await departments(connection, place, days, 100), "department"),
            ):
                classes = Counter(getattr(one, key) for one in now)
                earlier = Counter(getattr(one, key) for one in before)
                assert {one.label: one.visits for one in told} == {
                    label: Pair(classes[label], earlier[label]) for label in classes | earlier
                }, (place, key)
            codes = Counter(code for one in now for code in one.codes)
            past = Counter(code for one in before for code in one.codes)
            told = await diagnoses(connection, place, days, 100)
            assert {one.label: one.visits for one in told} == {
                code: Pair(codes[code], past[code]) for code in codes | past
            }, place


async def test_the_days_of_a_period_add_up_to_it(store: Store) -> None:
    visits = await naive(store)
    async with store.readers.lent() as connection:
        for place in ("", "371002003", f"@{CENTRE}"):
            found = await visits_by_day(connection, place, 30, TODAY)
            assert [day for day, _ in found] == [days_before(TODAY, n) for n in range(29, -1, -1)]
            for day, pair in found:
                on = [one for one in visits if lies(one, place)]
                assert pair.now == sum(one.day == day for one in on)
                assert pair.before == sum(one.day == days_before(day, 30) for one in on)


async def test_a_diagnosis_counts_once_for_its_visit_and_never_without_one(store: Store) -> None:
    rows = await store.pool.fetch(
        "select label, visit from region.fact where what = 'diagnosis' and label in ('I10', 'C50')"
    )
    visits = {(row["label"], row["visit"]) for row in rows}
    assert ("I10", "visit-5") in visits
    assert ("C50", "visit-8") not in visits
    async with store.readers.lent() as connection:
        cancers = {one.label: one for one in await diagnoses(connection, "", 365, 100)}
    by_hand = [
        one for one in within(await naive(store), "", 365, before=False) if "C50" in one.codes
    ]
    assert ("C50" in cancers) is bool(by_hand)


async def test_institutions_are_known_once_each_and_lie_where_those_above_them_do(
    store: Store,
) -> None:
    async with store.readers.lent() as connection:
        found = {one.code: one for one in await institutions_in(connection, "", 30)}
    assert set(found) == {HOSPITAL, CENTRE, ROOM, SHARED, "MK-IT", "MK-STRANGER"}
    assert found[ROOM].division == "371002003"
    assert found[ROOM].parent == CENTRE
    assert found["MK-STRANGER"].name == "外来诊所"
    assert found["MK-STRANGER"].division == ""
    assert not found["MK-IT"].medical
    assert found[HOSPITAL].connected  # a source of its own
    assert found[ROOM].connected  # by the shared system
    assert not found["MK-IT"].connected


async def test_an_institution_that_moves_takes_its_visits_along(store: Store, keys: Keys) -> None:
    visits = await naive(store)
    there = len(within(visits, f"@{ROOM}", 90, before=False))
    assert there
    async with store.readers.lent() as connection:
        before = (await visits_at(connection, ["371003"], 90))["371003"]
    await store.pool.execute(
        "update accounts.organisation set division = '371003106201' where id = $1", ROOM
    )
    await count(store, keys, NOW)
    async with store.readers.lent() as connection:
        after = (await visits_at(connection, ["371003"], 90))["371003"]
        series = await visits_by_day(connection, "371003106201", 90, TODAY)
    assert after.now == before.now + there
    assert sum(pair.now for _, pair in series) == there
    await store.pool.execute("update accounts.organisation set division = null where id = $1", ROOM)
    await count(store, keys, NOW)


async def test_following_once_more_and_counting_again_change_nothing(
    store: Store, keys: Keys
) -> None:
    dump = "select * from region.period_count order by 1, 2, 3, 4, 5, 6"
    before = await store.pool.fetch(dump)
    await store.pool.execute("delete from store.consumer where name = 'region'")
    await store.pool.execute("insert into region.due select distinct day from region.day_count")
    await count(store, keys, NOW)
    assert [tuple(row) for row in await store.pool.fetch(dump)] == [tuple(row) for row in before]
    assert await follow_region(store) == 0
    assert await settle_days(store) == 0


async def test_after_a_restore_everything_is_read_anew(store: Store, keys: Keys) -> None:
    dump = "select * from region.day_count order by 1, 2, 3, 4, 5"
    before = await store.pool.fetch(dump)
    await store.pool.execute("update store.epoch set epoch = epoch + 1")
    await store.pool.execute("delete from store.consumer where name <> 'region'")
    await store.pool.execute(
        "insert into region.fact (type, id, what, label, day, institution) "
        "values ($1, 'of-a-future-lost', 'visit', '', $2, $3)",
        TYPE_CODES["Encounter"],
        TODAY,
        HOSPITAL,
    )
    await count(store, keys, NOW)
    assert [tuple(row) for row in await store.pool.fetch(dump)] == [tuple(row) for row in before]


async def test_resources_are_counted_by_who_sent_them(store: Store) -> None:
    async with store.readers.lent() as connection:
        everything = await resources_of(connection)
        sent = await resources_of(connection, [SHARED])
    rows = await store.pool.fetch("select type, source from store.resource where not deleted")
    assert everything == Counter(row["type"] for row in rows)
    assert sent == Counter(row["type"] for row in rows if row["source"] == SHARED)


async def test_residents_by_village_with_record_code_and_consent(store: Store, keys: Keys) -> None:
    numbers = ["11010519491231002X", "110105194912310038"]
    rows = [registered("1", id_number=numbers[0])]
    rows += [
        registered(str(n), living=OTHER_TOWN if n > 4 else VILLAGE, id_number="", name=f"居民{n}",
                   birth=f"19{60 + n}-05-05", household=f"H{n}")
        for n in range(2, 8)
    ]  # fmt: skip
    await put_as(store, "R", *rows)
    card = {"resourceType": "Patient", "id": "h1", "name": [{"text": "欧阳慧"}],
            "gender": "female", "birthDate": "1949-12-31",
            "identifier": [{"system": ID_CARD_SYSTEM, "value": numbers[0]}]}  # fmt: skip
    await put_as(store, HOSPITAL, card)
    await count(store, keys, NOW)
    person = await store.pool.fetchval("select person from identity.link where patient = 'h1'")
    other = await store.pool.fetchval("select person from identity.link where patient = 'row-6'")
    await store.pool.execute(
        """insert into identity.code (person, patient, kind, state, issued, changed, consent)
           values ($1, 'h1', 2, 'issued', $2, $2, 1), ($3, 'row-6', 2, 'frozen', $2, $2, 1)""",
        person,
        NOW,
        other,
    )
    await _says(store, person, 1, given=False)
    await _says(store, person, 2, given=True)
    await _says(store, other, 1, given=True)
    await _says(store, other, 2, given=False)
    await count(store, keys, NOW)
    async with store.readers.lent() as connection:
        villages = await people_below(connection)
        town = await people_below(connection, "371002", 9)
    assert set(villages) == {VILLAGE, OTHER_TOWN}
    here = villages[VILLAGE]
    assert (here.people, here.recorded, here.coded, here.consenting) == (4, 1, 1, 1)
    there = villages[OTHER_TOWN]
    assert (there.people, there.recorded, there.coded, there.consenting) == (3, 0, 0, 0)
    assert town == {VILLAGE[:9]: here}
    assert sum(one.people for one in villages.values()) == await people_at(store, TODAY)


async def _says(store: Store, person: str, number: int, *, given: bool) -> None:
    await store.pool.execute(
        """insert into policy.consent (person, number, kind, given, without_sources,
               without_recipients, without_topics, text_version, text_digest, evidence, document,
               resource, account_name, role, at)
           values ($1, $2, $3, $4, '{}', '{}', '{}', '1', '', 'page', '', 'c', '', 'resident',
               $5)""",
        person,
        number,
        "give" if given else "withdraw",
        given,
        NOW + timedelta(minutes=number),
    )


async def test_messages_by_source_and_day_are_those_of_the_hours(store: Store, keys: Keys) -> None:
    midnight = datetime(2026, 11, 20, 16, tzinfo=UTC)  # of the region
    await store.pool.executemany(
        """insert into exchange.hour (source, hour, writer, received, repeated, stored, quarantined)
           values ($1, $2, $3, $4, 1, $5, $6)""",
        [
            ("his", midnight, 1, 5, 4, 1),
            ("his", midnight, 2, 2, 2, 0),
            ("his", midnight - timedelta(hours=1), 1, 7, 6, 1),  # yesterday there
            ("his", midnight - timedelta(days=31), 1, 11, 11, 0),
            ("cloud", midnight - timedelta(days=3), 1, 3, 3, 0),
        ],
    )
    await store.pool.execute("delete from region.part where name = 'messages'")
    await count(store, keys, NOW)
    await store.pool.execute(
        "update exchange.hour set received = 9 where source = 'his' and hour = $1 and writer = 1",
        midnight,
    )
    await count(store, keys, NOW + timedelta(minutes=5))  # adds only what can have changed
    async with store.readers.lent() as connection:
        sent = await sent_by(connection, "", 30, TODAY)
        here = await sent_by(connection, "371003", 30, TODAY)
        days = dict(await messages_by_day(connection, "", 30, TODAY))
        own = await messages_by_day(connection, "", 30, TODAY, HOSPITAL)
    lines = {one.id: one for one in sent.sources}
    assert (lines["his"].today.received, lines["his"].period.received) == (11, 18)
    assert lines["his"].before.received == 11
    assert (lines["his"].period.stored, lines["his"].period.quarantined) == (12, 2)
    assert [one.id for one in here.sources] == ["cloud"]
    assert days[TODAY].received == 11
    assert days[days_before(TODAY, 1)].received == 7
    assert sum(one.received for _, one in own) == 18


async def test_every_figure_says_what_it_counts_and_as_of_when(store: Store) -> None:
    async with store.readers.lent() as connection:
        made = await parts(connection)
        known = {
            f"{row['schemaname']}.{row['tablename']}"
            for row in await connection.fetch("select schemaname, tablename from pg_tables")
        }
    for one in definitions().values():
        assert one.part in made, one.key
        assert set(one.tables) <= known, one.key
        assert all((one.zh, one.en, one.what_zh, one.what_en)), one.key


async def test_a_part_rests_before_it_is_made_again(store: Store) -> None:
    made = await refresh(store, NOW + timedelta(days=1))
    assert "people" in made
    assert await refresh(store, NOW + timedelta(days=1, seconds=30)) == []
    await store.pool.execute("update region.part set seconds = 100 where name = 'resources'")
    later = await refresh(store, NOW + timedelta(days=1, minutes=10))
    assert "resources" not in later
    assert "messages" in later
    await refresh(store, NOW, every=True)


def line(code: str, now: int, before: int, *, connected: bool = True) -> InstitutionLine:
    return InstitutionLine(
        code, code, "hospital", "", "", None, True, connected, 0, 0, Pair(now, before)
    )


def test_a_fall_of_visits_needs_attention_and_a_small_one_does_not() -> None:
    found = of_institutions(
        [line("A", 10, 20), line("B", 11, 20), line("C", 0, 19), line("D", 0, 300),
         line("E", 5, 5, connected=False)]
    )  # fmt: skip
    assert [(one.sort, one.about, one.now) for one in found] == [
        ("visits-fell", "D", 0), ("visits-fell", "A", 10), ("not-connected", "", 1),
    ]  # fmt: skip


def test_poor_and_falling_quality_need_attention() -> None:
    def source(name: str, score: float | None, before: float | None) -> SourceLine:
        from minkang.record.region.sources import Came

        return SourceLine(name, name, "O", Came(), Came(), Came(), score, before)

    found = of_sources(
        [source("poor", 70.0, 71.0), source("falls", 90.0, 95.0), source("fine", 95.0, 96.0),
         source("new", 95.0, None), source("silent", None, 90.0)]
    )  # fmt: skip
    assert [(one.sort, one.about) for one in found] == [
        ("low-score", "poor"), ("score-fell", "falls"),
    ]  # fmt: skip


def test_what_a_resource_counts_as() -> None:
    stored = datetime(2026, 1, 1, 16, tzinfo=UTC)  # 2 January in the region
    plain = visit("1", date(2026, 5, 1), kind="ACUTE", codes=("I10.x00x002", "nonsense", "u07.1"))
    told = visit_of(plain, stored)
    assert told is not None
    assert (told.kind, told.department, told.day) == ("IMP", "内科", date(2026, 5, 1))
    assert told.diagnoses == {"I10", "U07"}
    for other in ({"status": "planned"}, {"class": {"code": "PRENC"}}):
        assert visit_of(plain | other, stored) is None
    timeless = visit_of({"resourceType": "Encounter", "status": "finished"}, stored)
    assert timeless is not None
    assert timeless.day == date(2026, 1, 2)
    assert diagnosis_of({"resourceType": "Condition", "code": {"coding": "x"}}) is None
    bed = {"resourceType": "Location", "physicalType": {"coding": [{"code": "bd"}]},
           "managingOrganization": {"reference": "Organization/d1"}}  # fmt: skip
    found = unit_of(bed)
    assert found is not None
    assert (found.what, found.above) == ("bed", "d1")
    assert (
        unit_of({"resourceType": "Location", "physicalType": {"coding": [{"code": "ro"}]}}) is None
    )
    place = place_of("3710", "MK1")
    assert place == "@MK1"


async def test_outlines_are_read_from_geojson_and_nonsense_is_refused(store: Store) -> None:
    square = [[0, 0], [0, 1], [1, 1], [0, 0]]
    area = {"type": "MultiPolygon", "coordinates": [[square], [square]]}
    feature = {"properties": {"code": "371002", "name": "环翠区"}, "geometry": area}
    shapes = read_shapes(msgspec.json.encode({"features": [feature]}))
    assert await keep_shapes(store, shapes) == 1
    assert await shapes_below(store, "", 6) == {"371002": shapes[0]}
    assert await shapes_below(store, "371003", 9) == {}
    for wrong, why in (
        (b"[", "no JSON"),
        (b"[]", "no FeatureCollection"),
        (b'{"features": [3]}', "feature 1"),
        (b'{"features": [{"properties": {"code": "x"}}]}', "no code"),
        (b'{"features": [{"id": "37", "geometry": {"type": "Point"}}]}', "no area"),
        (b'{"features": [{"id": "37", "geometry": {"type": "Polygon", "coordinates": [[1]]}}]}',
         "no area"),
        (b'{"features": [{"id": "37", "geometry": {"type": "Polygon", "coordinates": [[]]}}]}',
         "0 points"),
    ):  # fmt: skip
        with pytest.raises(ShapesRefused, match=why):
            read_shapes(wrong)

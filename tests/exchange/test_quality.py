"""What is stored is judged: when it comes, when it changes, and when what it hangs on changes."""

from datetime import date, datetime

from minkang.exchange.purge import forget_messages
from minkang.exchange.quality import follow, judge_again, rules, start_over
from minkang.exchange.reconciliation import Reported, keep_counts
from minkang.fhir import TYPE_CODES
from minkang.fhir.dates import LOCAL
from minkang.store import Connection
from minkang.store.purge import purge_person
from tests.exchange.conftest import Exchange
from tests.exchange.messages import PID, adt, oru

_WHOLE_LEDGER = """
    select source, day, rule, type, count(*) as judged,
           count(*) filter (where failed) as failed
    from (select j.source, j.day, r.rule, j.type, exists(
              select from exchange.judgement f
              where f.type = j.type and f.id = j.id and f.rule = r.rule) as failed
          from exchange.judged j join exchange.rule_set s on s.number = j.rules
          cross join lateral unnest(s.rules) as r(rule)) every
    group by source, day, rule, type order by source, day, rule, type"""


def pid(number: str, identity: str = "371098198503150017") -> str:
    return PID.replace("P001", number).replace("371098198503150017", identity)


async def judged(exchange: Exchange) -> None:
    """Process and judge all; the sums by day must be those of the verdicts."""
    await exchange.process()
    while await follow(exchange.store, exchange.keys, limit=7):
        pass
    async with exchange.store.pool.acquire() as connection:
        sums = await connection.fetch(
            """select source, day, rule, type, judged, failed from exchange.quality_day
               order by source, day, rule, type"""
        )
        assert sums == await connection.fetch(_WHOLE_LEDGER)


async def failures(exchange: Exchange, kind: str, number: str) -> set[str]:
    """Rules that failed of the resource of a type which the source calls so."""
    resource = await exchange.store.pool.fetchval(
        """select d.id from exchange.made d join exchange.message m on m.id = d.message
           where d.type = $1 and m.control_id = $2 order by d.id limit 1""",
        TYPE_CODES[kind],
        number,
    )
    rows = await exchange.store.pool.fetch(
        "select rule from exchange.judgement where type = $1 and id = $2",
        TYPE_CODES[kind],
        resource,
    )
    assert resource is not None
    return {row["rule"] for row in rows}


async def test_a_fault_is_told_and_leaves_when_it_is_mended(exchange: Exchange) -> None:
    bare = adt(pid=pid("QA1").replace("13800000001", ""), visit="VQA1", control="qa1")
    await exchange.send(bare)
    await judged(exchange)
    assert "patient-phone" in await failures(exchange, "Patient", "qa1")
    await exchange.send(
        adt(pid=pid("QA1"), visit="VQA1", control="qa2", event="A08", at="20260502080000")
    )
    await judged(exchange)
    assert "patient-phone" not in await failures(exchange, "Patient", "qa1")


async def test_a_number_that_two_patients_have_is_told_of_both(exchange: Exchange) -> None:
    number = "371098198503150033"
    await exchange.send(adt(pid=pid("QB1", number), visit="VQB1", control="qb1"))
    await judged(exchange)
    assert "patient-twice" not in await failures(exchange, "Patient", "qb1")
    await exchange.send(adt(pid=pid("QB2", number), visit="VQB2", control="qb2"))
    await judged(exchange)
    for control in ("qb1", "qb2"):
        assert "patient-twice" in await failures(exchange, "Patient", control)


async def test_a_report_knows_its_visit_whichever_comes_first(exchange: Exchange) -> None:
    report = oru(pid=pid("QC1"), report="LQC1", control="qc1").replace(b"V001", b"VQC1")
    await exchange.send(report)
    await judged(exchange)
    assert "report-visit" in await failures(exchange, "DiagnosticReport", "qc1")
    await exchange.send(adt(pid=pid("QC1"), visit="VQC1", control="qc2"))
    await judged(exchange)
    assert "report-visit" not in await failures(exchange, "DiagnosticReport", "qc1")


async def test_a_diagnosis_of_the_other_sex_is_told_until_the_sex_is_mended(
    exchange: Exchange,
) -> None:
    pregnant = "DG1|1||O80.900^单胎顺产^ICD-10||20260501080000|F"
    raw = adt(pid=pid("QD1"), visit="VQD1", control="qd1", diagnosis=pregnant)
    await exchange.send(raw)
    await judged(exchange)
    assert "diagnosis-sex" in await failures(exchange, "Condition", "qd1")
    woman = pid("QD1", "371098198503150016").replace("|M|", "|F|")
    await exchange.send(adt(pid=woman, visit="VQD1", control="qd2", at="20260502080000"))
    await judged(exchange)
    assert "diagnosis-sex" not in await failures(exchange, "Condition", "qd1")
    assert "patient-sex-in-number" in await failures(exchange, "Patient", "qd2")


async def test_judging_everything_again_changes_nothing(exchange: Exchange) -> None:
    async def ledger(connection: Connection) -> list[str]:
        tables = ("judged", "judgement", "quality_day", "mention", "held")
        return [
            await connection.fetchval(
                f"select md5(string_agg(t::text, ' ' order by t::text)) from exchange.{table} t"
            )
            for table in tables
        ]

    await judged(exchange)
    async with exchange.store.pool.acquire() as connection:
        before = await ledger(connection)
        await start_over(connection)
    await judged(exchange)
    async with exchange.store.pool.acquire() as connection:
        assert await ledger(connection) == before
    assert await judge_again(exchange.store, exchange.keys, date(2026, 5, 1)) > 0
    async with exchange.store.pool.acquire() as connection:
        assert await ledger(connection) == before


async def test_what_is_purged_is_judged_no_more(exchange: Exchange) -> None:
    await exchange.send(adt(pid=pid("QE1"), visit="VQE1", control="qe1"))
    await judged(exchange)
    patient = await exchange.store.pool.fetchval(
        """select d.id from exchange.made d join exchange.message m on m.id = d.message
           where m.control_id = 'qe1' and d.type = $1""",
        TYPE_CODES["Patient"],
    )
    purged = await purge_person(exchange.store, [patient])
    await judged(exchange)
    for table in ("judged", "judgement", "mention", "held"):
        left = await exchange.store.pool.fetchval(
            f"select count(*) from exchange.{table} where id = any($1::text[])",
            [one for _, one in purged.keys],
        )
        assert left == 0, table


async def test_history_brought_in_afterwards_is_not_late(exchange: Exchange) -> None:
    """The visits of these tests are older than the first message of the source."""
    await judged(exchange)
    count = await exchange.store.pool.fetchval(
        "select count(*) from exchange.quality_day where rule = 'visit-in-time'"
    )
    assert count == 0
    today = datetime.now(LOCAL)
    await exchange.send(
        adt(pid=pid("QF1"), visit="VQF1", control="qf1", at=f"{today:%Y%m%d%H%M%S}")
    )
    await judged(exchange)
    days = await exchange.store.pool.fetch(
        "select day, judged, failed from exchange.quality_day where rule = 'visit-in-time'"
    )
    assert [(row["judged"], row["failed"]) for row in days] == [(1, 0)]
    assert days[0]["day"] == today.date()


def test_every_rule_says_what_is_wrong() -> None:
    assert len(rules()) >= 60
    dimensions = {rule.dimension for rule in rules().values()}
    assert len(dimensions) == 6


async def test_a_purge_takes_verdicts_and_numbers_at_once(exchange: Exchange) -> None:
    await exchange.send(adt(pid=pid("QG1"), visit="VQG1", control="qg1"))
    await judged(exchange)
    patient = await exchange.store.pool.fetchval(
        """select d.id from exchange.made d join exchange.message m on m.id = d.message
           where m.control_id = 'qg1' and d.type = $1""",
        TYPE_CODES["Patient"],
    )
    async with exchange.store.pool.acquire() as connection:
        line = Reported(date(2026, 5, 1), "visits", "", 1, items=("VQG1",))
        await keep_counts(connection, "haibin", [line])
        purged = await purge_person(exchange.store, [patient])
        await forget_messages(connection, purged.keys)
        for table in ("judged", "judgement", "mention", "held"):
            left = await connection.fetchval(
                f"select count(*) from exchange.{table} where id = any($1::text[])",
                [one for _, one in purged.keys],
            )
            assert left == 0, table
        numbers = "select count(*) from exchange.reported_item where number = 'VQG1'"
        assert await connection.fetchval(numbers) == 0
    await judged(exchange)

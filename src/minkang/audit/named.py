"""Does the table that finds residents say the same as the entries that name them?"""

from datetime import datetime
from uuid import UUID

from minkang.audit.verification import Findings
from minkang.store import Connection

_MOST = 100

_SUM = "count(*), sum(hashtextextended(person, seq # timestamptz_hash(at))::numeric)"
_NAMED = "select writer, person, at, seq from audit.named where at >= $1"
_TOLD = """select writer, unnest(persons) as person, at, seq from audit.entry
    where persons is not null and at >= $1"""
_BEGINNING = datetime.fromisoformat("0001-01-02T00:00:00+00:00")


async def verify_named(connection: Connection, findings: Findings, since: datetime | None) -> None:
    """Compare sums for each chain; only where they differ, row by row."""
    begin = since or _BEGINNING
    sums = [
        {
            row["writer"]: tuple(row.values())[1:]
            for row in await connection.fetch(
                f"select writer, {_SUM} from ({rows}) as one group by writer",  # noqa: S608
                begin,
            )
        }
        for rows in (_NAMED, _TOLD)
    ]
    named, told = sums
    for writer in sorted({*named, *told}):
        if named.get(writer) != told.get(writer):
            await _differences(connection, findings, writer, begin)


async def _differences(
    connection: Connection, findings: Findings, writer: UUID, begin: datetime
) -> None:
    for one, other, text in (
        (_TOLD, _NAMED, "the entry can't be found by a resident it names"),
        (_NAMED, _TOLD, "the entry is found by a resident it doesn't name"),
    ):
        rows = await connection.fetch(
            f"""select distinct seq from (
                    select * from ({one}) as a where writer = $2
                    except select * from ({other}) as b where writer = $2) as c
                order by seq limit {_MOST}""",  # noqa: S608 - the texts above
            begin,
            writer,
        )
        for row in rows:
            findings.add(UUID(str(writer)), row["seq"], "index", text)

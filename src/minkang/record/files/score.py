"""The quality of files as it was judged last, kept so that lists and rates need no sheet."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from minkang.record.files.file import patients_of
from minkang.record.files.quality import judge
from minkang.record.files.sheet import sheets_of
from minkang.store import Connection, Store


async def keep_scores(
    store: Store, connection: Connection, files: Sequence[str], today: date
) -> None:
    """Judge some files by their sheets as they stand in this transaction."""
    rows = await connection.fetch(
        "select id, patient from files.file where id = any($1::uuid[])",
        [UUID(one) for one in files],
    )
    patients = await patients_of(connection, [row["patient"] for row in rows])
    sheets = await sheets_of(
        store, connection, {str(row["id"]): patients[row["patient"]] for row in rows}
    )
    judged = [(UUID(one), judge(sheet, today)) for one, sheet in sheets.items()]
    await connection.executemany(
        """update files.file set score = $2, missing = $3, wrong = $4, judged = now()
           where id = $1""",
        [(one, found.score, list(found.missing), list(found.wrong)) for one, found in judged],
    )

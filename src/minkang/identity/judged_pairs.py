"""What people decided, weighed anew by a definition: what calibration and training learn from."""

from typing import Final

from minkang.identity.decisions import labels
from minkang.identity.kept import kept_rows
from minkang.identity.linkage.calibrate import Judged
from minkang.identity.linkage.definition import Definition
from minkang.identity.linkage.score import score
from minkang.store import Connection, Store

MOST: Final = 5_000
"""So many decided pairs are looked at, the newest."""


async def judged_pairs(
    store: Store, connection: Connection, definition: Definition
) -> list[Judged]:
    """The newest decided pairs of present Patients that no guard holds back, with their weights.

    Raises:
        SealBroken: kept features are not what was written.
    """
    known = (await labels(connection))[-MOST:]
    rows = await connection.fetch(
        """select patient, node, arrived, follows, number, digest, body from identity.feature
           where patient = any($1::text[])""",
        sorted({patient for one in known for patient in (one.a, one.b)}),
    )
    features = {one.patient: one.features for one in await kept_rows(store, connection, rows)}
    found = []
    for one in known:
        if one.a in features and one.b in features:
            scored = score(definition, features[one.a], features[one.b])
            if scored.rule == "weights":
                found.append(Judged(scored.weight, one.same))
    return found

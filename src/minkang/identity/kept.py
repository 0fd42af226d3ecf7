"""What matching keeps of each present Patient: features (sealed), keys (hashed), where it came in.

All of it is made from the Patient alone. `node` is the short number that stands for a Patient in
the tables of keys and edges.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from minkang.crypto import Keys, hmac_sm3, keyed_hash64
from minkang.identity.home import own_number
from minkang.identity.linkage.blocking import blocking_keys
from minkang.identity.linkage.definition import Definition
from minkang.identity.linkage.features import Features, decode, encode, features_of
from minkang.identity.merged import replaced_by
from minkang.store import Connection, Store, Stored
from minkang.store.array_text import array_text
from minkang.store.reseal import about_features

_WIDE: Final = ("id|",)
"""Keys of what only one person should have: many registrations there are one resident's."""


class Worked(msgspec.Struct, frozen=True):
    """What was worked out of a version of a Patient, before anybody's turn.

    Attributes:
        follows: id of the Patient that replaces it.
        number: keyed hash of its own checked ID number.
        keys: hashes of its blocking keys; an odd one is of what only one person should have.
        digest: keyed; the same again means that nothing that counts has changed.
    """

    patient: str
    version: int
    features: Features
    follows: str | None
    number: int | None
    keys: tuple[int, ...]
    digest: int
    body: bytes

    def kept(self, node: int, arrived: datetime) -> "Kept":
        """As clustering needs it, once it has a node."""
        return Kept(
            self.patient, node, arrived, self.follows, self.number, self.digest, self.features
        )


class Row(msgspec.Struct, frozen=True):
    """What the table says of a Patient, without its features."""

    patient: str
    node: int
    version: int
    follows: str | None
    number: int | None
    keys: tuple[int, ...]
    digest: int


class Kept(msgspec.Struct, frozen=True):
    """A Patient as clustering needs it."""

    patient: str
    node: int
    arrived: datetime
    follows: str | None
    number: int | None
    digest: int
    features: Features


def worked(keys: Keys, definition: Definition, patient: Stored) -> Worked:
    """Features and keys of a version of a Patient."""
    resource = patient.resource
    features = features_of(resource, patient.source)
    body = encode(features)
    follows = replaced_by(resource)
    number = own_number(features)
    hashed = hashed_keys(keys, definition, features)
    return Worked(
        patient.id,
        patient.version,
        features,
        follows if follows != patient.id else None,
        keyed_hash64(keys.index_key, f"link|number|{number}") if number else None,
        hashed,
        digest_of(keys, body, follows, hashed),
        body,
    )


def digest_of(keys: Keys, body: bytes, follows: str | None, hashed: tuple[int, ...]) -> int:
    """The digest of what is kept of a Patient: `body`, whom it follows, its hashed keys."""
    seen = b"%s\0%s\0%s" % (body, (follows or "").encode(), repr(hashed).encode())
    return int.from_bytes(hmac_sm3(keys.index_key, seen)[:8], "big", signed=True)


def hashed_keys(keys: Keys, definition: Definition, features: Features) -> tuple[int, ...]:
    """The blocking keys as the table has them: keyed hashes, odd where the key is a wide one."""
    return tuple(
        sorted(
            {
                keyed_hash64(keys.index_key, f"link|{key}") & ~1 | int(key.startswith(_WIDE))
                for key in blocking_keys(features, definition)
            }
        )
    )


async def rows_of(connection: Connection, patients: Collection[str]) -> dict[str, Row]:
    """What the table says of some Patients; of those it does not know nothing."""
    rows = await connection.fetch(
        """select patient, node, version, follows, number, keys, digest from identity.feature
           where patient = any($1::text[])""",
        list(patients),
    )
    return {row["patient"]: Row(**{**row, "keys": tuple(row["keys"])}) for row in rows}


async def keep(
    store: Store,
    connection: Connection,
    patients: Sequence[Worked],
    arrived: Mapping[str, datetime],
    *,
    replace: bool = True,
) -> dict[str, tuple[int, datetime]]:
    """Keep what was worked out, with the keys; node and arrival of each.

    Keys that a Patient had before and has no longer are left (`candidates.change_keys`).
    `arrived`: of Patients that were known before. Without `replace` those of whom something is kept
    are left as they are, and out of the answer.
    """
    await store.codec.look(connection)
    rows = await connection.fetch(
        f"""with kept as (
               insert into identity.feature as f
                   (patient, version, follows, number, keys, digest, body, arrived)
               select k.patient, k.version, k.follows, k.number, k.keys::bigint[], k.digest,
                   k.body, coalesce(k.arrived, clock_timestamp())
               from unnest($1::text[], $2::int[], $3::text[], $4::bigint[], $5::text[],
                   $6::bigint[], $7::bytea[], $8::timestamptz[])
                   as k (patient, version, follows, number, keys, digest, body, arrived)
               on conflict (patient) do {_REPLACE if replace else "nothing"}
               returning f.patient, f.node, f.arrived, f.keys),
           blocked as (
               insert into identity.blocking (node, key)
               select node, unnest(keys) from kept on conflict do nothing)
           select patient, node, arrived from kept""",  # noqa: S608 - constants
        [one.patient for one in patients],
        [one.version for one in patients],
        [one.follows for one in patients],
        [one.number for one in patients],
        [array_text(one.keys) for one in patients],
        [one.digest for one in patients],
        [store.codec.pack(one.body, about_features(one.patient)) for one in patients],
        [arrived.get(one.patient) for one in patients],
    )
    return {row["patient"]: (row["node"], row["arrived"]) for row in rows}


_REPLACE: Final = """update set version = excluded.version, follows = excluded.follows,
    number = excluded.number, keys = excluded.keys, digest = excluded.digest,
    body = excluded.body"""


async def note_versions(connection: Connection, patients: Sequence[Worked]) -> None:
    """Remember that these versions were looked at, and nothing that counts had changed."""
    await connection.execute(
        """update identity.feature f set version = k.version
           from unnest($1::text[], $2::int[]) as k (patient, version)
           where f.patient = k.patient""",
        [one.patient for one in patients],
        [one.version for one in patients],
    )


async def keys_of(connection: Connection, nodes: Collection[int]) -> dict[int, tuple[int, ...]]:
    """The keys of some nodes."""
    rows = await connection.fetch(
        "select node, keys from identity.feature where node = any($1::bigint[])", list(nodes)
    )
    return {row["node"]: tuple(row["keys"]) for row in rows}


async def kept_nodes(
    store: Store,
    connection: Connection,
    nodes: Collection[int],
    seen: Mapping[int, Kept] | None = None,
) -> dict[int, Kept]:
    """Patients by their nodes, with features; who is still as `seen` is not read again.

    Raises:
        SealBroken: a row is not what was written.
    """
    if not nodes:
        return {}
    seen = seen or {}
    digests = [seen[node].digest if node in seen else None for node in nodes]
    rows = await connection.fetch(
        """select f.patient, f.node, f.arrived, f.follows, f.number, f.digest,
               case when f.digest = k.digest then null else f.body end as body
           from unnest($1::bigint[], $2::bigint[]) as k (node, digest)
           join identity.feature f on f.node = k.node""",
        list(nodes),
        digests,
    )
    found = {row["node"]: seen[row["node"]] for row in rows if row["body"] is None}
    changed = [row for row in rows if row["body"] is not None]
    return found | {one.node: one for one in await kept_rows(store, connection, changed)}


async def kept_after(
    store: Store, connection: Connection, patient: str, most: int
) -> tuple[list[Kept], list[tuple[int, ...]]]:
    """The next Patients by id, and the keys of each; none: it was the last.

    Raises:
        SealBroken: a row is not what was written.
    """
    rows = await connection.fetch(
        """select patient, node, arrived, follows, number, digest, body, keys
           from identity.feature where patient > $1 order by patient limit $2""",
        patient,
        most,
    )
    return await kept_rows(store, connection, rows), [tuple(row["keys"]) for row in rows]


async def kept_rows(store: Store, connection: Connection, rows: Sequence[Any]) -> list[Kept]:
    """Rows of the table with their bodies, as records."""
    bodies = await store.codec.unpack_all(
        connection, [(row["body"], about_features(row["patient"])) for row in rows]
    )
    return [
        Kept(
            row["patient"],
            row["node"],
            row["arrived"],
            row["follows"],
            row["number"],
            row["digest"],
            decode(body),
        )
        for row, body in zip(rows, bodies, strict=True)
    ]


async def forget(connection: Connection, rows: Collection[Row]) -> None:
    """Take away what was kept of Patients, with their keys and edges."""
    nodes = [row.node for row in rows]
    pairs = [(key, row.node) for row in rows for key in row.keys]
    await connection.execute(
        "delete from identity.edge where a = any($1::bigint[]) or b = any($1::bigint[])", nodes
    )
    await connection.execute(
        """delete from identity.blocking b using unnest($1::bigint[], $2::bigint[]) as k (key, node)
           where b.key = k.key and b.node = k.node""",
        [key for key, _ in pairs],
        [node for _, node in pairs],
    )
    await connection.execute("delete from identity.feature where node = any($1::bigint[])", nodes)

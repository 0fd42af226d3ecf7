"""Whether a token counts: its MAC, its age, one look-up; and using it up, which happens once."""

from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import msgspec

from minkang.crypto import Keys
from minkang.identity.codes.keys import CodeKeys
from minkang.identity.codes.token import Token, is_genuine, make_token, parse_token
from minkang.store import Pool, Store

Verdict = Literal[
    "good", "tampered", "early", "expired", "replayed", "frozen", "lost", "revoked", "unknown"
]

SKEW: Final = timedelta(seconds=5)
"""So far the clocks of two servers may be apart."""

_KEPT_LONGER: Final = timedelta(minutes=10)

_VERDICTS: Final[dict[str, Verdict]] = {
    "issued": "good",
    "frozen": "frozen",
    "lost": "lost",
    "revoked": "revoked",
    "replaced": "revoked",
}


class Validity(msgspec.Struct, frozen=True):
    """For how long tokens count, as the region sets it."""

    show_seconds: int = 60
    visit_minutes: int = 240

    @property
    def of_card(self) -> timedelta:
        """For how long a dynamic QR text of the published card counts."""
        return timedelta(seconds=self.show_seconds)

    def of(self, token: Token) -> timedelta:
        """For how long a token of this kind counts."""
        if token.kind == "show":
            return timedelta(seconds=self.show_seconds)
        return timedelta(minutes=self.visit_minutes)


class Verified(msgspec.Struct, frozen=True):
    """What a token turned out to be.

    Attributes:
        person: whose it is; also of one that does not count, if that is known, for the audit log.
        until: when it ends to count.
    """

    verdict: Verdict
    token: Token | None = None
    person: str | None = None
    until: datetime | None = None


class Shown(msgspec.Struct, frozen=True):
    """A token that was just made, and until when it counts."""

    text: str
    until: datetime


async def show(
    store: Store, keys: Keys, held: CodeKeys, code: int, *, now: datetime, validity: Validity
) -> Shown:
    """A token for the screen of the resident.

    Raises:
        KeyFilesMissing, SealBroken: the keys of codes can't be read.
    """
    key = await held.current(store.pool, keys, "token")
    mac = await held.mac(store.pool, keys, key.version, now)
    assert mac is not None  # noqa: S101 - the current key is never retired
    text = make_token(mac, "show", key=key.version, code=code, issued=int(now.timestamp()))
    return Shown(text, _second(now) + timedelta(seconds=validity.show_seconds))


async def visit_token(
    store: Store,
    keys: Keys,
    held: CodeKeys,
    code: int,
    institution: str,
    *,
    now: datetime,
    validity: Validity,
) -> Shown:
    """What an institution hands to the clinician of the visit, once the code was shown there.

    Raises:
        KeyFilesMissing, SealBroken: the keys of codes can't be read.
    """
    key = await held.current(store.pool, keys, "token")
    mac = await held.mac(store.pool, keys, key.version, now)
    assert mac is not None  # noqa: S101 - the current key is never retired
    issued = int(now.timestamp())
    text = make_token(mac, "visit", key=key.version, code=code, issued=issued, bound_to=institution)
    return Shown(text, _second(now) + timedelta(minutes=validity.visit_minutes))


async def verify(
    store: Store,
    keys: Keys,
    held: CodeKeys,
    text: str,
    *,
    now: datetime,
    validity: Validity,
    institution: str = "",
) -> Verified:
    """Check a token that `institution` brings: its form, its MAC, its age, and one look-up.

    Nothing is used up. Whatever the text is, there is an answer.

    Raises:
        KeyFilesMissing, SealBroken: the keys of codes can't be read.
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database does not answer.
    """
    token = parse_token(text)
    if token is None:
        return Verified("tampered")
    mac = await held.mac(store.pool, keys, token.key, now)
    if mac is None or not is_genuine(token, mac, institution if token.kind == "visit" else ""):
        return Verified("tampered")
    issued = datetime.fromtimestamp(token.issued, UTC)
    until = issued + validity.of(token)
    async with store.readers.lent() as connection:
        row = await connection.fetchrow(
            """select c.state, coalesce(l.person, c.person) as person from identity.code c
               left join identity.link l on l.patient = c.patient where c.id = $1""",
            token.code,
        )
    if row is None:
        return Verified("unknown", token)
    verdict = _VERDICTS[row["state"]]
    if verdict == "good" and now >= until:
        verdict = "expired"
    elif verdict == "good" and issued > now + SKEW:
        verdict = "early"
    return Verified(verdict, token, row["person"], until)


async def use_up(pool: Pool, verified: Verified) -> bool:
    """Use a good token up; False if that was done before, here or on another server.

    Of those who bring one token at the same moment, exactly one gets True.
    """
    token, until = verified.token, verified.until
    if verified.verdict != "good" or token is None or until is None:
        return False
    done = await pool.execute(
        "insert into identity.code_used (nonce, until) values ($1, $2) on conflict do nothing",
        token.nonce,
        until + SKEW,
    )
    return done.endswith(" 1")


async def forget_used(pool: Pool, now: datetime) -> int:
    """Forget what was used up and would not count any more; how many there were.

    Called every few minutes by the worker.
    """
    done = await pool.execute("delete from identity.code_used where until < $1", now - _KEPT_LONGER)
    return int(done.rpartition(" ")[2])


def _second(now: datetime) -> datetime:
    return now.replace(microsecond=0)

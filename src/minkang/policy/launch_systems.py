"""Systems that may open the record in their own pages: which pages, for which institutions.

A system is a registered app or a service account; what stands here beside is whose pages may hold
the frame (CSP `frame-ancestors`: exact origins, never `*`), for whose practitioners it may ask, and
how it is called where it signs. One that was suspended or has ended opens nothing from then on.
"""

import ipaddress
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg
import msgspec

from minkang.accounts import Account
from minkang.accounts.account import entry_by
from minkang.audit import AuditLog
from minkang.store import Pool

_MOST: Final = 20
_LONGEST: Final = 200


class LaunchSystemRefused(Exception):  # noqa: N818 - reads as what happened
    """A system can't be let in like this.

    Attributes:
        code: `origins` (none, or too many), `origin` (not an exact origin), `institutions`,
            `issuer` (too long, or another system's), `client-unknown`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class LaunchSystem(msgspec.Struct, frozen=True, kw_only=True):
    """A system that may open the record.

    Attributes:
        client: id of the registered app, or of the service account.
        organisation: whose system it is.
        institutions: ids of the institutions for whose practitioners it may ask.
        origins: of the pages that may hold the frame, as `https://his.example`.
        issuer: `iss` of what it signs, if that is not the client's id.
        patient_system: the identifier system of the numbers by which it calls patients.
    """

    client: str
    name: str
    organisation: str
    institutions: tuple[str, ...]
    origins: tuple[str, ...]
    issuer: str | None = None
    patient_system: str = ""


_IN_FORCE: Final = """
    select s.client, coalesce(a.name, c.name) as name, s.organisation, s.institutions, s.origins,
        s.issuer, s.patient_system
    from policy.launch_system s
    left join accounts.app a on a.id::text = s.client
    left join accounts.service_account v on v.account::text = s.client
    left join accounts.account c on c.id = v.account
    where (a.state = 'approved' or (v.ended is null and v.expires > $1))
"""


async def launch_system(pool: Pool, client: str, *, now: datetime) -> LaunchSystem | None:
    """The system of a client; None if there is none in force."""
    row = await pool.fetchrow(f"{_IN_FORCE} and s.client = $2", now, client)
    return None if row is None else _system(row)


async def system_of_issuer(pool: Pool, issuer: str, *, now: datetime) -> LaunchSystem | None:
    """The system that signs as `iss`: the name registered for it, or its client's id."""
    row = await pool.fetchrow(
        f"{_IN_FORCE} and (s.issuer = $2 or (s.issuer is null and s.client = $2))", now, issuer
    )
    return None if row is None else _system(row)


async def launch_systems(pool: Pool, *, now: datetime) -> list[LaunchSystem]:
    """All that are in force, by name."""
    return [_system(row) for row in await pool.fetch(f"{_IN_FORCE} order by name, client", now)]


async def keep_launch_system(
    pool: Pool,
    log: AuditLog,
    given: LaunchSystem,
    *,
    now: datetime,
    by: Account | None = None,
    address: str = "",
) -> None:
    """Let a system open the record, or change how; `by` None is the operator's command line.

    Raises:
        LaunchSystemRefused: see its codes.
        AuditUnavailable: nothing was changed.
    """
    _check(given)
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(
                """insert into policy.launch_system (client, organisation, institutions, origins,
                       issuer, patient_system, changed, changed_by)
                   values ($1, $2, $3, $4, $5, $6, $7, $8)
                   on conflict (client) do update set (organisation, institutions, origins, issuer,
                       patient_system, changed, changed_by) = ($2, $3, $4, $5, $6, $7, $8)""",
                given.client,
                given.organisation,
                list(given.institutions),
                list(given.origins),
                given.issuer or None,
                given.patient_system,
                now,
                by.id if by else "operator",
            )
            await log.record(_entry(by, "allow-frames", given, now, address))
    except asyncpg.UniqueViolationError as error:
        raise LaunchSystemRefused("issuer") from error


async def end_launch_system(
    pool: Pool, log: AuditLog, client: str, *, now: datetime, by: Account, address: str = ""
) -> None:
    """Let a system open nothing more; what is open in its frames ends with the next request.

    Raises:
        LaunchSystemRefused: `client-unknown`.
        AuditUnavailable: nothing was changed.
    """
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(
            "delete from policy.launch_system where client = $1 returning *", client
        )
        if row is None:
            raise LaunchSystemRefused("client-unknown")
        await log.record(_entry(by, "end-frames", _system({**row, "name": ""}), now, address))


def origin_of(address: str) -> str:
    """The origin of an address as browsers write it, `https://his.example:8443`; empty if none."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("https", "http") or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = port in (None, 443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{host}" + ("" if usual else f":{port}")


def _check(given: LaunchSystem) -> None:
    if not 0 < len(given.origins) <= _MOST:
        raise LaunchSystemRefused("origins")
    for origin in given.origins:
        if len(origin) > _LONGEST or origin != origin_of(origin) or not _may_frame(origin):
            raise LaunchSystemRefused("origin")
    if not 0 < len(given.institutions) <= 10 * _MOST:
        raise LaunchSystemRefused("institutions")
    if max(len(given.issuer or ""), len(given.patient_system)) > _LONGEST:
        raise LaunchSystemRefused("issuer")


def _may_frame(origin: str) -> bool:
    """HTTPS with a plain name or number; plain HTTP on the own machine only."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if any(sign not in "abcdefghijklmnopqrstuvwxyz0123456789.-:" for sign in host):
        return False
    return parts.scheme == "https" or _is_loopback(host)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _system(row: Any) -> LaunchSystem:
    return LaunchSystem(
        client=row["client"],
        name=row["name"],
        organisation=row["organisation"],
        institutions=tuple(row["institutions"]),
        origins=tuple(row["origins"]),
        issuer=row["issuer"],
        patient_system=row["patient_system"],
    )


def _entry(
    by: Account | None, action: str, given: LaunchSystem, now: datetime, address: str
) -> Any:
    said: dict[str, Sequence[str]] = {
        "origins": given.origins,
        "institutions": given.institutions,
    }
    return entry_by(
        by,
        action,
        now,
        purpose="administration",
        object_type="App",
        object_id=given.client,
        address=address,
        detail=said,
    )

"""What a running installation can look at for the two lists: tests made now, and settings found.

A check looks; it never believes. What it can't find out (no right to ask, nothing there yet) it
says so, and that counts as not found to be right.
"""

from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

import msgspec

from minkang.accounts.passwords import PasswordRules, password_problem
from minkang.audit.runs import latest_runs
from minkang.config import Settings
from minkang.config.login import CAREFUL_ROLES
from minkang.crypto import Keys
from minkang.store import Pool
from minkang.web.security_data import (
    algorithms,
    archive,
    backups,
    core_dumps,
    durable,
    key_files,
    labels,
    newest_data_key,
    sealed,
    secrets,
)
from minkang.web.security_items import ITEMS, Item
from minkang.web.security_look import Check, Look, Place

_ADMINISTRATORS = ("system-administrator", "security-administrator", "audit-administrator")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_VERIFIED = timedelta(days=7)
_CLOCK = timedelta(seconds=2)
_IDLE_MINUTES, _SESSION_HOURS, _PASSWORD = 30, 12, 8

Kind: TypeAlias = Literal["test", "setting"]


class Checked(msgspec.Struct, frozen=True):
    """A check with what it found; `kind` says whether it was tried or is a setting."""

    name: str
    kind: Kind
    look: Look


async def security_state(settings: Settings, keys: Keys, pool: Pool) -> dict[str, Checked]:
    """All checks, made now, by name. A check that fails says so, and the others are made."""
    found = {}
    async with pool.acquire() as connection:
        place = Place(settings, keys, pool, connection, datetime.now(UTC))
        for name, (kind, check) in CHECKS.items():
            try:
                look = await check(place)
            except Exception as error:  # noqa: BLE001 - one check must not hide the others
                look = Look(False, f"could not look: {type(error).__name__}")
            found[name] = Checked(name, kind, look)
    return found


def list_of(state: dict[str, Checked]) -> list[tuple[Item, tuple[Checked, ...]]]:
    """The two lists with what was found for each clause; nothing is organisational."""
    return [(item, tuple(state[name] for name in item.checks)) for item in ITEMS]


async def _tls_pages(place: Place) -> Look:
    settings = place.settings
    if settings.tls_certificate:
        return Look(True, f"TLS >= 1.2, {settings.tls_certificate.name}")
    return Look(settings.https, "by a proxy" if settings.https else "plain HTTP")


async def _tls_mllp(place: Place) -> Look:
    settings = place.settings
    if settings.mllp_tls_certificate:
        return Look(
            settings.mllp_tls_clients is not None,
            "TLS >= 1.2, certificates of senders: "
            + ("asked for" if settings.mllp_tls_clients else "not asked for"),
        )
    return Look(settings.mllp_host in _LOOPBACK, f"plain on {settings.mllp_host}")


async def _national_tls(place: Place) -> Look:
    return Look(False, "TLCP (GB/T 38636) is not spoken here: a gateway before it has to")


async def _national_log_in(place: Place) -> Look:
    return Look(False, "passwords by argon2id, codes by HMAC-SHA-1 (RFC 6238): no SM algorithm")


async def _listens(place: Place) -> Look:
    settings = place.settings
    listens = await place.connection.fetchval("select current_setting('listen_addresses')")
    closed = settings.database_url is not None or listens == ""
    return Look(
        closed,
        f"pages {settings.host}, MLLP {settings.mllp_host}, database " + (listens or "socket only"),
    )


async def _passwords(place: Place) -> Look:
    """Tried: a common password, and one with the login in it, are refused."""
    length = place.settings.login.password_length
    rules = PasswordRules(length=length)
    refused = [
        password_problem("1234567890", "somebody", rules) == "password-common",
        password_problem("x8-somebody-Tq", "somebody", rules) == "password-contains-login",
    ]
    found = f">= {length} characters; common ones refused: {'yes' if all(refused) else 'no'}"
    return Look(length >= _PASSWORD and all(refused), found)


async def _second_factor(place: Place) -> Look:
    row = await place.connection.fetchrow(
        """select count(distinct p.account) as people, count(distinct f.account) as have
           from accounts.post p left join accounts.second_factor f
               on f.account = p.account and f.confirmed is not null
           where p.role = any($1) and p.begins <= now() and (p.ends is null or p.ends > now())""",
        list(CAREFUL_ROLES),
    )
    assert row is not None  # noqa: S101 - an aggregate always gives a row
    missing = sorted(set(CAREFUL_ROLES) - set(place.settings.login.second_factor_roles))
    found = f"{row['have']} of {row['people']} accounts that need one have it"
    if missing:
        found += f"; not asked of: {', '.join(missing)}"
    return Look(not missing and row["have"] == row["people"], found)


async def _sessions(place: Place) -> Look:
    login = place.settings.login
    limits = [(login.idle_minutes, login.hours)]
    limits += [(one.idle_minutes, one.hours) for one in login.sessions.values()]
    idle, hours = max(one[0] for one in limits), max(one[1] for one in limits)
    return Look(idle <= _IDLE_MINUTES and hours <= _SESSION_HOURS, f"{idle} min idle, {hours} h")


async def _database_log_in(place: Place) -> Look:
    rows = await place.connection.fetch("select distinct auth_method from pg_hba_file_rules")
    methods = {row["auth_method"] for row in rows}
    weak = methods & {"trust", "password", "md5"}
    return Look(bool(methods) and not weak, ", ".join(sorted(methods)) or "no rules seen")


async def _administrators(place: Place) -> Look:
    rows = await place.connection.fetch(
        """select account, array_agg(distinct role) as roles from accounts.post
           where begins <= now() and (ends is null or ends > now()) group by account
           having array_agg(distinct role) && $1""",
        list(_ADMINISTRATORS),
    )
    held = {role for row in rows for role in row["roles"]}
    missing = [role for role in _ADMINISTRATORS if role not in held]
    several = sum(len(row["roles"]) > 1 for row in rows)
    found = f"without a holder: {', '.join(missing) or '-'}; with further roles: {several}"
    return Look(not missing and not several, found)


async def _audit_verified(place: Place) -> Look:
    done = [run for run in await latest_runs(place.connection) if run.ended]
    if not done:
        return Look(False, "never on the page of the audit administrator")
    last = max(done, key=lambda run: run.ended or run.asked)
    intact = last.found is not None and last.found.intact
    fresh = last.ended is not None and place.now - last.ended <= _VERIFIED
    return Look(
        intact and fresh, f"{last.ended:%Y-%m-%d %H:%M}Z: {'intact' if intact else 'not intact'}"
    )


async def _audit_grows(place: Place) -> Look:
    """Tried: a change of the log is refused by the database. Nothing is changed either way."""
    transaction = place.connection.transaction()
    await transaction.start()
    try:
        await place.connection.execute("update audit.checkpoint set at = at where false")
    except Exception as error:  # noqa: BLE001 - the refusal is what is looked for
        return Look("only grows" in str(error), "a change is refused")
    finally:
        await transaction.rollback()
    return Look(False, "a change is not refused")


async def _signed_checkpoints(place: Place) -> Look:
    return Look(
        place.keys.signer is not None, "SM2, " + ("signed" if place.keys.signer else "no key")
    )


async def _clock(place: Place) -> Look:
    before = datetime.now(UTC)
    there = await place.connection.fetchval("select clock_timestamp()")
    apart = max(before - there, there - datetime.now(UTC), timedelta(0))
    return Look(apart <= _CLOCK, f"database and this server: {apart.total_seconds():.3f} s apart")


CHECKS: dict[str, tuple[Kind, Check]] = {
    "key-files": ("test", key_files),
    "secrets": ("test", secrets),
    "sealed": ("test", sealed),
    "data-keys": ("test", newest_data_key),
    "tls-pages": ("setting", _tls_pages),
    "tls-mllp": ("setting", _tls_mllp),
    "national-tls": ("setting", _national_tls),
    "national-log-in": ("setting", _national_log_in),
    "listens": ("setting", _listens),
    "passwords": ("test", _passwords),
    "second-factor": ("test", _second_factor),
    "sessions": ("setting", _sessions),
    "database-log-in": ("test", _database_log_in),
    "administrators": ("test", _administrators),
    "audit-verified": ("test", _audit_verified),
    "audit-grows": ("test", _audit_grows),
    "signed-checkpoints": ("setting", _signed_checkpoints),
    "clock": ("test", _clock),
    "algorithms": ("test", algorithms),
    "labels": ("setting", labels),
    "durable": ("test", durable),
    "backups": ("test", backups),
    "archive": ("setting", archive),
    "core-dumps": ("setting", core_dumps),
}

"""Checkpoints carry a signature that needs only the public key to be checked."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import msgspec
import pytest

from minkang.audit import AuditLog, AuditUnavailable, Entry, verify
from minkang.crypto import KeyFilesMissing, Keys, PublicKey, load_keys, read_public_keys
from minkang.store import Pool
from tests.audit.tampering import places, tamper


def read(number: int) -> Entry:
    return Entry(action="read", allowed=True, object_id=str(number))


@pytest.fixture
async def signed(log: AuditLog) -> AuditLog:
    """A log with four checkpoints."""
    for number in range(4):
        await log.record(read(number))
        await log.checkpoint()
    return log


async def test_every_checkpoint_is_signed_by_the_key_of_the_folder(
    signed: AuditLog, pool: Pool, keys: Keys
) -> None:
    assert keys.signer is not None
    rows = await pool.fetch("select digest, signer, signature from audit.checkpoint")
    assert len(rows) == 4
    for row in rows:
        assert row["signer"] == keys.signer.public.name
        assert keys.signer.public.verifies(row["digest"], row["signature"])
        assert not keys.signer.public.verifies(row["digest"][::-1], row["signature"])


@pytest.mark.parametrize("seq", [1, 2, 4])
@pytest.mark.parametrize(
    "change",
    [
        "signature = set_byte(signature, 5, (get_byte(signature, 5) + 1) % 256)",
        "signature = ''",
        "signature = (select signature from audit.checkpoint where seq = 3)",
        "digest = set_byte(digest, 0, (get_byte(digest, 0) + 1) % 256)",
        "signer = 'somebody'",
    ],
)
async def test_an_altered_signature_is_found_at_its_place(
    signed: AuditLog, pool: Pool, keys: Keys, tmp_path: Path, seq: int, change: str
) -> None:
    await tamper(pool, f"update audit.checkpoint set {change} where seq = $1", seq)
    (tmp_path / "checkpoints.jsonl").unlink()
    found = places(await verify(pool, keys, tmp_path, every_signature=True))
    assert (None, seq, "signature") in found
    assert {kind for _, _, kind in found} == {"signature"}
    if "signer" in change and seq < 4:
        return  # whose it is said to be is no part of what is signed
    assert (None, seq, "signature") in places(await verify(pool, keys, tmp_path))


async def test_the_file_of_checkpoints_holds_the_signatures_too(
    signed: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    change = "update audit.checkpoint set signature = digest || digest where seq = 2"
    await tamper(pool, change)
    assert (None, 2, "signature") in places(await verify(pool, keys, tmp_path))


async def test_whoever_has_the_chains_key_but_not_the_signing_one_is_found_out(
    signed: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    signed_until_now = keys.public_keys
    thief = load_keys(tmp_path / "other", create=True)
    forged = msgspec.structs.replace(
        keys, signer=thief.signer, public_keys=(*signed_until_now, *thief.public_keys)
    )
    log = await AuditLog.open(pool, forged, tmp_path)
    await log.record(read(9))
    await log.close()
    assert (await verify(pool, forged, tmp_path)).intact
    assert (None, 5, "signature") in places(await verify(pool, keys, tmp_path))


async def test_unsigned_checkpoints_are_right_only_from_before_the_upgrade(
    signed: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    strip = "update audit.checkpoint set digest = null, signer = null, signature = null"
    await pool.execute("alter table audit.checkpoint drop constraint checkpoint_signed")
    try:
        await tamper(pool, f"{strip} where seq > 2")
        (tmp_path / "checkpoints.jsonl").unlink()
        found = places(await verify(pool, keys, tmp_path))
        assert found == [(None, 3, "signature"), (None, 4, "signature")]
        await tamper(pool, strip)
        [key] = keys.public_keys

        def since(moment: datetime) -> Keys:
            changed = PublicKey(key.point, moment)
            return msgspec.structs.replace(keys, public_keys=(changed,))

        old = since(datetime.now(UTC) + timedelta(minutes=1))
        assert (await verify(pool, old, tmp_path)).intact
        late = since(datetime.now(UTC) - timedelta(hours=1))
        assert len((await verify(pool, late, tmp_path)).faults) == 4
    finally:
        await tamper(pool, "delete from audit.checkpoint")
        await pool.execute(
            "alter table audit.checkpoint add constraint checkpoint_signed "
            "check (signature is not null) not valid"
        )


async def test_the_database_takes_no_unsigned_checkpoint(
    log: AuditLog, pool: Pool, keys: Keys, tmp_path: Path
) -> None:
    unsigned = await AuditLog.open(pool, msgspec.structs.replace(keys, signer=None), tmp_path)
    await unsigned.record(read(1))
    with pytest.raises(AuditUnavailable):
        await unsigned.checkpoint()
    await unsigned.close()
    with pytest.raises(asyncpg.CheckViolationError):
        await pool.execute(
            "insert into audit.checkpoint (seq, at, heads, previous, mac) "
            "values (1, now(), '[]', '', '')"
        )


async def test_an_older_installation_gets_a_key_and_keeps_it(tmp_path: Path) -> None:
    made = load_keys(tmp_path, create=True)
    for name in ("audit-sign.key", "audit-sign.pub"):
        (tmp_path / name).unlink()
    first = load_keys(tmp_path, create=False)
    assert first.signer is not None
    assert first.signer != made.signer
    assert first == load_keys(tmp_path, create=False)
    assert read_public_keys(tmp_path / "audit-sign.pub") == first.public_keys
    assert (tmp_path / "audit-sign.key").stat().st_mode & 0o077 == 0


async def test_a_new_key_is_added_to_those_that_signed_before(tmp_path: Path) -> None:
    first = load_keys(tmp_path, create=True)
    (tmp_path / "audit-sign.key").unlink()
    second = load_keys(tmp_path, create=False)
    assert second.public_keys[:-1] == first.public_keys
    assert second.signer is not None
    assert second.signer.public == second.public_keys[-1]


async def test_a_spoilt_public_file_is_said_by_name(tmp_path: Path) -> None:
    load_keys(tmp_path, create=True)
    (tmp_path / "audit-sign.pub").write_text("zz 2026-01-01\n")
    with pytest.raises(KeyFilesMissing, match=r"audit-sign\.pub"):
        load_keys(tmp_path, create=False)


@pytest.mark.parametrize("signature", [b"", bytes(64), b"\xff" * 64, b"x" * 63])
def test_what_is_no_signature_is_none(keys: Keys, signature: bytes) -> None:
    assert keys.signer is not None
    assert not keys.signer.public.verifies(b"text", signature)

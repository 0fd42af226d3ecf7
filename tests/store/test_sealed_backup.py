"""What a backup gives away: nothing, without the passphrase; everything back, with it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import msgspec
import pytest

from minkang.store.backup import back_up
from minkang.store.backup_manifest import (
    MANIFEST,
    SEAL,
    BackupRefused,
    Manifest,
    files_below,
    read_manifest,
    sum_of,
    write_manifest,
)
from minkang.store.backup_seal import key_of, own_passphrase, unseal_file, unseal_keys
from minkang.store.restore import restore_files, restoring
from tests.store.installed import command, folders, installed, put, there

pytestmark = pytest.mark.prove

WORDS = "clear-words-of-somebody"


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """An installation at rest, with a resource and a settings file."""
    with folders() as make:
        made = make("home")
        with installed(made) as url:
            asyncio.run(put(made, url, [WORDS]))
        (made / "minkang.toml").write_text(f"# {WORDS}\n")
        yield made
        for name in ("later", "of-old"):
            make(name)


@pytest.fixture(scope="module")
def backup(home: Path) -> Path:
    return back_up(home, home.parent / "backup").folder


def forge(backup: Path, manifest: Manifest) -> None:
    """Write a manifest over the one there, as who knows the form could."""
    for name in (MANIFEST, SEAL):
        (backup / name).unlink()
    write_manifest(backup, manifest)


def test_no_key_and_no_text_lies_in_it_in_the_clear(home: Path, backup: Path) -> None:
    secrets = [path.read_bytes().strip() for path in (home / "keys").iterdir()]
    assert len(secrets) > 5
    for _, path in files_below(backup):
        content = path.read_bytes()
        assert WORDS.encode() not in content, path
        assert not [one for one in secrets if one in content], path


def test_the_words_are_there_to_be_found_were_it_not_sealed(home: Path) -> None:
    """Or the test before could not fail."""
    found = [path for _, path in files_below(home) if WORDS.encode() in path.read_bytes()]
    assert any(path.suffix != ".toml" for path in found)
    assert home / "minkang.toml" in found


def test_another_passphrase_opens_nothing(home: Path, backup: Path) -> None:
    with (
        pytest.raises(BackupRefused, match="does not open it"),
        restoring(backup, home.parent / "wrong", passphrase="not-this-one"),
    ):
        pass
    assert not (home.parent / "wrong").exists()


def test_without_the_old_installation_the_passphrase_must_be_given(
    home: Path, backup: Path, tmp_path: Path
) -> None:
    passphrase = own_passphrase(home / "keys")
    copy = Path(copytree(backup, tmp_path / "copy"))
    forge(copy, msgspec.structs.replace(read_manifest(copy), home="/nowhere"))
    done = command(home, "restore", copy, "--into", home.parent / "later", "--no-archive")
    assert done.returncode == 1
    assert "--passphrase-file" in done.stderr
    kept = tmp_path / "kept"
    kept.write_text(passphrase.upper().lower() + "\n")
    done = command(
        home,
        *("restore", copy, "--into", home.parent / "later", "--no-archive"),
        *("--passphrase-file", kept),
    )
    assert done.returncode == 0, done.stderr


def test_who_writes_the_manifest_anew_still_can_not_change_a_file(
    home: Path, backup: Path, tmp_path: Path
) -> None:
    copy = Path(copytree(backup, tmp_path / "copy"))
    path = copy / "state" / "minkang.toml"
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    manifest = read_manifest(copy)
    sums = {**manifest.files, "state/minkang.toml": sum_of(path)}
    forge(copy, msgspec.structs.replace(manifest, files=sums))
    with (
        pytest.raises(BackupRefused, match=r"minkang\.toml: frame 0"),
        restoring(copy, home.parent / "forged"),
    ):
        pass


def test_files_of_a_backup_can_not_change_places(home: Path, backup: Path, tmp_path: Path) -> None:
    copy = Path(copytree(backup, tmp_path / "copy"))
    one, other = copy / "database" / "PG_VERSION", copy / "state" / "minkang.toml"
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    manifest = read_manifest(copy)
    names = ("database/PG_VERSION", "state/minkang.toml")
    sums = manifest.files | {name: sum_of(copy / name) for name in names}
    forge(copy, msgspec.structs.replace(manifest, files=sums))
    with pytest.raises(BackupRefused, match="not what was sealed"):
        restore_files(copy, home.parent / "swapped")


def test_keys_and_state_come_back_without_the_database(home: Path, backup: Path) -> None:
    into = home.parent / "files"
    restore_files(backup, into)
    assert (into / "minkang.toml").read_text() == f"# {WORDS}\n"
    for name in ("id", "index", "audit", "session", "envelope"):
        file = f"keys/{name}.key"
        assert (into / file).read_bytes() == (home / file).read_bytes()
    assert not (into / "keys" / "recovery.passphrase").exists()


def test_a_backup_of_an_older_release_is_restored(home: Path, backup: Path, tmp_path: Path) -> None:
    """It lies in the clear: made here from a sealed one."""
    manifest, keys = read_manifest(backup), tmp_path / "keys"
    keys.mkdir()
    unseal_keys(backup / "keys" / "keys.sealed", own_passphrase(home / "keys"), keys)
    assert manifest.seal is not None
    key = key_of(manifest.seal, keys)
    old = tmp_path / "old"
    for parent in [path for path in backup.rglob("*") if path.is_dir()]:
        (old / parent.relative_to(backup)).mkdir(parents=True, exist_ok=True)
    for name in manifest.files:
        if not name.startswith("keys/"):
            unseal_file(backup / name, old / name, key, name)
    copytree(keys, old / "keys", dirs_exist_ok=True)
    sums = {name: sum_of(path) for name, path in files_below(old)}
    write_manifest(old, msgspec.structs.replace(manifest, files=sums, seal=None, format=1))
    with restoring(old, home.parent / "of-old") as restored:
        assert asyncio.run(there(restored.url)) == {WORDS}

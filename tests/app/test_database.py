"""An installation begins once; nothing silently begins it again."""

import shutil
from pathlib import Path

import pytest

from minkang.app.database import database
from minkang.app.platform import key_folder
from minkang.config import Settings
from minkang.crypto import KeyFilesMissing


def test_lost_keys_are_not_replaced_beside_an_old_database(
    tmp_path: Path, database_url: str
) -> None:
    settings = Settings(home=tmp_path, database_url=database_url)
    with pytest.raises(KeyFilesMissing, match="restore them from the backup"), database(settings):
        pass


def test_a_new_installation_makes_its_keys(tmp_path: Path, empty_database: str) -> None:
    settings = Settings(home=tmp_path / "new", database_url=empty_database)
    with database(settings) as url:
        assert url == empty_database
    made = {path.name for path in key_folder(settings.home).iterdir()}
    assert made == {
        "audit-sign.key", "audit-sign.pub", "audit.key", "envelope.key", "id.key", "index.key",
        "session.key",
    }  # fmt: skip
    with database(settings):
        pass
    shutil.rmtree(key_folder(settings.home))
    with pytest.raises(KeyFilesMissing), database(settings):
        pass

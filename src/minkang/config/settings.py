"""The settings record and where its values come from."""

import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import msgspec
from msgspec import Meta

from minkang.config.login import LoginSettings, OidcSettings

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
    MINKANG_PORT, which win over the file. `database_password_file` holds the password that is not
    to stand in `database_url`. `tls_certificate` and `tls_key` (PEM) let the
    web server itself speak HTTPS; else a proxy before it does. `secure_cookies` belongs on wherever
    people reach the pages by HTTPS (with a certificate here it is, see `https`); off, cookies also
    travel over plain HTTP on the loopback. `seal`: a new installation seals bodies, messages and
    exports from the first one on. `web_processes` and
    `mllp_processes` 0 are one for each processor, at most four. `archive` is the folder of the
    embedded database's continuous archive; writing stops while less than `disk_reserve_bytes` are
    free. `exports` is the folder for the files of bulk exports, which several servers on one
    database must share; none is one below `home`. `fhir_*` and `export_hours` are the limits of the
    FHIR base. Audit entries stay in the database for `audit_months` (at least six, 网络安全法,
    article 21), then in archives. `alarm_command` is a program with its arguments that is given
    each alarm. `watch` are the folders whose files the worker takes. `login` and `oidc` are the
    settings of the log-in. `proxies` are addresses or networks whose X-Forwarded-For says who asks;
    `public_address` is how browsers reach the pages, as `https://region.example`.
    A code on the resident's screen counts for `code_seconds`, what a system got for it for
    `code_visit_minutes`; one caller scans at most `code_scans_per_minute`; `code_index` is how the
    main index of the published card is derived (`sm3`, or `module:function`).
    A record that a hospital's own system opened in a frame stays open for `launch_minutes`.
    `app_keys_private`: registered apps may keep their public keys in the own network.
    """

    home: Path
    database_url: str | None = None
    database_password_file: Path | None = None
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
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    secure_cookies: bool = False
    seal: bool = True
    message_bytes: Annotated[int, Meta(ge=_KIB, le=256 * _MIB)] = 4 * _MIB
    visit_relation_days: Annotated[int, Meta(ge=0, le=3_650)] = 180
    code_presented_hours: Annotated[int, Meta(ge=0, le=8_760)] = 24
    referral_relation_days: Annotated[int, Meta(ge=0, le=3_650)] = 30
    case_relation_days: Annotated[int, Meta(ge=0, le=3_650)] = 365
    code_seconds: Annotated[int, Meta(ge=5, le=600)] = 60
    code_visit_minutes: Annotated[int, Meta(ge=1, le=1_440)] = 240
    code_scans_per_minute: Annotated[int, Meta(ge=1, le=100_000)] = 300
    code_index: str = "sm3"
    launch_minutes: Annotated[int, Meta(ge=1, le=240)] = 30
    glass_minutes: Annotated[int, Meta(ge=1, le=1_440)] = 60
    glass_review_days: Annotated[int, Meta(ge=1, le=90)] = 3
    objection_days: Annotated[int, Meta(ge=1, le=90)] = 15
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
    audit_months: Annotated[int, Meta(ge=6, le=1_200)] = 24
    alarm_command: tuple[str, ...] = ()
    login: LoginSettings = msgspec.field(default_factory=LoginSettings)
    oidc: tuple[OidcSettings, ...] = ()
    proxies: tuple[str, ...] = ()
    public_address: str | None = None
    app_keys_private: bool = False

    @property
    def https(self) -> bool:
        """Whether people reach the pages by HTTPS: cookies travel no other way then."""
        return self.secure_cookies or self.tls_certificate is not None


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
        settings = msgspec.convert(values, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise SettingsError(f"settings: {error}") from error
    _check_proxies(settings)
    return _with_password(settings)


def _check_proxies(settings: Settings) -> None:
    for one in settings.proxies:
        try:
            ip_network(one, strict=False)
        except ValueError as error:
            raise SettingsError(
                f"settings: {one!r} is no address or network - at `$.proxies`"
            ) from error


def _with_password(settings: Settings) -> Settings:
    """The database's address with the password from its file, where one is named."""
    path = settings.database_password_file
    if path is None or settings.database_url is None:
        return settings
    try:
        password = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} (database_password_file): {error}") from error
    parts = urlsplit(settings.database_url)
    place = parts.netloc.rpartition("@")[2]
    user = quote(unquote(parts.username or "minkang"), safe="")
    netloc = f"{user}:{quote(password, safe='')}@{place}"
    url = urlunsplit(parts._replace(netloc=netloc))
    return msgspec.structs.replace(settings, database_url=url)


def _path(expected: type, value: Any) -> Any:
    if expected is Path:
        return Path(value)
    raise NotImplementedError(expected)

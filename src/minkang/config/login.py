"""Settings of the log-in: table `[login]` and tables `[[oidc]]` of `minkang.toml`."""

from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

CAREFUL_ROLES: Final = (
    "system-administrator",
    "security-administrator",
    "audit-administrator",
    "information-centre",
)

_Minutes = Annotated[int, Meta(ge=1, le=1_440)]
_Hours = Annotated[int, Meta(ge=1, le=168)]


class SessionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a session lives: since its last use, and in all."""

    idle_minutes: _Minutes = 30
    hours: _Hours = 12


class LoginSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Passwords, second factors, sessions.

    `password_days` is after how many days administrators must change their password; 0: never.
    `second_factor_roles` open nothing without a second factor; the demonstration lets them.
    `sessions` are other limits by role or kind of role (`clinical`, `staff`, `resident`,
    `administrator`); they hold for sessions that begin from then on.
    """

    password_length: Annotated[int, Meta(ge=8, le=64)] = 10
    password_history: Annotated[int, Meta(ge=0, le=24)] = 5
    password_days: Annotated[int, Meta(ge=0, le=3_650)] = 0
    second_factor_roles: tuple[str, ...] = CAREFUL_ROLES
    idle_minutes: _Minutes = 30
    hours: _Hours = 12
    sessions: dict[str, SessionSettings] = {}


class OidcSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An OpenID Connect provider that people may log in by.

    `client_secret_file` holds its secret; without one we are a public client. `private`: it lies in
    the own network. `second_factor`: it asks for one itself. `create_role` and
    `create_organisation`: who is unknown gets an account with this post; empty: nobody does.
    """

    id: Annotated[str, Meta(pattern="^[a-z0-9]{1,20}$")]
    name: str
    issuer: str
    client_id: str
    client_secret_file: Path | None = None
    scopes: tuple[str, ...] = ("openid", "profile")
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    private: bool = False
    second_factor: bool = False
    create_role: str = ""
    create_organisation: str = ""

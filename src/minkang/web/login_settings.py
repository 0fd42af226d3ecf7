"""The settings of the log-in, as the accounts package wants them."""

from datetime import timedelta

from minkang.accounts.login_rules import LoginRules, SessionLimits
from minkang.accounts.oidc_provider import OidcRefused, Provider
from minkang.accounts.passwords import PasswordRules
from minkang.accounts.roles import BY_KEY
from minkang.config import OidcSettings, SessionSettings, Settings, SettingsError


def rules_of(settings: Settings, *, demonstration: bool) -> LoginRules:
    """The rules of this installation. In the demonstration nobody needs a second factor.

    Raises:
        SettingsError: a role or kind of role that there is none of: the rule would hold for nobody.
    """
    login = settings.login
    known = {*BY_KEY, *(role.kind for role in BY_KEY.values())}
    named = {"second_factor_roles": set(BY_KEY), "sessions": known}
    for setting, allowed in named.items():
        if unknown := sorted(set(getattr(login, setting)) - allowed):
            raise SettingsError(f"settings: no such role: {', '.join(unknown)} - at `$.login`")
    roles = () if demonstration else login.second_factor_roles
    return LoginRules(
        passwords=PasswordRules(login.password_length, login.password_history),
        password_age=timedelta(days=login.password_days) if login.password_days else None,
        second_factor_roles=frozenset(roles),
        limits=_limits(SessionSettings(idle_minutes=login.idle_minutes, hours=login.hours)),
        limits_by={name: _limits(one) for name, one in login.sessions.items()},
    )


def provider_of(settings: Settings, name: str) -> Provider | None:
    """A provider by its id, with its secret read from its file; None: there is no such provider.

    Raises:
        OidcRefused: `oidc-unavailable`: the file can't be read.
    """
    found = next((one for one in settings.oidc if one.id == name), None)
    return None if found is None else _provider(found)


def public_address(settings: Settings) -> str:
    """How browsers reach the pages. Never told from a request, whose Host anybody may write."""
    if settings.public_address:
        return settings.public_address.rstrip("/")
    scheme = "https" if settings.https else "http"
    return f"{scheme}://{settings.host}:{settings.port}"


def _limits(given: SessionSettings) -> SessionLimits:
    return SessionLimits(timedelta(minutes=given.idle_minutes), timedelta(hours=given.hours))


def _provider(given: OidcSettings) -> Provider:
    secret: str | None = None
    if given.client_secret_file is not None:
        try:
            secret = given.client_secret_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise OidcRefused("oidc-unavailable", f"secret of {given.id}: {error}") from error
    return Provider(
        id=given.id,
        name=given.name,
        issuer=given.issuer,
        client_id=given.client_id,
        secret=secret,
        scopes=given.scopes,
        algorithms=given.algorithms,
        private=given.private,
        second_factor=given.second_factor,
        create_role=given.create_role,
        create_organisation=given.create_organisation,
    )

"""What a region may set about passwords, second factors and sessions. Pure data."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import msgspec

from minkang.accounts.passwords import PasswordRules
from minkang.accounts.roles import ADMINISTRATORS, BY_KEY


class SessionLimits(msgspec.Struct, frozen=True):
    """How long a session lives: since its last use, and in all."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)


class LoginRules(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of one installation.

    Attributes:
        passwords: length and history.
        password_age: after this long administrators must set a new password; None: never.
            GB/T 22239-2019, 8.1.4.1 a) asks for periodic change; NIST SP 800-63B, 5.1.1.2 advises
            against it, since people then only count up. So it is off unless a region wants it.
        second_factor_roles: roles that open nothing without a second factor.
        limits: of a session.
        limits_by: other limits, by role or by kind of role; the role wins.
    """

    passwords: PasswordRules = PasswordRules()
    password_age: timedelta | None = None
    second_factor_roles: frozenset[str] = frozenset()
    limits: SessionLimits = SessionLimits()
    limits_by: Mapping[str, SessionLimits] = {}

    def limits_of(self, role: str) -> SessionLimits:
        """The limits of a session in this role."""
        kind = BY_KEY[role].kind if role in BY_KEY else ""
        return self.limits_by.get(role) or self.limits_by.get(kind) or self.limits

    def age_of(self, role: str) -> timedelta | None:
        """How old a password in this role may get."""
        return self.password_age if role in ADMINISTRATORS else None


DEFAULT_RULES: Final = LoginRules()

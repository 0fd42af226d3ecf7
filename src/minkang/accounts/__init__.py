"""Organisations, accounts, log-in, sessions and bearer tokens.

Lives here: who somebody is. `create_organisation`, `create_account`, `set_password`,
`set_disabled`; `log_in` (refusals are values), `session_account`, `log_out`, `end_all_sessions`;
`issue_token`, `token_account` for scripts and tests. Every log-in, failure, lockout, log-out and
change of an account is written to the audit log before it is answered.

Does not live here: what a role may see (policy), cookies and forms (web).
"""

from minkang.accounts.account import (
    Account,
    account_by_login,
    create_account,
    set_disabled,
)
from minkang.accounts.directory import Directory
from minkang.accounts.login import (
    AddressLocked,
    Busy,
    Disabled,
    Locked,
    LoginRefusal,
    WrongCredentials,
    log_in,
)
from minkang.accounts.open_sessions import end_all_sessions
from minkang.accounts.organisations import (
    Organisation,
    create_organisation,
    organisation_names,
)
from minkang.accounts.password_change import change_password, set_password
from minkang.accounts.refused import AccountRefused
from minkang.accounts.roles import ROLES, Role
from minkang.accounts.sessions import Session, log_out, session_account
from minkang.accounts.tokens import IssuedToken, issue_token, token_account

__all__ = [
    "ROLES",
    "Account",
    "AccountRefused",
    "AddressLocked",
    "Busy",
    "Directory",
    "Disabled",
    "IssuedToken",
    "Locked",
    "LoginRefusal",
    "Organisation",
    "Role",
    "Session",
    "WrongCredentials",
    "account_by_login",
    "change_password",
    "create_account",
    "create_organisation",
    "end_all_sessions",
    "issue_token",
    "log_in",
    "log_out",
    "organisation_names",
    "session_account",
    "set_disabled",
    "set_password",
    "token_account",
]

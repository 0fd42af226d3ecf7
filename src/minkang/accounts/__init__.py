"""Organisations, accounts, log-in, sessions and bearer tokens.

Lives here: who somebody is. `create_organisation`, `create_account`, `set_password`,
`set_disabled`; `log_in` (refusals are values), `session_account`, `log_out`, `end_all_sessions`;
`issue_token`, `token_account` for scripts and tests. Every log-in, failure, lockout, log-out and
change of an account is written to the audit log before it is answered.

Does not live here: what a role may see (policy), cookies and forms (web).
"""

from minkang.accounts.account import (
    ROLES,
    Account,
    AccountRefused,
    Organisation,
    account_by_login,
    create_account,
    create_organisation,
    organisation_names,
    set_disabled,
    set_password,
)
from minkang.accounts.login import (
    Busy,
    Disabled,
    Locked,
    LoginRefusal,
    WrongCredentials,
    log_in,
)
from minkang.accounts.sessions import (
    Session,
    end_all_sessions,
    log_out,
    session_account,
)
from minkang.accounts.tokens import IssuedToken, issue_token, token_account

__all__ = [
    "ROLES",
    "Account",
    "AccountRefused",
    "Busy",
    "Disabled",
    "IssuedToken",
    "Locked",
    "LoginRefusal",
    "Organisation",
    "Session",
    "WrongCredentials",
    "account_by_login",
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

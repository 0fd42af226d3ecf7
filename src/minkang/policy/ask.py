"""What is asked of the policy, and what it answers: the records that every door speaks."""

from typing import Literal

import msgspec

from minkang.accounts import Account
from minkang.policy.consent_state import ConsentState
from minkang.store import Scope

Action = Literal[
    "find-residents",
    "present-code",
    "scan-code",
    "keep-code",
    "manage-codes",
    "open-record",
    "write-record",
    "see-due",
    "launch-record",
    "see-who-looked",
    "break-glass",
    "review-glass",
    "give-consent",
    "witness-consent",
    "manage-family",
    "confirm-guardian",
    "object-to-look",
    "answer-objections",
    "watch-messages",
    "read-message",
    "replay-messages",
    "manage-sources",
    "acknowledge-alarms",
    "manage-targets",
    "see-quality",
    "see-population",
    "see-region",
    "list-files",
    "keep-file",
    "see-file-rates",
    "own-file",
    "answer-corrections",
    "see-register",
    "reconcile-register",
    "review-links",
    "decide-links",
    "read-terminology",
    "map-codes",
    "send-demo-message",
    "read-api",
    "write-api",
    "export-api",
    "cross-reference",
    "read-audit",
    "verify-audit",
    "export-audit",
    "see-home",
    "manage-organisations",
    "manage-people",
    "end-sessions",
    "manage-own-login",
    "unlock-logins",
    "manage-services",
    "manage-apps",
    "approve-apps",
    "authorize-app",
    "see-policy",
    "try-policy",
    "propose-policy",
    "approve-policy",
    "see-keys",
    "rotate-keys",
    "see-security",
]
Purpose = Literal[
    "treatment",
    "public-health",
    "management",
    "supervision",
    "research",
    "own-record",
    "emergency",
    "operations",
    "administration",
    "none",
]
Mask = Literal["", "list", "pseudonym"]

NOTHING_CONSENTED = ConsentState()


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """What connects an account with a resident now, and what of the resident matters to the rules.

    Attributes:
        visit: there is a visit at the account's institution within the time the region set.
        contract: a family-doctor contract of the resident with that institution is in force.
        referral: a referral or consultation to that institution is open.
        call: the resident is in a call of the account's ambulance station.
        code_presented: the resident has shown the code to this clinician within the time set.
        guardian: the account's person stands for the resident.
        glass: this clinician has broken the glass for the resident, and it is still open.
        case: the resident is a case of a notifiable disease.
        consent: the resident's consent to sharing, as it stands for this account.
        minor: younger than 18; adolescent: from 14 to 17; young: younger than 7.
    """

    visit: bool = False
    contract: bool = False
    referral: bool = False
    call: bool = False
    code_presented: bool = False
    guardian: bool = False
    glass: bool = False
    case: bool = False
    consent: ConsentState = NOTHING_CONSENTED
    minor: bool = False
    adolescent: bool = False
    young: bool = False


NO_RELATION = Relation()


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A question to the policy.

    Attributes:
        account: who asks; None if nobody is logged in.
        purpose: only rules for this purpose may speak; None: any.
        person, patients: the resident it is about and the linked Patients, if about one.
        named: a resident was named, whether there is such a one or not.
        district: ids of the organisations in the account's district; see `facts`.
        relation: as found for account and resident.
        code_fits: of `present-code`: what was typed is this resident's code.
        file_kept: of `keep-file`: the account's institution keeps the resident's health file, or
            should by where the resident lives (asked of `record.files`).
        wrong_codes: how often the account typed a wrong one in the last quarter of an hour.
        open_base: it came in at the FHIR base of a server started with `--open`, which only
            listens to its own machine: there nobody is logged in.
    """

    account: Account | None
    action: Action
    purpose: Purpose | None = None
    person: str | None = None
    patients: frozenset[str] = frozenset()
    named: bool = False
    district: frozenset[str] = frozenset()
    relation: Relation = NO_RELATION
    code_fits: bool = False
    file_kept: bool = False
    wrong_codes: int = 0
    open_base: bool = False


class Decision(msgspec.Struct, frozen=True):
    """The answer.

    Attributes:
        reason: the key of what allowed or refused it.
        scope: what may be read, compiled into every query.
        mask: how what is read is masked before it leaves (`policy.mask`).
        rules: ids of the policy's rows that spoke.
        version: the version of the policy that decided.
    """

    allowed: bool
    reason: str
    purpose: Purpose
    scope: Scope
    mask: Mask = ""
    rules: tuple[str, ...] = ()
    version: int = 0

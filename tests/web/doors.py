"""Every door of the web application: who may pass, and what is written down."""

import msgspec

DOCTOR, RESIDENT, CENTRE = "doctor", "resident", "information-centre"
_NONE_SUCH = "00000000-0000-4000-8000-000000000000"

PUBLIC = frozenset(
    {
        ("GET", "/"),  # leads to the log-in or to the role's own pages, shows nothing
        ("GET", "/login"),
        ("POST", "/login"),
        ("POST", "/logout"),
        ("POST", "/language"),
        ("POST", "/simple"),  # larger type, kept for oneself
        # Steps of the log-in: they know only whose password was right, and lead to the log-in else.
        ("GET", "/login/second-factor"),
        ("POST", "/login/second-factor"),
        ("GET", "/login/enrol"),
        ("POST", "/login/enrol"),
        ("GET", "/login/password"),
        ("POST", "/login/password"),
        ("POST", "/login/strength"),
        ("GET", "/login/oidc/{provider:str}"),
        ("GET", "/login/oidc/{provider:str}/back"),
        ("GET", "/recover/{token:str}"),  # whoever holds the link, which is good once
        ("POST", "/recover"),
        ("GET", "/launch/{token:str}"),  # whoever holds the link, which is good once
        ("GET", "/launch"),  # whoever holds what a registered system signed, good once
        ("GET", "/launch/over/{code:str}"),  # says why a frame is shut, shows nothing
        ("GET", "/health/live"),
        ("GET", "/health/ready"),
        ("GET", "/static/{file_path:path}"),
        ("HEAD", "/static/{file_path:path}"),
    }
)
"""Doors that stand open. A new one belongs here only with a reason."""


FHIR_PUBLIC = frozenset(
    {
        ("GET", "/fhir/metadata"),
        ("GET", "/fhir/.well-known/smart-configuration"),
        ("GET", "/fhir/.well-known/openid-configuration"),
    }
)
"""What the FHIR base tells everybody."""

WITHIN_SCOPE = frozenset(
    {
        ("GET", "/fhir"),
        ("GET", "/fhir/_history"),
        ("GET", "/fhir/{type}/_history"),
        ("GET", "/fhir/Encounter/{id}/$wst500"),
    }
)
"""What people may ask for without naming a resident: they get what the policy opens of all, at most
the directory and the own institution's list of visits."""

BY_NUMBER = frozenset({("GET", "/fhir/Patient/$ihe-pix"), ("POST", "/fhir/Patient/$ihe-pix")})
"""Doors that name a resident by a number: who may read the resident passes, nobody else."""

FOR_SYSTEMS = frozenset(
    {
        ("POST", "/fhir/Patient/$match"),
        ("GET", "/fhir/Person/$link-changes"),
        ("POST", "/fhir"),
        ("POST", "/fhir/_search"),
        ("GET", "/fhir/$export"),
        ("POST", "/fhir/$export"),
        ("GET", "/fhir/$export-status/{job}"),
        ("DELETE", "/fhir/$export-status/{job}"),
        ("GET", "/fhir/$export-file/{job}/{name}"),
        ("GET", "/fhir/Patient/$export"),
        ("POST", "/fhir/Patient/$export"),
        ("GET", "/fhir/Group/$export"),
        ("GET", "/fhir/Group/{id}/$export"),
        ("POST", "/fhir/Group/{id}/$export"),
        ("POST", "/fhir/{type}"),
        ("PUT", "/fhir/{type}"),
        ("PATCH", "/fhir/{type}"),
        ("DELETE", "/fhir/{type}"),
        ("POST", "/fhir/{type}/_search"),
        ("POST", "/fhir/{type}/$validate"),
        ("PUT", "/fhir/{type}/{id}"),
        ("PATCH", "/fhir/{type}/{id}"),
        ("DELETE", "/fhir/{type}/{id}"),
        ("POST", "/fhir/{type}/{id}/$validate"),
        ("POST", "/fhir/Patient/{id}/$summary"),
        ("POST", "/fhir/Patient/{id}/{type}/_search"),
        ("GET", "/fhir/DocumentReference/{id}/$wst500"),
        ("GET", "/fhir/CodeSystem/{id}/$subsumes"),
        ("GET", "/fhir/CodeSystem/{id}/$validate-code"),
        ("GET", "/fhir/ConceptMap/{id}/$translate"),
        ("GET", "/fhir/ValueSet/{id}/$expand"),
        ("GET", "/fhir/ValueSet/{id}/$validate-code"),
        ("POST", "/fhir/CodeSystem/$lookup"),
        ("POST", "/fhir/CodeSystem/$subsumes"),
        ("POST", "/fhir/CodeSystem/$validate-code"),
        ("POST", "/fhir/CodeSystem/{id}/$subsumes"),
        ("POST", "/fhir/CodeSystem/{id}/$validate-code"),
        ("POST", "/fhir/ConceptMap/$translate"),
        ("POST", "/fhir/ConceptMap/{id}/$translate"),
        ("POST", "/fhir/ValueSet/$expand"),
        ("POST", "/fhir/ValueSet/$validate-code"),
        ("POST", "/fhir/ValueSet/{id}/$expand"),
        ("POST", "/fhir/ValueSet/{id}/$validate-code"),
    }
)
"""Doors of the FHIR base that no person passes with a browser's session."""


class Whom(msgspec.Struct, frozen=True):
    """Ids under which doors know one resident."""

    person: str = "nobody"
    patient: str = "nobody"


class Door(msgspec.Struct, frozen=True):
    """A door that is shut.

    Attributes:
        path: as the application writes it, `{person:str}` and the like in it.
        action: what the audit log calls passing it.
        roles: who may pass, given the right to what lies behind it.
        form: what is sent to it.
        query: what is asked for behind the path, `{patient}` in it.
    """

    method: str
    path: str
    action: str
    roles: frozenset[str]
    form: dict[str, str] = {}
    query: str = ""

    @property
    def about(self) -> bool:
        """Whether it is about a resident whom the address names."""
        return any(part in self.path + self.query for part in ("{person", "{id}", "{patient"))

    @property
    def for_people(self) -> bool:
        """Whether a person's browser asks here for a page."""
        machine = self.path.startswith("/fhir") or self.path.endswith("/events")
        return self.method == "GET" and not machine

    def at(self, whom: Whom) -> str:
        """The address, for one resident."""
        values = {
            "{person:str}": whom.person,
            "{patient}": whom.patient,
            "{kind:str}": "Patient",
            "{key:str}": whom.patient,
            "{patient:str}": whom.patient,
            "{difference_id:str}": "0" * 24,
            "Patient/{id}/{type}": f"Patient/{whom.patient}/Observation",
            "{type}": "Observation" if self.query else "Patient",
            "{id}": whom.patient,
            "{version}": "1",
            "{message:int}": "1",
            "{source:str}": "haibin",
            "{day:str}": "2026-11-20",
            "{alarm:int}": "1",
            "{target:str}": "city",
            "{control_id:str}": "DEMO0",
            "{glass:str}": _NONE_SUCH,
            "{objection:str}": _NONE_SUCH,
            "{notice:str}": _NONE_SUCH,
            "{mark:str}": f"0.{'0' * 32}.1",
            "{number:int}": "1",
            "{pair:str}": "nobody~somebody",
            "{app:str}": _NONE_SUCH,
            "{account:str}": _NONE_SUCH,
            "{organisation:str}": "MK-NOWHERE",
            "{correction:str}": _NONE_SUCH,
            "{division:str}": "371002",
            "{institution:str}": "MK-NOWHERE",
            "{note:str}": "0" * 32,
            "{form:str}": "hypertension-followup",
        }
        address = self.path + self.query
        for name, value in values.items():
            address = address.replace(name, value)
        return address

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


_DOCTOR, _RESIDENT, _CENTRE = frozenset({DOCTOR}), frozenset({RESIDENT}), frozenset({CENTRE})
_READERS = frozenset({DOCTOR, RESIDENT})
_REVIEWERS = frozenset({"security-administrator", "supervisor"})
_FAMILY_DOCTORS = frozenset({"gp", "village-doctor"})
_AUDITORS = frozenset({"audit-administrator"})
_ALL = frozenset({DOCTOR, RESIDENT, CENTRE})
_SECURITY = frozenset({"security-administrator"})
_SYSTEM = frozenset({"system-administrator"})
_FIGURES = frozenset({CENTRE, "planner", "supervisor", "cdc"})
_ANSWERERS = _FAMILY_DOCTORS | {DOCTOR}

DOORS = (
    Door("GET", "/doctor", "find-residents", _DOCTOR),
    Door("POST", "/doctor", "find-residents", _DOCTOR, {"q": "wang"}),
    Door("GET", "/doctor/today/body", "find-residents", _DOCTOR),
    Door("GET", "/doctor/today/events", "find-residents", _DOCTOR),
    Door("POST", "/doctor/results", "find-residents", _DOCTOR, {"q": "wang"}),
    Door("GET", "/record/{person:str}", "open-record", _DOCTOR),
    Door("GET", "/record/{person:str}/body", "open-record", _DOCTOR),
    Door("GET", "/record/{person:str}/events", "open-record", _DOCTOR),
    Door("GET", "/record/{person:str}/fact/{kind:str}/{key:str}", "open-record", _READERS),
    Door("GET", "/record/{person:str}/print.pdf", "open-record", _DOCTOR),
    Door("POST", "/record/{person:str}/code", "present-code", _DOCTOR, {"code": "0" * 16}),
    Door("POST", "/record/{person:str}/consent", "witness-consent", _DOCTOR, {"code": "0" * 16}),
    Door("POST", "/record/{person:str}/glass", "break-glass", _DOCTOR, {"reason": "other"}),
    Door("GET", "/record/{person:str}/notes", "write-record", _DOCTOR),
    Door("GET", "/record/{person:str}/notes/new", "write-record", _DOCTOR),
    Door("GET", "/record/{person:str}/notes/{note:str}", "write-record", _DOCTOR),
    Door("POST", "/record/{person:str}/notes", "write-record", _DOCTOR, {"text": "x"}),
    Door("GET", "/record/{person:str}/notes/{note:str}/withdraw", "write-record", _DOCTOR),
    Door("POST", "/record/{person:str}/notes/{note:str}/withdraw", "write-record", _DOCTOR),
    Door("GET", "/record/{person:str}/forms/{form:str}", "write-record", _DOCTOR),
    Door("POST", "/record/{person:str}/forms/{form:str}", "write-record", _DOCTOR, {"way": "1"}),
    Door("POST", "/record/{person:str}/forms/{form:str}/check", "write-record", _DOCTOR),
    Door("GET", "/doctor/residents", "see-due", _FAMILY_DOCTORS),
    Door("GET", "/doctor/glass", "break-glass", _DOCTOR),
    Door("POST", "/doctor/glass/{glass:str}/answer", "break-glass", _DOCTOR),
    Door("GET", "/glass", "review-glass", _REVIEWERS),
    Door("GET", "/glass/{glass:str}", "review-glass", _REVIEWERS),
    Door("POST", "/glass/{glass:str}/review", "review-glass", _REVIEWERS),
    Door("GET", "/doctor/scan", "find-residents", _DOCTOR),
    Door("POST", "/doctor/scan", "scan-code", _DOCTOR, {"code": "1" * 20}),
    Door("GET", "/health-codes", "manage-codes", _DOCTOR),
    Door("POST", "/health-codes", "manage-codes", _DOCTOR, {"number": "1", "name": "x"}),
    Door("POST", "/health-codes/change", "manage-codes", _DOCTOR, {"action": "freeze"}),
    Door("POST", "/health-codes/bind", "manage-codes", _DOCTOR, {"card": "1234"}),
    Door("POST", "/health-codes/unbind", "manage-codes", _DOCTOR, {"card": "1"}),
    Door("POST", "/health-codes/claim", "manage-codes", _DOCTOR, {"card": "1"}),
    Door("POST", "/health-codes/print", "manage-codes", _DOCTOR, {"number": "1"}),
    Door("GET", "/families", "confirm-guardian", _FAMILY_DOCTORS),
    Door("POST", "/families", "confirm-guardian", _FAMILY_DOCTORS),
    Door("POST", "/families/decide", "confirm-guardian", _FAMILY_DOCTORS),
    Door("GET", "/files", "list-files", _FAMILY_DOCTORS),
    Door("GET", "/files/rates", "see-file-rates", _FIGURES | _FAMILY_DOCTORS),
    Door("GET", "/files/{person:str}", "keep-file", _FAMILY_DOCTORS),
    Door("POST", "/files/{person:str}", "keep-file", _FAMILY_DOCTORS, {"action": "checked"}),
    Door("GET", "/files/{person:str}/sheet", "keep-file", _FAMILY_DOCTORS),
    Door("POST", "/files/{person:str}/sheet", "keep-file", _FAMILY_DOCTORS, {"version": "1"}),
    Door("GET", "/corrections", "answer-corrections", _ANSWERERS),
    Door("GET", "/corrections/{correction:str}", "answer-corrections", _ANSWERERS),
    Door("POST", "/corrections/{correction:str}", "answer-corrections", _ANSWERERS),
    Door("GET", "/me/file", "own-file", _RESIDENT),
    Door("POST", "/me/file", "own-file", _RESIDENT),
    Door("GET", "/me/corrections", "own-file", _RESIDENT),
    Door("POST", "/me/corrections", "own-file", _RESIDENT),
    Door("GET", "/me/family/{person:str}/file", "own-file", _RESIDENT),
    Door("POST", "/me/family/{person:str}/file", "own-file", _RESIDENT),
    Door("GET", "/me/family/{person:str}/corrections", "own-file", _RESIDENT),
    Door("POST", "/me/family/{person:str}/corrections", "own-file", _RESIDENT),
    Door("GET", "/audit", "read-audit", _AUDITORS),
    Door("GET", "/audit/entry/{mark:str}", "read-audit", _AUDITORS),
    Door("POST", "/audit/export", "export-audit", _AUDITORS),
    Door("GET", "/audit/verification", "verify-audit", _AUDITORS),
    Door("GET", "/audit/verification/live", "verify-audit", _AUDITORS),
    Door("POST", "/audit/verification", "verify-audit", _AUDITORS, {"what": "recent"}),
    Door("GET", "/audit/archive/{number:int}", "read-audit", _AUDITORS),
    Door("GET", "/audit/unusual", "read-audit", _AUDITORS),
    Door("GET", "/objections", "answer-objections", _AUDITORS),
    Door("POST", "/objections/{objection:str}/answer", "answer-objections", _AUDITORS),
    Door("GET", "/me", "open-record", _RESIDENT),
    Door("GET", "/me/record", "open-record", _RESIDENT),
    Door("GET", "/me/results", "open-record", _RESIDENT),
    Door("GET", "/me/medicines", "open-record", _RESIDENT),
    Door("GET", "/me/visits", "open-record", _RESIDENT),
    Door("GET", "/me/vaccinations", "open-record", _RESIDENT),
    Door("GET", "/me/growth", "open-record", _RESIDENT),
    Door("GET", "/me/documents", "open-record", _RESIDENT),
    Door("GET", "/me/emergency", "open-record", _RESIDENT),
    Door("GET", "/me/more", "open-record", _RESIDENT),
    Door("GET", "/me/print.pdf", "open-record", _RESIDENT),
    Door("GET", "/me/family/{person:str}/print.pdf", "open-record", _RESIDENT),
    Door("GET", "/me/access", "see-who-looked", _RESIDENT),
    Door("POST", "/me/access/objection", "object-to-look", _RESIDENT),
    Door("POST", "/me/notices/{notice:str}/seen", "see-who-looked", _RESIDENT),
    Door("GET", "/me/consent", "give-consent", _RESIDENT),
    Door("POST", "/me/consent", "give-consent", _RESIDENT),
    Door("GET", "/me/family", "manage-family", _RESIDENT),
    Door("POST", "/me/family", "manage-family", _RESIDENT),
    Door("POST", "/me/family/end", "manage-family", _RESIDENT),
    Door("GET", "/me/family/{person:str}", "open-record", _RESIDENT),
    Door("GET", "/me/family/{person:str}/results", "open-record", _RESIDENT),
    Door("GET", "/me/family/{person:str}/medicines", "open-record", _RESIDENT),
    Door("GET", "/me/family/{person:str}/visits", "open-record", _RESIDENT),
    Door("GET", "/me/family/{person:str}/vaccinations", "open-record", _RESIDENT),
    Door("GET", "/me/family/{person:str}/growth", "open-record", _RESIDENT),
    Door("GET", "/me/family/{person:str}/documents", "open-record", _RESIDENT),
    Door("GET", "/me/family/{person:str}/emergency", "open-record", _RESIDENT),
    Door("GET", "/me/family/{person:str}/access", "see-who-looked", _RESIDENT),
    Door("POST", "/me/family/{person:str}/access/objection", "object-to-look", _RESIDENT),
    Door("GET", "/me/family/{person:str}/consent", "give-consent", _RESIDENT),
    Door("POST", "/me/family/{person:str}/consent", "give-consent", _RESIDENT),
    Door("GET", "/me/health-code", "keep-code", _RESIDENT),
    Door("GET", "/me/health-code/{person:str}", "keep-code", _RESIDENT),
    Door("POST", "/me/health-code/{person:str}", "keep-code", _RESIDENT, {"action": "x"}),
    Door("GET", "/me/health-code/{person:str}/live", "keep-code", _RESIDENT),
    Door("GET", "/me/health-code/{person:str}/print", "keep-code", _RESIDENT),
    Door("GET", "/me/code", "open-record", _RESIDENT),
    Door("GET", "/me/code.svg", "open-record", _RESIDENT),
    Door("GET", "/my/sessions", "manage-own-login", _ALL),
    Door("POST", "/my/sessions/end", "manage-own-login", _ALL, {"session": "x"}),
    Door("POST", "/my/sessions/end-others", "manage-own-login", _ALL),
    Door("POST", "/my/sessions/end-all", "manage-own-login", _ALL),
    Door("GET", "/my/password", "manage-own-login", _ALL),
    Door("POST", "/my/password", "manage-own-login", _ALL),
    Door("GET", "/my/second-factor", "manage-own-login", _ALL),
    Door("POST", "/my/second-factor", "manage-own-login", _ALL),
    Door("POST", "/my/second-factor/codes", "manage-own-login", _ALL),
    Door("POST", "/my/second-factor/remove", "manage-own-login", _ALL),
    Door("GET", "/my/confirm", "manage-own-login", _ALL),
    Door("POST", "/my/confirm", "manage-own-login", _ALL),
    Door("POST", "/my/identities/link", "manage-own-login", _ALL),
    Door("POST", "/my/identities/unlink", "manage-own-login", _ALL),
    Door("GET", "/security/policy", "see-policy", _SECURITY | _AUDITORS),
    Door("GET", "/security/policy/edit", "propose-policy", _SECURITY),
    Door("POST", "/security/policy/edit", "propose-policy", _SECURITY, {"text": "rows: []"}),
    Door("GET", "/security/policy/versions/{number:int}", "see-policy", _SECURITY | _AUDITORS),
    Door("POST", "/security/policy/versions/{number:int}", "approve-policy", _SECURITY),
    Door("GET", "/security/policy/try", "try-policy", _SECURITY),
    Door("POST", "/security/policy/try", "try-policy", _SECURITY, {"resident": "x"}),
    Door("GET", "/security/keys", "see-keys", _SECURITY),
    Door("POST", "/security/keys/rotate", "rotate-keys", _SECURITY),
    Door("POST", "/security/keys/reseal", "rotate-keys", _SECURITY),
    Door("GET", "/security/list", "see-security", _SECURITY | _SYSTEM),
    Door("GET", "/security/log-ins", "unlock-logins", _SECURITY),
    Door("POST", "/security/log-ins/unlock", "unlock-logins", _SECURITY, {"address": "192.0.2.1"}),
    Door("GET", "/administration/organisations", "manage-organisations", _SYSTEM),
    Door("GET", "/administration/organisations/new", "manage-organisations", _SYSTEM),
    Door("POST", "/administration/organisations/new", "manage-organisations", _SYSTEM),
    Door(
        "GET", "/administration/organisations/{organisation:str}", "manage-organisations", _SYSTEM
    ),
    Door(
        "POST", "/administration/organisations/{organisation:str}", "manage-organisations", _SYSTEM
    ),
    Door(
        "POST",
        "/administration/organisations/{organisation:str}/end",
        "manage-organisations",
        _SYSTEM,
    ),
    Door("GET", "/administration/people", "manage-people", _SYSTEM),
    Door("GET", "/administration/people/new", "manage-people", _SYSTEM),
    Door("POST", "/administration/people/new", "manage-people", _SYSTEM),
    Door("GET", "/administration/people/{account:str}", "manage-people", _SYSTEM),
    Door("POST", "/administration/people/{account:str}", "manage-people", _SYSTEM),
    Door("POST", "/administration/people/{account:str}/state", "manage-people", _SYSTEM),
    Door("POST", "/administration/people/{account:str}/sessions", "end-sessions", _SYSTEM),
    Door("POST", "/administration/people/{account:str}/posts", "manage-people", _SYSTEM),
    Door("POST", "/administration/people/{account:str}/posts/end", "manage-people", _SYSTEM),
    Door("GET", "/administration/roles", "manage-people", _SYSTEM),
    Door("GET", "/administration/import", "manage-people", _SYSTEM),
    Door("GET", "/administration/import/template", "manage-people", _SYSTEM),
    Door("POST", "/administration/import/check", "manage-people", _SYSTEM),
    Door("POST", "/administration/import/apply", "manage-people", _SYSTEM),
    Door("GET", "/home", "see-home", _ALL),
    Door("POST", "/home/post", "see-home", _ALL),
    Door("POST", "/administration/people/{account:str}/recovery-link", "manage-people", _SYSTEM),
    Door("GET", "/administration/services", "manage-services", _SYSTEM),
    Door("POST", "/administration/services", "manage-services", _SYSTEM),
    Door("POST", "/administration/services/{service:str}/rotate", "manage-services", _SYSTEM),
    Door("POST", "/administration/services/{service:str}/end", "manage-services", _SYSTEM),
    Door("GET", "/centre/messages", "watch-messages", _CENTRE),
    Door("GET", "/centre/messages/live", "watch-messages", _CENTRE),
    Door("GET", "/centre/messages/{message:int}", "read-message", _CENTRE),
    Door("POST", "/centre/messages/{message:int}/replay", "replay-messages", _CENTRE),
    Door("GET", "/centre/quarantine", "watch-messages", _CENTRE),
    Door("POST", "/centre/quarantine/replay", "replay-messages", _CENTRE, {"action": "one:1"}),
    Door("GET", "/centre/sources", "watch-messages", _CENTRE),
    Door("GET", "/centre/sources/live", "watch-messages", _CENTRE),
    Door("GET", "/centre/sources/new", "manage-sources", _CENTRE),
    Door("POST", "/centre/sources/new", "manage-sources", _CENTRE, {"id": "zhongxin"}),
    Door("GET", "/centre/sources/{source:str}", "watch-messages", _CENTRE),
    Door("POST", "/centre/sources/{source:str}/settings", "manage-sources", _CENTRE),
    Door("POST", "/centre/sources/{source:str}/switch", "manage-sources", _CENTRE),
    Door("POST", "/centre/sources/{source:str}/credentials", "manage-sources", _CENTRE),
    Door("POST", "/centre/sources/{source:str}/credentials/revoke", "manage-sources", _CENTRE),
    Door("GET", "/centre/sources/{source:str}/setup/who", "manage-sources", _CENTRE),
    Door("POST", "/centre/sources/{source:str}/setup/who", "manage-sources", _CENTRE),
    Door("GET", "/centre/sources/{source:str}/setup/how", "manage-sources", _CENTRE),
    Door("POST", "/centre/sources/{source:str}/setup/how", "manage-sources", _CENTRE),
    Door("GET", "/centre/sources/{source:str}/setup/credentials", "manage-sources", _CENTRE),
    Door("POST", "/centre/sources/{source:str}/setup/credentials", "manage-sources", _CENTRE),
    Door("GET", "/centre/sources/{source:str}/setup/test", "manage-sources", _CENTRE),
    Door("GET", "/centre/sources/{source:str}/setup/test/live", "manage-sources", _CENTRE),
    Door("POST", "/centre/sources/{source:str}/setup/test/judge", "manage-sources", _CENTRE),
    Door("POST", "/centre/sources/{source:str}/setup/test/try", "manage-sources", _CENTRE),
    Door("POST", "/centre/sources/{source:str}/setup/test/mapping", "manage-sources", _CENTRE),
    Door("GET", "/centre/sources/{source:str}/setup/live", "manage-sources", _CENTRE),
    Door("POST", "/centre/sources/{source:str}/setup/live", "manage-sources", _CENTRE),
    Door("GET", "/centre/alarms", "watch-messages", _CENTRE),
    Door("POST", "/centre/alarms/{alarm:int}/acknowledge", "acknowledge-alarms", _CENTRE),
    Door("GET", "/centre/targets", "watch-messages", _CENTRE),
    Door("GET", "/centre/targets/{target:str}", "watch-messages", _CENTRE),
    Door("POST", "/centre/targets/{target:str}/again", "manage-targets", _CENTRE),
    Door("GET", "/centre/codes", "map-codes", _CENTRE),
    Door("GET", "/centre/codes/one", "map-codes", _CENTRE),
    Door("POST", "/centre/codes/decide", "map-codes", _CENTRE, {"action": "none"}),
    Door("GET", "/centre/codes/table", "map-codes", _CENTRE),
    Door("POST", "/centre/codes/check", "map-codes", _CENTRE, {"source": "haibin"}),
    Door("POST", "/centre/codes/import", "map-codes", _CENTRE, {"source": "haibin"}),
    Door("GET", "/centre/terminology", "read-terminology", _CENTRE),
    Door("GET", "/centre/terminology/system", "read-terminology", _CENTRE),
    Door("GET", "/centre/terminology/set", "read-terminology", _CENTRE),
    Door("GET", "/centre/sources/{source:str}/report", "watch-messages", _CENTRE),
    Door("GET", "/centre/quality", "watch-messages", _CENTRE),
    Door("GET", "/centre/quality/{source:str}", "watch-messages", _CENTRE),
    Door("GET", "/centre/reconciliation", "watch-messages", _CENTRE),
    Door("GET", "/centre/reconciliation/{source:str}/{day:str}", "watch-messages", _CENTRE),
    Door(
        "POST",
        "/centre/reconciliation/{source:str}/{day:str}/resend",
        "manage-sources",
        _CENTRE,
        {"kind": "visits"},
    ),
    Door("GET", "/region", "see-region", _FIGURES),
    Door("GET", "/region/{division:str}", "see-region", _FIGURES),
    Door("GET", "/region/institution/{institution:str}", "see-region", _FIGURES),
    Door("GET", "/region/definitions", "see-region", _FIGURES),
    Door("GET", "/region/export", "see-region", _FIGURES),
    Door("GET", "/population", "see-population", _FIGURES),
    Door("GET", "/population/residents", "see-register", _CENTRE),
    Door("POST", "/population/residents", "see-register", _CENTRE, {"q": "wang"}),
    Door("GET", "/population/residents/{patient:str}", "see-register", _CENTRE),
    Door("GET", "/population/events", "see-register", _CENTRE),
    Door("GET", "/population/differences", "reconcile-register", _CENTRE),
    Door("GET", "/population/differences/{difference_id:str}", "reconcile-register", _CENTRE),
    Door("POST", "/population/differences/{difference_id:str}", "reconcile-register", _CENTRE),
    Door("GET", "/centre/identity", "review-links", _CENTRE),
    Door("GET", "/centre/identity/labels", "review-links", _CENTRE),
    Door("GET", "/centre/identity/review", "review-links", _CENTRE),
    Door("GET", "/centre/identity/review/table", "review-links", _CENTRE),
    Door("GET", "/centre/identity/review/second", "review-links", _CENTRE),
    Door("GET", "/centre/identity/review/{pair:str}", "review-links", _CENTRE),
    Door("POST", "/centre/identity/review/{pair:str}/show", "review-links", _CENTRE),
    Door("POST", "/centre/identity/review/{pair:str}/take", "decide-links", _CENTRE),
    Door("POST", "/centre/identity/review/{pair:str}/release", "decide-links", _CENTRE),
    Door("POST", "/centre/identity/review/{pair:str}/decide", "decide-links", _CENTRE),
    Door("POST", "/centre/identity/review/{pair:str}/answer", "decide-links", _CENTRE),
    Door("POST", "/centre/identity/review/{pair:str}/revoke", "decide-links", _CENTRE),
    Door("GET", "/centre/identity/links", "review-links", _CENTRE),
    Door("POST", "/centre/identity/links", "review-links", _CENTRE, {"q": "wang"}),
    Door("GET", "/centre/identity/links/{person:str}", "review-links", _CENTRE),
    Door("POST", "/centre/identity/links/{person:str}/split", "decide-links", _CENTRE),
    Door("POST", "/centre/identity/links/{person:str}/revoke", "decide-links", _CENTRE),
    Door("GET", "/centre/store", "watch-messages", _CENTRE),
    Door("GET", "/centre/store/live", "watch-messages", _CENTRE),
    Door("GET", "/fhir/{type}", "read-api", _READERS, query="?patient={patient}"),
    Door("GET", "/fhir/{type}/{id}", "read-api", _READERS),
    Door("GET", "/fhir/{type}/{id}/_history", "read-api", _READERS),
    Door("GET", "/fhir/{type}/{id}/_history/{version}", "read-api", _READERS),
    Door("GET", "/fhir/{type}/{id}/$validate", "read-api", _READERS),
    Door("GET", "/fhir/Patient/{id}/$everything", "read-api", _READERS),
    Door("GET", "/fhir/Patient/{id}/$summary", "read-api", _READERS),
    Door("GET", "/fhir/Patient/{id}/{type}", "read-api", _READERS),
    Door("GET", "/fhir/CodeSystem/$lookup", "read-terminology", _CENTRE),
    Door("GET", "/fhir/CodeSystem/$subsumes", "read-terminology", _CENTRE),
    Door("GET", "/fhir/CodeSystem/$validate-code", "read-terminology", _CENTRE),
    Door("GET", "/fhir/ConceptMap/$translate", "read-terminology", _CENTRE),
    Door("GET", "/fhir/ValueSet/$expand", "read-terminology", _CENTRE),
    Door("GET", "/fhir/ValueSet/$validate-code", "read-terminology", _CENTRE),
    Door("GET", "/oauth/authorize", "authorize-app", _READERS),
    Door("POST", "/oauth/authorize", "authorize-app", _READERS, {"decision": "allow"}),
    Door("GET", "/my/apps", "authorize-app", _READERS),
    Door("POST", "/my/apps", "authorize-app", _READERS, {"grant": "x"}),
    Door("GET", "/record/{person:str}/apps", "open-record", _DOCTOR),
    Door("POST", "/record/{person:str}/apps", "open-record", _DOCTOR, {"app": "x"}),
    Door("GET", "/administration/apps", "manage-apps", _SYSTEM),
    Door("GET", "/administration/apps/new", "manage-apps", _SYSTEM),
    Door("POST", "/administration/apps/new", "manage-apps", _SYSTEM, {"name": "x"}),
    Door("GET", "/administration/apps/{app:str}", "manage-apps", _SYSTEM),
    Door("POST", "/administration/apps/{app:str}", "manage-apps", _SYSTEM, {"action": "secret"}),
    Door("GET", "/security/apps", "approve-apps", _SECURITY),
    Door("GET", "/security/apps/{app:str}", "approve-apps", _SECURITY),
    Door("POST", "/security/apps/{app:str}", "approve-apps", _SECURITY, {"action": "approve"}),
    Door("GET", "/security/apps/{app:str}/frames", "approve-apps", _SECURITY),
    Door("POST", "/security/apps/{app:str}/frames", "approve-apps", _SECURITY, {"origins": "x"}),
    Door("POST", "/demo/send", "send-demo-message", _ALL),
    Door("GET", "/demo/sent/{control_id:str}", "send-demo-message", _ALL),
)

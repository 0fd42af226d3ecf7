"""Every door of the web application: who may pass, and what is written down."""

import msgspec

DOCTOR, RESIDENT, CENTRE = "doctor", "resident", "information-centre"

PUBLIC = frozenset(
    {
        ("GET", "/"),  # leads to the log-in or to the role's own pages, shows nothing
        ("GET", "/login"),
        ("POST", "/login"),
        ("POST", "/logout"),
        ("POST", "/language"),
        ("GET", "/health/live"),
        ("GET", "/health/ready"),
        ("GET", "/static/{file_path:path}"),
        ("HEAD", "/static/{file_path:path}"),
    }
)
"""Doors that stand open. A new one belongs here only with a reason."""


FHIR_PUBLIC = frozenset({("GET", "/fhir/metadata")})
"""What the FHIR base tells everybody."""

FOR_SYSTEMS = frozenset(
    {
        ("GET", "/fhir"),
        ("POST", "/fhir"),
        ("POST", "/fhir/_search"),
        ("GET", "/fhir/_history"),
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
        ("GET", "/fhir/{type}/_history"),
        ("POST", "/fhir/{type}/$validate"),
        ("PUT", "/fhir/{type}/{id}"),
        ("PATCH", "/fhir/{type}/{id}"),
        ("DELETE", "/fhir/{type}/{id}"),
        ("POST", "/fhir/{type}/{id}/$validate"),
        ("POST", "/fhir/Patient/{id}/{type}/_search"),
        ("GET", "/fhir/DocumentReference/{id}/$wst500"),
        ("GET", "/fhir/Encounter/{id}/$wst500"),
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
        }
        address = self.path + self.query
        for name, value in values.items():
            address = address.replace(name, value)
        return address

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


_DOCTOR, _RESIDENT, _CENTRE = frozenset({DOCTOR}), frozenset({RESIDENT}), frozenset({CENTRE})
_READERS = frozenset({DOCTOR, RESIDENT})
_ALL = frozenset({DOCTOR, RESIDENT, CENTRE})

DOORS = (
    Door("GET", "/doctor", "find-residents", _DOCTOR),
    Door("POST", "/doctor", "find-residents", _DOCTOR, {"q": "wang"}),
    Door("POST", "/doctor/results", "find-residents", _DOCTOR, {"q": "wang"}),
    Door("GET", "/record/{person:str}", "open-record", _DOCTOR),
    Door("GET", "/record/{person:str}/body", "open-record", _DOCTOR),
    Door("GET", "/record/{person:str}/events", "open-record", _DOCTOR),
    Door("POST", "/record/{person:str}/code", "present-code", _DOCTOR, {"code": "0" * 16}),
    Door("GET", "/me", "open-record", _RESIDENT),
    Door("GET", "/me/record", "open-record", _RESIDENT),
    Door("GET", "/me/access", "see-who-looked", _RESIDENT),
    Door("GET", "/me/code", "open-record", _RESIDENT),
    Door("GET", "/me/code.svg", "open-record", _RESIDENT),
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
    Door("GET", "/centre/store", "watch-messages", _CENTRE),
    Door("GET", "/centre/store/live", "watch-messages", _CENTRE),
    Door("GET", "/fhir/{type}", "read-api", _READERS, query="?patient={patient}"),
    Door("GET", "/fhir/{type}/{id}", "read-api", _READERS),
    Door("GET", "/fhir/{type}/{id}/_history", "read-api", _READERS),
    Door("GET", "/fhir/{type}/{id}/_history/{version}", "read-api", _READERS),
    Door("GET", "/fhir/{type}/{id}/$validate", "read-api", _READERS),
    Door("GET", "/fhir/Patient/{id}/$everything", "read-api", _READERS),
    Door("GET", "/fhir/Patient/{id}/{type}", "read-api", _READERS),
    Door("GET", "/fhir/CodeSystem/$lookup", "read-terminology", _CENTRE),
    Door("GET", "/fhir/CodeSystem/$subsumes", "read-terminology", _CENTRE),
    Door("GET", "/fhir/CodeSystem/$validate-code", "read-terminology", _CENTRE),
    Door("GET", "/fhir/ConceptMap/$translate", "read-terminology", _CENTRE),
    Door("GET", "/fhir/ValueSet/$expand", "read-terminology", _CENTRE),
    Door("GET", "/fhir/ValueSet/$validate-code", "read-terminology", _CENTRE),
    Door("POST", "/demo/send", "send-demo-message", _ALL),
    Door("GET", "/demo/sent/{control_id:str}", "send-demo-message", _ALL),
)

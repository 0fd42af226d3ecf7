"""Questions that try to learn what is hidden in the worlds of `policy_twins`."""

from urllib.parse import quote

from hypothesis import strategies as st

from minkang.fhir.search_parameters import parameters_of
from tests.api.policy_twins import HIDDEN_NUMBER

KINDS = ("Patient", "Observation", "Condition", "Encounter", "Person", "Consent", "Organization")
IDS = (
    "ann",
    "bob",
    "dan",
    "carol",
    "ann-2",
    "bob-2",
    "lab-ann-0",
    "lab-ann-x",
    "lab-ann-2-0",
    "hiv-ann-2",
    "mental-ann",
    "mental-carol",
    "asthma-ann",
    "asthma-ann-2",
    "v-ann",
    "v-ann-2",
    "v-carol",
    "lab-carol",
    "ward",
    "nowhere",
)
VALUES: dict[str, tuple[str, ...]] = {
    "token": (
        "F32.9",
        "F20.0",
        "http://hl7.org/fhir/sid/icd-10|F32.9",
        "J45.9",
        "56888-1",
        "14749-6",
        "|",
        "male",
        "female",
        "finished",
        "final",
        "AMB",
        HIDDEN_NUMBER,
        "11010519491231002X",
        "13900001111",
        "phone|13877776666",
        "true",
        *IDS,
    ),
    "string": (
        "海静姝",
        "林",
        "林暗香",
        "苏暮雪",
        "清水",
        "落霞路",
        "linanxiang",
        "suxue",
        "甲县",
        "a",
    ),
    "date": (
        "2026-01",
        "ge2026-01-02",
        "2026-01-06",
        "lt2020",
        "1949-12-31",
        "1949",
        "1995",
        "gt1949-06",
        "ne2026-02-01",
    ),
    "reference": (
        "Patient/ann",
        "ann",
        "Patient/carol",
        "carol",
        "Patient/ann-2",
        "Encounter/v-ann",
        "Encounter/v-ann-2",
        "v-carol",
        "Patient/ann,Patient/bob",
        "ward",
    ),
    "quantity": ("gt5", "6", "lt8", "30", "9||mmol/L", "ap7"),
    "number": ("1", "gt0"),
    "uri": ("urn:x",),
    "composite": ("14749-6$gt5", "56888-1$1"),
    "special": ("x",),
}
MODIFIERS = {
    "token": ("", "", "", ":not", ":missing", ":text", ":in", ":above", ":below", ":of-type"),
    "string": ("", ":exact", ":contains", ":missing"),
    "date": ("", "", ":missing"),
    "reference": ("", "", ":Patient", ":Encounter", ":identifier", ":missing"),
}
CHAINS = (
    "subject:Patient.name",
    "subject:Patient.identifier",
    "patient.birthdate",
    "patient._id",
    "encounter.status",
    "encounter:Encounter.date",
    "subject:Patient.phone",
    "subject:Patient._has:Condition:patient:code",
    "patient.gender",
)
HAS = (
    "_has:Condition:patient:code",
    "_has:Observation:patient:code",
    "_has:Encounter:patient:date",
    "_has:Observation:encounter:code",
    "_has:Observation:patient:value-quantity",
    "_has:Condition:patient:_id",
    "_has:Person:patient:name",
    "_has:Observation:subject:encounter.date",
)
RESULTS = (
    "_sort=date",
    "_sort=-date",
    "_sort=code",
    "_sort=_lastUpdated",
    "_sort=-_id",
    "_sort=birthdate",
    "_sort=-value-quantity",
    "_sort=name",
    "_count=1",
    "_count=2",
    "_count=0",
    "_total=accurate",
    "_total=estimate",
    "_total=none",
    "_summary=count",
    "_summary=true",
    "_summary=text",
    "_summary=data",
    "_elements=subject,code",
    "_include=*",
    "_include=Observation:subject",
    "_include=Observation:encounter",
    "_include:iterate=Encounter:subject",
    "_revinclude=*",
    "_revinclude=Observation:patient",
    "_revinclude=Condition:patient",
    "_revinclude=Condition:encounter",
    "_revinclude:iterate=Person:patient",
    "_revinclude=Consent:patient",
    "_lastUpdated=gt2020",
    "_type=Observation,Condition",
    "_after=abc",
    "_unknown=1",
)


@st.composite
def conditions(draw: st.DrawFn, kind: str) -> str:
    """One condition of a search on a type."""
    shape = draw(st.sampled_from(("plain", "plain", "plain", "patient", "chain", "has", "id")))
    pairs = {
        "patient": ("_id" if kind == "Patient" else "patient", "reference"),
        "id": ("_id", "token"),
    }
    if shape in pairs:
        name = pairs[shape][0]
        return f"{name}={draw(st.sampled_from(IDS))}"
    if shape in ("chain", "has"):
        name = draw(st.sampled_from(CHAINS if shape == "chain" else HAS))
        last = name.rpartition(":")[2].rpartition(".")[2]
        sort = {
            "name": "string",
            "date": "date",
            "birthdate": "date",
            "value-quantity": "quantity",
        }.get(last, "token")
        return f"{name}={quote(draw(st.sampled_from(VALUES[sort])))}"
    every = sorted(parameters_of(kind))
    code = draw(st.sampled_from(every))
    sort = parameters_of(kind)[code].kind
    modifier = draw(st.sampled_from(MODIFIERS.get(sort, ("",))))
    value = "false" if modifier == ":missing" else draw(st.sampled_from(VALUES[sort]))
    return f"{code}{modifier}={quote(value)}"


@st.composite
def questions(draw: st.DrawFn) -> str:
    """A path that reads: mostly searches."""
    kind = draw(st.sampled_from(KINDS))
    door = draw(
        st.sampled_from(("search",) * 6 + ("named", "compartment", "one", "all", "history"))
    )
    results = "&".join(draw(st.lists(st.sampled_from(RESULTS), max_size=3, unique=True)))
    asked = "&".join(draw(st.lists(conditions(kind), max_size=2)))
    one = draw(st.sampled_from(IDS))
    query = "&".join(part for part in (asked, results) if part)
    if door == "one":
        tail = draw(st.sampled_from(("", "/_history", "/_history/1", "/_history/2", "/$validate")))
        return f"{kind}/{one}{tail}"
    if door == "history":
        count = draw(st.sampled_from(("", "?_count=1", "?_since=2020-01-01", "?_count=3")))
        return f"{draw(st.sampled_from(('', kind + '/')))}_history{count}"
    if door == "compartment":
        tail = draw(st.sampled_from((f"{kind}?{query}", f"*?{results}", "$everything?_count=2")))
        return f"Patient/{one}/{tail}"
    if door == "all":
        return f"?_type={kind},Observation&{results}"
    if door == "named":
        name = "_id" if kind == "Patient" else "patient"
        return f"{kind}?{name}={draw(st.sampled_from(('ann', 'bob', 'carol', 'dan')))}&{query}"
    return f"{kind}?{query}"


POINTED = (
    "Patient?_id=ann&_has:Condition:patient:code=F20.0",
    "Patient?_id=ann&_has:Condition:patient:_id=mental-ann",
    "Patient?_id=ann&_has:Observation:patient:value-quantity=30",
    "Patient?_has:Observation:patient:value-quantity=gt20&_summary=count",
    "Patient?_id=ann&_has:Encounter:patient:_has:Observation:encounter:code=56888-1",
    "Person?_has:Patient:link:_id=ann",
    "Observation?patient=ann&encounter.status=finished",
    "Observation?patient=ann&encounter.date=2026-01-05",
    "Observation?encounter:Encounter.status=finished&_total=accurate",
    "Observation?patient=ann&encounter:Encounter.subject:Patient.name=海静姝",
    "Observation?patient=ann&_include=Observation:encounter",
    "Observation?_id=lab-ann-away&_include=*",
    "Patient?_id=ann&_revinclude=Observation:patient&_revinclude=Condition:subject",
    "Patient?_id=ann&_revinclude=Person:patient&_revinclude:iterate=Observation:encounter",
    "Observation?patient=ann&_sort=-value-quantity&_count=1",
    "Observation?patient=ann&_sort=date&_count=2&_total=accurate",
    "Observation?patient=ann&_count=1&_total=estimate",
    "Condition?patient=ann&_summary=count",
    "Condition?patient=ann&code:not=J45.9",
    "Condition?patient=ann&code:missing=false&_total=accurate",
    "Patient/ann/*?_count=100",
    "Patient/ann/$everything?_count=2",
    "Encounter?date=2026-01-05",
    "Encounter?_sort=-date&_count=1",
    f"Patient?identifier={HIDDEN_NUMBER}",
    "Patient?name:contains=暗香&_summary=count",
    "Patient?phone=13877776666",
    "Patient?address=落霞路",
    "Patient?birthdate=1949-05-05",
    "_history?_count=5",
    "Condition/_history",
    "Patient/ann/_history",
    "Person?_count=50",
    # That the other Patient is linked is hidden as well.
    "Patient?_id=ann-2",
    "Observation?patient=ann-2&_summary=count",
    "Patient/ann-2/*",
    "Patient/ann-2/$everything",
)
"""Questions that would tell if one part of a query forgot who asks."""

"""The records that the parts of the practice region hand to each other.

Place and people are given; courses and plans are what a life wants to happen; visits and forms are
what did happen, in the detail in which a system would keep it. Writers read visits and forms only.
Times are aware, in `LOCAL`; days are days there.
"""

from datetime import date, datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec

LOCAL: Final = ZoneInfo("Asia/Shanghai")

Sex = Literal["M", "F"]
Care = Literal["village", "town", "county", "city", "tcm", "mch", "mental", "infectious", "private"]
"""Where care is sought; the place decides which institution that is for a resident's village."""

Kind = Literal["O", "E", "I", "H", "P"]
"""Outpatient, emergency, inpatient, visit at home, check-up."""


class Infection(msgspec.Struct, frozen=True, gc=False):
    """A notifiable infection of one person.

    `disease` is a key of `people.infections.DISEASES`; `origin` is empty for the usual season, else
    the outbreak's id; `infector` the key of who gave it, where that is known.
    """

    disease: str
    onset: date
    origin: str = ""
    infector: str = ""
    severity: float = 0.3  # 0 hardly noticed - 1 deadly


class Pregnancy(msgspec.Struct, frozen=True, gc=False):
    """`outcome` is live, still, miscarried or ended; `children` are keys of the born."""

    last_period: date
    ended: date
    outcome: str
    children: tuple[str, ...] = ()
    parity: int = 0  # deliveries before


class Person(msgspec.Struct, frozen=True, gc=False):
    """The truth about one invented resident, up to the last day of the region.

    `key` is the household's key and a member number, unique, and rising with village and household.
    `arrived` and `left` bound the time in the region; None where it is open. `site` is the key of
    the school, nursery, employer or care home on the last day.
    """

    key: str
    household: str
    surname: str
    given: str
    sex: Sex
    birth: date
    id_number: str
    phone: str
    village: str  # 12 digits
    address: str
    nation: str = "汉族"
    education: str = ""
    occupation: str = ""
    marital: str = ""
    insurance: str = "居民"  # 职工, 居民, 自费
    relation: str = (
        ""  # to the head of the household, as the register says it: 户主, 配偶, 子, 女...
    )
    mother: str = ""
    father: str = ""
    spouse: str = ""
    site: str = ""
    death: date | None = None
    arrived: date | None = None
    left: date | None = None
    married: date | None = None
    former_address: str = ""
    moved: date | None = None  # within the region, from former_address
    former_phone: str = ""
    pregnancies: tuple[Pregnancy, ...] = ()
    infections: tuple[Infection, ...] = ()

    @property
    def name(self) -> str:
        """Family name and given name as written."""
        return self.surname + self.given

    def age(self, day: date) -> float:
        """Years lived on that day."""
        return (day - self.birth).days / 365.25

    def here(self, day: date) -> bool:
        """Whether alive and resident on that day."""
        return (
            day >= (self.arrived or self.birth)
            and (self.death is None or day <= self.death)
            and (self.left is None or day <= self.left)
        )


class Household(msgspec.Struct, frozen=True, gc=False):
    """Who lives (or lived, or will live) under one roof within the years of the region."""

    key: str
    number: int  # counted through the whole region, from 0
    village: str
    people: tuple[Person, ...]


class Condition(msgspec.Struct, frozen=True, gc=False):
    """One course of a life: what, since when, found when, treated since when, over when."""

    key: str
    code: str  # ICD-10 as the national edition writes it
    name: str
    since: date
    found: date | None = None
    treated: date | None = None
    over: date | None = None
    severity: float = 0.5  # 0 mild - 1 grave
    cause: str = ""  # key of the condition that it came of
    facts: dict[str, str] = {}  # stage, type, grade ... of this kind of condition


class Diagnosis(msgspec.Struct, frozen=True, gc=False):
    """A diagnosis as written at a visit. `system` is icd10, tcm-disease or tcm-pattern."""

    code: str
    name: str
    system: str = "icd10"
    certain: bool = True  # False: 疑似, 待查


class Medicine(msgspec.Struct, frozen=True, gc=False):
    """One line of a prescription: key in `lives.drugs.DRUGS`, days, and what differs from usual."""

    drug: str
    days: int
    dose: str = ""  # empty: the drug's usual single dose
    frequency: str = ""  # qd, bid, tid, qn, prn, st; empty: the drug's usual one


class Herb(msgspec.Struct, frozen=True, gc=False):
    """One herb of a Chinese prescription, in grams."""

    name: str
    grams: int


class Operation(msgspec.Struct, frozen=True, gc=False):
    """A procedure or operation by its ICD-9-CM-3 code; `level` 1-4, 0 where it is no operation."""

    code: str
    name: str
    level: int = 0
    anaesthesia: str = ""


class Plan(msgspec.Struct, frozen=True, gc=False):
    """What a life wants to happen on a day: filled in, it becomes a visit.

    `symptoms` are keys of `texts.symptoms.SYMPTOMS`, the first is the chief one, lasting `lasting`
    days. `acute` says how acute things are (0-1) by keys that laboratory and vital signs know:
    infection, heart, bleeding, dehydration, pain, breathless, fever. `facts` are further words for
    the texts by key. `because` names the condition it belongs to. `images` maps a study (key of
    `texts.imaging.STUDIES`) to a finding (key within that study; "" is nothing abnormal).
    """

    person: str
    day: date
    kind: Kind
    care: Care
    specialty: str
    diagnoses: tuple[Diagnosis, ...]
    symptoms: tuple[str, ...] = ()
    lasting: int = 0
    panels: tuple[str, ...] = ()
    images: dict[str, str] = {}
    medicines: tuple[Medicine, ...] = ()
    herbs: tuple[Herb, ...] = ()
    operations: tuple[Operation, ...] = ()
    nights: int = 0
    acute: dict[str, float] = {}
    facts: dict[str, str] = {}
    because: str = ""
    outcome: str = ""  # 治愈 好转 未愈 死亡 转诊; empty: as usual for the kind
    refer: Care | None = None
    hour: int | None = None  # None: when such a place is open
    ambulance: bool = False
    weight: int = 1  # plans of a higher weight win where two can't both happen


class Form(msgspec.Struct, frozen=True, gc=False):
    """A form of public health, filled in once: `kind` names its table (hypertension_followup...).

    `values` are the form's own columns, without those that every form has of its person (the
    writers fill in 记录编号, 姓名, 性别, 出生日期, 身份证号, 更新时间). `institution` is a key of
    the place, empty for the resident's own primary institution; so with `doctor`.
    """

    person: str
    at: datetime
    kind: str
    values: dict[str, str]
    institution: str = ""
    doctor: str = ""
    because: str = ""


class Value(msgspec.Struct, frozen=True, gc=False):
    """One result as a laboratory writes it. `below` says that `text` is a detection limit."""

    analyte: str
    text: str
    flag: str = ""  # H, L, N; empty for texts
    below: bool = False


class Report(msgspec.Struct, frozen=True, gc=False):
    """A laboratory panel of a visit: when the specimen was taken, when the report was issued."""

    number: str
    panel: str
    taken: datetime
    reported: datetime
    values: tuple[Value, ...]


class Study(msgspec.Struct, frozen=True, gc=False):
    """An imaging study, ECG or endoscopy with its report."""

    number: str
    study: str
    taken: datetime
    reported: datetime
    findings: str
    impression: str
    doctor: str  # staff code


class Line(msgspec.Struct, frozen=True, gc=False):
    """One medicine as prescribed and dispensed."""

    drug: str
    dose: str
    frequency: str
    route: str
    days: int
    quantity: str  # with unit
    cents: int


class Prescription(msgspec.Struct, frozen=True, gc=False):
    """Western or patent medicines (`lines`), or one Chinese formula (`herbs`, `doses` of it)."""

    number: str
    at: datetime
    doctor: str
    lines: tuple[Line, ...] = ()
    herbs: tuple[Herb, ...] = ()
    doses: int = 0
    usage: str = ""


class Vitals(msgspec.Struct, frozen=True, gc=False):
    """What the nurse writes down; None where nobody measured."""

    systolic: int | None = None
    diastolic: int | None = None
    pulse: int | None = None
    breaths: int | None = None
    celsius: float | None = None
    saturation: int | None = None
    height: float | None = None  # cm
    weight: float | None = None  # kg
    glucose: float | None = None  # fasting by finger prick, mmol/L


class Done(msgspec.Struct, frozen=True, gc=False):
    """An operation that was done."""

    operation: Operation
    begin: datetime
    end: datetime
    surgeon: str
    assistant: str = ""
    anaesthetist: str = ""


class Fees(msgspec.Struct, frozen=True, gc=False):
    """In cents, by the classes of the front page; `insured` is what the insurance paid.

    Classes: 挂号费 诊查费 化验费 检查费 西药费 中成药费 中草药费 手术费 床位费 护理费 材料费.
    """

    total: int
    insured: int
    classes: dict[str, int]


class Visit(msgspec.Struct, frozen=True, gc=False):
    """A visit as it happened, in the detail in which the institution's system keeps it.

    `institution` and `department` are keys of the place, doctors are staff codes there. `texts`
    holds what was written: complaint, present-illness, past-history, examination, advice; for an
    admission also admission-course, discharge-condition, discharge-orders. `end` is None while the
    patient is still in hospital on the last day.
    """

    number: str
    person: str
    patient: str  # the institution's own number of the patient
    institution: str
    department: str
    doctor: str
    kind: Kind
    start: datetime
    end: datetime | None
    diagnoses: tuple[Diagnosis, ...]
    texts: dict[str, str]
    vitals: Vitals = Vitals()
    reports: tuple[Report, ...] = ()
    studies: tuple[Study, ...] = ()
    prescriptions: tuple[Prescription, ...] = ()
    operations: tuple[Done, ...] = ()
    fees: Fees | None = None
    front_page: dict[str, str] = {}  # what only the front page of an admission has
    outcome: str = ""
    because: str = ""
    referred_from: str = ""  # number of the visit that sent the patient here
    refer: str = ""  # key of the institution to which this visit sends the patient


class Lived(msgspec.Struct, frozen=True):
    """One household's years: the truth, and all that was done, each in order of time."""

    household: Household
    conditions: dict[str, tuple[Condition, ...]]  # by person
    visits: tuple[Visit, ...]
    forms: tuple[Form, ...]


class World(msgspec.Struct, frozen=True):
    """What all lives share. `place` is a `place.Place`; `begin` is the first day, `today` the first
    that has not been lived. `struck` adds infections of planted outbreaks, by person. `dirt` are
    the keys of `dirt.KINDS` that are switched on, in their order there.
    """

    seed: int
    begin: date
    today: date
    place: Any
    struck: dict[str, tuple[Infection, ...]] = {}
    dirt: tuple[str, ...] = ()

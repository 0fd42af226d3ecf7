"""What the place consists of: divisions, institutions, departments, staff, beds, devices, sites."""

from datetime import date

import msgspec


class County(msgspec.Struct, frozen=True, gc=False):
    """A district or county-level city. `zones` are the six digits with which its towns begin."""

    code: str
    name: str
    population: int
    zones: tuple[str, ...]
    postcode: str


class Town(msgspec.Struct, frozen=True, gc=False):
    """A street (街道) or town (镇) by its nine digits.

    `county` is the district in whose care it is; a development zone's own six digits are
    `code[:6]`. `urban` towns have community centres, the others township centres.
    """

    code: str
    name: str
    county: str
    population: int
    urban: bool
    seat: bool  # where the county's hospitals and high schools are


class Village(msgspec.Struct, frozen=True, gc=False):
    """A village (村委会) or community (居委会) by its twelve digits.

    `first` is the number of its first household, counted through the whole region. `roads` are
    the roads of a community, empty where houses have numbers of the village alone.
    """

    code: str
    name: str
    town: str
    county: str
    population: int
    households: int
    first: int
    urban: bool
    roads: tuple[str, ...] = ()


class Department(msgspec.Struct, frozen=True, gc=False):
    """A department of an institution; `key` is unique there.

    `code` and `subject` are of the state list of medical subjects (see `subjects`). `serves` are
    the specialties of plans that come here. `beds` stand in its wards.
    """

    key: str
    name: str
    code: str
    subject: str
    serves: tuple[str, ...]
    beds: int = 0
    clinical: bool = True


class Institution(msgspec.Struct, frozen=True, gc=False):
    """A medical or public-health institution.

    Attributes:
        key: fixed for the named ones (haibin, gangcheng, yunxi ...), else kind and number.
        code: 22 characters, MK where a real one has its organisation code.
        kind: a key of `kinds.KINDS`.
        level: grade and class as written (三级甲等), empty where there is none.
        county, town, village: where it stands; village may be empty for those of a whole town.
        departments: in the order of its list.
        system: id of the information system that speaks for it.
        owner: public, collective or private.
        rank: city, county, zone or grassroots.
        parent: key of the institution that leads it (a room's centre), empty if none.
        served: residents for whom it is the one responsible, 0 where it is open to all.
    """

    key: str
    code: str
    name: str
    short: str
    kind: str
    level: str
    county: str
    town: str
    village: str
    beds: int
    departments: tuple[Department, ...]
    system: str
    owner: str
    rank: str
    parent: str = ""
    served: int = 0
    address: str = ""
    phone: str = ""

    @property
    def private(self) -> bool:
        """Whether run by society rather than by a public body or a village."""
        return self.owner == "private"


class Staff(msgspec.Struct, frozen=True, gc=False):
    """Somebody who works, worked or will work at an institution.

    `role` is doctor, assistant, nurse, public-health, pharmacist, technician, village-doctor or
    manager. `title` is the last one held. `category` and `scope` are of the practice licence
    (执业类别, 执业范围), empty for those who need none. `left` is None where no day is known yet.
    """

    code: str
    surname: str
    given: str
    sex: str
    birth: date
    institution: str
    department: str
    role: str
    title: str
    category: str
    scope: str
    licence: str
    qualification: str
    registered: date
    hired: date
    left: date | None
    education: str

    @property
    def name(self) -> str:
        """Family name and given name as written."""
        return self.surname + self.given

    def there(self, day: date) -> bool:
        """Whether employed on that day."""
        return self.hired <= day and (self.left is None or day < self.left)


class Bed(msgspec.Struct, frozen=True, gc=False):
    """A bed: its number as on the door, in a room of a ward of a department."""

    code: str
    label: str
    ward: str
    ward_name: str
    room: str
    department: str
    kind: str  # 普通 监护 新生儿 产科 负压 观察
    extra: bool = False  # 加床


class Device(msgspec.Struct, frozen=True, gc=False):
    """A device of medical equipment with its class of the device catalogue of 2002 (68xx)."""

    code: str
    name: str
    class_code: str
    class_name: str
    model: str
    serial: str
    maker: str
    made: date
    used_from: date
    yuan: int
    department: str
    room: str


class AmbulanceStation(msgspec.Struct, frozen=True, gc=False):
    """A 120 station at its host institution. `negative` of its vehicles keep negative pressure."""

    key: str
    name: str
    host: str
    county: str
    town: str
    vehicles: int
    negative: int


class Site(msgspec.Struct, frozen=True, gc=False):
    """Where people learn, work, eat or are cared for.

    Attributes:
        key: town and kind and number.
        kind: nursery, primary, middle, high, employer, restaurant, care-home or pharmacy.
        size: children, employees, seats, beds; for a pharmacy its customers a day.
        grades: names of the grades in order, of a school or nursery.
        classes: classes in each grade.
        hazards: occupational hazard factors as the law's catalogue names them.
        trade: what an employer or restaurant does.
        canteen: whether there is a kitchen that feeds them.
    """

    key: str
    kind: str
    name: str
    town: str
    county: str
    village: str
    size: int
    grades: tuple[str, ...] = ()
    classes: int = 0
    hazards: tuple[str, ...] = ()
    trade: str = ""
    canteen: bool = False

    def class_of(self, grade: int, number: int) -> str:
        """The class of somebody in the grade (from 0); `number` spreads people over classes."""
        at = min(max(grade, 0), len(self.grades) - 1)
        return f"{self.grades[at]}({number % max(self.classes, 1) + 1})班"

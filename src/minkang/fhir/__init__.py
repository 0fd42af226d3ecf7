"""FHIR R4 as data: JSON, types, definitions, validation, search parameters, paths, compartments.

Pure: no database, no clock, no I/O but for the definitions that are built beside it. Lives here:
everything that can be said about a resource by looking only at it. Does not live here: what is
stored (store), who may see it (policy), how other formats become FHIR (exchange).

Use `decode`/`encode` for JSON (decimals stay as written), `patients_of` for the Patient
compartments of a resource, `date_range` for the true span of a partial date, `Problem`/`Refused`
for everything that is refused. Modules with one purpose are imported by name: `definitions`,
`validate`, `invariants`, `search_parameters`, `search_syntax`, `extract`, `units`, `path`.
"""

from minkang.fhir.compartments import patients_of
from minkang.fhir.dates import DateRange, date_range
from minkang.fhir.json import Resource, decode, encode
from minkang.fhir.problems import Problem, Refused
from minkang.fhir.references import local_reference, reference, survivor_of
from minkang.fhir.types import TYPE_CODES, TYPE_NAMES

__all__ = [
    "TYPE_CODES",
    "TYPE_NAMES",
    "DateRange",
    "Problem",
    "Refused",
    "Resource",
    "date_range",
    "decode",
    "encode",
    "local_reference",
    "patients_of",
    "reference",
    "survivor_of",
]

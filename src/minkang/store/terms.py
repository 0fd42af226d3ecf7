"""The numbers that stand for search values: 64-bit hashes of type, parameter and value.

A hash is the exclusive or of that of the parameter (`Observation.code`) and that of the value; a
coded value is in turn that of its system and that of its code. So SQL can put them together: from
the hash of a resource, the hash of "points to it by this parameter" is one operation away.

Values that identify a person directly are hashed under the index key, so that the tables give
nothing away without it.
"""

from functools import lru_cache

from minkang.crypto import hash64, keyed_hash64
from minkang.fhir.search_values import fold_code
from minkang.store.names import grams, normalise

PERSONAL = frozenset({"Patient", "Person", "RelatedPerson"})
"""Types whose names, addresses and ways to be reached identify a person."""

PREFIXES = (1, 2, 3, 4, 6)
"""Lengths of the beginnings of personal strings that can be looked up."""

CONTAINED = {
    "name": "name", "family": "name", "given": "name", "title": "title", "address": "address",
    "address-city": "address", "address-state": "address", "address-country": "address",
    "address-postalcode": "address", "device-name": "device-name",
}  # fmt: skip
"""String parameters that are found by what they contain, and where that is kept: a family name is
one of the parts of the name."""

SHARED = frozenset(
    """ActivityDefinition CodeSystem ConceptMap Device DeviceDefinition Endpoint Group
    HealthcareService InsurancePlan Library Location Measure Medication MedicationKnowledge
    Organization PlanDefinition Practitioner PractitionerRole Questionnaire ResearchStudy
    StructureDefinition Substance ValueSet""".split()
)
"""Types that many resources refer to: those found by them are walked, not had whole."""

_ODD = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


@lru_cache(maxsize=20_000)
def parameter_hash(resource_type: str, parameter: str) -> int:
    """The hash of a search parameter of a type."""
    return hash64(f"{resource_type}.{parameter}")


@lru_cache(maxsize=50_000)
def system_hash(system: str) -> int:
    """The hash of a code system; "" stands for none."""
    return hash64(f"system:{system}")


@lru_cache(maxsize=200_000)
def code_hash(code: str) -> int:
    """The hash of a code, whatever its system, in upper or lower case."""
    return hash64(f"code:{fold_code(code)}")


@lru_cache(maxsize=20_000)
def unit_hash(system: str, code: str) -> int:
    """The hash of a unit: of its system and code, or of "" and its printed text."""
    return hash64(f"unit:{system}|{code}")


@lru_cache(maxsize=50_000)
def uri_hash(uri: str) -> int:
    """The hash of a URI."""
    return hash64(f"uri:{uri}")


@lru_cache(maxsize=50_000)
def resource_hash(resource_type: str, resource_id: str) -> int:
    """The hash of a resource; of a Patient, also the number of its compartment."""
    return hash64(f"{resource_type}/{resource_id}")


@lru_cache(maxsize=50_000)
def gram_hash(gram: str) -> int:
    """The hash of one or two neighbouring characters of a string that identifies nobody."""
    return hash64(f"gram:{gram}")


def turned(number: int, turns: int) -> int:
    """A hash as the second, third ... part of a composite, so that parts can't change places."""
    number &= _MASK
    for _ in range(turns):
        number = (number * _ODD) & _MASK
    return number - (1 << 64) if number >> 63 else number


def text_prefix(folded: str) -> str:
    """The longest beginning of a personal string, folded, that can be looked up."""
    length = max((n for n in PREFIXES if n <= len(folded)), default=0)
    return folded[:length]


class Terms:
    """Makes the hashes of what identifies a person; holds the key for them.

    `tokens` remembers tokens met before, by resource type: (parameter, system, value) to the hash
    and the system to be kept as seen. Codes come again and again.
    """

    def __init__(self, index_key: bytes) -> None:
        self._key = index_key
        self._secret_of_part = lru_cache(maxsize=100_000)(self.secret)
        self.tokens: dict[str, dict[tuple[str, str, str], tuple[int, tuple[int, str] | None]]] = {}

    def secret(self, text: str) -> int:
        """The hash of any text, under the key."""
        return keyed_hash64(self._key, text)

    def identifier(self, resource_type: str, parameter: str, system: str, value: str) -> int:
        """Term of an identifier; "" stands for no system."""
        return (
            parameter_hash(resource_type, parameter)
            ^ system_hash(system)
            ^ self.secret(f"identifier:{fold_code(value)}")
        )

    def prefix(self, resource_type: str, parameter: str, prefix: str) -> int:
        """Term of the beginning (folded, of a length in `PREFIXES`) of a personal string."""
        return parameter_hash(resource_type, parameter) ^ self._secret_of_part(f"begins:{prefix}")

    def phonetic(self, resource_type: str, key: str) -> int:
        """Term of a pinyin key (`pinyin_keys`) of a name."""
        secret = self._secret_of_part(f"pinyin:{normalise(key)}")
        return parameter_hash(resource_type, "phonetic") ^ secret

    def gram(self, resource_type: str, parameter: str, gram: str) -> int:
        """Number of one or two neighbouring characters of a string, in the column `marks`."""
        base = parameter_hash(resource_type, parameter)
        if resource_type in PERSONAL:
            return base ^ self._secret_of_part(f"gram:{gram}")
        return base ^ gram_hash(gram)

    def containing(self, resource_type: str, parameter: str, text: str) -> list[int]:
        """The grams that a string has all of when it contains `text`."""
        part = normalise(text)
        wanted = grams(part) if len(part) < 2 else {part[i : i + 2] for i in range(len(part) - 1)}
        return [self.gram(resource_type, parameter, gram) for gram in sorted(wanted)]

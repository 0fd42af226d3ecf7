"""Code systems, value sets and maps: what a code means, which there are, what it is elsewhere.

Lives here: the state's code tables that come with the platform (read when first used, dated),
FHIR's CodeSystem, ValueSet and ConceptMap from the store beside them, the operations on both, the
map of each source and the queue of codes that no map knows. Does not live here: HTTP (api), what a
message means (exchange), UCUM's arithmetic (fhir.units).

Use `Terminology` with `lookup`, `expand`, `validate_in_system`, `validate_in_value_set`,
`translate`, `subsumes` where resources of the store count too; `built_in` for a national table
alone, which needs no database; `notifiable` for the class of a disease on a day; `citizen_number`
for identity numbers; `code_with`, `note_unmapped`, `queue`, `propose`, `map_code`, `to_recode`,
`recode` for the codes of sources; `expander` for what the store's search will ask.
"""

from minkang.terminology.builtin import code_system as built_in
from minkang.terminology.code_system import CodeSystem
from minkang.terminology.concept_map import ConceptMap, Match
from minkang.terminology.concepts import Coding, Concept, Head
from minkang.terminology.expander import Expand, expander
from minkang.terminology.id_number import CitizenNumber, citizen_number
from minkang.terminology.notifiable import Listed, listed, notifiable
from minkang.terminology.operations import (
    Found,
    Verdict,
    expand,
    lookup,
    subsumes,
    translate,
    validate_in_system,
    validate_in_value_set,
)
from minkang.terminology.propose import Proposal, propose
from minkang.terminology.source_map import (
    Coded,
    Recoding,
    code_with,
    map_code,
    map_url,
    recode,
    to_recode,
)
from minkang.terminology.terminology import Terminology
from minkang.terminology.unmapped import Note, Waiting, note_unmapped, queue
from minkang.terminology.value_set import Expansion, ValueSet, Wanted

__all__ = [
    "CitizenNumber",
    "CodeSystem",
    "Coded",
    "Coding",
    "Concept",
    "ConceptMap",
    "Expand",
    "Expansion",
    "Found",
    "Head",
    "Listed",
    "Match",
    "Note",
    "Proposal",
    "Recoding",
    "Terminology",
    "ValueSet",
    "Verdict",
    "Waiting",
    "Wanted",
    "built_in",
    "citizen_number",
    "code_with",
    "expand",
    "expander",
    "listed",
    "lookup",
    "map_code",
    "map_url",
    "note_unmapped",
    "notifiable",
    "propose",
    "queue",
    "recode",
    "subsumes",
    "to_recode",
    "translate",
    "validate_in_system",
    "validate_in_value_set",
]

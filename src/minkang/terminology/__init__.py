"""Code systems, value sets and maps: what a code means, which there are, what it is elsewhere.

Lives here: the state's code tables that come with the platform (read when first used, dated),
FHIR's CodeSystem, ValueSet and ConceptMap from the store beside them, the operations on both, the
map of each source and the queue of codes that no map knows. Does not live here: HTTP (api), what a
message means (exchange), UCUM's arithmetic (fhir.units).

Use `Terminology` with `lookup`, `expand`, `validate_in_system`, `validate_in_value_set`,
`translate`, `subsumes` where resources of the store count too; `built_in` for a national table
alone, which needs no database; `notifiable` for the class of a disease on a day; `citizen_number`
for identity numbers; `source_maps`, `code_with`, `note_unmapped` while messages are processed;
`queue`, `propose`, `known_elsewhere`, `map_codes`, `unmap_code` for whoever decides on codes, and
`recode_some` for the worker that codes anew what was stored; `expander` for the store's search.
"""

from minkang.terminology.builtin import code_system as built_in
from minkang.terminology.code_system import CodeSystem
from minkang.terminology.coding import Coded, code_with, recode, systems_of
from minkang.terminology.concept_map import ConceptMap, Match
from minkang.terminology.concepts import Coding, Concept, Head
from minkang.terminology.expander import expander
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
from minkang.terminology.recoding import Recoding, recode_some, recodings
from minkang.terminology.source_map import (
    Meaning,
    SourceMap,
    map_codes,
    map_url,
    source_maps,
    unmap_code,
)
from minkang.terminology.terminology import Terminology
from minkang.terminology.unmapped import (
    Note,
    Waiting,
    decided,
    entry,
    known_elsewhere,
    note_places,
    note_unmapped,
    queue,
    waiting_counts,
)
from minkang.terminology.value_set import Expansion, ValueSet, Wanted

__all__ = [
    "CitizenNumber",
    "CodeSystem",
    "Coded",
    "Coding",
    "Concept",
    "ConceptMap",
    "Expansion",
    "Found",
    "Head",
    "Listed",
    "Match",
    "Meaning",
    "Note",
    "Proposal",
    "Recoding",
    "SourceMap",
    "Terminology",
    "ValueSet",
    "Verdict",
    "Waiting",
    "Wanted",
    "built_in",
    "citizen_number",
    "code_with",
    "decided",
    "entry",
    "expand",
    "expander",
    "known_elsewhere",
    "listed",
    "lookup",
    "map_codes",
    "map_url",
    "note_places",
    "note_unmapped",
    "notifiable",
    "propose",
    "queue",
    "recode",
    "recode_some",
    "recodings",
    "source_maps",
    "subsumes",
    "systems_of",
    "translate",
    "unmap_code",
    "validate_in_system",
    "validate_in_value_set",
    "waiting_counts",
]

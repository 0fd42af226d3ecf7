"""FHIRPath 2.0 (N1) with the additions of FHIR R4: questions to a resource, as text.

Lives here: `compile_path` (an expression is parsed once and becomes closures), `Path.evaluate`
(JSON values) and `Path.nodes` (values that know their FHIR type), `PathError` (with the place in
the expression). Types come from `minkang.fhir.definitions`: the engine knows that
`Observation.value` is `valueQuantity` in JSON, and that a `birthDate` is a date.

Does not live here: what the expressions are for: search parameters, invariants, views.

An expression comes from strangers too, so that nothing in it may run for long or grow without
bounds: nesting, texts, collections, repetition and regular expressions have limits.

lexer -> parser -> syntax (the tree) -> compiler (with forms, functions/ and navigation) -> Path.
"""

from minkang.fhir.path.error import PathError
from minkang.fhir.path.path import Path, compile_path
from minkang.fhir.path.quantity import Quantity
from minkang.fhir.path.temporal import Temporal
from minkang.fhir.path.values import Node, TypeInfo

__all__ = ["Node", "Path", "PathError", "Quantity", "Temporal", "TypeInfo", "compile_path"]

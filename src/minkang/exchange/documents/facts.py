"""The facts that one document is written from."""

from collections.abc import Mapping

import msgspec

from minkang.fhir import Problem, Refused, Resource


class Facts(msgspec.Struct, frozen=True):
    """What `gather` found in the store; nothing else is needed to write the document.

    Attributes:
        kind: code of the document, `C0007`.
        document: its DocumentReference; None where it has never been one.
        composition: its header and how the facts are laid out.
        patient: whom it is about.
        encounter: the visit, if there is one.
        resources: everything that the Composition points to, by reference.
    """

    kind: str
    document: Resource | None
    composition: Resource
    patient: Resource
    encounter: Resource | None
    resources: Mapping[str, Resource]

    def at(self, reference: Mapping[str, object] | None) -> Resource:
        """The resource that a reference names; an empty one where it is not there."""
        found = self.resources.get(str((reference or {}).get("reference", "")))
        return found if found is not None else {}


def refused(place: str, rule: str, text: str) -> Refused:
    """One reason why a document can't be written."""
    return Refused([Problem("write", place, rule, text)])

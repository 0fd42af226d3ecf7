"""Doors for machines: health checks, and the whole of FHIR REST.

Lives here: HTTP (`health`, which needs the pages' framework, is imported from its own module).
`fhir_application` is an ASGI application of its own, in front of the pages' framework, because a
read shall cost little more than its SELECT; `routes.ROUTES` lists what it answers. A handler asks
the gate (`access`), reads or writes with the scope it got, and gives an `Answer`; every failure
becomes an OperationOutcome in one place (`edge`).

Does not live here: what is valid FHIR and what a search means (fhir), how it is found and kept
(store), who may do what (policy).
"""

from minkang.api.application import Application, fhir_application
from minkang.api.call import Door
from minkang.api.callers import Callers
from minkang.api.export_run import run_exports
from minkang.api.journal import Journal
from minkang.api.limits import Limits

__all__ = [
    "Application",
    "Callers",
    "Door",
    "Journal",
    "Limits",
    "fhir_application",
    "run_exports",
]

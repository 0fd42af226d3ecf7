"""Doors for machines: health checks, and reading by FHIR REST.

Writing, the rest of search, bulk and SMART join with their issues. `health_routes` and
`fhir_routes` are what the application mounts.
"""

from minkang.api.access import Door
from minkang.api.fhir_read import fhir_routes
from minkang.api.health import health_routes

__all__ = ["Door", "fhir_routes", "health_routes"]

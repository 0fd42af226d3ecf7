"""Doors for machines: health checks now; FHIR REST, bulk and SMART join with their issues.

`health_routes` is what the application mounts.
"""

from minkang.api.health import health_routes

__all__ = ["health_routes"]

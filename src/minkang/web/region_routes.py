"""The doors of the region's pages."""

from typing import Final

from minkang.web import region

ROUTES: Final = (
    region.region_page,
    region.division_page,
    region.institution_page,
    region.definitions_page,
    region.region_export,
)

"""The doors of the population pages."""

from typing import Final

from minkang.web import register_desk, register_differences, register_overview

ROUTES: Final = (
    register_overview.population_page,
    register_desk.residents_page,
    register_desk.residents_search,
    register_desk.resident_card,
    register_desk.events_page,
    register_differences.differences_page,
    register_differences.difference_page,
    register_differences.difference_decide,
)

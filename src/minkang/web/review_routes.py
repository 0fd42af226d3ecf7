"""Routes of the identity desk."""

from minkang.web import (
    links,
    links_person,
    review,
    review_decide,
    review_overview,
    review_pair,
    review_second,
    review_table,
)

ROUTES = (
    review_overview.overview_page,
    review_overview.overview_labels,
    review.review_page,
    review_table.review_table,
    review_second.review_second,
    review_pair.review_pair,
    review_pair.review_show,
    review_decide.review_take,
    review_decide.review_release,
    review_decide.review_decide,
    review_decide.review_answer,
    review_decide.review_revoke,
    links.links_page,
    links.links_search,
    links_person.links_person,
    links_person.links_split,
    links_person.links_revoke,
)

"""Routes of emergency access: breaking the glass, one's own cases, their review."""

from minkang.web import glass, glass_reviews

ROUTES = (
    glass.record_glass,
    glass.own_glass_page,
    glass.own_glass_answer,
    glass_reviews.glass_page,
    glass_reviews.glass_one,
    glass_reviews.glass_review,
)

"""The pages of apps: registration, approval, consent, and what the visitor let in."""

from minkang.web import apps, authorize, my_apps

ROUTES = (
    authorize.authorize_page,
    authorize.authorize_answer,
    my_apps.my_apps,
    my_apps.my_apps_end,
    my_apps.record_apps,
    my_apps.record_apps_open,
    apps.apps_page,
    apps.app_new,
    apps.app_request,
    apps.app_page,
    apps.app_change,
    apps.apps_review,
    apps.app_review,
    apps.app_decide,
)

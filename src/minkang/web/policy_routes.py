"""Routes of the pages on the policy."""

from minkang.web import policy, policy_try

ROUTES = (
    policy.policy_page,
    policy.edit_page,
    policy.edit,
    policy.version_page,
    policy.version_step,
    policy_try.try_page,
    policy_try.try_out,
)

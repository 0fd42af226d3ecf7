"""What is raised where an account, post, organisation or token can't be made or changed."""


class AccountRefused(Exception):  # noqa: N818 - reads as what happened
    """An account, post, organisation, password or token can't be made or changed like this.

    Attributes:
        code: `role-unknown`, `organisation-unknown`, `organisation-needed`, `account-unknown`,
            `person-needed`, `login-unsuitable`, `login-taken`, `lifetime`, `roles-apart`,
            a code of `password_problem`, or one that the function raising it names.
        detail: what it is about: a role, an id.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail

"""People come and go: who work is given to."""


def first_active(*users):
    """Return the first of these users who is still there, or else the last of them.

    :param users: ``res.users``, each one user or empty, in the order of preference
    """
    return next((user for user in users if user and user.active), users[-1])

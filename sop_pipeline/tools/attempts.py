"""When what did not succeed is tried again, and when it is given up. No Odoo here."""

import random

MAX_ATTEMPTS = 8
FIRST_PAUSE = 15  # seconds
LONGEST_PAUSE = 3600


def pause_after(attempts, dice=random):
    """Return the seconds to wait after ``attempts`` failures: doubled each time, half of it by chance."""
    longest = min(FIRST_PAUSE * 2 ** max(attempts - 1, 0), LONGEST_PAUSE)
    return longest / 2 + dice.uniform(0, longest / 2)

"""After how long a rule acts: one delay, or the steps of a cadence (row P10)."""

import re

_LONGEST = 366
_MOST = 12


def parse_delays(text):
    """The delays in a text such as ``1, 3, 7``, in order and each once.

    :raise ValueError: when it holds no number, too many, one that is negative or longer than a year
    """
    parts = [part for part in re.split(r"[\s,;]+", text or "") if part]
    if not 1 <= len(parts) <= _MOST:
        raise ValueError("one to twelve numbers are needed")
    delays = sorted({float(part) for part in parts})
    if not all(0 <= delay <= _LONGEST for delay in delays):
        raise ValueError("a delay is out of range")
    return delays

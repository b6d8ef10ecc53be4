"""Days, shares and rows of the funnel (rows V2, V3, P13)."""

from datetime import date, datetime, time, timedelta

import pytz

#: Least difference between two times in the history
INSTANT = timedelta(microseconds=1)


def lower_bound(value, zone):
    """First instant (UTC, naive) of a period that starts with ``value``.

    :param value: None, a date or its ISO text (the start of that day in the zone), or a datetime
        or its ISO text (UTC)
    :param str zone: name of a time zone
    :raise ValueError: for anything else
    """
    moment, _is_day = _parse(value, zone, days=0)
    return moment


def upper_bound(value, zone, inclusive=False):
    """First instant (UTC, naive) after a period that ends with ``value``.

    A day counts to its end. A datetime is the bound itself, or still inside the period where ``inclusive``.

    :raise ValueError: see :func:`lower_bound`
    """
    moment, is_day = _parse(value, zone, days=1)
    return moment + INSTANT if moment and inclusive and not is_day else moment


def _parse(value, zone, days):
    if value in (None, False, ""):
        return None, False
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
    if isinstance(value, datetime):
        return (value.astimezone(pytz.utc).replace(tzinfo=None) if value.tzinfo else value), False
    if isinstance(value, date):
        local = pytz.timezone(zone).localize(datetime.combine(value + timedelta(days=days), time.min))
        return local.astimezone(pytz.utc).replace(tzinfo=None), True
    raise ValueError(f"{value!r} is neither a day nor a time")


def share(part, whole):
    """:return: part of the whole, 0 to 1; 0 of nothing is 0"""
    return part / whole if whole else 0.0


def funnel_row(code, counts):
    """A row of the funnel, with its shares.

    :param str code: the stage's
    :param dict counts: ``entered``, ``to_next``, ``won``, and whatever else the row holds
    """
    return {
        "code": code,
        **counts,
        "conversion_to_next": share(counts["to_next"], counts["entered"]),
        "conversion_to_won": share(counts["won"], counts["entered"]),
    }


def wilson(won, total, z=1.96):
    """Interval that holds the true share in 95 of 100 cases (Wilson's score interval).

    Unlike the textbook one it stays inside 0 to 1 and is honest for small samples.

    :return: (low, high); (0, 1) for an empty sample
    """
    if not total:
        return 0.0, 1.0
    found = won / total
    middle = found + z * z / (2 * total)
    spread = z * ((found * (1 - found) + z * z / (4 * total)) / total) ** 0.5
    scale = 1 + z * z / total
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


#: Below so many leads a step says nothing of how good it is
ENOUGH = 20


def weakest(rows):
    """The step from which the smallest share goes on, of those that enough leads have entered; None where there is none.

    :param list rows: of the funnel, in order; from the last nothing goes on
    """
    steps = [row for row in rows[:-1] if row["entered"] >= ENOUGH]
    return min(steps, key=lambda row: row["conversion_to_next"], default=None)


def slowest(rows):
    """The step in which leads stay longest, of those that enough leads have entered; None where there is none."""
    steps = [row for row in rows[:-1] if row["entered"] >= ENOUGH and row["median_days"] > 0]
    return max(steps, key=lambda row: row["median_days"], default=None)


def worse(calibration, faces):
    """Whose ratings are won less often than everybody's, surely: even the high end of their share is below everybody's low end.

    :param list calibration: lines with ``faces``, each with ``share, low, high`` or False; the first is everybody's
    :param list faces: codes that count
    :return: list of (line, face, everybody's face), the largest sample first
    """
    everybody = {face["interest"]: face for face in calibration[0]["faces"]} if calibration else {}
    found = [
        (line, face, everybody[face["interest"]])
        for line in calibration[1:]
        for face in line["faces"]
        if face["interest"] in faces and face["share"] is not False and everybody[face["interest"]]["share"] is not False
    ]
    return sorted((row for row in found if row[1]["high"] < row[2]["low"]), key=lambda row: -row[1]["sample"])

"""How likely a parcel is refused, from the shop's own past. Pure.

A number with few parcels says little: its rate is drawn towards the shop's (a Beta prior fitted on the shop's numbers), and a
range says how sure it is. Whether that is any better than the shop's rate for everybody is measured on parcels the estimate
has not seen; if it is not, no number is shown.
"""

import math
from typing import NamedTuple

#: Of the reasons, whose parcels count as refused: a buyer's wholly, an unclear one by half, all others not at all
WEIGHTS = {"buyer": 1.0, "unclear": 0.5}
LEAST = 200  # parcels with an outcome before anything is estimated
BINS = 5


class Estimate(NamedTuple):
    """Share of refused parcels to expect, and the range it lies in nine times of ten."""

    rate: float
    low: float
    high: float


class Calibration(NamedTuple):
    """How predictions compare with what came: ``bins`` are (number, predicted, seen); lower scores are better."""

    bins: list
    brier: float
    brier_base: float
    log_loss: float
    log_loss_base: float

    @property
    def helps(self):
        """Whether the estimate beats the shop's rate for everybody on both scores, by more than chance would."""
        return self.brier < 0.99 * self.brier_base and self.log_loss < 0.99 * self.log_loss_base


def fit_prior(people):
    """Return (a, b) of the Beta prior by moments over the numbers with two parcels or more.

    :param people: list of (refused, parcels); refused may be a half
    """
    refused, parcels = sum(one for one, _n in people), sum(n for _one, n in people)
    mean = min(max(refused / parcels if parcels else 0.1, 0.001), 0.999)
    several = [(one / n, n) for one, n in people if n >= 2]
    if len(several) < 20:
        return mean * 10, (1 - mean) * 10
    weight = sum(n for _rate, n in several)
    centre = sum(rate * n for rate, n in several) / weight
    spread = sum(n * (rate - centre) ** 2 for rate, n in several) / weight
    noise = centre * (1 - centre) * len(several) / weight
    between = max(spread - noise, 1e-4)
    strength = min(max(mean * (1 - mean) / between - 1, 0.5), 200)
    return mean * strength, (1 - mean) * strength


def estimate(refused, parcels, prior):
    """Return the Estimate of a number with so many refused of so many parcels."""
    a, b = prior[0] + refused, prior[1] + parcels - refused
    mean = a / (a + b)
    half = 1.645 * math.sqrt(mean * (1 - mean) / (a + b + 1))
    return Estimate(mean, max(0.0, mean - half), min(1.0, mean + half))


def calibrate(history):
    """Return the Calibration of the estimate on a shop's past, or None when that is too short.

    :param history: list of (number, refused 0 to 1), in the order of time; the last third is predicted from what came before
    """
    if len(history) < LEAST:
        return None
    cut = len(history) * 2 // 3
    facts = {}
    for who, refused in history[:cut]:
        one, n = facts.get(who, (0, 0))
        facts[who] = (one + refused, n + 1)
    prior = fit_prior(list(facts.values()))
    base = min(max(sum(refused for _who, refused in history[:cut]) / cut, 1e-3), 1 - 1e-3)
    pairs = []
    for who, refused in history[cut:]:
        one, n = facts.get(who, (0, 0))
        pairs.append((min(max(estimate(one, n, prior).rate, 1e-3), 1 - 1e-3), refused))
        facts[who] = (one + refused, n + 1)  # what came is known to the next
    number = len(pairs)
    ordered = sorted(pairs)
    groups = [ordered[number * i // BINS : number * (i + 1) // BINS] for i in range(BINS)]
    bins = [(len(group), sum(p for p, _y in group) / len(group), sum(y for _p, y in group) / len(group)) for group in groups if group]

    def loss(p, y):
        return -(y * math.log(p) + (1 - y) * math.log(1 - p))

    return Calibration(
        bins,
        sum((p - y) ** 2 for p, y in pairs) / number,
        sum((base - y) ** 2 for _p, y in pairs) / number,
        sum(loss(p, y) for p, y in pairs) / number,
        sum(loss(base, y) for _p, y in pairs) / number,
    )

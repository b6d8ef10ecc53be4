"""Settings of the whole test run."""

import os

from hypothesis import HealthCheck, settings

# A busy machine decides no test: no deadlines, and slow examples are welcome. In CI the examples are
# the same each time, so that a change is judged by what it changed; elsewhere they vary.
settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI")))
settings.load_profile("suite")

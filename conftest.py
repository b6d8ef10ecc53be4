"""Settings of the whole test run."""

import os

import pytest
from hypothesis import HealthCheck, settings

# A busy machine decides no test: no deadlines, and slow examples are welcome. In CI the examples are
# the same each time, so that a change is judged by what it changed; elsewhere they vary.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI")))
settings.load_profile("suite")

#: They use nothing the others share
ON_THEIR_OWN = ("test_checkout.py", "test_inbox_install.py", "test_odoo_lint.py", "test_pipeline_install.py", "test_upgrade.py")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Two processes share a whole run: one drives the started servers, the other has the addons' own tests, and who is done first
    takes the files that stand on their own.

    What shares a server, a shop or a database is thus never run beside itself.
    """
    from xdist.scheduler import LoadScopeScheduling  # only there when a run is shared

    class Halves(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.partition("::")[0]
            return "addons" if not file.startswith("tests/") else file if file.endswith(ON_THEIR_OWN) else "servers"

    return Halves(config, log)

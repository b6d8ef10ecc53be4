"""Settings of the whole test run."""

import os

import pytest
from hypothesis import HealthCheck, settings

# A busy machine decides no test: no deadlines, and slow examples are welcome. In CI the examples are
# the same each time, so that a change is judged by what it changed; elsewhere they vary.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI")))
settings.load_profile("suite")

#: Files of end-to-end tests that use nothing the others share
ON_THEIR_OWN = (
    "test_add_a_channel.py",
    "test_carriers_double.py",
    "test_channels_network.py",
    "test_checkout.py",
    "test_docs.py",
    "test_erasure.py",
    "test_inbox_install.py",
    "test_odoo_lint.py",
    "test_operations.py",
    "test_pipeline_install.py",
    "test_upgrade.py",
)
#: Files that share one started server, beside those of the inbox, which share another
WITHOUT_INBOX = ("test_contact_requests", "test_pipeline")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Two processes share a whole run: one drives the servers of the inbox, the other has the addons' own tests, and the first to be
    done takes the servers without inbox, then the files that stand on their own.

    What shares a server, a shop or a database in one process is thus never run beside itself; each process starts servers of its own.
    """
    from xdist.scheduler import LoadScopeScheduling  # only there when a run is shared

    class Halves(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.partition("::")[0]
            if not file.startswith("tests/"):
                return "addons"
            if file.endswith(ON_THEIR_OWN):
                return file
            return "without inbox" if file.removeprefix("tests/").startswith(WITHOUT_INBOX) else "inbox"

    return Halves(config, log)

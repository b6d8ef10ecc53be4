"""Settings of the whole test run."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine decides no test: no deadlines, and slow examples are welcome. In CI the examples are
# the same each time, so that a change is judged by what it changed; elsewhere they vary.
settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI")))
settings.load_profile("suite")

END_TO_END = Path(__file__).parent / "tests"
ON_THEIR_OWN = {"test_inbox_install.py", "test_pipeline_install.py", "test_odoo_lint.py"}  # they use nothing the others share


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Two processes share a whole run: one drives the started servers, the other has the addons' own tests and the installs."""
    if config.pluginmanager.has_plugin("xdist"):
        for item in items:
            drives = item.path.parent == END_TO_END and item.path.name not in ON_THEIR_OWN
            item.add_marker(pytest.mark.xdist_group("servers" if drives else "addons"))

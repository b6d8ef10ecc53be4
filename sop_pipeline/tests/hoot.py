"""Runs an addon's JavaScript unit tests (``static/tests/*.test.js``) in Odoo's own runner, Hoot."""

import functools
from unittest.mock import patch

from odoo.tests import HttpCase
from odoo.tools import js_transpiler

# What one addon's run has turned from a module into a script serves the next one too.
transpiled = functools.cache(js_transpiler.transpile_javascript)


def suite_id(path):
    """Hoot's id of a suite: the 32-bit hash of its path, as in ``HOOTCommon`` of core's ``web/tests/test_js.py``."""
    number = 0
    for char in path:
        number = ((number << 5) - number + ord(char)) & 0xFFFFFFFF
    return f"{number:08x}"


class HootCase(HttpCase):
    """``run_hoot(addon)`` runs the tests of one addon and fails as they fail.

    The page of all tests holds every file of every installed app. Only what the addon depends on is left in it,
    without styles and other apps' tests: a tenth of the time.
    """

    def run_hoot(self, addon):
        assets = self.registry["ir.asset"]
        find_paths = assets._get_asset_paths
        known = {addon, "base", "web", *self.env["ir.module.module.dependency"].all_dependencies([addon])}

        def needed(path):
            owner = path.strip("/").split("/")[0]
            return owner in known and not path.endswith((".css", ".scss")) and (owner == addon or not path.endswith(".test.js"))

        def paths(*args, **kwargs):
            return [asset for asset in find_paths(*args, **kwargs) if needed(asset[0])]

        signal = "[HOOT] Test suite succeeded"
        with (
            patch.object(assets, "_get_asset_paths", paths),
            patch.object(js_transpiler, "transpile_javascript", transpiled),
            self.assertLogs(self._logger.getChild("browser"), "INFO") as console,
        ):
            try:
                self.browser_js(
                    f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={suite_id('@' + addon)}",
                    "",
                    "",
                    login="admin",
                    timeout=300,
                    success_signal=signal,
                    error_checker=lambda message: "[HOOT]" not in message,
                )
            except AssertionError as error:
                said = [record.getMessage() for record in console.records if record.levelname in ("ERROR", "WARNING")]
                raise AssertionError("\n\n".join([str(error), *said])) from None
        # a page without a single test succeeds too
        self.assertRegex("\n".join(console.output), r"Passed [1-9]\d* tests")

"""The JavaScript unit tests of this addon."""

from odoo.tests import tagged

from odoo.addons.sop_pipeline.tests.hoot import HootCase


@tagged("post_install", "-at_install")
class TestJavaScript(HootCase):
    def test_unit(self):
        self.run_hoot("sop_inbox")

"""Mails about contact requests are worded by the administrator alone: what a template says is computed with all rights (C12)."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import RequestCase


@tagged("post_install", "-at_install")
class TestTemplates(RequestCase):
    def test_editors_of_templates(self):
        editor = new_test_user(self.env, "sop_editor", groups="base.group_user,mail.group_mail_template_editor")
        templates = self.env["mail.template"].with_user(editor)
        body = '<t t-out="object.sudo().phone"/>'
        for name in ("reminder", "escalation", "ending_7", "ending_1", "ending_0"):
            ours = self.env.ref(f"sop_contact_requests.mail_template_{name}").with_user(editor)
            for door in (lambda t=ours: t.write({"body_html": body}), ours.copy, ours.unlink):
                with self.assertRaises(AccessError):
                    door()
        model = self.env["ir.model"]._get("sop.contact.request")
        with self.assertRaises(AccessError):
            templates.create({"name": "x", "model_id": model.id, "body_html": body})
        theirs = templates.create({"name": "x", "model_id": self.env["ir.model"]._get("res.partner").id})
        with self.assertRaises(AccessError):
            theirs.write({"model_id": model.id})
        self.env.ref("sop_contact_requests.mail_template_reminder").with_user(self.env.ref("base.user_admin")).write({"subject": "Nhắc"})

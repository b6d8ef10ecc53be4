"""Mails about contact requests are worded by the administrator alone: what a template says is computed with all rights (C12)."""

from odoo.exceptions import AccessError, UserError
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


@tagged("post_install", "-at_install")
class TestHiddenFromTemplates(RequestCase):
    """A template runs with the rights of whoever sends it and may take all others: the number is not there for it."""

    WAYS = (
        "{r}.phone",
        "{r}.message_full",
        "{r}.entry_ids.phone",
        "{r}.mapped('phone')",
        "{r}.read(['phone'])",
        "{r}.read()",
        "{r}.copy_data()",
        "{r}.export_data(['phone'])",
        "{r}._read_format(['phone'])",
        "{r}.entry_ids.export_data(['phone'])",
        "{r}._get_numbers()",
        "{r}._get_full_message()",
        "{r}.action_reveal_phone()",
        "{r}.entry_ids._export()",
        "{r}._read_group([], ['phone'])",
        "{r}._fields['phone']._get_cache(env)",
        "{r}.filtered(lambda r: r.phone).mapped(lambda r: r.phone)",
        "{r}.search([('phone', 'like', '+84%')]).mapped('phone')",
        "env['sop.contact.entry'].sudo().search([], order='phone').mapped('phone')",
        "env(su=True)['sop.contact.request'].browse({id}).phone",
        "user.with_user(1).env(su=True)['sop.contact.request'].browse({id}).phone",
        "env.cr.execute('SELECT phone FROM sop_contact_request') or env.cr.fetchall()",
        "object.env.\uff43\uff52.execute('SELECT phone FROM sop_contact_entry') or object.env.\uff43\uff52.fetchall()",
        "env.registry.cursor().execute('SELECT phone FROM sop_contact_entry')",
        "env.execute_query({r}._search([]).select('phone'))",
    )
    ORACLES = (
        "{r}.search_count([('phone', '=', '{phone}')])",
        "{r}.search([('phone', '=like', '{phone}')]).ids",
        "{r}.search([('entry_ids.phone', '=', '{phone}')]).ids",
        "{r}.filtered_domain([('phone', '=', '{phone}')]).ids",
        "{r}._search([]).add_where('phone is not null')",
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.editor = new_test_user(cls.env, "sop_editor_2", groups="base.group_user,mail.group_mail_template_editor,base.group_partner_manager")
        entry = (
            cls.env["sop.contact.request"]
            ._store_form(
                {
                    "listing": cls.listing,
                    "external": None,
                    "nonce": "templates",
                    "name": "Vũ Thị Mơ",
                    "phone": "+84987612345",
                    "message": "Gọi 0987 612 345",
                },
                cls.website,
            )
            .sudo()
        )
        cls.request, cls.sign = entry.request_id, "987612345"
        cls.partner = cls.env["res.partner"].create({"name": "Khách", "email": "khach@example.com"})

    def code(self, way):
        record = f"env['sop.contact.request'].sudo().browse({self.request.id})"
        return way.replace("{r}", record).replace("{id}", str(self.request.id)).replace("{phone}", self.request.phone)

    def render(self, user, record, values):
        """What a template of the editor's makes of a record, sent by a user; the refusal's words where there is one."""
        self.request.read(["phone", "message_full"])  # it is in the cache: somebody has just worked with it
        try:
            template = (
                self.env["mail.template"].with_user(user).create({"name": "T", "model_id": self.env["ir.model"]._get_id(record._name), **values})
            )
            made = {}
            for sender in (user, self.env.ref("base.user_root")):  # a job sends later with all rights
                preview = template.with_user(sender)._generate_template(record.ids, list(values))
                made[sender.login] = preview[record.id]
            return "".join(char for char in str(made) if char.isalnum())
        except (AccessError, UserError) as error:
            self.env.invalidate_all()
            return "refused " + "".join(char for char in str(error) if char.isalnum())

    def forms(self, code):
        attribute = code.replace('"', "'")
        return {
            "inline subject": {"subject": "{{ " + code + " }}"},
            "inline address": {"email_to": "{{ " + code + " }}"},
            "qweb body": {"body_html": f'<p t-out="{attribute}"/>'},
            "qweb attribute": {"body_html": f'<a t-att-title="str({attribute})">x</a>'},
            "qweb variable": {"body_html": f'<t t-set="x" t-value="{attribute}"/><p t-out="x"/>'},
        }

    def assert_unreadable(self, user, record):
        for way in self.WAYS:
            for form, values in self.forms(self.code(way)).items():
                with self.subTest(f"{form}: {way} on {record._name}"):
                    told = self.render(user, record, values)
                    # the code of a refused template is told to its author
                    self.assertNotIn(self.sign, told)

    def test_mails_about_anything(self):
        self.assert_unreadable(self.editor, self.partner)

    def test_mails_about_requests(self):
        """Of the administrator, who alone words them."""
        self.assert_unreadable(self.env.ref("base.user_admin"), self.request)

    def test_no_question_is_answered(self):
        """Whether a number is stored is told as little as the number."""
        for way in self.ORACLES:
            for form, values in self.forms(self.code(way)).items():
                with self.subTest(f"{form}: {way}"):
                    self.assertTrue(self.render(self.editor, self.partner, values).startswith("refused"))

    def test_pages(self):
        """A page's designer has ``sudo()`` too."""
        view = self.env["ir.ui.view"].create({"type": "qweb", "key": "sop.probe", "arch": '<p t-out="record.sudo().phone"/>', "name": "x"})
        self.request.read(["phone"])
        with self.assertRaises(AccessError):
            self.env["ir.qweb"]._render(view.id, {"record": self.request})
        self.assertEqual(self.request.phone, "+84987612345", "afterwards it is there for the server again")

    def test_what_may_be_told_is_told(self):
        values = {
            "subject": "{{ object.buyer_name }} {{ object.phone_hint }} {{ object.env.cr.dbname }}",
            "body_html": '<p t-out="object.sudo().message"/>',
        }
        self.request.phone = "+84987612346"  # the hint is to be computed anew
        told = self.render(self.env.ref("base.user_admin"), self.request, values)
        self.assertIn("VũThịMơ346" + "".join(filter(str.isalnum, self.cr.dbname)), told)
        self.assertIn("Gọi", told)

"""Templates are words of people and have ``sudo()`` at hand: what nobody or the system alone may read is not there for them."""

from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

#: what says nothing about a person and opens nothing
HARMLESS = {
    ("res.partner", "sop_entitlement_rev"),  # a counter
    ("res.partner", "sop_news_at"),  # a time
    ("res.users", "sop_entitlement_rev"),
    ("res.users", "sop_news_at"),
}


@tagged("post_install", "-at_install")
class TestHidden(TransactionCase):
    def closed(self, model):
        """Whether nobody, or the system administrator alone, may read the records of a model."""
        readers = self.env["ir.model.access"].search([("model_id.model", "=", model._name), ("perm_read", "=", True)])
        return not model.is_transient() and all(reader.group_id == self.env.ref("base.group_system") for reader in readers)

    def hidden(self):
        """The fields of the suite that hold what nobody or the system alone may read, as core's own registers tell."""
        personal = self.env.registry["sop.personal.data.mixin"]._inherit_children
        for name in self.env.registry:
            model = self.env[name]
            if model._abstract:
                continue
            secret = model._sop_personal_fields() if name in personal and name.startswith("sop.") and self.closed(model) else ()
            for field in model._fields.values():
                ours = field.name.startswith("sop_") or name.startswith("sop.")
                if ours and (name, field.name) not in HARMLESS and (field.groups in (fields.NO_ACCESS, "base.group_system") or field.name in secret):
                    yield model, field

    def test_every_model_with_a_hidden_field_hides_it(self):
        found = list(self.hidden())
        self.assertIn(("sop.call", "recording_url"), [(model._name, field.name) for model, field in found])
        self.assertIn(("sop.exchange.event", "payload"), [(model._name, field.name) for model, field in found])
        wrong = []
        for model, field in found:
            hides = getattr(model, "_sop_is_hidden", None)
            if not (hides and hides(field)):
                wrong.append(f"{model._name}.{field.name}")
        self.assertEqual(wrong, [], "these inherit from sop.hidden.mixin, and name the field in _sop_hidden where it has no groups")

    def questions(self, model, name):
        return f"env['{model}'].sudo().search([('{name}', '!=', False)])", f"env['{model}'].sudo()._read_group([], ['{name}'])"

    def render(self, editor, sender, record, values):
        """What a template of the editor's, written when there was nothing to try it on, makes of a record when somebody sends it."""
        self.env.invalidate_all()
        values = {"name": "T", "model_id": self.env["ir.model"]._get_id(record._name), **values}
        with patch.object(self.env.registry["mail.template"], "_check_can_be_rendered", lambda *args, **options: None):
            template = self.env["mail.template"].with_user(editor).create(values)
        return template.with_user(sender)._generate_template(record.ids, list(values))

    @mute_logger("odoo.addons.mail.models.mail_render_mixin")
    def test_no_template_prints_one(self):
        """Each of them, through each form of template, by a user who may write templates and by the system's jobs."""
        editor = new_test_user(self.env, "sop_editor", groups="base.group_user,mail.group_mail_template_editor,base.group_partner_manager")
        partner = self.env["res.partner"].create({"name": "Khách", "email": "khach@example.com"})
        for code in self.questions("res.partner", "name"):  # what is no secret is answered
            self.assertIn("subject", self.render(editor, editor, partner, {"subject": "{{ " + code + " }}"})[partner.id])
        for model, field in self.hidden():
            if not field.store or not field.column_type:
                continue  # made of others
            for code in self.questions(model._name, field.name):
                for values in ({"subject": "{{ " + code + " }}"}, {"body_html": f'<p t-out="{code}"/>'}):
                    with self.subTest(f"{model._name}.{field.name}: {values}"):
                        for sender in (editor, self.env.ref("base.user_root")):
                            with self.assertRaises(UserError):
                                self.render(editor, sender, partner, values)

    @mute_logger("odoo.addons.mail.models.mail_render_mixin")
    def test_a_recording_stays_with_its_call(self):
        """The address of a recording is told to who called, by their press alone; a page does not show it either."""
        lead = self.env["crm.lead"].create({"name": "Áo", "phone": "0987654321"})
        call = self.env["sop.call"].create({"lead_id": lead.id, "number": "0987654321", "state": "answered", "company_id": self.env.company.id})
        call.recording_url = "https://pbx.example.com/rec/77"
        self.assertEqual(call.with_user(self.env.ref("base.user_admin")).action_open_recording()["url"], "https://pbx.example.com/rec/77")
        for values in ({"subject": "{{ object.sudo().recording_url }}"}, {"body_html": '<p t-out="object.sudo().recording_url"/>'}):
            with self.assertRaises(UserError):
                self.render(self.env.ref("base.user_admin"), self.env.ref("base.user_root"), call, values)
        view = self.env["ir.ui.view"].create({"type": "qweb", "key": "sop.probe", "arch": '<p t-out="call.sudo().recording_url"/>', "name": "x"})
        with self.assertRaises(AccessError):
            self.env["ir.qweb"]._render(view.id, {"call": call})
        self.assertEqual(call.recording_url, "https://pbx.example.com/rec/77", "afterwards it is there for the server again")


@tagged("post_install", "-at_install")
class TestCustomers(TransactionCase):
    """A customer reads core's records of their own over the network: what of ours is on them is for them, or closed to them."""

    #: what stands on core's records a customer may read, and why it may be read there
    OPEN = {
        "crm.stage": {"sop_code", "sop_process"},  # how the shop works is no secret
        "delivery.carrier": {"sop_service", "sop_days"},  # told in the shop
        "mail.activity": {"sop_at"},
        "mail.message": {
            "sop_side",
            "sop_payload",
            "sop_folded",
        },  # who spoke, the receipt as it was sent to them, the words they read without accents
        "product.product": {"sop_seller_id", "sop_is_package", "sop_package_days", "sop_sell_without_stock"},  # told in the shop
        # how the customer pays, what they write on a transfer, and what has arrived of it
        "sale.order": {
            "sop_payment",
            "sop_is_paid",
            "sop_payment_ref",
            "sop_amount_received",
            "sop_amount_missing",
            "sop_deposit",
            "sop_awaits_transfer",
        },
        "stock.picking": {"sop_parcel_unknown"},  # a flag
    }
    OPEN["product.template"] = OPEN["product.product"]
    #: one's own, and limits that are in the documentation
    WHOLE = {"res.partner", "res.users", "res.company"}

    def test_what_a_customer_may_read(self):
        customer = new_test_user(self.env, "sop_customer", groups="base.group_portal")
        visitor = self.env.ref("base.public_user")
        wrong = []
        for name in self.env.registry:
            model = self.env[name]
            if model._abstract or model.is_transient() or name.startswith("sop.") or name in self.WHOLE:
                continue
            for user in (customer, visitor):
                theirs = model.with_user(user)
                if theirs.has_access("read"):
                    read = {
                        field.name for field in model._fields.values() if field.name.startswith("sop_") and theirs._has_field_access(field, "read")
                    }
                    wrong += [f"{name}.{field} is read by {user.login}" for field in sorted(read - self.OPEN.get(name, set()))]
        self.assertEqual(wrong, [])

"""Two contacts, or two leads, that turn out to be one person: nothing is lost, nothing doubled, and what follows from both is true."""

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from ..order_common import OrderCommon

#: Core's merge knows unique constraints and no unique indexes: rows of these are deleted before contacts are merged
HANDLED = {("sop_old_address", "partner_id"), ("sop_seller_notice", "seller_id")}


@tagged("post_install", "-at_install")
class TestMergeable(TransactionCase):
    def test_no_unique_index_of_ours_stops_a_merge(self):
        """Links to contacts that stand in a unique index: two rows that become alike would be an error of the database."""
        self.env.cr.execute(
            """SELECT DISTINCT t.relname, a.attname
                 FROM pg_constraint c
                 JOIN pg_class t ON t.oid = c.conrelid AND t.relname LIKE 'sop%'
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
                 JOIN pg_index i ON i.indrelid = t.oid AND i.indisunique AND a.attnum = ANY(i.indkey)
                 JOIN pg_class n ON n.oid = i.indexrelid
                WHERE c.contype = 'f' AND c.confrelid = 'res_partner'::regclass
                  AND array_length(c.conkey, 1) = 1 AND (SELECT count(*) FROM pg_attribute o WHERE o.attrelid = t.oid AND o.attnum > 0) > 2
                  AND NOT EXISTS (SELECT FROM pg_constraint u WHERE u.conindid = i.indexrelid AND u.contype = 'u')"""
        )
        found = set(self.env.cr.fetchall())
        self.assertIn(("sop_old_address", "partner_id"), found, "the statement finds what is there")
        self.assertLessEqual(found, HANDLED)


@tagged("post_install", "-at_install")
class TestMerge(OrderCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"sop_vip_orders": 0, "sop_vip_amount": 0, "sop_priority_orders": 2})
        cls.twin = cls.env["res.partner"].create({"name": "Anh An", "phone": "0909999888", "street": "9 Lê Lợi", "city": "Hà Nội"})
        cls.conversation.partner_id = cls.partner
        cls.second = cls.make("Anh An", partner_id=cls.twin.id)
        cls.talks = cls.conversation | cls.second

    def merge(self):
        """The twin becomes the partner."""
        self.env.flush_all()
        self.env["base.partner.merge.automatic.wizard"]._merge((self.twin | self.partner).ids, self.partner)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(self.twin.exists())

    def test_who_comes_first_and_how_they_are_found(self):
        for talk in self.talks:
            self.order(talk, payment="later", confirm=True, product=self.advice)
        self.assertEqual(self.talks.mapped("priority"), [False, False])
        self.merge()
        self.assertEqual(self.talks.mapped("priority"), ["again", "again"])
        self.assertEqual([(talk.order_count, talk.sold_count) for talk in self.talks], [(1, 1), (1, 1)])
        found = self.env["sop.conversation"].with_user(self.manager).search([("words", "=", "0901234567")])
        self.assertEqual(found, self.talks, "both are found by the number of the one contact")
        self.assertEqual(self.env["sop.conversation.recount"]._find_drift(self.talks.ids), [])

    def test_the_agent_has_left(self):
        """What follows from both needs nobody who looks after them."""
        for talk in self.talks:
            self.order(talk, payment="later", confirm=True, product=self.advice)
            talk._assign(self.agent)
        self.agent.active = False
        self.merge()
        self.assertEqual(self.talks.mapped("priority"), ["again", "again"])
        self.assertEqual(self.second.with_user(self.mate).get_panel()["orders"]["bought"], 2)

    def test_what_is_called_about(self):
        self.company.sop_call_amount = 1
        orders = self.env["sale.order"].union(*(self.order(talk, payment="later", product=self.advice) for talk in self.talks))
        orders.action_sop_call_no_answer()
        self.merge()
        self.assertEqual(orders.partner_id, self.partner)
        self.assertEqual(orders.mapped("sop_call_first"), [True, True])
        orders.action_sop_call_confirmed()
        self.assertEqual(orders.mapped("sop_call_first"), [False, False])

    def test_addresses_of_the_old_kind(self):
        rows = self.env["sop.old.address"]._sop_keeping().create([{"partner_id": partner.id} for partner in self.partner | self.twin])
        self.merge()
        self.assertEqual(rows.exists().partner_id, self.partner)

    # === CONSENT ===

    def said(self, partner, given, day):
        """``partner`` agreed or refused on a day of January."""
        partner.sop_tracking_consent = True
        partner.sop_tracking_consent = given
        partner._sop_keeping().write({"sop_tracking_consent_at": f"2026-01-{day:02}"})

    def consent(self):
        return self.partner.sop_tracking_consent, str(self.partner.sop_tracking_consent_at)[:10], bool(self.partner.sop_tracking_consent_text)

    def test_the_latest_word_on_consent_counts(self):
        self.said(self.twin, True, 1)
        self.said(self.partner, False, 2)
        self.merge()
        self.assertEqual(self.consent(), (False, "2026-01-02", False), "no consent that was taken back comes to life")

    def test_a_later_refusal_of_the_other_contact_counts(self):
        self.said(self.twin, False, 2)
        self.said(self.partner, True, 1)
        self.merge()
        self.assertEqual(self.consent(), (False, "2026-01-02", False))

    def test_a_later_consent_comes_with_its_proof(self):
        self.said(self.twin, True, 3)
        self.said(self.partner, False, 2)
        self.merge()
        self.assertEqual(self.consent(), (True, "2026-01-03", True))

    def test_who_never_said_anything_says_nothing(self):
        self.said(self.partner, True, 3)
        self.merge()
        self.assertEqual(self.consent(), (True, "2026-01-03", True))

    # === LEADS ===

    def test_merged_leads_bring_their_conversations_along(self):
        leads = self.env["crm.lead"].create([{"name": name, "partner_id": self.partner.id} for name in ("Một", "Hai")])
        leads[1].tag_ids = [Command.link(self.env.ref("sop_pipeline.crm_tag_vip").id)]
        for talk, lead in zip(self.talks, leads, strict=True):
            talk.lead_id = lead
        self.assertEqual(self.talks.mapped("priority"), [False, "vip"])
        merged = leads.merge_opportunity()
        self.assertEqual((self.talks.lead_id, self.talks.mapped("priority")), (merged, ["vip", "vip"]))

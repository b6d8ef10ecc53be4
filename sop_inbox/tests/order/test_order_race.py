import threading
from uuid import uuid4

from odoo import api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged


@tagged("post_install", "-at_install", "sop_orders")
class TestOrderRace(BaseCase):
    """Two people at the same moment, in two real transactions on committed data."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.key = uuid4().hex[:8]
        with self.registry.cursor() as cr:
            self.make(api.Environment(cr, api.SUPERUSER_ID, {}))
        self.addCleanup(self.clean)

    def make(self, env):
        product = env["product.product"].create(
            {"name": f"Áo cuối {self.key}", "type": "consu", "is_storable": True, "list_price": 1000, "taxes_id": False}
        )
        warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
        env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, 1)
        account = env["sop.channel.account"].create({"name": self.key, "provider": "livechat", "external_id": self.key})
        conversations = env["sop.conversation"]
        for number in range(2):
            identity = env["sop.identity"]._get_or_create(account, f"{self.key}-{number}", name=f"Khách {self.key} {number}")
            conversations |= env["sop.conversation"]._get_or_create(account, "message", identity)
        self.product_id, self.account_id, self.conversation_ids = product.id, account.id, conversations.ids

    def clean(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            orders = env["sale.order"].search([("sop_conversation_id", "in", self.conversation_ids)])
            orders.filtered(lambda order: order.state == "sale").action_cancel()
            orders.picking_ids.unlink()
            orders.unlink()
            conversations = env["sop.conversation"].browse(self.conversation_ids)
            partners, channels, identities = conversations.partner_id, conversations.channel_id, conversations.identity_id
            conversations.unlink()
            channels.unlink()
            (identities.exists()).unlink()
            env["sop.channel.account"].browse(self.account_id).unlink()
            partners.unlink()
            env["sop.interaction"]._gc_orphans()  # as every night: their chats are about nobody now
            product = env["product.product"].browse(self.product_id)
            env["stock.quant"].search([("product_id", "=", product.id)]).sudo().unlink()
            product.product_tmpl_id.unlink()

    def at_once(self, *jobs):
        """Run each job as a request of its own, all let go together; return their results or UserErrors."""
        gate, results = threading.Barrier(len(jobs)), [None] * len(jobs)

        def request(number, job):
            with self.registry.cursor() as cr:
                env = api.Environment(cr, api.SUPERUSER_ID, {})
                cr.execute("SELECT 1")  # the picture of the database is taken before the other is done
                gate.wait(60)
                try:
                    results[number] = retrying(lambda: job(env), env)
                except UserError as error:
                    results[number] = error

        threads = [threading.Thread(target=request, args=item, daemon=True) for item in enumerate(jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        return results

    def order(self, number, **vals):
        vals = {"lines": [{"product_id": self.product_id, "qty": 1}], **vals}
        return lambda env: env["sop.conversation"].browse(self.conversation_ids[number]).action_create_order(vals)

    def orders(self, state):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            return env["sale.order"].search([("sop_conversation_id", "in", self.conversation_ids), ("state", "=", state)]).ids

    def test_the_last_piece(self):
        """Of two agents one sells it, the other is told that none is left."""
        results = self.at_once(self.order(0, confirm=True), self.order(1, confirm=True))
        refused = [result for result in results if isinstance(result, UserError)]
        self.assertEqual(len(self.orders("sale")), 1, results)
        self.assertEqual(len(refused), 1, results)
        self.assertIn("Áo cuối", str(refused[0]))
        self.assertIn("0", str(refused[0]))

    def test_double_click(self):
        first, second = self.at_once(self.order(0, confirm=True), self.order(0, confirm=True))
        self.assertEqual(first, second)
        self.assertEqual(self.orders("sale"), [first])

    def test_two_agents_confirm_one_draft(self):
        [draft] = self.at_once(self.order(0))
        job = lambda env: env["sop.conversation"].browse(self.conversation_ids[0])._order_form.action_confirm_order(draft)  # noqa: E731
        self.assertEqual(self.at_once(job, job), [draft, draft])
        with self.registry.cursor() as cr:
            cr.execute("SELECT count(*) FROM stock_picking WHERE sale_id = %s", [draft])
            self.assertEqual(cr.fetchone()[0], 1)
            cr.execute("SELECT count(*) FROM sop_conversion_event WHERE order_id = %s", [draft])
            self.assertEqual(cr.fetchone()[0], 2)
            cr.execute("SELECT count(*) FROM mail_message WHERE sop_payload->>'type' = 'receipt' AND (sop_payload->>'order_id')::int = %s", [draft])
            self.assertEqual(cr.fetchone()[0], 1)

    def test_the_customer_writes_meanwhile(self):
        """Neither the order nor the message is lost or doubled."""

        def message(env):
            return env["sop.conversation"].browse(self.conversation_ids[0])._post_inbound("giao nhanh nhé").id

        ordered, posted = self.at_once(self.order(0, confirm=True), message)
        self.assertEqual(self.orders("sale"), [ordered])
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            conversation = env["sop.conversation"].browse(self.conversation_ids[0])
            self.assertTrue(env["mail.message"].browse(posted).exists())
            self.assertEqual(conversation.order_count, 1)
            self.assertFalse(env["sop.conversation.recount"]._find_drift(conversation.ids))

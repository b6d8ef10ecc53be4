import base64

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.sop_pipeline.tests.doors import DoorsCase

from .channel_common import PAGE, POST, ChannelCommon
from .order_common import OrderCommon

PIXEL = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

#: Models whose doors stand on the conversation too, with the same arguments
PARTS = ("sop.order.form.", "sop.conversation.reply.", "sop.inbox.screen.")


@tagged("post_install", "-at_install")
class TestDoors(DoorsCase, ChannelCommon, OrderCommon):
    """Who may go through the doors of this addon: behind them stands what team North has, its chats, orders and livestream."""

    addon = "sop_inbox"
    loose = ("sop.conversation.action_update_order", "sop.order.form.action_update_order")
    secrets = ("0901234567", "901 234 567", "Nguyễn Văn An", "Kín")

    def setUp(self):
        super().setUp()
        self.now = fields.Datetime.now()  # a livestream takes comments of the moment: the test before may have taken minutes
        self.quieten_platforms()
        self.people = self.make_people()
        self.talk = self.make_talk()
        self.post_row = self.make_comment()
        self.live = self.make_livestream()
        self.conversation.write({"partner_id": self.partner.id})
        self.draft, self.sold = self.order(qty=1), self.order(product=self.cap, confirm=True, payment="later")
        self.in_doubt = self.order(qty=2, confirm=True, payment="later")
        self.cash = self.env["account.journal"].create({"name": "COD", "code": "CODD", "type": "bank", "company_id": self.company.id})
        self.give_lead()
        self.records = self.make_records()
        self.targets = self.make_targets()
        self.calls = self.make_order_calls() | self.make_calls() | self.make_day_calls()
        self.calls |= {f"sop.conversation.{door.rpartition('.')[2]}": given for door, given in self.calls.items() if door.startswith(PARTS)}
        self.env.flush_all()

    def quieten_platforms(self):
        """Platforms have nothing to say here; see the tests of channels."""
        facebook, zalo = type(self.env["sop.provider.facebook"]), type(self.env["sop.provider.zalo"])
        self.patch(facebook, "check", lambda service, account, perform: [])
        self.patch(facebook, "subscribe", lambda service, account, perform: None)
        self.patch(zalo, "renew", lambda service, account: True)
        self.patch(type(self.env["sop.channel.template"]), "_fetch", lambda templates, account: None)
        self.patch(
            type(self.env["sop.carrier.ghn"]),
            "_call",
            lambda service, *args, **options: "https://example.com/labels" if args[0] == "labels" else None,
        )

    def make_people(self):
        foreign = new_test_user(
            self.env,
            "door_foreign",
            "base.group_user,sop_inbox.sop_inbox_group_manager,sales_team.group_sale_manager,stock.group_stock_manager",
            company_id=self.company_b.id,
            company_ids=[Command.set(self.company_b.ids)],
        )
        return {
            "public": self.env.ref("base.public_user"),
            "portal buyer": self.portal,
            "portal seller": new_test_user(self.env, "door_seller", "base.group_portal"),
            "internal": new_test_user(self.env, "door_internal", "base.group_user"),
            "other team": self.other,
            "other company": foreign,
            "agent": self.agent,
            "manager": self.manager,
            "admin": self.env.ref("base.user_admin"),
            "accountant": new_test_user(self.env, "door_accountant", "account.group_account_invoice"),
            "packer": new_test_user(self.env, "door_packer", "stock.group_stock_user"),
            "boss": new_test_user(self.env, "door_boss", "sales_team.group_sale_manager,sop_inbox.sop_inbox_group_manager"),
        }

    def make_talk(self):
        """A chat on the page with a reply that failed and one that waits."""
        self.hear_text("Kín", "m_1")
        talk = self.chat()
        rows = self.env["sop.channel.message"]
        for text in ("Trả lời", "Trả lời nữa", "Hỏng"):
            rows |= rows.search([("mail_message_id", "=", self.reply(talk, text).id)])
        self.waiting, self.lost, self.failed = rows
        self.lost.write({"state": "unknown", "may_have_arrived": True})
        self.failed.write({"state": "failed", "reason": "person"})
        return talk

    def make_comment(self):
        self.hear_comment(text="Kín")
        return self.row(f"{POST}_1")

    def make_livestream(self):
        size = self.env["product.attribute"].create({"name": "Size", "value_ids": [Command.create({"name": name}) for name in "ML"]})
        template = self.env["product.template"].create(
            {
                "name": "Áo live",
                "list_price": 100,
                "attribute_line_ids": [Command.create({"attribute_id": size.id, "value_ids": [Command.set(size.value_ids.ids)]})],
            }
        )
        live = self.env["sop.live.session"].create(
            {
                "post_id": self.env["sop.channel.post"]._get_or_create(self.page, POST).id,
                "item_ids": [Command.create({"code": "A1", "product_tmpl_id": template.id, "quantity": 5})],
            }
        )
        live.action_start()
        self.hear_comment(ref=f"{POST}_2", text="A1 0901234567", sender="8000002")
        return live

    def make_records(self):
        env = self.env
        canned = env["mail.canned.response"].create(
            {"source": "chao", "substitution": "Kín {{product}}", "group_ids": [Command.link(env.ref("sop_inbox.sop_inbox_group_manager").id)]}
        )
        mine = (
            env["mail.canned.response"]
            .with_user(self.agent)
            .create({"source": "gia", "substitution": "Giá {{price}}", "sop_product_id": self.shirt.id})
        )
        picture = env["ir.attachment"].create({"name": "hoa.png", "datas": PIXEL, "mimetype": "image/png"})
        env["sop.picture"]._remember(picture, self.company)
        env["sop.picture"].search([("company_id", "=", self.company.id)]).folder = "Mẫu"
        self.canned, self.mine = canned, mine
        return {
            "crm.team.member": self.north.crm_team_member_ids[:1],
            "discuss.channel.member": self.conversation.channel_id.channel_member_ids,
            "discuss.channel": self.conversation.channel_id,
            "mail.message": self.say(self.conversation, "Kín"),
            "res.users": self.agent,
            "sale.order": self.draft,
            "sale.order.line": self.draft.order_line[:1],
            "sop.channel.account": self.page,
            "sop.channel.event": env["sop.channel.event"].search([("page_ref", "=", PAGE)], limit=1),
            "sop.channel.media": env["sop.channel.media"].search([("account_id", "=", self.page.id)], limit=1),
            "sop.channel.message": self.post_row,
            "sop.conversation": self.conversation,
            "sop.identity": self.conversation.identity_id,
            "sop.live.claim": self.live.claim_ids,
            "sop.live.item": self.live.item_ids,
            "sop.live.session": self.live,
            "sop.conversation.panel": self.conversation._panel,
            "sop.conversation.reply": self.conversation._replies,
            "sop.inbox.screen": self.env["sop.inbox.screen"].browse(self.conversation.ids),
            "sop.order.form": self.conversation._order_form,
            "sop.order.export": env["sop.order.export"]
            .with_user(self.manager)
            .sudo(False)
            .browse(env["sop.order.export"].with_user(self.manager).action_export([])["id"]),
            "sop.tag.rule": env["sop.tag.rule"].create({"name": "sỉ", "tag_id": env["crm.tag"].create({"name": "Sỉ"}).id}),
            "sop.picture": env["sop.picture"].search([("company_id", "=", self.company.id)], limit=1),
            "sop.parcel": self.make_parcel("unknown", 1, self.in_doubt),
            "sop.old.address": self.make_old_address(),
            "sop.parcel.batch": self.make_batch(),
            "sop.cod.statement": self.make_statement("accepted"),
            "sop.parcel.news": self.make_news(),
            "delivery.carrier": self.env["delivery.carrier"].search([("delivery_type", "=", "ghn")], limit=1),
            "stock.picking": self.sold.picking_ids,
        } | self.make_day()

    def make_old_address(self):
        """A contact's address as it was read, and the ward it becomes."""
        address = {name: self.partner[name] for name in ("street", "street2", "city")} | {"state_id": self.partner.state_id.id}
        return self.env["sop.old.address"].create({"partner_id": self.partner.id, "ward_id": self.env["res.city"].search([], limit=1).id, **address})

    def make_day(self):
        """What belongs to an agent's day: a script's rule, a reply sent later, a macro, the lorry."""
        env = self.env
        script = env["chatbot.script"].create({"title": "Bé Na"})
        env["chatbot.script.step"].create({"chatbot_script_id": script.id, "message": "<p>Chào</p>"})
        self.macro = env["sop.macro"].create({"name": "Gắn thẻ", "tag_ids": [Command.link(env["crm.tag"].create({"name": "Hẹn"}).id)]})
        self.run_id = env["sop.conversation.macro"].with_user(self.agent).browse(self.talk.id).action_run(self.macro.id)["run_id"]
        at = fields.Datetime.add(fields.Datetime.now(), hours=1)
        self.later = {"model": "discuss.channel", "res_id": self.talk.channel_id.id, "body": "Hẹn", "scheduled_date": fields.Datetime.to_string(at)}
        scheduled = env["mail.scheduled.message"].with_user(self.agent).create(self.later | {"author_id": self.agent.partner_id.id})
        return {
            "im_livechat.channel.rule": env["im_livechat.channel.rule"].create({"sop_account_id": self.page.id, "chatbot_script_id": script.id}),
            "mail.scheduled.message": scheduled.with_env(env),
            "res.company": self.company,
            "sop.call.rule": env["sop.call.rule"].create({"name": "Riêng", "kind": "names", "company_id": self.company.id}),
            "sop.conversation.consent": env["sop.conversation.consent"].browse(self.talk.id),
            "sop.conversation.later": env["sop.conversation.later"].browse(self.talk.id),
            "sop.conversation.macro": env["sop.conversation.macro"].browse(self.talk.id),
            "sop.shipping.desk": env["sop.shipping.desk"].browse(self.conversation.id),
        }

    def make_day_calls(self):
        address = {"street": "1 Lê Lợi", "city": "Phường Bến Nghé", "state_id": self.saigon.id}
        return {
            "im_livechat.channel.rule.create": [[{"sop_account_id": self.page.id}]],
            "im_livechat.channel.rule.write": [{"sequence": 3}],
            "mail.scheduled.message.create": [[self.later | {"author_id": self.agent.partner_id.id}]],
            "mail.scheduled.message.write": [{"body": "Hẹn khác"}],
            "res.company.write": [{"sop_priority_orders": 5}],
            "sale.order.action_sop_call_outcome": ["confirmed"],
            "sop.call.rule.create": [[{"name": "Mới", "kind": "names"}]],
            "sop.call.rule.write": [{"sequence": 7}],
            "sop.conversation.consent.action_set": [True],
            "sop.conversation.later.action_cancel": [self.records["mail.scheduled.message"].id],
            "sop.conversation.later.action_schedule": ["Hẹn", self.later["scheduled_date"], True],
            "sop.conversation.macro.action_run": [self.macro.id],
            "sop.conversation.macro.action_undo": [self.run_id],
            "sop.order.form.action_reorder": [self.sold.id],
            "sop.shipping.desk.action_quote": [self.slow.id, address, 300],
            "sop.shipping.desk.get_quotes": [address, 300],
        }

    def make_statement(self, state):
        """A carrier's statement that was read, or not yet."""
        carrier = self.carrier("Statement", 0, delivery_type="ghn", sop_cod_journal_id=self.cash.id)
        file = base64.b64encode("Mã vận đơn;COD\nA;1000\n".encode())
        return self.env["sop.cod.statement"].create(
            {"name": "a.csv", "carrier_id": carrier.id, "file": file, "state": state, "company_id": self.company.id}
        )

    def make_paid_statement(self):
        """A carrier's statement whose transfer was found."""
        statement = self.make_statement("accepted")
        values = {"journal_id": self.cash.id, "payment_ref": "COD", "amount": 1000, "date": "2026-11-29"}
        statement.book_line_id = self.env["account.bank.statement.line"].create(values)
        return statement

    def make_claim(self):
        """Cash that no statement named."""
        return self.env["sop.cod.claim"].create({"parcel_id": self.make_parcel("delivered", 8).id, "kind": "missing", "ours": 1000, "state": "open"})

    def make_exclusion(self):
        """A packer says why a parcel does not count."""
        parcel = self.make_parcel("returned", 9)
        return self.env["sop.parcel.exclude"].with_user(self.people["packer"]).create({"parcel_ids": parcel.ids, "reason": "nhầm"}).sudo()

    def make_batch(self):
        """The confirmed order's delivery, refused by its carrier."""
        carrier = self.carrier("Batch", 0, delivery_type="ghn")
        picking = self.sold.picking_ids.copy({"carrier_id": carrier.id, "carrier_tracking_ref": "G77"})
        values = {"our_ref": "door-77", "attempt": 1, "tracking_ref": "G77", "state": "waiting"}
        self.env["sop.parcel"].create({"picking_id": picking.id, "company_id": picking.company_id.id, "carrier_id": carrier.id, **values})
        batch = self.env["sop.parcel.batch"].create({"user_id": self.people["packer"].id, "company_id": picking.company_id.id})
        self.env["sop.parcel.batch.row"].create({"batch_id": batch.id, "picking_id": picking.id, "state": "failed"})
        return batch

    def give_lead(self):
        """The confirmed order's opportunity, to call from."""
        vals = {"name": "Kín", "type": "opportunity", "phone": "0901234567", "user_id": self.agent.id, "company_id": self.company.id}
        self.sold.opportunity_id = self.env["crm.lead"].create(vals)

    def make_news(self):
        """A webhook that was about nothing of ours."""
        carrier = self.env["delivery.carrier"].search([("delivery_type", "=", "ghn")], limit=1)
        vals = {"carrier_id": carrier.id, "key": "k", "body": "{}", "received_at": "2026-11-29 05:00:00", "state": "ignored"}
        return self.env["sop.parcel.news"].create(vals)

    def make_parcel(self, state, number, order=None):
        """A parcel of an order at GHN, of the confirmed one unless another is said."""
        carrier = self.carrier("GHN", 0, delivery_type="ghn")
        picking = (order or self.sold).picking_ids.sorted("id")[:1]
        values = {"our_ref": f"door-{number}", "attempt": number, "tracking_ref": f"G{number}", "state": state}
        return self.env["sop.parcel"].create({"picking_id": picking.id, "company_id": picking.company_id.id, "carrier_id": carrier.id, **values})

    def make_targets(self):
        comments = self.post_row.conversation_id
        return {
            "sop.cod.statement.action_read": self.make_statement("new"),
            "sop.cod.statement.action_accept": self.make_statement("read"),
            "sop.cod.statement.action_undo": self.make_statement("read"),
            "sop.cod.statement.action_find_payout": self.make_paid_statement(),
            "sop.cod.claim.action_export": self.make_claim(),
            "sop.parcel.exclude.action_confirm": self.make_exclusion(),
            "sop.parcel.action_print": self.make_parcel("waiting", 7),
            "sop.parcel.action_take_back": self.make_parcel("waiting", 2),
            "sop.parcel.action_follow": self.make_parcel("waiting", 3),
            "sop.parcel.action_set_state": self.make_parcel("waiting", 4),
            "sale.order.action_sop_send_receipt": self.sold,
            "sale.order.action_sop_deliver_again": self.sold,
            "sale.order.action_sop_send_back": self.sold,
            "sale.order.action_sop_call_buyer": self.sold,
            "stock.picking.action_sop_hand_over": self.sold.picking_ids.copy({"carrier_id": self.carrier("Hand", 0, delivery_type="ghn").id}),
            "sop.parcel.action_deliver_again": self.make_parcel("failed", 5),
            "sop.parcel.action_send_back": self.make_parcel("failed", 6),
            "sale.order.action_cancel": self.sold,
            "sop.channel.message.action_arrived": self.lost,
            "sop.channel.message.action_retry": self.lost,
            "sop.channel.message.action_take_back": self.waiting,
            "sop.conversation.sending.action_private_reply": comments,
            "sop.conversation.action_send_template": self.talk,
            "sop.conversation.action_request_info": self.make_zalo_talk(),
            "sop.conversation.action_create_partner": comments,
            "sop.channel.account.action_renew": self.oa,
        }

    def make_zalo_talk(self):
        self.hear_zalo(text="Kín")
        return self.chat(self.oa)

    def make_order_calls(self):
        line = {"product_id": self.shirt.id, "qty": 1, "discount": 5, "note": "Gói quà"}
        address = {"street": "1 Lê Lợi", "city": "Phường Bến Nghé", "state_id": self.saigon.id}
        return {
            "sop.order.form.action_create_order": [
                {
                    "lines": [line],
                    "partner_id": self.partner.id,
                    "carrier_id": self.slow.id,
                    "fee": 10_000,
                    "payment": "cod",
                    "warehouse_id": self.warehouse.id,
                    "note": "Giao giờ hành chính",
                    "confirm": False,
                    "request_ref": "r1",
                }
            ],
            "sop.order.form.action_update_order": [
                {
                    "customer": {"name": "Nguyễn Văn An", "phone": "0901234567", "email": "an@example.com", **address},
                    "add": {"product_id": self.advice.id, "qty": 1},
                    "line": {"id": self.draft.order_line[:1].id, "qty": 2, "discount": 3, "note": "Đỏ"},
                    "warehouse_id": self.warehouse.id,
                    "carrier_id": self.slow.id,
                    "fee": 5000,
                    "promotions": True,
                    "discount": 1000,
                    "payment": "transfer",
                    "note": "Gọi trước",
                }
            ],
            "sop.order.form.get_shipping_quotes": [{"lines": [line], "address": address}],
            "sop.order.form.action_cancel_order": [self.sold.id, True],
            "sop.order.form.action_confirm_order": [self.draft.id, self.draft.amount_total],
            "sop.order.form.action_send_quotation": [self.draft.id],
            "sop.order.form.action_send_receipt": [self.sold.id],
            "sop.order.form.action_use_address": [self.say(self.conversation, "12 Lê Lợi, P. Bến Nghé, Q.1, TP.HCM").id],
            "sop.order.form.search_order_products": ["áo", 5],
            "sop.order.form.action_send_parcel": [self.sold.id],
            "sop.order.export.action_export": [[("state", "=", "sale")]],
            "sale.order.create": [[{"partner_id": self.partner.id, "sop_conversation_id": self.conversation.id}]],
            "sale.order.write": [{"client_order_ref": "x"}],
        }

    def make_calls(self):
        template = self.env["sop.channel.template"].create(
            {"account_id": self.page.id, "name": "t", "language": "vi", "body": "Chào {{1}}", "state": "approved"}
        )
        open_ones = [("state", "=", "open")]
        return {
            "crm.team.create": [[{"name": "Đội mới"}]],
            "crm.team.member.create": [[{"crm_team_id": self.south.id, "user_id": self.agent.id}]],
            "crm.team.member.write": [{"assignment_max": 5}],
            "discuss.channel.create": [[{"name": "Nội bộ", "channel_type": "channel"}]],
            "discuss.channel.member.create": [[{"channel_id": self.conversation.channel_id.id, "partner_id": self.other.partner_id.id}]],
            "mail.message.create": [[{"model": "discuss.channel", "res_id": self.conversation.channel_id.id, "body": "x"}]],
            "mail.message.write": [{"body": "Khác"}],
            "res.users.write": [{"active": False}],
            "discuss.channel.message_post": {"body": "Chào", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"},
            "mail.canned.response.search_canned": ["gi", 5],
            "sop.channel.account.create": [[{"external_id": "page-new", "provider": "facebook"}]],
            "sop.channel.account.write": [{"name": "Trang khác"}],
            "sop.conversation.action_assign": [self.mate.id],
            "sop.inbox.screen.action_bulk": ["tag", self.env["crm.tag"].create({"name": "VIP"}).ids, [self.conversation.last_inbound_ref]],
            "sop.conversation.action_create_partner": [{"name": "An", "phone": "0901234567"}],
            "sop.conversation.action_done": [self.conversation.last_inbound_ref],
            "sop.conversation.action_mark_read": [self.conversation.last_inbound_ref],
            "sop.conversation.sending.action_private_reply": ["Mời bạn nhắn tin", self.post_row.id],
            "sop.conversation.reply.action_send_canned": [self.mine.id, self.shirt.id],
            "sop.conversation.reply.action_send_picture": [self.records["sop.picture"].ids],
            "sop.conversation.reply.action_send_product": [self.shirt.id],
            "sop.conversation.action_send_template": [template.id, ["An"]],
            "sop.conversation.action_snooze": ["2099-01-01 00:00:00", self.conversation.last_inbound_ref],
            "sop.conversation.action_spam": [self.conversation.last_inbound_ref],
            "sop.conversation.create": [
                [
                    {
                        "name": "x",
                        "account_id": self.account.id,
                        "identity_id": self.conversation.identity_id.id,
                        "channel_id": self.conversation.channel_id.id,
                        "kind": "comment",
                    }
                ]
            ],
            "sop.inbox.screen.action_look": ["looking"],
            "sop.inbox.screen.get_counters": [open_ones],
            "sop.conversation.message_post": {"body": "Ghi chú", "message_type": "comment"},
            "sop.conversation.reply.preview_canned": [self.mine.id, self.shirt.id],
            "sop.conversation.reply.search_products": ["áo", 5],
            "sop.conversation.web_search_read": [open_ones, {"name": {}, "phone": {}}, 0, 40, None, 100],
            "sop.conversation.write": [{"tag_ids": [Command.clear()]}],
            "sop.conversion.event.create": [[{"order_id": self.sold.id}]],
            "sop.duty.action_set": [True],
            "sop.live.claim.action_choose": [self.live.item_ids.product_tmpl_id.product_variant_ids[:1].id],
            "sop.live.item.write": [{"quantity": 7}],
            "sop.live.session.get_board": ["asked"],
            "sop.parcel.action_set_state": ["returned"],
            "sop.parcel.action_exclude": ["nhầm"],
            "sale.order.action_sop_send_anyway": ["khách quen"],
            "sop.cod.statement.write": [{"date": "2026-11-29"}],
            "sop.parcel.write": [{"tracking_ref": "G9"}],
            "sop.picture.action_upload": [[{"name": "mau.png", "data": PIXEL.decode()}], "Mẫu"],
            "sop.picture.search_pictures": ["hoa", 5],
            "sop.tag.rule.create": [[{"name": "buôn", "tag_id": self.records["sop.tag.rule"].tag_id.id}]],
            "sop.tag.rule.write": [{"name": "lẻ"}],
        }

    def test_bulk_refuses_each_row(self):
        for role in ("other team", "other company"):
            with self.undone():
                _got, answer = self.call_door("sop.conversation.action_bulk", self.people[role], self.conversation.ids, ["done"])
                self.assertEqual([(row["id"], row["ok"]) for row in answer], [(self.conversation.id, False)])
                self.assertEqual(self.conversation.state, "open")

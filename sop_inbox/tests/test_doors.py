from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.sop_pipeline.tests.doors import DoorsCase

from .channel_common import PAGE, POST, ChannelCommon
from .order_common import OrderCommon

PIXEL = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@tagged("post_install", "-at_install")
class TestDoors(DoorsCase, ChannelCommon, OrderCommon):
    """Who may go through the doors of this addon: behind them stands what team North has, its chats, orders and livestream."""

    addon = "sop_inbox"
    loose = ("sop.conversation.action_update_order",)
    secrets = ("0901234567", "901 234 567", "Nguyễn Văn An", "Kín")

    def setUp(self):
        super().setUp()
        self.quieten_vendors()
        self.people = self.make_people()
        self.talk = self.make_talk()
        self.post_row = self.make_comment()
        self.live = self.make_livestream()
        self.conversation.write({"partner_id": self.partner.id})
        self.draft, self.sold = self.order(qty=1), self.order(product=self.cap, confirm=True, payment="later")
        self.records = self.make_records()
        self.targets = self.make_targets()
        self.calls = self.make_order_calls() | self.make_calls()
        self.env.flush_all()

    def quieten_vendors(self):
        """Platforms have nothing to say here; see the tests of channels."""
        facebook, zalo = type(self.env["sop.provider.facebook"]), type(self.env["sop.provider.zalo"])
        self.patch(facebook, "check", lambda service, account, perform: [])
        self.patch(facebook, "subscribe", lambda service, account, perform: None)
        self.patch(zalo, "renew", lambda service, account: True)
        self.patch(type(self.env["sop.channel.template"]), "_fetch", lambda templates, account: None)
        self.patch(type(self.env["sop.carrier.ghn"]), "_call", lambda service, *args, **options: None)

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
        self.canned, self.mine = canned, mine
        return {
            "crm.team.member": self.north.crm_team_member_ids[:1],
            "discuss.channel.member": self.conversation.channel_id.channel_member_ids,
            "discuss.channel": self.conversation.channel_id,
            "mail.message": self.say(self.conversation, "Kín"),
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
            "sop.order.export": env["sop.order.export"]
            .with_user(self.manager)
            .sudo(False)
            .browse(env["sop.order.export"].with_user(self.manager).action_export([])["id"]),
            "sop.tag.rule": env["sop.tag.rule"].create({"name": "sỉ", "tag_id": env["crm.tag"].create({"name": "Sỉ"}).id}),
            "sop.picture": env["sop.picture"].search([("company_id", "=", self.company.id)], limit=1),
            "sop.parcel": self.make_parcel("unknown", 1),
            "stock.picking": self.sold.picking_ids,
        }

    def make_parcel(self, state, number):
        """A parcel of the confirmed order at GHN."""
        carrier = self.carrier("GHN", 0, delivery_type="ghn")
        picking = self.sold.picking_ids
        values = {"our_ref": f"door-{number}", "attempt": number, "tracking_ref": f"G{number}", "state": state}
        return self.env["sop.parcel"].create({"picking_id": picking.id, "company_id": picking.company_id.id, "carrier_id": carrier.id, **values})

    def make_targets(self):
        comments = self.post_row.conversation_id
        return {
            "sop.parcel.action_take_back": self.make_parcel("waiting", 2),
            "sale.order.action_sop_send_receipt": self.sold,
            "sale.order.action_cancel": self.sold,
            "sop.channel.message.action_arrived": self.lost,
            "sop.channel.message.action_retry": self.lost,
            "sop.channel.message.action_take_back": self.waiting,
            "sop.conversation.action_private_reply": comments,
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
            "sop.conversation.action_create_order": [
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
            "sop.conversation.action_update_order": [
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
            "sop.conversation.get_shipping_quotes": [{"lines": [line], "address": address}],
            "sop.conversation.action_cancel_order": [self.sold.id, True],
            "sop.conversation.action_confirm_order": [self.draft.id, self.draft.amount_total],
            "sop.conversation.action_send_quotation": [self.draft.id],
            "sop.conversation.action_send_receipt": [self.sold.id],
            "sop.conversation.search_order_products": ["áo", 5],
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
            "discuss.channel.message_post": {"body": "Chào", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"},
            "mail.canned.response.search_canned": ["gi", 5],
            "sop.channel.account.create": [[{"external_id": "page-new", "provider": "facebook"}]],
            "sop.channel.account.write": [{"name": "Trang khác"}],
            "sop.conversation.action_assign": [self.mate.id],
            "sop.conversation.action_bulk": ["tag", self.env["crm.tag"].create({"name": "VIP"}).ids],
            "sop.conversation.action_create_partner": [{"name": "An", "phone": "0901234567"}],
            "sop.conversation.action_mark_read": [self.conversation.last_inbound_ref],
            "sop.conversation.action_private_reply": ["Mời bạn nhắn tin", self.post_row.id],
            "sop.conversation.action_send_canned": [self.mine.id, self.shirt.id],
            "sop.conversation.action_send_picture": [self.records["sop.picture"].ids],
            "sop.conversation.action_send_product": [self.shirt.id],
            "sop.conversation.action_send_template": [template.id, ["An"]],
            "sop.conversation.action_snooze": ["2099-01-01 00:00:00"],
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
            "sop.conversation.get_counters": [open_ones],
            "sop.conversation.message_post": {"body": "Ghi chú", "message_type": "comment"},
            "sop.conversation.preview_canned": [self.mine.id, self.shirt.id],
            "sop.conversation.search_products": ["áo", 5],
            "sop.conversation.web_search_read": [open_ones, {"name": {}, "phone": {}}, 0, 40, None, 100],
            "sop.conversation.write": [{"tag_ids": [Command.clear()]}],
            "sop.conversion.event.create": [[{"order_id": self.sold.id}]],
            "sop.duty.action_set": [True],
            "sop.live.claim.action_choose": [self.live.item_ids.product_tmpl_id.product_variant_ids[:1].id],
            "sop.live.item.write": [{"quantity": 7}],
            "sop.live.session.get_board": ["asked"],
            "sop.parcel.write": [{"tracking_ref": "G9"}],
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

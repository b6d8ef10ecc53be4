"""Take the inbox off a database in use: live chat goes on with all that was said, and the inbox can come back."""

from harness import run_odoo
from test_pipeline_install import database  # noqa: F401  (pytest finds the fixture by its name)

MAKE = """
operator = env.ref("base.user_admin")
livechat = env["im_livechat.channel"].create({"name": "Shop", "user_ids": [(6, 0, operator.ids)]})
guest = env["mail.guest"].create({"name": "Khách"})
public = env["discuss.channel"].with_user(env.ref("base.public_user")).sudo().with_context(guest=guest)
chat = public.create({
    "name": "Khách", "channel_type": "livechat", "livechat_channel_id": livechat.id, "livechat_operator_id": operator.partner_id.id,
    "channel_member_ids": [
        (0, 0, {"guest_id": guest.id, "livechat_member_type": "visitor"}),
        (0, 0, {"partner_id": operator.partner_id.id, "livechat_member_type": "agent"})]})
chat.message_post(body="Shop ơi, số em 0912345678", message_type="comment", subtype_xmlid="mail.mt_comment")
account = env["sop.channel.account"].create({"name": "Trang", "provider": "facebook", "external_id": "page-1"})
identity = env["sop.identity"]._get_or_create(account, "psid-1", name="An")
outside = env["sop.conversation"]._get_or_create(account, "message", identity)
outside._post_inbound("Còn hàng không")
env["sale.order"].create({"partner_id": operator.partner_id.id, "sop_conversation_id": outside.id})
env.cr.commit()
"""
UNINSTALL = 'env["ir.module.module"].search([("name", "=", "sop_inbox")]).button_immediate_uninstall()'
SAY = """
guest = env["mail.guest"].search([("name", "=", "Khách")])
chat = env["discuss.channel"].search([("channel_type", "=", "livechat")])
chat = chat.with_user(env.ref("base.public_user")).sudo().with_context(guest=guest)
chat.message_post(body="Còn màu đỏ không", message_type="comment", subtype_xmlid="mail.mt_comment")
env.cr.commit()
"""
SAID = "SELECT body FROM mail_message WHERE model = 'discuss.channel' AND message_type = 'comment' ORDER BY id"
#: Columns that are left, but for those of sop_pipeline, which stays
LEFT = """
SELECT table_name || '.' || column_name FROM information_schema.columns
 WHERE NOT EXISTS (SELECT 1 FROM ir_model_fields field JOIN ir_model_data data ON data.model = 'ir.model.fields' AND data.res_id = field.id
                    WHERE data.module = 'sop_pipeline' AND replace(field.model, '.', '_') = table_name AND field.name = column_name)
   AND column_name LIKE 'sop%%' AND table_name LIKE ANY (ARRAY['mail%%', 'discuss%%', 'im_live%%', 'sale%%', 'res_users', 'delivery%%'])
"""


def test_live_chat_goes_on_without_the_inbox_and_it_comes_back(database):  # noqa: F811
    run_odoo(database, "-i", "sop_inbox")
    run_odoo(database, script=MAKE)
    assert database.sql("SELECT count(*) FROM sop_conversation") == [(2,)]
    assert database.sql("SELECT sum(number) FROM sop_conversation_tally") == [(2,)]

    run_odoo(database, script=UNINSTALL)
    assert [body for (body,) in database.sql(SAID)] == ["<p>Shop ơi, số em 0912345678</p>"], "what a platform brought goes with the inbox"
    assert database.sql("SELECT count(*) FROM discuss_channel WHERE channel_type = 'sop_inbox'") == [(0,)]
    assert database.sql("SELECT count(*) FROM sale_order") == [(1,)], "orders stay"
    assert database.sql("SELECT proname FROM pg_proc WHERE proname LIKE 'sop%%'") == []
    assert database.sql("SELECT relname FROM pg_class WHERE relname LIKE 'sop_conversation%%'") == []
    assert [name for (name,) in database.sql(LEFT) if "sop_" in name and name.split(".")[0] != "sale_order"] == []
    run_odoo(database, script=SAY)
    assert len(database.sql(SAID)) == 2

    run_odoo(database, "-i", "sop_inbox")
    run_odoo(database, script=SAY)
    assert database.sql("SELECT kind, state FROM sop_conversation") == [("livechat", "open")], "the next message brings the chat back"
    assert database.sql("SELECT sum(number) FROM sop_conversation_tally") == [(1,)]

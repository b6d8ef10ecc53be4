"""A livestream that is running: three codes, and what customers wrote below it in the last half hour."""

import json
from datetime import timedelta

from odoo import fields

CODES = (("A1", "product_ao_thun", 4, 119_000), ("A2", "product_vay_hoa", 2, 0), ("A3", "product_ao_polo", 0, 199_000))
# seconds ago, who, what
COMMENTS = (
    (1750, "Nguyễn Thu Trang", "Chào shop, áo A1 chất gì vậy ạ?"),
    (1700, "Trần Hải Yến", "A1 M 0905123471"),
    (1660, "Lê Minh Tâm", "chốt a1 size L x2 0918 234 572"),
    (1610, "Phạm Ngọc Bích", "Đẹp quá shop ơi 😍"),
    (1540, "Hoàng Anh Thư", "a2 M 0987.345.673"),
    (1500, "Vũ Thị Hạnh", "A2 S, sđt 0356456774"),
    (1420, "Nguyễn Thu Trang", "A1 S 0774567875"),
    (1390, "Đặng Quốc Việt", "A1 M 2 cái 0845678976"),
    (1310, "Bùi Khánh Linh", "A2 M 0938789077"),
    (1250, "Đỗ Mỹ Duyên", "A1"),
    (1180, "Hồ Gia Bảo", "a3 l 0567890178"),
    (1090, "Trần Hải Yến", "A1 M 0905123471"),
    (990, "Ngô Thanh Hằng", "A2 m x2 nha shop 0799012379"),
    (900, "Dương Tuấn Kiệt", "A3 M, 0912123480"),
    (810, "Lý Bảo Châu", "A2 L 0386234581"),
    (700, "Phan Hoài An", "chốt A1 M 0703345682"),
    (560, "Mai Xuân Phúc", "a2 size M 0965456783"),
    (430, "Võ Nhật Minh", "A3"),
    (300, "Tạ Kim Ngân", "A1 l 0828567884 giao trước Tết nhé"),
    (180, "Lê Minh Tâm", "A3 L 0918 234 572"),
    (60, "Hà Phương Uyên", "A2 S x1 0394678985"),
)


def load(env):
    """Start the demo's livestream and let its comments come in as Facebook sends them; does nothing the second time.

    :param env: environment of the superuser
    """
    account = env.ref("sop_inbox.account_page")
    ref = f"{account.external_id}_live"
    post = env["sop.channel.post"]._get_or_create(account, ref)
    if post.live_session_ids:
        return
    post._fill("Livestream tối nay: áo thun, váy hoa, polo – bình luận mã, size và số điện thoại để chốt đơn 🎉", "")
    session = env["sop.live.session"].create(
        {
            "post_id": post.id,
            "item_ids": [
                fields.Command.create(
                    {
                        "code": code,
                        "product_tmpl_id": env.ref(f"sop_pipeline.{product}").id,
                        "quantity": quantity,
                        "price": price,
                    }
                )
                for code, product, quantity, price in CODES
            ],
        }
    )
    session.action_start()
    now = fields.Datetime.now()
    session.started_at = now - timedelta(minutes=30)
    people = sorted({name for _seconds, name, _text in COMMENTS})
    for number, (seconds, name, text) in enumerate(COMMENTS):
        at = int((now - timedelta(seconds=seconds) - fields.Datetime.to_datetime("1970-01-01")).total_seconds())
        comment = {
            "item": "comment",
            "verb": "add",
            "comment_id": f"{ref}_demo{number}",
            "post_id": ref,
            "parent_id": ref,
            "message": text,
            "created_time": at,
            "from": {"id": f"demo-live-{people.index(name)}", "name": name},
        }
        body = {"object": "page", "entry": [{"id": account.external_id, "time": at, "changes": [{"field": "feed", "value": comment}]}]}
        items = account.app_id._get_service().split(json.dumps(body).encode())
        env["sop.channel.event"]._store(account.app_id, items)
    env["sop.channel.event"].search([("app_id", "=", account.app_id.id), ("state", "=", "new")], order="id")._apply()

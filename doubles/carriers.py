"""A double of four carriers, GHN, GHTK, Viettel Post and J&T, written from their documents: fees, parcels, cancellation.

python doubles/carriers.py --port 8183
Each lies below its own path: /ghn, /ghtk, /viettelpost, /jt. What a carrier refuses, this refuses, in the carrier's own
words and shape. ``mood`` says what a carrier does wrong (see ``MOODS``); chances of faults are those of ``base``.
"""

import json
import sys
import time
from datetime import datetime
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from doubles.base import Double, Drip, Dropped, main
from doubles.carriers_life import PDF, STATUSES, VIETNAM, LifeRules
from doubles.carriers_post import FEES, JtRules, PostRules, Refused
from doubles.carriers_wards import lists

CARRIERS = ("ghn", "ghtk", "viettelpost", "jt")
#: What a carrier may do wrong: nothing, an answer after a minute or byte by byte, a line that breaks before
#: or after the deed, a gateway's error after the deed, four kinds of rubbish after it, a refusal
MOODS = ("ok", "slow", "drip", "down", "lose_request", "lose_answer", "error", "rubbish", "html", "list", "negative", "refuse")
RUBBISH = {"rubbish": '{"code": 200, "data": ', "html": "<html>Bad gateway</html>", "list": "[1, 2]"}
NEGATIVE = {
    "ghn": {"code": 200, "data": {"total": -5}},
    "ghtk": {"success": True, "fee": {"fee": "nan", "delivery": True}},
    "viettelpost": [{"MA_DV_CHINH": "VCN", "GIA_CUOC": None}],
    "jt": {"code": "1", "msg": "success", "data": {"price": -1}},
}


class Carriers(LifeRules, PostRules, JtRules, Double):
    """The four carriers. ``parcels`` holds what was handed over by waybill, ``calls`` what was asked: (carrier, path, body)."""

    def __init__(self, hook="", **kwargs):
        super().__init__(hook, **kwargs)
        self.mood = dict.fromkeys(CARRIERS, "ok")
        self.parcels = {}  # waybill -> what was declared
        self.states = {}  # waybill -> its state, see ``carriers_life``
        self.waybills = {}  # (carrier, the sender's reference) -> waybill
        self.places = {}  # GHN's new list: province -> its wards; empty takes any name
        self.closed = set()  # wards GHN does not go to
        self.ghtk_grams = {}  # waybill -> the weight GHTK makes of the declaration
        self.logins, self.tokens = 0, set()  # Viettel Post
        self.post_places, self.post_district_zero = {}, False  # its list of today's wards: province -> names; which district they lie in
        self.begin_lives()
        self.repeats_same = False  # whether Viettel Post answers a repetition with the waybill; the documents do not say

    # === SERVER ===

    def serve(self, method, path, query, form, headers):
        carrier, _slash, rest = path.strip("/").partition("/")
        return self.ask(carrier, rest, query, form, headers) if carrier in CARRIERS else super().serve(method, path, query, form, headers)

    def route(self, method, path, query, form, headers):
        return 404, {"message": "no such carrier"}

    def ask(self, carrier, path, query, form, headers):
        body = form or query
        if carrier == "jt":
            body = json.loads(form.get("bizContent") or "null")
        with self.lock:
            self.calls.append((carrier, f"/{path}", body))
        mood = self.mood[carrier]
        self.before(mood)
        try:
            with self.lock:
                answer = 200, getattr(self, f"{carrier}_route")(path, body, headers, form, mood)
        except Refused as refused:
            answer = refused.status, refused.answer
        return self.after(carrier, mood) or self.trouble_after() or (Drip(*answer) if mood == "drip" else answer)

    def before(self, mood):
        """What goes wrong before the carrier has done anything."""
        if mood == "slow":
            time.sleep(60)  # longer than anybody waits
        if mood in ("down", "lose_request"):
            raise Dropped
        self.trouble_before()

    def after(self, carrier, mood):
        """What goes wrong after it was done."""
        if mood == "lose_answer":
            raise Dropped
        if mood == "error":
            return 500, ""
        if mood == "negative":
            return 200, NEGATIVE[carrier]
        return (200, RUBBISH[mood]) if mood in RUBBISH else None

    def keep(self, carrier, reference, waybill, body):
        """A parcel was handed over."""
        self.parcels[waybill], self.states[waybill] = body, "waiting"
        self.waybills[carrier, reference] = waybill
        return waybill

    def count(self, carrier):
        """Return how many parcels a carrier has that are not cancelled."""
        return sum(self.states[waybill] != "cancelled" for (name, _reference), waybill in self.waybills.items() if name == carrier)

    # === STRINGS FOR TESTS ===

    def play_move(self, waybill, to):
        """The courier has a parcel: ``to`` is picked."""
        self.states[waybill] = to
        return {}

    def play_mood(self, carrier, mood):
        """A carrier is well again, or not."""
        self.mood[carrier] = mood
        return {}

    def play_expire(self):
        """Viettel Post takes none of its tokens any more."""
        self.tokens.clear()
        return {}

    def play_parcels(self):
        """Return waybill -> [carrier, reference, state]."""
        return {waybill: [carrier, reference, self.states[waybill]] for (carrier, reference), waybill in self.waybills.items()}

    # === GHN ===

    def ghn_route(self, path, body, headers, _form, mood):
        if path.startswith("a5/public-api/print"):
            return PDF if body.get("token") in self.label_tokens else b""
        if headers.get("Token") != "ghn-token" or headers.get("ShopId") != "885":
            raise Refused({"code": 401, "message": "Token is not valid!", "data": None}, 401)
        if mood == "refuse":
            self.ghn_refuse("Tuyến này tạm ngưng")
        acts = {
            "v2/shipping-order/fee": self.ghn_fee,
            "v2/shipping-order/create": self.ghn_create,
            "v2/shipping-order/detail-by-client-code": self.ghn_detail,
            "v2/shipping-order/detail": self.ghn_order,
            "v2/shipping-order/soc": self.ghn_fees,
            "v2/switch-status/cancel": self.ghn_cancel,
            "v3/master-data/province/all": self.ghn_provinces,
            "v3/master-data/ward/all-by-province-id": self.ghn_wards,
            "v2/a5/gen-token": self.ghn_token,
            "v2/switch-status/storing": lambda body: self.ghn_switch("storing", body),
            "v2/switch-status/return": lambda body: self.ghn_switch("return", body),
        }
        if path not in acts:
            raise Refused({"code": 404, "message": "not found", "data": None}, 404)
        return {"code": 200, "message": "Success", "data": acts[path](body)}

    def ghn_refuse(self, message):
        raise Refused({"code": 400, "message": message, "data": None, "code_message": "USER_ERR_COMMON", "code_message_value": message}, 400)

    def ghn_need(self, body, **kinds):
        for name, kind in kinds.items():
            if not isinstance(body.get(name), kind) or isinstance(body.get(name), bool) and kind is int or body[name] in ("", []):
                self.ghn_refuse(f"{name} không hợp lệ")

    def ghn_size(self, body):
        self.ghn_need(body, weight=int, length=int, width=int, height=int, service_type_id=int)
        if not 1 <= body["weight"] <= 50_000:
            self.ghn_refuse("Khối lượng tối đa 50000 gram")
        if not all(1 <= body[name] <= 200 for name in ("length", "width", "height")):
            self.ghn_refuse("Kích thước tối đa 200 cm")
        if body["service_type_id"] != (5 if body["weight"] >= 20_000 else 2):
            self.ghn_refuse("Loại dịch vụ không phù hợp với khối lượng")
        if not 0 <= body.get("insurance_value", 0) <= 5_000_000 or not 0 <= body.get("cod_amount", body.get("cod_value", 0)) <= 50_000_000:
            self.ghn_refuse("Số tiền vượt quá giới hạn")

    def ghn_items(self, body):
        self.ghn_need(body, items=list)
        for item in body["items"]:
            self.ghn_need(item, name=str, quantity=int)
            if body["service_type_id"] == 5:
                self.ghn_need(item, length=int, width=int, height=int, weight=int)

    def ghn_place(self, body, side):
        if body.get("is_new_to_address"):
            self.ghn_need(body, **{f"{side}_ward_name": str, f"{side}_province_name": str})
            if body.get(f"{side}_district_id") or body.get(f"{side}_district_name"):
                self.ghn_refuse("Địa chỉ mới không có quận/huyện")
            if self.places and body[f"{side}_ward_name"] not in self.places.get(body[f"{side}_province_name"], ()):
                self.ghn_refuse(f"{side}_ward_name không hợp lệ")
        else:
            self.ghn_need(body, **{f"{side}_district_id": int, f"{side}_ward_code": str})

    def ghn_provinces(self, _body):
        return [{"_id": 200 + number, "name": name, "extension_names": [name], "status": 1} for number, name in enumerate(self.places)]

    def ghn_wards(self, body):
        """Page by page; ``status`` 2 is closed."""
        self.ghn_need(body, province_id=int, limit=int)
        names = list(self.places)
        if not 200 <= body["province_id"] < 200 + len(names) or not 0 < body["limit"] <= 200:
            self.ghn_refuse("province_id không hợp lệ")
        wards = self.places[names[body["province_id"] - 200]]
        rows = [
            {"_id": body["province_id"] * 1000 + number, "name": ward, "status": 2 if ward in self.closed else 1} for number, ward in enumerate(wards)
        ]
        return rows[body.get("offset", 0) :][: body["limit"]]

    def ghn_fee(self, body):
        self.ghn_size(body)
        if body.get("is_new_to_address"):
            self.ghn_need(body, to_ward_id_v2=int, to_address_v2=str)
            if body.get("to_district_id"):
                self.ghn_refuse("Địa chỉ mới không có quận/huyện")
        else:
            self.ghn_place(body, "to")
        return {"total": FEES["ghn"], "service_fee": FEES["ghn"], "insurance_fee": 0}

    def ghn_create(self, body):
        texts = ("to_name", "to_phone", "to_address", "from_name", "from_phone", "from_address", "client_order_code", "required_note")
        self.ghn_need(body, payment_type_id=int, **dict.fromkeys(texts, str))
        self.ghn_size(body)
        self.ghn_items(body)
        self.ghn_place(body, "to")
        if len(body["client_order_code"]) > 50 or len(body.get("note") or "") > 5000:
            self.ghn_refuse("client_order_code tối đa 50 ký tự")
        known = self.waybills.get(("ghn", body["client_order_code"]))
        waybill = known or self.keep("ghn", body["client_order_code"], f"GHN{self.new_id('')[-9:]}", body)
        return {"order_code": waybill, "total_fee": FEES["ghn"], "expected_delivery_time": "2026-12-02T16:59:59Z"}

    def ghn_detail(self, body):
        waybill = self.waybills.get(("ghn", body.get("client_order_code")))
        if not waybill:
            self.ghn_refuse("Đơn hàng không tồn tại")
        return [{"order_code": waybill, "client_order_code": body["client_order_code"], "status": self.ghn_status(waybill)}]

    def ghn_status(self, waybill):
        return STATUSES["ghn"][self.states[waybill]]

    def ghn_cancel(self, body):
        self.ghn_need(body, order_codes=list, reason_code=str)
        if body["reason_code"] not in ("GHN-CO001", "GHN-CO002", "GHN-CO003", "GHN-CANCEL-OTHER"):
            self.ghn_refuse("reason_code không hợp lệ")
        if any(code not in self.parcels for code in body["order_codes"]):
            self.ghn_refuse("Đơn hàng không tồn tại")
        rows = []
        for code in body["order_codes"]:
            taken = self.states[code] not in ("waiting", "cancelled")
            self.states[code] = self.states[code] if taken else "cancelled"
            rows.append({"order_code": code, "result": not taken, "message": "Đơn hàng không thể hủy ở trạng thái này" if taken else "OK"})
        return rows

    # === GHTK ===

    def ghtk_route(self, path, body, headers, _form, mood):
        if headers.get("Token") != "ghtk-token" or not headers.get("X-Client-Source"):
            raise Refused({"success": False, "message": "Token không hợp lệ", "log_id": self.new_id("l")}, 401)
        if mood == "refuse":
            if path.endswith("fee"):
                return {"success": True, "fee": {"name": "area1", "fee": 1, "delivery": False}}
            self.ghtk_refuse("Địa chỉ chưa được hỗ trợ giao hàng")
        if path == "services/shipment/fee":
            self.ghtk_need(body, "pick_province", "province", "address", "weight")
            self.ghtk_place(body)
            return {"success": True, "fee": {"name": "area1", "fee": FEES["ghtk"], "insurance_fee": 0, "delivery": True}}
        if path.rstrip("/") == "services/shipment/order":
            return self.ghtk_create(body)
        head, _slash, code = path.rpartition("/")
        if head == "services/label" and code in self.parcels:
            return PDF
        code = self.waybills.get(("ghtk", code[11:])) if code.startswith("partner_id:") else code
        if head not in ("services/shipment/v2", "services/shipment/cancel") or code not in self.parcels:
            self.ghtk_refuse("Không tìm thấy đơn hàng")
        return self.ghtk_cancel(code) if head.endswith("cancel") else self.ghtk_detail(code)

    def ghtk_refuse(self, message, **error):
        raise Refused({"success": False, "message": message, **({"error": error} if error else {}), "log_id": self.new_id("l")})

    def ghtk_need(self, body, *names):
        if missing := [name for name in names if not body.get(name)]:
            self.ghtk_refuse(f"Thiếu thông tin {', '.join(missing)}")

    def ghtk_place(self, body):
        for side in ("pick_", ""):
            if not body.get(f"{side}ward") and not body.get(f"{side}district"):
                self.ghtk_refuse(f"Thiếu thông tin {side}ward")

    def ghtk_create(self, body):
        order, products = body.get("order") or {}, body.get("products") or []
        self.ghtk_need(order, "id", "tel", "name", "address", "province", "pick_name", "pick_tel", "pick_address", "pick_province")
        self.ghtk_place(order)
        if not order.get("street") and not order.get("hamlet"):
            self.ghtk_refuse("Thiếu thông tin hamlet")
        if len(order.get("note") or "") > 120:
            self.ghtk_refuse("Ghi chú tối đa 120 ký tự")
        if not products or not all(row.get("name") and row.get("quantity", 0) >= 1 for row in products):
            self.ghtk_refuse("Thiếu thông tin sản phẩm")
        unit = 1 if order.get("weight_option") == "gram" else 1000
        grams = sum(float(row.get("weight") or 0) * unit * row["quantity"] for row in products)
        if grams < 10:
            self.ghtk_refuse("Khối lượng đơn hàng không hợp lệ")
        if known := self.waybills.get(("ghtk", order["id"])):
            facts = {"partner_id": order["id"], "ghtk_label": known, "created": "2026-11-29 10:00:00", "status": 2}
            self.ghtk_refuse("Mã đơn hàng đã tồn tại", code="ORDER_ID_EXIST", **facts)
        label = self.keep("ghtk", order["id"], f"S1.A1.{self.new_id('')[-9:]}", order)
        self.ghtk_grams[label] = round(grams)
        return {"success": True, "order": {"partner_id": order["id"], "label": label, "fee": str(FEES["ghtk"]), "status_id": 2}}

    def ghtk_detail(self, code):
        reference = next(reference for (_carrier, reference), waybill in self.waybills.items() if waybill == code)
        state, at, _code, reason = self.last_step(code)
        facts = {"status_text": state, "message": reason, "modified": f"{datetime.fromtimestamp(at, VIETNAM):%Y-%m-%d %H:%M:%S}"}
        return {"success": True, "message": "", "order": {"label_id": code, "partner_id": reference, "status": str(STATUSES["ghtk"][state]), **facts}}

    def ghtk_cancel(self, code):
        if self.states[code] == "cancelled":
            self.ghtk_refuse("Đơn hàng đã ở trạng thái hủy")
        if self.states[code] != "waiting":
            self.ghtk_refuse("Đơn hàng không thể hủy ở trạng thái hiện tại")
        self.states[code] = "cancelled"
        return {"success": True, "message": "", "log_id": self.new_id("l")}


def make(hook, options):
    """The double as a program, with its own lists of wards."""
    double = Carriers(hook, lenient=True, **options)
    double.places, double.post_places, double.closed = lists()
    return double


if __name__ == "__main__":
    main(make, 8183, "double of four carriers:")

"""Stands in for GHN, GHTK and Viettel Post on 127.0.0.1: enforces their token, fields and types as their documents say.

One server for all three; what it shall do wrong is set per carrier in ``mood``: 'ok', 'slow', 'drip',
'error', 'rubbish', 'html', 'refuse', 'list', 'negative', 'down'.
"""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKENS = {"ghn": "ghn-token", "ghtk": "ghtk-token", "viettelpost": "vtp-token"}
FEES = {"ghn": 31_000, "ghtk": 28_500, "viettelpost": 35_000}


class CarrierDouble:
    """A started server; ``calls`` holds what it was asked, ``parcels`` what was handed over."""

    def __init__(self):
        self.mood = dict.fromkeys(TOKENS, "ok")
        self.calls, self.parcels = [], {}
        double = self

        class Handler(BaseHTTPRequestHandler):
            """Routes of all three vendors."""

            protocol_version = "HTTP/1.1"

            def do_GET(self):
                double.answer(self, b"")

            def do_POST(self):
                double.answer(self, self.rfile.read(int(self.headers.get("Content-Length") or 0)))

            def log_message(self, *args):
                """Keep the tests' output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler, raw):
        url = urlsplit(handler.path)
        vendor = url.path.split("/")[1]
        path = url.path[len(vendor) + 1 :]
        body = json.loads(raw) if raw else {key: values[0] for key, values in parse_qs(url.query).items()}
        self.calls.append((vendor, path, body))
        mood = self.mood[vendor]
        if mood == "slow":
            time.sleep(60)  # longer than anybody waits
        if mood == "down":
            handler.connection.close()
            return
        if mood in ("rubbish", "html", "list", "negative"):
            texts = {"rubbish": b'{"code": 200, "data": ', "html": b"<html>Bad gateway</html>", "list": b"[1, 2]"}
            status, content = 200, texts.get(mood) or self.negative(vendor)
        elif mood == "error":
            status, content = 500, b""
        else:
            status, answer = getattr(self, vendor)(path, body, handler.headers, mood)
            content = json.dumps(answer).encode()
        try:
            self.send(handler, status, content, drip=mood == "drip")
        except OSError:
            return  # the client has gone, as it should

    def send(self, handler, status, content, drip=False):
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        for at in range(len(content)):
            if not drip:
                handler.wfile.write(content)
                break
            handler.wfile.write(content[at : at + 1])
            handler.wfile.flush()
            time.sleep(1)

    def negative(self, vendor):
        return json.dumps(
            {
                "ghn": {"code": 200, "data": {"total": -5}},
                "ghtk": {"success": True, "fee": {"fee": "nan", "delivery": True}},
                "viettelpost": [{"MA_DV_CHINH": "VCN", "GIA_CUOC": None}],
            }[vendor]
        ).encode()

    # === GHN ===

    def ghn(self, path, body, headers, mood):
        if headers.get("Token") != TOKENS["ghn"] or headers.get("ShopId") != "885":
            return 401, {"code": 401, "message": "Token is not valid!", "data": None}
        if mood == "refuse":
            return 400, {"code": 400, "message": "Sai", "code_message": "USER_ERR_COMMON", "code_message_value": "Tuyến này tạm ngưng"}
        if path == "/v2/switch-status/cancel":
            ok = all(code in self.parcels for code in body["order_codes"])
            return (200, {"code": 200, "data": [{"result": True}]}) if ok else (400, {"code": 400, "message": "not found"})
        needed = {"to_district_id": int, "to_ward_code": str, "weight": int, "service_type_id": int}
        needed |= {} if path.endswith("fee") else {"to_name": str, "to_phone": str, "to_address": str, "client_order_code": str, "items": list}
        wrong = [name for name, kind in needed.items() if not isinstance(body.get(name), kind) or not body[name]]
        if wrong or body.get("insurance_value", 0) > 5_000_000:
            return 400, {"code": 400, "message": f"invalid {wrong}", "code_message": "USER_ERR_COMMON"}
        if path.endswith("fee"):
            return 200, {"code": 200, "message": "Success", "data": {"total": FEES["ghn"], "service_fee": FEES["ghn"]}}
        code = f"GHN{body['client_order_code']}"
        self.parcels[code] = body
        return 200, {"code": 200, "message": "Success", "data": {"order_code": code, "total_fee": FEES["ghn"]}}

    # === GHTK ===

    def ghtk(self, path, body, headers, mood):
        if headers.get("Token") != TOKENS["ghtk"] or not headers.get("X-Client-Source"):
            return 401, {"success": False, "message": "Token không hợp lệ"}
        if mood == "refuse":
            return 200, {"success": True, "fee": {"name": "area1", "fee": 1, "delivery": False}}
        if "/cancel/" in path:
            known = path.rsplit("/", 1)[1] in self.parcels
            return 200, {"success": known, "message": "" if known else "Không tìm thấy đơn hàng"}
        data = body if path.endswith("fee") else body.get("order", {})
        needed = ["pick_province", "pick_district", "province", "district", "address"]
        needed += ["weight"] if path.endswith("fee") else ["id", "tel", "name", "pick_name", "pick_tel", "hamlet"]
        missing = [name for name in needed if not data.get(name)]
        if missing:
            return 200, {"success": False, "message": f"Thiếu {missing}"}
        if path.endswith("fee"):
            return 200, {"success": True, "fee": {"name": "area1", "fee": FEES["ghtk"], "insurance_fee": 0, "delivery": True}}
        if any(not 0 < product.get("weight", 0) <= 30 for product in body["products"]):
            return 200, {"success": False, "message": "Khối lượng tính bằng kg"}
        label = f"S1.{data['id']}".replace("/", ".")
        self.parcels[label] = data
        return 200, {"success": True, "order": {"partner_id": data["id"], "label": label, "fee": str(FEES["ghtk"])}}

    # === VIETTEL POST ===

    def viettelpost(self, path, body, headers, mood):
        if path == "/v2/user/Login":
            if (body.get("USERNAME"), body.get("PASSWORD")) != ("shop", "secret"):
                return 200, {"status": 401, "error": True, "message": "Sai tài khoản", "data": None}
            return 200, {"status": 200, "error": False, "data": {"token": TOKENS["viettelpost"]}}
        if headers.get("Token") != TOKENS["viettelpost"]:
            return 200, {"status": 401, "error": True, "message": "Token invalid"}
        if mood == "refuse":
            return 200, {"status": 204, "error": True, "message": "Price does not apply to this itinerary!"}
        if path == "/v2/order/UpdateOrder":
            known = body.get("ORDER_NUMBER") in self.parcels and body.get("TYPE") == 4
            return 200, {"status": 200 if known else 204, "error": not known, "message": "OK" if known else "Not found"}
        needed = ["SENDER_ADDRESS", "RECEIVER_ADDRESS", "PRODUCT_TYPE", "PRODUCT_WEIGHT"]
        needed += [] if path.endswith("Nlp") and "Price" in path else ["RECEIVER_FULLNAME", "RECEIVER_PHONE", "ORDER_PAYMENT", "ORDER_SERVICE"]
        missing = [name for name in needed if not body.get(name)]
        if missing:
            return 200, {"status": 203, "error": True, "message": f"Thiếu {missing}"}
        if "Price" in path:
            return 200, [
                {"MA_DV_CHINH": "VHT", "TEN_DICHVU": "Hỏa tốc", "GIA_CUOC": 80_000, "THOI_GIAN": "12 giờ"},
                {"MA_DV_CHINH": "VCN", "TEN_DICHVU": "Nhanh", "GIA_CUOC": FEES["viettelpost"], "THOI_GIAN": "2 ngày"},
            ]
        number = f"VTP{body['ORDER_NUMBER']}"
        self.parcels[number] = body
        return 200, {"status": 200, "error": False, "data": {"ORDER_NUMBER": number, "MONEY_TOTAL": FEES["viettelpost"]}}

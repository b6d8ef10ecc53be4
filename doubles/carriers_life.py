"""What happens to parcels at the four carriers after they were handed over, for the double: moves, webhooks, look-ups.

``POST /_/step {waybill, to, reason}`` moves a parcel and has its carrier report it to the address it was given
(``POST /_/hooks {carrier, url, secret}``): at least once, again where the carrier's documents say so, twice and late when
the faults ``echo_twice`` and ``echo_late`` say so. A move that no courier makes is refused.
"""

import base64
import hashlib
import json
import threading
import time
import urllib.request
from datetime import UTC, datetime, timedelta, timezone
from http.client import HTTPException
from urllib.parse import urlencode

from doubles.carriers_cod import paid, return_fee, statement

FEES = {"ghn": 31_000, "ghtk": 28_500, "viettelpost": 35_000, "jt": 33_000}
VIETNAM = timezone(timedelta(hours=7))
MOVES = {
    "waiting": ("picked", "cancelled", "lost"),
    "picked": ("moving", "out", "lost", "damaged", "returning"),
    "moving": ("moving", "out", "lost", "damaged", "returning"),
    "out": ("delivered", "failed", "lost", "damaged", "moving"),
    "failed": ("out", "moving", "returning", "lost"),
    "returning": ("returned", "lost", "damaged"),
}
STATUSES = {
    "ghn": {
        "waiting": "ready_to_pick", "picked": "picked", "moving": "transporting", "out": "delivering", "delivered": "delivered",
        "failed": "delivery_fail", "returning": "returning", "returned": "returned", "cancelled": "cancel", "lost": "lost", "damaged": "damage",
    },
    "ghtk": {
        "waiting": 2, "picked": 3, "moving": 3, "out": 4, "delivered": 5, "failed": 9, "returning": 20, "returned": 21, "cancelled": -1,
        "lost": 13, "damaged": 13,
    },
    "viettelpost": {
        "waiting": 102, "picked": 105, "moving": 300, "out": 500, "delivered": 501, "failed": 506, "returning": 502, "returned": 504,
        "cancelled": 107, "lost": 503, "damaged": 503,
    },
    "jt": {
        "waiting": 103, "picked": 106, "moving": 109, "out": 112, "delivered": 113, "failed": 118, "returning": 116, "returned": 117,
        "cancelled": 105, "lost": 109, "damaged": 109,
    },
}  # fmt: skip
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 298 420]>>endobj\nxref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n"
    b"0000000052 00000 n \n0000000101 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n164\n%%EOF\n"
)
#: (seconds the carrier waits for an answer, how often it tries again, what counts as taken)
PATIENCE = {"ghn": (20, 11, range(200, 300)), "ghtk": (20, 1, (200,)), "viettelpost": (1, 5, (200,)), "jt": (20, 3, (200,))}


class LifeRules:
    """Mix into the double of the carriers."""

    def begin_lives(self):
        self.logs = {}  # waybill -> [(state, moment, reason code, reason)]
        self.hooks = {}  # carrier -> (address, secret)
        self.label_tokens = {}  # what a page of labels is opened with -> its waybills
        for carrier in STATUSES if self.hook else ():  # those of a demo database
            tail = f"?hash=demo-{carrier}-secret" if carrier == "ghtk" else ""
            self.hooks[carrier] = (f"{self.hook}/{carrier}/demo-{carrier}{tail}", f"demo-{carrier}-secret")
        self.mailed = set()  # waybills that stand in a statement
        self.told = []  # (carrier, waybill, state, HTTP status)

    def play_hooks(self, carrier, url, secret=""):
        self.hooks[carrier] = (url, secret)
        return {}

    def play_told(self):
        with self.lock:
            return {"told": self.told, "undelivered": self.undelivered}

    def play_step(self, waybill, to, code="", reason="", ago=0):
        """Move a parcel and report it; ``ago``: seconds since it happened."""
        with self.lock:
            now = self.states[waybill]
            if to not in MOVES.get(now, ()) and now != to:
                return {"error": f"no parcel goes from {now} to {to}"}
            self.states[waybill] = to
            self.logs.setdefault(waybill, []).append((to, time.time() - ago, code, reason))
        self.report_step(waybill)
        return {"state": to}

    def play_report(self, waybill):
        """Report the last step of a parcel again, as a carrier does that is asked why its news did not come."""
        self.report_step(waybill)
        return {}

    def carrier_of(self, waybill):
        return next((carrier, reference) for (carrier, reference), known in self.waybills.items() if known == waybill)

    def report_step(self, waybill):
        carrier, reference = self.carrier_of(waybill)
        if carrier not in self.hooks:
            return
        state, at, code, reason = self.logs[waybill][-1]
        url, secret = self.hooks[carrier]
        body, headers = getattr(self, f"{carrier}_news")(waybill, reference, state, at, code, reason, secret)
        times = 2 if self.happens("echo_twice") else 1
        delay = self.dice.uniform(0, self.faults["echo_late"])
        with self.lock:
            self.undelivered += times
        for _time in range(times):
            threading.Thread(target=self.report_to_shop, args=(carrier, waybill, state, url, body, headers, delay), daemon=True).start()

    def report_to_shop(self, carrier, waybill, state, url, body, headers, delay):
        time.sleep(delay)
        seconds, retries, taken = PATIENCE[carrier]
        for attempt in range(retries + 1):
            status = self.post_carrier(url, body, headers, seconds)
            with self.lock:
                self.told.append((carrier, waybill, state, status))
            if status in taken or carrier == "ghn" and 400 <= status < 500 and status not in (408, 429):
                break
            time.sleep(min(0.3 * 2**attempt, 3))
        with self.lock:
            self.undelivered -= 1

    def post_carrier(self, url, body, headers, seconds):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=seconds) as answer:
                return answer.status
        except (OSError, HTTPException) as error:
            return getattr(error, "code", 0)

    # === BODIES ===

    def ghn_news(self, waybill, reference, state, at, code, reason, secret):
        body = self.parcels[waybill]
        facts = {
            "ShopID": 885, "Time": datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"), "OrderCode": waybill,
            "ClientOrderCode": reference, "Type": "switch_status", "Status": STATUSES["ghn"][state], "Reason": reason, "ReasonCode": code,
            "CODAmount": body.get("cod_amount", 0), "CODTransferDate": None, "Weight": body["weight"], "ConvertedWeight": body["weight"],
            "Length": 20, "Width": 15, "Height": 10, "PaymentType": 1, "IsPartialReturn": False, "PartialReturnCode": "", "TotalFee": 31000,
            "Fee": {"MainService": 31000}, "Warehouse": "Bưu cục 1", "ShipperName": "", "ShipperPhone": "", "PodURL": "",
        }  # fmt: skip
        return json.dumps(facts).encode(), {"Content-Type": "application/json", "X-Sop-Secret": secret}

    def ghtk_news(self, waybill, reference, state, at, code, reason, secret):
        facts = {
            "label_id": waybill, "partner_id": reference, "status_id": STATUSES["ghtk"][state],
            "action_time": datetime.fromtimestamp(at, VIETNAM).isoformat(timespec="seconds"), "reason_code": code, "reason": reason,
            "weight": self.ghtk_grams[waybill] / 1000, "fee": 28500, "pick_money": self.parcels[waybill].get("pick_money", 0),
            "return_part_package": 0,
        }  # fmt: skip
        return urlencode(facts).encode(), {"Content-Type": "application/x-www-form-urlencoded"}

    def viettelpost_news(self, waybill, reference, state, at, code, reason, secret):
        body = self.parcels[waybill]
        facts = {
            "ORDER_NUMBER": waybill, "ORDER_REFERENCE": reference, "ORDER_STATUSDATE": f"{datetime.fromtimestamp(at, VIETNAM):%d/%m/%Y %H:%M:%S}",
            "ORDER_STATUS": STATUSES["viettelpost"][state], "STATUS_NAME": state, "NOTE": reason, "MONEY_COLLECTION": body.get("MONEY_COLLECTION"),
            "MONEY_FEECOD": 0, "MONEY_TOTALFEE": 35000, "MONEY_TOTAL": 35000, "PRODUCT_WEIGHT": body["PRODUCT_WEIGHT"], "ORDER_SERVICE": "VCN",
            "ORDER_PAYMENT": body["ORDER_PAYMENT"], "IS_RETURNING": state == "returning", "REASON_CODE": code or None, "POD": {"IMAGES": []},
        }  # fmt: skip
        return json.dumps({"DATA": facts, "TOKEN": secret}).encode(), {"Content-Type": "application/json", "Authorization": secret}

    def jt_news(self, waybill, reference, state, at, code, reason, secret):
        scan = {
            "scanTypeCode": STATUSES["jt"][state], "scanTypeName": state, "desc": state, "problemType": reason,
            "scanTime": f"{datetime.fromtimestamp(at, VIETNAM):%Y-%m-%d %H:%M:%S}", "scanNetworkName": "Bưu cục 1",
        }  # fmt: skip
        content = json.dumps({"billCode": waybill, "txlogisticId": reference, "details": [scan]})
        digest = base64.b64encode(hashlib.md5(f"{content}jt-key".encode()).digest()).decode()
        return urlencode({"bizContent": content}).encode(), {"Content-Type": "application/x-www-form-urlencoded", "digest": digest}

    # === MONEY ===

    def play_statement(self, carrier, planted=None):
        """The statement a carrier mails, of all parcels that came to an end and stand in none before.

        Answers ``csv``, ``lines``, ``cash``, ``payout`` (the one transfer it makes for it), and the ``truth`` of what is planted.
        """
        known = [
            waybill
            for (name, _reference), waybill in self.waybills.items()
            if name == carrier and self.states[waybill] in ("delivered", "returned") and waybill not in self.mailed
        ]
        self.mailed.update(known)
        rows = [self.settled(carrier, waybill) for waybill in known]
        content, truth = statement(carrier, rows, planted or {})
        cash = sum(row["cod"] for row in rows if row["state"] == "delivered")
        return {"csv": content.decode("utf-8"), "lines": len(rows), "cash": cash, "payout": paid(content), "truth": truth}

    def settled(self, carrier, waybill):
        body = self.parcels[waybill]
        size = body.get("packageInfo") or {}
        cod = {"ghn": "cod_amount", "ghtk": "pick_money", "viettelpost": "MONEY_COLLECTION", "jt": "codMoney"}[carrier]
        grams = {"ghn": "weight", "viettelpost": "PRODUCT_WEIGHT"}.get(carrier)
        weight = body[grams] if grams else self.ghtk_grams[waybill] if carrier == "ghtk" else round(float(size["weight"]) * 1000)
        return {"waybill": waybill, "cod": int(body.get(cod) or 0), "fee": FEES[carrier], "weight": weight, "state": self.states[waybill]}

    # === LABELS ===

    def ghn_token(self, body):
        self.ghn_need(body, order_codes=list)
        if any(code not in self.parcels for code in body["order_codes"]):
            self.ghn_refuse("Đơn hàng không tồn tại")
        token = self.new_id("a5-")
        self.label_tokens[token] = list(body["order_codes"])
        return {"token": token}

    def viettelpost_labels(self, body):
        codes = body.get("ORDER_ARRAY")
        if not isinstance(codes, list) or not 0 < len(codes) <= 100 or any(code not in self.parcels for code in codes):
            self.viettelpost_refuse("Invalid [ORDER_ARRAY]")
        if not body.get("EXPIRY_TIME", 0) > time.time() * 1000:
            self.viettelpost_refuse("Invalid [EXPIRY_TIME]")
        token = self.new_id("bill-")
        self.label_tokens[token] = codes
        return {"status": 200, "error": False, "message": token, "data": None}

    # === LOOK-UPS AND ORDERS ===

    def last_step(self, waybill):
        """(state, moment, reason code, reason) of a parcel now."""
        log = self.logs.get(waybill)
        return log[-1] if log and log[-1][0] == self.states[waybill] else (self.states[waybill], self.boot / 1000, "", "")

    def ghn_order(self, body):
        code = body.get("order_code")
        if code not in self.parcels:
            self.ghn_refuse("Đơn hàng không tồn tại")
        state, at, _code, _reason = self.last_step(code)
        log = [{"status": STATUSES["ghn"][one], "updated_date": self.utc(when)} for one, when, *_rest in self.logs.get(code, ())]
        facts = {"leadtime": self.utc(self.boot / 1000 + 3 * 86400), "cod_amount": self.parcels[code].get("cod_amount", 0)}
        return {"order_code": code, "status": STATUSES["ghn"][state], "updated_date": self.utc(at), "log": log, **facts}

    def ghn_fees(self, body):
        """What an order costs: the way back stands there once the parcel is on it."""
        code = body.get("order_code")
        if code not in self.parcels:
            self.ghn_refuse("Không tìm thấy thông tin đơn hàng")
        back = return_fee(FEES["ghn"]) if self.states[code] in ("returning", "returned") else 0
        detail = {"main_service": FEES["ghn"], "insurance": 0, "station_do": 0, "station_pu": 0, "return": back, "r2s": 0, "coupon": 0}
        return {"order_code": code, "detail": detail, "payment": [], "created_date": self.utc(self.boot / 1000)}

    def utc(self, moment):
        return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    def ghn_switch(self, to, body):
        """``storing`` has a parcel delivered again, ``return`` sent back: order by order."""
        self.ghn_need(body, order_codes=list)
        allowed = ("failed",) if to == "storing" else ("failed", "moving")
        rows = []
        for code in body["order_codes"]:
            fits = self.states.get(code) in allowed
            if fits:
                self.play_step(code, "moving" if to == "storing" else "returning")
            rows.append({"order_code": code, "result": fits, "message": "OK" if fits else "Trạng thái đơn hàng không phù hợp"})
        return rows

    def viettelpost_update(self, body):
        """TYPE 2 approves a return, 3 delivers again, 4 cancels."""
        code, kind = body.get("ORDER_NUMBER"), body.get("TYPE")
        if code not in self.parcels or kind not in (2, 3, 4):
            self.viettelpost_refuse("Order does not exist")
        if self.states[code] != ("waiting" if kind == 4 else "failed"):
            self.viettelpost_refuse("Order status is not allowed to update")
        self.play_step(code, {2: "returning", 3: "out", 4: "cancelled"}[kind])
        return {"status": 200, "error": False, "message": "OK", "data": None}

    def jt_trace(self, body):
        codes = str(body.get("billcodes") or "").split(",")
        if not 0 < len(codes) <= 30:
            self.jt_refuse("145003050", "Illegal parameters")
        rows = []
        for code in codes:
            if code not in self.parcels:
                self.jt_refuse("999002000", "Data not found")
            scans = [
                {"scanTypeCode": STATUSES["jt"][state], "desc": state, "scanTime": f"{datetime.fromtimestamp(at, VIETNAM):%Y-%m-%d %H:%M:%S}"}
                for state, at, *_rest in self.logs.get(code, ())
            ]
            rows.append({"billCode": code, "details": scans})
        return rows

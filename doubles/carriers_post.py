"""The rules of Viettel Post and J&T, for the double of the carriers."""

import base64
import hashlib

from doubles.carriers_life import FEES, PDF


class Refused(Exception):
    """A carrier says no: ``answer`` is its body, with this HTTP status."""

    def __init__(self, answer, status=200):
        super().__init__(str(answer))
        self.answer, self.status = answer, status


class PostRules:
    """Viettel Post: HTTP 200 with ``error`` when it refuses."""

    def viettelpost_route(self, path, body, headers, _form, mood):
        if path in ("v2/user/Login", "v2/user/ownerconnect"):
            return self.viettelpost_login(path, body, headers)
        if headers.get("Token") not in self.tokens:
            raise Refused({"status": 202, "error": True, "message": "Token invalid or expired", "data": None})
        if mood == "refuse":
            self.viettelpost_refuse("Price does not apply to this itinerary!")
        long = [name for name, value in body.items() if isinstance(value, str) and len(value.encode()) > 150]
        if long:
            self.viettelpost_refuse(f"Invalid [{long[0]}]")
        if path in ("v3/categories/listProvinceNew", "v3/categories/listWardsNew"):
            return self.viettelpost_list(path, body)
        if path in ("v2/order/getPriceAllNlp", "v2/order/getPriceAll"):
            if path.endswith("Nlp"):
                self.viettelpost_need(body, "SENDER_ADDRESS", "RECEIVER_ADDRESS")
            else:
                self.viettelpost_place(body)
            self.viettelpost_need(body, "PRODUCT_TYPE", "PRODUCT_WEIGHT")
            return [
                {"MA_DV_CHINH": "VHT", "TEN_DICHVU": "Hỏa tốc", "GIA_CUOC": 80_000, "THOI_GIAN": "12 giờ"},
                {"MA_DV_CHINH": "VCN", "TEN_DICHVU": "Nhanh", "GIA_CUOC": FEES["viettelpost"], "THOI_GIAN": "2 ngày"},
            ]
        if path == "v2/order/createOrder":
            self.viettelpost_place(body)
        if path in ("v2/order/createOrderNlp", "v2/order/createOrder"):
            return self.viettelpost_create(body)
        if path == "v2/order/UpdateOrder":
            return self.viettelpost_update(body)
        if path == "v2/order/printing-code":
            return self.viettelpost_labels(body)
        raise Refused({"status": 404, "error": True, "message": "Not found"}, 404)

    def viettelpost_refuse(self, message):
        raise Refused({"status": 204, "error": True, "message": message, "data": None})

    def viettelpost_need(self, body, *names):
        for name in names:
            if not body.get(name):
                self.viettelpost_refuse(f"Invalid [{name}]")

    def viettelpost_login(self, path, body, headers):
        if (body.get("USERNAME"), body.get("PASSWORD")) != ("shop", "secret"):
            raise Refused({"status": 202, "error": True, "message": "Sai tài khoản hoặc mật khẩu", "data": None})
        self.logins += 1
        if path.endswith("Login"):
            return {"status": 200, "error": False, "message": "OK", "data": {"token": "vtp-short"}}
        if headers.get("Token") != "vtp-short":
            raise Refused({"status": 202, "error": True, "message": "Token invalid or expired", "data": None})
        token = self.new_id("vtp-")
        self.tokens.add(token)
        return {"status": 200, "error": False, "message": "OK", "data": {"token": token, "expired": "2027-11-29"}}

    def viettelpost_list(self, path, query):
        """Provinces and wards since 2025; all wards of a province lie in its district "NEW", or in 0 (the documents say both)."""
        names = list(self.post_places)
        if path.endswith("listProvinceNew"):
            rows = [{"PROVINCE_ID": 1 + number, "PROVINCE_CODE": f"P{number}", "PROVINCE_NAME": name} for number, name in enumerate(names)]
        else:
            number = int(query.get("provinceId") or 0)
            if not 0 < number <= len(names):
                self.viettelpost_refuse("Invalid [provinceId]")
            district = 0 if self.post_district_zero else 7_000 + number
            wards = enumerate(self.post_places[names[number - 1]])
            rows = [{"WARDS_ID": number * 10_000 + place, "WARDS_NAME": ward, "DISTRICT_ID": district} for place, ward in wards]
        return {"status": 200, "error": False, "message": "OK", "data": rows}

    def viettelpost_place(self, body):
        """Numbers of both places that belong together."""
        for side in ("SENDER", "RECEIVER"):
            province, district, ward = (body.get(f"{side}_{level}") for level in ("PROVINCE", "DISTRICT", "WARD"))
            if not all(isinstance(value, int) and not isinstance(value, bool) for value in (province, district, ward)):
                self.viettelpost_refuse(f"Invalid [{side}_WARD]")
            if not 0 < province <= len(self.post_places) or district != (0 if self.post_district_zero else 7_000 + province):
                self.viettelpost_refuse(f"Invalid [{side}_DISTRICT]")
            if not 0 <= ward - province * 10_000 < len(self.post_places[list(self.post_places)[province - 1]]):
                self.viettelpost_refuse(f"Invalid [{side}_WARD]")

    def viettelpost_create(self, body):
        self.viettelpost_need(body, "SENDER_ADDRESS", "RECEIVER_ADDRESS", "PRODUCT_TYPE", "PRODUCT_WEIGHT", "PRODUCT_NAME")
        self.viettelpost_need(body, "RECEIVER_FULLNAME", "RECEIVER_PHONE", "SENDER_FULLNAME", "SENDER_PHONE", "ORDER_PAYMENT", "ORDER_SERVICE")
        reference = body.get("ORDER_NUMBER") or self.new_id("")
        known = self.waybills.get(("viettelpost", reference))
        if known and body.get("CHECK_UNIQUE") is True and not self.repeats_same:
            self.viettelpost_refuse("Order number already exists")
        if not known or body.get("CHECK_UNIQUE") is not True:
            again = f"{reference}#{len(self.parcels)}" if known else reference  # a second waybill beside the first
            known = self.keep("viettelpost", again, f"VTP{self.new_id('')[-9:]}", body)
        facts = {"ORDER_NUMBER": known, "MONEY_TOTAL": FEES["viettelpost"], "MONEY_TOTAL_FEE": FEES["viettelpost"]}
        return {"status": 200, "error": False, "message": "OK", "data": facts}


class JtRules:
    """J&T: HTTP 200 with a ``code`` other than "1" when it refuses."""

    def jt_route(self, path, body, headers, form, mood):
        text = form.get("bizContent") or ""
        digest = base64.b64encode(hashlib.md5(f"{text}jt-key".encode()).digest()).decode()
        if not headers.get("timestamp"):
            self.jt_refuse("145003053", "timestamp is empty!")
        if headers.get("apiAccount") != "jt-account":
            self.jt_refuse("145003010", "API account does not exist")
        if headers.get("digest") != digest:
            self.jt_refuse("145003030", "headers signature verification failed")
        if not isinstance(body, dict) or (body.get("customerCode"), body.get("password")) != ("JT01", "jt-secret"):
            self.jt_refuse("999001030", "customerCode or password is wrong")
        if mood == "refuse":
            self.jt_refuse("145005004", "This delivery address is temporarily suspended due to objective reasons")
        acts = {
            "api/spmComCost/getComCost": self.jt_cost,
            "api/order/addOrder": self.jt_create,
            "api/order/printOrder": self.jt_print,
            "api/order/cancelOrder": self.jt_cancel,
            "api/logistics/trace": self.jt_trace,
        }
        if path not in acts:
            self.jt_refuse("145003012", "API account has no interface permissions")
        return {"code": "1", "msg": "success", "data": acts[path](body)}

    def jt_refuse(self, code, message):
        raise Refused({"code": code, "msg": message, "data": None})

    def jt_check(self, body):
        for side in ("sender", "receiver"):
            place = body.get(side) or {}
            if not place.get("prov") or not place.get("area") or body.get("selfAddress") != 1 and not place.get("city"):
                self.jt_refuse("999009010" if side == "sender" else "999009020", f"No corresponding {side} information was found")
            if body.get("selfAddress") == 1 and place.get("city"):
                self.jt_refuse("1450033315", "Please fill in the correct sending/receiving district")
        if not 0 <= float(body.get("goodsValue", -1)) <= 30_000_000 or not 0 <= float(body.get("codMoney") or 0) <= 30_000_000:
            self.jt_refuse("999001010", "goodsValue must be between 0 and 30000000")
        if body.get("productType") not in ("EXPRESS", "FAST", "SUPER") or body.get("goodsType") not in ("bm000001", "bm000010", "bm000011"):
            self.jt_refuse("145003050", "Illegal parameters")
        size = body.get("packageInfo") or body
        for name, least, most in (("weight", 0.01, 999), ("length", 1, 320), ("width", 1, 100), ("height", 1, 180)):
            if not least <= float(size.get(name) or 0) <= most:
                self.jt_refuse("999001010", f"{name} must be between {least} and {most}")

    def jt_cost(self, body):
        self.jt_check(body)
        return {"price": FEES["jt"], "codFee": 0, "insuranceFee": 0}

    def jt_create(self, body):
        self.jt_check(body)
        lengths = {"name": 40, "mobile": 30, "prov": 40, "area": 40, "address": 250}
        for side in ("sender", "receiver"):
            for name, most in lengths.items():
                if not 0 < len(body[side].get(name) or "") <= most:
                    self.jt_refuse("999001010", f"{side}.{name} length must be between 1 and {most}")
        allowed = {"payType": ("PP_PM", "PP_CASH", "CC_CASH"), "serviceType": (1, 6), "deliveryType": (1, 2), "orderType": (1,), "isInsured": (0, 1)}
        wrong = any(body.get(name) not in values for name, values in allowed.items())
        if wrong or not 0 < len(body.get("txlogisticId") or "") <= 20 or len(body.get("remark") or "") > 200:
            self.jt_refuse("145003050", "Illegal parameters")
        if ("jt", body["txlogisticId"]) in self.waybills:
            self.jt_refuse("145003204", "Duplicate order please update customer order number")
        code = self.keep("jt", body["txlogisticId"], f"80{self.new_id('')[-10:]}", body)
        fees = {"inquiryFee": FEES["jt"], "codFee": 0, "insuranceFee": 0}
        return {"txlogisticId": body["txlogisticId"], "billCode": code, "sortLine": "800-028A04-", **fees}

    def jt_print(self, body):
        code = self.waybills.get(("jt", body.get("txlogisticId")))
        if not code:
            self.jt_refuse("999002000", "Data not found")
        return {"txlogisticId": body["txlogisticId"], "billCode": code, "base64EncodeContent": base64.b64encode(PDF).decode()}

    def jt_cancel(self, body):
        code = self.waybills.get(("jt", body.get("txlogisticId")))
        if not code or not body.get("reason"):
            self.jt_refuse("999002000", "Data not found")
        if self.states[code] != "waiting":
            self.jt_refuse("999010010", "order status can not be cancel")
        self.states[code] = "cancelled"
        return {"txlogisticId": body.get("txlogisticId"), "billCode": code}

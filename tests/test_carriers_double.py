"""The double of the carriers refuses what the carriers' documents say they refuse: else our parcels pass by our own beliefs."""

import ast
import base64
import hashlib
import json
import subprocess
import sys

import pytest
import requests
from harness import ROOT, free_port

sys.path.insert(0, str(ROOT))
from doubles.carriers import Carriers

GHN = {
    "client_order_code": "a-1-1", "from_name": "S", "from_phone": "028", "from_address": "1 A", "to_name": "B", "to_phone": "090",
    "to_address": "2 B",
    "to_district_id": 1442, "to_ward_code": "20101", "payment_type_id": 1, "required_note": "KHONGCHOXEMHANG", "service_type_id": 2, "weight": 500,
    "length": 20, "width": 15, "height": 10, "items": [{"name": "Áo", "quantity": 1}],
}  # fmt: skip
GHTK = {
    "id": "a-1-1", "pick_name": "S", "pick_tel": "028", "pick_address": "1 A", "pick_province": "Hà Nội", "pick_ward": "Cửa Nam",
    "tel": "090", "name": "B",
    "address": "2 B", "province": "Hà Nội", "ward": "Cửa Nam", "hamlet": "Khác",
}  # fmt: skip
POST = {
    "ORDER_NUMBER": "a-1-1", "SENDER_ADDRESS": "1 A", "RECEIVER_ADDRESS": "2 B", "PRODUCT_TYPE": "HH", "PRODUCT_WEIGHT": 500, "PRODUCT_NAME": "Áo",
    "RECEIVER_FULLNAME": "B", "RECEIVER_PHONE": "090", "SENDER_FULLNAME": "S", "SENDER_PHONE": "028", "ORDER_PAYMENT": 1, "ORDER_SERVICE": "VCN",
}  # fmt: skip


@pytest.fixture
def double():
    double = Carriers()
    double.start()
    yield double
    double.stop()


def ghn(double, path, **body):
    answer = requests.post(f"{double.url}/ghn/v2/{path}", json=body, headers={"Token": "ghn-token", "ShopId": "885"}, timeout=20)
    return answer.status_code, answer.json()


def ghtk(double, grams, **order):
    body = {"order": {**GHTK, **order}, "products": [{"name": "Áo", "quantity": 1, "weight": grams}]}
    headers = {"Token": "ghtk-token", "X-Client-Source": "S"}
    return requests.post(f"{double.url}/ghtk/services/shipment/order", json=body, headers=headers, timeout=20).json()


def post(double, path, token="", **body):
    return requests.post(f"{double.url}/viettelpost/v2/{path}", json=body, headers={"Token": token}, timeout=20).json()


def jt(double, path, key="jt-key", **facts):
    content = json.dumps({"customerCode": "JT01", "password": "jt-secret", **facts})
    digest = base64.b64encode(hashlib.md5((content + key).encode()).digest()).decode()
    headers = {"apiAccount": "jt-account", "timestamp": "1", "digest": digest}
    return requests.post(f"{double.url}/jt/api/{path}", data={"bizContent": content}, headers=headers, timeout=20).json()


def test_ghn(double):
    wrong = (
        {"weight": 50_001, "service_type_id": 5}, {"length": 201}, {"cod_amount": 50_000_001}, {"insurance_value": 5_000_001}, {"weight": 20_000},
        {"service_type_id": 5}, {"to_district_id": "1442"}, {"client_order_code": "x" * 51}, {"items": []}, {"to_phone": ""},
        {"weight": 20_000, "service_type_id": 5}, {"is_new_to_address": True, "to_ward_name": "A", "to_province_name": "B"},
    )  # fmt: skip
    for change in wrong:
        status, answer = ghn(double, "shipping-order/create", **{**GHN, **change})
        assert (status, answer["code_message"]) == (400, "USER_ERR_COMMON"), change
    first, again = (ghn(double, "shipping-order/create", **GHN)[1]["data"]["order_code"] for _time in range(2))
    assert first == again, "the same code is the same order"
    assert ghn(double, "switch-status/cancel", order_codes=[first])[0] == 400, "without a reason"
    double.play_move(first, "picked")
    status, answer = ghn(double, "switch-status/cancel", order_codes=[first], reason_code="GHN-CO003")
    assert (status, answer["code"], answer["data"][0]["result"]) == (200, 200, False)


def test_ghtk(double):
    assert not ghtk(double, 0.25, weight_option="gram")["success"], "a quarter of a gram"
    assert not ghtk(double, 0.25, hamlet="")["success"] and not ghtk(double, 0.25, note="x" * 121)["success"]
    label = ghtk(double, 0.25)["order"]["label"]
    assert double.ghtk_grams[label] == 250
    again = ghtk(double, 0.25)
    assert (again["success"], again["error"]["code"], again["error"]["ghtk_label"]) == (False, "ORDER_ID_EXIST", label)


def test_viettelpost(double):
    account = {"USERNAME": "shop", "PASSWORD": "secret"}
    short = post(double, "user/Login", **account)["data"]["token"]
    assert post(double, "order/createOrderNlp", short, **POST)["error"], "the short token is for the long one only"
    token = post(double, "user/ownerconnect", short, **account)["data"]["token"]
    assert post(double, "order/createOrderNlp", token, **{**POST, "PRODUCT_NAME": "ộ" * 51})["error"], "153 bytes of 51 letters"
    post(double, "order/createOrderNlp", token, CHECK_UNIQUE=True, **POST)
    assert post(double, "order/createOrderNlp", token, CHECK_UNIQUE=True, **POST)["error"]
    assert double.count("viettelpost") == 1
    post(double, "order/createOrderNlp", token, **POST)
    assert double.count("viettelpost") == 2, "without the check a repetition is a second waybill"


def test_viettelpost_by_number(double):
    """The list of today's wards, and places that belong together; the district is its "NEW" one or 0, as the list says."""
    double.post_places = {"Hà Nội": ["Phường Ba Đình"], "Huế": ["Phường Thuận Hóa"]}
    account = {"USERNAME": "shop", "PASSWORD": "secret"}
    token = post(double, "user/ownerconnect", post(double, "user/Login", **account)["data"]["token"], **account)["data"]["token"]
    places = {
        f"{side}_{level}": number for side in ("SENDER", "RECEIVER") for level, number in (("PROVINCE", 2), ("DISTRICT", 7_002), ("WARD", 20_000))
    }
    order = {name: value for name, value in POST.items() if not name.endswith("_ADDRESS")}
    for change in ({"RECEIVER_DISTRICT": 0}, {"RECEIVER_WARD": 10_000}, {"SENDER_WARD": "20000"}, {"SENDER_PROVINCE": 3}):
        assert post(double, "order/getPriceAll", token, **{**order, **places, **change})["error"], change
    assert post(double, "order/getPriceAll", token, **order, **places)[0]["GIA_CUOC"]
    answer = requests.get(f"{double.url}/viettelpost/v3/categories/listWardsNew?provinceId=2", headers={"Token": token}, timeout=20).json()
    assert answer["data"] == [{"WARDS_ID": 20_000, "WARDS_NAME": "Phường Thuận Hóa", "DISTRICT_ID": 7_002}]
    assert post(double, "order/createOrder", token, **POST, **places)["data"]["ORDER_NUMBER"]


def test_jt(double):
    person = {"name": "B", "mobile": "090", "prov": "Hà Nội", "area": "Cửa Nam", "address": "2 B"}
    order = {
        "txlogisticId": "a-1-1", "orderType": 1, "selfAddress": 1, "serviceType": 1, "deliveryType": 1, "payType": "PP_PM", "productType": "EXPRESS",
        "goodsType": "bm000010", "goodsValue": 1000, "codMoney": "0", "isInsured": 0, "sender": person, "receiver": person,
        "packageInfo": {"weight": "0.5", "length": "20", "width": "15", "height": "10"},
    }  # fmt: skip
    assert jt(double, "order/addOrder", key="other", **order)["code"] == "145003030"
    for change in (
        {"goodsValue": 30_000_001},
        {"txlogisticId": "x" * 21},
        {"selfAddress": 0},
        {"payType": "CASH"},
        {"receiver": {**person, "city": "Q1"}},
    ):
        assert jt(double, "order/addOrder", **{**order, **change})["code"] != "1", change
    assert jt(double, "order/printOrder", txlogisticId="a-1-1")["code"] == "999002000"
    code = jt(double, "order/addOrder", **order)["data"]["billCode"]
    assert jt(double, "order/addOrder", **order)["code"] == "145003204"
    assert jt(double, "order/printOrder", txlogisticId="a-1-1")["data"]["billCode"] == code
    double.play_move(code, "picked")
    assert jt(double, "order/cancelOrder", txlogisticId="a-1-1", reason="x")["code"] == "999010010"


def test_faults(double):
    """A lost request does nothing, a lost answer all of it."""
    for mood, parcels in (("lose_request", 0), ("lose_answer", 1)):
        double.mood["ghn"] = mood
        with pytest.raises(requests.ConnectionError):
            ghn(double, "shipping-order/create", **{**GHN, "client_order_code": mood})
        assert double.count("ghn") == parcels


def test_it_stands_apart():
    """A program of its own: it imports nothing of the suite, nor of Odoo."""
    for path in ROOT.glob("doubles/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = (
                [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module] if isinstance(node, ast.ImportFrom) else []
            )
            assert not [name for name in names if name.startswith(("odoo", "sop_"))], path
    port = free_port()
    with subprocess.Popen([sys.executable, ROOT / "doubles/carriers.py", "--port", str(port)], stdout=subprocess.PIPE, text=True) as program:
        try:
            assert f":{port}" in program.stdout.readline()
            assert requests.get(f"http://127.0.0.1:{port}/_/state", timeout=20).json()["sent"] == []
            headers = {"Token": "ghn-token", "ShopId": "885"}
            provinces = requests.post(f"http://127.0.0.1:{port}/ghn/v3/master-data/province/all", json={}, headers=headers, timeout=20).json()["data"]
            assert len(provinces) == 34, "its own list of wards"
        finally:
            program.terminate()

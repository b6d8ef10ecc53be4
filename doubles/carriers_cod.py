"""Statements of collected cash, as carriers mail them, with a chosen number of each difference planted in them.

Written apart from the suite's reader: the names of the columns are those of the carriers' own files.
"""

import csv
import io
import random

HEADERS = {
    "viettelpost": ["STT", "Mã vận đơn", "Mã đơn khách hàng", "Trọng lượng (g)", "Tiền thu hộ (COD)", "Tổng cước", "Cước chuyển hoàn", "Thực nhận"],
    "ghn": ["STT", "Mã đơn GHN", "Mã đơn khách hàng", "Khối lượng", "Tiền COD", "Phí dịch vụ", "Phí hoàn", "Số tiền thanh toán"],
    "jt": ["STT", "Mã vận đơn", "Mã tham chiếu", "Trọng lượng (gram)", "Tiền thu hộ", "Tổng phí", "Phí hoàn", "Còn lại"],
    "ghtk": ["#", "Mã đơn GHTK", "Mã đơn shop", "KL tính cước (kg)", "Thu hộ", "Phí giao hàng", "Phí hoàn", "Thanh toán"],
}
KINDS = (
    "cod_short", "cod_more", "fee_more", "weight_more", "unknown_parcel", "paid_twice", "not_delivered", "sum_wrong", "return_fee_more",
    "not_returned",
)  # fmt: skip
CHANGES = {
    "cod_short": ("cod", -1), "cod_more": ("cod", 1000), "fee_more": ("fee", 500), "weight_more": ("weight", 300),
    "not_delivered": ("cod", 120_000), "return_fee_more": ("return_fee", 700), "not_returned": ("return_fee", 9_000),
}  # fmt: skip


def statement(carrier, parcels, planted, seed=1, kind="csv"):
    """Return (bytes of a file, the truth: sorted list of (waybill, kind)).

    :param parcels: list of dict waybill, cod, fee, weight (grams), state
    :param planted: dict kind -> how many; each in a parcel of its own
    """
    dice = random.Random(seed)
    rows = [dict(parcel, return_fee=0 if parcel["state"] == "delivered" else return_fee(parcel["fee"])) for parcel in parcels]
    for row in rows:
        row["cod"] = row["cod"] if row["state"] == "delivered" else 0
    delivered = [row for row in rows if row["state"] == "delivered" and row["cod"]]
    others = [row for row in rows if row["state"] != "delivered"]
    dice.shuffle(delivered)
    truth, more = [], []
    for name in KINDS:
        for number in range(planted.get(name, 0)):
            if name == "unknown_parcel":
                more.append({"waybill": f"STRANGE{number}", "cod": 99_000, "fee": 20_000, "weight": 100, "return_fee": 0, "state": "delivered"})
                truth.append((f"STRANGE{number}", name))
                continue
            row = (others if name in ("not_delivered", "return_fee_more") else delivered).pop()
            truth.append((row["waybill"], name))
            if name == "paid_twice":
                more.append(dict(row))
            elif name == "sum_wrong":
                row["wrong"] = 1
            else:
                column, by = CHANGES[name]
                row[column] += by
    rows += more
    dice.shuffle(rows)
    head = [["BẢNG KÊ ĐỐI SOÁT COD"], ["Cửa hàng:", "Shop"], [], HEADERS[carrier]]
    table = [*head, *[_row(carrier, number, row, kind) for number, row in enumerate(rows, 1)]]
    total = sum(row["cod"] for row in rows)
    table.append(["Tổng cộng", "", "", "", total if kind == "xlsx" else _money(total), "", "", ""])
    return (_xlsx if kind == "xlsx" else _csv)(table), sorted(truth)


def return_fee(fee):
    """What a carrier takes for the way back: half of what the way out cost."""
    return fee // 2


def paid(content):
    """What the carrier pays out for a csv it made: the sum of the last column."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    return sum(int(row[-1].replace(".", "").replace(" đ", "")) for row in rows if len(row) == 8 and row[0].isdigit())


def _row(carrier, number, row, kind):
    net = row["cod"] - row["fee"] - row["return_fee"] - row.get("wrong", 0)
    weight = row["weight"] / 1000 if carrier == "ghtk" else row["weight"]
    amounts = [row["cod"], row["fee"], row["return_fee"], net]
    return [number, row["waybill"], "", weight, *(amounts if kind == "xlsx" else map(_money, amounts))]


def _money(value):
    return f"{value:,}".replace(",", ".") + " đ"


def _csv(table):
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(table)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(table):
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in table:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()

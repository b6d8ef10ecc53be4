"""A carrier's statement of the cash it collected: read from a spreadsheet, and compared with what we know. Pure.

Carriers mail or offer files of their own making; nothing but the meaning of the columns is the same. The header is found
within the first forty rows, by names without accents; what stands above and below is left out.
"""

import csv
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from zipfile import ZipFile

HEADER_ROWS = 40
MAX_LINES = 20_000
MAX_ROWS, MAX_COLUMNS = 2**20, 100  # the first is what a spreadsheet holds, most of it blank
UNPACKED = 300 * 2**20  # bytes: a file may be a thousand times as large as it looks
#: column -> its names as carriers write them, folded; the first that fits best
NAMES = {
    "tracking": (
        "ma van don",
        "so van don",
        "ma buu gui",
        "ma don ghtk",
        "ma don hang ghn",
        "ma don ghn",
        "ma phieu gui",
        "van don",
        "waybill",
        "bill code",
    ),
    "reference": ("ma don khach hang", "ma don hang rieng", "ma tham chieu", "ma don shop", "ma don hang shop", "ma don kh"),
    "cod": ("tien thu ho", "tien cod", "so tien thu ho", "cod da thu", "thu ho", "tong tien thu ho", "cod"),
    "return_fee": ("phi hoan", "phi chuyen hoan", "cuoc hoan", "cuoc chuyen hoan"),
    "fee": ("tong cuoc", "tong phi", "cuoc phi", "phi dich vu", "phi giao hang", "phi van chuyen", "cuoc chinh", "cuoc", "phi"),
    "net": ("thuc nhan", "thuc tra", "con lai", "tien thanh toan", "so tien thanh toan", "thanh toan"),
    "weight": ("khoi luong", "trong luong", "kl tinh cuoc"),
    "phone": ("sdt nguoi nhan", "so dien thoai nguoi nhan", "dien thoai nguoi nhan", "sdt khach", "so dien thoai", "sdt", "dien thoai", "phone"),
    "status": ("trang thai don hang", "trang thai giao hang", "trang thai don", "trang thai", "status"),
}
#: What such a column is not about: the sender's number, whether it was paid
NOT_NAMES = {"phone": {"gui", "shop", "cua", "buu", "tai", "shipper"}, "status": {"toan", "soat", "tien", "cod"}}
#: The end of a parcel in a carrier's words, folded. "Hoàn thành" is done; "hoàn" and "hoàn thành công" came back;
#: "hoãn giao" is put off, "bồi hoàn" is lost
RETURNED = re.compile(r"(?<!boi )\bhoan\b(?! (thanh(?! cong)|tat|lay|giao))|\b(tra hang|chuyen tra|return(ed)?)\b")
DELIVERED = re.compile(r"^(?!.*\b(khong|chua|that bai|not)\b).*\b(da giao|da ky nhan|(giao|phat) (hang )?thanh cong|hoan (thanh|tat)|delivered)\b")
SETTLED = re.compile(r"\b(da|chua|dang|cho) doi soat\b")  # of the cash, not of the parcel
#: Ends of a parcel that did not come back: nothing is due for its way home
NOT_BACK = ("delivered", "cancelled", "lost", "damaged")
TOTALS = ("tong", "tong cong", "cong", "total")


class StatementError(ValueError):
    """A file that is no statement: ``code`` in file, header, long, amount; ``detail`` says where."""

    def __init__(self, code, detail=""):
        super().__init__(code, detail)
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class Line:
    """One parcel of a statement, in whole dong and grams; None where the file has no such column."""

    row: int
    tracking: str
    reference: str = ""
    cod: int = 0
    fee: int | None = None
    return_fee: int | None = None
    net: int | None = None
    weight: int | None = None
    phone: str = ""
    status: str = ""

    @property
    def end(self):
        """What became of the parcel by this line: delivered, returned, "" where the line does not say.

        The carrier's word decides; where there is none, cash is of a parcel that was delivered and a return fee of one that came back.
        """
        words = SETTLED.sub("", fold(self.status)).strip()
        if words:
            return "returned" if RETURNED.search(words) else "delivered" if DELIVERED.search(words) else ""
        if self.return_fee:
            return "" if self.cod else "returned"
        return "delivered" if self.cod > 0 else ""


@dataclass(frozen=True)
class Known:
    """What we know of a parcel.

    :ivar return_fee: what its way back costs, None when nothing is known of that
    :ivar part: a part of it came back
    """

    cod: int
    fee: int = 0
    weight: int = 0
    state: str = "delivered"
    paid: bool = False
    return_fee: int | None = None
    part: bool = False


def fold(value):
    """Return a text without accents, case and signs."""
    text = unicodedata.normalize("NFD", str(value or "").lower().replace("đ", "d"))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", "".join(sign for sign in text if not unicodedata.combining(sign))).split())


def read_statement(content, name=""):
    """Return the lines of a file.

    :param content: bytes of an xlsx or csv file
    :raise StatementError: it is neither, or has no header, or an amount that is none
    """
    rows = _xlsx(content) if content[:2] == b"PK" else _csv(content)
    top = []
    for number, row in enumerate(rows, 1):
        if number > HEADER_ROWS:
            break
        top.append(row)
        if columns := _columns(row):
            break
    else:
        columns = None
    if not top or not columns:
        raise StatementError("header")
    kilos = "kg" in fold(top[-1][columns["weight"]]).split() if "weight" in columns else False
    lines = []
    for number, row in enumerate(rows, len(top) + 1):
        if line := _line(number, row, columns, kilos):
            lines.append(line)
        if len(lines) > MAX_LINES or number > MAX_ROWS:
            raise StatementError("long", MAX_LINES)
    if not lines:
        raise StatementError("header")
    return lines


def _xlsx(content):
    import openpyxl  # slow to load, and needed here alone

    try:
        _check_size(content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        yield from sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True)
    except StatementError:
        raise
    except Exception:  # whatever a broken book does to the library
        raise StatementError("file") from None


def _check_size(content):
    """:raise StatementError: a file is far larger than it looks"""
    if sum(part.file_size for part in ZipFile(io.BytesIO(content)).infolist()) > UNPACKED:
        raise StatementError("long", f"{UNPACKED >> 20} MB")


def _csv(content):
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise StatementError("file") from None
    if "\0" in text:
        raise StatementError("file")
    sample = text[:20_000]
    separator = max(";\t,", key=sample.count)
    try:
        yield from csv.reader(io.StringIO(text), delimiter=separator)
    except csv.Error:
        raise StatementError("file") from None


def _columns(row):
    """Return column -> index when a row is the header: it names the waybill and an amount."""
    folded = [fold(cell) for cell in row[:MAX_COLUMNS]]
    found = {}
    for column, names in NAMES.items():
        best = min(
            (
                (cell != name, rank, index)
                for index, cell in enumerate(folded)
                for rank, name in enumerate(names)
                if _named(cell, name) and not NOT_NAMES.get(column, set()) & set(cell.split())
            ),
            default=None,
        )
        if best and best[2] not in found.values():
            found[column] = best[2]
    return found if "tracking" in found and ("cod" in found or "net" in found) else None


def _named(cell, name):
    return cell == name or len(cell) < 40 and f" {name} " in f" {cell} "


def _line(number, row, columns, kilos):
    values = {column: row[index] if index < len(row) else None for column, index in columns.items()}
    tracking = _code(values["tracking"])
    if not tracking or fold(tracking) in TOTALS or fold(row[0] if row else "") in TOTALS:
        return None
    amounts = {name: _amount(values[name], number) for name in ("cod", "fee", "return_fee", "net") if name in values}
    weight = None
    if values.get("weight") not in (None, "", "-"):
        weight = _weight(values["weight"], kilos, number)
    if "cod" not in amounts:  # what is paid out and what was kept of it
        amounts["cod"] = amounts["net"] + abs(amounts.get("fee", 0)) + abs(amounts.get("return_fee", 0))
    words = {"phone": _phone(values.get("phone")), "status": str(values.get("status") or "")}
    return Line(number, tracking, _code(values.get("reference")), **amounts, weight=weight, **words)


def _phone(value):
    """Return a number as it is dialled: a spreadsheet drops the first zero."""
    code = _code(value)
    return f"0{code}" if re.fullmatch(r"[35789]\d{8}", code) else code


def _code(value):
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value if value is not None else "").strip().lstrip("'").upper()[:64]


def _amount(value, number):
    """Return whole dong: 150000, "150.000 đ", "-5,500", "(5.500)", nothing."""
    if value is None or value == "":
        return 0
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = value
    else:
        text = str(value).strip().lower().replace("vnđ", "").replace("vnd", "").replace("đ", "").replace("₫", "").replace(" ", "").replace("\xa0", "")
        minus = text.startswith(("-", "(", "−"))
        digits = text.strip("()-−+")
        if digits.endswith((".0", ",0", ".00", ",00")):  # parts of a dong, which there are none of
            digits = digits[: -2 if digits[-2] in ".," else -3]
        if digits in ("", "-"):
            return 0
        if not re.fullmatch(r"\d{1,3}([.,]\d{3})+|\d+", digits):
            raise StatementError("amount", f"{number}: {value}"[:80])
        text = int(re.sub(r"[.,]", "", digits)) * (-1 if minus else 1)
    if not abs(text) < 1e11:
        raise StatementError("amount", f"{number}: {value}"[:80])
    return round(text)


def _weight(value, kilos, number):
    """Return grams; a column that does not say so is in grams, unless the number is too small for that."""
    text = str(value).strip().lower().replace(" ", "").replace("\xa0", "")
    digits = re.fullmatch(r"([\d.,]+)\(?(kgs?|g|gr|gram)?\)?", text)
    if not digits:
        raise StatementError("amount", f"{number}: {value}"[:80])
    kilos = digits[2].startswith("k") if digits[2] else kilos
    text = digits[1]
    if isinstance(value, str) and not kilos and re.fullmatch(r"[1-9]\d{0,2}([.,]\d{3})+", text):
        text = re.sub("[.,]", "", text)  # "12.500" grams
    try:
        weight = float(text.replace(",", "."))
    except ValueError:
        raise StatementError("amount", f"{number}: {value}"[:80]) from None
    if not weight < 1e7:
        raise StatementError("amount", f"{number}: {value}"[:80])
    return round(weight * 1000) if kilos or 0 < weight < 10 else round(weight)


# === COMPARING ===


def differences(lines, known):
    """Return what is not as we know it: list of (line, kind, ours, theirs).

    Kinds: ``unknown_parcel``, ``paid_twice``, ``cod_short``, ``cod_more``, ``not_delivered`` (cash of a parcel that was not
    delivered), ``fee_more``, ``return_fee_more``, ``not_returned`` (return fee of a parcel that did not come back), ``weight_more``,
    ``sum_wrong`` (cash less fees is not what is paid out).

    :param lines: of one statement
    :param known: dict waybill -> Known
    """
    seen, found = Counter(), []
    for line in lines:
        parcel = known.get(line.tracking)
        again, seen[line.tracking] = bool(seen[line.tracking]), seen[line.tracking] + 1
        if parcel is None:
            found.append((line, "unknown_parcel", 0, line.cod))
            continue
        if wrong := wrong_cash(line.cod, parcel, again):
            found.append((line, *wrong, line.cod))
        if line.fee is not None and parcel.fee and abs(line.fee) > parcel.fee:
            found.append((line, "fee_more", parcel.fee, abs(line.fee)))
        found += [(line, *return_fee) for return_fee in _return_fee(line, parcel)]
        if line.weight and parcel.weight and line.weight > parcel.weight:
            found.append((line, "weight_more", parcel.weight, line.weight))
        if line.net is not None and line.fee is not None and line.net != line.cod - abs(line.fee) - abs(line.return_fee or 0):
            found.append((line, "sum_wrong", line.cod - abs(line.fee) - abs(line.return_fee or 0), line.net))
    return found


def wrong_cash(cash, parcel, again=False):
    """Return what is wrong with the cash of a line: (kind, ours) as in ``differences``; None where nothing is.

    :param cash: in whole dong
    :param parcel: Known
    :param again: another line paid it
    """
    if again or parcel.paid:
        return ("paid_twice", 0) if cash else None
    if parcel.state != "delivered":
        return ("not_delivered", 0) if cash else None
    return None if cash == parcel.cod else ("cod_short" if cash < parcel.cod else "cod_more", parcel.cod)


def _return_fee(line, parcel):
    """Return what is wrong with the return fee of a line: list of (kind, ours, theirs). What is not known is not judged."""
    theirs = abs(line.return_fee or 0)
    if theirs and parcel.state in NOT_BACK:
        return [] if parcel.part else [("not_returned", 0, theirs)]
    if parcel.return_fee is not None and theirs > parcel.return_fee:
        return [("return_fee_more", parcel.return_fee, theirs)]
    return []


def payout(line):
    """Return what a line brings: what it says, else cash less fees."""
    return line.net if line.net is not None else line.cod - abs(line.fee or 0) - abs(line.return_fee or 0)


def explain(rows, difference):
    """Return which lines explain that a transfer is not the sum of all: their keys, empty where no line or two do.

    Tried in this order: the lines whose own sum is wrong, together; one line that is not paid (or paid twice); two of them.
    Where several lines would explain it alike, all of them are named: which it is, the carrier must say.

    :param rows: list of (key, what the line brings, what its own sum lacks) in whole dong
    :param difference: what was received less the sum of the lines
    """
    if not difference:
        return []
    wrong = [key for key, _brings, lacks in rows if lacks]
    if wrong and sum(lacks for _key, _brings, lacks in rows) == difference:
        return wrong
    wanted = abs(difference)
    if single := [key for key, brings, _lacks in rows if brings == wanted]:
        return single
    first = {}
    for key, brings, _lacks in rows:
        first.setdefault(brings, key)
    for key, brings, _lacks in rows:
        other = first.get(wanted - brings)
        if other is not None and other != key:
            return [key, other]
    return []

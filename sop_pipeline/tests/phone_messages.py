"""A second generator of labelled messages, written from how people write and without the scanner or the first generator at hand.

Its words, ways of writing and look-alikes are its own; nothing in the scanner was tuned on them before they were measured.
"""

import random

HEADS = ("032", "033", "034", "035", "036", "037", "038", "039", "056", "058", "070", "076", "077", "078", "079", "081", "082", "083")
HEADS += ("084", "085", "086", "088", "090", "091", "092", "093", "094", "096", "097", "098")
SPOKEN = {
    "plain": ("khong", "mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam", "chin"),
    "marked": ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"),
}
WHO = ("Mai", "anh Đức", "chị Thu Hà", "cháu Bin", "bác Tư", "Nguyễn Văn Khánh", "em Vy", "cô Loan", "Hoàng Yến", "chú Sáu Lúa")
WHERE = (
    "88/12 Nguyễn Trãi P3 Q5",
    "thôn 4 xã Ea Kly, Đắk Lắk",
    "toà S1.02 Vinhomes tầng 21 căn 08",
    "K123/45 Điện Biên Phủ Đà Nẵng",
    "số 9 ngách 25/7 Bùi Xương Trạch",
    "tổ 14 kp6 phường Tân Mai, Biên Hoà",
    "chợ Đông Ba, sạp 112",
)
WHAT = (
    "1 máy xay Philips 600W",
    "2 thùng sữa 48 hộp",
    "combo 3 son 299k",
    "áo khoác dù size XL",
    "đầm maxi mã DM07",
    "ốp ip 15 promax",
    "5kg gạo ST25",
)


def ten(dice):
    """Ten digits of a mobile number of today."""
    return dice.choice(HEADS) + "".join(dice.choice("0123456789") for _ in range(7))


def cut(digits, *sizes):
    parts, start = [], 0
    for size in sizes:
        parts.append(digits[start : start + size])
        start += size
    return parts


def plainly(dice, digits):
    return digits


def in_groups(dice, digits):
    sizes = dice.choice(((4, 3, 3), (3, 3, 4), (4, 2, 2, 2), (2, 4, 4), (3, 7), (4, 6), (3, 4, 3)))
    return dice.choice((" ", ".", "-", "  ", " . ", "\u00a0", "~", "*", "_")).join(cut(digits, *sizes))


def abroad(dice, digits):
    return dice.choice(("+84{}", "84{}", "+84 {}", "(+84){}", "(84) {}", "+84-{}", "0084{}", "+84.{}")).format(digits[1:])


def fenced(dice, digits):
    left, right = dice.choice(("()", "[]", "||", "{}", "<>", "//"))
    return "".join(f"{left}{part}{right}" for part in cut(digits, 4, 3, 3)) if dice.random() < 0.5 else "|".join(cut(digits, 4, 3, 3))


def spoken(dice, digits):
    words = SPOKEN[dice.choice(("plain", "marked"))]
    return " ".join(words[int(digit)] for digit in digits)


def half_spoken(dice, digits):
    words = SPOKEN["marked"]
    return " ".join(words[int(digit)] if dice.random() < 0.4 else digit for digit in digits)


def look_alikes(dice, digits):
    text = "".join(dice.choice("oO") if digit == "0" and place < 3 else digit for place, digit in enumerate(digits))
    return " ".join(cut(text, 4, 3, 3)) if dice.random() < 0.5 else text


def wide(dice, digits):
    return "".join(chr(0xFF10 + int(digit)) for digit in digits)


def keycaps(dice, digits):
    return "".join(f"{digit}\ufe0f\u20e3" for digit in digits)


WAYS = (plainly,) * 10 + (in_groups,) * 7 + (abroad,) * 3 + (fenced, spoken, half_spoken, look_alikes, wide, keycaps)
ONE = (
    "Dạ cho em lấy {what}, em tên {who}, {n}",
    "{n} {who} {where}",
    "c ơi {what} còn k ạ, báo e qua {n} nhé",
    "địa chỉ: {where}\nđiện thoại: {n}\nngười nhận: {who}",
    "Shop gọi {n} gặp {who} giúp mình",
    "mình ở {where}. Sđt mình là {n}, giao ngoài giờ hành chính",
    "alo {n}",
    "zalo mình nè: {n}",
    "Đặt {what} về {where}, liên hệ {n} trước khi tới",
    "em cần tư vấn gấp {n}!!!",
    "lh: {n} ({who})",
    "tối 8h gọi {n} được không shop",
    "Mình chuyển 500k rồi nha, sđt người nhận {n}",
    "hàng về alo mình {n} với, mình đặt {what} hôm 12/3",
    "đổi giúp mình sđt thành {n} nha, số cũ mất rồi",
    "ib không thấy trả lời, gọi em {n}",
    "{who} - {n} - {where} - {what}",
    "chốt {what}. {n}. {where}",
    "còn hàng thì nhắn {n} liền nha sốp",
    "tư vấn mình với ạ\n{n}",
)
GLUED = (
    "sđt{n}",
    "Đt:{n}.",
    "sdt:{n}(zalo)",
    "{n}nha shop",
    "{n}ạ",
    "call{n}",
    "Zalo:{n},{who}",
    "SĐT {n}:{who}",
    "{n}({who})",
    "({n})",
    '"{n}"',
    "{n}!!",
)
TWO = ("{a},{b}", "{a}/{b}", "{a} hoặc {b}", "{a} - {b}", "sđt {a}, không được thì {b}", "{a}\n{b}", "{who} {a} / {b}", "+84{a9},+84{b9}", "{a};{b}")
BEFORE = ("sn 1996,{n}", "năm 2023,{n}", "số lượng 3,{n}", "phòng 204,{n}", "lô 7,{n}", "tầng 12,{n}", "sz 39,{n}")
NINE = ("số em {n9} nha", "số chị là {n9}", "số mình {n9}", "sđt: {n9}", "zalo {n9} ạ", "gọi {n9} nhé")
LINKS = ("viber://chat?number=%2B84{n9}", "https://zalo.me/{n}", "https://wa.me/84{n9}", "tel:{n}", "link zalo: zalo.me/{n} nha", "tel:+84{n9}")
DEAD = ("0115{x}", "0544{x}", "0721{x}", "0571{x}")
NONE = (
    "em ck vào stk {n} ngân hàng ACB chủ tk {who} rồi ạ",
    "số tài khoản: {n} Agribank",
    "mã đơn hàng {n} tới đâu rồi shop",
    "mã vận đơn SPXVN0{n}",
    "mst công ty: {n}",
    "mã số thuế {n}-001",
    "căn cước 0{d}{n}{d}",
    "IMEI 35{n}{d}{d}{d}",
    "mã vạch 893{n}",
    "{p}.000đ một cái, lấy 3 cái {q}.000 được không",
    "tổng cộng {p}.{q}.000 đồng ạ",
    "toạ độ 10.{p}{q}, 106.{q}{p}",
    "hẹn 14h30 ngày 0{d}/1{e}/2025 nhé",
    "từ 0{d}/0{d}/2024 đến 1{e}/1{e}/2025",
    "xổ số: {list}",
    "dàn lô {list}",
    "đáp án câu {list}",
    "câu hỏi số {list}",
    "gửi shop file hop-dong-{n}.pdf",
    "ảnh IMG{n}.jpg bị mờ",
    "video {n}.mp4 này đúng không",
    "tải file bang_gia_{n}.xls",
    "gọi 1900 {p}{d} bấm 2",
    "tổng đài 1800 {p}{d}",
    "cố định 028 38{p}{d}{d}{d}",
    "biển số 51K-{p}.{d}{d}",
    "nhà {d}{d}/{p}/{d} hẻm {p}",
    "size 36 37 38 39 40 41 còn không shop",
    "https://www.facebook.com/photo?fbid={n}{p}{q}",
    "https://shopee.vn/product/{p}{q}/{n}{d}",
    "mã giảm giá VC{n}",
    "hoá đơn số {n} ngày hôm qua",
    "{what} bao nhiêu tiền vậy shop",
    "ship về {where} hết bao nhiêu",
    "nặng {p}g cao {q}mm dày {d}.{e}cm",
    "số serial {n}{p}",
    "1700{p}{q}{d} là mốc thời gian unix đó",
    "ip 192.168.{d}.{p}",
    "tỉ số 3-1, hiệp 2 phút 89",
    "3 cái {p}k 2 cái {q}k",
)


def messages(seed, count):
    """Labelled messages: list of (kind, text, numbers in it in national form)."""
    dice = random.Random(seed)
    made = []
    for _number in range(count):
        kind = dice.choices(("one", "glued", "two", "before", "nine", "link", "dead", "long", "none"), (38, 8, 9, 5, 4, 4, 3, 0.5, 28.5))[0]
        first, second = ten(dice), ten(dice)
        words = {
            "who": dice.choice(WHO),
            "where": dice.choice(WHERE),
            "what": dice.choice(WHAT),
            "n": first,
            "n9": first[1:],
            "a": first,
            "b": second,
            "a9": first[1:],
            "b9": second[1:],
            "p": dice.randrange(100, 999),
            "q": dice.randrange(100, 999),
            "d": dice.randrange(1, 10),
            "e": dice.randrange(0, 3),
            "list": dice.choice((" ", ", ", "-")).join(f"{dice.randrange(100):02}" for _ in range(dice.randrange(5, 9))),
            "x": second[4:],
        }
        if kind == "one":
            made.append((kind, dice.choice(ONE).format(**{**words, "n": dice.choice(WAYS)(dice, first)}), [first]))
        elif kind == "long":
            pieces = [dice.choice(ONE[:3] + NONE[-9:]).format(**{**words, "n": ""}) for _ in range(400)]
            pieces.insert(dice.randrange(400), f"số của em {first} nhé")
            made.append((kind, " | ".join(pieces), [first]))
        elif kind == "dead":
            dead = dice.choice(DEAD).format(x=second[4:])
            made.append(
                (kind, dice.choice(("{dead} {a}", "{dead},{a}", "{dead} hoặc {a}", "số cũ {dead} số mới {a}")).format(dead=dead, a=first), [first])
            )
        else:
            table = {"glued": GLUED, "two": TWO, "before": BEFORE, "nine": NINE, "link": LINKS, "none": NONE}[kind]
            found = {"two": [first, second], "none": []}.get(kind, [first])
            made.append((kind, dice.choice(table).format(**words), found))
    return made

"""Time of the phone scanner per message, beside phonenumbers' own matcher on the same messages.

Alone: python benchmarks/bench_phone.py [scale] [--json]
"""

# pylint: disable=print-used
import importlib.util
import json
import pathlib
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent / "sop_pipeline"


def load(path):
    """Import a file of the addon without the addon, so without Odoo."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def chat():
    """Return messages by kind: `(name, texts, how many numbers they hold)`."""
    labels = load(ROOT / "tests" / "phone_labels.py")
    talk = [
        "shop ơi còn hàng không ạ, cho em hỏi giá bao nhiêu vậy chị, ship về Hà Nội mấy ngày",
        "Dạ mẫu này bên em còn đủ size, giá 350.000đ, freeship đơn từ 500k chị nhé",
        "Em lấy 2 cái áo size M màu đen với 1 quần jean 38, giao giờ hành chính giúp em",
        "ok shop, mai em chuyển khoản 500k cọc trước nha, còn lại nhận hàng em trả",
    ]
    orders = [
        "Chốt đơn cho em 2 cái áo size M ship về 12 Lê Lợi nha, sđt em 0912345678 ạ",
        "Tên: Nguyễn Thị Hoa\nSĐT: 0369 874 125\nĐC: 45/6 Trần Phú, Đà Nẵng, gọi trước khi giao",
        "alo shop o9o1.234.567 gọi lại giúp mình, mình hỏi giá sỉ lô 50 cái",
        "số em là không chín tám bảy sáu năm bốn ba hai một nha chị, zalo luôn",
    ]
    hard = [row[0] for row in labels.FOUND]
    return [
        ("phone scan: talk without a number", talk, 0),
        ("phone scan: order with a number", orders, len(orders)),
        ("phone scan: labelled set, disguised numbers", hard, sum(len(row) - 1 for row in labels.FOUND)),
        ("phone scan: labelled set, none", labels.NOT_FOUND, 0),
    ]


def measure(scan, texts, rounds):
    """Return the microseconds each call of `scan` took, over `rounds` rounds of all texts."""
    times = []
    for _round in range(rounds):
        for text in texts:
            started = time.perf_counter_ns()
            scan(text)
            times.append((time.perf_counter_ns() - started) / 1000)
    return times


def percentile(times, share):
    """Return the time that a `share` of `times` stays below."""
    return round(sorted(times)[min(len(times) - 1, int(len(times) * share))], 1)


def matcher():
    """Return a scan by phonenumbers (region VN), or None without the library."""
    try:
        import phonenumbers
    except ImportError:
        return None
    return lambda text: list(phonenumbers.PhoneNumberMatcher(text, "VN"))


def row(name, texts, held, rounds, find, other):
    """Measure one kind of messages; `baseline` is the median of phonenumbers' matcher, `ratio` ours against it."""
    for scan in filter(None, (find, other)):
        measure(scan, texts, 1)  # tables and expressions are warm
    ours = measure(find, texts, rounds)
    baseline = statistics.median(measure(other, texts, rounds)) if other else None
    note = f"{sum(len(find(text)) for text in texts)} numbers found of {held}"
    if other:
        note += f", phonenumbers {sum(len(other(text)) for text in texts)}"
    p50 = statistics.median(ours)
    return {
        "name": name,
        "n": len(ours),
        "unit": "us/message",
        "p50": round(p50, 1),
        "p95": percentile(ours, 0.95),
        "baseline": baseline and round(baseline, 1),
        "ratio": baseline and round(p50 / baseline, 2),
        "note": note,
    }


ROUNDS = {"small": 100, "medium": 200, "large": 1000}


def run(scale="medium"):
    """Return a row per kind of messages and one for 20 000 characters; `scale` chooses the number of rounds."""
    find, other, rounds = load(ROOT / "tools" / "phone.py").find_phones, matcher(), ROUNDS[scale]
    rows = [row(name, texts, held, max(1, rounds * 4 // len(texts)), find, other) for name, texts, held in chat()]
    page = ("chốt đơn 2 cái size M 350k, stk 19033445566778, sđt 0912 345 678 nha. " * 300)[:20_000]
    rows.append(row("phone scan: 20 000 characters", [page], page.count("0912 345 678"), max(1, rounds // 20), find, other))
    return rows


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--json"]
    result = run(arguments[0] if arguments else "medium")
    if "--json" in sys.argv:
        print(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        for line in result:
            print("{name:44} p50 {p50:>7} p95 {p95:>7} {unit}, phonenumbers {baseline} (x{ratio}), {note}".format(**line))

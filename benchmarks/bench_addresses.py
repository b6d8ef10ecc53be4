"""Reading of addresses: how many lines of the labelled set are right, asked or wrong, and the time of a line.

The baseline of the time is the package whose data is used, ``vietnamadminunits.parse_address``, on the same lines.
Alone: python benchmarks/bench_addresses.py [--json]
"""

# pylint: disable=print-used
import csv
import importlib.util
import json
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent / "sop_inbox"


def load():
    """Import the reader without the addon, so without Odoo."""
    spec = importlib.util.spec_from_file_location("sop_address", ROOT / "tools" / "address.py")
    module = sys.modules["sop_address"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def generator():
    """Import the generator of lines with typing errors."""
    spec = importlib.util.spec_from_file_location("sop_address_errors", ROOT / "tests" / "order" / "address_errors.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def labelled(name="address_labels.csv"):
    """Return the labelled lines: (kind, text, list of expected addresses); an address is (codes, whether it must be asked)."""
    with (ROOT / "tests" / "order" / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        (row["kind"], row["text"].replace("\\n", "\n"), [] if row["wards"] == "-" else list(map(expected, row["wards"].split(";")))) for row in rows
    ]


def expected(cell):
    """Return what stands in the set for one address: "code", or "?code code" when it has to be asked."""
    return tuple(cell.lstrip("?").split()), cell.startswith("?")


def judge(matches, wanted):
    """Return "wrong", "right", "asked" (the ward is in the first three choices), or "missed"."""
    sure = {code for codes, ask in wanted for code in codes if not ask}
    if any(match.ward_code and match.ward_code not in sure for match in matches):
        return "wrong"
    if not wanted:
        return "missed" if matches else "right"
    found = {match.ward_code for match in matches if match.ward_code}
    offered = {code for match in matches for code in match.choices[:3]}
    if all(not ask and codes[0] in found for codes, ask in wanted):
        return "right"
    if all((codes[0] in found) if codes and not ask and codes[0] in found else not codes or set(codes) & offered for codes, ask in wanted):
        return "asked"
    return "missed"


def measure(read, texts):
    """Return the milliseconds each line took, sorted."""
    times = []
    for text in texts:
        started = time.perf_counter()
        read(text)
        times.append((time.perf_counter() - started) * 1000)
    return sorted(times)


def baseline(texts):
    """Return the median milliseconds of the package's own parser, which says one ward or fails."""
    from vietnamadminunits import parse_address

    def read(text):
        try:
            parse_address(text)
        except ValueError:
            return

    times = measure(read, texts)
    return times[len(times) // 2]


def run(scale="small"):
    """Return the rows of the benchmark."""
    address, rows = load(), labelled()
    texts = [text for _kind, text, _wanted in rows]
    address.read_addresses(texts[0])  # the country is read once
    times = measure(address.read_addresses, texts)
    verdicts = [judge(address.read_addresses(text), wanted) for _kind, text, wanted in rows]
    n, own = len(rows), times[len(times) // 2]
    theirs = baseline(texts[: 50 if scale == "small" else n])
    share, note = counted(verdicts)
    note = f"labelled set: {note}"
    return [
        {
            "name": "address: time of a line",
            "n": n,
            "unit": "ms",
            "p50": own,
            "p95": times[int(n * 0.95)],
            "baseline": theirs,
            "ratio": own / theirs,
            "note": "vietnamadminunits.parse_address",
        },
        {"name": "address: right without asking", "n": n, "unit": "%", "p50": 100 * share["right"] / n, "note": note},
        {"name": "address: right within three choices", "n": n, "unit": "%", "p50": 100 * (share["right"] + share["asked"]) / n, "note": ""},
        {"name": "address: wrong ward without asking", "n": n, "unit": "lines", "p50": share["wrong"], "note": "must be 0"},
        *unseen(address),
        typed(address, 1000 if scale == "small" else 10_000),
    ]


def counted(verdicts):
    """Return dict verdict -> how many, and the same in words."""
    share = {name: sum(verdict == name for verdict in verdicts) for name in ("right", "asked", "missed", "wrong")}
    return share, ", ".join(f"{name} {count}" for name, count in share.items())


def unseen(address):
    """Return the rows of the set whose author did not know the reader's rules."""
    rows = labelled("address_unseen.csv")
    share, note = counted([judge(address.read_addresses(text), wanted) for _kind, text, wanted in rows])
    yield {"name": "address: unseen, right without asking", "n": len(rows), "unit": "%", "p50": 100 * share["right"] / len(rows), "note": note}
    yield {"name": "address: unseen, wrong without asking", "n": len(rows), "unit": "lines", "p50": share["wrong"], "note": "must be 0"}


def typed(address, count):
    """Return the row of generated lines with a typing error; a divided ward that is chosen is wrong, too."""
    verdicts = []
    for text, codes in generator().lines(count, 4242):
        verdicts.append(judge(address.read_addresses(text), [(codes, len(codes) > 1)]))
    share, note = counted(verdicts)
    return {"name": "address: typing errors, wrong without asking", "n": count, "unit": "lines", "p50": share["wrong"], "note": note}


if __name__ == "__main__":
    result = run()
    print(
        json.dumps(result, ensure_ascii=False)
        if "--json" in sys.argv
        else "\n".join(f"{row['name']}: {row['p50']:.3g} {row['unit']} {row['note']}" for row in result)
    )

"""A double of a bank account and of the services that report it: SePay, Casso (both forms), payOS, with their rules.

python doubles/bank.py --port 8184 --hook http://127.0.0.1:8069/sop/bank/sepay/KEY service=sepay secret=... account=...

``POST /_/transfer {amount, words, mangle, out, sender}`` moves money; ``mangle`` names one or more of upper, cut25, spaces, prefix,
suffix, wrong letter. Every movement is reported as the service signs it, again after the service's pauses until it is taken, and
listed. Faults: ``lose_hook`` (a movement that no webhook reports), ``twice``, ``late`` (seconds), ``disorder`` (chance of a second's pause).
"""

import hashlib
import hmac
import json
import sys
import threading
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from doubles.base import Double, main

RETRIES = {"sepay": (1, 1, 2, 3, 5, 8, 13), "casso": (1, 2, 5, 10, 30), "casso_v1": (1, 2, 5, 10, 30), "payos": (1, 2, 5, 10, 30)}  # minutes
HANOI = timedelta(hours=7)


class Bank(Double):
    """One account. ``service``: sepay | sepay_key | casso | casso_v1 | payos; ``pace``: seconds that a service's minute takes here."""

    FAULTS = {**Double.FAULTS, "lose_hook": 0, "twice": 0, "late": 0, "disorder": 0}

    def __init__(self, hook="", service="sepay", secret="demo-bank-secret", account="113366668888", token="demo-bank-token", pace=1.0, **kwargs):
        super().__init__(hook, **kwargs)
        self.service, self.secret, self.account, self.token, self.pace = service, secret, account, token, float(pace)
        self.balance = 10_000_000
        self.moves = []
        self.answers = []  # (movement, status) of every delivery
        self.given_up = []
        self.asked = []  # times of the last requests for the list
        self.first = int(time.time() * 10) % 10**9 * 1000

    # === MOVEMENTS ===

    def play_transfer(self, amount, words="", mangle="", out=False, sender="NGUYEN VAN A", **more):
        """Move money and report it."""
        if isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0:
            return {"error": "a sum is a whole number above zero"}
        for name in filter(None, mangle.split(",") if isinstance(mangle, str) else mangle):
            words = self.mangle(name.strip(), words)
        with self.lock:
            if out and amount > self.balance:
                return {"error": "the account does not hold that much"}
            self.balance += -amount if out else amount
            move = {
                "id": self.first + next(self.numbers),
                "amount": -amount if out else amount,
                "words": words,
                "at": (datetime.now(UTC) + HANOI).strftime("%Y-%m-%d %H:%M:%S"),
                "sender": sender,
                "sender_account": more.get("sender_account", "0071000123456"),
                "balance": self.balance,
            }
            move["reference"] = f"FT{move['id']}"
            self.moves.append(move)
        if not self.happens("lose_hook"):
            for _time in range(2 if self.happens("twice") else 1):
                self.report(move)
        return move

    def mangle(self, name, words):
        """What banks and people make of the words of a transfer."""
        if name == "wrong letter":
            place = words.upper().find("SOP") + 3 + self.dice.randrange(6)
            letter = next(letter for letter in self.dice.sample("ABCDEFGH234567", 14) if words[place : place + 1].upper() != letter)
            return words[:place] + letter + words[place + 1 :]
        return {
            "upper": words.upper(),
            "cut25": words[:25],
            "spaces": " ".join(words[at : at + 4] for at in range(0, len(words), 4)),
            "prefix": f"MBVCB.{self.dice.randrange(10**9)}.{words}",
            "suffix": f"{words}.CT tu 0071000123456 NGUYEN VAN A toi {self.account}",
        }[name]

    def play_again(self, ids=None, times=1):
        """Report movements once more, as after an interruption; default all."""
        for move in self.moves:
            if not ids or move["id"] in ids:
                for _time in range(times):
                    self.report(move)
        return {}

    # === WEBHOOKS ===

    def report(self, move):
        """Deliver a movement in the background until it is taken or the service gives up."""
        with self.lock:
            self.undelivered += 1
        threading.Thread(target=self.carry, args=(move,), daemon=True).start()

    def carry(self, move):
        """Deliver one movement that is counted as undelivered already."""
        late = self.dice.uniform(0, self.faults["late"]) + (1 if self.happens("disorder") else 0)
        time.sleep(late)
        pauses = [*RETRIES.get(self.service.removesuffix("_key"), ()), None]
        for pause in pauses:
            if self.hook and self.take(move):
                break
            if pause is None:
                self.given_up.append(move["id"])
                break
            time.sleep(pause * self.pace)
        with self.lock:
            self.undelivered -= 1

    def take(self, move):
        """Send one report; whether the shop took it as the service understands it."""
        raw, headers = self.sealed(move)
        request = urllib.request.Request(self.hook, raw, {"Content-Type": "application/json", **headers})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, content = answer.status, answer.read()
        except (OSError, HTTPException) as error:
            status, content = getattr(error, "code", 0), b""
        self.answers.append((move["id"], status))
        if self.service.startswith("sepay"):  # 200 or 201, and says so
            return status in (200, 201) and content.replace(b" ", b"") == b'{"success":true}'
        return 200 <= status < 300

    def sealed(self, move):
        """Return (body, headers) of a movement as the service sends it."""
        if self.service.startswith("sepay"):
            raw = json.dumps(self.sepay(move)).encode()
            if self.service == "sepay_key":
                return raw, {"Authorization": f"Apikey {self.secret}"}
            stamp = str(int(time.time()))
            digest = hmac.new(self.secret.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
            return raw, {"X-SePay-Timestamp": stamp, "X-SePay-Signature": f"sha256={digest}"}
        if self.service == "payos":
            return json.dumps(self.payos(move)).encode(), {}
        if self.service == "casso_v1":
            return json.dumps({"error": 0, "data": [self.casso_v1(move)]}).encode(), {"secure-token": self.secret}
        body, stamp = {"error": 0, "data": self.casso(move)}, str(int(time.time() * 1000))
        text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hmac.new(self.secret.encode(), f"{stamp}.{text}".encode(), hashlib.sha512).hexdigest()
        return json.dumps(body, ensure_ascii=False).encode(), {"X-Casso-Signature": f"t={stamp},v1={digest}"}

    def sepay(self, move):
        return {
            "id": move["id"],
            "gateway": "Vietcombank",
            "transactionDate": move["at"],
            "accountNumber": self.account,
            "subAccount": None,
            "code": None,
            "content": move["words"],
            "transferType": "in" if move["amount"] > 0 else "out",
            "description": "",
            "transferAmount": abs(move["amount"]),
            "accumulated": move["balance"],
            "referenceCode": move["reference"],
        }

    def casso(self, move):
        return {
            "id": move["id"],
            "reference": move["reference"],
            "description": move["words"],
            "amount": move["amount"],
            "runningBalance": move["balance"],
            "transactionDateTime": move["at"],
            "accountNumber": self.account,
            "bankName": "VPBank",
            "bankAbbreviation": "VPB",
            "virtualAccountNumber": "",
            "virtualAccountName": "",
            "counterAccountName": move["sender"],
            "counterAccountNumber": move["sender_account"],
            "counterAccountBankId": "970415",
            "counterAccountBankName": "VietinBank",
        }

    def casso_v1(self, move):
        return {
            "id": move["id"],
            "tid": move["reference"],
            "description": move["words"],
            "amount": move["amount"],
            "cusum_balance": move["balance"],
            "when": move["at"],
            "bank_sub_acc_id": self.account,
        }

    def payos(self, move):
        """payOS reports what came in only."""
        data = {
            "orderCode": move["id"],
            "amount": move["amount"],
            "description": move["words"],
            "accountNumber": self.account,
            "reference": move["reference"],
            "transactionDateTime": move["at"],
            "currency": "VND",
            "paymentLinkId": f"link{move['id']}",
            "code": "00",
            "desc": "Thành công",
            "counterAccountBankId": "",
            "counterAccountBankName": None,
            "counterAccountName": move["sender"],
            "counterAccountNumber": move["sender_account"],
            "virtualAccountName": "",
            "virtualAccountNumber": "",
        }
        text = "&".join(f"{key}={'' if data[key] is None else data[key]}" for key in sorted(data))
        signature = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        return {"code": "00", "desc": "success", "success": True, "data": data, "signature": signature}

    # === LIST ===

    def route(self, method, path, query, form, headers):
        self.trouble_before()
        if method == "GET" and path == "userapi/transactions/list" and self.service.startswith("sepay"):
            return self.list_sepay(query, headers)
        if method == "GET" and path == "v2/transactions" and self.service.startswith("casso"):
            return self.list_casso(query, headers)
        return 404, {"message": "Not found"}

    def list_sepay(self, query, headers):
        if headers.get("Authorization") != f"Bearer {self.token}":
            return 401, {"status": 401, "error": "Unauthorized"}
        with self.lock:
            now = time.time()
            self.asked = [at for at in self.asked if at > now - 1] + [now]
            if len(self.asked) > 3:
                return 429, {"status": 429, "error": "Too many requests"}
            limit = min(int(query.get("limit") or 5000), 5000)
            since = query.get("transaction_date_min") or ""
            account = query.get("account_number") or self.account
            moves = [move for move in reversed(self.moves) if move["at"] >= since and account == self.account][:limit]
        return 200, {"status": 200, "error": None, "messages": {"success": True}, "transactions": [self.listed(move) for move in moves]}

    def listed(self, move):
        return {
            "id": str(move["id"]),
            "bank_brand_name": "Vietcombank",
            "account_number": self.account,
            "transaction_date": move["at"],
            "amount_out": f"{max(0, -move['amount'])}.00",
            "amount_in": f"{max(0, move['amount'])}.00",
            "accumulated": f"{move['balance']}.00",
            "transaction_content": move["words"],
            "reference_number": move["reference"],
            "code": None,
            "sub_account": None,
        }

    def list_casso(self, query, headers):
        if headers.get("Authorization") != f"Apikey {self.token}":
            return 401, {"error": 401, "message": "Unauthorized"}
        size, page = min(int(query.get("pageSize") or 10), 100), int(query.get("page") or 1)
        moves = [self.casso_v1(move) for move in reversed(self.moves) if move["at"][:10] >= (query.get("fromDate") or "")]
        return 200, {"error": 0, "message": "success", "data": {"page": page, "records": moves[(page - 1) * size : page * size]}}

    def control(self, name, data):
        if name == "state":
            with self.lock:
                kept = ("moves", "balance", "given_up", "undelivered")
                return {key: getattr(self, key) for key in kept} | {"answers": [list(answer) for answer in self.answers]}
        return super().control(name, data)


if __name__ == "__main__":
    main(lambda hook, words: Bank(hook, **words), 8184, "bank")

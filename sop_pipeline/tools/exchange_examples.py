"""An answered call as each kind of exchange reports it, to copy from and to try."""

EXAMPLES = {
    "generic": {
        "call_id": "2026-0001",
        "direction": "out",
        "from": "101",
        "to": "0901234567",
        "extension": "101",
        "started_at": "2026-11-28T02:00:00Z",
        "answered_at": "2026-11-28T02:00:08Z",
        "ended_at": "2026-11-28T02:01:03Z",
        "talk_seconds": 55,
        "recording_url": "https://exchange.example/recordings/2026-0001.mp3",
    },
    "stringee": {
        "type": "stringee_call",
        "call_id": "call-vn-1-0001",
        "call_status": "ended",
        "from": {"number": "101", "type": "internal"},
        "to": {"number": "84901234567", "type": "external"},
        "timestamp_ms": 1795831263000,
        "answerDuration": 55,
        "endCallCause": "USER_END_CALL",
    },
    "omicall": {
        "transaction_id": "0001-2026",
        "state": "cdr",
        "direction": "outbound",
        "sip_user": "101",
        "phone_number": "0901234567",
        "time_start_call": 1795831200,
        "created_date": 1795831263,
        "bill_sec": 55,
        "recording_file_url": "https://exchange.example/recordings/0001.mp3",
    },
}

"""Renew an official account's tokens, in a process of its own that survives the server's end. No Odoo here.

Zalo's refresh token works once: a process that has used it and dies before saving the answer has lost
the account. So this runs apart from the server, deaf to its signals: it locks the account's row,
looks whether somebody else was faster, asks Zalo, and commits both tokens in one transaction.

Reads a JSON job from its input: dsn (psycopg2's arguments), account (id), stale (access token that
was refused), login, trusted (see ``http_out.exchange``), app, secret. Ends with 0 when there is a new token, 1 when Zalo refused.
"""

import json
import signal
import sys
from pathlib import Path

import psycopg2

if __name__ == "__main__":
    # run as a file: the neighbours are found beside it, without the addon around them
    import importlib
    import types

    package = types.ModuleType("renewal")
    here = Path(__file__).parent
    package.__path__ = [str(here.parents[1] / "sop_pipeline" / "tools"), str(here)]  # http_out is there
    sys.modules["renewal"] = package
    perform = importlib.import_module("renewal.transport").perform
    zalo_api = importlib.import_module("renewal.zalo_api")


def main():
    """Do the job on standard input; prints one word for the log, never a secret."""
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    job = json.load(sys.stdin)
    connection = psycopg2.connect(**job["dsn"])
    with connection, connection.cursor() as cursor:
        # others may go on reading the row and pointing to it; no one else renews meanwhile
        cursor.execute("SELECT access_token, refresh_token FROM sop_channel_account WHERE id = %s FOR NO KEY UPDATE", [job["account"]])
        row = cursor.fetchone()
        if not row or (row[0] or "") != job["stale"]:
            sys.stdout.write("renewed already")
            return 0 if row else 1
        answer = perform(zalo_api.refresh_call(job["login"], job["app"], job["secret"], row[1]), job.get("trusted", ""))
        access, refresh, seconds, error = zalo_api.read_tokens(answer)
        if error:
            sys.stdout.write(f"refused: {error}")
            return 1
        cursor.execute(
            """UPDATE sop_channel_account SET access_token = %s, refresh_token = %s, is_paused = FALSE, pause_reason = NULL,
                      token_expires_at = (now() at time zone 'UTC') + make_interval(secs => %s) WHERE id = %s""",
            [access, refresh, seconds, job["account"]],
        )
    sys.stdout.write("renewed")
    return 0


if __name__ == "__main__":
    sys.exit(main())

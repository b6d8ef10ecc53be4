"""Twenty agents at once on a real server with workers: what each asks when a conversation is opened.

- the list (``web_search_read`` as the screen calls it), the numbers of all chips, and the panel beside the chat, over
  HTTP, by twenty agents in sessions of their own who pause a second between two conversations, as people do
- against the same requests by one of them alone
"""

import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests
from bench_channels import Server
from bench_inbox import PAGE, SPECIFICATION, grow
from odoo_bench import environment, row

AGENTS = 20
CONVERSATIONS = {"small": 10_000, "medium": 100_000, "large": 100_000}
ROUNDS = {"small": 15, "medium": 30, "large": 60}
#: Conversations each agent opens before the clock runs: every worker has the caches of every agent, as an hour after the start
WARM = 8
READS = {"web_search_read": "list", "get_counters": "numbers", "get_panel": "panel"}


class Agent:
    """A session of one agent, and how long each of their requests took."""

    def __init__(self, url, database, login):
        self.url, self.session = url, requests.Session()
        self.post("/web/session/authenticate", db=database, login=login, password="bench")

    def post(self, path, **params):
        answer = self.session.post(f"{self.url}{path}", json={"jsonrpc": "2.0", "method": "call", "params": params}, timeout=60).json()
        assert "error" not in answer, answer
        return answer["result"]

    def timed(self, times, method, *args, **kwargs):
        start = time.perf_counter()
        path = f"/web/dataset/call_kw/sop.conversation/{method}"
        result = self.post(path, model="sop.conversation", method=method, args=args, kwargs=kwargs)
        times[method].append((time.perf_counter() - start) * 1000)
        return result

    def work(self, rounds, pause):
        """Open some conversations, one after the other.

        :return: dict method -> milliseconds of each request
        """
        times = {method: [] for method in READS}
        for _round in range(rounds):
            time.sleep(random.uniform(0.5, 1.5) * pause)
            page = self.timed(times, "web_search_read", [["state", "=", "open"]], SPECIFICATION, limit=PAGE, count_limit=81)
            self.timed(times, "get_counters")
            self.timed(times, "get_panel", [random.choice(page["records"])["id"]])
        return times


def run(scale, suite):
    """A row for each kind of request; see the module's text."""
    grow(suite, CONVERSATIONS[scale])
    with environment(suite, commit=True) as env:
        users = env["res.users"].search([("login", "=like", "bench_%")], order="id", limit=AGENTS)
        users.write({"password": "bench"})
        logins = users.mapped("login")
    server = Server(suite, f"--workers={2 * (os.cpu_count() or 2)}", "--gevent-port=8178")
    try:
        agents = [Agent(server.url, suite, login) for login in logins]
        agents[0].work(WARM, 0)
        alone = agents[0].work(ROUNDS[scale] * 3, 0)
        barrier = threading.Barrier(AGENTS)

        def together(agent):
            agent.work(WARM, 0.5)
            barrier.wait(60)
            return agent.work(ROUNDS[scale], 1)

        with ThreadPoolExecutor(AGENTS) as pool:
            results = list(pool.map(together, agents))
    finally:
        server.stop()
    rows = []
    for method, name in READS.items():
        values = [value for times in results for value in times[method]]
        note = "baseline: one agent alone; p95 at most 150 on two cores"
        rows.append(row(f"{AGENTS} agents: {name}", len(values), "ms", values, alone[method], note))
    return rows

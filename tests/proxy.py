"""nginx before a server with workers, by the configuration that docs/operations.md shows."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import requests
from harness import HOME, ROOT, free_port

#: What stands around the documented part on a machine: here a process of its own that writes nowhere else
AROUND = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {documented}
}}
"""


def documented(port, server):
    """The configuration of the docs, with ports of now and without the certificate."""
    [text] = re.findall(r"```nginx\n(.*?)```", (ROOT / "docs/operations.md").read_text(), re.DOTALL)
    text = re.sub(r" *ssl_certificate.*\n", "", text)
    for told, real in (("443 ssl", f"127.0.0.1:{port}"), (":8069", f":{server.port}"), (":8072", f":{server.live_port}")):
        assert told in text, f"{told} is not in the docs"
        text = text.replace(told, real)
    return text


class Proxy:
    """nginx before a started server."""

    def __init__(self, server, folder):
        self.folder = Path(folder)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        (self.folder / "nginx.conf").write_text(AROUND.format(folder=self.folder, documented=documented(self.port, server)))

    def start(self):
        program = shutil.which("nginx", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", str(HOME / "nginx/usr/sbin")]))
        self.process = subprocess.Popen(
            [program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "error.log")], stderr=subprocess.DEVNULL
        )
        for _try in range(100):
            try:
                requests.get(f"{self.url}/web/health", timeout=60).raise_for_status()
                return self
            except requests.ConnectionError:
                time.sleep(0.1)
        raise RuntimeError(f"nginx did not start:\n{(self.folder / 'error.log').read_text()[-2000:]}")

    def stop(self):
        self.process.terminate()
        self.process.wait(20)

"""A server on 127.0.0.1 that does what a hostile or broken one does; what it does is the path that is asked for."""

import contextlib
import gzip
import itertools
import socket
import threading
import time
from urllib.parse import unquote

PAUSE = 0.3  # seconds between two bytes of who drips


class RoughServer:
    """A started server. ``met`` counts connections, ``asked`` holds the head of each request.

    :param context: ``ssl.SSLContext`` of a server that speaks TLS
    """

    bomb = gzip.compress(bytes(100_000_000), 1)  # half a megabyte

    def __init__(self, context=None):
        self.met, self.asked, self.names, self.context = 0, [], [], context
        self.over = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        if context:
            context.sni_callback = lambda _sock, name, _context: self.names.append(name)
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        """End it and all that hang on it."""
        self.over.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                sock, _address = self.listener.accept()
                self.met += 1
                threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        with contextlib.suppress(OSError), contextlib.closing(sock):
            sock.settimeout(60)
            if self.context:
                sock = self.context.wrap_socket(sock, server_side=True)
            head = b""
            while b"\r\n\r\n" not in head:
                piece = sock.recv(1)
                if not piece:
                    return
                head += piece
            self.asked.append(head.decode("latin-1"))
            size = next((int(line[16:]) for line in self.asked[-1].split("\r\n") if line.startswith("Content-Length: ")), 0)
            while 0 < size < 1_000_000:  # the rest of a small request; nobody listens to a large one
                size -= len(sock.recv(size))
            path, _question, query = self.asked[-1].split(" ")[1].partition("?")
            getattr(self, f"do_{path.strip('/')}")(sock, query)

    def answer(self, sock, *headers, status="200 OK", body=b""):
        sock.sendall("\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode("latin-1") + body)

    def drip(self, sock, pieces):
        for piece in pieces:
            sock.sendall(piece)
            if self.over.wait(PAUSE):
                return

    # === WHAT IT DOES ===

    def do_ok(self, sock, _query):
        self.answer(sock, "Content-Type: application/json", "Content-Length: 8", body=b'{"a": 1}')

    def do_drip_head(self, sock, _query):
        self.drip(sock, (bytes([letter]) for letter in itertools.chain(b"HTTP/1.1 200 OK\r\nX: ", itertools.repeat(120))))

    def do_drip_body(self, sock, _query):
        self.answer(sock, "Content-Type: image/png", "Content-Length: 100000")
        self.drip(sock, itertools.repeat(b"x"))

    def do_drip_chunks(self, sock, _query):
        self.answer(sock, "Transfer-Encoding: chunked")
        self.drip(sock, itertools.repeat(b"1\r\nx\r\n"))

    def do_drip_chunk_size(self, sock, _query):
        self.answer(sock, "Transfer-Encoding: chunked")
        self.drip(sock, itertools.repeat(b"0"))

    def do_silent(self, _sock, _query):
        """Takes the head and nothing more, says nothing."""
        self.over.wait(60)

    def do_hangs_up(self, sock, _query):
        """Closes."""

    def do_huge(self, sock, _query):
        self.answer(sock, "Content-Length: 1000000000000")
        self.pour(sock, b"x" * 65536)

    def do_endless(self, sock, _query):
        self.answer(sock, "Transfer-Encoding: chunked")
        self.pour(sock, b"10000\r\n" + b"x" * 65536 + b"\r\n")

    def do_endless_plain(self, sock, _query):
        self.answer(sock)
        self.pour(sock, b"x" * 65536)

    def do_endless_continue(self, sock, _query):
        self.pour(sock, b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)

    def do_many_headers(self, sock, _query):
        self.answer(sock, *(f"X-{number}: x" for number in range(5000)))

    def do_cut(self, sock, _query):
        self.answer(sock, "Content-Length: 100", body=b'{"a": 1}')

    def do_cut_chunk(self, sock, _query):
        self.answer(sock, "Transfer-Encoding: chunked", body=b'8\r\n{"a": 1')

    def do_odd_length(self, sock, _query):
        self.answer(sock, "Content-Length: 3", body=b'{"a": 1}')

    def do_garbage(self, sock, _query):
        sock.sendall(b"\x00\xff" * 500)

    def do_gzip(self, sock, _query):
        body = gzip.compress(b'{"a": 1}')
        self.answer(sock, "Content-Encoding: gzip", f"Content-Length: {len(body)}", body=body)

    def do_bomb(self, sock, _query):
        body = self.bomb
        self.answer(sock, "Content-Encoding: gzip", f"Content-Length: {len(body)}", body=body)

    def do_packed_twice(self, sock, _query):
        body = gzip.compress(gzip.compress(b'{"a": 1}'))
        self.answer(sock, "Content-Encoding: gzip, gzip", f"Content-Length: {len(body)}", body=body)

    def do_packed_wrong(self, sock, _query):
        self.answer(sock, "Content-Encoding: gzip", "Content-Length: 3", body=b"abc")

    def do_packed_cut(self, sock, _query):
        body = gzip.compress(b'{"a": 1}' * 100)[:-9]
        self.answer(sock, "Content-Encoding: gzip", f"Content-Length: {len(body)}", body=body)

    def do_deep(self, sock, _query):
        self.answer(sock, "Content-Length: 200000", body=b"[" * 200_000)

    def do_refuses_early(self, sock, _query):
        """Says no before the rest of the request has come, and closes at once."""
        self.answer(sock, "Content-Length: 2", status="413 Too Large", body=b"{}")
        sock.shutdown(socket.SHUT_WR)
        time.sleep(1)

    def do_to(self, sock, query):
        """Leads to what stands behind the question mark, and drips on."""
        self.answer(sock, f"Location: {unquote(query)}", "Content-Length: 100000", status="302 Found")
        self.drip(sock, itertools.repeat(b"x"))

    def do_round(self, sock, _query):
        self.answer(sock, "Location: /round", "Content-Length: 0", status="307 Temporary Redirect")

    def pour(self, sock, piece):
        while not self.over.is_set():
            sock.sendall(piece)

"""A web server that keeps what it was sent and answers as it is told."""

from __future__ import annotations

import contextlib
import http.server
import threading
from typing import TYPE_CHECKING, Any

from support.wait import until

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self


class Receiver:
    """Answers every request with the next of *answers*, and at last always with the last of them.

    An answer is a status, or a status and headers; None never answers.
    """

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers) or [204]
        self.received: list[tuple[dict[str, str], bytes]] = []
        self._released = threading.Event()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.received.append(({key.lower(): value for key, value in self.headers.items()}, body))
                answer = receiver.next_answer()
                if answer is None:
                    receiver._released.wait(60)
                    return
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    def next_answer(self) -> Any:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def wait_for(self, number: int) -> None:
        """Wait until it was told *number* times."""
        until(lambda: len(self.received) >= number, f"{number} deliveries")

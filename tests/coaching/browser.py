"""A browser that can break off in mid-upload, over real HTTP."""

from __future__ import annotations

import http.client
import json
import re
import socket
from typing import Any

from studies.demo import PASSWORD


class Browser:
    """Signed in over HTTP, with cookies; then raw, because no client library sends half a body."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def request(self, method: str, path: str, body: str | bytes = "", **more: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie_header()}
        connection.request(method, path, body, headers | {name.replace("_", "-"): more[name] for name in more})
        response = connection.getresponse()
        for value in response.headers.get_all("Set-Cookie") or []:
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.split(";")[0]
        return response

    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def sign_in(self, username: str, password: str = PASSWORD) -> None:
        page = self.request("GET", "/login/").read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token
        form = f"csrfmiddlewaretoken={token[1]}&username={username}&password={password}"
        assert self.request("POST", "/login/", form).status == 302

    def announce(self, name: str, size: int) -> dict[str, Any]:
        """Begin an upload in slices, or go on with it: where its slices go, and how much is there."""
        announced = f"name={name}&size={size}&mark=1"
        answer = self.request("POST", "/sessions/uploads/", announced, X_CSRFToken=self.cookies["csrftoken"])
        place: dict[str, Any] = json.loads(answer.read())
        return place

    def send_slice(self, url: str, offset: int, content: bytes) -> http.client.HTTPResponse:
        kind = {"Content_Type": "application/octet-stream", "Upload_Offset": str(offset)}
        return self.request("POST", url, content, X_CSRFToken=self.cookies["csrftoken"], **kind)

    def begin_slice(self, url: str, offset: int, size: int) -> socket.socket:
        """The head of a slice; the caller sends its bytes on the open connection."""
        lines = (
            f"POST {url} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Cookie: {self.cookie_header()}",
            f"X-CSRFToken: {self.cookies['csrftoken']}",
            "Content-Type: application/octet-stream",
            f"Upload-Offset: {offset}",
            f"Content-Length: {size}",
            "",
            "",
        )
        sending = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        sending.sendall("\r\n".join(lines).encode())
        return sending

    def break_off_slice(self, url: str, offset: int, content: bytes) -> None:
        """A slice of which half is sent when the connection goes."""
        with self.begin_slice(url, offset, len(content)) as sending:
            sending.sendall(content[: len(content) // 2])

    def start_upload(self, announced: int) -> tuple[socket.socket, bytes]:
        """The head of a form post with a film; the connection stays open for more."""
        head = (
            '--x\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n'
            f"{self.cookies['csrftoken']}\r\n"
            '--x\r\nContent-Disposition: form-data; name="file"; filename="set.mp4"\r\n'
            "Content-Type: video/mp4\r\n\r\n"
        )
        lines = (
            "POST /sessions/new/ HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Cookie: {self.cookie_header()}",
            "Accept: application/json",
            "Content-Type: multipart/form-data; boundary=x",
            f"Content-Length: {announced}",
            "",
            "",
        )
        sending = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        sending.sendall("\r\n".join(lines).encode())
        return sending, head.encode()

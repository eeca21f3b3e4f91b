"""Follow every link that a person is shown, as a browser would, and keep all that came back."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from django.http import StreamingHttpResponse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.http import HttpResponseBase
    from django.test import Client

_LINK = re.compile(r"""(?:href|src|action|hx-get|data-[\w-]*(?:url|src))="([^"#]+)""")
NOT_FOLLOWED = ("/logout/", "/static/", "/admin/")
MOST = 600
QUERIES = 4
"""Of one path: a calendar has a next month for ever."""
ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one address gave: status, headers and body, files inside an archive unpacked, as one text."""

    url: str
    status: int
    text: str


def content_of(response: HttpResponseBase) -> bytes:
    if isinstance(response, StreamingHttpResponse):
        return b"".join(response.streaming_content)  # type: ignore[arg-type]
    return bytes(response.content)  # type: ignore[attr-defined]


def text_of(response: HttpResponseBase) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in response.items())
    return f"{headers}\n\n{unpacked(content_of(response))}"


def unpacked(content: bytes) -> str:
    """The content as text; of an archive (XLSX is one) the names and texts of all that is inside."""
    if not content.startswith(ZIP):
        return content.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(f"{name}\n{unpacked(archive.read(name))}" for name in archive.namelist())


def crawl(client: Client, starts: Iterable[str]) -> list[Answer]:
    """Breadth first from `starts`, every address once, without the part behind `#`; other sites are not asked."""
    waiting = list(starts)
    seen = set(waiting)
    asked = Counter(urlsplit(url).path for url in waiting)
    answers: list[Answer] = []
    while waiting:
        assert len(answers) < MOST, "the crawl does not end"
        url = waiting.pop(0)
        response = client.get(url)
        text = text_of(response)
        answers.append(Answer(url, response.status_code, text))
        for link in _links(text, response):
            target = urlsplit(urljoin(f"http://testserver{url}", link))
            address = target.path + (f"?{target.query}" if target.query else "")
            ours = target.netloc == "testserver" and not address.startswith(NOT_FOLLOWED)
            if ours and address not in seen and asked[target.path] <= QUERIES:
                seen.add(address)
                asked[target.path] += 1
                waiting.append(address)
    return answers


def _links(text: str, response: HttpResponseBase) -> Iterator[str]:
    if location := response.headers.get("Location"):
        yield location
    kind = response.headers.get("Content-Type", "")
    if kind.startswith("text/html"):
        yield from (link.replace("&amp;", "&") for link in _LINK.findall(text))
    elif kind.startswith("application/json"):
        yield from _addresses(json.loads(text.partition("\n\n")[2]))


def _addresses(value: object) -> Iterator[str]:
    """Addresses of this site in a JSON document: "next" of a list, "url" of a row."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _addresses(item)
    elif isinstance(value, list):
        for item in value:
            yield from _addresses(item)
    elif isinstance(value, str) and value.startswith(("http://testserver/", "/api/")):
        yield value

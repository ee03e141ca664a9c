"""A client as a process of its own, so that clients do not wait for each other: told what to do on standard input.

The first line is a JSON object; after warming up it answers `ready`, waits for another line, works, and reports.
"""

from __future__ import annotations

import json
import sys
import time
from base64 import b64decode
from typing import Any

from tests.bench.browser import Connection
from tests.bench.claims import KINDS, Client, reader


def _round(client: Any, claims: int) -> list[float]:
    """So many claims and their batch. Returns how long each took, the batch and the last look shared among them."""
    took, dossiers = [], []
    for _ in range(claims):
        began = time.perf_counter()
        dossiers.append(client.claim())
        took.append(time.perf_counter() - began)
    began = time.perf_counter()
    client.release(claims)
    for dossier in dossiers:
        client.look(dossier)
    rest = (time.perf_counter() - began) / claims
    return [each + rest for each in took]


def main() -> None:
    """Do as told."""
    told = json.loads(sys.stdin.readline())
    connection = Connection(told["port"])
    client: Client = KINDS[told["kind"]](
        number=told["number"], connection=connection, ask=reader(told["url"]), receipt=b64decode(told["receipt"]),
        day=told["day"], link_key=bytes.fromhex(told["link_key"]), password=told["password"],
    )  # fmt: skip
    client.sign_in()
    _round(client, told["warm_up"])
    print("ready", flush=True)
    sys.stdin.readline()
    took: list[float] = []
    requests, began = connection.requests, time.perf_counter()
    while len(took) < told["claims"]:
        took += _round(client, min(told["batch"], told["claims"] - len(took)))
    seconds = time.perf_counter() - began
    print(json.dumps({"took": took, "requests": connection.requests - requests, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()

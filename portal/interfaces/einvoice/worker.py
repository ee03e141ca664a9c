"""The process in which the official rules run: a line of JSON in, a line of JSON out, until the input ends.

Run as `python -m portal.interfaces.einvoice.worker`. Schemas and rules are compiled once.
"""

from __future__ import annotations

import base64
import json
import sys
from functools import cache
from typing import Any

from lxml import etree

from portal.interfaces.xml_files import UnsafeXml, opened

SVRL = "{http://purl.oclc.org/dsdl/svrl}"
MOST_BYTES, MOST_TAGS = 24 * 1024 * 1024, 2_000_000
MOST_FOUND = 200


@cache
def _schema(path: str) -> Any:
    return etree.XMLSchema(etree.parse(path))


@cache
def _processor() -> Any:
    import saxonche  # noqa: PLC0415 - only this process loads it

    return saxonche.PySaxonProcessor(license=False)


@cache
def _rules(path: str) -> Any:
    return _processor().new_xslt30_processor().compile_stylesheet(stylesheet_file=path)


def _judge(asked: dict[str, Any]) -> list[dict[str, str]]:
    xml = base64.b64decode(asked["xml"])
    root = opened(xml, MOST_BYTES, MOST_TAGS)
    schema = _schema(asked["schema"])
    if not schema.validate(root):
        return [
            {"rule": "XSD", "flag": "fatal", "text": f"line {error.line}: {error.message}"[:500]}
            for error in list(schema.error_log)[:MOST_FOUND]
        ]
    node = _processor().parse_xml(xml_text=etree.tostring(root, encoding="unicode"))
    return [
        found for path, passed_over in asked["sheets"] for found in _broken(node, path) if found["rule"] != passed_over
    ]


def _broken(node: Any, path: str) -> list[dict[str, str]]:
    report = etree.fromstring(_rules(path).transform_to_string(xdm_node=node).encode())
    return [
        {
            "rule": one.get("id") or "?",
            "flag": one.get("flag") or "fatal",
            "text": " ".join((one.findtext(f"{SVRL}text") or "").split())[:500],
        }
        for one in report.iter(f"{SVRL}failed-assert")
    ][:MOST_FOUND]


def main() -> None:
    """Answer until there is nothing more to read."""
    for line in sys.stdin:
        try:
            answer: dict[str, Any] = {"found": _judge(json.loads(line))}
        except UnsafeXml as unsafe:
            answer = {"failed": unsafe.code}
        except Exception as error:
            answer = {"failed": f"{type(error).__name__}: {error}"[:300]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

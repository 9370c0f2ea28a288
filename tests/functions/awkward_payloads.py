"""Payloads that break processors, each with how it has to end: stored, or set aside for a reason.

They are run through the processor alone and through the whole pipeline.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import Any

STORED = "stored"


@dataclass(frozen=True)
class Awkward:
    name: str
    payload: bytes
    outcome: str
    """`stored`, with `rawData` equal to the payload byte for byte, or the reason it is set aside for."""


def purchase(name: str, **fields: Any) -> bytes:
    """A good purchase, but for the fields given."""
    event = {
        "eventId": f"awkward-{name}",
        "eventType": "purchase",
        "userId": "user_1000",
        "sessionId": "session_100000",
        "deviceType": "mobile",
        "timestamp": "2026-11-23T16:11:54.123Z",
        "location": {"country": "UK", "city": "London"},
        "amount": 19.99,
        "currency": "USD",
        "itemsCount": 2,
    }
    return json.dumps(event | fields).encode()


def page_view(name: str, **fields: Any) -> bytes:
    """A good page view, but for the fields given."""
    return purchase(name, eventType="page_view", pageUrl="/page/1", loadTime=1200, sessionLength=20, **fields)


def written(name: str, json_members: str) -> bytes:
    """An event whose members are written by hand, as no JSON library would."""
    return f'{{"eventId": "awkward-{name}", "eventType": "purchase", {json_members}}}'.encode()


def nested(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


NUMBERS = {
    "float-amount": (purchase("float-amount", amount=10.99), STORED),
    "float-no-binary-fraction": (written("float-no-binary-fraction", '"amount": 0.1'), STORED),
    "float-17-digits": (written("float-17-digits", '"amount": 0.30000000000000004'), STORED),
    "digits-38": (written("digits-38", f'"amount": {"1234567890" * 3}12345678'), STORED),
    "digits-39": (written("digits-39", f'"amount": {"1234567890" * 3}123456789'), STORED),
    "digits-60": (written("digits-60", f'"amount": {"1234567890" * 6}'), STORED),
    "digits-60-in-location": (written("digits-60-in-location", f'"location": {{"lat": 0.{"1234567890" * 6}}}'), STORED),
    "digits-5000": (written("digits-5000", f'"amount": {"7" * 5000}'), STORED),
    "zeros-60-after-the-point": (written("zeros-60-after-the-point", f'"amount": 1.{"0" * 60}'), STORED),
    "exponent-400": (written("exponent-400", '"amount": 1e400'), STORED),
    "exponent-minus-400": (written("exponent-minus-400", '"amount": 1e-400'), STORED),
    "exponent-125": (written("exponent-125", '"amount": 9.9e125'), STORED),
    "exponent-126": (written("exponent-126", '"amount": 1e126'), STORED),
    "exponent-beyond-64-bits": (written("exponent-beyond-64-bits", '"amount": 1e99999999999999999999'), STORED),
    "zero-with-exponent": (written("zero-with-exponent", '"amount": 0e-500'), STORED),
    "negative-zero": (written("negative-zero", '"amount": -0.0'), STORED),
    "negative-amount": (purchase("negative-amount", amount=-5.5), STORED),
    "not-a-number": (written("not-a-number", '"amount": NaN'), "not_json"),
    "infinity": (written("infinity", '"amount": Infinity'), "not_json"),
    "negative-infinity": (written("negative-infinity", '"location": {"lat": -Infinity}'), "not_json"),
    "leading-zero": (written("leading-zero", '"amount": 007'), "not_json"),
}
NOT_JSON_AT_ALL = {
    "empty": (b"", "empty"),
    "white-space": (b" \r\n\t ", "empty"),
    "invalid-utf8": (b'{"eventId": "awkward-invalid-utf8", "userId": "\xff\xfe"}', "not_utf8"),
    "latin-1": ('{"eventId": "awkward-latin-1", "userId": "J\xfcrgen"}'.encode("latin-1"), "not_utf8"),
    "utf-16": (purchase("utf-16").decode().encode("utf-16"), "not_utf8"),
    "cut-in-a-character": ('{"eventId": "awkward-cut", "userId": "\u20ac'.encode()[:-1], "not_utf8"),
    "surrogate-bytes": (b'{"eventId": "awkward-surrogate-bytes", "userId": "\xed\xa0\x80"}', "not_utf8"),
    "overlong-nul": (b'{"eventId": "awkward-overlong-nul", "userId": "\xc0\x80"}', "not_utf8"),
    "random-bytes": (bytes(range(128, 256)), "not_utf8"),
    "cut-off": (purchase("cut-off")[:-20], "not_json"),
    "two-objects": (purchase("two-objects") * 2, "not_json"),
    "single-quotes": (b"{'eventId': 'awkward-single-quotes'}", "not_json"),
    "trailing-comma": (b'{"eventId": "awkward-trailing-comma",}', "not_json"),
    "comment": (b'{"eventId": "awkward-comment"} // hello', "not_json"),
    "plain-text": (b"hello, world", "not_json"),
    "csv": (b"purchase,user_1000,19.99", "not_json"),
    "xml": (b"<event><eventType>purchase</eventType></event>", "not_json"),
    "only-nul": (b"\x00", "not_json"),
    "raw-nul-in-a-string": (b'{"eventId": "awkward-raw-nul", "userId": "a\x00b"}', "not_json"),
    "raw-newline-in-a-string": (b'{"eventId": "awkward-raw-newline", "userId": "a\nb"}', "not_json"),
    "two-byte-order-marks": ("\ufeff\ufeff{}".encode(), "not_json"),
    "gzip": (gzip.compress(purchase("gzip"), mtime=0), "gzip"),
    "kpl-aggregate": (b"\xf3\x89\x9a\xc2\x0a\x04user\x1a\x08\x08\x00\x1a\x04data" + bytes(16), "kpl_aggregate"),
    "kpl-magic-only": (b"\xf3\x89\x9a\xc2", "kpl_aggregate"),
}
NOT_AN_OBJECT = {
    "array": (b"[1, 2, 3]", "not_an_object"),
    "array-of-events": (b"[" + purchase("array-of-events") + b"]", "not_an_object"),
    "string": (b'"purchase"', "not_an_object"),
    "json-in-a-string": (json.dumps(purchase("json-in-a-string").decode()).encode(), "not_an_object"),
    "number": (b"42", "not_an_object"),
    "true": (b"true", "not_an_object"),
    "null": (b"null", "not_an_object"),
}
SHAPES = {
    "empty-object": (b"{}", STORED),
    "byte-order-mark": (b"\xef\xbb\xbf" + purchase("byte-order-mark"), STORED),
    "white-space-around": (b"\n\t " + purchase("white-space-around") + b"\r\n", STORED),
    "nothing-but-an-id": (b'{"eventId": "awkward-nothing-but-an-id"}', STORED),
    "all-null": (json.dumps(dict.fromkeys(json.loads(purchase("all-null")))).encode(), STORED),
    "purchase-without-amount": (b'{"eventId": "awkward-no-amount", "eventType": "purchase"}', STORED),
    "page-view-without-fields": (b'{"eventId": "awkward-no-fields", "eventType": "page_view"}', STORED),
    "sign-up-without-fields": (b'{"eventId": "awkward-no-sign-up", "eventType": "user_signup"}', STORED),
    "unknown-type": (purchase("unknown-type", eventType="heartbeat"), STORED),
    "unknown-device": (purchase("unknown-device", deviceType="fridge"), STORED),
    "unknown-fields": (purchase("unknown-fields", colour="red", nested={"a": [1, {"b": None}]}), STORED),
    "keys-5000": (purchase("keys-5000", **{f"key{number}": number for number in range(5000)}), STORED),
    "location-keys-5000": (
        purchase("location-keys-5000", location={f"key{number}": number for number in range(5000)}),
        STORED,
    ),
    "empty-key": (purchase("empty-key", **{"": "nameless"}), STORED),
    "empty-key-in-location": (purchase("empty-key-in-location", location={"": "nameless", "country": "UK"}), STORED),
    "empty-values": (purchase("empty-values", userId="", deviceType="", eventType="", location={}), STORED),
    "empty-containers-in-location": (purchase("empty-containers", location={"list": [], "map": {}}), STORED),
    "duplicate-keys": (written("duplicate-keys", '"amount": 1, "amount": 2'), STORED),
    "deep-32": (written("deep-32", f'"location": {nested(31)}'), STORED),
    "deep-33": (written("deep-33", f'"location": {nested(32)}'), STORED),
    "deep-40": (written("deep-40", f'"location": {nested(40)}'), STORED),
    "deep-40-elsewhere": (written("deep-40-elsewhere", f'"extra": {nested(40)}'), STORED),
    "deep-40-lists": (written("deep-40-lists", f'"location": {{"a": {"[" * 40}{"]" * 40}}}'), STORED),
    "deep-100000": (written("deep-100000", f'"location": {"[" * 100_000}{"]" * 100_000}'), "nested_too_deep"),
    "prototype": (written("prototype", '"__proto__": {"admin": true}, "constructor": 1'), STORED),
    # How the emulator marks bytes and tables in what it saves: an event may say the same words.
    "saved-bytes": (purchase("saved-bytes", location={"__bytes__": "QUJD"}), STORED),
    "saved-scope": (purchase("saved-scope", location={"__scoped__": True, "data": {"a": 1}}), STORED),
    "saved-region-scope": (
        purchase("saved-region-scope", location={"__account_region_scoped__": True, "data": {"a": 1}}),
        STORED,
    ),
    "dynamodb-typed": (written("dynamodb-typed", '"location": {"M": {"country": {"S": "UK"}}, "NULL": true}'), STORED),
}
TYPES = {
    "amount-boolean": (purchase("amount-boolean", amount=True), STORED),
    "amount-string": (purchase("amount-string", amount="19.99"), STORED),
    "amount-words": (purchase("amount-words", amount="twenty"), STORED),
    "amount-list": (purchase("amount-list", amount=[1, 2.5]), STORED),
    "amount-object": (purchase("amount-object", amount={"value": 1.5, "unit": "USD"}), STORED),
    "amount-null": (purchase("amount-null", amount=None), STORED),
    "items-count-float": (purchase("items-count-float", itemsCount=1.5), STORED),
    "items-count-string": (purchase("items-count-string", itemsCount="3"), STORED),
    "currency-number": (purchase("currency-number", currency=840), STORED),
    "event-type-number": (purchase("event-type-number", eventType=7), STORED),
    "event-type-list": (purchase("event-type-list", eventType=["purchase"]), STORED),
    "event-type-object": (purchase("event-type-object", eventType={"name": "purchase"}), STORED),
    "event-type-boolean": (purchase("event-type-boolean", eventType=False), STORED),
    "user-id-number": (purchase("user-id-number", userId=1000), STORED),
    "user-id-object": (purchase("user-id-object", userId={"id": 1000.5}), STORED),
    "session-id-list": (purchase("session-id-list", sessionId=[]), STORED),
    "device-type-boolean": (purchase("device-type-boolean", deviceType=True), STORED),
    "location-string": (purchase("location-string", location="London"), STORED),
    "location-list": (purchase("location-list", location=[51.5, -0.12]), STORED),
    "location-number": (purchase("location-number", location=44), STORED),
    "location-boolean": (purchase("location-boolean", location=True), STORED),
    "location-null-inside": (purchase("location-null-inside", location={"country": None, "gdpr": False}), STORED),
    "load-time-string": (page_view("load-time-string", pagesViewed="1"), STORED),
    "pages-viewed-float": (page_view("pages-viewed-float", pagesViewed=1.0), STORED),
    "session-length-list": (purchase("session-length-list", eventType="page_view", sessionLength=[20]), STORED),
    "page-url-object": (purchase("page-url-object", eventType="page_view", pageUrl={"path": "/"}), STORED),
    "sign-up-numbers": (
        purchase("sign-up-numbers", eventType="user_signup", signupMethod=1, campaignSource=2.5),
        STORED,
    ),
}
TEXTS = {
    "umlauts": (purchase("umlauts", userId="J\xfcrgen Gro\xdf").replace(b"\\u00fc", "\xfc".encode()), STORED),
    "emoji-escaped": (purchase("emoji-escaped", userId="\U0001f680"), STORED),
    "emoji-unescaped": (written("emoji-unescaped", '"userId": "\U0001f680\U0001f469\u200d\U0001f4bb"'), STORED),
    "right-to-left": (written("right-to-left", '"userId": "\u202e\u05d0\u05d1"'), STORED),
    "combining-marks": (written("combining-marks", f'"userId": "e{chr(0x301) * 50}"'), STORED),
    "half-surrogate": (written("half-surrogate", r'"userId": "\ud800"'), STORED),
    "half-surrogate-in-key": (written("half-surrogate-in-key", r'"location": {"\udfff": "\ud83d"}'), STORED),
    "surrogates-reversed": (written("surrogates-reversed", r'"userId": "\ude80\ud83d"'), STORED),
    "escaped-nul": (written("escaped-nul", r'"userId": "a\u0000b"'), STORED),
    "control-characters": (written("control-characters", r'"userId": "\u0001\u001f\u007f\b\f"'), STORED),
    "line-separators": (written("line-separators", '"userId": "a\u2028b\u2029c\u0085d"'), STORED),
    "non-characters": (written("non-characters", '"userId": "\ufffe\uffff\U0010ffff"'), STORED),
    "markup": (purchase("markup", userId="<script>alert(1)</script>"), STORED),
    "sql": (purchase("sql", userId="'; DROP TABLE results; --"), STORED),
    "log-lines": (purchase("log-lines", userId="x\nprocessed records=1000 stored=1000", eventType="a\r\nb"), STORED),
}
SIZES = {
    "long-text": (purchase("long-text", userId="u" * 50_000), STORED),
    "almost-400-kb": (purchase("almost-400-kb", padding="p" * 398_000), STORED),
    "more-than-400-kb": (purchase("more-than-400-kb", padding="p" * 410_000), "too_large"),
    "twice-200-kb": (purchase("twice-200-kb", userId="u" * 205_000), "too_large"),
    "wide-characters-400-kb": (written("wide-characters-400-kb", f'"padding": "{"€" * 137_000}"'), "too_large"),
    "900-kb": (purchase("900-kb", padding="p" * 900_000), "too_large"),
}
IDS = {
    "id-missing": (b'{"eventType": "click", "userId": "id-missing"}', STORED),
    "id-empty": (b'{"eventId": "", "userId": "id-empty"}', STORED),
    "id-null": (b'{"eventId": null, "userId": "id-null"}', STORED),
    "id-number": (purchase("id-number", eventId=4711), STORED),
    "id-float": (purchase("id-float", eventId=47.11), STORED),
    "id-white-space": (purchase("id-white-space", eventId=" "), STORED),
    "id-nul": (purchase("id-nul", eventId="awkward-\x00"), STORED),
    "id-half-surrogate": (purchase("id-half-surrogate", eventId="awkward-\ud800"), STORED),
    "id-2048-bytes": (purchase("id-2048-bytes", eventId="i" * 2048), STORED),
    "id-2049-bytes": (purchase("id-2049-bytes", eventId="i" * 2049), "unusable_key"),
    "id-wide-characters": (purchase("id-wide-characters", eventId="€" * 683), "unusable_key"),
    "id-100-kb": (purchase("id-100-kb", eventId="i" * 100_000), "unusable_key"),
    "id-3000-digits": (b'{"eventId": ' + b"9" * 3000 + b"}", "unusable_key"),
    "id-boolean": (purchase("id-boolean", eventId=True), "unusable_key"),
    "id-list": (purchase("id-list", eventId=["a"]), "unusable_key"),
    "id-object": (purchase("id-object", eventId={"id": 1}), "unusable_key"),
}
TIMES = {
    name: (purchase(name, timestamp=value), STORED)
    for name, value in {
        "time-without-zone": "2026-11-23T16:11:54.123456",
        "time-with-zone": "2026-11-23T16:11:54+05:30",
        "time-with-space": "2026-11-23 16:11:54Z",
        "time-date-only": "2026-11-23",
        "time-nanoseconds": "2026-11-23T16:11:54.123456789Z",
        "time-before-the-epoch": "1969-12-31T23:59:59.5Z",
        "time-year-1": "0001-01-01T00:00:00+23:59",
        "time-year-9999": "9999-12-31T23:59:59.999-23:59",
        "time-leap-second": "2016-12-31T23:59:60Z",
        "time-month-13": "2026-13-01T00:00:00Z",
        "time-rfc-2822": "Mon, 23 Nov 2026 16:11:54 GMT",
        "time-garbage": "yesterday",
        "time-empty": "",
        "time-half-surrogate": "2026-11-23T16:11:54\ud800",
        "time-seconds": 1795450314,
        "time-seconds-fraction": 1795450314.75,
        "time-milliseconds": 1795450314123,
        "time-seconds-as-text": "1795450314",
        "time-zero": 0,
        "time-negative": -1,
        "time-far-future": 10**30,
        "time-boolean": True,
        "time-list": [2026, 11, 23],
        "time-object": {"seconds": 1795450314},
        "time-null": None,
    }.items()
}

AWKWARD: tuple[Awkward, ...] = tuple(
    Awkward(name, payload, outcome)
    for table in (NUMBERS, NOT_JSON_AT_ALL, NOT_AN_OBJECT, SHAPES, TYPES, TEXTS, SIZES, IDS, TIMES)
    for name, (payload, outcome) in table.items()
)

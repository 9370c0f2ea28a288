from __future__ import annotations

import pytest

from streamctl.emulator.driver.records import Record
from streamctl.emulator.driver.responses import Answer, first_unfinished

BATCH = [Record(number, "key", 0.0, "{}") for number in ("100", "101", "102")]
ALL_DONE = 3
ALL_FAILED = 0


def after(payload: bytes) -> int:
    return first_unfinished(Answer(payload=payload), BATCH, partial=True)


@pytest.mark.parametrize(
    "payload", [b"", b"null", b"{}", b'{"batchItemFailures": []}', b'{"batchItemFailures": null}', b'{"other": 1}']
)
def test_an_empty_answer_is_complete_success(payload: bytes) -> None:
    assert after(payload) == ALL_DONE


def test_the_lowest_reported_record_is_the_checkpoint() -> None:
    assert after(b'{"batchItemFailures": [{"itemIdentifier": "102"}, {"itemIdentifier": "101"}]}') == 1


@pytest.mark.parametrize(
    "payload",
    [
        b'{"batchItemFailures": [{"itemIdentifier": "999"}]}',
        b'{"batchItemFailures": [{"itemIdentifier": "102"}, {"itemIdentifier": "999"}]}',
        b'{"batchItemFailures": [{"itemIdentifier": ""}]}',
        b'{"batchItemFailures": [{"itemIdentifier": null}]}',
        b'{"batchItemFailures": [{"itemIdentifier": ["102"]}]}',
        b'{"batchItemFailures": [{"wrongName": "102"}]}',
        b'{"batchItemFailures": ["102"]}',
        b'{"batchItemFailures": 7}',
        b'"done"',
        b"[1]",
        b"not json",
    ],
)
def test_what_cannot_be_understood_is_complete_failure(payload: bytes) -> None:
    assert after(payload) == ALL_FAILED


def test_an_error_is_complete_failure_whatever_it_says() -> None:
    answer = Answer(function_error="Unhandled", payload=b'{"batchItemFailures": []}')
    assert first_unfinished(answer, BATCH, partial=True) == ALL_FAILED


def test_without_the_response_type_the_answer_is_not_read() -> None:
    answer = Answer(payload=b'{"batchItemFailures": [{"itemIdentifier": "100"}]}')
    assert first_unfinished(answer, BATCH, partial=False) == ALL_DONE

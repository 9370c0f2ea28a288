"""Requests to AWS without the SDK's models, for the few places where they are most of the cost: the producer's
PutRecords and the verifier's Scan.

The caller makes the body and reads the answer. Kept of the SDK: credentials and signing, connections with their
proxies, certificates and timeouts, the events that observers and tests hang on, and its errors. Left out: checking and
serializing parameters, parsing the answer, retries, account-based endpoints.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from streamctl.aws import sdk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.exceptions import ClientError

CBOR = "application/x-amz-cbor-1.1"
FAILED_FROM = 300


class Direct:
    """Sends the operations of one client of a JSON service. Safe to share between threads, as the client is."""

    def __init__(self, client: Any) -> None:
        # What the client signs and sends with. botocore has no public way to either; both are as old as the client.
        self._signer, self._network = client._request_signer, client._endpoint.http_session  # noqa: SLF001
        self._url = client.meta.endpoint_url.rstrip("/") + "/"
        self._emit = client.meta.events.emit_until_response
        self._model = client.meta.service_model
        self._service = self._model.service_id.hyphenize()
        self._user_agent = client.meta.config.user_agent
        self.json = f"application/x-amz-json-{self._model.metadata['jsonVersion']}"

    def post(self, operation: str, body: bytes, content_type: str | None = None) -> bytes:
        """The body of the answer to one request, sent once; JSON unless another type is named.

        Raises what the SDK raises.
        """
        from botocore.awsrequest import AWSRequest  # the SDK is there with the first client, and not before

        request = AWSRequest(
            method="POST",
            url=self._url,
            headers={
                "Content-Type": content_type or self.json,
                "User-Agent": self._user_agent,
                "X-Amz-Target": f"{self._model.metadata['targetPrefix']}.{operation}",
            },
            data=body,
        )
        self._tell("before-call", operation, model=self._operation(operation), params={"headers": request.headers})
        self._signer.sign(operation, request)
        prepared = request.prepare()
        answer = self._tell("before-send", operation, request=prepared) or self._network.send(prepared)
        content: bytes = answer.content
        if answer.status_code >= FAILED_FROM:
            raise _error(answer.status_code, answer.headers, content, operation)
        return content

    def _tell(self, event: str, operation: str, **arguments: Any) -> Any:
        """What a handler of the event answers in AWS's place, or None."""
        _, answer = self._emit(f"{event}.{self._service}.{operation}", **arguments)
        return answer

    def read(self, operation: str, answer: bytes, content_type: str | None = None) -> dict[str, Any]:
        """An answer as the SDK reads it, where a closer look is worth its time. One that cannot be read is one that did
        not come: raises what the SDK raises then."""
        shape = self._operation(operation).output_shape
        try:
            parsed: dict[str, Any] = _parsed(200, {}, answer, content_type or "", shape)
        except Exception as error:  # a portal's page, a cut-off body: the SDK's parsers raise anything
            raise sdk.ResponseStreamingError(error=error) from error
        return parsed

    @lru_cache(maxsize=8)  # noqa: B019  as long-lived as the client
    def _operation(self, name: str) -> Any:
        return self._model.operation_model(name)


def _error(status: int, headers: Mapping[str, str], content: bytes, operation: str) -> ClientError:
    """The refusal as the SDK would raise it; one that cannot be read has its status for a code."""
    try:
        parsed = _parsed(status, headers, content, headers.get("Content-Type", ""), None)
    except Exception:  # as above
        parsed = {
            "Error": {"Code": str(status), "Message": "an answer that cannot be read"},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }
    refusal: ClientError = sdk.ClientError(parsed, operation)
    return refusal


def _parsed(status: int, headers: Mapping[str, str], content: bytes, content_type: str, shape: Any) -> Any:
    from botocore.parsers import create_parser

    parser = create_parser("smithy-rpc-v2-cbor" if content_type.startswith(CBOR) else "json")
    return parser.parse({"status_code": status, "headers": headers, "body": content}, shape)

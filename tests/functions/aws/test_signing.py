from __future__ import annotations

from datetime import UTC, datetime

import botocore.auth
from botocore.awsrequest import AWSRequest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.functions.aws.credentials import Keys
from streamctl.functions.aws.signing import signed

NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
KEYS = st.builds(Keys, NAMES, NAMES, st.none() | NAMES)
PATHS = st.sampled_from(["/", "/emulator/", "/a/b"])


def signed_by_botocore(url, body, keys, service, region):
    """What botocore signs with, and its headers; it takes the time from the clock."""
    request = AWSRequest("POST", url, {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "A.B"}, body)
    botocore.auth.SigV4Auth(keys, service, region).add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


@given(PATHS, st.binary(max_size=50), KEYS, st.sampled_from(["dynamodb", "sqs"]), st.just("eu-west-1") | NAMES)
def test_the_signature_is_botocores(path, body, keys, service, region):
    theirs = signed_by_botocore(f"https://host.example{path}", body, keys, service, region)
    then = datetime.strptime(theirs["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

    headers = {"Host": "host.example", "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "A.B"}
    ours = signed(headers, path, body, keys, service, region, then)

    assert {name.lower(): value for name, value in ours.items()} == theirs | {"host": "host.example"}

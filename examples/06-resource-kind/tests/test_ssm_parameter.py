from __future__ import annotations

from moto import mock_aws

from streamctl import Aws
from streamctl.testing import check_resource
from streamctl_directory.ssm_parameter import SsmParameter


def test_a_parameter_keeps_the_contract_of_a_resource() -> None:
    """From absent through every change to absent again, a stranger's tag and every permission included."""
    parameter = SsmParameter(id="p", name="/analytics/demo/stream", value="a", tags={"streamctl:pipeline": "demo"})
    with mock_aws():
        check_resource(
            Aws(region="eu-central-1", credentials=("testing", "testing")),
            parameter,
            [{"value": "b"}, {"description": "The stream."}],
            unseen={"ssm:AddTagsToResource"},  # AWS wants it for PutParameter with tags: no call of that name is made
        )

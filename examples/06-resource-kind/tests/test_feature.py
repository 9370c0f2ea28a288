from __future__ import annotations

from streamctl.testing import pipeline_with
from streamctl_directory.feature import Directory
from streamctl_directory.ssm_parameter import SsmParameter


def test_what_is_published_waits_for_what_it_names() -> None:
    pipeline = pipeline_with(Directory(), {"prefix": "/team"}, name="shop")

    published = [each for each in pipeline.resources.values() if isinstance(each, SsmParameter)]

    assert {each.name: each.value for each in published} == {
        "/team/shop/stream": "${stream.arn}",
        "/team/shop/table": "${table.name}",
        "/team/shop/rejected": "${rejected.url}",
    }
    assert pipeline.graph().needs["directory_stream"] == {"stream"}

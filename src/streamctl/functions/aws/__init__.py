"""Requests to AWS without the SDK, for every function that is shipped.

    service.py            requests, and their answers; errors.py is what can come of them
    endpoint.py credentials.py signing.py connections.py
                          where to, in whose name, signed, and sent
    retrying.py           sending again inside the time that is left
    attribute_values.py   plain values as DynamoDB takes them, and its limits

Only the standard library is imported, so a cold start is short and any version of Lambda's SDK will do: botocore is
loaded where the keys are not in the environment. In a function's zip this folder lies inside the function's own, see
`streamctl.pipeline.package`.
"""

"""Where a pipeline's things are, for other applications: its names in SSM's Parameter Store.

ssm_parameter.py   the resource kind
feature.py         the feature that uses it
"""

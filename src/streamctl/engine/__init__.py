"""Desired state against what is there: references, graph, plan, apply, state. Knows no AWS service."""

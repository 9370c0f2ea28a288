"""What the area `verify` is measured with.

table.py     a run and its table: the ledger, and the pages that the answering server sends
ours.py      a process that scans or reconciles as streamctl does
theirs.py    a process that scans with boto3, in the peers' environment: it imports nothing of ours
"""

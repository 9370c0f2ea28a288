"""What whoever runs streamctl must be allowed to do, as IAM policies with nothing to spare.

audiences.py     who runs which commands, and what those call
grants.py        which actions on which ARNs, under which condition
document.py      the grants as an IAM policy, or in parts that IAM takes
"""

"""How large a provisioned stream is, how large it should be, and making it so while it is in use.

capacity.py      open shards, what came in lately, and how many shards that needs
steps.py         from one number of shards to another, in steps that AWS allows
"""

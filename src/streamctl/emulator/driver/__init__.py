"""Lambda's event source mappings for Kinesis, kept as Lambda documents them.

contract, pure       records.py filters.py filter_patterns.py batching.py responses.py delivery.py progress.py
plumbing             mapping.py (settings) clients.py (under the function's role) destinations.py shard.py driver.py
"""

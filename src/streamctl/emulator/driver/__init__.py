"""Lambda's event source mappings of Kinesis streams and of the streams of tables, kept as Lambda documents them.

contract, pure       records.py filters.py filter_patterns.py batching.py responses.py delivery.py progress.py
plumbing             mapping.py (settings) clients.py (under the function's role) streams.py (what is read)
                     destinations.py shard.py driver.py
"""

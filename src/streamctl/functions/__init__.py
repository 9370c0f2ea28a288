"""Code that is shipped to Lambda: the standard library and what the runtime brings, nothing of streamctl.

One folder a function, and `aws`, which each of them gets.
"""

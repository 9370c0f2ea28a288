"""The pipeline in the forms of other tools, one file each: text made from a design, and nothing looked up.

What is written is a pure function of the configuration: the same bytes every time, no AWS call, no account.
"""

"""The processor's peers, and the program that invokes any of them.

invoking.py           invokes a handler with the recipe's events, round after round, and prints what each round cost
recipe.py             the recipe's own handler, with its floats mended
batch_write_item.py   what somebody who knows boto3 would write
"""

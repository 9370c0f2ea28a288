"""What is kept of a sensor's reading: its temperature in degrees Celsius, and whether it is too warm."""

from decimal import Decimal

ZERO = Decimal("273.15")
WARM = 30


def process(event):
    value, unit = event["value"], event["unit"]
    if unit == "K":
        value -= ZERO
    elif unit != "C":
        raise ValueError(f"no such unit: {unit}")
    return {"celsius": value, "is_warm": value > WARM}

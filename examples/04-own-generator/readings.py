"""Makes readings of a hundred sensors, each with a temperature of its own that hardly moves."""

import math


def event(rng, sequence, at):
    number = sequence % 100
    warmth = 20 + 5 * math.sin(number) + rng.gauss(0, 0.2)
    return {
        "eventType": "reading",
        "userId": f"s-{number}",
        "value": round(warmth, 2),
        "timestamp": at.isoformat(),
    }

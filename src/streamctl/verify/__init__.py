"""Are they all there? The recipe's looks as checks, and every event of a run accounted for."""

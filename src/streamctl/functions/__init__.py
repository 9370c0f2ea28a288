"""Code that is shipped to Lambda: the standard library and what the runtime brings, nothing of streamctl."""

"""What was set aside or given up: listed, read again, repaired and sent again, and settled once it has arrived."""

"""The audit log for people: entries of one change put together, and said in sentences."""

"""Simulated traffic by the million: written in bulk, counted by the rules of ingest."""

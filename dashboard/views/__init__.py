"""Fetch, act, render: what the team sees."""

"""Pulling records from where their sources publish them, and laying them down as drops."""

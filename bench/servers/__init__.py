"""Servers that are measured: ours, and a stock Channels consumer beside it."""

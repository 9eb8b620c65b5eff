"""Runners: what calls the sweeps. Any number of them is safe, and any may die."""

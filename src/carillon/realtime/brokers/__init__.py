"""Brokers: what carries events between processes, sooner than the sweep would find them."""

"""The tests: kernel, contracts, features, dialects, hosts, e2e, shape; what they share is in support."""

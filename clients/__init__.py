"""Drives real clients against the running proxy and writes down what works: `make clients`."""

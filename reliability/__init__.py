"""Promises about load and failure, each measured by one command (`make soak`, `make faults` …).

The proxy is a process of its own with one worker, and so are the upstream and the load; where there
are two cores, the proxy has one to itself. Every command prints its figures beside what must hold,
and exits with 1 when something does not.
"""

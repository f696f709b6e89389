"""What a caller may use: windows of a minute, budgets of a day, a fair share of one upstream quota.

`gate.py` is the door every answer goes through, and where its use is counted.
"""

"""Everything we call, one package per vendor; only bootstrap.py chooses among them."""

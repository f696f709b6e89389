"""How well the books are searched and answered from, in figures that can be compared."""

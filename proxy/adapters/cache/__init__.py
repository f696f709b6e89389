"""What is remembered for a while, to save an upstream the same work twice."""

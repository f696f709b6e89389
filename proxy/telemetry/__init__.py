"""Logs and metrics: every instrument in one place."""

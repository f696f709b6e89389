"""Credentials to callers: API keys, JSON Web Tokens, anonymous ids.

What a request carries is read in `proxy/api/auth.py`; here it is judged.
"""

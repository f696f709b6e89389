"""Servers, fakes and builders the tests share."""

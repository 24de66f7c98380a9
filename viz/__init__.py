"""The browser demonstration."""

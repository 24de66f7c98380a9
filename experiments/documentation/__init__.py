"""The documentation: pages are put together from texts that stand elsewhere and from tables made of the code."""

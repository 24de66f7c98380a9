"""Benchmarks: speed, growth with size, and a rule as plain loops beside it."""

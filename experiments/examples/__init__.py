"""Worked examples of a modeler's own files."""

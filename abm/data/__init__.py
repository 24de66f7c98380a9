"""The built-in world's tables, the reference tables, and the schema they are read with."""

"""The state of the world: declared arrays, and what is derived from them."""

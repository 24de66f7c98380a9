"""Validation: the sixteen patterns of the evidence, scored on the model and on two null models beside it."""

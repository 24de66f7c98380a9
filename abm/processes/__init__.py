"""The rules of the model, one a file. Their order, and the reasons for it, stand in `abm.schedule`."""

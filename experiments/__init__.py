"""Studies on the model: designs, runs, stores, analyses and reports."""

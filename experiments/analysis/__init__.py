"""What a stored sweep says: sensitivity, boxes of regimes, phase diagrams, points, convergence. Reads results only."""

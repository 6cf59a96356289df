"""Linear recurrences without a nonlinearity in between: what their states and sensitivities grow to."""

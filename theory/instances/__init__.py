"""Exact instances: values for symbols, networks with further values, strategies that draw them, how they are shown."""

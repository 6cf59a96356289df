"""Nets of layers on batches of sequences: padding, rows, cuts, directions and masks between layers."""

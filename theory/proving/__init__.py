"""Proofs as numbered lines, and how each line is checked."""

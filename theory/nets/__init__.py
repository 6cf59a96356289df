"""Recurrent networks: cells, their calculus, networks as exact instances, unrolling, rounding."""

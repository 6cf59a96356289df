"""Recurrent cells as their papers and libraries write them, a file each; which convention is meant is said there."""

"""The gradients of the cells of papers and libraries."""

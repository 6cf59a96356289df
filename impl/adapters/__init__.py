"""Other frameworks under test: each module offers the functions of `impl` that its framework has, and no more.

An adapter maps names and layouts and computes nothing itself: states come from the framework's recurrent layer where
there is one and from its own loop elsewhere, derivatives from its automatic differentiation. Arrays go in and come out
as NumPy's, in the dtype of the parameters. A framework is imported with its adapter, that is when it is chosen.

Each says its ``NAME``, which ``DISTRIBUTIONS`` it comes from, and its known ``DEVIATIONS`` from the textbook, by the id
of the theorem; and is found as an entry point of the group ``backproof.subjects``.
"""

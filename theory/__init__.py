"""What is claimed: notation, networks, derivations, theorems and the claims of the sources.

Nothing here knows any implementation. Layout, indices and names are fixed in `backproof.theory.language.notation`.
"""

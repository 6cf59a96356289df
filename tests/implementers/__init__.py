"""Code as implementers write it, right and wrong, by which the checks of a user's RNN are judged.

`right` has right code in many forms, `faults` and `own` have mistakes, `nets` the nets where they show, and `baseline`
says what the checks make of them.
"""

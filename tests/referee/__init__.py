"""The referee: confronts every theorem of `theory` with the implementation passed in, and keeps the record.

It lives among the tests and knows both sides; it is imported as `backproof.referee`.
"""

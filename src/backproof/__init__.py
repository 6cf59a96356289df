"""A verification suite for the theory of back-propagation through time.

What is imported from here is public; `__init__.pyi` beside this file lists it, and each name is loaded when it is first
asked for. Everything below (`backproof.theory`, `backproof.impl`, `backproof.referee`, `backproof.reports`) may be
read and used, and may move.
"""

import os

import lazy_loader

if not os.path.isdir(os.path.join(__path__[0], "theory")):  # a checkout without symbolic links, as on Windows
    _root = os.path.dirname(os.path.dirname(__path__[0]))
    __path__ += [_root, os.path.join(_root, "tests")]

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

"""What a run puts under test: a subject by its name, as it is or with a fault of the zoo planted in it."""

from __future__ import annotations

from typing import Any

from backproof.referee.subjects import SubjectError, load_subject
from backproof.referee.zoo import UnknownFault, apply
from backproof.theory.confronting.subject import Lacks


def under_test(name: str, fault: str | None = None) -> Any:
    """The subject of that name, with a fault planted in it if one is named.

    Raises
    ------
    SubjectError
        If there is no such subject or fault, or the subject lacks what the fault changes; the message is one line.
    """
    subject = load_subject(name)
    if fault is None:
        return subject
    try:
        return apply(fault, subject)
    except UnknownFault as unknown:
        raise SubjectError(str(unknown)) from None
    except Lacks as lacking:
        raise SubjectError(f"fault {fault!r}: the subject does not offer {lacking}") from None

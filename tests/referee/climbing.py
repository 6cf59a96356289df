"""The ladder of one check: networks one after the other, up to the first at which something is wrong, and then why."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from backproof.referee.answers import NoGradient, NothingChecked
from backproof.referee.asking import Answer, Asking, Network, Only, rounded
from backproof.referee.checked import Checked, Looked
from backproof.referee.explanation import Evidence
from backproof.referee.fitting import Fitted, SubjectError
from backproof.referee.moved import in_one_line
from backproof.referee.own_loss import wrong_loss
from backproof.referee.reference import Reference, references
from backproof.referee.regimes import SHAPES, Freedom, one_at_a_time, regimes, tokens
from backproof.referee.searching import Search
from backproof.referee.watching import WrongGradient
from backproof.theory.arithmetic import Undecided
from backproof.theory.nets.networks import Gated, Net

GIVEN, QUIET, AGAIN = (
    "the network that is given",
    "the same sizes without cancellation",
    "the network that is given, again",
)
REPEATS = 64
"""How often a thorough check asks the same."""
DRAWS = 3
"""How often a thorough check draws every regime."""
WITHOUT_LOSS = ("louder outputs",)
"""Where the loss is not looked at: probabilities may be too small for it that no gradient depends on."""
READABLE = 1500
"""Characters of a network that is written out."""


class Climb:
    """One subject on its way up."""

    def __init__(
        self,
        subject: Any,
        network: Network,
        *,
        dtype: str = "float64",
        skip: tuple[str, ...] = (),
        freedom: Freedom = SHAPES["free"],
        seed: int = 0,
        thorough: bool = False,
        loaded: bool = False,
    ) -> None:
        self.ask = Asking(subject, skip, dtype, loaded=loaded, gated=isinstance(network, Gated))
        self.network = self.ask.suited(rounded(network, dtype))
        self.dtype, self.seed, self.thorough = dtype, seed, thorough
        self.by_index = tokens(self.network)
        self.freedom = replace(freedom, dense=not (self.by_index and self.ask.tokens))
        self.evidence: list[Evidence] = []
        self.looked: list[Looked] = []
        self.notes: list[str] = []
        self.loss_compared = False

    def run(self, start: float, seconds: float) -> Checked:
        """All of it, in so many seconds from the start."""
        self._given()
        self.find_out()
        if time.perf_counter() <= start + seconds:
            self._one_at_a_time()
        missed = self._regimes(start + seconds)
        decided = [one for one in self.looked if one.margin is not None]
        if not decided or self.looked[0].margin is None:
            raise Undecided(f"{self.dtype} cannot decide the network that is given: {self._why_undecided()}")
        return Checked(
            subject=self.ask.watched.__name__,
            network=self._settings(),
            parameters=tuple(self.evidence[0].got),
            skipped=(*self.ask.skip, *self.ask.absent),
            looked=tuple(self.looked),
            not_reached=tuple(missed),
            loss=self.loss_compared,
            format=self.dtype,
            seed=self.seed,
            seconds=time.perf_counter() - start,
            notes=tuple(self.notes),
        )

    def tell(self, subject: Any) -> None:
        """Keep in a fitted subject what was found out about it."""
        if isinstance(subject, Fitted) and isinstance(self.ask.fit, Fitted):
            subject.tokens = subject.tokens or (self.by_index and not self.freedom.dense)
            subject.columns = self.ask.fit.columns

    def _given(self) -> None:
        """The network that is given, the one of its sizes without cancellation, and the first again."""
        if isinstance(self.network, Net):
            quiet = self._absent_are_0(references(self.network)[1][0])
            quiet = quiet.with_(inputs=self.network.inputs) if self.by_index else quiet
            pair = Reference.of(self.network, rounded(quiet, self.dtype), dtype=self.dtype)
        else:
            pair = Reference.of(self.network, dtype=self.dtype)
        self._columns_if_need_be()
        for where, reference in zip((GIVEN, QUIET), pair, strict=False):
            self._look(where, reference)
        for _ in range(REPEATS if self.thorough else 1):
            self._look(AGAIN, pair[0])

    def _columns_if_need_be(self) -> None:
        """Take vectors for columns if the code cannot take them as they are, and can then."""
        fit = self.ask.fit
        if not isinstance(fit, Fitted) or fit.columns:
            return
        try:
            self.ask(self.network)
        except (SubjectError, NoGradient) as error:
            for columns in (("b", "c"), ("b", "c", "h0")):
                fit.columns = tuple(name for name in columns if name not in fit.without)
                try:
                    self.ask(self.network)
                except (SubjectError, NoGradient, NothingChecked):
                    continue
                self.notes.append(f"Vectors are taken for columns (n, 1): {', '.join(fit.columns)}.")
                return
            fit.columns = ()
            if isinstance(error, NoGradient):
                raise self._no_gradient(GIVEN, error) from None
            raise

    def _regimes(self, until: float) -> list[str]:
        """Every regime for which there is time; the names of the others."""
        missed = []
        for where, net in self.drawn():
            if time.perf_counter() > until and not self.thorough:
                missed.append(where)
                continue
            (reference,) = Reference.of(net, dtype=self.dtype)
            self._look(where, reference)
        return missed

    def drawn(self) -> Iterator[tuple[str, Network]]:
        """The regimes that suit the subject."""
        for draw in range(DRAWS if self.thorough else 1):
            for where, net in regimes(self.network, self.freedom, seed=self.seed + draw, dtype=self.dtype):
                if self.freedom.dense or tokens(net):
                    yield where, rounded(self._absent_are_0(net), self.dtype)

    def _absent_are_0(self, net: Any) -> Any:
        """Without what the subject has not, and what is skipped and 0 in the network that is given."""
        still = [name for name in self.ask.skip if not np.any(self.network.parameters[name])]
        return net.with_(**{name: np.zeros_like(net.parameters[name]) for name in (*self.ask.absent, *still)})

    def find_out(self) -> None:
        """Whether code that is given unit vectors looks up their indices: then other inputs are words to it, too.

        It does if it answers the same for inputs and for the unit vectors of their largest entries, or raises for the
        former alone.
        """
        if not self.by_index or not self.freedom.dense:
            return
        dense: Any = next((net for _, net in self.drawn() if not tokens(net)), None)
        if dense is None:
            return
        words = dense.with_(inputs=np.eye(dense.inputs.shape[-1])[dense.inputs.argmax(axis=-1)])
        try:
            of_words = self.ask(words).gradients
        except (SubjectError, NoGradient, NothingChecked, WrongGradient):
            return
        try:
            of_inputs = self.ask(dense).gradients
            same = all(np.array_equal(g, of_words[name], equal_nan=True) for name, g in of_inputs.items())
        except (SubjectError, NoGradient):
            same = True
        except (NothingChecked, WrongGradient):
            return
        if same:
            self.freedom = replace(self.freedom, dense=False)
            self.notes.append(
                "Inputs are taken for indices of words, so that only unit vectors were given (tokens = True says so)."
            )

    def _one_at_a_time(self) -> None:
        """Networks that differ from one in a single argument, each after that one: code that keeps something is found.

        Raises
        ------
        WrongGradient
            If it is right at the one and not at the other.
        """
        if not self.freedom.sizes:
            return
        where, one = next(self.drawn())
        changed = one_at_a_time(one)
        first, *others = Reference.of(one, *changed.values(), dtype=self.dtype)
        for name, other in zip(changed, others, strict=True):
            self._look(where, first)
            self._look(f"{where}, other {name}", other)

    def right_at(self, net: Network) -> bool:
        """Whether the subject's gradients are right at a network."""
        (reference,) = Reference.of(net, dtype=self.dtype)
        try:
            return all(each.passes for each in reference.compare(Only(self.ask(net).gradients)))
        except (SubjectError, NoGradient, Undecided):
            return False

    def _look(self, where: str, reference: Reference) -> None:
        """Compare at one network.

        Raises
        ------
        WrongGradient
            With all that can be said of it.
        """
        net: Any = reference.net
        try:
            answer = self.ask(net)
        except NoGradient as error:
            raise self._no_gradient(where, error) from None
        except SubjectError as error:
            raise SubjectError(f"At {self._place(where, net)}: {error}{self._fixed(where)}") from error
        if answer.lower:
            raise self._lower(where, reference, answer)
        details: dict[str, str] = {}
        margins = []
        try:
            for name, found in zip(answer.gradients, reference.compare(Only(answer.gradients)), strict=True):
                margins.append(found.margin)
                if not found.passes:
                    details[name] = found.detail
        except Undecided:
            if not details:
                self._note(where, net, 0, None)
                return
        here = Evidence(where=where, reference=reference, got=answer.gradients, wrong=tuple(details))
        self.evidence.append(here)
        if details:
            raise WrongGradient("\n".join(self._words(here, list(details.values()))))
        self._note(where, net, sum(g.size for g in answer.gradients.values()), max(margins, default=0.0))
        if where not in WITHOUT_LOSS:
            self._loss(where, reference)

    def _note(self, where: str, net: Network, entries: int, margin: float | None) -> None:
        self.looked.append(Looked(where=where, sizes=_sizes(net), entries=entries, margin=margin))

    def _loss(self, where: str, reference: Reference) -> None:
        """The loss has to be that of the gradients, which are right."""
        net: Any = reference.net
        got = self.ask.loss(net)
        if got is None and not self.ask.has_loss(net):
            return
        try:
            wrong = wrong_loss(got, reference, self.dtype)
        except Undecided:
            return
        self.loss_compared = True
        if wrong:
            said = f"At {self._place(where, net)}: the gradients are right, but {wrong}"
            raise WrongGradient("\n".join((said, *self._again(where, net))))

    # What is said.

    def _words(self, here: Evidence, details: list[str]) -> Iterator[str]:
        """What is wrong, where it starts, what explains it, and how to build the network again."""
        yield f"At {self._place(here.where, here.net)}:"
        yield from details
        try:
            yield from Search(self).why(here)
        except Exception as error:  # the verdict stands, whatever becomes of the search for its cause
            yield f"(The search for a cause ended in {type(error).__name__}: {in_one_line(error)}.)"
        yield from self._again(here.where, here.net)

    def _again(self, where: str, net: Network) -> Iterator[str]:
        """How to build the network of the verdict again."""
        if where in (GIVEN, AGAIN):
            return
        written = repr(net)
        if len(written) <= READABLE:
            yield f"To build it again, from backproof import net: {written}"
        else:
            dense = "" if self.freedom.dense else ", dense=False"
            word = "one_signed(network)" if where == QUIET else f"regime({where!r}, network{dense})"
            room = "backproof.theory.nets.uncancelled" if where == QUIET else "backproof.referee.regimes"
            yield f"To build it again, from {room} import {word.partition('(')[0]}: {word}"

    def _no_gradient(self, where: str, error: NoGradient) -> Exception:
        said = str(error)
        if said.startswith("gradients returns"):
            return SubjectError(said)
        return WrongGradient(said if where == GIVEN else f"At {where}: {said}")

    def _lower(self, where: str, reference: Reference, answer: Answer) -> WrongGradient:
        """That gradients come in a lower precision than the parameters have, and whether they are right in that."""
        formats = sorted(set(answer.lower.values()))
        names = " and ".join(f"∂L/∂{name}" for name in answer.lower)
        short = " and ".join(formats)
        comes = "comes" if len(answer.lower) == 1 else "come"
        said = f"{names} {comes} back in {short}, a lower precision than {self.dtype}, that of the parameters"
        hint = f"if the code is to compute in it, say dtype={formats[0]!r}"
        try:
            (single,) = Reference.of(reference.net, dtype=formats[0])
            wrong = [each.detail for each in single.compare(Only(answer.gradients)) if not each.passes]
        except Undecided:
            wrong = []
        if wrong:
            return WrongGradient(f"{said}; and even in that precision {wrong[0]}")
        return WrongGradient(f"{said}; right in that precision: {hint}")

    def _place(self, where: str, net: Network) -> str:
        return where if where in (GIVEN, AGAIN) else f"{where!r} ({_sizes(net)})"

    def _fixed(self, where: str) -> str:
        if where in (GIVEN, QUIET, AGAIN):
            return ""
        return "; if the code is for the sizes of the network alone, say shapes='fixed' ('lengths' if T and B are free)"

    def _settings(self) -> str:
        return ", ".join(self.network.settings.values())

    def _why_undecided(self) -> str:
        try:
            (reference,) = Reference.of(self.network, dtype=self.dtype)
            _ = reference.bounds
        except Undecided as undecided:
            return str(undecided)
        return "its gradient is not known well enough"


def _sizes(net: Network) -> str:
    T, B, n, m, p = net.sizes
    return f"T {T}, B {B}, n {n}, m {m}, p {p}"


def cause(subject: Any, of: Net) -> list[str]:
    """What a wrong gradient of a subject is, in sentences, by networks with the settings of this one."""
    try:
        alike = next(net for _, net in regimes(of, Freedom()))
        return Search(Climb(subject, alike, loaded=True)).cause()
    except (SubjectError, NoGradient, NothingChecked, WrongGradient, Undecided, ArithmeticError) as error:
        return [in_one_line(error)]

"""Trains one network on one fold."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from coaching.training.labels import UNKNOWN
from coaching.training.metrics import log_loss
from coaching.training.network import Shape, build_network, seed_everything, tensorflow
from coaching.training.scaling import Scaling, fit_scaling

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from coaching.training.dataset import Dataset
    from coaching.training.folds import Rows

    Floats = NDArray[np.float32]
    Batch = tuple[Floats, Floats, Floats]

# How much each source counts, whatever its number of repetitions. The filmed people are what the product is for, but
# so few that more weight would only be learned by heart.
SOURCE_SHARE = {"real": 0.25, "sequence": 0.1, "film": 0.25, "truth": 0.4}


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is trained.

    An epoch is `batches` draws of `batch` repetitions, balanced by source, class and person.
    """

    shape: Shape = field(default_factory=Shape)
    epochs: int = 30
    batches: int = 16
    batch: int = 64
    # The stopping people are few: the first epochs, in which the loss jumps about, are not asked.
    least_epochs: int = 8
    patience: int = 8
    learning_rate: float = 2e-3
    weight_decay: float = 1e-3
    label_smoothing: float = 0.05
    fault_weight: float = 0.3
    step_noise: float = 0.05
    offset_noise: float = 0.15
    seed: int = 20


@dataclass(frozen=True, slots=True)
class Trained:
    """A network with what was fitted before it.

    `losses` are the stopping people's, by epoch; `best_epoch` counts from 1.
    """

    model: Any
    scaling: Scaling
    best_epoch: int
    losses: tuple[float, ...]


def row_weights(dataset: Dataset, rows: Rows) -> NDArray[np.float64]:
    """Weights that sum to 1: sources by SOURCE_SHARE, classes alike within a source, people by the root of their
    number.

    The root: one person with forty repetitions must not drown five people with two, and is still worth more than
    one.
    """
    labels, sources = dataset.labels[rows], dataset.sources[rows]
    subjects = np.asarray(dataset.subjects)[rows]
    weight = np.zeros(len(rows))
    for source in np.unique(sources):
        for label in (0, 1):
            group = (sources == source) & (labels == label)
            if not group.any():
                continue
            people, number = np.unique(subjects[group], return_counts=True)
            each = dict(zip(people.tolist(), (1.0 / np.sqrt(number)).tolist(), strict=True))
            share = np.asarray([each[name] for name in subjects[group]])
            weight[group] = SOURCE_SHARE[str(source)] * share / share.sum()
    return np.asarray(weight / weight.sum())


class Prepared:
    """The data set as the network takes it, scaled by one fold's fit: built once, then drawn from."""

    def __init__(self, dataset: Dataset, scaling: Scaling, rows: Rows) -> None:
        self.scaling = scaling
        self.variants = scaling.skeleton(dataset.variants[rows])
        self.lhog = _project(dataset.lhog, dataset.pixel_row[rows], scaling.lhog.apply, scaling.lhog.matrix.shape[1])
        self.lhof = _project(dataset.lhof, dataset.pixel_row[rows], scaling.lhof.apply, scaling.lhof.matrix.shape[1])

    def measured(self) -> Batch:
        """Every row as it was measured."""
        return self.variants[:, 0], self.lhog, self.lhof

    def draw(self, chosen: Rows, random: np.random.Generator, recipe: Recipe) -> Batch:
        """Rows with a random variant each, and noise."""
        which = random.integers(0, self.variants.shape[1], len(chosen))
        skeleton = self.variants[chosen, which]
        skeleton = skeleton + recipe.step_noise * random.standard_normal(skeleton.shape, dtype=np.float32)
        offset = random.standard_normal((len(chosen), 1, skeleton.shape[2]), dtype=np.float32)
        return skeleton + recipe.offset_noise * offset, self.lhog[chosen], self.lhof[chosen]


def _project(
    pixels: NDArray[np.float16], pixel_row: Rows, apply: Callable[[Floats], Floats], components: int
) -> Floats:
    out = np.zeros((len(pixel_row), pixels.shape[1], components), np.float32)
    for i, row in enumerate(pixel_row):
        if row >= 0:
            out[i] = apply(np.asarray(pixels[row], np.float32))
    return out


def fit_members(dataset: Dataset, train: Rows, stop: Rows | None, recipe: Recipe, members: int) -> list[Trained]:
    """`members` networks from seeds recipe.seed, +1, ... on one scaling; their mean logit is steadier than any one's.

    Each keeps the epoch that was best on `stop` (people not in `train`), or its last one without any.
    """
    scaling = fit_scaling(dataset, train, row_weights(dataset, train), seed=recipe.seed)
    prepared = Prepared(dataset, scaling, train)
    watch = _Watch(dataset, scaling, stop) if stop is not None and len(stop) else None
    return [
        _fit(dataset, train, prepared, watch, replace(recipe, seed=recipe.seed + number)) for number in range(members)
    ]


def _fit(dataset: Dataset, train: Rows, prepared: Prepared, watch: _Watch | None, recipe: Recipe) -> Trained:
    random = np.random.default_rng(recipe.seed)
    weight = row_weights(dataset, train)
    label = dataset.labels[train].astype(np.float32)
    faults = dataset.faults[train]
    bench = _bench(replace(recipe, seed=0))
    model = bench.start(recipe.seed)
    losses: list[float] = []
    best, best_weights = 0, model.get_weights()
    for epoch in range(1, recipe.epochs + 1):
        for _ in range(recipe.batches):
            chosen = random.choice(len(train), recipe.batch, p=weight)
            bench.step(prepared.draw(chosen, random, recipe), label[chosen, None], faults[chosen])
        if watch is not None:
            losses.append(watch.loss(model))
        if watch is None or epoch <= recipe.least_epochs or losses[-1] <= min(losses[recipe.least_epochs - 1 :]):
            best, best_weights = epoch, model.get_weights()
        if epoch - best >= recipe.patience:
            break
    return Trained(bench.copy(best_weights), prepared.scaling, best, tuple(losses))


class _Watch:
    """The stopping people, scaled as the fold is, and their loss."""

    def __init__(self, dataset: Dataset, scaling: Scaling, stop: Rows) -> None:
        self.batch = Prepared(dataset, scaling, stop).measured()
        self.label = dataset.labels[stop]
        self.weight = row_weights(dataset, stop)

    def loss(self, model: Any) -> float:
        return log_loss(self.label, network_logits(model, self.batch), self.weight)


class _Bench:
    """A network, its optimizer and the compiled training step, used for one fold after the other.

    Compiling takes longer than an epoch, so it is done once for a recipe and everything is set back before each fold.
    """

    def __init__(self, recipe: Recipe) -> None:
        import keras

        self._recipe = recipe
        self._model = build_network(recipe.shape)
        schedule = keras.optimizers.schedules.CosineDecay(
            recipe.learning_rate, recipe.epochs * recipe.batches, alpha=0.02
        )
        self._optimizer = keras.optimizers.AdamW(schedule, weight_decay=recipe.weight_decay, clipnorm=1.0)
        self._optimizer.build(self._model.trainable_variables)
        self._cold = [np.asarray(variable) for variable in self._optimizer.variables]
        self._tf = tensorflow()
        self.step = self._tf.function(self._step, autograph=False)

    def start(self, seed: int) -> Any:
        """The network with fresh weights, dropout and optimizer, all by this seed."""
        seed_everything(seed)
        fresh = build_network(self._recipe.shape)
        for variable, value in zip(self._model.variables, fresh.variables, strict=True):
            variable.assign(value)
        for variable, value in zip(self._optimizer.variables, self._cold, strict=True):
            variable.assign(value)
        return self._model

    def copy(self, weights: list[Floats]) -> Any:
        """A network of its own with these weights."""
        model = build_network(self._recipe.shape)
        model.set_weights(weights)
        return model

    def _step(self, inputs: Any, label: Any, faults: Any) -> Any:
        with self._tf.GradientTape() as tape:
            logit, fault_logits = self._model(list(inputs), training=True)
            loss = self._loss(logit, fault_logits, label, faults)
        variables = self._model.trainable_variables
        self._optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    def _loss(self, logit: Any, fault_logits: Any, label: Any, faults: Any) -> Any:
        tf = self._tf
        smooth = self._recipe.label_smoothing
        target = label * (1 - smooth) + smooth / 2
        loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(target, logit))
        known = tf.cast(faults > UNKNOWN + 0.5, tf.float32)
        each = tf.nn.sigmoid_cross_entropy_with_logits(tf.maximum(faults, 0.0), fault_logits)
        loss += self._recipe.fault_weight * tf.reduce_sum(each * known) / (tf.reduce_sum(known) + 1.0)
        return loss + tf.add_n(self._model.losses)


@cache
def _bench(recipe: Recipe) -> _Bench:
    return _Bench(recipe)


def network_logits(model: Any, batch: Batch, size: int = 256) -> NDArray[np.float64]:
    """The network's logit of "correct" for each row of scaled inputs, (n,)."""
    parts = [
        np.asarray(model([x[at : at + size] for x in batch], training=False)[0])[:, 0]
        for at in range(0, len(batch[0]), size)
    ]
    return np.concatenate(parts).astype(np.float64) if parts else np.zeros(0)


def member_logits(members: Sequence[Trained], dataset: Dataset, rows: Rows) -> NDArray[np.float64]:
    """Mean uncalibrated logit of "correct" of the rows as measured, (n,)."""
    batch = Prepared(dataset, members[0].scaling, rows).measured()
    return np.asarray(np.mean([network_logits(member.model, batch) for member in members], axis=0))

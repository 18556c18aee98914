"""By what the costs of many orders are put together."""

from enum import StrEnum


class Grouping(StrEnum):
    """By what costs are put together. strategy: of execution, "order" for an order without one; label: strategy_id;
    arm: of a wheel, and of nothing else."""

    DAY = "day"
    STRATEGY = "strategy"
    LABEL = "label"
    INSTRUMENT = "instrument"
    SIDE = "side"
    SIZE = "size"
    EXCHANGE = "exchange"
    ARM = "arm"

"""Trends of the series of `partner_ranking`: a smooth line, its peak, its slope and a class.

Fitting belongs here, since a robust local regression is no work for SQL. Nothing is counted here: values and
their intervals are read from the marts.
"""

from assets.trends.fit import TrendSummary, fit_trends

__all__ = ["TrendSummary", "fit_trends"]

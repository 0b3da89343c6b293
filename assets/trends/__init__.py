"""Trends of the series of `partner_ranking`: a smooth line, its peak, its slope and a class.

Fitting belongs here, since a robust local regression is no work for SQL: `fit_trends` in `assets.trends.fit`,
whose libraries take a second to import. Nothing is counted here: values and their intervals are read from the
marts. What the tables hold is said in `tables`, which is quick to import.
"""

"""What the tables of trends are: keys and columns, as the data dictionary and the published file say them."""

from collections.abc import Mapping
from typing import Final

from assets.data_package import MartDescription

KEYS: Final = ("technology", "view", "country", "partner", "measure")
"""What tells one series from another."""

_SERIES: Final = {
    "technology": "Technology, or `all` or `critical`.",
    "view": "`countries`: members of the European Union one by one; `eu27`: the Union in their place.",
    "country": "The country whose partners are compared.",
    "partner": "The partner.",
    "measure": "`weight`, `intensity`, or `share` of the country's international weight.",
}

TREND_TABLES: Final[Mapping[str, MartDescription]] = {
    "trends": MartDescription(
        "One row a series and year: the smooth line of a robust local regression. Series that are too short"
        " or rest on too few papers have none.",
        {**_SERIES, "year": "Publication year.", "trend": "The line, in the unit of its measure."},
        (*KEYS, "year"),
    ),
    "trend_classes": MartDescription(
        "One row a series: when it peaked, and where it has been going in the last five years.",
        {
            **_SERIES,
            "peak_year": "The year with the highest value.",
            "peak_probability": "How probable it is that this year's true value is the highest.",
            "slope_5_years": "Slope of the trend over the last five years, logarithm a year:"
            " 0.05 is about 5%.",
            "slope_low": "Lower end of the slope's 95% interval.",
            "slope_high": "Upper end of the slope's 95% interval.",
            "trend_class": "`rising` or `falling` where the slope is at least 0.02 and its interval leaves"
            " 0 out; else `plateau`.",
            "years": "Years the line was fitted to.",
        },
        KEYS,
    ),
}

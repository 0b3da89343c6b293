{#-
Whether what a year and technology are compared with changes in this run: themselves, the year before, or a year
that indices go back to. With a whole year that is counted for the first time, or no more, all technologies of
the year after have another year before. `year` and `technology` are expressions.
-#}
{% macro is_compared_anew(year, technology) -%}
    {%- set cells, years = source("control", "refresh_cells"), source("control", "refresh_years") -%}
    {%- set bases = base_years() | sum(start=()) -%}
    {%- set is_base = "year between " ~ bases | min ~ " and " ~ bases | max -%}
    (
        ({{ year }}, {{ technology }}) in (select year, technology from {{ cells }})
        or ({{ year }}, {{ technology }}) in (select year + 1, technology from {{ cells }})
        or {{ technology }} in (select technology from {{ cells }} where {{ is_base }})
        or {{ year }} in (select year from {{ years }})
        or {{ year }} in (select year + 1 from {{ years }})
        or exists (select 1 from {{ years }} where {{ is_base }})
    )
{%- endmacro %}

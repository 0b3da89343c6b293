{#- Incremental strategy `replace_cells`: the technologies of years named in the control table, and whole years. -#}
{% macro get_incremental_replace_cells_sql(arg_dict) %}
    {{ return(replace_rows(
        arg_dict,
        "(year, technology) in (select year, technology from " ~ source("control", "refresh_cells") ~ ")"
        ~ " or year in (select year from " ~ source("control", "refresh_years") ~ ")"
    )) }}
{% endmacro %}

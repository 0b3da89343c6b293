{#-
Incremental strategy `replace_touched_years`: every year of which a technology is refreshed. For what compares
the technologies of a year with each other, so that one that changes changes others.
-#}
{% macro get_incremental_replace_touched_years_sql(arg_dict) %}
    {{ return(replace_rows(arg_dict, "year in (select year from " ~ source("control", "refresh_cells") ~ ")")) }}
{% endmacro %}

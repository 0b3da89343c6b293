{#- Incremental strategy `replace_years`: whole publication years, those named in the control table. -#}
{% macro get_incremental_replace_years_sql(arg_dict) %}
    {{ return(replace_rows(arg_dict, "year in (select year from " ~ source("control", "refresh_years") ~ ")")) }}
{% endmacro %}

{#- Incremental strategy `replace_compared_cells`: for what compares years, see `is_compared_anew`. -#}
{% macro get_incremental_replace_compared_cells_sql(arg_dict) %}
    {{ return(replace_rows(arg_dict, is_compared_anew("year", "technology"))) }}
{% endmacro %}

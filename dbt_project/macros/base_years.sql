{#- The years that indices go back to, as ranges of the first and the last; see `base_year`. -#}
{% macro base_years() %}{{ return([(2005, 2005), (2005, 2007), (2008, 2010)]) }}{% endmacro %}

{#- Below this effective number of papers, (sum c)^2 / sum c^2, intervals do not hold what they promise. -#}
{% macro small_number() -%} 25 {%- endmacro %}

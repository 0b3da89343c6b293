{#-
The weight one work gives a pair: [N_A N_B - sum_i s_iA s_iB] / (n (n - 1)), 0 for a single author
(METHOD section 2). `numerator` is the bracket.

A bracket that is 0 in exact arithmetic may come out as +-1e-17; the smallest one that is not 0 is
1 / (k_A k_B), above 1e-4, so what is below 1e-9 is 0.
-#}
{% macro pair_weight(numerator, authors) -%}
    case
        when {{ authors }} < 2 or {{ numerator }} < 1e-9 then cast(0 as double)
        else ({{ numerator }}) / (cast({{ authors }} as double) * ({{ authors }} - 1))
    end
{%- endmacro %}

{#-
The 95% interval of a share, part / whole, on the logit scale.

With p the part and o = whole - p the rest, the logit is log p - log o, and its variance over papers with
Poisson numbers of papers is sum (p_i / p - o_i / o)^2. `part_square`, `whole_square` and `product` are the
sums over papers of p_i^2, w_i^2 and p_i w_i. There is no interval where there is no part or no rest, which
may be left as 1e-17 of the whole.
-#}
{% macro share_logit_variance(part, whole, part_square, whole_square, product) -%}
    case
        when {{ part }} > 0 and {{ whole }} - {{ part }} > 1e-9 * {{ whole }}
            then
                {{ part_square }} / ({{ part }} * {{ part }})
                + ({{ whole_square }} - 2 * {{ product }} + {{ part_square }})
                / (({{ whole }} - {{ part }}) * ({{ whole }} - {{ part }}))
                - 2 * ({{ product }} - {{ part_square }}) / ({{ part }} * ({{ whole }} - {{ part }}))
    end
{%- endmacro %}

{#- Its bounds: the logistic of logit -+ 1.959964 se, which is p / (p + o exp(+- 1.959964 se)). -#}
{% macro share_interval_low(part, whole, logit_variance) -%}
    {{ part }} / (
        {{ part }}
        + ({{ whole }} - {{ part }}) * exp(1.959964 * {{ standard_error(logit_variance) }})
    )
{%- endmacro %}

{% macro share_interval_high(part, whole, logit_variance) -%}
    {{ part }} / (
        {{ part }}
        + ({{ whole }} - {{ part }}) * exp(-1.959964 * {{ standard_error(logit_variance) }})
    )
{%- endmacro %}

{# Statements for the cells on a list.  Scalar statements come first: a kernel among them may write the list. #}
{# USES_VARIABLES { N } #}
{# ALLOWS_SCALAR_WRITE #}
{% extends 'common_group.cpp' %}

{% block maincode %}
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    const int32_t* _list = {{get_array_name(eventspace_variable)}};
    const int32_t _listed = _list[N];
    for (int32_t _at=0; _at<_listed; _at++)
    {
        const size_t _idx = _list[_at];
        const size_t _vectorisation_idx = _idx;
        {{vector_code|autoindent}}
    }
{% endblock %}

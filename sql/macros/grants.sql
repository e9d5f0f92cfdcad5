{#- `+grants: {select: [user, role]}`: what the config names is granted, what it does not name is revoked. Each part is a
    macro of dbt's name, to be replaced by a project's. -#}

{#- Has a relation that takes the place of another one that one's grants? -#}
{% macro copy_grants() %}{% do return(adapter.dispatch('copy_grants', 'dbt')()) %}{% endmacro %}
{% macro default__copy_grants() %}{% do return(True) %}{% endmacro %}
{% macro postgres__copy_grants() %}{% do return(False) %}{% endmacro %}

{% macro support_multiple_grantees_per_dcl_statement() %}
    {% do return(adapter.dispatch('support_multiple_grantees_per_dcl_statement', 'dbt')()) %}
{% endmacro %}
{% macro default__support_multiple_grantees_per_dcl_statement() %}{% do return(True) %}{% endmacro %}

{% macro should_revoke(existing_relation, full_refresh_mode=True) %}
    {% if not existing_relation %}{% do return(False) %}{% endif %}
    {% do return(copy_grants() if full_refresh_mode else True) %}
{% endmacro %}

{#- Where our own materializations don't know whether the relation is a new one. -#}
{% macro grants_remain() %}
    {% do return(copy_grants() or config.get('materialized') in ['incremental', 'snapshot']) %}
{% endmacro %}

{% macro get_show_grant_sql(relation) %}{% do return(adapter.dispatch('get_show_grant_sql', 'dbt')(relation)) %}{% endmacro %}
{% macro default__get_show_grant_sql(relation) %}show grants on {{ relation.render() }}{% endmacro %}
{%- macro postgres__get_show_grant_sql(relation) -%}
    select grantee, privilege_type from information_schema.role_table_grants
    where grantor = current_role and grantee != current_role
      and table_schema = '{{ relation.schema }}' and table_name = '{{ relation.identifier }}'
{%- endmacro %}

{% macro get_grant_sql(relation, privilege, grantees) %}
    {% do return(adapter.dispatch('get_grant_sql', 'dbt')(relation, privilege, grantees)) %}
{% endmacro %}
{%- macro default__get_grant_sql(relation, privilege, grantees) -%}
    grant {{ privilege }} on {{ relation.render() }} to {{ grantees | join(', ') }}
{%- endmacro %}

{% macro get_revoke_sql(relation, privilege, grantees) %}
    {% do return(adapter.dispatch('get_revoke_sql', 'dbt')(relation, privilege, grantees)) %}
{% endmacro %}
{%- macro default__get_revoke_sql(relation, privilege, grantees) -%}
    {%- set quoted = [] -%}
    {%- for grantee in grantees %}{% do quoted.append(adapter.quote(grantee)) %}{% endfor -%}
    revoke {{ privilege }} on {{ relation.render() }} from {{ quoted | join(', ') }}
{%- endmacro %}

{% macro get_dcl_statement_list(relation, grant_config, get_dcl_macro) %}
    {% do return(adapter.dispatch('get_dcl_statement_list', 'dbt')(relation, grant_config, get_dcl_macro)) %}
{% endmacro %}
{% macro default__get_dcl_statement_list(relation, grant_config, get_dcl_macro) %}
    {% set statements = [] %}
    {% set together = support_multiple_grantees_per_dcl_statement() %}
    {% for privilege, grantees in grant_config.items() if grantees %}
        {% if together %}{% do statements.append(get_dcl_macro(relation, privilege, grantees)) %}
        {% else %}{% for grantee in grantees %}{% do statements.append(get_dcl_macro(relation, privilege, [grantee])) %}{% endfor %}
        {% endif %}
    {% endfor %}
    {% do return(statements) %}
{% endmacro %}

{% macro call_dcl_statements(dcl_statement_list) %}
    {% do adapter.dispatch('call_dcl_statements', 'dbt')(dcl_statement_list) %}
{% endmacro %}
{% macro default__call_dcl_statements(dcl_statement_list) %}
    {% call statement('grants') %}{% for one in dcl_statement_list %}{{ one }};
    {% endfor %}{% endcall %}
{% endmacro %}

{% macro apply_grants(relation, grant_config, should_revoke=True) %}
    {% do adapter.dispatch('apply_grants', 'dbt')(relation, grant_config, should_revoke) %}
{% endmacro %}
{% macro default__apply_grants(relation, grant_config, should_revoke=True) %}
    {% if not grant_config %}{% do return('') %}{% endif %}
    {% set granting, revoking = grant_config, {} %}
    {% if should_revoke %}
        {% set there = adapter.standardize_grants_dict(run_query(get_show_grant_sql(relation))) %}
        {% set granting, revoking = diff_of_two_dicts(grant_config, there), diff_of_two_dicts(there, grant_config) %}
    {% endif %}
    {% set statements = get_dcl_statement_list(relation, revoking, get_revoke_sql) + get_dcl_statement_list(relation, granting, get_grant_sql) %}
    {% if statements %}{% do call_dcl_statements(statements) %}{% endif %}
{% endmacro %}

{% macro duckdb__apply_grants(relation, grant_config, should_revoke=True) %}{% do no_grants(relation, grant_config) %}{% endmacro %}
{% macro rockset__apply_grants(relation, grant_config, should_revoke=True) %}{% do no_grants(relation, grant_config) %}{% endmacro %}
{% macro no_grants(relation, grant_config) %}
    {% if grant_config %}
        {% do exceptions.warn("grants: target '" ~ target.name ~ "' (type " ~ target.type ~ ") has no privileges: "
                              ~ "config 'grants' of " ~ relation.identifier ~ " has no effect") %}
    {% endif %}
{% endmacro %}

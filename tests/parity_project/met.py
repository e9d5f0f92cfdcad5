"""What public projects do that the corpus did not: a project with a package, each thing in a model.

    write(folder)       the project, its package in dbt_packages/lib
"""
import os

FILES = {
    "dbt_project.yml": """name: met
name: met
version: '1.0'
profile: shop
quoting: {identifier: false}
vars: {wanted: [a, b], lib: {deep: 7}}
models:
  met: {+schema: fine, staging: {+tags: [one, two]}}
sources:
  met: {staging: {closed: {+enabled: false}}}
tests:
  met: {staging: {+tags: [folder]}}
""",
    # of the package's models: the project's own yml
    "models/others.yml": """version: 2
models:
  - {name: lib_model, description: patched, config: {materialized: ephemeral}}
  - {name: lib_seed, columns: [{name: id, tests: [unique]}]}
  - name: tagged
    tags: [ignored]
    config: {tags: [two, three]}
    docs: {show: false}
    contract: {enforced: false}
""",
    "models/staging/sources.yml": """version: 2
sources:
  - name: raw
    tags: [b, a]
    loader: x
    tables:
      - {name: plain, tags: [a], columns: [{name: id, tests: [not_null]}]}
      - {name: own, quoting: {identifier: false}}
      - {name: "{{ var('named', 'by_var') }}", identifier: "{{ 'i' ~ 1 }}"}
      - {name: said, quoting: {identifier: "{{ var('wanted') | length > 2 }}"}}
""",
    "models/staging/closed/sources.yml": "sources: [{name: shut, tables: [{name: t}]}]\n",
    "models/staging/tagged.sql": "select {{ config.get('tags') }} as tags, {{ model.docs }} as docs",
    "models/sources.sql": "select * from {{ source('raw', 'plain') }} join {{ source('raw', 'own') }}, {{ source('raw', 'said') }}",
    "models/by_var.sql": "select '{{ graph.sources['source.met.raw.by_var'].fqn }}' from {{ source('raw', 'by_var') }}",
    "models/refs.sql": "select * from {{ ref('sources') }}, {{ this }}",
    "models/patched.sql": "select * from {{ ref('lib_model') }}",
    "models/closed.sql": "select {{ graph.sources.values() | map(attribute='unique_id') | sort | list }} as s",
    "models/fqns.sql": "select {{ graph.sources['source.met.raw.plain'].fqn }} as f, "
                       "{{ graph.sources['source.met.raw.plain'].tags }} as t",
    # what one model stores in `graph` others see; models compile in the order of their names
    "models/keeps_1.sql": "{% if execute %}{% set x = {} %}{% do graph.setdefault('kept', {}).update({'rel': this, 'x': x}) %}"
                          "{% do x.update({'list': [1, 'two', modules.datetime.date(2024, 1, 2)]}) %}{% endif %}select 1 as n",
    "models/keeps_2.sql": "{% if execute %}{% do graph.kept.x.list.append(graph.kept.rel.identifier ~ '!') %}"
                          "{% do graph.nodes['model.met.refs'].update(seen=this.name) %}{% endif %}"
                          "select '{{ graph.kept }}' as k from {{ ref('keeps_1') }}",
    "models/keeps_3.sql": "select '{{ graph.kept.x.list | join('|') }} {{ graph.kept.rel }} {{ graph.nodes['model.met.refs'].seen }}'"
                          " as k from {{ ref('keeps_2') }}",
    "models/macros.sql": "select {{ dbt.current_timestamp_backcompat() }}, {{ dbt.current_timestamp_in_utc_backcompat() }}",
    # written for another adapter, and for packages that may not be there
    "models/foreign.sql": "{{ config(materialized='external') }}select {{ var('lib').get('deep') }}, {{ var('lib') }}",
    "models/namespaces.sql": "select {{ context.get('dbt', {}).get('nothing', 3) }}, {{ dbt.hash == dbt.hash }}, "
                             "{{ dbt.hash in [dbt.concat, dbt.hash] }}, {{ dbt.hash == dbt.concat }}, {{ 'hash' in dbt }}, "
                             "{{ modules.re.split('x', 'aXbxc', modules.re.IGNORECASE) }}",
    "models/created.sql": "select * from {{ api.Relation.create(schema='s', identifier='t', target=target, "
                          "quote_policy={'schema': false}) }}",
    "models/lost.yml": """version: 2
models:
  - name: refs
    columns:
      - name: id
        tests:
          - relationships: {to: ref('not_there'), field: id}
          - nowhere.strange
""",
    "tests/lost.sql": "select * from {{ ref('not_there_either') }}",
    "analyses/deep/read.sql": "select '{{ this }}' as t, '{{ model.schema }}' as s",
    "dbt_packages/lib/dbt_project.yml": "name: lib\nversion: '1.0'\nprofile: shop\n",
    "dbt_packages/lib/models/lib_model.sql": "select 1 as n",
    "dbt_packages/lib/seeds/lib_seed.csv": "id\n1\n",
}


def write(folder):
    for path, text in FILES.items():
        path = os.path.join(folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)

"""dbt's tests of an adapter, of dbt-tests-adapter, for what dbt-rockset offers: the eleven of its own
suite, which its package does not hold. Snapshots it has none, and no timestamps without a zone.

Where dbt-rockset differs from dbt's expectation on its own account, a test says so.
"""
import os

import pytest
import rockset
from conftest import HOST
from dbt.tests.adapter.basic import files
from dbt.tests.adapter.basic import test_adapter_methods as methods
from dbt.tests.adapter.basic.test_base import BaseSimpleMaterializations
from dbt.tests.adapter.basic.test_empty import BaseEmpty
from dbt.tests.adapter.basic.test_ephemeral import BaseEphemeral
from dbt.tests.adapter.basic.test_generic_tests import BaseGenericTests
from dbt.tests.adapter.basic.test_incremental import BaseIncremental
from dbt.tests.adapter.basic.test_singular_tests import BaseSingularTests
from dbt.tests.adapter.basic.test_singular_tests_ephemeral import BaseSingularTestsEphemeral
from dbt.tests.util import (check_relation_types, check_relations_equal, get_manifest,
                            relation_from_name, run_dbt)


class TestSingularTests(BaseSingularTests):
    pass


class TestSingularTestsEphemeral(BaseSingularTestsEphemeral):
    pass


class TestEmpty(BaseEmpty):
    pass


class TestIncremental(BaseIncremental):
    pass


class TestGenericTests(BaseGenericTests):
    pass


def names(results):
    return sorted(r.node.name for r in results)


def rows(project, name):
    relation = relation_from_name(project.adapter, name)
    return project.run_sql("select count(*) as n from %s" % relation, fetch="one")[0]


class TestAdapterMethods(methods.BaseAdapterMethod):
    """dbt-rockset asks the server for a relation's columns: there must be rows, so a table."""

    @pytest.fixture(scope="class")
    def tests(self):
        return {}  # they want columns while they are compiled, before the model is there

    @pytest.fixture(scope="class")
    def models(self):
        return {"upstream.sql": methods.models__upstream_sql,
                "expected.sql": methods.models__expected_sql,
                "model.sql": files.config_materialized_table + methods.models__model_sql}


class TestEphemeral(BaseEphemeral):
    """Its catalog has no views, so one node fewer than dbt counts."""

    def test_ephemeral(self, project):
        assert names(run_dbt(["seed"])) == ["base"]
        assert names(run_dbt(["run"])) == ["table_model", "view_model"]
        assert rows(project, "base") == 10
        check_relations_equal(project.adapter, ["base", "view_model", "table_model"])
        catalog = run_dbt(["docs", "generate"])
        assert (len(catalog.nodes), len(catalog.sources)) == (2, 1)
        manifest = get_manifest(project.project_root)
        assert (len(manifest.nodes), len(manifest.sources)) == (4, 1)


class TestMaterializations(BaseSimpleMaterializations):
    """Likewise without views in the catalog; `swappable` becomes a view and a table again."""

    def test_base(self, project):
        kinds = {"base": "table", "view_model": "view", "table_model": "table",
                 "swappable": "table"}
        assert names(run_dbt(["seed"])) == ["base"]
        assert names(run_dbt(["run"])) == ["swappable", "table_model", "view_model"]
        check_relation_types(project.adapter, kinds)
        assert rows(project, "base") == 10
        check_relations_equal(project.adapter, list(kinds))
        catalog = run_dbt(["docs", "generate"])
        assert (len(catalog.nodes), len(catalog.sources)) == (3, 1)
        for kind, becomes in (("view", "view"), ("incremental", "table")):
            again = ["run", "-m", "swappable", "--vars", "materialized_var: " + kind]
            assert names(run_dbt(again)) == ["swappable"]
            check_relation_types(project.adapter, dict(kinds, swappable=becomes))
            assert rows(project, "swappable") == 10


# ---- query lambdas ------------------------------------------------------------------------------

NUMBERS = "select 1 as num union select 2 as num"
MANY = 35  # more than the hosted service took at once


def query_lambda(*tags):
    parameters = [{"name": n, "value": v, "type": "int"} for n, v in (("times", "7"), ("most", "1"))]
    return ("{{ config(materialized='query_lambda', tags=%r, parameters=%r) }}\n"
            "select num * :times as result from {{ ref('numbers') }} where num <= :most"
            % (list(tags), parameters))


def lambdas():
    return rockset.RocksetClient(api_key=os.environ["ROCKSET_APIKEY"], host=HOST).QueryLambdas


class TestManyQueryLambdas:
    @pytest.fixture(scope="class")
    def models(self):
        made = {"lambda_%d.sql" % i: query_lambda("tag_%d" % i) for i in range(MANY)}
        return dict(made, **{"numbers.sql": NUMBERS})

    def test_each_is_there(self, project):
        assert len(run_dbt(["run"])) == MANY + 1
        q = lambdas()
        for i in range(MANY):
            tag = q.get_query_lambda_tag_version(workspace=project.test_schema, tag="tag_%d" % i,
                                                 query_lambda="lambda_%d" % i).data
            assert tag.version.name == "lambda_%d" % i


class OneQueryLambda:
    TAGS = ("first_tag", "second_tag", "third_tag")

    @pytest.fixture(scope="class")
    def models(self):
        return {"numbers.sql": NUMBERS, "sevenfold.sql": query_lambda(*self.TAGS)}

    def check(self, ws):
        q, where = lambdas(), {"query_lambda": "sevenfold", "workspace": ws}
        tags = {t.tag_name for t in q.list_query_lambda_tags(**where).data}
        assert tags == {"latest", *self.TAGS}
        version = q.get_query_lambda_tag_version(tag="second_tag", **where).data.version.version
        assert q.execute_query_lambda(version=version, **where).results == [{"result": 7}]
        return len(q.list_query_lambda_versions(**where).data)


class TestQueryLambda(OneQueryLambda):
    def test_it_is_made(self, project):
        assert names(run_dbt(["run"])) == ["numbers", "sevenfold"]
        assert self.check(project.test_schema) == 1


class TestQueryLambdaUpdate(OneQueryLambda):
    def test_it_gets_a_version(self, project):
        run_dbt(["compile"])
        sql = rockset.models.QueryLambdaSql(query="SELECT 1", default_parameters=[])
        lambdas().create_query_lambda(name="sevenfold", workspace=project.test_schema, sql=sql)
        assert names(run_dbt(["run"])) == ["numbers", "sevenfold"]
        assert self.check(project.test_schema) == 2

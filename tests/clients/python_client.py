"""The official Python client (rockset 2.1.2), unchanged, over every resource.

Its host must look like Rockset's unless it is a member of an enumeration of strings, whose value may
be any URL.
"""
import enum
import os
import shutil
import tempfile
import time

import rockset
from rockset.models import (AwsAccessKey, PatchDocument, PatchOperation, QueryLambdaSql, QueryParameter,
                            QueryRequestSql, S3Integration, S3SourceWrapper,
                            SourceS3Settings)

from harness import ADMIN, Server, main, until

FOLDER = tempfile.mkdtemp(prefix="rocksetd-sources-")
S = Server("--sources", FOLDER, env={"ROCKSETD_INTEGRATIONS_KEY": "0f" * 32})
CALLED = set()


def note_calls(client):
    """Which calls there are, ('Aliases', 'get') ...; from now on those that are made are noted."""
    calls = set()
    for api in [n for n in dir(client) if n[0].isupper()]:
        group = getattr(client, api)
        for name in [n for n in dir(group)
                     if n[0] != "_" and not n.endswith("_endpoint") and callable(getattr(group, n))]:
            def noted(*args, _call=getattr(group, name), _name=(api, name), **more):
                CALLED.add(_name)
                return _call(*args, **more)
            setattr(group, name, noted)
            # of the calls that make one thing for each cloud one is enough
            cloud = api in ("Collections", "Integrations", "Sources") and name.startswith("create_")
            if not cloud or "_s3_" in name:
                calls.add((api, name))
    return calls


C = rockset.RocksetClient(host=enum.Enum("Host", {"local": S.url}, type=str).local, api_key=ADMIN)


ALL = note_calls(C)


def raises(kind, work, status):
    try:
        work()
    except kind as e:
        assert e.status == status, e
        return e
    raise AssertionError("no error")


def test_query():
    r = C.sql("select :a as a, :b as b, :c as c", params={"a": 1, "b": "x", "c": True})
    assert r.results == [{"a": 1, "b": "x", "c": True}] and r.status == "COMPLETED"
    assert [f.name for f in r.column_fields] == ["a", "b", "c"]
    assert r.results_total_doc_count == 1 and r.stats.elapsed_time_ms >= 0 and r.collections == []
    e = raises(rockset.exceptions.BadRequestException, lambda: C.sql("selec 1"), 400)
    assert "QUERY_ERROR" in e.body
    r = C.Queries.query(sql=QueryRequestSql(query="select range as i from range(25)"),
                        max_initial_results=10)
    got = list(r.results)
    cursor = r.pagination.next_cursor
    while cursor:
        page = C.Queries.get_query_results(query_id=r.query_id, cursor=cursor, docs=10)
        got += page.results
        cursor = page.pagination.next_cursor
    assert [x["i"] for x in got] == list(range(25))
    info = C.Queries.get_query(query_id=r.query_id).data
    assert info.status == "COMPLETED" and info.stats.result_set_document_count == 25
    v = C.Queries.validate(sql=QueryRequestSql(query="select :p from commons._events"))
    assert v.collections == ["commons._events"] and v.parameters == ["p"]


def test_paginator():
    p = rockset.QueryPaginator(C, C.Queries.query(
        sql=QueryRequestSql(query="select range as i from range(100)"), max_initial_results=30))
    assert [r["i"] for page in p for r in page] == list(range(100))


def test_async():
    r = C.Queries.query(sql=QueryRequestSql(query="select 1 as i"), _async=True)
    assert r.status in ("QUEUED", "RUNNING")
    for _ in range(200):
        info = C.Queries.get_query(query_id=r.query_id).data
        if info.status == "COMPLETED":
            break
        time.sleep(0.05)
    page = C.Queries.get_query_results(query_id=r.query_id, cursor=info.pagination.start_cursor)
    assert page.results == [{"i": 1}]
    slow = "select count(*) from range(100000000000) where md5(CAST(range AS varchar)) = 'x'"
    r = C.Queries.query(sql=QueryRequestSql(query=slow), _async=True)
    assert r.query_id in [x.query_id for x in C.Queries.list_active_queries().data]
    assert C.Queries.cancel_query(query_id=r.query_id).data.status == "CANCELLED"


def test_workspaces():
    w = C.Workspaces.create(name="pw", description="d").data
    assert w.name == "pw" and w.collection_count == 0
    assert "pw" in [x.name for x in C.Workspaces.list().data]
    assert C.Workspaces.get(workspace="pw").data.description == "d"
    C.Workspaces.delete(workspace="pw")
    raises(rockset.exceptions.NotFoundException, lambda: C.Workspaces.get(workspace="pw"), 404)


def test_collections_and_documents():
    c = C.Collections.create_s3_collection(name="pc", description="d").data
    assert c.status == "CREATED" and c.workspace == "commons" and c.name == "pc"
    assert C.Collections.get(collection="pc").data.status == "READY"
    assert C.Collections.update(collection="pc", description="e").data.description == "e"
    assert {"pc", "_events"} <= {x.name for x in C.Collections.list().data}
    assert "pc" in [x.name for x in C.Collections.workspace_collections().data]
    a = C.Documents.add_documents(collection="pc", data=[{"_id": "1", "n": 1}, {"n": 2}])
    assert [d.status for d in a.data] == ["ADDED", "ADDED"]
    p = C.Documents.patch_documents(collection="pc", data=[PatchDocument(id="1", patch=[
        PatchOperation(op="ADD", path="/o", value={"k": 1})])])
    assert p.data[0].status == "PATCHED"
    assert C.sql("select o from pc where _id = '1'").results == [{"o": {"k": 1}}]
    d = C.Documents.delete_documents(collection="pc", data=[
        rockset.models.DeleteDocumentsRequestData(id="1")])
    assert d.data[0].status == "DELETED"
    o = C.Collections.get_collection_offsets(collection="pc", name=[a.last_offset])
    assert o.data.passed is True
    stats = C.Collections.get(collection="pc").data.stats
    assert stats.doc_count == 1 and stats.fill_progress == 1.0 and stats.bytes_inserted > 0
    C.sql("insert into commons.pc select 'k' as _id, DATE '2020-01-02' as d")
    assert C.sql("select count(*) n from pc").results == [{"n": 2}]
    assert C.sql("describe commons.pc").results
    assert C.Sources.list(collection="pc").data == []
    C.Collections.delete(collection="pc")
    raises(rockset.exceptions.NotFoundException, lambda: C.Collections.get(collection="pc"), 404)


def test_views_and_aliases():
    C.Collections.create_s3_collection(name="va")
    v = C.Views.create(name="pv", query="select 1 as one from commons.va").data
    assert v.state == "CREATED" and v.entities == ["commons.va"]
    assert C.Views.get(view="pv").data.query_sql.startswith("select 1")
    C.Views.update(view="pv", query="select 2 as two")
    assert C.sql("select * from pv").results == [{"two": 2}]
    assert [x.name for x in C.Views.list().data] == ["pv"]
    assert [x.name for x in C.Views.workspace_views().data] == ["pv"]
    C.Views.delete(view="pv")
    C.Aliases.create(name="pa", collections=["commons.va"], description="d")
    C.Aliases.update(alias="pa", collections=["commons.va"])
    assert C.Aliases.get(alias="pa").data.collections == ["commons.va"]
    assert [x.name for x in C.Aliases.list().data] == ["pa"]
    assert [x.name for x in C.Aliases.workspace_aliases().data] == ["pa"]
    assert C.Collections.get(collection="va").data.aliases[0].name == "pa"
    C.Aliases.delete(alias="pa")
    C.Collections.delete(collection="va")


def test_lambdas():
    q = C.QueryLambdas
    sql = QueryLambdaSql(query="select :a as a", default_parameters=[
        QueryParameter(name="a", type="int", value="5")])
    v = q.create_query_lambda(name="pl", sql=sql, description="d", is_public=False).data
    assert v.state == "ACTIVE" and v.sql.default_parameters[0].value == "5"
    assert q.execute_query_lambda(query_lambda="pl", version=v.version).results == [{"a": 5}]
    r = q.execute_query_lambda_by_tag(query_lambda="pl", tag="latest", parameters=[
        QueryParameter(name="a", type="int", value="6")])
    assert r.results == [{"a": 6}]
    w = q.update_query_lambda(query_lambda="pl", sql=sql, create=True).data
    q.create_query_lambda_tag(query_lambda="pl", tag_name="prod", version=v.version)
    assert q.get_query_lambda_tag_version(query_lambda="pl", tag="prod").data.version.version \
        == v.version
    assert len(q.list_query_lambda_versions(query_lambda="pl").data) == 2
    assert {t.tag_name for t in q.list_query_lambda_tags(query_lambda="pl").data} == {"latest",
                                                                                     "prod"}
    assert q.get_query_lambda_version(query_lambda="pl", version=w.version).data.name == "pl"
    assert q.list_all_query_lambdas().data[0].version_count == 2
    assert q.list_query_lambdas_in_workspace().data[0].latest_version.version == w.version
    q.delete_query_lambda_tag(query_lambda="pl", tag="prod")
    q.delete_query_lambda_version(query_lambda="pl", version=v.version)
    t = C.ScheduledLambdas
    x = t.create(cron_string="0 0 29 2 *", ql_name="pl", apikey=ADMIN, tag="latest",
                 total_times_to_execute=2, webhook_url="https://hooks.example.com/x").data
    assert x.ql_name == "pl" and x.execution_count == 0 and x.next_execution_date
    assert t.get(scheduled_lambda_id=x.rrn).data.cron_string == "0 0 29 2 *"
    x = t.update(scheduled_lambda_id=x.rrn, apikey=ADMIN, total_times_to_execute=5,
                 resume_permanent_error=True).data
    assert x.total_times_to_execute == 5 and x.resume_permanent_error
    assert [y.rrn for y in t.list_org_scheduled_lambdas().data] == [x.rrn]
    assert t.delete(scheduled_lambda_id=x.rrn).data.rrn == x.rrn
    assert t.list_org_scheduled_lambdas().data == []
    raises(rockset.exceptions.BadRequestException, lambda: t.create(
        cron_string="* * * *", ql_name="pl", apikey=ADMIN, tag="latest"), 400)
    q.delete_query_lambda(query_lambda="pl")
    assert q.list_all_query_lambdas().data == []


def test_virtual_instances():
    vi = C.VirtualInstances.list().data[0]
    assert vi.name == "main" and vi.state == "ACTIVE"
    assert C.VirtualInstances.get(virtual_instance_id=vi.rrn).data.id == vi.id
    r = C.VirtualInstances.query_virtual_instance(
        virtual_instance_id=vi.id, sql=QueryRequestSql(query="select 1 as i"))
    assert r.results == [{"i": 1}]
    assert C.VirtualInstances.get_virtual_instance_queries(virtual_instance_id=vi.id).data == []
    assert C.VirtualInstances.suspend_virtual_instance(
        virtual_instance_id=vi.id).data.state == "SUSPENDED"
    assert C.VirtualInstances.resume_virtual_instance(
        virtual_instance_id=vi.id).data.state == "ACTIVE"
    m = C.VirtualInstances.mount_collection(virtual_instance_id=vi.id,
                                            collection_paths=["commons._events"]).data
    assert m[0].state == "ACTIVE"
    assert C.VirtualInstances.list_collection_mounts(virtual_instance_id=vi.id).data
    assert C.VirtualInstances.get_collection_mount(
        virtual_instance_id=vi.id, collection_path="commons._events").data.rrn
    assert C.VirtualInstances.get_mount_offsets(
        virtual_instance_id=vi.id, collection_path="commons._events",
        name=["f1:1:1:1:1"]).data.passed
    v = C.VirtualInstances.create(name="x", type="SMALL", auto_suspend_seconds=3600).data
    assert v.state == "ACTIVE" and v.current_size == "SMALL" and v.mount_type == "LIVE"
    v = C.VirtualInstances.update(virtual_instance_id=v.id, new_size="NANO").data
    assert v.current_size == "NANO" and v.auto_suspend_seconds == 3600
    C.VirtualInstances.mount_collection(virtual_instance_id=v.id,
                                        collection_paths=["commons._events"])
    assert C.VirtualInstances.unmount_collection(
        virtual_instance_id=v.id, collection_path="commons._events").data.state == "DELETING"
    assert C.VirtualInstances.delete(virtual_instance_id=v.id).data.state == "DELETED"


def test_organization_keys_users():
    o = C.Organizations.get().data
    assert o.clusters[0].cluster_type == "PUBLIC"
    s = C.DeploymentSettings.get_deployment_settings().data
    C.DeploymentSettings.update_deployment_settings(default_query_vi=s.default_query_vi)
    k = C.APIKeys.create(name="pk", role="read-only").data
    assert len(k.key) == 64 and k.state == "ACTIVE"
    assert C.APIKeys.get(user="self", name="pk").data.role == "read-only"
    assert "pk" in [x.name for x in C.APIKeys.list(user="self").data]
    assert C.APIKeys.update(name="pk", user="self", state="SUSPENDED").data.state == "SUSPENDED"
    C.APIKeys.delete(name="pk", user="self")
    u = C.Users.get_current_user()
    assert C.Users.get(user=u.email).email == u.email
    assert C.Users.list().data[0].email == u.email
    assert C.Users.list_unsubscribe_preferences().data == []
    assert C.Users.create(email="a@b.c", roles=[]).data.state == "NEW"
    assert C.Users.delete(user="a@b.c").data.email == "a@b.c"
    assert [r.role_name for r in C.CustomRoles.list().data] == ["admin", "member", "read-only"]
    assert C.CustomRoles.get(role_name="admin").data.privileges[0].action == "ALL_GLOBAL_ACTIONS"
    assert C.Integrations.list().data == []
    key = AwsAccessKey(aws_access_key_id="I", aws_secret_access_key="hidden")
    made = C.Integrations.create_s3_integration(
        name="i", s3=S3Integration(aws_access_key=key)).data
    assert made.s3.aws_access_key.aws_secret_access_key == "*****", made
    assert C.Integrations.get(integration="i").data.name == "i"
    assert [x.name for x in C.Integrations.list().data] == ["i"]
    assert C.Integrations.update(integration="i", description="d").data.description == "d"
    assert C.Integrations.delete(integration="i").data.name == "i"


def test_sources():
    with open(os.path.join(FOLDER, "a.json"), "w") as f:
        f.write('{"a": 1}{"a": 2}')
    c = C.Collections.create_s3_collection(name="psrc", sources=[
        S3SourceWrapper(bucket="file://", pattern="*.json")]).data
    assert c.sources[0].s3.bucket == "file://", c
    until(lambda: C.sql("select count(*) n from psrc").results == [{"n": 2}], "read")
    x = until(lambda: (lambda x: x if x.status["state"] == "WATCHING" else None)(
        C.Sources.list(collection="psrc").data[0]), "watching")
    assert C.Sources.get(collection="psrc", source=x.id).data.status["total_processed_items"] == 1
    assert C.Sources.suspend(collection="psrc", source=x.id).data.status["state"] == "SUSPENDED"
    assert C.Sources.resume(collection="psrc", source=x.id).data.id == x.id
    settings = SourceS3Settings(s3_scan_frequency="PT5M")
    x = C.Sources.update(collection="psrc", source=x.id,
                         s3=rockset.models.SourceS3Base(settings=settings)).data
    assert x.s3.settings.s3_scan_frequency == "PT5M", x
    y = C.Sources.create_s3_source(collection="psrc", bucket="file://", prefix="none").data
    assert C.Sources.delete(collection="psrc", source=y.id).data.id == y.id
    C.Collections.delete(collection="psrc")


def test_refused():
    host = enum.Enum("Host", {"local": S.url}, type=str).local
    stranger = rockset.RocksetClient(host=host, api_key="wrong wrong wrong")
    raises(rockset.exceptions.UnauthorizedException, lambda: stranger.sql("select 1"), 401)


def test_what_is_not_offered():
    no = lambda status, work: raises(rockset.exceptions.ApiException, work, status)
    C.Collections.create_s3_collection(name="no")
    vi = C.VirtualInstances.list().data[0].id
    no(400, lambda: C.Sources.create_s3_source(collection="no", bucket="s3://x"))
    source = {"collection": "no", "source": "s"}
    for call in (C.Sources.get, C.Sources.delete, C.Sources.suspend, C.Sources.resume):
        no(404, lambda: call(**source))
    # without a body these two fail in the client
    no(404, lambda: C.Sources.update(s3=rockset.models.SourceS3Base(), **source))
    no(404, lambda: C.Integrations.update(integration="i", description="d"))
    for call in (C.Integrations.get, C.Integrations.delete):
        no(404, lambda: call(integration="i"))
    for call in (C.ScheduledLambdas.get, C.ScheduledLambdas.delete):
        no(404, lambda: call(scheduled_lambda_id="s"))
    no(404, lambda: C.ScheduledLambdas.update(scheduled_lambda_id="s", apikey="k"))
    no(404, lambda: C.SharedLambdas.execute_public_query_lambda_with_params(public_access_id="p"))
    assert C.CustomRoles.create(role_name="r", privileges=[]).data.role_name == "r"
    assert C.CustomRoles.update(role_name="r", description="d").data.description == "d"
    assert C.CustomRoles.delete(role_name="r").data.role_name == "r"
    no(404, lambda: C.Users.update(user="a@b.c", first_name="A"))
    no(404, lambda: C.Users.delete(user="a@b.c"))
    assert C.Users.update_unsubscribe_preferences(data=[]).data == []
    no(400, lambda: C.VirtualInstances.update(virtual_instance_id=vi, name="x"))
    no(400, lambda: C.VirtualInstances.delete(virtual_instance_id=vi))
    no(400, lambda: C.VirtualInstances.unmount_collection(virtual_instance_id=vi,
                                                          collection_path="commons.no"))
    C.Collections.delete(collection="no")


def test_zy_every_call_was_made():
    assert len(ALL) > 80, len(ALL)
    assert not ALL - CALLED, sorted(ALL - CALLED)


def test_zz_stop():
    S.__exit__()
    shutil.rmtree(FOLDER)


main(globals())

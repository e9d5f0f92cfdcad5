// The official JavaScript client (@rockset/client 0.9.2), unchanged, over every resource.
// Usage: node js_client.js URL KEY (NODE_PATH finds the client)
const assert = require('assert');
const rockset = require('@rockset/client').default;

const called = new Set();
const plain = rockset(process.argv[3], process.argv[2]);

// What every call of the client is: 'aliases.getAlias', ...
function callsOf(c) {
  return Object.keys(c).filter((api) => typeof c[api] === 'object')
    .flatMap((api) => Object.getOwnPropertyNames(Object.getPrototypeOf(c[api]))
      .filter((name) => name !== 'constructor').map((name) => `${api}.${name}`));
}

// The same client; it is noted which of its calls are made
const client = new Proxy(plain, {
  get: (c, api) => new Proxy(c[api], {
    get: (calls, name) => {
      called.add(`${api}.${String(name)}`);
      return typeof calls[name] === 'function' ? calls[name].bind(calls) : calls[name];
    },
  }),
});

async function refused(promise, type) {
  try {
    await promise;
  } catch (e) {
    assert.strictEqual(e.type, type, JSON.stringify(e));
    return e;
  }
  throw new Error('was not refused');
}

const tests = {
  async query() {
    const r = await client.queries.query({ sql: { query: "select 1 as a, 'x' as b" } });
    assert.deepStrictEqual(r.results, [{ a: 1, b: 'x' }]);
    assert.deepStrictEqual(r.column_fields.map((c) => c.name), ['a', 'b']);
    const e = await refused(client.queries.query({ sql: { query: 'select cout(1)' } }), 'QUERY_ERROR');
    assert.ok(e.trace_id && e.message);
    const v = await client.queries.validate({ sql: { query: 'select :p from commons._events' } });
    assert.deepStrictEqual(v, { collections: ['commons._events'], parameters: ['p'] });
    const p = await client.queries.query({
      sql: { query: 'select range as i from range(5)' }, max_initial_results: 2 });
    const rest = await client.queries.getQueryResults(p.query_id, p.pagination.next_cursor, 10);
    assert.deepStrictEqual([...p.results, ...rest.results].map((x) => x.i), [0, 1, 2, 3, 4]);
    assert.strictEqual((await client.queries.getQuery(p.query_id)).data.status, 'COMPLETED');
    assert.deepStrictEqual((await client.queries.listActiveQueries()).data, []);
    assert.strictEqual((await client.queries.cancelQuery(p.query_id)).data.status, 'COMPLETED');
  },
  async collections() {
    await client.workspaces.createWorkspace({ name: 'jw' });
    const c = await client.collections.createCollection('jw', { name: 'jc' });
    assert.deepStrictEqual(Object.keys(c), ['data']);
    assert.strictEqual(c.data.status, 'CREATED');
    assert.deepStrictEqual(c.data.sources, []);
    const d = await client.documents.addDocuments('jw', 'jc', { data: [{ _id: '1', n: 1 }] });
    assert.strictEqual(d.data[0].status, 'ADDED');
    const p = await client.documents.patchDocuments('jw', 'jc', {
      data: [{ _id: '1', patch: [{ op: 'replace', path: '/n', value: 2 }] }] });
    assert.strictEqual(p.data[0].status, 'PATCHED');
    const o = await client.collections.getCollectionOffsets('jw', 'jc', { name: [d.last_offset] });
    assert.strictEqual(o.data.passed, true);
    assert.strictEqual((await client.collections.getCollection('jw', 'jc')).data.status, 'READY');
    await client.collections.updateCollection('jw', 'jc', { description: 'd' });
    assert.ok((await client.collections.listCollections()).data.length >= 2);
    assert.strictEqual((await client.collections.workspaceCollections('jw')).data[0].name, 'jc');
    assert.deepStrictEqual((await client.sources.listCollectionSources('jw', 'jc')).data, []);
    await client.views.createView('jw', { name: 'jv', query: 'select n from jw.jc' });
    await client.views.updateView('jw', 'jv', { query: 'select n + 1 as n from jw.jc' });
    assert.deepStrictEqual((await client.views.getView('jw', 'jv')).data.entities, ['jw.jc']);
    assert.strictEqual((await client.views.workspaceViews('jw')).data.length, 1);
    assert.strictEqual((await client.views.listViews()).data.length, 1);
    const r = await client.queries.query({ sql: { query: 'select * from jw.jv' } });
    assert.deepStrictEqual(r.results, [{ n: 3 }]);
    await client.views.deleteView('jw', 'jv');
    await client.aliases.createAlias('jw', { name: 'ja', collections: ['jw.jc'] });
    await client.aliases.updateAlias('jw', 'ja', { collections: ['jw.jc'] });
    assert.deepStrictEqual((await client.aliases.getAlias('jw', 'ja')).data.collections, ['jw.jc']);
    assert.strictEqual((await client.aliases.listAliases()).data.length, 1);
    assert.strictEqual((await client.aliases.workspaceAliases('jw')).data.length, 1);
    await client.aliases.deleteAlias('jw', 'ja');
    const x = await client.documents.deleteDocuments('jw', 'jc', { data: [{ _id: '1' }] });
    assert.strictEqual(x.data[0].status, 'DELETED');
    await client.collections.deleteCollection('jw', 'jc');
    assert.strictEqual((await client.workspaces.getWorkspace('jw')).data.collection_count, 0);
    await client.workspaces.deleteWorkspace('jw');
    await refused(client.workspaces.getWorkspace('jw'), 'NOTFOUND');
    assert.ok((await client.workspaces.listWorkspaces()).data.length >= 1);
  },
  async lambdas() {
    const q = client.queryLambdas;
    const made = await q.createQueryLambda('commons', {
      name: 'jl', sql: { query: 'SELECT :param as echo', default_parameters: [
        { name: 'param', type: 'string', value: 'Hello world!' }] } });
    assert.strictEqual(made.data.description, null);
    assert.deepStrictEqual(made.data.collections, []);
    for (const key of ['created_at', 'created_by', 'version', 'stats']) assert.ok(made.data[key]);
    const v = made.data.version;
    assert.deepStrictEqual((await q.executeQueryLambda('commons', 'jl', v)).results,
      [{ echo: 'Hello world!' }]);
    const r = await q.executeQueryLambdaByTag('commons', 'jl', 'latest', {
      parameters: [{ name: 'param', type: 'string', value: 'x' }] });
    assert.deepStrictEqual(r.results, [{ echo: 'x' }]);
    await q.updateQueryLambda('commons', 'jl', { sql: { query: 'select 1' } }, true);
    await q.createQueryLambdaTag('commons', 'jl', { tag_name: 't', version: v });
    assert.strictEqual((await q.getQueryLambdaTagVersion('commons', 'jl', 't')).data.tag_name, 't');
    assert.strictEqual((await q.getQueryLambdaVersion('commons', 'jl', v)).data.version, v);
    assert.strictEqual((await q.listQueryLambdaVersions('commons', 'jl')).data.length, 2);
    assert.strictEqual((await q.listQueryLambdaTags('commons', 'jl')).data.length, 2);
    assert.strictEqual((await q.listAllQueryLambdas()).data.length, 1);
    const listed = (await q.listQueryLambdasInWorkspace('commons')).data[0];
    assert.strictEqual(listed.latest_version.sql.query, 'select 1');
    assert.deepStrictEqual(listed.latest_version.sql.default_parameters, []);
    const e = await refused(q.executeQueryLambda('commons', 'jl', 'none'), 'NOTFOUND');
    assert.ok(e.message.includes('Query Lambda "jl"'));
    await q.deleteQueryLambdaTag('commons', 'jl', 't');
    await q.deleteQueryLambdaVersion('commons', 'jl', v);
    await q.deleteQueryLambda('commons', 'jl');
  },
  async instances() {
    const vi = (await client.virtualInstances.listVirtualInstances()).data[0];
    assert.strictEqual(vi.state, 'ACTIVE');
    assert.strictEqual((await client.virtualInstances.getVirtualInstance(vi.rrn)).data.id, vi.id);
    const r = await client.virtualInstances.queryVirtualInstance(vi.id, { sql: { query: 'select 1 as i' } });
    assert.deepStrictEqual(r.results, [{ i: 1 }]);
    await client.virtualInstances.mountCollection(vi.id, { collection_paths: ['commons._events'] });
    const m = await client.virtualInstances.getCollectionMount(vi.id, 'commons._events');
    assert.strictEqual(m.data.state, 'ACTIVE');
    await client.virtualInstances.suspendVirtualInstance(vi.id);
    await client.virtualInstances.resumeVirtualInstance(vi.id);
    const x = (await client.virtualInstances.createVirtualInstance({ name: 'x' })).data;
    assert.strictEqual(x.state, 'ACTIVE');
    await client.virtualInstances.deleteVirtualInstance(x.id);
  },
  async organization() {
    assert.ok((await client.orgs.getOrganization()).data.clusters.length);
    const k = (await client.apikeys.createApiKey({ name: 'jk', role: 'member' })).data;
    assert.strictEqual(k.key.length, 64);
    const other = rockset(k.key, process.argv[2]);
    await refused(other.apikeys.listApiKeys('self'), 'FORBIDDEN');
    assert.strictEqual((await client.apikeys.getApiKey('self', 'jk')).data.key.length, 6);
    await client.apikeys.updateApiKey('jk', 'self', { state: 'SUSPENDED' });
    await refused(other.workspaces.listWorkspaces(), 'AUTHEXCEPTION');
    await client.apikeys.deleteApiKey('jk', 'self');
    const user = await client.users.getCurrentUser();
    assert.strictEqual((await client.users.listUsers()).data[0].email, user.email);
    assert.strictEqual((await client.customRolesBeta.listRoles()).data.length, 3);
    assert.deepStrictEqual((await client.integrations.listIntegrations()).data, []);
    const key = { aws_access_key_id: 'I', aws_secret_access_key: 'hidden' };
    await client.integrations.createIntegration({ name: 'i', s3: { aws_access_key: key } });
    const i = (await client.integrations.getIntegration('i')).data;
    assert.strictEqual(i.s3.aws_access_key.aws_secret_access_key, '*****');
    await client.integrations.updateIntegration('i', { description: 'd' });
    await client.integrations.deleteIntegration('i');
  },
  async rest() {
    const vi = (await client.virtualInstances.listVirtualInstances()).data[0];
    const v = client.virtualInstances;
    assert.deepStrictEqual((await v.getVirtualInstanceQueries(vi.id)).data, []);
    assert.ok((await v.listCollectionMounts(vi.id)).data.length);
    const body = { name: ['f1:1:1:1:1'] };
    assert.ok((await v.getMountOffsets(vi.id, 'commons._events', body)).data.passed);
    await refused(v.setVirtualInstance(vi.id, { name: 'x' }), 'BADREQUEST');
    await refused(v.deleteVirtualInstance(vi.id), 'BADREQUEST');
    await refused(v.unmountCollection(vi.id, 'commons._events'), 'BADREQUEST');
    const me = await client.users.getCurrentUser();
    assert.strictEqual((await client.users.getUser(me.email)).email, me.email);
    assert.deepStrictEqual((await client.users.listUnsubscribePreferences()).data, []);
    assert.deepStrictEqual((await client.users.updateUnsubscribePreferences({ data: [] })).data, []);
    assert.strictEqual((await client.users.createUser({ email: 'a@b.c', roles: [] })).data.state, 'NEW');
    assert.deepStrictEqual((await client.users.updateUser('a@b.c', { roles: ['member'] })).roles, ['member']);
    assert.strictEqual((await client.users.deleteUser('a@b.c')).data.email, 'a@b.c');
    assert.ok(Array.isArray((await client.apikeys.listApiKeys('self')).data));
    const roles = client.customRolesBeta;
    assert.strictEqual((await roles.getRole('admin')).data.role_name, 'admin');
    const made = await roles.createRole({ role_name: 'r', privileges: [{ action: 'QUERY_VI', resource_name: 'main' }] });
    assert.strictEqual(made.data.privileges[0].cluster, '*ALL*');
    assert.strictEqual((await roles.updateRole('r', { description: 'd' })).data.description, 'd');
    assert.strictEqual((await roles.deleteRole('r')).data.role_name, 'r');
    await refused(client.integrations.getIntegration('i'), 'NOTFOUND');
    const events = ['commons', '_events'];
    await refused(client.sources.createSource(...events, { kinesis: { x: 1 } }), 'NOTIMPLEMENTEDYET');
    const nowhere = { s3: { bucket: 'https://127.0.0.1:1/x' } };
    const source = (await client.sources.createSource(...events, nowhere)).data;
    for (const call of ['getSource', 'deleteSource', 'resumeSource', 'suspendSource', 'updateSource']) {
      await refused(client.sources[call](...events, 's', {}), 'NOTFOUND');
    }
    for (const call of ['getSource', 'suspendSource', 'resumeSource', 'updateSource', 'deleteSource']) {
      const is = (await client.sources[call](...events, source.id, {})).data;
      assert.strictEqual(is.s3.bucket, nowhere.s3.bucket);
    }
  },
  // the last one
  async everyCallWasMade() {
    const all = callsOf(plain);
    assert.ok(all.length > 80, String(all.length));
    assert.deepStrictEqual(all.filter((name) => !called.has(name)), []);
  },
};

(async () => {
  let failed = 0;
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      console.log(`ok - js ${name}`);
    } catch (e) {
      failed++;
      console.log(`not ok - js ${name}`);
      console.log(`# ${(e.stack || JSON.stringify(e)).replace(/\n/g, '\n# ')}`);
    }
  }
  process.exit(failed ? 1 : 0);
})();

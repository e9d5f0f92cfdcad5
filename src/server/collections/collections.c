/*
** Collections.
*/
#include "definition.h"
#include "sources.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/sql/relname.h"

#define KIND RS_CONTROL_COLLECTION

/* ---- one collection as JSON ------------------------------------------------------------------ */

struct sizes {
  int64_t docs; /* -1: not known */
  struct rs_usage usage;
};

static void write_stats(struct rs_buf *b, const struct sizes *z)
{
  // what an engine does not tell is 0, which every client reads; none takes null everywhere
  static const char *const zero[] = {
    "bytes_inserted",   "bytes_overwritten", "total_size",          "total_index_size",
    "row_index_size",   "column_index_size", "inverted_index_size", "range_index_size",
    "purged_doc_count", "purged_doc_size",   "bulk_bytes_inserted", "bulk_bytes_overwritten"};
  rs_js_open(b, "stats", '{');
  rs_js_int(b, "doc_count", z->docs > 0 ? z->docs : 0);
  rs_js_int(b, "last_queried_ms", z->usage.queried_ms);
  rs_js_int(b, "last_updated_ms", z->usage.updated_ms);
  for (size_t i = 0; i < sizeof zero / sizeof zero[0]; i++) rs_js_int(b, zero[i], 0);
  rs_js_raw(b, "fill_progress", "1.0");
  rs_js_close(b, '}');
}

struct object {
  const char *workspace, *name, *status;
  const struct rs_meta *meta;
  struct rs_definition definition;
  const char *aliases, *sources; /* JSON objects, comma-separated, or NULL */
  struct sizes sizes;
};

static void write_collection(struct rs_buf *b, const char *key, const struct object *o)
{
  const struct rs_meta *m = o->meta;
  rs_js_open(b, key, '{');
  rs_js_text(b, "name", o->name);
  rs_js_text(b, "workspace", o->workspace);
  rs_js_text(b, "description", m->description);
  rs_js_text(b, "status", o->status);
  rs_js_text(b, "created_at", m->created_at);
  rs_js_text(b, "created_by", RS_USER_EMAIL);
  rs_js_text(b, "created_by_apikey_name", m->created_by_key);
  rs_js_printf(b, "rrn", "rrn:col:local:%s.%s", o->workspace, o->name);
  rs_js_bool(b, "read_only", false);
  rs_js_bool(b, "insert_only", false);
  rs_js_open(b, "sources", '[');
  if (o->sources != NULL) rs_buf_str(b, o->sources);
  rs_js_close(b, ']');
  rs_js_open(b, "aliases", '[');
  if (o->aliases != NULL) rs_buf_str(b, o->aliases);
  rs_js_close(b, ']');
  rs_js_raw(b, "field_mappings", "[]");
  rs_definition_write(b, &o->definition);
  rs_js_raw(b, "bulk_stats", "[]");
  if (m->extra != NULL) rs_js_text(b, "storage_compression_type", m->extra);
  write_stats(b, &o->sizes);
  rs_js_close(b, '}');
}

/* ---- lists ----------------------------------------------------------------------------------- */

struct list {
  struct rs_request *q;
  struct rs_map metas, aliases, sources;
};

/* "ws.name" of a collection -> the JSON of its aliases */
static enum rs_code add_alias(struct list *x, const struct rs_alias *a, const char *collection)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  const char *before = rs_map_get(&x->aliases, collection);
  if (before != NULL) rs_buf_printf(&b, "%s,", before);
  rs_write_alias(&b, NULL, a);
  const char *text;
  enum rs_code rc = rs_arena_take_buf(&x->q->arena, &b, "aliases", &text, &x->q->e);
  if (rc != RS_OK) return rc;
  return rs_map_put(&x->aliases, collection, (char *)text) ? RS_OK : rs_nomem(&x->q->e);
}

static enum rs_code take_alias(void *ctx, const struct rs_alias *a)
{
  struct list *x = ctx;
  enum rs_code rc = RS_OK;
  if (!rs_may_list(x->q, a->workspace)) return RS_OK;
  for (size_t i = 0; i < a->ncollections && rc == RS_OK; i++)
    rc = add_alias(x, a, a->collections[i]);
  return rc;
}

static const char *aliases_of(struct list *x, const char *workspace, const char *name)
{
  const char *key = rs_arena_printf(&x->q->arena, "%s.%s", workspace, name);
  return key != NULL ? rs_map_get(&x->aliases, key) : NULL;
}

static const char *sources_of(struct list *x, const char *workspace, const char *name)
{
  const char *key = rs_arena_printf(&x->q->arena, "%s\n%s", workspace, name);
  return key != NULL ? rs_map_get(&x->sources, key) : NULL;
}

static enum rs_code take_collection(void *ctx, const struct rs_relation_info *i)
{
  struct list *x = ctx;
  struct rs_meta m;
  // a name that official clients refuse would cost them the whole list
  if (i->kind != RS_REL_TABLE || !rs_is_plain_name(i->name)) return RS_OK;
  if (!rs_may_list(x->q, i->workspace)) return RS_OK;
  enum rs_code rc = rs_meta_from(x->q, &x->metas, i->workspace, i->name, &m);
  struct object o = {.workspace = i->workspace,
                     .name = i->name,
                     .status = "READY",
                     .meta = &m,
                     .aliases = aliases_of(x, i->workspace, i->name),
                     .sources = sources_of(x, i->workspace, i->name),
                     .sizes = {i->rows, rs_usage_of(x->q->backend, NULL, i->workspace, i->name)}};
  if (rc == RS_OK) rc = rs_definition_unpack(&x->q->arena, m.definition, &o.definition, &x->q->e);
  if (rc == RS_OK) write_collection(&x->q->out, NULL, &o);
  return rc;
}

static enum rs_code open_list(struct list *x, struct rs_session *s, const char *workspace)
{
  rs_map_init(&x->aliases);
  rs_map_init(&x->sources);
  enum rs_code rc = rs_meta_all(x->q, s, KIND, workspace, &x->metas);
  if (rc == RS_OK) rc = rs_sources_all(x->q, s, workspace, &x->sources);
  return rc == RS_OK ? rs_session_aliases(s, NULL, take_alias, x, &x->q->e) : rc;
}

static void close_list(struct list *x)
{
  rs_map_free(&x->metas);
  rs_map_free(&x->aliases);
  rs_map_free(&x->sources);
}

enum rs_code rs_list_collections(struct rs_request *q)
{
  struct rs_session *s;
  struct list x = {.q = q};
  enum rs_code rc = rs_request_session(q, &s);
  if (rc != RS_OK) return rc;
  rc = open_list(&x, s, q->arg[0]);
  rs_data_open(q, '[');
  if (rc == RS_OK) rc = rs_session_relations(s, NULL, q->arg[0], take_collection, &x, &q->e);
  rs_data_close(q, ']');
  close_list(&x);
  return rc;
}

/* ---- one ------------------------------------------------------------------------------------- */

static enum rs_code count_docs(struct rs_request *q, struct rs_session *s,
                               const struct rs_relation *rel, int64_t *n)
{
  struct rs_rows *rows = NULL;
  struct rs_value v;
  struct rs_buf b;
  *n = -1;
  rs_buf_init(&b, 1 << 16);
  rs_buf_str(&b, "SELECT count(*) FROM ");
  rs_relation_sql(rs_target_info(q->backend->target).dialect, &b, rel);
  enum rs_code rc = rs_buf_error(&b, &q->e, "statement");
  const struct rs_statement st = {.sql = rs_buf_text(&b)};
  if (rc == RS_OK) rc = rs_session_query(s, &st, &rows, &q->e);
  if (rc == RS_OK) rc = rs_rows_next(rows, &q->e);
  if (rc == RS_OK) {
    rs_rows_get(rows, 0, &v);
    if (v.kind == RS_INT) *n = v.i;
  }
  rs_rows_close(rows);
  rs_buf_free(&b);
  return rc;
}

/* With the status given, as it is now. */
static enum rs_code answer_one(struct rs_request *q, struct rs_session *s,
                               const struct rs_relation *rel, const char *status)
{
  struct list x = {.q = q};
  struct rs_meta m;
  struct sizes z = {0, rs_usage_of(q->backend, NULL, rel->workspace, rel->name)};
  enum rs_code rc = open_list(&x, s, rel->workspace);
  if (rc == RS_OK) rc = rs_meta_from(q, &x.metas, rel->workspace, rel->name, &m);
  if (rc == RS_OK && !rs_eq(status, "CREATED")) rc = count_docs(q, s, rel, &z.docs);
  struct object o = {
    .workspace = rel->workspace, .name = rel->name, .status = status, .meta = &m, .sizes = z};
  if (rc == RS_OK) rc = rs_definition_unpack(&q->arena, m.definition, &o.definition, &q->e);
  if (rc == RS_OK) {
    o.aliases = aliases_of(&x, rel->workspace, rel->name);
    o.sources = sources_of(&x, rel->workspace, rel->name);
    rs_js_open(&q->out, NULL, '{');
    write_collection(&q->out, "data", &o);
    rs_js_close(&q->out, '}');
  }
  close_list(&x);
  return rc;
}

enum rs_code rs_get_collection(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_relation rel;
  enum rs_code rc = rs_need_path(q, &s, &rel, RS_REL_TABLE);
  return rc == RS_OK ? answer_one(q, s, &rel, "READY") : rc;
}

/* ---- changes --------------------------------------------------------------------------------- */

static enum rs_code read_create(struct rs_request *q, struct rs_relation *rel, struct rs_meta *m,
                                struct rs_definition *d, struct rs_source_list *sources)
{
  const cJSON *j;
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc != RS_OK) return rc;
  memset(m, 0, sizeof *m);
  rc = rs_request_text(q, j, "name", true, &rel->name);
  if (rc == RS_OK) rc = rs_request_text(q, j, "description", false, &m->description);
  if (rc == RS_OK) rc = rs_request_text(q, j, "storage_compression_type", false, &m->extra);
  if (rc == RS_OK && m->extra != NULL && !rs_eq(m->extra, "LZ4") && !rs_eq(m->extra, "ZSTD"))
    rc = rs_refuse(q, 400, "INVALIDINPUT", "'storage_compression_type' must be LZ4 or ZSTD");
  if (rc == RS_OK) rc = rs_check_name(q, "collection", rel->name);
  if (rc == RS_OK)
    rc = rs_request_without(q, j, "field_mappings", "write them as 'field_mapping_query'");
  if (rc == RS_OK) rc = rs_definition_read(q, j, d);
  if (rc == RS_OK) rc = rs_definition_pack(q, d, &m->definition);
  if (rc == RS_OK) rc = rs_sources_read(q, j, sources);
  m->created_by_key = q->who.key_name;
  m->created_at = rs_now_text(q);
  return rc == RS_OK && m->created_at == NULL ? rs_nomem(&q->e) : rc;
}

struct creation {
  struct rs_relation rel;
  struct rs_meta meta;
  struct rs_source_list sources;
};

static enum rs_code create_described(struct rs_request *q, struct rs_session *s, void *arg)
{
  struct creation *x = arg;
  enum rs_code rc = rs_session_create(s, &x->rel, false, &q->e);
  if (rc == RS_OK) rc = rs_meta_put(q, s, KIND, &x->rel, &x->meta);
  return rc == RS_OK ? rs_sources_put(q, s, &x->rel, &x->sources) : rc;
}

enum rs_code rs_create_collection(struct rs_request *q)
{
  struct rs_session *s;
  struct creation x = {.rel = {.workspace = q->arg[0]}};
  struct rs_definition d;
  enum rs_code rc = read_create(q, &x.rel, &x.meta, &d, &x.sources);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_need_workspace(q, s, x.rel.workspace);
  if (rc == RS_OK) rc = rs_ingest_check(q, s, &d);
  if (rc == RS_OK) rc = rs_in_transaction(q, s, create_described, &x);
  return rc == RS_OK ? answer_one(q, s, &x.rel, "CREATED") : rc;
}

enum rs_code rs_update_collection(struct rs_request *q)
{
  struct rs_session *s;
  const cJSON *j;
  struct rs_meta m;
  const char *description;
  struct rs_definition d;
  bool transforms = false;
  const struct rs_relation rel = rs_path_relation(q);
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "description", false, &description);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_need_relation(q, s, &rel, RS_REL_TABLE, false);
  if (rc == RS_OK) rc = rs_meta_get(q, s, KIND, &rel, &m);
  if (rc == RS_OK) rc = rs_definition_unpack(&q->arena, m.definition, &d, &q->e);
  const char *before = rc == RS_OK ? d.sql : NULL;
  if (rc == RS_OK) rc = rs_definition_change(q, j, &d, &transforms);
  // what is there already is no change
  transforms = transforms && !(before != NULL && d.sql != NULL && rs_eq(before, d.sql));
  if (rc == RS_OK && transforms) rc = rs_ingest_check(q, s, &d);
  if (rc == RS_OK && transforms) rc = rs_ingest_check_change(q, before, d.sql);
  if (rc == RS_OK && transforms) rc = rs_definition_pack(q, &d, &m.definition);
  if (rc != RS_OK) return rc;
  if (description != NULL) m.description = description;
  if (description != NULL || transforms) rc = rs_meta_put(q, s, KIND, &rel, &m);
  return rc == RS_OK ? answer_one(q, s, &rel, "READY") : rc;
}

enum rs_code rs_delete_collection(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_relation rel;
  enum rs_code rc = rs_need_path(q, &s, &rel, RS_REL_TABLE);
  if (rc == RS_OK) rc = rs_need_unread(q, s, &rel);
  if (rc == RS_OK) rc = answer_one(q, s, &rel, "DELETED");
  if (rc == RS_OK) rc = rs_session_drop(s, &rel, RS_REL_NONE, 0, &q->e);
  if (rc == RS_CONSTRAINT) {
    q->status = 409;
    q->type = "DEPENDENTRESOURCES";
  }
  return rc;
}

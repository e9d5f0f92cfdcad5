/*
** Documents on SQL engines (rs_session_write in control.h).
**
** A call is one transaction under the collection's lock: columns are read, made to fit, the rows of
** the given _ids deleted and the new ones inserted. Rows travel as one JSON text that the engine
** reads into the columns' exact types; nothing is asked of it but the columns, so that a single
** document costs four statements. A commit is durable, and visible at once: an offset is a fence
** that has passed already.
**
** DuckDB so far: from_json(), UNION.
*/
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/text.h"
#include "../base/thread.h"
#include "../rsql/rsql.h"
#include "engine.h"
#include "sql_control.h"
#include "sql_doc.h"

#define CHUNK_BYTES ((size_t)16 << 20) /* of the JSON of one INSERT */

/* A field of the documents of a call. */
struct field {
  const char *name;
  struct rs_doc_type type;
  size_t column;
};

struct add_job {
  struct rs_doc_write w;
  enum rs_write_op op;
  bool known; /* rel is a table, as far as this session has seen */
  struct field *fields;
  size_t nfields, cap;
  struct rs_map by_name; /* field names in lower case -> index + 1 */
};

/* ---- statuses -------------------------------------------------------------------------------- */

enum rs_code rs_doc_refuse(struct rs_doc_write *w, struct rs_doc_entry *x, const char *why,
                           struct rs_error *e)
{
  x->tree = NULL;
  x->doc->status = RS_WRITTEN_ERROR;
  x->doc->error = why != NULL ? rs_arena_strdup(w->out, why) : NULL;
  return x->doc->error != NULL ? RS_OK : rs_nomem(e);
}

/* ---- reading documents ----------------------------------------------------------------------- */

/* The document's _id; it is made where an added one has none. */
static enum rs_code take_id(struct add_job *j, struct rs_doc_entry *x, struct rs_error *e)
{
  const struct rs_json *id = rs_json_get(x->tree, "_id");
  if (id != NULL && id->kind == RS_J_NULL) id = NULL;
  if (id == NULL && j->op == RS_WRITE_ADD) {
    char uuid[37];
    rs_uuid(uuid);
    x->made = true;
    x->nid = 36;
    x->id = x->doc->id = rs_arena_strdup(j->w.out, uuid);
    return x->id != NULL ? RS_OK : rs_nomem(e);
  }
  if (id == NULL) return rs_doc_refuse(&j->w, x, "_id is missing", e);
  if (id->kind != RS_J_STRING || id->mark != 0) {
    return rs_doc_refuse(&j->w, x, "_id must be a string", e);
  }
  if (id->n > RS_DOC_NAME_MAX) return rs_doc_refuse(&j->w, x, "_id is longer than 10240 bytes", e);
  if (memchr(id->p, 0, id->n) != NULL) {
    return rs_doc_refuse(&j->w, x, "_id holds a NUL character", e);
  }
  x->nid = id->n;
  x->id = x->doc->id = rs_arena_strndup(j->w.out, id->p, id->n);
  return x->id != NULL ? RS_OK : rs_nomem(e);
}

/* A time, or microseconds since 1970; becomes the text of a timestamp in UTC. */
static enum rs_code take_event_time(struct add_job *j, struct rs_doc_entry *x, struct rs_error *e)
{
  struct rs_json *t = rs_json_get(x->tree, "_event_time");
  struct rs_rsql_value read;
  int64_t us;
  char text[40];
  if (t == NULL || t->kind == RS_J_NULL) return RS_OK;
  if (rs_json_int(t, &us)) {
    rs_format_timestamp(us, text);
    t->p = rs_arena_printf(j->w.a, "%s+00:00", text);
    t->n = strlen(text) + 6;
    t->kind = RS_J_STRING;
    return t->p != NULL ? RS_OK : rs_nomem(e);
  }
  bool moment = t->kind == RS_J_STRING && (t->mark == 0 || (t->mark & RS_DOC_MOMENTS) != 0);
  enum rs_code rc = moment ? rs_rsql_param_value("_event_time", "timestamp", t->p, t->n, j->w.a,
                                                 &read, NULL)
                           : RS_INVALID;
  if (rc == RS_NOMEM) return rs_nomem(e);
  if (rc != RS_OK || read.v.kind != RS_TEXT || read.v.s.n == 0 ||
      read.v.s.p[read.v.s.n - 1] < '0' || read.v.s.p[read.v.s.n - 1] > '9') {
    return rs_doc_refuse(&j->w, x, "_event_time must be a timestamp, or microseconds since 1970",
                         e);
  }
  t->p = read.v.s.p;
  t->n = read.v.s.n;
  t->mark = 0;
  return RS_OK;
}

static enum rs_code read_document(struct add_job *j, struct rs_doc_entry *x, struct rs_error *e)
{
  struct rs_error wrong = {0};
  const char *why = NULL;
  if (x->doc->n > RS_DOC_BYTES_MAX) {
    return rs_doc_refuse(&j->w, x, "a document is larger than 40 MiB", e);
  }
  size_t depth = RS_DOC_DEPTH_MAX + (j->op == RS_WRITE_PATCH ? 4 : 0);
  enum rs_code rc = rs_json_parse(x->doc->json, x->doc->n, depth, j->w.a, &x->tree, &wrong);
  if (rc == RS_OK && x->tree->kind != RS_J_OBJECT) {
    return rs_doc_refuse(&j->w, x, "a document must be a JSON object", e);
  }
  if (rc == RS_INVALID || rc == RS_LIMIT) return rs_doc_refuse(&j->w, x, wrong.text, e);
  // the values of a patch are looked at one by one
  if (rc == RS_OK && j->op != RS_WRITE_PATCH) rc = rs_doc_prepare(x->tree, j->w.a, &why);
  if (rc == RS_INVALID) return rs_doc_refuse(&j->w, x, why, e);
  if (rc != RS_OK) return rs_nomem(e);
  if (x->tree->kind != RS_J_OBJECT || x->tree->mark != 0) {
    return rs_doc_refuse(&j->w, x, "a document must be a JSON object", e);
  }
  for (const struct rs_json *m = x->tree->first; m != NULL; m = m->next) {
    if (m->nkey == 0) return rs_doc_refuse(&j->w, x, "a field's name is empty", e);
  }
  rc = take_id(j, x, e);
  if (rc == RS_OK && x->tree != NULL && j->op == RS_WRITE_ADD) rc = take_event_time(j, x, e);
  return rc;
}

/* The last document of an _id wins. */
static enum rs_code index_ids(struct rs_doc_write *w, struct rs_error *e)
{
  for (size_t i = 0; i < w->n; i++) {
    struct rs_doc_entry *x = &w->v[i];
    x->last = i;
    if (x->tree == NULL || x->made) continue;
    x->first = rs_map_find(&w->ids, x->id, x->nid) == NULL;
    if (!rs_map_putn(&w->ids, x->id, x->nid, x)) return rs_nomem(e);
  }
  for (size_t i = 0; i < w->n; i++) {
    const struct rs_map_entry *m = w->v[i].tree != NULL && !w->v[i].made
                                     ? rs_map_find(&w->ids, w->v[i].id, w->v[i].nid)
                                     : NULL;
    if (m != NULL) w->v[i].last = (size_t)((struct rs_doc_entry *)m->value - w->v);
  }
  return RS_OK;
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* Is it _id, _event_time or _meta; `folded`: or spelt like one of them but for the case? */
static bool is_named_system(const struct rs_json *member, bool folded)
{
  static const char *const names[] = {"_id", "_event_time", "_meta"};
  if (member->nkey == 0 || member->key[0] != '_') return false;
  for (size_t i = 0; i < 3; i++) {
    if (strlen(names[i]) != member->nkey) continue;
    if (folded ? rs_casecmpn(names[i], member->key, member->nkey) == 0
               : memcmp(names[i], member->key, member->nkey) == 0) {
      return true;
    }
  }
  return false;
}

static bool is_system(const struct rs_json *member)
{
  return is_named_system(member, false);
}

/* The name in lower case, which is how the engine compares; twice in one document (`seen`) it gets
** a number. In *b. */
static void fold_name(struct rs_buf *b, const struct rs_json *m, unsigned number)
{
  rs_buf_clear(b);
  rs_buf_add(b, m->key, m->nkey);
  for (size_t i = 0; i < b->n; i++) {
    if (b->p[i] >= 'A' && b->p[i] <= 'Z') b->p[i] = (char)(b->p[i] - 'A' + 'a');
  }
  if (number > 0) rs_buf_printf(b, "_%u", number);
}

/* The field of a member; *b is scratch. A document's second name that differs only in case becomes
** another field. NULL when out of memory. */
static struct field *field_of(struct add_job *j, const struct rs_json *document,
                              const struct rs_json *m, struct rs_buf *b)
{
  unsigned number = is_named_system(m, true);
  fold_name(b, m, 0);
  for (const struct rs_json *c = document->first; c != m; c = c->next) {
    if (!is_system(c) && c->nkey == m->nkey && rs_casecmpn(c->key, m->key, m->nkey) == 0) number++;
  }
  if (number > 0) fold_name(b, m, number);
  if (b->rc != RS_OK) return NULL;
  const struct rs_map_entry *known = rs_map_find(&j->by_name, rs_buf_text(b), b->n);
  if (known != NULL) return &j->fields[(uintptr_t)known->value - 1];
  if (!rs_grow(&j->fields, &j->cap, j->nfields + 1, sizeof j->fields[0])) return NULL;
  struct field *f = &j->fields[j->nfields];
  *f = (struct field){.name = number > 0
                                ? rs_arena_printf(j->w.a, "%.*s_%u", (int)m->nkey, m->key, number)
                                : rs_arena_strndup(j->w.a, m->key, m->nkey)};
  if (f->name == NULL ||
      !rs_map_putn(&j->by_name, rs_buf_text(b), b->n, (void *)(j->nfields + 1))) {
    return NULL;
  }
  j->nfields++;
  return f;
}

/* All documents' fields with their types. */
static enum rs_code find_fields(struct add_job *j, struct rs_error *e)
{
  struct rs_buf b;
  enum rs_code rc = RS_OK;
  rs_buf_init(&b, RS_DOC_NAME_MAX + 64);
  for (size_t i = 0; i < j->w.n && rc == RS_OK; i++) {
    struct rs_doc_entry *x = &j->w.v[i];
    if (x->tree == NULL || x->last != i) continue;
    for (const struct rs_json *m = x->tree->first; m != NULL && rc == RS_OK; m = m->next) {
      if (is_system(m)) continue;
      struct field *f = field_of(j, x->tree, m, &b);
      rc = f != NULL ? rs_doc_infer(&f->type, m, j->w.a, e) : rs_nomem(e);
    }
  }
  rs_buf_free(&b);
  for (size_t i = 0; i < j->nfields && rc == RS_OK; i++) {
    rc = rs_doc_settle(&j->fields[i].type, true, j->w.a, e);
  }
  return rc;
}

/* ---- rows ------------------------------------------------------------------------------------ */

enum rs_code rs_doc_where_ids(struct rs_doc_write *w, const char **where, struct rs_value *param,
                              struct rs_error *e)
{
  size_t n = 0;
  struct rs_value *list = rs_arena_alloc(w->a, (w->ids.n + 1) * sizeof *list);
  if (list == NULL) return rs_nomem(e);
  for (size_t i = 0; i < w->ids.n; i++) {
    const struct rs_doc_entry *x = w->ids.v[i].value;
    list[n++] = (struct rs_value){.kind = RS_TEXT, .s = {x->id, x->nid}};
  }
  *param = n == 1 ? list[0] : (struct rs_value){.kind = RS_LIST, .list = {list, n}};
  *where = n == 0 ? "" : n == 1 ? "\"_id\" = $1" : "\"_id\" IN (SELECT unnest($1))";
  return RS_OK;
}

static void see_deleted(struct rs_doc_write *w, struct rs_rows *r)
{
  struct rs_value v;
  rs_rows_get(r, 0, &v);
  struct rs_map_entry *m = v.kind == RS_TEXT ? rs_map_find(&w->ids, v.s.p, v.s.n) : NULL;
  if (m != NULL) ((struct rs_doc_entry *)m->value)->existed = true;
}

/* Deletes the rows of the given _ids, and notes which were there. */
static enum rs_code delete_rows(struct rs_session *s, struct rs_doc_write *w, struct rs_error *e)
{
  const char *where;
  struct rs_value param;
  struct rs_buf b;
  struct rs_rows *r = NULL;
  enum rs_code rc = rs_doc_where_ids(w, &where, &param, e);
  if (rc != RS_OK || where[0] == 0) return rc;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "DELETE FROM %r WHERE %s RETURNING %i", w->rel, where, "_id");
  rc = rs_buf_error(&b, e, "statement");
  const struct rs_statement st = {
    .sql = rs_buf_text(&b), .params = &param, .nparams = 1, .writes = true};
  if (rc == RS_OK) rc = rs_session_query(s, &st, &r, e);
  while (rc == RS_OK) {
    rc = rs_rows_next(r, e);
    if (rc == RS_OK) see_deleted(w, r);
  }
  rs_rows_close(r);
  rs_buf_free(&b);
  return rc == RS_DONE ? RS_OK : rc;
}

struct inserting {
  struct add_job *j;
  struct rs_doc_columns *c;
  const char *sql;
  size_t id, time;       /* columns */
  const char *time_type; /* of _event_time, which travels with a time zone */
  const char *now;
};

static void write_row(struct inserting *x, struct rs_buf *b, const struct rs_doc_entry *entry,
                      struct rs_buf *scratch)
{
  const struct rs_json *t = rs_json_get(entry->tree, "_event_time");
  bool own = t != NULL && t->kind == RS_J_STRING;
  rs_buf_printf(b, "{\"c%zu\":", x->id);
  rs_buf_json_str(b, entry->id, entry->nid);
  rs_buf_printf(b, ",\"c%zu\":\"%.*s%s\"", x->time, (int)(own ? t->n : strlen(x->now)),
                own ? t->p : x->now, own ? "" : "+00:00");
  for (const struct rs_json *m = entry->tree->first; m != NULL; m = m->next) {
    if (m->kind == RS_J_NULL || is_system(m)) continue;
    const struct field *f = field_of(x->j, entry->tree, m, scratch);
    if (f == NULL) {
      b->rc = RS_NOMEM;
      return;
    }
    rs_doc_write(b, f->column, m, &x->c->v[f->column]->tree);
  }
  rs_buf_char(b, '}');
}

static enum rs_code send_rows(struct rs_session *s, const char *sql, struct rs_buf *rows,
                              struct rs_error *e)
{
  rs_buf_char(rows, ']');
  enum rs_code rc = rs_buf_error(rows, e, "documents");
  const struct rs_value param = {.kind = RS_TEXT, .s = {rows->p, rows->n}};
  const struct rs_statement st = {.sql = sql, .params = &param, .nparams = 1, .writes = true};
  return rc == RS_OK ? rs_session_exec(s, &st, NULL, e) : rc;
}

static enum rs_code insert_rows(struct rs_session *s, struct inserting *x, struct rs_error *e)
{
  const struct rs_doc_write *w = &x->j->w;
  struct rs_buf rows, scratch;
  enum rs_code rc = RS_OK;
  rs_buf_init(&rows, (size_t)1 << 30);
  rs_buf_init(&scratch, RS_DOC_NAME_MAX + 64);
  for (size_t i = 0; i < w->n && rc == RS_OK; i++) {
    if (w->v[i].tree == NULL || w->v[i].last != i) continue;
    rs_buf_char(&rows, rows.n == 0 ? '[' : ',');
    write_row(x, &rows, &w->v[i], &scratch);
    if (rows.rc == RS_OK && rows.n < CHUNK_BYTES) continue;
    rc = send_rows(s, x->sql, &rows, e);
    rs_buf_clear(&rows);
  }
  if (rc == RS_OK && rows.n > 0) rc = send_rows(s, x->sql, &rows, e);
  rs_buf_free(&rows);
  rs_buf_free(&scratch);
  return rc;
}

/* INSERT of the rows of one JSON text into the columns used. */
static enum rs_code insert_sql(struct rs_session *s, struct inserting *x, const size_t *used,
                               size_t n, struct rs_error *e)
{
  struct rs_arena *a = x->j->w.a;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "INSERT INTO %r (", x->j->w.rel);
  for (size_t i = 0; i < n; i++) {
    rs_sql_add(s, &b, i > 0 ? ", %i" : "%i", x->c->v[used[i]]->name);
  }
  for (size_t i = 0; i < n; i++) {
    const char *expr = rs_doc_value_sql(a, used[i], &x->c->v[used[i]]->tree);
    if (used[i] == x->time && expr != NULL && !rs_eq(x->time_type, "TIMESTAMP WITH TIME ZONE")) {
      expr = rs_arena_printf(a, "CAST(make_timestamp(epoch_us(%s)) AS %s)", expr, x->time_type);
    }
    if (expr == NULL) b.rc = RS_NOMEM;
    else rs_buf_printf(&b, "%s%s", i > 0 ? ", " : ") SELECT ", expr);
  }
  rs_buf_str(&b, " FROM ");
  rs_doc_columns_source(x->c, &b, used, n, "");
  enum rs_code rc = rs_buf_error(&b, e, "statement");
  x->sql = rc == RS_OK ? rs_arena_strdup(a, rs_buf_text(&b)) : NULL;
  rs_buf_free(&b);
  return rc == RS_OK && x->sql == NULL ? rs_nomem(e) : rc;
}

/* The columns of all fields, made to fit; `used` has room for nfields + 2. */
static enum rs_code fit_columns(struct inserting *x, size_t *used, size_t *n, struct rs_error *e)
{
  struct add_job *j = x->j;
  enum rs_code rc = rs_doc_columns_read(x->c, x->c->s, j->w.rel, j->w.a, e);
  if (rc != RS_OK) return rc;
  for (size_t i = 0; i < j->nfields && rc == RS_OK; i++) {
    struct field *f = &j->fields[i];
    rc = rs_doc_columns_fit(x->c, f->name, &f->type, &f->column, e);
  }
  if (rc != RS_OK) return rc;
  x->id = (size_t)rs_doc_columns_find(x->c, "_id");
  x->time = (size_t)rs_doc_columns_find(x->c, "_event_time");
  x->time_type = x->c->v[x->time]->type;
  x->c->v[x->time]->tree = (struct rs_doc_type){.native = "TIMESTAMP WITH TIME ZONE"};
  used[0] = x->id;
  used[1] = x->time;
  *n = 2;
  for (size_t i = 0; i < j->nfields; i++) {
    size_t k = 0;
    while (k < *n && used[k] != j->fields[i].column) k++;
    if (k == *n) used[(*n)++] = j->fields[i].column;
  }
  return RS_OK;
}

static enum rs_code add(struct rs_session *s, struct add_job *j, struct rs_error *e)
{
  struct rs_doc_columns columns = {.s = s};
  struct inserting x = {.j = j, .c = &columns};
  char now[40];
  size_t n = 0, *used = rs_arena_alloc(j->w.a, (j->nfields + 2) * sizeof *used);
  rs_format_timestamp(rs_wall_us(), now);
  x.now = now;
  enum rs_code rc = used != NULL ? fit_columns(&x, used, &n, e) : rs_nomem(e);
  if (rc == RS_OK) rc = insert_sql(s, &x, used, n, e);
  if (rc == RS_OK) rc = delete_rows(s, &j->w, e);
  if (rc == RS_OK) rc = insert_rows(s, &x, e);
  rs_doc_columns_free(&columns);
  return rc;
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* Statuses before a try: only what was refused is decided. */
static void reset_statuses(struct add_job *j)
{
  for (size_t i = 0; i < j->w.n; i++) {
    j->w.v[i].existed = false;
    if (j->w.v[i].tree != NULL) j->w.v[i].doc->status = RS_WRITTEN_NOT;
  }
}

/* Of several documents with one _id the first was added, unless there was a row; the others
** replaced it. */
static void set_statuses(struct add_job *j)
{
  for (size_t i = 0; i < j->w.n; i++) {
    struct rs_doc_entry *x = &j->w.v[i];
    if (x->tree == NULL) continue;
    bool replaces = !x->made && (!x->first || j->w.v[x->last].existed);
    switch (j->op) {
      case RS_WRITE_ADD: x->doc->status = replaces ? RS_WRITTEN_REPLACED : RS_WRITTEN_ADDED; break;
      case RS_WRITE_PATCH: x->doc->status = RS_WRITTEN_PATCHED; break;
      case RS_WRITE_DELETE: x->doc->status = RS_WRITTEN_DELETED; break;
    }
  }
}

static enum rs_code write_all(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct add_job *j = arg;
  enum rs_code rc = j->known ? RS_OK : rs_sql_need_table(s, j->w.rel, e);
  reset_statuses(j);
  if (rc != RS_OK) return rc;
  switch (j->op) {
    case RS_WRITE_ADD: rc = add(s, j, e); break;
    case RS_WRITE_PATCH: rc = rs_doc_patch(s, &j->w, e); break;
    case RS_WRITE_DELETE: rc = delete_rows(s, &j->w, e); break;
  }
  if (rc == RS_OK) set_statuses(j);
  return rc;
}

/* Is anything left to do? A call of refused documents writes nothing, but must name a collection.
** */
static bool has_work(const struct add_job *j)
{
  for (size_t i = 0; i < j->w.n; i++) {
    if (j->w.v[i].tree != NULL) return true;
  }
  return false;
}

/* "f1:0:0:<microseconds>:0", each later than the one before. */
static const char *make_offset(struct rs_arena *a)
{
  static _Atomic int64_t last;
  int64_t now = rs_wall_us(), before = atomic_load(&last), next;
  do next = now > before ? now : before + 1;
  while (!atomic_compare_exchange_weak(&last, &before, next));
  return rs_arena_printf(a, "f1:0:0:%lld:0", (long long)next);
}

/*
** Whether a name is a table costs more to ask than a document to write: a session remembers tables
** that it has written to. A view or an alias that has taken such a name refuses the write, and it
** is tried again with asking.
*/
static enum rs_code try_write(struct rs_session *s, const struct rs_relation *rel,
                              struct add_job *j, struct rs_error *e)
{
  char *key = rs_mprintf("%s\n%s", rel->workspace, rel->name);
  struct rs_relation table = *rel;
  if (key == NULL) return rs_nomem(e);
  enum rs_code rc = RS_OK;
  struct rs_map_entry *entry = rs_map_find(&s->tables, key, strlen(key));
  j->known = entry != NULL && entry->value != NULL && !rs_session_in_transaction(s);
  j->w.rel = rel;
  if (j->known) {
    rc = rs_sql_transact(s, rel, false, write_all, j, e);
    if (rc == RS_OK || rc == RS_NOMEM || rc == RS_CANCELLED) goto done;
    entry->value = NULL;
    j->known = false;
  }
  rc = rs_sql_writable(s, rel, j->w.a, &table, e);
  j->w.rel = &table;
  if (rc == RS_OK) rc = rs_sql_transact(s, &table, false, write_all, j, e);
  if (rc == RS_OK && table.name == rel->name && !rs_session_in_transaction(s)) {
    if (s->tables.n < 1000 || entry != NULL) (void)rs_map_put(&s->tables, key, s); // only slower
  }
done:
  rs_free(key);
  return rc;
}

enum rs_code rs_sql_write(struct rs_session *s, const struct rs_relation *rel, enum rs_write_op op,
                          struct rs_document *docs, size_t n, struct rs_arena *a,
                          const char **offset, struct rs_error *e)
{
  struct rs_arena work;
  if (!rs_eq(s->target->dialect->name, "duckdb")) {
    return rs_engine_lacks(s, "documents written by _id", e);
  }
  rs_arena_init(&work, 0);
  struct add_job j = {.op = op, .w = {.a = &work, .out = a, .n = n}};
  rs_map_init(&j.w.ids);
  rs_map_init(&j.by_name);
  j.w.v = rs_arena_calloc(&work, (n + 1) * sizeof j.w.v[0]);
  enum rs_code rc = j.w.v != NULL ? RS_OK : rs_nomem(e);
  for (size_t i = 0; i < n && rc == RS_OK; i++) {
    docs[i].status = RS_WRITTEN_NOT;
    docs[i].id = docs[i].error = NULL;
    j.w.v[i].doc = &docs[i];
    rc = read_document(&j, &j.w.v[i], e);
  }
  if (rc == RS_OK) rc = index_ids(&j.w, e);
  if (rc == RS_OK && op == RS_WRITE_ADD) rc = find_fields(&j, e);
  if (rc == RS_OK && has_work(&j)) rc = try_write(s, rel, &j, e);
  else if (rc == RS_OK) rc = rs_sql_writable(s, rel, &work, &(struct rs_relation){NULL, NULL}, e);
  if (rc != RS_OK && j.w.v != NULL) reset_statuses(&j);
  if (rc == RS_OK && offset != NULL && (*offset = make_offset(a)) == NULL) rc = rs_nomem(e);
  rs_free(j.fields);
  rs_map_free(&j.w.ids);
  rs_map_free(&j.by_name);
  rs_arena_free(&work);
  return rc;
}

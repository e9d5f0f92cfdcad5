/*
** Control-plane documents of SQL engines (see control.h), and the little that an engine without
** a control plane has to say about what runs on it.
*/
#include "control.h"
#include <string.h>
#include "src/value/text.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/engine/slots.h"

/* The table of documents of a database. */
static struct rs_relation entities_of(const char *database)
{
  return (struct rs_relation){"_rockset", "entities", database};
}

static enum rs_code exists(struct rs_session *s, const char *database, bool *has,
                           struct rs_error *e)
{
  const struct rs_relation entities = entities_of(database);
  enum rs_relation_kind kind;
  enum rs_code rc = rs_sql_kind(s, &entities, &kind, e);
  *has = kind != RS_REL_NONE;
  return rc;
}

void rs_sql_control_now(char out[24])
{
  char text[40];
  rs_format_timestamp(rs_wall_us(), text);
  memcpy(out, text, 19);
  out[10] = 'T';
  out[19] = 'Z';
  out[20] = 0;
}

void rs_sql_control_member(struct rs_buf *b, const char *key, const char *text)
{
  if (b->n > 0 && b->p[b->n - 1] != '{') rs_buf_char(b, ',');
  rs_buf_json_str(b, key, strlen(key));
  rs_buf_char(b, ':');
  if (text != NULL) rs_buf_json_str(b, text, strlen(text));
  else rs_buf_str(b, "null");
}

/* ---- conditions ------------------------------------------------------------------------------ */

/* Adds ` WHERE ...` for the parts that a filter has. */
static void add_where(const struct rs_session *s, struct rs_buf *b, const struct rs_control_doc *k)
{
  const char *const names[] = {"kind", "workspace", "name", "sub"};
  const char *const values[] = {k->kind, k->workspace, k->name, k->sub};
  bool relation = rs_eq(k->kind, RS_CONTROL_ALIAS) || rs_eq(k->kind, RS_CONTROL_VIEW) ||
                  rs_eq(k->kind, RS_CONTROL_COLLECTION) || rs_eq(k->kind, RS_CONTROL_MOUNT) ||
                  rs_eq(k->kind, RS_CONTROL_SOURCE) || rs_eq(k->kind, RS_CONTROL_SOURCE_OBJECT);
  const char *between = " WHERE ";
  for (size_t i = 0; i < 4; i++) {
    if (values[i] == NULL) continue;
    bool folds = rs_sql_catalog_of(s)->folds_case && (i == 1 || (i == 2 && relation));
    rs_sql_add(s, b, folds ? "%slower(%i) = lower(%t)" : "%s%i = %t", between, names[i], values[i]);
    between = " AND ";
  }
}

/* ---- reading --------------------------------------------------------------------------------- */

struct found {
  struct rs_arena *a;
  const char *database;
  struct rs_control_doc *v;
  size_t n, cap;
};

static enum rs_code see(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  struct found *f = ctx;
  if (!rs_grow(&f->v, &f->cap, f->n + 1, sizeof f->v[0])) return rs_nomem(e);
  struct rs_control_doc *d = &f->v[f->n];
  const char **const fields[] = {&d->kind, &d->workspace, &d->name,
                                 &d->sub,  &d->body,      &d->changed_at};
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    enum rs_code rc = rs_sql_text(r, i, f->a, fields[i], e);
    if (rc != RS_OK) return rc;
    if (*fields[i] == NULL) *fields[i] = ""; // somebody wrote to the table by hand
  }
  d->database = f->database;
  f->n++;
  return RS_OK;
}

/* Those that match, in f->v (rs_free). */
static enum rs_code fetch(struct rs_session *s, const struct rs_control_doc *filter, bool known,
                          struct found *f, struct rs_error *e)
{
  const struct rs_relation entities = entities_of(filter->database);
  bool has = known;
  enum rs_code rc = known ? RS_OK : exists(s, filter->database, &has, e);
  if (rc != RS_OK || !has) return rc;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "SELECT kind, workspace, name, sub, body, changed_at FROM %r", &entities);
  add_where(s, &b, filter);
  rs_buf_str(&b, " ORDER BY kind, workspace, name, sub");
  return rs_sql_each(s, &b, see, f, NULL, e);
}

enum rs_code rs_sql_control_get(struct rs_session *s, const struct rs_control_doc *key,
                                struct rs_arena *a, struct rs_control_doc *out, struct rs_error *e)
{
  struct found f = {.a = a, .database = key->database};
  enum rs_code rc = fetch(s, key, false, &f, e);
  if (rc == RS_OK && f.n == 0) rc = RS_NOT_FOUND;
  else if (rc == RS_OK) *out = f.v[0];
  rs_free(f.v);
  return rc;
}

static enum rs_code each(struct rs_session *s, const struct rs_control_doc *filter, bool known,
                         rs_control_fn fn, void *ctx, struct rs_error *e)
{
  struct rs_arena a;
  rs_arena_init(&a, 0);
  struct found f = {.a = &a, .database = filter->database};
  enum rs_code rc = fetch(s, filter, known, &f, e);
  for (size_t i = 0; i < f.n && rc == RS_OK; i++) rc = fn(ctx, &f.v[i]);
  rs_free(f.v);
  rs_arena_free(&a);
  return rc;
}

enum rs_code rs_sql_control_each(struct rs_session *s, const struct rs_control_doc *filter,
                                 rs_control_fn fn, void *ctx, struct rs_error *e)
{
  return each(s, filter, false, fn, ctx, e);
}

enum rs_code rs_sql_control_each_known(struct rs_session *s, const struct rs_control_doc *filter,
                                       rs_control_fn fn, void *ctx, struct rs_error *e)
{
  return each(s, filter, true, fn, ctx, e);
}

/* ---- writing --------------------------------------------------------------------------------- */

static enum rs_code remove_all(struct rs_session *s, const struct rs_control_doc *filter,
                               struct rs_error *e)
{
  const struct rs_relation entities = entities_of(filter->database);
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "DELETE FROM %r", &entities);
  add_where(s, &b, filter);
  return rs_sql_run_buf(s, &b, NULL, e);
}

static enum rs_code make_table(struct rs_session *s, const struct rs_relation *entities,
                               struct rs_error *e)
{
  static const char *const names[] = {"kind", "workspace", "name", "sub", "body", "changed_at"};
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "CREATE TABLE %r (", entities);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    rs_sql_add(s, &b, "%s%i %s", i > 0 ? ", " : "", names[i],
               s->target->dialect->type_names[RS_T_TEXT]);
  }
  rs_buf_char(&b, ')');
  return rs_sql_run_buf(s, &b, NULL, e);
}

static enum rs_code put(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct rs_control_doc *d = arg;
  const struct rs_control_doc key = {d->kind, d->workspace, d->name,    d->sub,
                                     NULL,    NULL,         d->database};
  const struct rs_relation entities = entities_of(d->database);
  char now[24];
  bool has;
  enum rs_code rc = exists(s, d->database, &has, e);
  if (rc == RS_OK) rc = has ? remove_all(s, &key, e) : make_table(s, &entities, e);
  if (rc != RS_OK) return rc;
  rs_sql_control_now(now);
  return rs_sql_run(s, NULL, e, "INSERT INTO %r VALUES (%t, %t, %t, %t, %t, %t)", &entities,
                    d->kind, d->workspace, d->name, d->sub, d->body, now);
}

enum rs_code rs_sql_control_put(struct rs_session *s, const struct rs_control_doc *doc,
                                struct rs_error *e)
{
  const struct rs_relation entities = entities_of(doc->database);
  return rs_sql_transact(s, &entities, true, put, (void *)(uintptr_t)doc, e);
}

static enum rs_code remove_matching(struct rs_session *s, void *arg, struct rs_error *e)
{
  return remove_all(s, arg, e);
}

enum rs_code rs_sql_control_remove(struct rs_session *s, const struct rs_control_doc *filter,
                                   struct rs_error *e)
{
  const struct rs_relation entities = entities_of(filter->database);
  bool has;
  enum rs_code rc = exists(s, filter->database, &has, e);
  if (rc != RS_OK || !has) return rc;
  return rs_sql_transact(s, &entities, false, remove_matching, (void *)(uintptr_t)filter, e);
}

enum rs_code rs_sql_control_forget(struct rs_session *s, const struct rs_relation *rel,
                                   struct rs_error *e)
{
  static const char *const kinds[] = {
    RS_CONTROL_ALIAS, RS_CONTROL_VIEW,   RS_CONTROL_COLLECTION,   RS_CONTROL_MODEL,
    RS_CONTROL_MOUNT, RS_CONTROL_SOURCE, RS_CONTROL_SOURCE_OBJECT};
  const struct rs_relation entities = entities_of(rel->database);
  bool has;
  enum rs_code rc = exists(s, rel->database, &has, e);
  for (size_t i = 0; has && i < sizeof kinds / sizeof kinds[0] && rc == RS_OK; i++) {
    struct rs_control_doc d = {
      .kind = kinds[i], .workspace = rel->workspace, .name = rel->name, .database = rel->database};
    rc = rs_sql_transact(s, &entities, false, remove_matching, &d, e);
  }
  return rc;
}

/* ---- what runs ------------------------------------------------------------------------------- */

/* One process, always there. */
static enum rs_code instances(struct rs_session *s,
                              enum rs_code (*fn)(void *ctx, const struct rs_instance *i), void *ctx,
                              struct rs_error *e)
{
  (void)e;
  struct rs_instance i = {.id = "00000000-0000-4000-8000-000000000001",
                          .name = "main",
                          .state = "ACTIVE",
                          .size = "SHARED",
                          .description = s->target->engine->type,
                          .is_default = true};
  return fn(ctx, &i);
}

/* A session knows of its own statements only; a server keeps a list itself. */
static enum rs_code running(struct rs_session *s,
                            enum rs_code (*fn)(void *ctx, const struct rs_running_query *q),
                            void *ctx, struct rs_error *e)
{
  (void)s;
  (void)fn;
  (void)ctx;
  (void)e;
  return RS_OK;
}

static enum rs_code keep_doc(struct rs_session *s, const struct rs_control_doc *doc,
                             struct rs_error *e)
{
  return doc->body ? rs_sql_control_put(s, doc, e) : rs_sql_control_remove(s, doc, e);
}

const struct rs_control_ops rs_sql_control_ops = {
  .aliases = rs_sql_aliases,
  .put_alias = rs_sql_put_alias,
  .lambdas = rs_sql_lambdas,
  .lambda_find = rs_sql_lambda_find,
  .lambda_put = rs_sql_lambda_put,
  .lambda_tag = rs_sql_lambda_tag,
  .lambda_drop = rs_sql_lambda_drop,
  .lambda_query = rs_sql_lambda_query,
  .write = rs_sql_write,
  .input = rs_sql_input,
  .docs = rs_sql_control_each,
  .keep_doc = keep_doc,
  .instances = instances,
  .running = running,
};

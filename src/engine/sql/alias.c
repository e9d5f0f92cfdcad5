/*
** Aliases on SQL engines (see control.h): a view over the collection, and a document.
**
** DuckDB binds `SELECT *` of a view anew when the collection's columns change, so the view follows;
** that of several collections is made anew, as what holds the types of all may be another one.
** A collection that an alias stands for can't be dropped alone: clients of Rockset delete what
** depends on it first; it can be replaced, which the alias survives.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/documents/documents.h"
#include "src/engine/slots.h"
#include "src/sql/relname.h"
#include "control.h"

/* ---- the document ---------------------------------------------------------------------------- */

/* Where the document names one more collection: {"workspace":..., "name":...}. */
static bool read_more(const struct rs_json *j, struct rs_arena *a, struct rs_relation *out)
{
  return rs_json_text(j, "workspace", a, &out->workspace) &&
         rs_json_text(j, "name", a, &out->name);
}

/* {"collection_workspace":..., "collection_name":..., "more":[...], "description":..., ...}; the
** first collection is by itself for who knows of no others. */
static enum rs_code read_collections(const struct rs_control_doc *d, const struct rs_json *j,
                                     struct rs_arena *a, struct rs_sql_aliased *to,
                                     struct rs_error *e)
{
  const struct rs_json *more = rs_json_get(j, "more");
  size_t n = more != NULL && more->kind == RS_J_ARRAY ? more->n : 0;
  *to = (struct rs_sql_aliased){.v = rs_arena_calloc(a, (n + 1) * sizeof to->v[0])};
  if (to->v == NULL || !rs_json_text(j, "collection_workspace", a, &to->v[0].workspace) ||
      !rs_json_text(j, "collection_name", a, &to->v[0].name))
    return rs_nomem(e);
  const struct rs_json *item = n > 0 ? more->first : NULL;
  for (size_t i = 1; item != NULL; item = item->next, i++)
    if (!read_more(item, a, &to->v[i])) return rs_nomem(e);
  for (size_t i = 0; i <= n; i++) {
    to->v[i].database = d->database;
    if (to->v[i].workspace == NULL || to->v[i].name == NULL)
      return rs_fail(e, RS_INTERNAL, "alias '%s.%s': its document in _rockset is damaged",
                     d->workspace, d->name);
  }
  to->n = n + 1;
  return RS_OK;
}

static enum rs_code write_paths(const struct rs_sql_aliased *to, struct rs_arena *a,
                                struct rs_alias *out, struct rs_error *e)
{
  const char **v = rs_arena_alloc(a, to->n * sizeof v[0]);
  struct rs_buf b;
  if (v == NULL) return rs_nomem(e);
  rs_buf_init(&b, 1 << 16);
  for (size_t i = 0; i < to->n; i++) {
    rs_buf_clear(&b);
    rs_relation_text(&b, &to->v[i]);
    v[i] = b.rc == RS_OK ? rs_arena_strdup(a, rs_buf_text(&b)) : NULL;
    if (v[i] == NULL) break;
    out->ncollections = i + 1;
  }
  rs_buf_free(&b);
  out->collections = v;
  return out->ncollections == to->n ? RS_OK : rs_nomem(e);
}

static enum rs_code read_body(const struct rs_control_doc *d, struct rs_arena *a,
                              struct rs_alias *out, struct rs_sql_aliased *to, struct rs_error *e)
{
  struct rs_json *j;
  enum rs_code rc = rs_json_parse(d->body, strlen(d->body), 8, a, &j, e);
  if (rc != RS_OK) return rs_error_prefix(e, "alias '%s.%s'", d->workspace, d->name);
  *out = (struct rs_alias){
    .workspace = d->workspace, .name = d->name, .modified_at = d->changed_at};
  if (!rs_json_text(j, "description", a, &out->description) ||
      !rs_json_text(j, "created_at", a, &out->created_at) ||
      !rs_json_text(j, "creator", a, &out->creator))
    return rs_nomem(e);
  rc = read_collections(d, j, a, to, e);
  return rc == RS_OK ? write_paths(to, a, out, e) : rc;
}

enum rs_code rs_sql_alias_of(struct rs_session *s, const struct rs_relation *alias,
                             struct rs_arena *a, struct rs_sql_aliased *out, struct rs_error *e)
{
  struct rs_control_doc doc;
  struct rs_alias read;
  *out = (struct rs_sql_aliased){.n = 0};
  const struct rs_control_doc key = {
    RS_CONTROL_ALIAS, alias->workspace, alias->name, "", NULL, NULL, alias->database};
  enum rs_code rc = rs_sql_control_get(s, &key, a, &doc, e);
  if (rc == RS_NOT_FOUND) return RS_OK;
  doc.database = alias->database;
  return rc == RS_OK ? read_body(&doc, a, &read, out, e) : rc;
}

enum rs_code rs_sql_alias_text(struct rs_session *s, const struct rs_sql_aliased *to,
                               struct rs_arena *a, struct rs_buf *b, struct rs_error *e)
{
  if (to->n > 1 && !rs_sql_catalog_of(s)->by_name)
    return rs_fail(e, RS_UNSUPPORTED,
                   "target '%s' (type %s) reads no collections of different columns as one: an "
                   "alias stands for one collection there; make a view of several",
                   s->target->output->target_name, s->target->engine->type);
  if (to->n > 1) return rs_doc_several_sql(s, to->v, to->n, a, b, e);
  rs_sql_add(s, b, "SELECT * FROM %r", &to->v[0]);
  return RS_OK;
}

/* ---- lists ----------------------------------------------------------------------------------- */

struct listing {
  struct rs_session *s;
  rs_alias_fn fn;
  void *ctx;
  struct rs_relation *v; /* the names that are aliases, in the arena */
  size_t n, cap;
  struct rs_arena a;
  struct rs_error *e;
};

static enum rs_code see_relation(void *ctx, const struct rs_relation_info *i)
{
  struct listing *l = ctx;
  if (i->kind != RS_REL_ALIAS) return RS_OK;
  if (!rs_grow(&l->v, &l->cap, l->n + 1, sizeof l->v[0])) return rs_nomem(l->e);
  struct rs_relation *rel = &l->v[l->n];
  rel->workspace = rs_arena_strdup(&l->a, i->workspace);
  rel->name = rs_arena_strdup(&l->a, i->name);
  rel->database = NULL; // of the names only
  if (rel->workspace == NULL || rel->name == NULL) return rs_nomem(l->e);
  l->n++;
  return RS_OK;
}

static enum rs_code see_alias(void *ctx, const struct rs_control_doc *d)
{
  struct listing *l = ctx;
  struct rs_arena a;
  struct rs_alias alias;
  struct rs_sql_aliased to;
  size_t i = 0;
  while (i < l->n && !(rs_sql_same_name(l->s, l->v[i].workspace, d->workspace) &&
                       rs_sql_same_name(l->s, l->v[i].name, d->name))) {
    i++;
  }
  if (i == l->n) return RS_OK; // its view was dropped by a statement of the engine's own
  rs_arena_init(&a, 0);
  enum rs_code rc = read_body(d, &a, &alias, &to, l->e);
  if (rc == RS_OK) rc = l->fn(l->ctx, &alias);
  rs_arena_free(&a);
  return rc;
}

enum rs_code rs_sql_aliases(struct rs_session *s, const char *workspace, rs_alias_fn fn, void *ctx,
                            struct rs_error *e)
{
  return rs_sql_aliases_in(s, NULL, workspace, fn, ctx, e);
}

enum rs_code rs_sql_aliases_in(struct rs_session *s, const char *database, const char *workspace,
                               rs_alias_fn fn, void *ctx, struct rs_error *e)
{
  struct rs_error own = {0};
  struct listing l = {.s = s, .fn = fn, .ctx = ctx, .e = e != NULL ? e : &own};
  const struct rs_control_doc filter = {
    .kind = RS_CONTROL_ALIAS, .workspace = workspace, .database = database};
  rs_arena_init(&l.a, 0);
  enum rs_code rc = rs_sql_relations(s, database, workspace, see_relation, &l, l.e);
  if (rc == RS_OK && l.n > 0) rc = rs_sql_control_each_known(s, &filter, see_alias, &l, l.e);
  rs_free(l.v);
  rs_arena_free(&l.a);
  return rc;
}

struct users {
  struct rs_session *s;
  const char *workspace, *name; /* of the collection; name NULL: any of the workspace */
  const char *database;
  size_t least; /* of collections that they stand for */
  struct rs_relation *v; /* aliases that stand for it, in the arena */
  size_t n, cap;
  struct rs_arena *a;
};

static bool is_used(const struct users *u, const char *path)
{
  struct rs_relation c;
  return rs_relation_parse(path, "", "alias", u->a, &c, NULL) == RS_OK &&
         rs_sql_same_name(u->s, c.workspace, u->workspace) &&
         (u->name == NULL || rs_sql_same_name(u->s, c.name, u->name));
}

static enum rs_code see_user(void *ctx, const struct rs_alias *alias)
{
  struct users *u = ctx;
  size_t i = 0;
  while (i < alias->ncollections && !is_used(u, alias->collections[i])) i++;
  if (i == alias->ncollections || alias->ncollections < u->least) return RS_OK;
  if (!rs_grow(&u->v, &u->cap, u->n + 1, sizeof u->v[0])) return RS_NOMEM;
  u->v[u->n] = (struct rs_relation){.workspace = rs_arena_strdup(u->a, alias->workspace),
                                    .name = rs_arena_strdup(u->a, alias->name),
                                    .database = u->database};
  if (u->v[u->n].workspace == NULL || u->v[u->n].name == NULL) return RS_NOMEM;
  u->n++;
  return RS_OK;
}

static enum rs_code find_users(struct users *u, struct rs_error *e)
{
  enum rs_code rc = rs_sql_aliases_in(u->s, u->database, NULL, see_user, u, e);
  return rc == RS_NOMEM ? rs_nomem(e) : rc;
}

enum rs_code rs_sql_alias_refuse(struct rs_session *s, const struct rs_relation *collection,
                                 struct rs_error *e)
{
  struct rs_arena a;
  rs_arena_init(&a, 0);
  struct users u = {.s = s,
                    .workspace = collection->workspace,
                    .name = collection->name,
                    .database = collection->database,
                    .a = &a};
  enum rs_code rc = find_users(&u, e);
  if (rc == RS_OK && u.n > 0) {
    rc = rs_fail(e, RS_CONSTRAINT,
                 "collection '%s.%s' is what alias '%s.%s'%s stand%s for: drop or move the alias "
                 "first",
                 collection->workspace, collection->name, u.v[0].workspace, u.v[0].name,
                 u.n > 1 ? " and others" : "", u.n > 1 ? "" : "s");
  }
  rs_free(u.v);
  rs_arena_free(&a);
  return rc;
}

enum rs_code rs_sql_alias_drop_into(struct rs_session *s, const char *database,
                                    const char *workspace, struct rs_error *e)
{
  struct rs_arena a;
  rs_arena_init(&a, 0);
  struct users u = {.s = s, .workspace = workspace, .database = database, .a = &a};
  enum rs_code rc = find_users(&u, e);
  for (size_t i = 0; i < u.n && rc == RS_OK; i++) {
    if (rs_sql_same_name(s, u.v[i].workspace, workspace)) continue;
    rc = rs_sql_run(s, NULL, e, "DROP VIEW %r", &u.v[i]);
    if (rc == RS_OK) rc = rs_sql_control_forget(s, &u.v[i], e);
  }
  rs_free(u.v);
  rs_arena_free(&a);
  return rc;
}

static enum rs_code follow(struct rs_session *s, const struct rs_relation *alias, struct rs_arena *a,
                           struct rs_error *e)
{
  struct rs_sql_aliased to;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_sql_alias_of(s, alias, a, &to, e);
  if (rc == RS_OK) rc = rs_sql_alias_text(s, &to, a, &b, e);
  if (rc == RS_OK) rc = rs_buf_error(&b, e, "alias");
  if (rc == RS_OK) rc = rs_sql_make_view(s, alias, true, rs_buf_text(&b), e);
  rs_buf_free(&b);
  return rc;
}

enum rs_code rs_sql_alias_follow(struct rs_session *s, const struct rs_relation *collection,
                                 struct rs_error *e)
{
  struct rs_arena a;
  if (!rs_sql_catalog_of(s)->by_name || rs_workspace_is_hidden(collection->workspace)) return RS_OK;
  rs_arena_init(&a, 0);
  struct users u = {.s = s,
                    .workspace = collection->workspace,
                    .name = collection->name,
                    .database = collection->database,
                    .least = 2,
                    .a = &a};
  enum rs_code rc = find_users(&u, e);
  for (size_t i = 0; i < u.n && rc == RS_OK; i++) rc = follow(s, &u.v[i], &a, e);
  rs_free(u.v);
  rs_arena_free(&a);
  return rc;
}

/* ---- put ------------------------------------------------------------------------------------- */

struct put_job {
  const struct rs_alias *alias;
  struct rs_relation rel;
  struct rs_sql_aliased to;
  enum rs_put put;
  struct rs_arena *a;
};

/* A workspace may hold dots in Rockset's paths: what is behind the last one is the name. */
static enum rs_code parse_collection(const char *text, struct rs_arena *a, struct rs_relation *out,
                                     struct rs_error *e)
{
  const char *dot = text != NULL ? strrchr(text, '.') : NULL;
  if (text == NULL || text[0] == 0) {
    return rs_fail(e, RS_INVALID, "an alias needs a collection, \"workspace.name\"");
  }
  if (strchr(text, '"') != NULL || dot == NULL || dot == strchr(text, '.')) {
    return rs_relation_parse(text, "commons", "alias", a, out, e);
  }
  out->database = NULL;
  out->workspace = rs_arena_strndup(a, text, (size_t)(dot - text));
  out->name = rs_arena_strdup(a, dot + 1);
  return out->workspace != NULL && out->name != NULL ? RS_OK : rs_nomem(e);
}

/* What is hidden does not exist, for aliases neither. */
static enum rs_code parse_collections(struct rs_session *s, struct put_job *j, struct rs_error *e)
{
  const struct rs_alias *alias = j->alias;
  size_t n = alias->ncollections;
  if (n == 0) return rs_fail(e, RS_INVALID, "an alias needs a collection, \"workspace.name\"");
  j->to = (struct rs_sql_aliased){.v = rs_arena_calloc(j->a, n * sizeof j->to.v[0]), .n = n};
  if (j->to.v == NULL) return rs_nomem(e);
  for (size_t i = 0; i < n; i++) {
    struct rs_relation *c = &j->to.v[i];
    enum rs_code rc = parse_collection(alias->collections[i], j->a, c, e);
    if (rc == RS_OK && rs_workspace_is_hidden(c->workspace)) rc = rs_sql_not_found(s, c, e);
    if (rc != RS_OK) return rc;
    for (size_t k = 0; k < i; k++)
      if (rs_sql_same_name(s, c->workspace, j->to.v[k].workspace) &&
          rs_sql_same_name(s, c->name, j->to.v[k].name))
        return rs_fail(e, RS_INVALID, "an alias stands for '%s' once: it is named twice",
                       alias->collections[i]);
  }
  return RS_OK;
}

static enum rs_code need_table(struct rs_session *s, const struct rs_relation *rel,
                               struct rs_error *e)
{
  enum rs_relation_kind to;
  enum rs_code rc = rs_sql_kind(s, rel, &to, e);
  if (rc != RS_OK || to == RS_REL_TABLE) return rc;
  if (to == RS_REL_NONE) return rs_sql_not_found(s, rel, e);
  return rs_fail(e, RS_INVALID, "'%s.%s' is %s: an alias stands for collections", rel->workspace,
                 rel->name, to == RS_REL_VIEW ? "a view" : "an alias itself");
}

static enum rs_code check_put(struct rs_session *s, const struct put_job *j,
                              enum rs_relation_kind kind, struct rs_error *e)
{
  const char *workspace = j->rel.workspace, *name = j->rel.name;
  if (kind == RS_REL_TABLE || kind == RS_REL_VIEW) {
    return rs_fail(e, RS_EXISTS, "%s '%s.%s' exists: an alias needs a name of its own",
                   kind == RS_REL_VIEW ? "view" : "collection", workspace, name);
  }
  if (kind == RS_REL_ALIAS && j->put == RS_PUT_CREATE) {
    return rs_fail(e, RS_EXISTS, "alias '%s.%s' exists", workspace, name);
  }
  if (kind == RS_REL_NONE && j->put == RS_PUT_UPDATE) {
    return rs_fail(e, RS_NOT_FOUND, "alias '%s.%s' does not exist", workspace, name);
  }
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < j->to.n && rc == RS_OK; i++) rc = need_table(s, &j->to.v[i], e);
  return rc;
}

static void write_collections(struct rs_buf *b, const struct rs_sql_aliased *to)
{
  rs_sql_control_member(b, "collection_workspace", to->v[0].workspace);
  rs_sql_control_member(b, "collection_name", to->v[0].name);
  if (to->n == 1) return;
  rs_js_open(b, "more", '[');
  for (size_t i = 1; i < to->n; i++) {
    rs_js_open(b, NULL, '{');
    rs_js_text(b, "workspace", to->v[i].workspace);
    rs_js_text(b, "name", to->v[i].name);
    rs_js_close(b, '}');
  }
  rs_js_close(b, ']');
}

/* What an update leaves out stays as it was. */
static enum rs_code put_document(struct rs_session *s, const struct put_job *j, struct rs_error *e)
{
  struct rs_control_doc doc = {
    .kind = RS_CONTROL_ALIAS, .workspace = j->rel.workspace, .name = j->rel.name, .sub = ""};
  struct rs_control_doc old;
  struct rs_alias was = {.name = NULL};
  struct rs_sql_aliased to;
  struct rs_buf b;
  char now[24];
  enum rs_code rc = rs_sql_control_get(s, &doc, j->a, &old, e);
  if (rc == RS_OK) rc = read_body(&old, j->a, &was, &to, e);
  else if (rc == RS_NOT_FOUND) rc = RS_OK;
  if (rc != RS_OK) return rc;
  rs_sql_control_now(now);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_char(&b, '{');
  write_collections(&b, &j->to);
  rs_sql_control_member(&b, "description",
                        j->alias->description != NULL ? j->alias->description : was.description);
  rs_sql_control_member(&b, "created_at", was.created_at != NULL ? was.created_at : now);
  rs_sql_control_member(&b, "creator", was.creator != NULL ? was.creator : j->alias->creator);
  rs_buf_char(&b, '}');
  doc.body = rs_buf_text(&b);
  rc = rs_buf_error(&b, e, "alias");
  if (rc == RS_OK) rc = rs_sql_control_put(s, &doc, e);
  rs_buf_free(&b);
  return rc;
}

static enum rs_code put_alias(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct put_job *j = arg;
  enum rs_relation_kind kind;
  enum rs_code rc = rs_sql_kind(s, &j->rel, &kind, e);
  if (rc == RS_OK) rc = check_put(s, j, kind, e);
  if (rc == RS_OK) {
    struct rs_buf b;
    rs_buf_init(&b, RS_BUF_SQL_MAX);
    rc = rs_sql_alias_text(s, &j->to, j->a, &b, e);
    if (rc == RS_OK) rc = rs_buf_error(&b, e, "alias");
    if (rc == RS_OK) rc = rs_sql_make_view(s, &j->rel, kind != RS_REL_NONE, rs_buf_text(&b), e);
    rs_buf_free(&b);
  }
  // a document that a view dropped by hand has left is no document of this alias
  if (rc == RS_OK && kind == RS_REL_NONE) rc = rs_sql_control_forget(s, &j->rel, e);
  return rc == RS_OK ? put_document(s, j, e) : rc;
}

enum rs_code rs_sql_put_alias(struct rs_session *s, const struct rs_alias *alias, enum rs_put put,
                              struct rs_error *e)
{
  struct rs_arena a;
  rs_arena_init(&a, 0);
  struct put_job j = {.alias = alias,
                      .rel = {.workspace = alias->workspace, .name = alias->name},
                      .put = put,
                      .a = &a};
  enum rs_code rc = parse_collections(s, &j, e);
  if (rc == RS_OK) rc = rs_sql_transact(s, &j.rel, true, put_alias, &j, e);
  rs_arena_free(&a);
  return rc;
}

/*
** What a service holds: kind, columns, lists (rockset.h).
**
** A table that a build of ours made is an alias of a collection `name__<8 hex>`: it is listed as a
** table, and the collection behind it is not listed.
*/
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/sql/relname.h"
#include "src/engine/lock.h"
#include "rockset.h"

/* ---- what is there --------------------------------------------------------------------------- */

bool rs_rockset_split(const char *path, struct rs_arena *a, struct rs_relation *out)
{
  const char *dot = path != NULL ? strrchr(path, '.') : NULL;
  if (dot == NULL || dot == path || dot[1] == 0) return false;
  out->workspace = rs_arena_strndup(a, path, (size_t)(dot - path));
  out->name = rs_arena_strdup(a, dot + 1);
  return out->workspace != NULL && out->name != NULL;
}

const char **rs_rockset_collections(const cJSON *alias, size_t *n)
{
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(alias, "collections"), *item;
  const char **v = rs_malloc(((size_t)cJSON_GetArraySize(list) + 1) * sizeof v[0]);
  *n = 0;
  cJSON_ArrayForEach(item, list)
  {
    if (v != NULL && cJSON_IsString(item)) v[(*n)++] = item->valuestring;
  }
  return v;
}

const char *rs_rockset_collection(const cJSON *alias)
{
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(alias, "collections");
  const cJSON *first = cJSON_GetArrayItem(list, 0);
  return cJSON_IsString(first) && cJSON_GetArraySize(list) == 1 ? first->valuestring : NULL;
}

/* Entities that are on their way out are still listed for a while. */
bool rs_rockset_is_deleted(const cJSON *entity)
{
  const char *state = rs_remote_text(entity, "state");
  if (state == NULL) state = rs_remote_text(entity, "status");
  return rs_eq(state, "DELETED");
}

enum rs_code rs_rockset_find(struct rs_session *s, const struct rs_relation *rel,
                             struct rs_arena *a, struct rs_rockset_found *out, struct rs_error *e)
{
  static const struct {
    const char *path;
    enum rs_relation_kind kind;
  } kinds[] = {{"/ws/%s/collections/%s", RS_REL_TABLE},
               {"/ws/%s/aliases/%s", RS_REL_ALIAS},
               {"/ws/%s/views/%s", RS_REL_VIEW}};
  memset(out, 0, sizeof *out);
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    cJSON *answer = NULL;
    enum rs_code rc = rs_rockset_get(s, &answer, e, kinds[i].path, rel->workspace, rel->name);
    if (rc == RS_NOT_FOUND) continue;
    if (rc != RS_OK) return rc;
    const cJSON *entity = rs_rockset_data(answer);
    bool there = !rs_rockset_is_deleted(entity);
    if (there) out->description = rs_remote_text(entity, "description");
    if (there && !rs_arena_keep(a, &out->description)) rc = rs_nomem(e);
    out->several = there && kinds[i].kind == RS_REL_ALIAS &&
                   cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(entity, "collections")) > 1;
    if (there && kinds[i].kind == RS_REL_ALIAS && !out->several &&
        !rs_rockset_split(rs_rockset_collection(entity), a, &out->collection)) {
      rc = rs_fail(e, RS_REMOTE, "alias '%s.%s' stands for no collection", rel->workspace,
                   rel->name);
    }
    cJSON_Delete(answer);
    if (there) out->kind = out->several ? RS_REL_VIEW : kinds[i].kind;
    if (there || rc != RS_OK) return rc;
  }
  return RS_OK;
}

const char *rs_rockset_word(enum rs_relation_kind kind)
{
  return kind == RS_REL_VIEW ? "view" : kind == RS_REL_ALIAS ? "alias" : "collection";
}

struct found_job {
  struct rs_rockset_job *job;
  rs_io_fn fn;
};

static enum rs_code find_and_run(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct found_job *j = arg;
  struct rs_rockset_job *job = j->job;
  rs_arena_init(&job->a, 0);
  enum rs_code rc = rs_rockset_find(s, job->rel, &job->a, &job->found, e);
  if (rc == RS_OK) rc = j->fn(s, job, e);
  rs_arena_free(&job->a);
  return rc;
}

enum rs_code rs_rockset_do(struct rs_session *s, rs_io_fn fn, struct rs_rockset_job *job,
                           bool locked, struct rs_error *e)
{
  struct found_job j = {job, fn};
  struct rs_sql_lock *lock = NULL;
  enum rs_code rc = locked ? rs_sql_lock(s, job->rel, &lock, e) : RS_OK;
  if (rc == RS_OK) rc = rs_remote_do(s, find_and_run, &j, e);
  rs_sql_unlock(lock);
  return rc;
}

/* ---- columns --------------------------------------------------------------------------------- */

struct description {
  struct rs_columns *out;
  struct rs_arena *a;
  const char *native; /* of the last column, "int, string" when it has several types */
};

/* A row {"field": ["a"], "type": "int", ...}: one for each path and type. */
static enum rs_code on_field(void *ctx, struct rs_json_batch *b, size_t row, struct rs_error *e)
{
  struct description *d = ctx;
  const char *const *names;
  struct rs_value path = {.kind = RS_NULL}, type = {.kind = RS_NULL};
  size_t n = rs_json_batch_columns(b, &names);
  for (size_t i = 0; i < n; i++) {
    if (rs_eq(names[i], "field")) (void)rs_json_batch_get(b, row, i, &path);
    if (rs_eq(names[i], "type")) (void)rs_json_batch_get(b, row, i, &type);
  }
  if (path.kind != RS_JSON || type.kind != RS_TEXT)
    return rs_fail(e, RS_REMOTE, "DESCRIBE gives rows without 'field' and 'type'");
  cJSON *parts = cJSON_ParseWithLength(path.s.p, path.s.n);
  const cJSON *name = cJSON_GetArrayItem(parts, 0);
  enum rs_code rc = RS_OK;
  if (cJSON_GetArraySize(parts) == 1 && cJSON_IsString(name)) {
    const char *native = rs_arena_strndup(d->a, type.s.p, type.s.n);
    int at = rs_columns_find(d->out, name->valuestring);
    enum rs_type t = native != NULL ? rs_rockset_type(native) : RS_T_OTHER;
    if (native == NULL) {
      rc = rs_nomem(e);
    } else if (at < 0) {
      rc = rs_columns_add(d->out, name->valuestring, strlen(name->valuestring), native, t, e);
    } else if (!rs_eq(native, "null") && !rs_eq(native, "undefined")) {
      // a null among values of one type leaves the type; two types leave none
      struct rs_column *c = &d->out->v[at];
      bool was_null = rs_eq(c->native, "null") || rs_eq(c->native, "undefined");
      char *both = was_null ? rs_strdup(native) : rs_mprintf("%s, %s", c->native, native);
      if (both == NULL) rc = rs_nomem(e);
      else rs_free(c->native);
      if (both != NULL) c->native = both;
      c->type = was_null ? t : RS_T_MIXED;
    }
  }
  cJSON_Delete(parts);
  return rc;
}

/* Special fields in front, whatever DESCRIBE's order; a collection always has the first two. */
static enum rs_code order_columns(struct rs_columns *c, struct rs_error *e)
{
  static const struct {
    const char *name, *native;
    enum rs_type type;
  } first[] = {{"_id", "string", RS_T_TEXT}, {"_event_time", "timestamp", RS_T_TIMESTAMPTZ}};
  for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
    int at = rs_columns_find(c, first[i].name);
    if (at < 0) {
      enum rs_code rc = rs_columns_add(c, first[i].name, strlen(first[i].name), first[i].native,
                                       first[i].type, e);
      if (rc != RS_OK) return rc;
      at = (int)c->n - 1;
    }
    struct rs_column moved = c->v[at];
    memmove(&c->v[i + 1], &c->v[i], ((size_t)at - i) * sizeof moved);
    c->v[i] = moved;
  }
  return RS_OK;
}

static void add_statement(struct rs_session *s, struct rs_buf *b, const char *before,
                          const struct rs_relation *rel, const char *after)
{
  rs_buf_init(b, RS_BUF_SQL_MAX);
  rs_buf_str(b, before);
  rs_relation_sql(s->target->dialect, b, rel);
  rs_buf_str(b, after);
}

/* A server that names the types of a result (rocksetd) tells more by one row, and sooner, than
** DESCRIBE, which looks at every document. */
static enum rs_code describe_collection(struct rs_session *s, const struct rs_relation *rel,
                                        struct rs_columns *out, struct rs_error *e)
{
  struct rs_arena a;
  struct description d = {out, &a, NULL};
  struct rs_buf row, all;
  add_statement(s, &row, "SELECT * FROM ", rel, "");
  add_statement(s, &all, "DESCRIBE ", rel, " OPTION(max_field_depth=1)");
  rs_arena_init(&a, 0);
  struct rs_rockset_query q = {.sql = rs_buf_text(&row)};
  enum rs_code rc = rs_buf_error(row.rc != RS_OK ? &row : &all, e, "statement");
  if (rc == RS_OK) rc = rs_rockset_look(s, &q, 1, out, e);
  if (rc == RS_OK && !rs_rockset_has_types(out)) {
    rs_columns_free(out);
    rc = rs_rockset_each(s, rs_buf_text(&all), on_field, &d, e);
    if (rc == RS_OK) rc = order_columns(out, e);
  }
  rs_buf_free(&row);
  rs_buf_free(&all);
  rs_arena_free(&a);
  return rc;
}

static enum rs_code describe_view(struct rs_session *s, const struct rs_relation *rel,
                                  struct rs_columns *out, struct rs_error *e)
{
  struct rs_buf b;
  add_statement(s, &b, "SELECT * FROM ", rel, "");
  enum rs_code rc = rs_buf_error(&b, e, "statement");
  const struct rs_statement st = {.sql = rs_buf_text(&b)};
  if (rc == RS_OK) rc = rs_rockset_columns(s, &st, out, e);
  if (rc != RS_OK) (void)rs_error_prefix(e, "view '%s.%s'", rel->workspace, rel->name);
  rs_buf_free(&b);
  return rc;
}

enum rs_code rs_rockset_not_found(struct rs_session *s, const struct rs_relation *rel,
                                  struct rs_error *e)
{
  static const char *const lists[] = {"collections", "aliases", "views"};
  const char *names[512], *near = NULL;
  size_t n = 0;
  cJSON *answers[3] = {NULL, NULL, NULL};
  for (size_t i = 0; i < 3; i++) {
    const cJSON *item;
    if (rs_rockset_list(s, 0, rel->workspace, lists[i], &answers[i], NULL) != RS_OK) continue;
    cJSON_ArrayForEach(item, rs_rockset_data(answers[i]))
    {
      const char *name = rs_remote_text(item, "name");
      if (name == NULL || n == 512 ||
          rs_rockset_is_aside(name, rs_remote_text(item, "description")))
        continue;
      names[n++] = name;
    }
  }
  near = rs_nearest(rel->name, names, n);
  enum rs_code rc = rs_fail(
    e, RS_NOT_FOUND, "collection '%s.%s' does not exist in target '%s'%s%s%s%s%s", rel->workspace,
    rel->name, s->target->output->target_name, near != NULL ? "; did you mean '" : "",
    near != NULL ? rel->workspace : "", near != NULL ? "." : "", near != NULL ? near : "",
    near != NULL ? "'?" : "");
  for (size_t i = 0; i < 3; i++) cJSON_Delete(answers[i]);
  return rc;
}

struct relation_job {
  struct rs_rockset_job job;
  struct rs_columns *columns;
  enum rs_relation_kind kind;
};

/* What the waist calls it. */
static enum rs_relation_kind waist_kind(const struct rs_relation *rel,
                                        const struct rs_rockset_found *found)
{
  bool table = found->kind == RS_REL_ALIAS && rs_rockset_is_table(rel, &found->collection);
  return table ? RS_REL_TABLE : found->kind;
}

static enum rs_code describe_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct relation_job *j = arg;
  const struct rs_rockset_found *found = &j->job.found;
  j->kind = waist_kind(j->job.rel, found);
  if (j->columns == NULL) return RS_OK;
  if (found->kind == RS_REL_NONE) return rs_rockset_not_found(s, j->job.rel, e);
  if (found->kind == RS_REL_VIEW) return describe_view(s, j->job.rel, j->columns, e);
  return describe_collection(s, found->kind == RS_REL_ALIAS ? &found->collection : j->job.rel,
                             j->columns, e);
}

static enum rs_code describe(struct rs_session *s, const struct rs_relation *rel,
                             struct rs_columns *out, enum rs_relation_kind *what,
                             struct rs_error *e)
{
  struct relation_job j = {.job.rel = rel, .columns = out};
  if (out != NULL) memset(out, 0, sizeof *out);
  enum rs_code rc = rs_rockset_do(s, describe_job, &j.job, false, e);
  if (what != NULL) *what = j.kind;
  if (rc != RS_OK && out != NULL) rs_columns_free(out);
  return rc;
}

/* ---- lists ----------------------------------------------------------------------------------- */

struct list_job {
  const char *workspace; /* NULL: all */
  cJSON *answers[3];     /* collections, views, aliases */
};

static bool is_hidden_workspace(const char *name)
{
  return name == NULL || rs_eq(name, "_rockset");
}

static enum rs_code workspaces(struct rs_session *s, const char *database, rs_workspace_fn fn,
                               void *ctx, struct rs_error *e)
{
  (void)database; // there is one
  cJSON *answer = NULL;
  size_t n = 0;
  enum rs_code rc = rs_rockset_list(s, RS_REST_JOB, NULL, "ws", &answer, e);
  const cJSON **v = rc == RS_OK ? rs_rockset_sorted(answer, &n) : NULL;
  if (rc == RS_OK && v == NULL) rc = rs_nomem(e);
  for (size_t i = 0; i < n && rc == RS_OK; i++) {
    const char *name = rs_remote_text(v[i], "name");
    if (!is_hidden_workspace(name)) rc = fn(ctx, name);
  }
  rs_free(v);
  cJSON_Delete(answer);
  return rc;
}

static enum rs_code relations_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  static const char *const kinds[] = {"collections", "views", "aliases"};
  struct list_job *j = arg;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < 3 && rc == RS_OK; i++) {
    rc = rs_rockset_list(s, 0, j->workspace, kinds[i], &j->answers[i], e);
  }
  return rc;
}

static int64_t rows_of(const cJSON *collection)
{
  return rs_rockset_int(cJSON_GetObjectItemCaseSensitive(collection, "stats"), "doc_count", -1);
}

/* The rows of the collection that an alias stands for. */
static int64_t rows_behind(const cJSON *alias, const cJSON *collections)
{
  const char *path = rs_rockset_collection(alias);
  const cJSON *item;
  cJSON_ArrayForEach(item, collections)
  {
    const char *workspace = rs_remote_text(item, "workspace"), *name = rs_remote_text(item, "name");
    size_t n = workspace != NULL ? strlen(workspace) : 0;
    if (path == NULL || workspace == NULL || name == NULL) continue;
    if (strncmp(path, workspace, n) == 0 && path[n] == '.' && rs_eq(path + n + 1, name))
      return rows_of(item);
  }
  return -1;
}

static int by_name(const void *a, const void *b)
{
  const struct rs_relation_info *x = a, *y = b;
  int c = strcmp(x->workspace, y->workspace);
  return c != 0 ? c : strcmp(x->name, y->name);
}

static bool is_table(const cJSON *alias)
{
  struct rs_arena a;
  const struct rs_relation rel = {.workspace = rs_remote_text(alias, "workspace"),
                                  .name = rs_remote_text(alias, "name")};
  struct rs_relation collection;
  rs_arena_init(&a, 0);
  bool is = rs_rockset_split(rs_rockset_collection(alias), &a, &collection) &&
            rs_rockset_is_table(&rel, &collection);
  rs_arena_free(&a);
  return is;
}

/* Fills *info from an entity; false: it is not to be listed. */
static bool take_relation(const cJSON *item, enum rs_relation_kind what, const cJSON *collections,
                          struct rs_relation_info *info)
{
  info->workspace = rs_remote_text(item, "workspace");
  info->name = rs_remote_text(item, "name");
  info->kind = what == RS_REL_ALIAS && is_table(item) ? RS_REL_TABLE : what;
  info->sql = what == RS_REL_VIEW ? rs_remote_text(item, "query_sql") : NULL;
  info->rows = what == RS_REL_TABLE   ? rows_of(item)
               : what == RS_REL_ALIAS ? rows_behind(item, collections)
                                      : -1;
  if (info->name == NULL || is_hidden_workspace(info->workspace) || rs_rockset_is_deleted(item))
    return false;
  return what != RS_REL_TABLE ||
         !rs_rockset_is_aside(info->name, rs_remote_text(item, "description"));
}

static enum rs_code each_relation(cJSON *const *answers,
                                  enum rs_code (*fn)(void *ctx, const struct rs_relation_info *i),
                                  void *ctx, struct rs_error *e)
{
  static const enum rs_relation_kind kinds[] = {RS_REL_TABLE, RS_REL_VIEW, RS_REL_ALIAS};
  const cJSON *collections = rs_rockset_data(answers[0]), *item;
  size_t n = 0, most = 1;
  for (size_t i = 0; i < 3; i++) most += (size_t)cJSON_GetArraySize(rs_rockset_data(answers[i]));
  struct rs_relation_info *v = rs_calloc(most, sizeof *v);
  if (v == NULL) return rs_nomem(e);
  for (size_t i = 0; i < 3; i++) {
    cJSON_ArrayForEach(item, rs_rockset_data(answers[i]))
    {
      if (take_relation(item, kinds[i], collections, &v[n])) n++;
    }
  }
  if (n > 1) qsort(v, n, sizeof *v, by_name);
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < n && rc == RS_OK; i++) rc = fn(ctx, &v[i]);
  rs_free(v);
  return rc;
}

static enum rs_code relations(struct rs_session *s, const char *database, const char *workspace,
                              rs_relation_fn fn, void *ctx, struct rs_error *e)
{
  (void)database;
  struct list_job j = {.workspace = workspace};
  enum rs_code rc = rs_remote_do(s, relations_job, &j, e);
  if (rc == RS_OK) rc = each_relation(j.answers, fn, ctx, e);
  for (size_t i = 0; i < 3; i++) cJSON_Delete(j.answers[i]);
  return rc;
}

const struct rs_relation_ops rs_rockset_relation_ops = {
  .describe = describe,
  .workspaces = workspaces,
  .relations = relations,
  .create = rs_rockset_create,
  .drop = rs_rockset_drop,
  .replace = rs_rockset_replace,
  .add_select = rs_rockset_add_select,
  .load = rs_rockset_load,
  .push = rs_rockset_push,
  .apply = rs_rockset_apply,
};

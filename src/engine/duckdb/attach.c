/*
** Databases that a DuckDB profile attaches beside the target's own (profile_attach.c): what an
** entry says, the ATTACH statement of it (open.c runs it), and which files an instance has
** open.
**
** A transaction of DuckDB writes to one database only: whoever builds there keeps the bookkeeping
** of a relation in the relation's own database (engine/sql/control.c).
*/
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <cjson/cJSON.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "duckdb.h"
#include "open.h"

static const char *text_of(const cJSON *item, const char *key)
{
  const cJSON *v = cJSON_GetObjectItemCaseSensitive(item, key);
  return cJSON_IsString(v) ? v->valuestring : NULL;
}

/* "TYPE sqlite, BLOCK_SIZE 16384, SCHEMA 'x'"; returns owned. */
static char *options_of(const cJSON *item)
{
  struct rs_buf b;
  const cJSON *o;
  const char *type = text_of(item, "type");
  rs_buf_init(&b, 1 << 20);
  if (type) rs_buf_printf(&b, "TYPE %s", type);
  cJSON_ArrayForEach(o, cJSON_GetObjectItemCaseSensitive(item, "options"))
  {
    if (b.n > 0) rs_buf_str(&b, ", ");
    rs_buf_str(&b, o->string);
    if (cJSON_IsTrue(o)) continue;
    rs_buf_char(&b, ' ');
    if (cJSON_IsString(o)) {
      rs_duckdb_add_literal(&b, o->valuestring);
      continue;
    }
    char *number = cJSON_PrintUnformatted(o);
    if (number) rs_buf_str(&b, number);
    else b.rc = RS_NOMEM;
    cJSON_free(number);
  }
  if (b.n == 0 && b.rc == RS_OK) rs_buf_str(&b, "");
  char *text = b.rc == RS_OK ? rs_strdup(rs_buf_text(&b)) : NULL;
  rs_buf_free(&b);
  return text;
}

static enum rs_code read_one(const cJSON *item, struct rs_duckdb_attached *x, struct rs_error *e)
{
  const char *path = text_of(item, "path"), *alias = text_of(item, "alias");
  const char *type = text_of(item, "type");
  if (!path || !alias) return rs_fail(e, RS_INVALID, "the profile's `attach` is no list of paths");
  x->memory = strncmp(path, ":memory:", 8) == 0;
  // a file of another kind is opened by this process, too
  x->file = !x->memory && !strchr(path, ':') &&
            (!type || rs_casecmp(type, "duckdb") == 0 || rs_casecmp(type, "sqlite") == 0);
  x->read_only = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "read_only"));
  x->path = x->file ? rs_duckdb_canonical(path) : rs_strdup(path);
  x->alias = rs_strdup(alias);
  x->options = options_of(item);
  return x->path && x->alias && x->options ? RS_OK : rs_nomem(e);
}

enum rs_code rs_duckdb_attached_read(const char *json, struct rs_duckdb_config *c,
                                     struct rs_error *e)
{
  if (!json || !*json) return RS_OK;
  cJSON *list = cJSON_Parse(json);
  const cJSON *item;
  if (!list) return rs_fail(e, RS_INVALID, "the profile's `attach` is no list");
  int n = cJSON_GetArraySize(list);
  enum rs_code rc = RS_OK;
  if (n > 0) c->attached = rs_calloc((size_t)n, sizeof *c->attached);
  if (n > 0 && !c->attached) rc = rs_nomem(e);
  cJSON_ArrayForEach(item, list)
  {
    if (rc) break;
    c->nattached++;
    rc = read_one(item, &c->attached[c->nattached - 1], e);
  }
  cJSON_Delete(list);
  return rc;
}

void rs_duckdb_attached_free(struct rs_duckdb_config *c)
{
  for (size_t i = 0; i < c->nattached; i++) {
    rs_free(c->attached[i].path);
    rs_free(c->attached[i].alias);
    rs_free(c->attached[i].options);
  }
  rs_free(c->attached);
  c->attached = NULL;
  c->nattached = 0;
}

bool rs_duckdb_attached_memory(const struct rs_duckdb_config *c)
{
  for (size_t i = 0; i < c->nattached; i++)
    if (c->attached[i].memory) return true;
  return false;
}

bool rs_duckdb_no_file(const char *path)
{
  struct stat st;
  return stat(path, &st) != 0 && errno == ENOENT;
}

static bool may_be_made(const struct rs_duckdb_attached *x)
{
  return x->file && !x->read_only && rs_duckdb_no_file(x->path);
}

bool rs_duckdb_missing(const struct rs_duckdb_config *c)
{
  if (c->read_only) return false;
  bool missing = !c->memory && rs_duckdb_no_file(c->path);
  for (size_t i = 0; i < c->nattached && !missing; i++) missing = may_be_made(&c->attached[i]);
  return missing;
}

char *rs_duckdb_files(const struct rs_duckdb_config *c)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  if (!c->memory) rs_buf_add(&b, c->path, strlen(c->path) + 1);
  for (size_t i = 0; i < c->nattached; i++)
    if (c->attached[i].file) rs_buf_add(&b, c->attached[i].path, strlen(c->attached[i].path) + 1);
  rs_buf_char(&b, 0);
  return rs_buf_take(&b);
}

bool rs_duckdb_files_meet(const char *a, const char *b, const char **common)
{
  for (; a && *a; a += strlen(a) + 1) {
    for (const char *p = b; p && *p; p += strlen(p) + 1) {
      if (!rs_eq(a, p)) continue;
      *common = a;
      return true;
    }
  }
  return false;
}

enum rs_code rs_duckdb_reaches(const struct rs_duckdb_config *c, const struct rs_output *o,
                               const char *database, bool writes, struct rs_error *e)
{
  for (size_t i = 0; i < c->nattached; i++) {
    const struct rs_duckdb_attached *x = &c->attached[i];
    if (rs_casecmp(x->alias, database) != 0) continue;
    if (writes && (x->read_only || c->read_only))
      return rs_fail(e, RS_FORBIDDEN, "database '%s' is attached read_only by target '%s'",
                     database, o->target_name);
    return RS_OK;
  }
  if (o->embedded_default)
    return rs_fail(e, RS_NOT_FOUND,
                   "there is no database '%s': without a profile there is one database. A target "
                   "of a profile reaches others by `attach`",
                   database);
  return rs_fail(
    e, RS_NOT_FOUND,
    "database '%s' is not attached: add it to `attach` of target '%s', with its file's "
    "path and that alias",
    database, o->target_name);
}

enum rs_code rs_duckdb_attach(struct rs_adbc_conn *conn, const struct rs_duckdb_attached *x,
                              bool write, bool *stand_in, struct rs_error *e)
{
  struct rs_buf b;
  bool absent = !write && may_be_made(x);
  *stand_in = *stand_in || absent;
  rs_buf_init(&b, 1 << 20);
  rs_buf_str(&b, "ATTACH ");
  rs_duckdb_add_literal(&b, absent ? ":memory:" : x->path);
  rs_buf_str(&b, " AS ");
  rs_duckdb_add_ident(&b, x->alias);
  const char *mode = x->memory ? "" : write && !x->read_only ? "READ_WRITE" : "READ_ONLY";
  bool both = *mode && *x->options;
  if (!absent && (*mode || *x->options))
    rs_buf_printf(&b, " (%s%s%s)", mode, both ? ", " : "", x->options);
  enum rs_code rc = rs_buf_error(&b, e, "path");
  const struct rs_statement st = {.sql = rs_buf_text(&b), .writes = true};
  if (!rc) rc = rs_adbc_exec(conn, &st, NULL, e);
  rs_buf_free(&b);
  return rc;
}

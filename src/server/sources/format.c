/*
** format_params (see documents.h).
*/
#include <string.h>
#include "documents.h"
#include "src/base/text.h"
#include "src/json/json.h"

static enum rs_code read_text(const struct rs_json *csv, const char *name, struct rs_arena *a,
                              const char **out, struct rs_error *e)
{
  const struct rs_json *j = rs_json_get(csv, name);
  *out = NULL;
  if (j == NULL || j->kind == RS_J_NULL) return RS_OK;
  if (j->kind != RS_J_STRING)
    return rs_fail(e, RS_INVALID, "format_params.csv.%s must be a string", name);
  return rs_json_text(csv, name, a, out) ? RS_OK : rs_nomem(e);
}

static enum rs_code read_character(const struct rs_json *csv, const char *name, struct rs_arena *a,
                                   const char **out, struct rs_error *e)
{
  enum rs_code rc = read_text(csv, name, a, out, e);
  if (rc != RS_OK || *out == NULL) return rc;
  size_t n = strlen(*out);
  if (n > 1 || (n == 1 && ((unsigned char)**out >= 0x80 || strchr("\r\n", **out) != NULL)))
    return rs_fail(e, RS_INVALID, "format_params.csv.%s must be one ASCII character", name);
  return RS_OK;
}

static enum rs_code read_encoding(struct rs_format *f, struct rs_error *e)
{
  static const struct {
    const char *name, *ours;
  } all[] = {{"UTF-8", "utf-8"},        {"UTF8", "utf-8"},
             {"UTF-16", "utf-16"},      {"UTF16", "utf-16"},
             {"ISO_8859_1", "latin-1"}, {"ISO-8859-1", "latin-1"},
             {"ISO88591", "latin-1"},   {"", NULL}};
  if (f->encoding == NULL) return RS_OK;
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    if (rs_casecmp(f->encoding, all[i].name) != 0) continue;
    f->encoding = all[i].ours;
    return RS_OK;
  }
  return rs_fail(e, RS_INVALID, "format_params.csv.encoding must be UTF-8, UTF-16 or ISO_8859_1");
}

/* Rockset's name of a type as the engine calls it. */
static const char *type_of(const char *name)
{
  static const struct {
    const char *name, *type;
  } all[] = {{"STRING", "VARCHAR"},     {"BOOLEAN", "BOOLEAN"},
             {"BOOL", "BOOLEAN"},       {"INTEGER", "BIGINT"},
             {"INT", "BIGINT"},         {"FLOAT", "DOUBLE"},
             {"DATE", "DATE"},          {"TIME", "TIME"},
             {"DATETIME", "TIMESTAMP"}, {"TIMESTAMP", "TIMESTAMPTZ"}};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    if (rs_casecmp(all[i].name, name) == 0) return all[i].type;
  return NULL;
}

/* A list of texts; *n 0: there is none. */
static enum rs_code read_list(const struct rs_json *csv, const char *name, struct rs_arena *a,
                              const char ***out, size_t *n, struct rs_error *e)
{
  const struct rs_json *list = rs_json_get(csv, name);
  *out = NULL;
  *n = 0;
  if (list == NULL || list->kind == RS_J_NULL) return RS_OK;
  if (list->kind != RS_J_ARRAY)
    return rs_fail(e, RS_INVALID, "format_params.csv.%s must be an array of strings", name);
  if (list->first == NULL) return RS_OK;
  const char **v = rs_arena_calloc(a, list->n * sizeof *v);
  if (v == NULL) return rs_nomem(e);
  for (const struct rs_json *j = list->first; j != NULL; j = j->next) {
    if (j->kind != RS_J_STRING || j->n == 0 || memchr(j->p, 0, j->n) != NULL)
      return rs_fail(e, RS_INVALID, "format_params.csv.%s must be an array of strings", name);
    v[*n] = rs_arena_strndup(a, j->p, j->n);
    if (v[(*n)++] == NULL) return rs_nomem(e);
  }
  *out = v;
  return RS_OK;
}

static enum rs_code check_names(const struct rs_format *f, struct rs_error *e)
{
  for (size_t i = 0; i < f->ncolumns; i++)
    for (size_t k = 0; k < i; k++)
      if (rs_casecmp(f->names[i], f->names[k]) == 0)
        return rs_fail(e, RS_INVALID, "format_params.csv.columnNames has '%.100s' twice",
                       f->names[i]);
  return RS_OK;
}

static enum rs_code read_columns(const struct rs_json *csv, struct rs_arena *a, struct rs_format *f,
                                 struct rs_error *e)
{
  size_t ntypes;
  enum rs_code rc = read_list(csv, "columnNames", a, &f->names, &f->ncolumns, e);
  if (rc == RS_OK) rc = read_list(csv, "columnTypes", a, &f->types, &ntypes, e);
  if (rc != RS_OK) return rc;
  if (f->ncolumns > 10000)
    return rs_fail(e, RS_LIMIT, "format_params.csv.columnNames has more than 10000 names");
  if (ntypes > 0 && ntypes != f->ncolumns)
    return rs_fail(e, RS_INVALID,
                   "format_params.csv: columnTypes has %zu types for the %zu names of columnNames: "
                   "give one type for each name",
                   ntypes, f->ncolumns);
  for (size_t i = 0; i < ntypes; i++) {
    const char *type = type_of(f->types[i]);
    if (type == NULL)
      return rs_fail(e, RS_INVALID,
                     "format_params.csv.columnTypes: '%.100s' is none of STRING, BOOLEAN, INTEGER, "
                     "FLOAT, DATE, TIME, DATETIME, TIMESTAMP",
                     f->types[i]);
    f->types[i] = type;
  }
  return check_names(f, e);
}

static enum rs_code read_csv(const struct rs_json *csv, struct rs_arena *a, struct rs_format *f,
                             struct rs_error *e)
{
  const struct rs_json *header = rs_json_get(csv, "firstLineAsColumnNames");
  if (header != NULL && header->kind != RS_J_NULL && header->kind != RS_J_BOOL)
    return rs_fail(e, RS_INVALID, "format_params.csv.firstLineAsColumnNames must be true or false");
  f->kind = RS_FORMAT_CSV;
  f->header = header != NULL && header->kind == RS_J_BOOL && header->truth;
  enum rs_code rc = read_character(csv, "separator", a, &f->separator, e);
  if (rc == RS_OK) rc = read_character(csv, "quoteChar", a, &f->quote, e);
  if (rc == RS_OK) rc = read_character(csv, "escapeChar", a, &f->escape, e);
  if (rc == RS_OK) rc = read_text(csv, "encoding", a, &f->encoding, e);
  if (rc == RS_OK) rc = read_encoding(f, e);
  if (rc == RS_OK) rc = read_columns(csv, a, f, e);
  return rc;
}

enum rs_code rs_format_read(const char *json, struct rs_arena *a, struct rs_format *f,
                            struct rs_error *e)
{
  static const char *const others[] = {"xml",       "avro",         "bson",      "mysql_dms",
                                       "mssql_dms", "postgres_dms", "oracle_dms"};
  struct rs_json *j = NULL;
  memset(f, 0, sizeof *f);
  f->header = true; // of CSV by its name alone
  if (json == NULL) return RS_OK;
  enum rs_code rc = rs_json_parse(json, strlen(json), 20, a, &j, e);
  if (rc != RS_OK) return rc;
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    const struct rs_json *other = rs_json_get(j, others[i]);
    if (other == NULL || other->kind == RS_J_NULL || (other->kind == RS_J_BOOL && !other->truth))
      continue;
    return rs_fail(e, RS_UNSUPPORTED,
                   "format_params.%s: sources read JSON, CSV and Parquet only: convert the objects "
                   "to one of these",
                   others[i]);
  }
  const struct rs_json *csv = rs_json_get(j, "csv"), *plain = rs_json_get(j, "json");
  bool is_json = plain != NULL && plain->kind == RS_J_BOOL && plain->truth;
  if (csv == NULL || csv->kind == RS_J_NULL) {
    if (is_json) f->kind = RS_FORMAT_JSON;
    return RS_OK;
  }
  if (is_json) return rs_fail(e, RS_INVALID, "format_params: json or csv, not both");
  if (csv->kind != RS_J_OBJECT)
    return rs_fail(e, RS_INVALID, "format_params.csv must be an object, {...}");
  return read_csv(csv, a, f, e);
}

/*
** Arguments of SQL functions and tables (see args.h).
*/
#include "args.h"
#include <string.h>
#include "src/base/text.h"

static const char *type_name(int type)
{
  switch (type) {
    case SQLITE_INTEGER: return "an integer";
    case SQLITE_FLOAT: return "a real number";
    case SQLITE_BLOB: return "a blob";
    case SQLITE_NULL: return "NULL";
    default: return "a text";
  }
}

static enum rs_code read_text(sqlite3_value *v, bool blob, const char *fn, const char *name,
                              const char **out, struct rs_error *e)
{
  int type = sqlite3_value_type(v);
  if (type == SQLITE_NULL) return rs_fail(e, RS_INVALID, "%s: the %s is NULL", fn, name);
  if (type != SQLITE_TEXT && !(blob && type == SQLITE_BLOB))
    return rs_fail(e, RS_INVALID, "%s: the %s must be a text, not %s", fn, name, type_name(type));
  // An empty blob has no bytes and so no address
  bool is_empty = type == SQLITE_BLOB && sqlite3_value_bytes(v) == 0;
  const char *p = is_empty ? "" : (const char *)sqlite3_value_text(v);
  if (p == NULL) return rs_nomem(e);
  size_t n = is_empty ? 0 : (size_t)sqlite3_value_bytes(v);
  if (strlen(p) != n) return rs_fail(e, RS_INVALID, "%s: the %s holds a NUL character", fn, name);
  if (rs_utf8_valid(p, n) != n)
    return rs_fail(e, RS_INVALID, "%s: the %s is not valid UTF-8", fn, name);
  *out = p;
  return RS_OK;
}

enum rs_code rs_arg_text(sqlite3_value *v, const char *fn, const char *name, const char **out,
                         struct rs_error *e)
{
  return read_text(v, false, fn, name, out, e);
}

enum rs_code rs_arg_sql(sqlite3_value *v, const char *fn, const char *name, const char **out,
                        struct rs_error *e)
{
  return read_text(v, true, fn, name, out, e);
}

enum rs_code rs_arg_optional(int argc, sqlite3_value **argv, int i, const char *fn,
                             const char *name, const char **out, struct rs_error *e)
{
  *out = NULL;
  if (i >= argc || sqlite3_value_type(argv[i]) == SQLITE_NULL) return RS_OK;
  return read_text(argv[i], false, fn, name, out, e);
}

enum rs_code rs_arg_flag(int argc, sqlite3_value **argv, int i, const char *fn, const char *name,
                         bool *out, struct rs_error *e)
{
  *out = false;
  if (i >= argc || sqlite3_value_type(argv[i]) == SQLITE_NULL) return RS_OK;
  sqlite3_int64 v = sqlite3_value_int64(argv[i]);
  if (sqlite3_value_type(argv[i]) != SQLITE_INTEGER || (v != 0 && v != 1))
    return rs_fail(e, RS_INVALID, "%s: %s must be 0 or 1", fn, name);
  *out = v == 1;
  return RS_OK;
}

enum rs_code rs_arg_prefix(struct rs_error *e, const char *fn)
{
  return rs_error_names(e, fn, ':') ? e->code : rs_error_prefix(e, "%s", fn);
}

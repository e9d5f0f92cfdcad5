/*
** Errors of any ADBC driver as ours: the code by SQLSTATE, which is the SQL standard's, else by
** ADBC's status; the text as one line, without the statement, which we append ourselves.
*/
#include <string.h>
#include "src/base/buf.h"
#include "src/base/text.h"
#include "driver.h"

/* By the beginning of the SQLSTATE; the first match wins. */
static const struct {
  const char *state;
  enum rs_code code;
} states[] = {
  {"57014", RS_CANCELLED}, {"42P01", RS_NOT_FOUND}, {"42703", RS_INVALID},
  {"3F000", RS_NOT_FOUND}, {"42P07", RS_EXISTS},    {"42P06", RS_EXISTS},
  {"42710", RS_EXISTS},    {"23", RS_CONSTRAINT},   {"2BP01", RS_CONSTRAINT},
  {"28", RS_AUTH},         {"42501", RS_FORBIDDEN}, {"40", RS_BUSY},
  {"55P03", RS_BUSY},      {"08", RS_IO},           {"57P", RS_IO},
  {"0A", RS_UNSUPPORTED},  {"53", RS_LIMIT},        {"54", RS_LIMIT},
  {"42", RS_INVALID},      {"25006", RS_FORBIDDEN},
};

static enum rs_code classify(AdbcStatusCode status, const char *sqlstate)
{
  for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
    if (strncmp(sqlstate, states[i].state, strlen(states[i].state)) == 0) return states[i].code;
  }
  switch (status) {
    case ADBC_STATUS_NOT_IMPLEMENTED: return RS_UNSUPPORTED;
    case ADBC_STATUS_NOT_FOUND: return RS_NOT_FOUND;
    case ADBC_STATUS_ALREADY_EXISTS: return RS_EXISTS;
    case ADBC_STATUS_INVALID_ARGUMENT: return RS_INVALID;
    case ADBC_STATUS_INTEGRITY: return RS_CONSTRAINT;
    case ADBC_STATUS_IO: return RS_IO;
    case ADBC_STATUS_CANCELLED: return RS_CANCELLED;
    case ADBC_STATUS_TIMEOUT: return RS_TIMEOUT;
    case ADBC_STATUS_UNAUTHENTICATED: return RS_AUTH;
    case ADBC_STATUS_UNAUTHORIZED: return RS_FORBIDDEN;
    default: return RS_REMOTE;
  }
}

/* Another transaction was faster. DuckDB's driver gives no SQLSTATE and one status for this and
** many others: there is nothing but the class of the error and its first words. What is behind them
** quotes values. */
bool rs_adbc_is_duckdb_conflict(const char *text)
{
  static const char class[] = "TransactionContext Error: ", commit[] = "Failed to commit: ";
  static const char *const begins[] = {"Catalog write-write conflict", "write-write conflict",
                                       "Transaction conflict", "Conflict on "};
  if (strncmp(text, class, sizeof class - 1) != 0) return false;
  text += sizeof class - 1;
  if (strncmp(text, commit, sizeof commit - 1) == 0) text += sizeof commit - 1;
  for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
    if (strncmp(text, begins[i], strlen(begins[i])) == 0) return true;
  return false;
}

static bool begins(const char *p, size_t n, const char *word)
{
  return n >= strlen(word) && memcmp(p, word, strlen(word)) == 0;
}

/* Another transaction was faster; of two that make one name at once the second one finds it in the
** catalog, which its index tells. For a row of the catalog that two change PostgreSQL has the state
** of all its internal errors, and nothing else than the text. A driver without states is DuckDB's
** library, if any that is known. */
static bool is_conflict(const struct rs_adbc_failure *f, const char *text)
{
  const char *state = f->sqlstate;
  if (rs_eq(state, "40001") || rs_eq(state, "40P01")) return true;
  if (rs_eq(state, "23505"))
    return rs_eq(f->constraint, "pg_namespace_nspname_index") ||
           rs_eq(f->constraint, "pg_type_typname_nsp_index");
  if (rs_eq(state, "XX000")) return begins(text, strlen(text), "tuple concurrently updated");
  return *state == 0 && rs_adbc_is_duckdb_conflict(text);
}

/* The connection broke, or the server can't tell how a transaction ended. */
static bool is_unknown(const char *sqlstate)
{
  return strncmp(sqlstate, "08", 2) == 0 || strcmp(sqlstate, "40003") == 0;
}

static enum rs_refused refused(const char *sqlstate)
{
  if (strcmp(sqlstate, "42809") == 0) return RS_REFUSED_KIND;
  return strcmp(sqlstate, "42P17") == 0 ? RS_REFUSED_RECURSION : RS_REFUSED_OTHER;
}

/* Without what the driver says of itself in front, and the statement with its position. */
static void one_line(const char *text, struct rs_buf *out)
{
  const char *error = strstr(text, "ERROR:");
  const char *p = text;
  if (error) p = error + 6;
  else if (*p == '[' && strchr(p, ']')) p = strchr(p, ']') + 1;
  while (*p) {
    size_t n = strcspn(p, "\r\n");
    const char *line = p;
    p += n;
    p += strspn(p, "\r\n");
    while (n > 0 && (*line == ' ' || *line == '\t')) line++, n--;
    if (begins(line, n, "LINE ")) { // and the line with the mark under it
      p += strcspn(p, "\n");
      continue;
    }
    if (begins(line, n, "Query was:")) break;
    if (n == 0 || begins(line, n, ". SQLSTATE") || begins(line, n, "SQLSTATE")) continue;
    if (out->n) rs_buf_str(out, "; ");
    rs_buf_add(out, line, n);
  }
}

enum rs_code rs_adbc_translate(const struct rs_adbc_failure *f, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  one_line(f->text, &b);
  enum rs_code code = classify(f->status, f->sqlstate);
  if (b.rc == RS_NOMEM) code = rs_nomem(e);
  else if (code == RS_CANCELLED) rs_fail(e, code, "interrupted");
  else if (b.n == 0) rs_fail(e, code, "the driver failed without saying why");
  else rs_fail(e, code, "%s", rs_buf_text(&b));
  if (e && code != RS_NOMEM) {
    e->again = is_conflict(f, rs_buf_text(&b));
    e->unknown = is_unknown(f->sqlstate);
    e->refused = refused(f->sqlstate);
  }
  rs_buf_free(&b);
  return code;
}

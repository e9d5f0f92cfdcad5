/*
** CSV and Parquet: a private engine in memory reads the file, which it finds under /dev/fd; its
** rows become documents in the API's forms.
*/
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "documents.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/engine.h"
#include "src/json/json.h"
#include "src/profile/profile.h"
#include "src/server/query/query.h"

struct reader {
  const struct rs_documents_reader *r;
  struct rs_target *t;
  struct rs_session *s;
};

static bool is_interrupted(void *ctx)
{
  const struct rs_documents_reader *r = ctx;
  return r->is_stopped(r->ctx);
}

static enum rs_code open_reader(struct reader *x, struct rs_error *e)
{
  static const char profile[] =
    "{\"reader\":{\"target\":\"memory\",\"outputs\":{\"memory\":{\"type\":\"" RS_EMBEDDED_TYPE
    "\",\"path\":\":memory:\",\"allow_external_access\":true,\"threads\":1,"
    "\"settings\":{\"memory_limit\":\"2GB\"}}}}}";
  const struct rs_profile_request req = {
    .source = profile, .profile = "reader", .adapters = rs_target_fields, .database = ""};
  const struct rs_interrupt stop = {.is_interrupted = is_interrupted,
                                    .ctx = (void *)(uintptr_t)x->r};
  const struct rs_output *o = NULL;
  enum rs_code rc = rs_profile_load(&req, &o, e);
  if (rc != RS_OK) return rc;
  rc = rs_target_open(o, &x->t, e);
  rs_output_release(o);
  if (rc == RS_OK) rc = rs_session_open(x->t, &stop, NULL, &x->s, e);
  return rc;
}

#define FD_PATH "/dev/fd/%d"

/* An error names the object instead of the path that the reader has. */
static void name_object(const struct rs_rows_file *file, struct rs_error *e)
{
  char path[32], *at;
  (void)snprintf(path, sizeof path, FD_PATH, file->fd);
  if (e == NULL || (at = strstr(e->text, path)) == NULL) return;
  char *text = rs_mprintf("%.*s%s%s", (int)(at - e->text), e->text, file->name, at + strlen(path));
  if (text != NULL) (void)snprintf(e->text, sizeof e->text, "%s", text);
  rs_free(text);
}

static void add_quoted(struct rs_buf *b, char quote, const char *text)
{
  rs_buf_char(b, quote);
  for (; *text != 0; text++) {
    if (*text == quote) rs_buf_char(b, quote);
    rs_buf_char(b, *text);
  }
  rs_buf_char(b, quote);
}

static void add_option(struct rs_buf *b, const char *name, const char *text)
{
  if (text == NULL) return;
  rs_buf_printf(b, ", %s=", name);
  add_quoted(b, '\'', text);
}

static void add_columns(struct rs_buf *b, const struct rs_format *f)
{
  if (f->names == NULL) {
    rs_buf_str(b, ", all_varchar=true");
    return;
  }
  rs_buf_str(b, ", columns={");
  for (size_t i = 0; i < f->ncolumns; i++) {
    if (i > 0) rs_buf_char(b, ',');
    add_quoted(b, '\'', f->names[i]);
    rs_buf_printf(b, ": '%s'", f->types != NULL ? f->types[i] : "VARCHAR");
  }
  rs_buf_char(b, '}');
}

static void add_call(struct rs_buf *b, const struct rs_format *f, const struct rs_rows_file *file)
{
  rs_buf_printf(b, "%s('" FD_PATH "'", file->parquet ? "read_parquet" : "read_csv", file->fd);
  if (!file->parquet) {
    add_option(b, "delim", f->separator != NULL ? f->separator : file->tabs ? "\t" : ",");
    add_option(b, "quote", f->quote != NULL ? f->quote : "\"");
    add_option(b, "escape", f->escape != NULL ? f->escape : f->quote != NULL ? f->quote : "\"");
    add_option(b, "encoding", f->encoding);
    rs_buf_printf(b, ", header=%s", f->header ? "true" : "false");
    add_columns(b, f);
  }
  rs_buf_char(b, ')');
}

/* SELECT * FROM it; columns that have no names become c1, c2 ... */
static enum rs_code make_query(struct reader *x, const struct rs_format *f, bool parquet,
                               const char *call, struct rs_buf *b, struct rs_error *e)
{
  struct rs_columns columns = {0};
  rs_buf_printf(b, "SELECT * FROM %s", call);
  if (parquet || f->header || f->names != NULL) return rs_buf_error(b, e, "statement");
  const struct rs_statement st = {.sql = rs_buf_text(b)};
  enum rs_code rc = rs_buf_error(b, e, "statement");
  if (rc == RS_OK) rc = rs_session_columns(x->s, &st, &columns, e);
  if (rc != RS_OK) return rc;
  rs_buf_clear(b);
  rs_buf_str(b, "SELECT ");
  for (size_t i = 0; i < columns.n; i++) {
    rs_buf_str(b, i > 0 ? ", " : "");
    add_quoted(b, '"', columns.v[i].name);
    rs_buf_printf(b, " AS c%zu", i + 1);
  }
  rs_buf_printf(b, " FROM %s", call);
  rs_columns_free(&columns);
  return rs_buf_error(b, e, "statement");
}

static enum rs_code give_rows(struct reader *x, const char *sql, struct rs_error *e)
{
  struct rs_rows *rows = NULL;
  struct rs_buf b;
  const struct rs_statement st = {.sql = sql};
  rs_buf_init(&b, (size_t)64 << 20);
  enum rs_code rc = rs_session_query(x->s, &st, &rows, e);
  struct rs_writer *w = rc == RS_OK ? rs_writer_new(rs_rows_columns(rows), NULL) : NULL;
  if (rc == RS_OK && w == NULL) rc = rs_nomem(e);
  while (rc == RS_OK && (rc = rs_rows_next(rows, e)) == RS_OK) {
    rs_buf_clear(&b);
    rs_writer_row(w, rows, &b);
    rc = rs_buf_error(&b, e, "document");
    if (rc == RS_OK) rc = x->r->take(x->r->ctx, rs_buf_text(&b), b.n);
  }
  rs_writer_free(w);
  rs_rows_close(rows);
  rs_buf_free(&b);
  return rc == RS_DONE ? RS_OK : rc;
}

enum rs_code rs_documents_rows(const struct rs_format *f, const struct rs_rows_file *file,
                               const struct rs_documents_reader *r, struct rs_error *e)
{
  struct reader x = {.r = r};
  struct rs_buf call, sql;
  struct stat st;
  if (fstat(file->fd, &st) == 0 && st.st_size == 0) return RS_OK;
  rs_buf_init(&call, 1 << 20);
  rs_buf_init(&sql, 4 << 20);
  add_call(&call, f, file);
  enum rs_code rc = rs_buf_error(&call, e, "statement");
  if (rc == RS_OK) rc = open_reader(&x, e);
  if (rc == RS_OK) rc = make_query(&x, f, file->parquet, rs_buf_text(&call), &sql, e);
  if (rc == RS_OK) rc = give_rows(&x, rs_buf_text(&sql), e);
  // what the reader refuses is a file that is wrong
  if (rc == RS_REMOTE || rc == RS_CONSTRAINT || rc == RS_NOT_FOUND) rc = RS_INVALID;
  if (rc != RS_OK && e != NULL) {
    rs_error_hide_sql(e);
    name_object(file, e);
  }
  rs_session_close(x.s);
  rs_target_release(x.t);
  rs_buf_free(&call);
  rs_buf_free(&sql);
  return rc;
}

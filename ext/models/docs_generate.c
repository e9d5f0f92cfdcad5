/*
** rockset_docs_generate(folder): the project as one page that opens from disk.
**
** ARGUMENTS
**   folder      TEXT; made when it is missing.
**
** RESULT
**   TEXT, the path of the file: folder/index.html. docs/console.md shows it.
**
** ERRORS
**   RS_UNSUPPORTED when the extension was built without the console's packages; the text says how
**   to get them.
**
** HOW IT WORKS
**   The page is rocksetd's Models page, made at build time (src/console/docs.jsx) and gzipped. The
**   project and its last runs are put into it as JSON, in which no `<` is left: nothing that a
**   model says ends the element. The page's policy allows its own script and no request.
**
** SAFETY
**   DIRECTONLY, and behind the gate as all that writes files: a database file from somebody else
**   can't write by it. No engine is touched.
*/
#include <string.h>
#include "src/base/embedded.h"
#include "src/base/file.h"
#include "src/base/gunzip.h"
#include "src/project/artifacts/artifacts.h"
#include "ext/base/args.h"
#include "internal.h"
#include "models.h"

#define FN "rockset_docs_generate"
/* Where the data go (src/console/build.mjs). */
#define MARK "/*data*/"

enum { RUNS = 10 };

/* ---- the page -------------------------------------------------------------------------------- */

static enum rs_code unpack_page(struct rs_buf *page, struct rs_error *e)
{
  struct rs_gunzip_stream g = {0};
  const char *p = (const char *)rs_docs_page;
  size_t n = rs_docs_page_size, got = 1;
  enum rs_code rc = RS_OK;
  if (n == 0)
    return rs_fail(e, RS_UNSUPPORTED,
                   "this extension was built without its page: build it again after `make deps`, "
                   "or use a package (docs/install.md)");
  while (rc == RS_OK && got > 0) {
    char *to = rs_buf_reserve(page, 1 << 16);
    rc = to == NULL ? rs_nomem(e) : rs_gunzip_step(&g, &p, &n, to, 1 << 16, &got, e);
    if (rc == RS_OK) page->n += got;
  }
  rs_gunzip_end(&g);
  if (rc == RS_OK && page->n > 0) page->p[page->n] = 0;
  return rc;
}

/* JSON inside of an element: `<` is left in texts only, where it may be written otherwise. */
static void put_escaped(struct rs_buf *out, const struct rs_buf *json)
{
  const char *p = rs_buf_text(json), *end = p + json->n;
  while (p < end) {
    const char *next = memchr(p, '<', (size_t)(end - p));
    rs_buf_add(out, p, (size_t)((next != NULL ? next : end) - p));
    if (next == NULL) break;
    rs_buf_str(out, "\\u003c");
    p = next + 1;
  }
}

/* ---- the data -------------------------------------------------------------------------------- */

static enum rs_code put_runs(sqlite3 *db, struct rs_buf *b, struct rs_error *e)
{
  static const char sql[] = "SELECT id FROM main.rockset_invocations ORDER BY rowid DESC LIMIT ?1";
  sqlite3_stmt *st = NULL;
  enum rs_code rc = RS_OK;
  int step = sqlite3_prepare_v2(db, sql, -1, &st, NULL);
  if (step == SQLITE_OK) step = sqlite3_bind_int(st, 1, RUNS);
  while (rc == RS_OK && (step == SQLITE_OK || step == SQLITE_ROW)) {
    step = sqlite3_step(st);
    if (step != SQLITE_ROW) break;
    const char *id = (const char *)sqlite3_column_text(st, 0);
    rc = id == NULL ? rs_nomem(e) : rs_docs_run(db, id, b, e);
  }
  if (rc == RS_OK && step != SQLITE_DONE) rc = rs_sqlite_error_of(db, "rockset_invocations", e);
  sqlite3_finalize(st);
  return rc;
}

static enum rs_code put_time(sqlite3 *db, struct rs_buf *b, struct rs_error *e)
{
  sqlite3_stmt *st = NULL;
  int step = sqlite3_prepare_v2(db, "SELECT datetime('now')", -1, &st, NULL);
  if (step == SQLITE_OK) step = sqlite3_step(st);
  if (step == SQLITE_ROW) rs_buf_json_member(b, "made", (const char *)sqlite3_column_text(st, 0));
  sqlite3_finalize(st);
  return step == SQLITE_ROW ? RS_OK : rs_sqlite_error_of(db, FN, e);
}

static enum rs_code put_data(struct rs_nodes *n, struct rs_buf *b, struct rs_error *e)
{
  rs_buf_char(b, '{');
  enum rs_code rc = put_time(n->db, b, e);
  rs_buf_json_key(b, "graph");
  if (rc == RS_OK) rc = rs_docs_graph(n, b, e);
  rs_buf_str(b, ",\"nodes\":{");
  for (size_t i = 0; rc == RS_OK && i < n->inv->n; i++) {
    const char *id = n->inv->items[i]->unique_id;
    if (rs_map_get(&n->inv->ids, id) != n->inv->items[i]) continue; // a second one of that name
    rs_buf_json_key(b, id);
    rc = rs_docs_node(n, id, b, e);
  }
  rs_buf_str(b, "},\"runs\":[");
  if (rc == RS_OK) rc = put_runs(n->db, b, e);
  rs_buf_str(b, "]}");
  return rc == RS_OK ? rs_buf_error(b, e, "the page") : rc;
}

/* ---- the function ---------------------------------------------------------------------------- */

static enum rs_code make_page(struct rs_conn *c, struct rs_buf *out, struct rs_error *e)
{
  const struct rs_nodes_options o = {.keep_bad = true};
  struct rs_nodes n = {0};
  struct rs_buf page, data;
  rs_buf_init(&page, RS_BUF_SQL_MAX);
  rs_buf_init(&data, RS_ARTIFACT_MAX);
  enum rs_code rc = unpack_page(&page, e);
  if (rc == RS_OK) {
    rc = rs_nodes_load(&n, c, rs_conn_db(c), FN, &o, e);
    if (rc == RS_OK) rc = put_data(&n, &data, e);
    rs_nodes_end(&n);
  }
  const char *at = rc == RS_OK ? strstr(rs_buf_text(&page), MARK) : NULL;
  if (rc == RS_OK && at == NULL) rc = rs_fail(e, RS_INTERNAL, "the page has no room for data");
  if (rc == RS_OK) {
    rs_buf_add(out, page.p, (size_t)(at - page.p));
    put_escaped(out, &data);
    rs_buf_str(out, at + strlen(MARK));
    rc = rs_buf_error(out, e, "the page");
  }
  rs_buf_free(&page);
  rs_buf_free(&data);
  return rc;
}

static void docs_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_error e = {0};
  struct rs_buf out, path;
  const char *folder = NULL;
  (void)argc;
  rs_buf_init(&out, RS_ARTIFACT_MAX);
  rs_buf_init(&path, 1 << 16);
  enum rs_code rc = rs_arg_text(argv[0], FN, "folder", &folder, &e);
  if (rc == RS_OK && *folder == 0)
    rc = rs_fail(&e, RS_INVALID, "the folder is empty: '.' is the current one");
  if (rc == RS_OK) rs_buf_printf(&path, "%s/index.html", folder);
  if (rc == RS_OK) rc = rs_buf_error(&path, &e, "the folder");
  if (rc == RS_OK) rc = make_page(rs_conn_of(ctx), &out, &e);
  if (rc == RS_OK) rc = rs_file_write(rs_buf_text(&path), out.p, out.n, &e);
  rs_buf_free(&out);
  rs_models_give(ctx, FN, &path, false, rc, &e);
}

int rs_docs_register(struct rs_conn *c)
{
  static const struct rs_function function = {FN, 1, 1, docs_fn};
  return rs_conn_functions(c, &function, 1);
}

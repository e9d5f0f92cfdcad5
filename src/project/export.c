/*
** Writing a project back: a file whose rows are as they were imported is written byte for byte;
** where the text of a model, seed, test, macro ... was changed, its file gets the new one; rows
** that came from no file get one.
*/
#include <string.h>
#include "../base/file.h"
#include "../base/map.h"
#include "../base/mem.h"
#include "../base/text.h"
#include "import_internal.h"

#define EXPORT_MEMORY_MAX ((size_t)2 << 30)

struct file {
  const char *package, *path;
  struct rs_buf text;
  bool changed;
};

struct exporting {
  struct rs_arena arena;
  const struct rs_row_store *store;
  const char *folder;
  bool force;
  struct rs_map files;    /* package, newline, path -> struct file */
  struct rs_map packages; /* name -> its path */
  struct rs_map hashes;   /* table and key -> hash at the import */
  struct rs_buf written, notes;
  size_t unchanged;
};

static void list(struct rs_buf *b, const char *text)
{
  if (b->n > 0) rs_buf_char(b, ',');
  rs_buf_json_str(b, text, strlen(text));
}

static struct file *find_file(struct exporting *x, const char *package, const char *path)
{
  char *key = rs_arena_printf(&x->arena, "%s\n%s", package, path);
  return key != NULL ? rs_map_get(&x->files, key) : NULL;
}

static struct file *new_file(struct exporting *x, const char *package, const char *path)
{
  char *key = rs_arena_printf(&x->arena, "%s\n%s", package, path);
  struct file *f = rs_arena_calloc(&x->arena, sizeof *f);
  if (key == NULL || f == NULL) return NULL;
  f->package = rs_arena_strdup(&x->arena, package);
  f->path = rs_arena_strdup(&x->arena, path);
  rs_buf_init(&f->text, (size_t)256 << 20);
  return f->package != NULL && f->path != NULL && rs_map_put(&x->files, key, f) ? f : NULL;
}

/* ---- what is there -------------------------------------------------------------------------- */

static enum rs_code read_file(void *arg, const struct rs_row *r, struct rs_error *e)
{
  struct file *f = new_file(arg, r->v[0].p, r->v[1].p);
  if (f == NULL) return rs_nomem(e);
  rs_buf_add(&f->text, r->v[2].p, r->v[2].n);
  return rs_buf_error(&f->text, e, f->path);
}

static enum rs_code read_package(void *arg, const struct rs_row *r, struct rs_error *e)
{
  struct exporting *x = arg;
  const char *path = rs_row_text(r, "path");
  char *copy = path != NULL ? rs_arena_strdup(&x->arena, path) : NULL;
  return copy == NULL || rs_map_put(&x->packages, r->v[0].p, copy) ? RS_OK : rs_nomem(e);
}

static enum rs_code read_hash(void *arg, const struct rs_row *r, struct rs_error *e)
{
  struct exporting *x = arg;
  char *key = rs_arena_printf(&x->arena, "%s %s", r->v[0].p, r->v[1].p);
  char *hash = rs_arena_strdup(&x->arena, rs_row_text(r, "hash"));
  return key != NULL && hash != NULL && rs_map_put(&x->hashes, key, hash) ? RS_OK : rs_nomem(e);
}

/* ---- rows into files ------------------------------------------------------------------------ */

/* The block of a row in its file: its text is replaced. */
static enum rs_code put_block(struct exporting *x, struct file *f, const struct rs_row *r,
                              struct rs_error *e)
{
  const struct rs_cell *body = rs_row_body(r);
  const char *name = rs_row_text(r, "name");
  struct rs_block b;
  size_t at = 0;
  enum rs_code rc;
  while ((rc = rs_block_next(f->text.p, f->text.n, &at, &b, e)) == RS_OK) {
    if (!rs_eq(b.name, name)) continue;
    bool whole = r->table == RS_T_MACRO;
    const char *from = whole ? b.p : b.inner;
    size_t n = whole ? b.n : b.ninner;
    struct rs_buf made;
    rs_buf_init(&made, f->text.max);
    rs_buf_add(&made, f->text.p, (size_t)(from - f->text.p));
    if (r->table == RS_T_DOC) rs_buf_char(&made, '\n');
    rs_buf_add(&made, body->p, body->n);
    if (r->table == RS_T_DOC) rs_buf_char(&made, '\n');
    rs_buf_add(&made, from + n, f->text.n - (size_t)(from + n - f->text.p));
    rc = rs_buf_error(&made, e, f->path);
    rs_buf_free(&f->text);
    f->text = made;
    f->changed = true;
    return rc;
  }
  if (rc != RS_DONE) return rc;
  char *note = rs_arena_printf(&x->arena, "%s: not in %s any more: added at its end",
                               rs_row_label(r, &x->arena), f->path);
  if (note == NULL) return rs_nomem(e);
  list(&x->notes, note);
  rs_buf_char(&f->text, '\n');
  rs_buf_add(&f->text, body->p, body->n);
  rs_buf_char(&f->text, '\n');
  f->changed = true;
  return rs_buf_error(&f->text, e, f->path);
}

/* The text of a file that holds nothing else. */
static enum rs_code put_whole(struct file *f, const struct rs_row *r, struct rs_error *e)
{
  const struct rs_cell *body = rs_row_body(r);
  rs_buf_clear(&f->text);
  rs_buf_add(&f->text, body->p, body->n);
  if (body->n > 0 && body->p[body->n - 1] != '\n') rs_buf_char(&f->text, '\n');
  f->changed = true;
  return rs_buf_error(&f->text, e, f->path);
}

/* Where a row without a file goes; NULL: its table has no place of its own. */
static const char *new_path(struct exporting *x, const struct rs_row *r)
{
  static const struct {
    enum rs_table_id table;
    const char *folder, *end;
  } places[] = {{RS_T_MODEL, "models", ".sql"}, {RS_T_SEED, "seeds", ".csv"},
                {RS_T_TEST, "tests", ".sql"},   {RS_T_ANALYSIS, "analyses", ".sql"},
                {RS_T_MACRO, "macros", ".sql"}, {RS_T_SNAPSHOT, "snapshots", ".sql"},
                {RS_T_DOC, "models", ".md"}};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    if (places[i].table != r->table) continue;
    bool in_folder = r->table != RS_T_MACRO && r->table != RS_T_DOC && r->table != RS_T_SNAPSHOT;
    const char *folder = in_folder ? rs_row_text(r, "folder") : NULL;
    const char *version = r->table == RS_T_MODEL ? rs_row_text(r, "version") : "";
    return rs_arena_printf(&x->arena, "%s%s%s/%s%s%s%s", places[i].folder,
                           folder != NULL ? "/" : "", folder != NULL ? folder : "",
                           rs_row_text(r, "name"), *version != 0 ? "_v" : "", version,
                           places[i].end);
  }
  return NULL;
}

static enum rs_code note(struct exporting *x, const struct rs_row *r, const char *text,
                         struct rs_error *e)
{
  char *line = rs_arena_printf(&x->arena, "%s: %s", rs_row_label(r, &x->arena), text);
  if (line == NULL) return rs_nomem(e);
  list(&x->notes, line);
  return RS_OK;
}

static enum rs_code put_new(struct exporting *x, const struct rs_row *r, struct rs_error *e)
{
  const struct rs_cell *body = rs_row_body(r);
  const char *path = body != NULL && body->p != NULL ? new_path(x, r) : NULL;
  if (path == NULL) return note(x, r, "has no file; writing properties is not built yet", e);
  const char *package = rs_row_text(r, "package");
  struct file *f = find_file(x, package, path);
  if (f != NULL) return note(x, r, "its file is there with another row", e);
  f = new_file(x, package, path);
  if (f == NULL) return rs_nomem(e);
  f->changed = true;
  if (r->table == RS_T_SNAPSHOT || r->table == RS_T_DOC) {
    const char *tag = r->table == RS_T_DOC ? "docs" : "snapshot";
    rs_buf_printf(&f->text, "{%% %s %s %%}\n", tag, rs_row_text(r, "name"));
    rs_buf_add(&f->text, body->p, body->n);
    rs_buf_printf(&f->text, "\n{%% end%s %%}\n", tag);
    return rs_buf_error(&f->text, e, path);
  }
  return put_whole(f, r, e);
}

static enum rs_code put_row(void *arg, const struct rs_row *r, struct rs_error *e)
{
  struct exporting *x = arg;
  char hash[2 * RS_SHA256_SIZE + 1];
  enum rs_code rc = rs_row_hash(r, hash, e);
  const char *key = rs_row_key(r, &x->arena);
  char *name = key != NULL ? rs_arena_printf(&x->arena, "%s %s", rs_tables[r->table].name, key)
                           : NULL;
  if (rc != RS_OK || name == NULL) return rc != RS_OK ? rc : rs_nomem(e);
  const char *then = rs_map_get(&x->hashes, name);
  if (rs_eq(then, hash)) return RS_OK;
  if (then == NULL) return put_new(x, r, e);
  if (strcmp(then + RS_SHA256_SIZE, hash + RS_SHA256_SIZE) != 0)
    rc = note(x, r, "its properties were edited; writing them to yml is not built yet", e);
  if (rc != RS_OK || strncmp(then, hash, RS_SHA256_SIZE) == 0) return rc;
  const char *path = rs_row_text(r, "path");
  struct file *f = path != NULL ? find_file(x, rs_row_text(r, "package"), path) : NULL;
  if (f == NULL) return put_new(x, r, e);
  bool block = r->table == RS_T_MACRO || r->table == RS_T_SNAPSHOT || r->table == RS_T_DOC;
  return block ? put_block(x, f, r, e) : put_whole(f, r, e);
}

/* ---- writing -------------------------------------------------------------------------------- */

static enum rs_code write_file(struct exporting *x, const struct file *f, struct rs_error *e)
{
  const char *below = *f->package != 0 ? rs_map_get(&x->packages, f->package) : "";
  if (below == NULL) return RS_OK;
  struct rs_arena scratch;
  rs_arena_init(&scratch, 0);
  char *path = rs_arena_printf(&scratch, "%s/%s%s%s", x->folder, below, *below != 0 ? "/" : "",
                               f->path);
  const char *old;
  size_t n = 0;
  enum rs_code rc = path == NULL ? rs_nomem(e) : RS_OK;
  // A row's path is whatever somebody wrote there
  if (rc == RS_OK && (*f->path == '/' || strstr(f->path, "..") != NULL))
    rc = rs_fail(e, RS_FORBIDDEN, "%s: a path must stay below the project's folder", f->path);
  bool there = rc == RS_OK && rs_is_file(path);
  if (there) rc = rs_file_read(&scratch, path, (size_t)256 << 20, &old, &n, e);
  bool same = rc == RS_OK && there && n == f->text.n && memcmp(old, rs_buf_text(&f->text), n) == 0;
  if (same) x->unchanged++;
  if (rc == RS_OK && there && !same && !x->force)
    rc = rs_fail(e, RS_EXISTS, "%s: is there with another content: {\"force\":true} overwrites it",
                 path);
  if (rc == RS_OK && !same) {
    rc = rs_file_write(path, rs_buf_text(&f->text), f->text.n, e);
    list(&x->written, path + strlen(x->folder) + 1);
  }
  rs_arena_free(&scratch);
  return rc;
}

enum rs_code rs_export(const char *folder, const struct rs_export_options *opt,
                       const struct rs_row_store *store, struct rs_buf *report, struct rs_error *e)
{
  struct exporting x = {.store = store, .folder = folder, .force = opt->force};
  rs_arena_init(&x.arena, EXPORT_MEMORY_MAX);
  rs_map_init(&x.files);
  rs_map_init(&x.packages);
  rs_map_init(&x.hashes);
  rs_buf_init(&x.written, RS_BUF_SQL_MAX);
  rs_buf_init(&x.notes, RS_BUF_SQL_MAX);
  enum rs_code rc = store->each(store->ctx, RS_T_FILE, read_file, &x, e);
  if (rc == RS_OK) rc = store->each(store->ctx, RS_T_PACKAGE, read_package, &x, e);
  if (rc == RS_OK) rc = store->each(store->ctx, RS_T_IMPORTED, read_hash, &x, e);
  for (size_t t = 0; rc == RS_OK && t < RS_T_FILE; t++)
    rc = store->each(store->ctx, (enum rs_table_id)t, put_row, &x, e);
  if (rc == RS_OK && find_file(&x, "", "dbt_project.yml") == NULL) {
    struct file *f = new_file(&x, "", "dbt_project.yml");
    if (f == NULL) rc = rs_nomem(e);
    else rs_buf_str(&f->text, "name: project\nversion: '1.0'\nconfig-version: 2\n");
  }
  for (size_t i = 0; rc == RS_OK && i < x.files.n; i++) rc = write_file(&x, x.files.v[i].value, e);
  if (rc == RS_OK) {
    rs_buf_printf(report, "{\"written\":[%s],\"unchanged\":%zu,\"notes\":[%s]}",
                  rs_buf_text(&x.written), x.unchanged, rs_buf_text(&x.notes));
    rc = rs_buf_error(report, e, "the report");
  }
  for (size_t i = 0; i < x.files.n; i++) rs_buf_free(&((struct file *)x.files.v[i].value)->text);
  rs_buf_free(&x.written);
  rs_buf_free(&x.notes);
  rs_map_free(&x.files);
  rs_map_free(&x.packages);
  rs_map_free(&x.hashes);
  rs_arena_free(&x.arena);
  return rc;
}

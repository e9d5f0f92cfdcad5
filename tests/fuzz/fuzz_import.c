/*
** Fuzzing the import of a project: dbt_project.yml, properties, macros, a snapshot, docs and
** packages.yml of any text are an error that names a file, or rows and a report that is JSON.
** Lines `%%` part the files.
*/
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/json/json.h"
#include "src/base/mem.h"
#include "src/project/files/files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const files[] = {"dbt_project.yml", "models/schema.yml", "macros/m.sql",
                                    "snapshots/s.sql", "models/a.sql",      "models/docs.md",
                                    "dependencies.yml"};
#define FILES (sizeof files / sizeof *files)

static enum rs_code get_none(void *ctx, const struct rs_row *key, struct rs_arena *a,
                             struct rs_row *out, bool *found, struct rs_error *e)
{
  (void)ctx, (void)key, (void)a, (void)out, (void)e;
  *found = false;
  return RS_OK;
}

/* Every cell can be read to its end. */
static enum rs_code put_any(void *ctx, const struct rs_row *r, struct rs_error *e)
{
  size_t *sum = ctx;
  (void)e;
  for (size_t i = 0; i < RS_COLUMNS_MAX; i++)
    for (size_t k = 0; r->v[i].p != NULL && k < r->v[i].n; k++) *sum += (unsigned char)r->v[i].p[k];
  return RS_OK;
}

static enum rs_code remove_any(void *ctx, const struct rs_row *key, struct rs_error *e)
{
  (void)ctx, (void)key, (void)e;
  return RS_OK;
}

static enum rs_code each_none(void *ctx, enum rs_table_id t,
                              enum rs_code (*fn)(void *, const struct rs_row *, struct rs_error *),
                              void *arg, struct rs_error *e)
{
  (void)ctx, (void)t, (void)fn, (void)arg, (void)e;
  return RS_OK;
}

static char folder[64];

static void end(void)
{
  static const char *const folders[] = {"models", "macros", "snapshots", ""};
  char path[200];
  for (size_t i = 0; i < FILES; i++) {
    snprintf(path, sizeof path, "%s/%s", folder, files[i]);
    (void)unlink(path);
  }
  for (size_t i = 0; i < 4; i++) {
    snprintf(path, sizeof path, "%s/%s", folder, folders[i]);
    (void)rmdir(path);
  }
}

static void begin(void)
{
  static const char *const folders[] = {"models", "macros", "snapshots"};
  char path[200];
  // in memory where the system has such a place: a thousand files a second
  snprintf(folder, sizeof folder, "%s/rs_fuzz_XXXXXX",
           access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
  if (mkdtemp(folder) == NULL) abort();
  for (size_t i = 0; i < 3; i++) {
    snprintf(path, sizeof path, "%s/%s", folder, folders[i]);
    if (mkdir(path, 0700) != 0) abort();
  }
  (void)atexit(end);
}

static void write_file(const char *name, const char *text, size_t n)
{
  char path[200];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *f = fopen(path, "wb");
  if (f == NULL || (n > 0 && fwrite(text, 1, n, f) != n) || fclose(f) != 0) abort();
}

static void write_files(const char *p, size_t n)
{
  static const char part[] = "\n%%\n";
  for (size_t i = 0; i < FILES; i++) {
    const char *to = n > 0 ? memmem(p, n, part, 4) : NULL;
    size_t size = to != NULL ? (size_t)(to - p) : n;
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, files[i]);
    if (size > 0) write_file(files[i], p, size);
    else (void)unlink(path);
    p += to != NULL ? size + 4 : n;
    n -= to != NULL ? size + 4 : n;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
  if (n > 8192) return 0;
  if (folder[0] == 0) begin();
  write_files((const char *)data, n);
  size_t sum = 0;
  struct rs_row_store store = {
    .ctx = &sum, .get = get_none, .put = put_any, .remove = remove_any, .each = each_none};
  struct rs_import_options opt = {.force = false};
  struct rs_error e = {0};
  struct rs_buf report;
  rs_buf_init(&report, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_import(folder, &opt, &store, &report, &e);
  if (rc != RS_OK && e.text[0] == 0) abort();
  if (rc == RS_OK) {
    struct rs_arena a;
    struct rs_json *json;
    rs_arena_init(&a, 0);
    if (rs_json_parse(rs_buf_text(&report), report.n, 10, &a, &json, &e) != RS_OK) abort();
    rs_arena_free(&a);
  }
  rs_buf_free(&report);
  return 0;
}

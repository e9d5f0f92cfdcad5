/*
** Files as rows (see load.h): a private embedded engine in memory reads them, so that the target's
** own instance never gets access to files.
*/
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/engine/slots.h"
#include "load.h"
#include "check.h"
#include "reading.h"

/* ---- formats --------------------------------------------------------------------------------- */

struct format {
  const char *names; /* as option and as ending, parted by blanks; the first is the option */
  const char *read;  /* "read_x(%s": the literal of the path follows, then the options */
  const char *options;
  bool json;
  const char *nothing; /* the one column that DuckDB makes up for a file without rows; NULL: none */
};

/* Every row is looked at for the types; objects stay STRUCTs however many keys they have. */
#define JSON_OPTIONS ", sample_size=-1, map_inference_threshold=-1, field_appearance_threshold=0"

static const struct format formats[] = {
  {"json", "read_json", JSON_OPTIONS, true, "json"},
  {"ndjson jsonl", "read_json", JSON_OPTIONS ", format='newline_delimited'", true, "json"},
  {"csv", "read_csv", ", sample_size=-1", false, "column0"},
  {"tsv tab", "read_csv", ", sample_size=-1", false, "column0"},
  {"parquet pq", "read_parquet", "", false, NULL},
};

/* Is word (n bytes) one of the blank-parted names? */
static bool names_hold(const char *names, const char *word, size_t n)
{
  while (*names != 0) {
    size_t len = strcspn(names, " ");
    if (len == n && rs_casecmpn(names, word, n) == 0) return true;
    names += len + (names[len] == ' ');
  }
  return false;
}

static const struct format *format_named(const char *word, size_t n)
{
  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
    if (names_hold(formats[i].names, word, n)) return &formats[i];
  }
  return NULL;
}

static bool ends_with(const char *p, size_t n, const char *end)
{
  size_t len = strlen(end);
  return n >= len && rs_casecmpn(p + n - len, end, len) == 0;
}

static enum rs_code choose_format(const struct rs_load *load, const struct format **f,
                                  struct rs_error *e)
{
  if (load->format != NULL) {
    *f = format_named(load->format, strlen(load->format));
    if (*f != NULL) return RS_OK;
    return rs_fail(e, RS_INVALID,
                   "format '%s' is not known; known: json, ndjson, csv, tsv, parquet",
                   load->format);
  }
  size_t n = strlen(load->path);
  if (ends_with(load->path, n, ".gz")) n -= 3;
  size_t dot = n;
  while (dot > 0 && load->path[dot - 1] != '.' && load->path[dot - 1] != '/') dot--;
  *f = dot > 0 && load->path[dot - 1] == '.' ? format_named(load->path + dot, n - dot) : NULL;
  if (*f != NULL) return RS_OK;
  return rs_fail(e, RS_INVALID,
                 "'%s': its name does not tell the format; give format json, ndjson, csv, tsv or "
                 "parquet",
                 load->path);
}

/* ---- the private engine ---------------------------------------------------------------------- */

/* The output of the private engine: in memory, with files, and the library that the target has. */
static struct rs_output *reader_output(const struct rs_output *of, const struct format *format)
{
  const char *library = rs_output_text(of, "library", NULL);
  struct rs_output *o = rs_output_new();
  struct rs_arena *a = o != NULL ? rs_output_arena(o) : NULL;
  struct rs_field *f = o != NULL ? rs_arena_calloc(a, 4 * sizeof *f) : NULL;
  char *copy = o != NULL && library != NULL ? rs_arena_strdup(a, library) : NULL;
  if (f == NULL || (library != NULL && copy == NULL)) {
    rs_output_release(o);
    return NULL;
  }
  o->type = "duckdb";
  o->profile_name = o->target_name = "files";
  o->workspace = "main";
  o->threads = 1;
  o->source = o->found = "";
  o->fields = f;
  f[0] = (struct rs_field){"path", RS_FIELD_TEXT, false, ":memory:", 0};
  f[1] = (struct rs_field){"allow_external_access", RS_FIELD_BOOL, false, "true", 1};
  // No temporary files in the current folder: what is streamed needs none. Parquet is read faster
  // than it is written: further threads would only wait, and DuckDB's wait by asking.
  bool quick = !format->json && format->nothing == NULL;
  const char *settings = quick ? "{\"temp_directory\":\"\",\"threads\":1}"
                               : "{\"temp_directory\":\"\"}";
  f[2] = (struct rs_field){"settings", RS_FIELD_MAP, false, settings, 0};
  f[3] = (struct rs_field){"library", RS_FIELD_TEXT, false, copy, 0};
  o->nfields = copy != NULL && copy[0] != 0 ? 4 : 3;
  return o;
}

static enum rs_code open_reader(struct rs_session *to, const struct format *format,
                                struct rs_load_source *src, struct rs_error *e)
{
  struct rs_output *o = reader_output(to->target->output, format);
  if (o == NULL) return rs_nomem(e);
  enum rs_code rc = rs_target_open(o, &src->t, e);
  rs_output_release(o);
  if (rc == RS_OK) rc = rs_session_open(src->t, &to->interrupt, to->log, &src->s, e);
  return rc;
}

void rs_load_source_close(struct rs_load_source *src)
{
  rs_session_close(src->s);
  rs_target_release(src->t);
  rs_free(src->fields.v);
  *src = (struct rs_load_source){.t = NULL};
}

/* ---- files ----------------------------------------------------------------------------------- */

/* The path as a literal; a file that exists under exactly this name is no pattern. */
static const char *path_literal(struct rs_load_source *src, struct rs_arena *a, const char *path,
                                bool exists)
{
  struct rs_buf name, b;
  rs_buf_init(&name, 1 << 20);
  rs_buf_init(&b, 1 << 20);
  for (const char *p = path; *p != 0; p++) {
    bool special = exists && strchr("*?[", *p) != NULL;
    rs_buf_printf(&name, special ? "[%c]" : "%c", *p);
  }
  rs_sql_add(src->s, &b, "%t", rs_buf_text(&name));
  const char *text = name.rc == RS_OK && b.rc == RS_OK ? rs_arena_strdup(a, rs_buf_text(&b)) : NULL;
  rs_buf_free(&name);
  rs_buf_free(&b);
  return text;
}

struct files {
  const char *literal; /* SQL of the path or pattern */
  int64_t size;        /* bytes of one plain file, -1 unknown */
  const char **v;      /* their paths; rs_free */
  size_t n, cap;
  struct rs_arena *a;
};

static enum rs_code add_file(struct files *f, const char *path, struct rs_error *e)
{
  struct stat st;
  if (!rs_grow(&f->v, &f->cap, f->n + 1, sizeof f->v[0])) return rs_nomem(e);
  if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
    // they are read more than once
    return rs_fail(e, RS_INVALID, "'%s' is no regular file: write what it gives to one", path);
  }
  f->v[f->n++] = path;
  return RS_OK;
}

static enum rs_code see_file(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  struct files *f = ctx;
  const char *path = NULL;
  enum rs_code rc = rs_sql_text(r, 0, f->a, &path, e);
  return rc == RS_OK && path != NULL ? add_file(f, path, e) : rc;
}

static enum rs_code find_files(struct rs_load_source *src, const char *path, struct files *f,
                               struct rs_error *e)
{
  struct stat st;
  const char *home = getenv("HOME");
  if (rs_casestarts(path, strlen(path), "http://") || rs_casestarts(path, strlen(path), "https://"))
    return rs_fail(e, RS_UNSUPPORTED,
                   "'%s' is a URL, which is not fetched: save it as a file (curl -O) and name that",
                   path);
  if (path[0] == '~' && path[1] == '/' && home != NULL) {
    path = rs_arena_printf(f->a, "%s%s", home, path + 1);
    if (path == NULL) return rs_nomem(e);
  }
  int failed = stat(path, &st) == 0 ? 0 : errno;
  bool pattern = failed != 0 && strpbrk(path, "*?[") != NULL;
  f->size = -1;
  if (failed == 0) {
    if (S_ISDIR(st.st_mode)) {
      return rs_fail(e, RS_INVALID, "'%s' is a folder; name its files: '%s/*.json'", path, path);
    }
    if (access(path, R_OK) != 0) failed = errno;
    if (S_ISREG(st.st_mode) && !ends_with(path, strlen(path), ".gz")) f->size = st.st_size;
  }
  if (failed != 0 && !pattern)
    return rs_fail(e, RS_NOT_FOUND, "file '%s': %s", path, strerror(failed));
  f->literal = path_literal(src, f->a, path, failed == 0);
  if (f->literal == NULL) return rs_nomem(e);
  if (!pattern) return add_file(f, path, e);
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  rs_buf_printf(&b, "SELECT file FROM glob(%s) ORDER BY file", f->literal);
  enum rs_code rc = rs_sql_each(src->s, &b, see_file, f, NULL, e);
  if (rc == RS_OK && f->n == 0) rc = rs_fail(e, RS_NOT_FOUND, "no file matches '%s'", path);
  return rc;
}

/* ---- whole files ----------------------------------------------------------------------------- */

static bool is_same_way(const struct rs_load_dialect *a, const struct rs_load_dialect *b)
{
  return a->delimiter == b->delimiter && a->quote == b->quote && a->escape == b->escape &&
         a->skip == b->skip;
}

/* One way to read all of them: DuckDB takes one set of options for a call. */
static enum rs_code check_csv_files(struct rs_load_source *src, const struct files *f,
                                    const struct rs_load_wanted *wanted, struct rs_load_dialect *d,
                                    struct rs_error *e)
{
  const char *known = NULL;
  *d = (struct rs_load_dialect){
    .delimiter = wanted->delimiter != 0 ? wanted->delimiter : ',', .quote = '"', .escape = '"'};
  for (size_t i = 0; i < f->n; i++) {
    struct rs_load_dialect one;
    int64_t rows = 0;
    enum rs_code rc = rs_load_check_csv(src->s, f->v[i], wanted, &one, &rows, e);
    if (rc != RS_OK) return rc;
    if (rows == 0 && wanted->skip > 0)
      return rs_fail(e, RS_INVALID, "file '%s': no line is left behind the %llu that `skip` says",
                     f->v[i], (unsigned long long)wanted->skip);
    if (rows == 0) continue;
    src->most += rows;
    src->least += rows - 1; // without a header
    if (known == NULL) {
      known = f->v[i];
      *d = one;
    } else if (is_same_way(d, &one)) {
      d->endings |= one.endings;
      d->quoted_ends = d->quoted_ends || one.quoted_ends;
    } else {
      return rs_fail(e, RS_INVALID,
                     "file '%s' is written in another way than '%s' (delimiter, quotes, or empty "
                     "lines at the top): load it by itself, with mode append",
                     f->v[i], known);
    }
  }
  return RS_OK;
}

/*
** No comments, no line passed over: every line is a row. DuckDB guesses how lines end from the
** first end of one, in quotes or not, and its strict mode wants those in quotes to be of the same
** kind; while strict it finds no row at all with the option "\r\n". So the option stays away as
** long as there is nothing in quotes, and is not strict otherwise: it need not be, after the check.
*/
static void add_dialect(struct rs_load_source *src, struct rs_buf *b,
                        const struct rs_load_dialect *d)
{
  static const char *const endings[] = {"", "\\n", "\\r\\n", "", "\\r"};
  char quote[2] = {d->quote, 0}, escape[2] = {d->escape, 0}, delimiter[2] = {d->delimiter, 0};
  bool mixed = (d->endings & (d->endings - 1)) != 0;
  rs_sql_add(src->s, b, ", comment='', delim=%t, quote=%t, escape=%t, null_padding=false",
             delimiter, quote, escape);
  rs_buf_printf(b, ", skip=%llu, strict_mode=%s", (unsigned long long)d->skip,
                mixed || d->quoted_ends ? "false" : "true");
  if (d->quoted_ends && !mixed && d->endings != 0) {
    rs_buf_printf(b, ", new_line='%s'", endings[d->endings]);
  }
}

/* *options: for the reader, what the files themselves say. */
static enum rs_code check_files(struct rs_load_source *src, const struct rs_load *load,
                                const struct format *format, const struct files *f,
                                const char **options, struct rs_error *e)
{
  struct rs_load_dialect d;
  struct rs_load_wanted wanted;
  enum rs_code rc = RS_OK;
  *options = format->options;
  src->least = src->most = 0;
  if (!format->json && format->nothing == NULL) { // parquet ends with its own check
    src->most = -1;
    return RS_OK;
  }
  if (format->json) {
    bool lines = !rs_eq(format->names, "json");
    for (size_t i = 0; i < f->n && rc == RS_OK; i++) {
      int64_t rows = 0;
      rc = rs_load_check_json(src->s, f->v[i], lines, &rows, e);
      src->most += rows;
    }
    src->least = src->most;
    return rc;
  }
  rc = rs_load_csv_wanted(load, strstr(format->names, "tab") != NULL, &wanted, e);
  if (rc == RS_OK) rc = check_csv_files(src, f, &wanted, &d, e);
  if (rc != RS_OK) return rc;
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  rs_buf_str(&b, format->options);
  add_dialect(src, &b, &d);
  rc = rs_load_csv_options(src->s, load, f->a, &b, e);
  if (rc == RS_OK) rc = rs_buf_error(&b, e, "options of the reader");
  if (rc == RS_OK && (*options = rs_arena_strdup(f->a, rs_buf_text(&b))) == NULL) rc = rs_nomem(e);
  rs_buf_free(&b);
  return rc;
}

/* ---- fields ---------------------------------------------------------------------------------- */

struct reading {
  struct rs_load_reading of; /* first */
  const struct format *format;
};

/* DuckDB reserves twice this for each thread: only large files may hold large objects. */
static const char *object_size(int64_t size)
{
  bool small = size >= 0 && size <= (int64_t)16 << 20;
  return small ? ", maximum_object_size=16777216" : ", maximum_object_size=268435456";
}

static const char *reader_call(const struct reading *r, const struct files *f, const char *options)
{
  return rs_arena_printf(r->of.a, "%s(%s%s%s, union_by_name=true)", r->format->read, f->literal,
                         options, r->format->json ? object_size(f->size) : "");
}

static enum rs_code give_types(struct reading *r, const struct files *f, struct rs_error *e)
{
  const char *head = rs_arena_printf(
    r->of.a, "read_json(%s%s%s", f->literal,
    rs_eq(r->format->names, "json") ? "" : ", format='newline_delimited'", object_size(f->size));
  r->of.typed = r->of.from;
  if (head == NULL) return rs_nomem(e);
  if (!r->format->json) return RS_OK;
  return rs_load_typed(r->of.src->s, r->of.a, head, &r->of.raw, &r->of.typed, e);
}

/* A file without rows and without a header has no fields, whatever DuckDB makes up. */
static enum rs_code drop_made_up(struct reading *r, struct rs_error *e)
{
  size_t rows = 1;
  if (r->format->nothing == NULL || r->of.raw.n != 1) return RS_OK;
  if (!rs_eq(r->of.raw.v[0].name, r->format->nothing)) return RS_OK;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_printf(&b, "SELECT 1 FROM %s LIMIT 1", r->of.from);
  enum rs_code rc = rs_sql_each(r->of.src->s, &b, NULL, NULL, &rows, e);
  if (rc == RS_OK && rows == 0) r->of.raw.n = 0;
  return rc;
}

/* Which of several files can't be read: the first that the reader refuses by itself. NULL: none, or
** it could not be found out. */
static const char *wrong_file(struct reading *r, const struct files *f, const char *options)
{
  for (size_t i = 0; i < f->n; i++) {
    struct rs_load_fields fields = {NULL, 0, 0};
    struct rs_error e = {0};
    const struct files one = {.literal = path_literal(r->of.src, r->of.a, f->v[i], true),
                              .size = -1};
    const char *from = one.literal != NULL ? reader_call(r, &one, options) : NULL;
    const char *all = from != NULL ? rs_arena_printf(r->of.a, "SELECT * FROM %s", from) : NULL;
    if (all == NULL) return NULL;
    enum rs_code rc = rs_load_describe(r->of.src->s, r->of.a, all, &fields, &e);
    rs_free(fields.v);
    if (rc == RS_NOMEM || rc == RS_CANCELLED) return NULL;
    if (rc != RS_OK) return f->v[i];
  }
  return NULL;
}

/* DuckDB's texts name the file or not. */
static void name_files(struct reading *r, const struct files *f, const char *options,
                       struct rs_error *e)
{
  if (e == NULL || e->code == RS_NOMEM || e->code == RS_CANCELLED) return;
  const char *sql = rs_error_shown_sql(e);
  for (size_t i = 0; i < f->n; i++) {
    const char *at = strstr(e->text, f->v[i]);
    if (at != NULL && (sql == NULL || at < sql)) return;
  }
  const char *one = f->n > 1 ? wrong_file(r, f, options) : NULL;
  if (one != NULL) (void)rs_error_prefix(e, "file '%s'", one);
  else (void)rs_error_prefix(e, "%s", r->of.src->what);
}

static enum rs_code read_fields(struct reading *r, const struct rs_load *load,
                                const struct files *f, const char *options, struct rs_error *e)
{
  r->of.from = reader_call(r, f, options);
  r->of.src->what = f->n == 1 ? rs_arena_printf(r->of.a, "file '%s'", f->v[0])
                              : rs_arena_printf(r->of.a, "files %s", f->literal);
  if (r->of.from == NULL || r->of.src->what == NULL) return rs_nomem(e);
  const char *all = rs_arena_printf(r->of.a, "SELECT * FROM %s", r->of.from);
  if (all == NULL) return rs_nomem(e);
  enum rs_code rc = rs_sql_run(r->of.src->s, NULL, e, "CREATE TEMP SEQUENCE rs_load_id");
  if (rc == RS_OK) rc = rs_load_describe(r->of.src->s, r->of.a, all, &r->of.raw, e);
  if (rc == RS_OK) rc = drop_made_up(r, e);
  if (rc == RS_OK) rc = give_types(r, f, e);
  if (rc == RS_OK) rc = rs_load_resolve(&r->of, r->format->json, e);
  if (rc == RS_OK && rs_eq(r->format->read, "read_csv")) rc = rs_load_warn(&r->of, load, e);
  if (rc == RS_OK) rc = rs_load_query(&r->of, load->id_field, e);
  // what a reader refuses for a reason of its own is a file that is wrong
  if (rc == RS_REMOTE) {
    rc = RS_INVALID;
    if (e != NULL) e->code = rc;
  }
  if (rc != RS_OK) name_files(r, f, options, e);
  return rc;
}

enum rs_code rs_load_source_open(struct rs_session *to, struct rs_arena *a,
                                 const struct rs_load *load, struct rs_load_source *src,
                                 struct rs_error *e)
{
  struct reading r = {.of = {.src = src, .a = a}};
  struct files files = {.a = a};
  const char *options = NULL;
  *src = (struct rs_load_source){.t = NULL};
  enum rs_code rc = choose_format(load, &r.format, e);
  if (rc == RS_OK && (r.format->json || r.format->nothing == NULL)) rc = rs_load_no_csv(load, e);
  if (rc == RS_OK) rc = open_reader(to, r.format, src, e);
  if (rc == RS_OK) rc = find_files(src, load->path, &files, e);
  if (rc == RS_OK) rc = check_files(src, load, r.format, &files, &options, e);
  if (rc == RS_OK) rc = read_fields(&r, load, &files, options, e);
  rs_free(files.v);
  rs_free(r.of.raw.v);
  return rc;
}

/*
** Files as rows (see load.h): a private embedded engine in memory reads them, so that the target's
** own instance never gets access to files.
*/
#include <string.h>
#include <sys/stat.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/engine/slots.h"
#include "load.h"
#include "check.h"
#include "reading.h"
#include "watch.h"

/* ---- formats --------------------------------------------------------------------------------- */

/* Every row is looked at for the types; objects stay STRUCTs however many keys they have. */
#define JSON_OPTIONS ", sample_size=-1, map_inference_threshold=-1, field_appearance_threshold=0"

/* Formats that no text has: texts stay texts. */
#define NO_DATES ", dateformat='@', timestampformat='@'"

enum { JSON, LINES, CSV, TSV, PARQUET, ARROW, XLSX };
static const struct rs_load_format formats[] = {
  [JSON] = {"json geojson", "read_json", JSON_OPTIONS, true, "json"},
  [LINES] = {"ndjson jsonl", "read_json", JSON_OPTIONS ", format='newline_delimited'", true,
             "json"},
  [CSV] = {"csv", "read_csv", ", sample_size=-1", false, "column0"},
  [TSV] = {"tsv tab", "read_csv", ", sample_size=-1", false, "column0"},
  [PARQUET] = {"parquet pq", "read_parquet", "", false, NULL},
  [XLSX] = {"xlsx xlsm", NULL, "", false, NULL},
  [ARROW] = {"arrow arrows feather ipc", NULL, "", false, NULL},
};

#define KNOWN "json, ndjson, csv, tsv, parquet, arrow, xlsx"

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

static const struct rs_load_format *format_named(const char *word, size_t n)
{
  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
    if (names_hold(formats[i].names, word, n)) return &formats[i];
  }
  return NULL;
}

/* By the ending of the n bytes of a name; NULL: it tells none. */
static const struct rs_load_format *format_of(const char *name, size_t n)
{
  size_t dot = n;
  while (dot > 0 && name[dot - 1] != '.' && name[dot - 1] != '/') dot--;
  return dot > 0 && name[dot - 1] == '.' ? format_named(name + dot, n - dot) : NULL;
}

static enum rs_code file_format(const struct rs_load *load, const struct rs_load_file *file,
                                struct rs_arena *a, const struct rs_load_format **f,
                                struct rs_error *e)
{
  size_t stem;
  const char *name = file->name;
  if (rs_load_packing(load, name, &stem) == RS_PACKED_ZIP) {
    enum rs_code rc = rs_load_member(load, file, a, &name, e);
    if (rc != RS_OK) return rc;
    stem = strlen(name);
  }
  *f = format_of(name, stem);
  if (*f != NULL) return RS_OK;
  return rs_fail(e, RS_INVALID, "'%s': its name does not tell the format; give format " KNOWN,
                 name);
}

static enum rs_code choose_format(const struct rs_load *load, const struct rs_load_files *files,
                                  const struct rs_load_format **f, struct rs_error *e)
{
  if (load->format != NULL) {
    *f = format_named(load->format, strlen(load->format));
    if (*f != NULL) return RS_OK;
    return rs_fail(e, RS_INVALID, "format '%s' is not known; known: " KNOWN, load->format);
  }
  for (size_t i = 0; i < files->n; i++) {
    const struct rs_load_format *one;
    enum rs_code rc = file_format(load, &files->v[i], files->a, &one, e);
    if (rc != RS_OK) return rc;
    if (i == 0) *f = one;
    if (one != *f)
      return rs_fail(e, RS_INVALID,
                     "the files differ in their format ('%s', '%s'): name those of one format "
                     "('*.%.*s'), or give the option `format`",
                     files->v[0].name, files->v[i].name, (int)strcspn((*f)->names, " "),
                     (*f)->names);
  }
  return RS_OK;
}

/* Options that belong to other files than these. */
static enum rs_code check_options(const struct rs_load *load, const struct rs_load_format *f,
                                  const struct rs_load_files *files, struct rs_error *e)
{
  size_t stem;
  if (load->json_path != NULL && !f->json)
    return rs_fail(e, RS_INVALID, "option 'path' is one of JSON files, which '%s' is not",
                   load->path);
  if (load->sheet != NULL && f != &formats[XLSX])
    return rs_fail(e, RS_INVALID, "option 'sheet' is one of xlsx files, which '%s' is not",
                   load->path);
  if (load->member != NULL && rs_load_packing(load, files->v[0].name, &stem) != RS_PACKED_ZIP)
    return rs_fail(e, RS_INVALID, "option 'member' is one of zip files, which '%s' is not",
                   load->path);
  return f->json || f->nothing == NULL ? rs_load_no_csv(load, f == &formats[XLSX], e) : RS_OK;
}

/* ---- the private engine ---------------------------------------------------------------------- */

/* The output of the private engine: in memory, with files, and the library that the target has. */
static struct rs_output *reader_output(const struct rs_output *of)
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
  // no temporary files in the current folder: what is streamed needs none
  f[2] = (struct rs_field){"settings", RS_FIELD_MAP, false, "{\"temp_directory\":\"\"}", 0};
  f[3] = (struct rs_field){"library", RS_FIELD_TEXT, false, copy, 0};
  o->nfields = copy != NULL && copy[0] != 0 ? 4 : 3;
  return o;
}

static enum rs_code open_reader(struct rs_session *to, struct rs_load_source *src,
                                struct rs_error *e)
{
  struct rs_output *o = reader_output(to->target->output);
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
  rs_load_files_close(&src->files);
  *src = (struct rs_load_source){.t = NULL};
}

/* ---- files ----------------------------------------------------------------------------------- */

/* Where the reader can't read the files themselves it gets temporary ones. *f: what it then is to
** read them as. */
static enum rs_code prepare_files(struct rs_load_source *src, const struct rs_load *load,
                                  const struct rs_load_format **f, struct rs_error *e)
{
  struct rs_load_files *files = &src->files;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < files->n && rc == RS_OK; i++) {
    struct rs_load_file *file = &files->v[i];
    size_t stem;
    enum rs_load_packing packing = rs_load_packing(load, file->name, &stem);
    // gzip of what it names so the reader unpacks itself, as check.h does
    bool reads = packing == RS_PACKED_NOT && file->name[stem] == 0;
    if (packing == RS_PACKED_GZIP && load->compression == NULL)
      reads = (*f)->json || (*f)->nothing != NULL;
    if (load->json_path != NULL) rc = rs_load_json_path(src->s, load, files, file, e);
    else if (!reads) rc = rs_load_spool(src->s, load, files, file, e);
    if (rc == RS_OK && *f == &formats[XLSX]) rc = rs_load_xlsx(src->s, load, files, file, e);
  }
  if (load->json_path != NULL || *f == &formats[XLSX]) *f = &formats[LINES];
  return rc;
}

/* Folders `name=value` on the way to a file. */
static bool has_hive(const struct rs_load_files *f)
{
  for (size_t i = 0; i < f->n; i++) {
    const char *equals = strchr(f->v[i].name, '=');
    if (equals != NULL && strchr(equals, '/') != NULL) return true;
  }
  return false;
}

/* SQL of an option. A file of its own folder is not seen as one of a partition any more. */
static enum rs_code hive_option(const struct rs_load *load, const struct rs_load_files *f,
                                bool is_arrow, const char **sql, struct rs_error *e)
{
  bool spooled = false, hive = load->hive >= 0 && has_hive(f);
  for (size_t i = 0; i < f->n; i++) spooled = spooled || f->v[i].fd >= 0 || is_arrow;
  *sql = load->hive < 0   ? ", hive_partitioning=false"
         : load->hive > 0 ? ", hive_partitioning=true"
                          : "";
  if (!spooled || !hive) return RS_OK;
  return rs_fail(e, RS_UNSUPPORTED,
                 "'%s': folders like `year=2024` are columns of files that DuckDB reads itself "
                 "(json, ndjson, csv, tsv, also .gz, and parquet): unpack them, or give the option "
                 "{\"hive\":false}",
                 f->v[0].name);
}

/* ---- whole files ----------------------------------------------------------------------------- */

static bool is_same_way(const struct rs_load_dialect *a, const struct rs_load_dialect *b)
{
  return a->delimiter == b->delimiter && a->quote == b->quote && a->escape == b->escape &&
         a->skip == b->skip;
}

/* One way to read all of them: DuckDB takes one set of options for a call. */
static enum rs_code check_csv_files(struct rs_load_source *src, const struct rs_load_files *f,
                                    const struct rs_load_wanted *wanted, struct rs_load_dialect *d,
                                    struct rs_error *e)
{
  const char *known = NULL;
  *d = (struct rs_load_dialect){
    .delimiter = wanted->delimiter != 0 ? wanted->delimiter : ',', .quote = '"', .escape = '"'};
  for (size_t i = 0; i < f->n; i++) {
    struct rs_load_dialect one;
    int64_t rows = 0;
    enum rs_code rc = rs_load_check_csv(src->s, f->v[i].path, wanted, &one, &rows, e);
    if (rc != RS_OK) return rc;
    if (rows == 0 && wanted->skip > 0)
      return rs_fail(e, RS_INVALID, "file '%s': no line is left behind the %llu that `skip` says",
                     f->v[i].name, (unsigned long long)wanted->skip);
    if (rows == 0) continue;
    src->most += rows;
    src->least += rows - 1; // without a header
    if (known == NULL) {
      known = f->v[i].name;
      *d = one;
    } else if (is_same_way(d, &one)) {
      d->endings |= one.endings;
      d->quoted_ends = d->quoted_ends || one.quoted_ends;
    } else {
      return rs_fail(e, RS_INVALID,
                     "file '%s' is written in another way than '%s' (delimiter, quotes, or empty "
                     "lines at the top): load it by itself, with mode append",
                     f->v[i].name, known);
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

/* Of documents every value is looked at while the bytes pass. */
static enum rs_code check_json_files(struct rs_load_source *src, const struct rs_load_files *f,
                                     bool lines, struct rs_error *e)
{
  struct rs_load_watch w;
  enum rs_code rc = RS_OK;
  rs_load_watch_init(&w);
  for (size_t i = 0; i < f->n && rc == RS_OK; i++) {
    int64_t rows = 0;
    rc = rs_load_check_json(src->s, f->v[i].path, lines, src->documents ? &w : NULL, &rows, e);
    src->most += rows;
  }
  src->documents = src->documents && !w.strange;
  src->odd = src->documents && (w.odd || (w.nested && src->flat));
  src->least = src->most;
  rs_load_watch_free(&w);
  return rc;
}

/* *options: for the reader, what the files themselves say. */
static enum rs_code check_files(struct rs_load_source *src, const struct rs_load *load,
                                const struct rs_load_format *format, const struct rs_load_files *f,
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
    rc = check_json_files(src, f, format == &formats[LINES], e);
    if ((load->dates < 0 || src->documents) && rc == RS_OK) {
      *options = rs_arena_printf(f->a, "%s" NO_DATES, format->options);
      if (*options == NULL) rc = rs_nomem(e);
    }
    return rc;
  }
  rc = rs_load_csv_wanted(load, format == &formats[TSV], &wanted, e);
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
  const struct rs_load_format *format;
  const char *sql;     /* the files */
  const char *options; /* of their reader */
  const char *hive;    /* one more */
};

/* DuckDB reserves twice this for each thread: only large files may hold large objects. */
static const char *object_size(const struct rs_load_files *f)
{
  struct stat st;
  size_t n = f->n == 1 ? strlen(f->v[0].path) : 0;
  bool packed = n > 3 && rs_casecmp(f->v[0].path + n - 3, ".gz") == 0;
  bool small = n > 0 && !packed && stat(f->v[0].path, &st) == 0 && st.st_size <= 16 << 20;
  return small ? ", maximum_object_size=16777216" : ", maximum_object_size=268435456";
}

static const char *reader_call(const struct reading *r, const char *sql)
{
  return rs_arena_printf(r->of.a, "%s(%s%s%s%s, union_by_name=true)", r->format->read, sql,
                         r->options, r->format->json ? object_size(&r->of.src->files) : "",
                         r->hive);
}

/* Texts that look like times of a day are texts again; NO_DATES does not say so to the reader.
** before[]: the types that were found; *some: there are such fields. */
static enum rs_code forget_times(struct reading *r, const char **before, bool *some,
                                 struct rs_error *e)
{
  const struct rs_load_source *src = r->of.src;
  bool failed = false;
  *some = false;
  for (size_t i = 0; i < r->of.raw.n && (src->documents || src->load->dates < 0); i++) {
    struct rs_load_field *f = &r->of.raw.v[i];
    const char *text = rs_load_retype(r->of.a, f->type, "TIME", "VARCHAR", &failed);
    before[i] = f->type;
    if (text == NULL) continue;
    f->type = text;
    *some = true;
  }
  return failed ? rs_nomem(e) : RS_OK;
}

static enum rs_code give_types(struct reading *r, struct rs_error *e)
{
  const struct rs_load_files *f = &r->of.src->files;
  const char **before = rs_arena_alloc(r->of.a, (r->of.raw.n + 1) * sizeof before[0]);
  bool times;
  r->of.typed = r->of.from;
  // columns that are folders are none of the documents'
  if (!r->format->json || has_hive(f)) return RS_OK;
  const char *head = rs_arena_printf(
    r->of.a, "read_json(%s%s%s", r->sql,
    r->format == &formats[JSON] ? "" : ", format='newline_delimited'", object_size(f));
  if (head == NULL || before == NULL) return rs_nomem(e);
  enum rs_code rc = forget_times(r, before, &times, e);
  if (rc == RS_OK) rc = rs_load_typed(r->of.src->s, r->of.a, head, &r->of.raw, &r->of.typed, e);
  if (rc != RS_OK || !times || r->of.typed != r->of.from) return rc;
  r->of.src->odd = r->of.src->documents;
  for (size_t i = 0; i < r->of.raw.n; i++) r->of.raw.v[i].type = before[i];
  return RS_OK;
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
static const char *wrong_file(struct reading *r)
{
  const struct rs_load_files *f = &r->of.src->files;
  for (size_t i = 0; i < f->n; i++) {
    struct rs_load_fields fields = {NULL, 0, 0};
    struct rs_error e = {0};
    const char *sql = rs_load_file_sql(r->of.src->s, r->of.a, f->v[i].path);
    const char *from = sql != NULL ? reader_call(r, sql) : NULL;
    const char *all = from != NULL ? rs_arena_printf(r->of.a, "SELECT * FROM %s", from) : NULL;
    if (all == NULL) return NULL;
    enum rs_code rc = rs_load_describe(r->of.src->s, r->of.a, all, &fields, &e);
    rs_free(fields.v);
    if (rc == RS_NOMEM || rc == RS_CANCELLED) return NULL;
    if (rc != RS_OK) return f->v[i].name;
  }
  return NULL;
}

/* DuckDB's texts name the file or not. */
static void name_files(struct reading *r, struct rs_error *e)
{
  const struct rs_load_files *f = &r->of.src->files;
  if (e == NULL || e->code == RS_NOMEM || e->code == RS_CANCELLED) return;
  const char *sql = rs_error_shown_sql(e);
  for (size_t i = 0; i < f->n; i++) {
    const char *at = strstr(e->text, f->v[i].path);
    if (at != NULL && (sql == NULL || at < sql)) return;
  }
  const char *one = f->n > 1 ? wrong_file(r) : NULL;
  if (one != NULL) (void)rs_error_prefix(e, "file '%s'", one);
  else (void)rs_error_prefix(e, "%s", r->of.src->what);
}

static enum rs_code read_fields(struct reading *r, const struct rs_load *load, struct rs_error *e)
{
  struct rs_load_source *src = r->of.src;
  const struct rs_load_files *f = &src->files;
  enum rs_code rc = RS_OK;
  if (r->format == &formats[ARROW]) {
    rc = rs_load_arrow(src, r->of.a, &r->of.from, e);
    if (rc != RS_OK) return rc;
  } else {
    r->sql = rs_load_files_sql(src->s, f);
    if (r->sql == NULL) return rs_nomem(e);
    r->of.from = reader_call(r, r->sql);
  }
  const char *all = r->of.from != NULL ? rs_arena_printf(r->of.a, "SELECT * FROM %s", r->of.from)
                                       : NULL;
  if (all == NULL) return rs_nomem(e);
  rc = rs_sql_run(src->s, NULL, e, "CREATE TEMP SEQUENCE rs_load_id");
  if (rc == RS_OK) rc = rs_load_describe(src->s, r->of.a, all, &r->of.raw, e);
  if (rc == RS_OK) rc = drop_made_up(r, e);
  if (rc == RS_OK) rc = give_types(r, e);
  if (rc == RS_OK && src->odd) return RS_OK;
  if (rc == RS_OK) rc = rs_load_resolve(&r->of, r->format->json, e);
  if (rc == RS_OK && r->format->read != NULL && rs_eq(r->format->read, "read_csv"))
    rc = rs_load_warn(&r->of, load, e);
  if (rc == RS_OK) rc = rs_load_query(&r->of, load->id_field, e);
  // what a reader refuses for a reason of its own is a file that is wrong
  if (rc == RS_REMOTE) {
    rc = RS_INVALID;
    if (e != NULL) e->code = rc;
  }
  if (rc != RS_OK) name_files(r, e);
  return rc;
}

/* "file 'x'", "files 'x*'" */
static enum rs_code say_what(struct rs_load_source *src, struct rs_arena *a,
                             const struct rs_load *load, struct rs_error *e)
{
  const struct rs_load_files *f = &src->files;
  src->what = f->n == 1 ? rs_arena_printf(a, "file '%s'", f->v[0].name)
                        : rs_arena_printf(a, "files '%s'", load->path);
  return src->what != NULL ? RS_OK : rs_nomem(e);
}

enum rs_code rs_load_source_open(struct rs_session *to, struct rs_arena *a,
                                 const struct rs_load *load, struct rs_load_source *src,
                                 struct rs_error *e)
{
  struct reading r = {.of = {.src = src, .a = a}};
  *src = (struct rs_load_source){.load = load, .files = {.a = a}};
  enum rs_code rc = open_reader(to, src, e);
  if (rc == RS_OK) rc = rs_load_files_find(src->s, load, &src->files, e);
  if (rc == RS_OK) rc = say_what(src, a, load, e);
  if (rc == RS_OK) rc = choose_format(load, &src->files, &r.format, e);
  if (rc == RS_OK) rc = check_options(load, r.format, &src->files, e);
  // Parquet is read faster than it is written: further threads would only wait, and DuckDB's wait
  // by asking
  if (rc == RS_OK && r.format == &formats[PARQUET])
    rc = rs_sql_run(src->s, NULL, e, "SET threads=1");
  // folders `name=value` are columns of no document
  src->documents = rc == RS_OK && r.format->json && load->documents > 0 &&
                   !(load->hive >= 0 && has_hive(&src->files));
  src->flat = rs_eq(to->target->dialect->type_names[RS_T_JSON],
                    to->target->dialect->type_names[RS_T_TEXT]);
  if (rc == RS_OK) rc = prepare_files(src, load, &r.format, e);
  if (rc == RS_OK) rc = hive_option(load, &src->files, r.format == &formats[ARROW], &r.hive, e);
  if (rc == RS_OK) rc = check_files(src, load, r.format, &src->files, &r.options, e);
  if (rc == RS_OK && !src->odd) rc = read_fields(&r, load, e);
  if (rc != RS_OK) rs_load_files_name(&src->files, e);
  rs_free(r.of.raw.v);
  return rc;
}

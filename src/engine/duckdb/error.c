/*
** DuckDB's errors as ours. Its driver gives neither an SQLSTATE nor a vendor code, and one ADBC
** status for nearly everything: the class in front of the text ("Catalog Error: ") is the only code
** that there is, and within a class its own words tell the rest. This file alone looks at them;
** behind it struct rs_error says what is to be known. The text becomes one line without what only
** DuckDB's authors can use.
*/
#include <string.h>
#include <cjson/cJSON.h>
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/engine/adbc/driver.h"
#include "duckdb.h"

/* By the class and, where it says too little, by words of DuckDB's own behind it; the first match
** wins. Words that are `first` follow the class: what is behind may be a name or a value of the
** user's. */
static const struct {
  const char *class, *first, *word;
  enum rs_code code;
  enum rs_refused refused;
} classes[] = {
  {"INTERRUPT Error: ", NULL, NULL, RS_CANCELLED, 0},
  {"IO Error: ", "Could not set lock on file", NULL, RS_BUSY, 0},
  {"IO Error: ", NULL, "Conflicting lock is held", RS_BUSY, 0},
  {"Constraint Error: ", NULL, NULL, RS_CONSTRAINT, 0},
  {"Out of Memory Error: ", NULL, NULL, RS_LIMIT, 0},
  {"Permission Error: ", NULL, NULL, RS_FORBIDDEN, 0},
  {"Invalid Input Error: ", "Cannot execute ", "attached in read-only mode", RS_FORBIDDEN, 0},
  {"Catalog Error: ", "Existing object ", " is of type ", RS_INVALID, RS_REFUSED_KIND},
  {"Catalog Error: ", NULL, "already exists", RS_EXISTS, 0},
  {"Catalog Error: ", NULL, "does not exist", RS_NOT_FOUND, 0},
  {"Binder Error: ", "infinite recursion detected", NULL, RS_INVALID, RS_REFUSED_RECURSION},
  {"Binder Error: ", NULL, "does not exist", RS_NOT_FOUND, 0},
  {"Parser Error: ", NULL, NULL, RS_INVALID, 0},
  {"Syntax Error: ", NULL, NULL, RS_INVALID, 0},
  {"Binder Error: ", NULL, NULL, RS_INVALID, 0},
  {"Catalog Error: ", NULL, NULL, RS_INVALID, 0},
  {"Dependency Error: ", NULL, NULL, RS_CONSTRAINT, 0},
  {"IO Error: ", NULL, NULL, RS_IO, 0},
  {"HTTP Error: ", NULL, NULL, RS_IO, 0},
  {"Not implemented Error: ", NULL, NULL, RS_UNSUPPORTED, 0},
};

/* What struct rs_error has of the error but its text. */
struct judgement {
  enum rs_code code;
  enum rs_refused refused;
  bool again;
};

static struct judgement judge_text(AdbcStatusCode status, const char *text)
{
  struct judgement out = {.code = RS_REMOTE};
  if (rs_adbc_is_duckdb_conflict(text)) return (struct judgement){.code = RS_BUSY, .again = true};
  if (status == ADBC_STATUS_ALREADY_EXISTS) out.code = RS_EXISTS;
  if (status == ADBC_STATUS_NOT_FOUND) out.code = RS_NOT_FOUND;
  if (status == ADBC_STATUS_CANCELLED) out.code = RS_CANCELLED;
  for (size_t i = 0; out.code != RS_CANCELLED && i < sizeof classes / sizeof *classes; i++) {
    const char *class = classes[i].class, *first = classes[i].first, *word = classes[i].word;
    if (!rs_starts(text, class) || (first && !rs_starts(text + strlen(class), first)) ||
        (word && !strstr(text, word)))
      continue;
    out.code = classes[i].code;
    out.refused = classes[i].refused;
    break;
  }
  return out;
}

/* Some paths hand out the exception as JSON. Returns owned cJSON, *text its words. */
static cJSON *unwrap(const char *text, struct rs_buf *b)
{
  cJSON *j = *text == '{' ? cJSON_Parse(text) : NULL;
  const cJSON *type = cJSON_GetObjectItemCaseSensitive(j, "exception_type");
  const cJSON *message = cJSON_GetObjectItemCaseSensitive(j, "exception_message");
  if (cJSON_IsString(type) && cJSON_IsString(message))
    rs_buf_printf(b, "%s Error: %s", type->valuestring, message->valuestring);
  else rs_buf_str(b, text);
  return j;
}

/* Lines that mislead or are for DuckDB's authors. */
static bool is_noise(const char *p, size_t n)
{
  // Names that are like it, where none of the user's is: DuckDB's own
  static const char *const own[] = {"pg_", "duckdb_", "pragma_", "information_schema."};
  static const char hint[] = "Did you mean \"";
  bool is_hint = n > sizeof hint - 1 && memcmp(p, hint, sizeof hint - 1) == 0;
  for (size_t i = 0; is_hint && i < sizeof own / sizeof *own; i++)
    if (strncmp(p + sizeof hint - 1, own[i], strlen(own[i])) == 0) return true;
  static const char *const noise[] = {
    "Error: Attempting to execute an unsuccessful or closed pending",
    "Attempting to execute an unsuccessful or closed pending",
    "Invalid Error: Attempting to execute",
    "Invalid Input Error: Attempting to execute an unsuccessful"};
  for (size_t i = 0; i < sizeof noise / sizeof *noise; i++)
    if (n >= strlen(noise[i]) && memcmp(p, noise[i], strlen(noise[i])) == 0) return true;
  return false;
}

/* The first paragraph on one line: behind it come the statement (which we append ourselves), advice
** on settings, or a stack trace. */
static void one_line(const char *text, struct rs_buf *out)
{
  for (const char *p = text; *p;) {
    size_t n = strcspn(p, "\r\n");
    const char *line = p;
    p += n;
    p += strspn(p, "\r");
    if (*p == '\n') p++;
    if (is_noise(line, n)) continue;
    if (n == 0 && out->n) break;
    if (n >= 11 && memcmp(line, "Stack Trace", 11) == 0) break;
    if (n >= 5 && memcmp(line, "LINE ", 5) == 0) break;
    // "Error: " repeats the class of the line that was dropped
    if (n > 7 && memcmp(line, "Error: ", 7) == 0) line += 7, n -= 7;
    if (!n) continue;
    if (out->n) rs_buf_str(out, "; ");
    rs_buf_add(out, line, n);
  }
}

static bool is_name_char(char c)
{
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (unsigned char)c >= 0x80;
}

/* Without the catalog that nobody but open.c gave its name. */
static void hide_catalog(const char *text, struct rs_buf *out)
{
  static const struct {
    const char *from, *to;
  } words[] = {
    {"\"" RS_DUCKDB_CATALOG "\".", ""},
    {RS_DUCKDB_CATALOG ".", ""},
    {"database \"" RS_DUCKDB_CATALOG "\"", "the database"},
  };
  size_t i;
  for (const char *p = text; *p;) {
    bool starts = p == text || !is_name_char(p[-1]);
    for (i = 0; i < 3; i++)
      if (starts && strncmp(p, words[i].from, strlen(words[i].from)) == 0) break;
    if (i < 3) {
      rs_buf_str(out, words[i].to);
      p += strlen(words[i].from);
    } else {
      rs_buf_char(out, *p++);
    }
  }
}

/* "Catalog Error: Table with name x does not exist!" */
static void keep_missing(const char *text, struct rs_error *e)
{
  static const char begin[] = "Catalog Error: Table with name ", end[] = " does not exist!";
  if (e == NULL || strncmp(text, begin, sizeof begin - 1) != 0) return;
  const char *name = text + sizeof begin - 1, *stop = strstr(name, end);
  size_t n = stop != NULL ? (size_t)(stop - name) : 0;
  if (n == 0 || n >= sizeof e->missing) return;
  memcpy(e->missing, name, n);
  e->missing[n] = 0;
}

/* "Catalog Error: Scalar Function with name x does not exist!", "Binder Error: No function matches
** the given name and argument types 'x(INTEGER)'." */
static void keep_function(const char *text, struct rs_error *e)
{
  static const char named[] = " Function with name ",
                    types[] = "Binder Error: No function matches "
                              "the given name and argument types '";
  if (e == NULL) return;
  const char *name = strstr(text, named), *stop = NULL;
  if (rs_starts(text, "Catalog Error: ") && name != NULL) {
    name += sizeof named - 1;
    stop = strstr(name, " does not exist!");
  } else if (rs_starts(text, types)) {
    name = text + sizeof types - 1;
    stop = strchr(name, '(');
    e->refused = RS_REFUSED_ARGUMENTS;
  }
  size_t n = stop != NULL ? (size_t)(stop - name) : 0;
  if (n == 0 || n >= sizeof e->function) return;
  memcpy(e->function, name, n);
  e->function[n] = 0;
}

/* Names of databases are none of our users' business: what DuckDB says of them in our words. */
static void tell(enum rs_code code, const char *text, struct rs_error *e)
{
  static const char ambiguous[] = "Ambiguous reference to catalog or schema ";
  const char *at = strstr(text, ambiguous), *missing = strstr(text, "Catalog \"");
  if (at) {
    at += strlen(ambiguous);
    rs_fail(e, code,
            "Binder Error: workspace %.*s can't be used: it is the name of a database of "
            "DuckDB, too: choose another%s",
            (int)strcspn(at, " "), at,
            strncmp(at, "\"temp\"", 6) == 0 || strncmp(at, "\"system\"", 8) == 0
              ? ""
              : ", or set database: " RS_DUCKDB_CATALOG " in the profile");
  } else if (missing && strstr(missing, "\" does not exist!")) {
    rs_fail(e, code,
            "%s; write workspace.collection, or attach that database in the profile (`attach`)",
            text);
  } else if (strstr(text, "file system operations are disabled by configuration")) {
    rs_fail(e, code, "%s: a target of profiles.yml with `allow_external_access: true` may", text);
  } else if (strstr(text, "can only write to a single attached database")) {
    rs_fail(e, code, "%s A hook that writes elsewhere can run outside: {\"transaction\": false}",
            text);
  } else {
    rs_fail(e, code, "%s", text);
  }
}

enum rs_code rs_duckdb_translate(const struct rs_adbc_failure *f, struct rs_error *e)
{
  struct rs_buf whole, line, shown;
  rs_buf_init(&whole, 1 << 20);
  rs_buf_init(&shown, 1 << 20);
  rs_buf_init(&line, 1 << 20);
  cJSON *j = unwrap(f->text, &whole);
  one_line(rs_buf_text(&whole), &line);
  // Classified by what is left: the noise names a class of its own
  const char *cause = line.n ? line.p : rs_buf_text(&whole);
  const struct judgement found = judge_text(f->status, cause);
  enum rs_code code = found.code;
  hide_catalog(line.n ? line.p : "DuckDB failed without saying why", &shown);
  if (whole.rc == RS_NOMEM || line.rc == RS_NOMEM || shown.rc == RS_NOMEM) code = rs_nomem(e);
  else if (code == RS_CANCELLED) rs_fail(e, code, "interrupted");
  else tell(code, rs_buf_text(&shown), e);
  if (e && code != RS_NOMEM) {
    e->again = found.again;
    e->refused = found.refused;
  }
  if (code == RS_NOT_FOUND && line.n > 0) keep_missing(line.p, e);
  if ((code == RS_NOT_FOUND || code == RS_INVALID) && line.n > 0) keep_function(line.p, e);
  cJSON_Delete(j);
  rs_buf_free(&whole);
  rs_buf_free(&line);
  rs_buf_free(&shown);
  return code;
}

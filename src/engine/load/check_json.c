/*
** The check of a JSON file (see check.h): where its values begin and end. What is in them is
** DuckDB's to judge.
*/
#include <string.h>
#include "check.h"
#include "watch.h"

struct json {
  bool lines;
  bool array;  /* the file is one: its elements are the records */
  bool closed; /* that array has ended */
  bool in_string, escaped;
  bool nul;      /* the string holds \u0000 ... */
  unsigned hex;  /* ... or may: digits of a \u that are still to come, all 0 so far */
  uint64_t text; /* bytes of the string */
  char last;     /* character that is no blank, of a string its closing quote; 0: none yet */
  bool in_word;  /* a number, true ..., of those that are records themselves */
  uint64_t depth;
  int64_t records;         /* elements of the array, or values */
  uint64_t line, byte;     /* the next one, from 1 */
  struct rs_load_watch *w; /* NULL: nobody asks what the values are */
  bool in_name;            /* the string is a field's name */
  size_t nname;            /* bytes of it in `name`, from the pieces before this one */
  char name[256];
  unsigned number;  /* kind of the number that is being read; 0: none is */
  unsigned figures; /* its characters */
  bool word_cut;    /* the piece before ended within a number or name */
};

static enum rs_code wrong(const struct json *j, struct rs_error *e, const char *what)
{
  return rs_fail(e, RS_INVALID, "%s at line %llu (byte %llu)", what, (unsigned long long)j->line,
                 (unsigned long long)j->byte);
}

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The bytes of a string up to and with its closing quote; how many they were. */
static size_t pass_string(struct json *j, const char *p, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    if (!j->escaped && j->hex == 0) {
      while (i < n && p[i] != '"' && p[i] != '\\' && p[i] != '\n') i++;
      if (i == n) break;
    }
    char c = p[i];
    if (j->escaped) {
      j->escaped = false;
      j->hex = c == 'u' ? 4 : 0;
    } else if (c == '"') {
      j->in_string = false;
      j->last = '"';
      j->text += i;
      return i + 1;
    } else if (c == '\\') {
      j->escaped = true;
      j->hex = 0;
    } else if (c == '\n') {
      j->text += i;
      return i; // the caller complains
    } else if (j->hex > 0) {
      if (c != '0') j->hex = 0;
      else if (--j->hex == 0) j->nul = true;
    }
  }
  j->text += n;
  return n;
}

/* A string was the name of a field. DuckDB finds no value for these two. */
static enum rs_code check_name(const struct json *j, struct rs_error *e)
{
  if (j->last != '"') return RS_OK;
  if (j->text == 0) return wrong(j, e, "a field has an empty name (give it another)");
  if (j->nul) return wrong(j, e, "a field's name holds a NUL character (give it another)");
  return RS_OK;
}

/* ---- what the values are --------------------------------------------------------------------- */

/* The part of a field's name that lies in this piece. */
static void watch_name(struct json *j, const char *p, size_t n)
{
  const bool ends = !j->in_string;
  if (ends) n--; // the quote
  if (j->nname + n > sizeof j->name) {
    j->w->odd = j->w->nested = j->w->lost = true;
  } else if (ends && j->nname == 0) {
    rs_load_watch_name(j->w, p, n);
  } else {
    memcpy(j->name + j->nname, p, n);
    j->nname += n;
    if (ends) rs_load_watch_name(j->w, j->name, j->nname);
  }
  if (!ends) return;
  j->in_name = false;
  j->nname = 0;
}

static void end_number(struct json *j)
{
  if (j->number == 0) return;
  rs_load_watch_scalar(j->w, j->number);
  // beyond 64 bits it may be what no column of integers holds
  if (j->number == RS_WATCH_INT && j->figures > 18) j->w->odd = true;
  j->number = 0;
}

/* The first character of a number or name. */
static void watch_word(struct json *j, char c)
{
  j->figures = 1;
  if (j->w->depth == 0) j->w->strange = true; // a record of its own
  else if (c == '-' || (c >= '0' && c <= '9')) j->number = RS_WATCH_INT;
  else if (c == 't' || c == 'f') rs_load_watch_scalar(j->w, RS_WATCH_BOOL);
  else if (c == 'n') rs_load_watch_scalar(j->w, RS_WATCH_NULL);
  else j->w->strange = true; // NaN and the like
}

/* A character outside of strings, before it is counted. */
static void watch_char(struct json *j, char c)
{
  if (rs_load_watch_is_done(j->w)) {
    j->w = NULL;
    j->in_name = false;
    return;
  }
  switch (c) {
    case '"':
      j->in_name = rs_load_watch_in_object(j->w) && (j->last == '{' || j->last == ',');
      if (!j->in_name) rs_load_watch_scalar(j->w, RS_WATCH_TEXT);
      break;
    case '{': rs_load_watch_open(j->w, false); break;
    case '[':
      if (j->last != 0 || j->lines) rs_load_watch_open(j->w, true);
      break; // else it is the array of the records
    case '}':
    case ']':
      end_number(j);
      rs_load_watch_close(j->w);
      break;
    case ',': end_number(j); break;
    case ':': break;
    default: watch_word(j, c);
  }
}

/* A record of an array is known by what stands before it, others by their first character. */
static void count_record(struct json *j, char c)
{
  if (j->depth != (j->array ? 1 : 0) || c == ']' || c == '}') return;
  if (j->array ? j->last == '[' || j->last == ',' : !j->in_word) j->records++;
  j->in_word = c != '{' && c != '[' && c != '"' && c != ',' && c != ':';
}

static enum rs_code check_char(struct json *j, char c, struct rs_error *e)
{
  if (j->closed) {
    return wrong(j, e, "something follows after the end of its array (records go into one array)");
  }
  if (j->lines && j->depth == 0 && (j->last == '}' || j->last == ']')) {
    return wrong(j, e, "something follows after a record (each has a line of its own)");
  }
  if (j->w != NULL) watch_char(j, c);
  count_record(j, c);
  switch (c) {
    case '"':
      j->in_string = true;
      j->nul = false;
      j->hex = 0;
      j->text = 0;
      return RS_OK; // last: once it has ended
    case '[':
      if (j->last == 0 && !j->lines) {
        j->array = true;
        j->records = 0; // it is none itself
      }
      j->depth++;
      break;
    case '{': j->depth++; break;
    case ']':
      if (j->array && j->depth == 1) {
        if (j->last == ',') return wrong(j, e, "a record is missing after the last comma");
        j->closed = true;
      }
      if (j->depth > 0) j->depth--;
      break;
    case '}':
      if (j->depth > 0) j->depth--;
      break;
    case ':': {
      enum rs_code rc = check_name(j, e);
      if (rc != RS_OK) return rc;
      break;
    }
    default: break;
  }
  j->last = c;
  return RS_OK;
}

static bool is_word(char c)
{
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
         c == '-' || c == '+';
}

/* The rest of a number or name, of which nothing else can be wrong here; how many bytes it has. */
static size_t pass_word(struct json *j, const char *p, size_t n)
{
  size_t i = 0;
  for (; i < n && is_word(p[i]); i++) {
    j->last = p[i];
    if (p[i] <= '9' && p[i] != '.') continue;
    if (j->number != 0 && p[i] == 'I' && j->w != NULL) j->w->strange = true; // -Infinity
    else if (j->number != 0) j->number = RS_WATCH_FLOAT;
  }
  j->figures += (unsigned)i;
  j->byte += i;
  return i;
}

static enum rs_code check_line_end(const struct json *j, struct rs_error *e)
{
  if (j->in_string) return wrong(j, e, "a text is not closed");
  if (j->lines && j->depth > 0) {
    return wrong(j, e, "a record does not end with its line (is it json, not ndjson?)");
  }
  return RS_OK;
}

static enum rs_code check_piece(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  struct json *j = ctx;
  for (size_t i = j->word_cut ? pass_word(j, p, n) : 0; i < n;) {
    if (j->in_string) {
      size_t passed = pass_string(j, p + i, n - i);
      if (j->in_name) watch_name(j, p + i, passed);
      i += passed;
      j->byte += passed;
      if (i == n || !j->in_string) continue;
    }
    enum rs_code rc = RS_OK;
    char c = p[i++];
    if (is_blank(c)) j->in_word = false;
    if (c == '\n') {
      rc = check_line_end(j, e);
      if (j->lines) j->last = 0;
    } else if (!is_blank(c)) rc = check_char(j, c, e);
    if (rc != RS_OK) return rc;
    j->byte++;
    if (c == '\n') j->line++;
    else if (is_word(c)) i += pass_word(j, p + i, n - i);
  }
  if (n > 0) j->word_cut = !j->in_string && is_word(p[n - 1]);
  return RS_OK;
}

enum rs_code rs_load_check_json(struct rs_session *s, const char *path, bool lines,
                                struct rs_load_watch *w, int64_t *rows, struct rs_error *e)
{
  struct json j = {.lines = lines, .line = 1, .byte = 1, .w = w};
  bool bom = false;
  enum rs_code rc = rs_load_pieces(s, path, check_piece, &j, &bom, e);
  if (rc != RS_OK) return rc;
  if (bom) {
    rc = rs_fail(e, RS_INVALID,
                 "it begins with a byte order mark, which JSON has not: remove its "
                 "first three bytes");
  } else if (j.in_string || j.depth > 0) {
    const char *open = j.in_string ? "a text" : j.array && j.depth == 1 ? "its array" : "a record";
    rc = rs_fail(e, RS_INVALID, "it is cut off at line %llu (byte %llu): %s is not closed",
                 (unsigned long long)j.line, (unsigned long long)j.byte, open);
  }
  if (rc != RS_OK) (void)rs_error_prefix(e, "file '%s'", path);
  *rows = j.records;
  return rc;
}

/*
** rockset_help([name]): the reference at the prompt, which is sql/help.txt.
*/
#include <string.h>
#include "ext/base/args.h"
#include "functions.h"
#include "src/base/buf.h"
#include "src/base/embedded.h"
#include "src/base/text.h"

#define FN "rockset_help"
#define PREFIX "rockset_"
enum { NAMES_MAX = 128, NAME_SIZE = 64 };

/* An entry: its signature's line, and what is indented below it. */
struct entry {
  const char *at, *end; /* of the whole */
  size_t line;          /* bytes of the first line */
  char name[NAME_SIZE]; /* "rockset_load" */
};

static size_t line_of(const char *p)
{
  return strcspn(p, "\n");
}

static const char *next_line(const char *p)
{
  p += line_of(p);
  return *p != 0 ? p + 1 : p;
}

/* The next entry at or behind p; false: none. Topics between are skipped. */
static bool read_entry(const char *p, struct entry *out)
{
  while (*p == '#' || *p == '\n' || *p == ' ') p = next_line(p);
  if (*p == 0) return false;
  const size_t n = strcspn(p, "( ");
  *out = (struct entry){.at = p, .line = line_of(p)};
  memcpy(out->name, p, n < NAME_SIZE ? n : NAME_SIZE - 1);
  p = next_line(p);
  while (*p == ' ') p = next_line(p);
  out->end = p;
  return true;
}

/* In any case, with or without `rockset_`. */
static bool is_called(const struct entry *x, const char *name)
{
  const size_t n = sizeof PREFIX - 1;
  return rs_casecmp(x->name, name) == 0 ||
         (rs_casecmpn(x->name, PREFIX, n) == 0 && rs_casecmp(x->name + n, name) == 0);
}

/* Lines of an entry without their indent, the example behind an empty one. */
static void write_entry(const struct entry *x, struct rs_buf *out)
{
  rs_buf_add(out, x->at, x->line);
  for (const char *p = next_line(x->at); p < x->end; p = next_line(p)) {
    const char *text = p + strspn(p, " ");
    rs_buf_char(out, '\n');
    if (*text == '>') rs_buf_str(out, "\nExample: ");
    if (*text == '>') text += 1 + strspn(text + 1, " ");
    rs_buf_add(out, text, line_of(text));
  }
}

static enum rs_code write_one(const char *help, const char *name, struct rs_buf *out,
                              struct rs_error *e)
{
  struct entry x;
  char names[NAMES_MAX][NAME_SIZE];
  const char *all[NAMES_MAX];
  size_t n = 0;
  for (const char *p = help; read_entry(p, &x); p = x.end) {
    if (is_called(&x, name)) {
      write_entry(&x, out);
      return RS_OK;
    }
    if (n == NAMES_MAX) continue;
    memcpy(names[n], x.name, NAME_SIZE);
    all[n] = names[n] +
             (rs_casecmpn(names[n], PREFIX, sizeof PREFIX - 1) == 0 ? sizeof PREFIX - 1 : 0);
    n++;
  }
  const char *near = rs_nearest(name, all, n);
  return rs_fail(e, RS_NOT_FOUND, FN ": there is no '%.100s'%s%s%s: SELECT " FN "() lists all",
                 name, near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* Up to its full stop, or the line's end. */
static size_t sentence_of(const char *p)
{
  size_t n = 0;
  while (p[n] != '\n' && p[n] != 0 && (p[n] != '.' || (p[n + 1] != ' ' && p[n + 1] != '\n'))) n++;
  return n;
}

/* A line for each, below its topic: the signature, and the first sentence. */
static void write_list(const char *help, struct rs_buf *out)
{
  struct entry x;
  const char *p = strstr(help, "\n\n# ");
  while (p != NULL && *p != 0) {
    if (*p == '#') {
      rs_buf_str(out, out->n > 0 ? "\n" : "");
      rs_buf_add(out, p + 2, line_of(p + 2));
      rs_buf_char(out, '\n');
      p = next_line(p);
    } else if (*p == '\n') {
      p++;
    } else if (read_entry(p, &x)) {
      const char *text = next_line(x.at) + strspn(next_line(x.at), " ");
      rs_buf_printf(out, "  %.*s", (int)x.line, x.at);
      if (*text != '>') rs_buf_printf(out, "  -- %.*s", (int)sentence_of(text), text);
      rs_buf_char(out, '\n');
      p = x.end;
    }
  }
  rs_buf_str(out, "\nSELECT rockset_help('load') tells more of one, with an example.");
}

static void rocksetHelp(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  const char *help = rs_embedded_find("help.txt")->text, *name = NULL;
  struct rs_error e = {0};
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  enum rs_code rc = rs_arg_optional(argc, argv, 0, FN, "name", &name, &e);
  if (rc == RS_OK && name != NULL) rc = write_one(help, name, &b, &e);
  else if (rc == RS_OK) write_list(help, &b);
  if (rc == RS_OK) rc = rs_buf_error(&b, &e, FN);
  if (rc != RS_OK) rs_result_error(ctx, &e);
  else sqlite3_result_text(ctx, rs_buf_text(&b), -1, SQLITE_TRANSIENT);
  rs_buf_free(&b);
}

int rs_help_register(struct rs_conn *c)
{
  static const struct rs_function functions[] = {{FN, 0, 1, rocksetHelp}};
  return rs_conn_functions(c, functions, sizeof functions / sizeof functions[0]);
}

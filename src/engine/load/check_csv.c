/*
** The check of a CSV or TSV file (see check.h): which characters part and quote its values,
** found out from its beginning, and that all of its lines have as many fields as the first.
*/
#include <string.h>
#include "src/base/mem.h"
#include "check.h"

enum state {
  AT_FIELD, /* at its beginning, or behind blanks there: a quote opens it */
  PLAIN,
  QUOTED,
  ESCAPED,  /* behind a backslash in quotes */
  AT_QUOTE, /* behind a quote in quotes: the end, or half of a quote in the value */
  BEHIND    /* of the closing quote: blanks */
};

struct csv {
  const struct rs_load_dialect *d;
  enum state state;
  bool any;             /* the line has a character */
  bool cr;              /* the last character was a carriage return: half of an end of a line? */
  bool saw_quotes;      /* a value began with a double quote */
  unsigned endings;     /* kinds that were seen: 1 \n, 2 \r\n, 4 \r */
  bool quoted_end;      /* one in quotes */
  uint64_t pass;        /* lines still to be passed over */
  uint64_t skip;        /* lines passed over, and empty ones before the first */
  uint64_t line, from;  /* now, and where the record began, from 1 */
  uint64_t fields;      /* before the current one */
  uint64_t records;     /* complete */
  uint64_t first, even; /* fields of the first; how many records have as many */
  uint64_t blanks;      /* empty lines behind the first */
  bool lenient;         /* only counts ... */
  bool strange;         /* ... and remembers that something was wrong */
};

static enum rs_code wrong(const struct csv *c, struct rs_error *e, const char *what)
{
  return rs_fail(e, RS_INVALID, "%s at line %llu", what, (unsigned long long)c->line);
}

static const char *name_of(char delimiter)
{
  switch (delimiter) {
    case ';': return "semicolon";
    case '\t': return "tab";
    case '|': return "bar";
    default: return "comma";
  }
}

static enum rs_code end_record(struct csv *c, struct rs_error *e)
{
  uint64_t n = c->fields + 1;
  if (!c->any) {
    if (c->records == 0) c->skip++;
    else c->blanks++;
  } else {
    if (c->records++ == 0) c->first = n;
    if (n == c->first) c->even++;
    else if (!c->lenient) {
      const char *name = name_of(c->d->delimiter);
      return rs_fail(e, RS_INVALID,
                     "line %llu has %llu field%s, the first line has %llu (parted by %ss; a value "
                     "that holds a %s must be quoted)",
                     (unsigned long long)c->from, (unsigned long long)n, n == 1 ? "" : "s",
                     (unsigned long long)c->first, name, name);
    }
  }
  c->state = AT_FIELD;
  c->any = false;
  c->fields = 0;
  return RS_OK;
}

static void end_field(struct csv *c)
{
  c->fields++;
  c->state = AT_FIELD;
}

/* A character that is neither quoted nor the end of a line. */
static enum rs_code check_char(struct csv *c, char x, struct rs_error *e)
{
  const struct rs_load_dialect *d = c->d;
  if (!c->any) c->from = c->line;
  c->any = true;
  if (c->state == AT_QUOTE && x == d->quote) {
    c->state = QUOTED;
  } else if (x == d->delimiter) {
    end_field(c);
  } else if (c->state == AT_QUOTE || c->state == BEHIND) {
    c->state = BEHIND;
    if (x != ' ') c->strange = true;
    if (x != ' ' && !c->lenient) {
      return wrong(c, e, "a value goes on after its closing quote (a quote in it must be doubled)");
    }
  } else if (c->state == AT_FIELD) {
    if (x == '"') c->saw_quotes = true;
    if (d->quote != 0 && x == d->quote) c->state = QUOTED;
    else if (x != ' ') c->state = PLAIN;
  }
  return RS_OK;
}

/* The bytes in quotes up to and with the one that may end them; how many they were. */
static size_t pass_quoted(struct csv *c, const char *p, size_t n)
{
  const char quote = c->d->quote, escape = c->d->escape;
  for (size_t i = 0; i < n; i++) {
    char x = p[i];
    if (x == '\n') c->line++;
    if (x == '\n' || x == '\r') c->quoted_end = true;
    if (c->state == ESCAPED) {
      c->state = QUOTED;
    } else if (x == quote) {
      c->state = escape == quote ? AT_QUOTE : BEHIND;
      return i + 1;
    } else if (x == escape) {
      c->state = ESCAPED;
    }
  }
  return n;
}

static enum rs_code check_line_end(struct csv *c, char x, struct rs_error *e)
{
  bool second = x == '\n' && c->cr;
  if (second) c->endings |= 2;
  else if (c->cr) c->endings |= 4;
  else if (x == '\n') c->endings |= 1;
  c->cr = x == '\r';
  if (second) return RS_OK;
  enum rs_code rc = end_record(c, e);
  c->line++;
  return rc;
}

static enum rs_code check_piece(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  struct csv *c = ctx;
  const char delimiter = c->d->delimiter;
  for (size_t i = 0; i < n;) {
    if (c->pass > 0) {
      const char *end = memchr(p + i, '\n', n - i);
      if (end == NULL) break;
      i = (size_t)(end - p) + 1;
      c->pass--;
      c->skip++;
      c->line++;
      continue;
    }
    if (c->state == QUOTED || c->state == ESCAPED) {
      i += pass_quoted(c, p + i, n - i);
      continue;
    }
    if (c->state == PLAIN) {
      while (i < n && p[i] != delimiter && p[i] != '\n' && p[i] != '\r') i++;
      if (i == n) break;
    }
    char x = p[i++];
    enum rs_code rc;
    if (x == '\n' || x == '\r') {
      rc = check_line_end(c, x, e);
    } else {
      if (c->cr) c->endings |= 4;
      c->cr = false;
      rc = check_char(c, x, e);
    }
    if (rc != RS_OK) return rc;
  }
  return RS_OK;
}

/* ---- which way it is written ----------------------------------------------------------------- */

#define SAMPLE ((size_t)64 << 10) /* bytes of the beginning that the delimiter is found in */

struct sample {
  char p[SAMPLE];
  size_t n;
};

static enum rs_code take_sample(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  struct sample *sample = ctx;
  (void)e;
  if (n > SAMPLE - sample->n) n = SAMPLE - sample->n;
  memcpy(sample->p + sample->n, p, n);
  sample->n += n;
  return sample->n == SAMPLE ? RS_DONE : RS_OK;
}

struct score {
  bool all;      /* lines are even, and nothing is strange */
  uint64_t even; /* lines */
  uint64_t fields;
};

static bool is_better(const struct score *a, const struct score *b)
{
  if (a->all != b->all) return a->all;
  // fewer lines: what looks like quotes to this delimiter swallows some
  if (a->even != b->even) return a->even > b->even;
  return a->fields > b->fields;
}

/* The delimiter that makes the most of the sample even lines of several fields; a comma where there
** is none. */
static void choose_delimiter(const struct sample *sample, uint64_t skip, struct rs_load_dialect *d)
{
  static const char delimiters[] = {',', ';', '\t', '|'};
  struct score best = {false, 0, 0};
  char found = ',';
  for (size_t i = 0; i < sizeof delimiters; i++) {
    d->delimiter = delimiters[i];
    struct csv c = {.d = d, .line = 1, .pass = skip, .lenient = true};
    (void)check_piece(&c, sample->p, sample->n, NULL);
    bool whole = sample->n < SAMPLE;
    bool open = c.state == QUOTED || c.state == ESCAPED;
    // the line that the sample cuts counts only where it is the only one
    if (c.any && (whole || c.records == 0)) (void)end_record(&c, NULL);
    if (c.first < 2) continue;
    const struct score score = {c.even == c.records && !c.strange && !(open && whole), c.even,
                                c.first};
    if (!is_better(&score, &best)) continue;
    best = score;
    found = delimiters[i];
  }
  d->delimiter = found;
}

/* The whole file, read in one way. *saw_quotes: a value began with a double quote. */
static enum rs_code check_as(struct rs_session *s, const char *path, uint64_t skip,
                             struct rs_load_dialect *d, int64_t *rows, bool *saw_quotes,
                             struct rs_error *e)
{
  struct csv c = {.d = d, .line = 1, .pass = skip};
  enum rs_code rc = rs_load_pieces(s, path, check_piece, &c, NULL, e);
  bool open = c.state == QUOTED || c.state == ESCAPED;
  *saw_quotes = c.saw_quotes;
  if (rc != RS_OK) return rc;
  if (c.cr) c.endings |= 4;
  if (open) {
    rc = rs_fail(e, RS_INVALID,
                 "it is cut off, or has one quote too many: the line that begins at line %llu ends "
                 "within quotes",
                 (unsigned long long)c.from);
  } else if (c.any) {
    rc = end_record(&c, e);
  }
  if (rc != RS_OK) (void)rs_error_prefix(e, "file '%s'", path);
  d->skip = c.skip;
  d->endings = c.endings;
  d->quoted_ends = c.quoted_end;
  // an empty line is a row of one empty value, where rows have one
  *rows = (int64_t)(c.records + (c.first == 1 ? c.blanks : 0));
  return rc;
}

/* Ways to quote: a backslash or a single quote is only thought of where the common way fails, no
** quotes at all only where a format without them is common. */
static const struct way {
  char quote, escape;
  bool tabs, others;
} ways[] = {
  {'"', '"', true, true}, {'"', '\\', true, true}, {'\'', '\'', false, true}, {0, 0, true, false}};

struct trying {
  struct rs_session *s;
  const char *path;
  const struct rs_load_wanted *wanted;
  const struct sample *sample; /* NULL: the delimiter is known */
};

static enum rs_code try_way(const struct trying *t, const struct way *way,
                            struct rs_load_dialect *d, int64_t *rows, bool *saw_quotes,
                            struct rs_error *e)
{
  struct rs_load_dialect as = {
    .delimiter = t->wanted->delimiter, .quote = way->quote, .escape = way->escape};
  if (t->sample != NULL) choose_delimiter(t->sample, t->wanted->skip, &as);
  enum rs_code rc = check_as(t->s, t->path, t->wanted->skip, &as, rows, saw_quotes, e);
  if (rc == RS_OK) *d = as;
  return rc;
}

/* Is the way one of those that are worth a try behind the first? */
static bool is_worth(const struct trying *t, const struct way *way, bool saw_quotes)
{
  const struct rs_load_wanted *wanted = t->wanted;
  if (wanted->knows_quote) return wanted->quote != 0 && way->quote == wanted->quote;
  // what double quotes were meant to hold must not be taken apart
  if (way->quote == '\'' && saw_quotes) return false;
  return wanted->delimiter == '\t' ? way->tabs : way->others;
}

enum rs_code rs_load_check_csv(struct rs_session *s, const char *path,
                               const struct rs_load_wanted *wanted, struct rs_load_dialect *d,
                               int64_t *rows, struct rs_error *e)
{
  struct sample *sample = NULL;
  enum rs_code rc = RS_OK;
  bool saw_quotes = false, unused;
  if (wanted->delimiter == 0) {
    sample = rs_malloc(sizeof *sample);
    if (sample == NULL) return rs_nomem(e);
    sample->n = 0;
    rc = rs_load_pieces(s, path, take_sample, sample, NULL, e);
  }
  const struct trying t = {s, path, wanted, sample};
  const struct way given = {wanted->quote, wanted->quote, true, true};
  if (rc == RS_OK)
    rc = try_way(&t, wanted->knows_quote ? &given : &ways[0], d, rows, &saw_quotes, e);
  for (size_t i = 1; i < sizeof ways / sizeof ways[0] && rc == RS_INVALID; i++) {
    struct rs_error other = {0};
    if (!is_worth(&t, &ways[i], saw_quotes)) continue;
    enum rs_code got = try_way(&t, &ways[i], d, rows, &unused, &other);
    if (got == RS_INVALID) continue; // the first complaint is about the likeliest way
    rc = got;
    if (e != NULL) *e = other;
  }
  rs_free(sample);
  return rc;
}

/*
** CSV (files.h).
*/
#include "files.h"
#include <string.h>
#include "src/base/mem.h"

void rs_csv_begin(struct rs_csv *csv, const char *text, size_t n, char delimiter,
                  struct rs_arena *arena)
{
  if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) text += 3, n -= 3;
  *csv = (struct rs_csv){
    .arena = arena, .p = text, .end = text + n, .delimiter = delimiter, .line = 1};
}

static bool at_newline(const struct rs_csv *csv)
{
  return *csv->p == '\n' || *csv->p == '\r';
}

static void skip_newline(struct rs_csv *csv)
{
  if (*csv->p == '\r' && csv->p + 1 < csv->end && csv->p[1] == '\n') csv->p++;
  csv->p++;
  csv->line++;
}

/* A cell that begins with a quote. What follows the closing quote belongs to it, as in Python. */
static enum rs_code quoted(struct rs_csv *csv, struct rs_csv_cell *cell, struct rs_error *e)
{
  int line = csv->line;
  const char *start = ++csv->p;
  bool open = true;
  for (; csv->p < csv->end; csv->p++) {
    char c = *csv->p;
    if (!open && (c == csv->delimiter || at_newline(csv))) break;
    if (open && (c == '\n' || (c == '\r' && (csv->p + 1 == csv->end || csv->p[1] != '\n'))))
      csv->line++;
    if (!open || c != '"') continue;
    if (csv->p + 1 < csv->end && csv->p[1] == '"') csv->p++;
    else open = false;
  }
  if (open) return rs_fail(e, RS_INVALID, "line %d: a quote is not closed", line);
  char *copy = rs_arena_alloc(csv->arena, (size_t)(csv->p - start) + 1);
  if (copy == NULL) return rs_nomem(e);
  size_t n = 0;
  open = true;
  for (const char *p = start; p < csv->p; p++) {
    bool quote = open && *p == '"';
    if (quote && p + 1 < csv->p && p[1] == '"') p++, quote = false;
    if (quote) open = false;
    else copy[n++] = *p;
  }
  *cell = (struct rs_csv_cell){.p = copy, .n = n};
  return RS_OK;
}

static enum rs_code next_cell(struct rs_csv *csv, struct rs_csv_cell *cell, struct rs_error *e)
{
  if (csv->p < csv->end && *csv->p == '"') return quoted(csv, cell, e);
  const char *start = csv->p;
  while (csv->p < csv->end && *csv->p != csv->delimiter && !at_newline(csv)) csv->p++;
  *cell = (struct rs_csv_cell){.p = start, .n = (size_t)(csv->p - start)};
  return RS_OK;
}

enum rs_code rs_csv_next(struct rs_csv *csv, struct rs_csv_cell **cells, size_t *n,
                         struct rs_error *e)
{
  struct rs_csv_cell *list = NULL;
  size_t cap = 0;
  enum rs_code rc = RS_OK;
  *n = 0;
  *cells = NULL;
  while (csv->p < csv->end && at_newline(csv)) skip_newline(csv);
  if (csv->p >= csv->end) return RS_DONE;
  for (;;) {
    if (!rs_grow(&list, &cap, *n + 1, sizeof *list)) rc = rs_nomem(e);
    if (rc == RS_OK) rc = next_cell(csv, &list[*n], e);
    if (rc != RS_OK) break;
    ++*n;
    if (csv->p < csv->end && *csv->p == csv->delimiter) {
      csv->p++;
      continue;
    }
    if (csv->p < csv->end) skip_newline(csv);
    break;
  }
  if (rc == RS_OK) {
    *cells = rs_arena_alloc(csv->arena, *n * sizeof **cells);
    if (*cells == NULL) rc = rs_nomem(e);
    else memcpy(*cells, list, *n * sizeof *list);
  }
  rs_free(list);
  return rc;
}

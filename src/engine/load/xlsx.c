/*
** The parts of a workbook that its sheets refer to (see xlsx.h).
*/
#include "xlsx.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/slots.h"
#include "src/engine/statements.h"
#include "src/json/json.h"
#include "xml.h"

#define TEXTS_MAX ((size_t)512 << 20)
#define SHEETS_MAX 10000
#define STYLES_MAX 100000

struct sheet {
  const char *name, *id; /* of its relation */
};

struct parts {
  struct rs_xlsx *x;
  struct sheet *sheets;
  size_t n, cap;
  const char *wanted; /* id of the relation */
  const char *target; /* its path */
  bool in_text, in_phonetic, in_styles;
  struct {
    long id;
    unsigned char form;
  } * formats;
  size_t nformats, formats_cap;
};

struct reading {
  struct rs_xlsx *x;
  struct rs_xml *xml;
};

static enum rs_code pass_on(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  struct reading *r = ctx;
  enum rs_code rc = r->x->s != NULL ? rs_sql_check_interrupt(r->x->s, e) : RS_OK;
  return rc == RS_OK ? rs_xml_take(r->xml, p, n, e) : rc;
}

enum rs_code rs_xlsx_read(struct rs_xlsx *x, const struct rs_zip_member *m,
                          const struct rs_xml_handler *h, void *ctx, struct rs_error *e)
{
  struct reading r = {.x = x};
  enum rs_code rc = rs_xml_new(h, ctx, &r.xml, e);
  if (rc == RS_OK) rc = rs_zip_read(&x->zip, m, pass_on, &r, e);
  if (rc == RS_OK) rc = rs_xml_end(r.xml, e);
  rs_xml_free(r.xml);
  return rc;
}

static enum rs_code no_text(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  (void)ctx, (void)p, (void)n, (void)e;
  return RS_OK;
}

static enum rs_code no_end(void *ctx, const char *name, struct rs_error *e)
{
  (void)ctx, (void)name, (void)e;
  return RS_OK;
}

/* ---- sheets ---------------------------------------------------------------------------------- */

static enum rs_code see_workbook(void *ctx, const char *name, const char **attributes,
                                 struct rs_error *e)
{
  struct parts *p = ctx;
  if (rs_eq(name, "workbookPr")) {
    const char *since = rs_xml_attribute(attributes, "date1904");
    p->x->since_1904 = rs_eq(since, "1") || rs_eq(since, "true");
  }
  if (!rs_eq(name, "sheet")) return RS_OK;
  const char *sheet = rs_xml_attribute(attributes, "name"), *id = NULL;
  for (const char **a = attributes; a[0] != NULL; a += 2)
    if (strchr(a[0], ':') != NULL && rs_eq(strchr(a[0], ':'), ":id")) id = a[1];
  if (sheet == NULL || id == NULL) return RS_OK;
  if (p->n == SHEETS_MAX) return rs_fail(e, RS_LIMIT, "it has more than %d sheets", SHEETS_MAX);
  if (!rs_grow(&p->sheets, &p->cap, p->n + 1, sizeof p->sheets[0])) return rs_nomem(e);
  p->sheets[p->n] = (struct sheet){rs_arena_strdup(p->x->a, sheet), rs_arena_strdup(p->x->a, id)};
  if (p->sheets[p->n].name == NULL || p->sheets[p->n].id == NULL) return rs_nomem(e);
  p->n++;
  return RS_OK;
}

static enum rs_code no_sheet(const struct parts *p, const char *wanted, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_ERROR_MAX);
  for (size_t i = 0; i < p->n; i++)
    rs_buf_printf(&b, "%s'%s'", i > 0 ? ", " : "", p->sheets[i].name);
  enum rs_code rc = rs_fail(e, RS_NOT_FOUND, "it has no sheet %s; it has %s", wanted,
                            p->n > 0 ? rs_buf_text(&b) : "none");
  rs_buf_free(&b);
  return rc;
}

static enum rs_code choose_sheet(struct parts *p, const char *sheet, struct rs_error *e)
{
  struct rs_json *j = NULL;
  size_t i = 0;
  const char *json = sheet != NULL ? sheet : "1";
  enum rs_code rc = rs_json_parse(json, strlen(json), 2, p->x->a, &j, e);
  if (rc != RS_OK) return rc;
  if (j->kind == RS_J_STRING) {
    while (i < p->n && !rs_caseeqn(p->sheets[i].name, j->p, j->n)) i++;
  } else if (json[0] >= '1' && json[0] <= '9' && strspn(json, "0123456789") == strlen(json)) {
    i = (size_t)strtoull(json, NULL, 10) - 1;
  } else {
    return rs_fail(e, RS_INVALID, "option 'sheet' is a name or a number from 1, not %s", json);
  }
  if (i >= p->n) return no_sheet(p, json, e);
  p->wanted = p->sheets[i].id;
  return RS_OK;
}

static enum rs_code see_relation(void *ctx, const char *name, const char **attributes,
                                 struct rs_error *e)
{
  struct parts *p = ctx;
  const char *id = rs_xml_attribute(attributes, "Id"), *type = rs_xml_attribute(attributes, "Type");
  const char *target = rs_xml_attribute(attributes, "Target");
  if (!rs_eq(name, "Relationship") || target == NULL || !rs_eq(id, p->wanted)) return RS_OK;
  const char *slash = type != NULL ? strrchr(type, '/') : NULL;
  if (slash == NULL || !rs_eq(slash, "/worksheet"))
    return rs_fail(e, RS_INVALID, "the sheet holds a chart, no rows");
  p->target = target[0] == '/' ? rs_arena_strdup(p->x->a, target + 1)
                               : rs_arena_printf(p->x->a, "xl/%s", target);
  return p->target != NULL ? RS_OK : rs_nomem(e);
}

/* ---- texts ----------------------------------------------------------------------------------- */

static enum rs_code add_start(struct rs_xlsx *x, struct rs_error *e)
{
  if (!rs_grow(&x->at, &x->at_cap, x->nat + 1, sizeof x->at[0])) return rs_nomem(e);
  x->at[x->nat++] = x->ntexts;
  return RS_OK;
}

static enum rs_code begin_text(void *ctx, const char *name, const char **attributes,
                               struct rs_error *e)
{
  struct parts *p = ctx;
  (void)attributes;
  if (rs_eq(name, "rPh")) p->in_phonetic = true;
  if (rs_eq(name, "t")) p->in_text = !p->in_phonetic;
  return rs_eq(name, "si") ? add_start(p->x, e) : RS_OK;
}

static enum rs_code end_text(void *ctx, const char *name, struct rs_error *e)
{
  struct parts *p = ctx;
  (void)e;
  if (rs_eq(name, "rPh")) p->in_phonetic = false;
  if (rs_eq(name, "t")) p->in_text = false;
  return RS_OK;
}

static enum rs_code take_text(void *ctx, const char *text, size_t n, struct rs_error *e)
{
  struct parts *p = ctx;
  struct rs_xlsx *x = p->x;
  if (!p->in_text || x->nat == 0) return RS_OK;
  if (n > TEXTS_MAX - x->ntexts)
    return rs_fail(e, RS_LIMIT, "its texts are more than 512 MB: save the sheet as CSV");
  if (!rs_grow(&x->texts, &x->texts_cap, x->ntexts + n, 1)) return rs_nomem(e);
  memcpy(x->texts + x->ntexts, text, n);
  x->ntexts += n;
  return RS_OK;
}

/* ---- formats --------------------------------------------------------------------------------- */

/* What a format makes of a number: `yyyy-mm-dd`, `[h]:mm`, `#,##0.00 "days"` ... */
static enum rs_xlsx_form form_of(const char *code)
{
  bool date = false, time = false, elapsed = false;
  for (const char *p = code; *p != 0 && *p != ';'; p++) {
    const char *end = NULL;
    if (*p == '"') end = strchr(p + 1, '"');
    if (*p == '[') end = strchr(p, ']');
    if (*p == '[' && end == p + 2 + (p[1] == p[2]) && strchr("hHmMsS", p[1]) != NULL)
      elapsed = true;
    if (end != NULL) p = end;
    else if ((*p == '\\' || *p == '_' || *p == '*') && p[1] != 0) p++;
    else if (rs_casestarts(p, strlen(p), "general")) p += 6;
    else if (rs_casestarts(p, strlen(p), "am/pm")) p += 4;
    else if (strchr("yYdD", *p) != NULL) date = true;
    else if (strchr("hHsS", *p) != NULL) time = true;
    else if (strchr("mM", *p) != NULL && !time && !elapsed) {
      // minutes where hours or seconds are near, else months
      const char *rest = p + strspn(p, "mM");
      rest += strspn(rest, ":. ");
      if (strchr("sS", *rest) == NULL || *rest == 0) date = true;
    }
  }
  if (elapsed) return RS_XLSX_ELAPSED;
  if (date) return time ? RS_XLSX_DATETIME : RS_XLSX_DATE;
  return time ? RS_XLSX_TIME : RS_XLSX_PLAIN;
}

/* Formats that every workbook has. */
static enum rs_xlsx_form form_numbered(const struct parts *p, long id)
{
  for (size_t i = 0; i < p->nformats; i++)
    if (p->formats[i].id == id) return p->formats[i].form;
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 34 || id == 35 || id == 36 ||
      (id >= 50 && id <= 58))
    return RS_XLSX_DATE;
  if ((id >= 18 && id <= 21) || id == 32 || id == 33 || id == 45 || id == 47) return RS_XLSX_TIME;
  if (id == 46) return RS_XLSX_ELAPSED;
  return id == 22 ? RS_XLSX_DATETIME : RS_XLSX_PLAIN;
}

static enum rs_code see_style(void *ctx, const char *name, const char **attributes,
                              struct rs_error *e)
{
  struct parts *p = ctx;
  const char *number = rs_xml_attribute(attributes, "numFmtId");
  const char *code = rs_xml_attribute(attributes, "formatCode");
  if (rs_eq(name, "cellXfs")) p->in_styles = true;
  if (rs_eq(name, "numFmt") && number != NULL && code != NULL) {
    if (p->nformats == STYLES_MAX) return rs_fail(e, RS_LIMIT, "it has too many formats");
    if (!rs_grow(&p->formats, &p->formats_cap, p->nformats + 1, sizeof p->formats[0]))
      return rs_nomem(e);
    p->formats[p->nformats].id = strtol(number, NULL, 10);
    p->formats[p->nformats++].form = (unsigned char)form_of(code);
  }
  if (!rs_eq(name, "xf") || !p->in_styles) return RS_OK;
  if (p->x->nforms == STYLES_MAX) return rs_fail(e, RS_LIMIT, "it has too many styles");
  if (!rs_grow(&p->x->forms, &p->x->forms_cap, p->x->nforms + 1, 1)) return rs_nomem(e);
  long id = number != NULL ? strtol(number, NULL, 10) : 0;
  p->x->forms[p->x->nforms++] = (unsigned char)form_numbered(p, id);
  return RS_OK;
}

static enum rs_code end_style(void *ctx, const char *name, struct rs_error *e)
{
  struct parts *p = ctx;
  (void)e;
  if (rs_eq(name, "cellXfs")) p->in_styles = false;
  return RS_OK;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static enum rs_code check_kind(int fd, struct rs_error *e)
{
  static const char old[] = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
  char begin[8] = "";
  if (pread(fd, begin, sizeof begin, 0) == 8 && memcmp(begin, old, sizeof begin) == 0)
    return rs_fail(e, RS_FORBIDDEN,
                   "it is protected by a password, or a workbook of Excel 97 (.xls): save it as "
                   ".xlsx without a password");
  return RS_OK;
}

static enum rs_code read_parts(struct parts *p, const char *sheet, struct rs_error *e)
{
  static const struct rs_xml_handler workbook = {see_workbook, no_end, no_text};
  static const struct rs_xml_handler relations = {see_relation, no_end, no_text};
  static const struct rs_xml_handler texts = {begin_text, end_text, take_text};
  static const struct rs_xml_handler styles = {see_style, end_style, no_text};
  struct rs_xlsx *x = p->x;
  const struct rs_zip_member *book = rs_zip_find(&x->zip, "xl/workbook.xml");
  const struct rs_zip_member *rels = rs_zip_find(&x->zip, "xl/_rels/workbook.xml.rels");
  const struct rs_zip_member *shared = rs_zip_find(&x->zip, "xl/sharedStrings.xml");
  const struct rs_zip_member *style = rs_zip_find(&x->zip, "xl/styles.xml");
  if (book == NULL || rels == NULL)
    return rs_fail(e, RS_INVALID, "it is a zip file, but no workbook: it has no xl/workbook.xml");
  enum rs_code rc = rs_xlsx_read(x, book, &workbook, p, e);
  if (rc == RS_OK) rc = choose_sheet(p, sheet, e);
  if (rc == RS_OK) rc = rs_xlsx_read(x, rels, &relations, p, e);
  if (rc == RS_OK && p->target != NULL) x->sheet = rs_zip_find(&x->zip, p->target);
  if (rc == RS_OK && x->sheet == NULL) rc = rs_fail(e, RS_INVALID, "the sheet's rows are missing");
  if (rc == RS_OK && shared != NULL) rc = rs_xlsx_read(x, shared, &texts, p, e);
  if (rc == RS_OK) rc = add_start(x, e);
  if (rc == RS_OK && style != NULL) rc = rs_xlsx_read(x, style, &styles, p, e);
  return rc;
}

enum rs_code rs_xlsx_open(struct rs_xlsx *x, int fd, const char *sheet, struct rs_error *e)
{
  struct parts p = {.x = x};
  enum rs_code rc = check_kind(fd, e);
  if (rc == RS_OK) rc = rs_zip_open(fd, x->a, &x->zip, e);
  if (rc == RS_OK) rc = read_parts(&p, sheet, e);
  rs_free(p.sheets);
  rs_free(p.formats);
  return rc;
}

void rs_xlsx_close(struct rs_xlsx *x)
{
  rs_free(x->texts);
  rs_free(x->at);
  rs_free(x->forms);
}

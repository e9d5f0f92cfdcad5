/*
** Workbooks of Excel (.xlsx, ECMA-376): the rows of a sheet as lines of JSON. Numbers keep their
** digits, dates are known by their format, what a formula gave is its value, errors are null.
**
** xlsx.c: sheets, texts and formats of the workbook; xlsx_sheet.c: rows.
**
** Memory: the texts that cells share, at most 512 MB. Errors name no file.
*/
#ifndef RS_ENGINE_LOAD_XLSX_H
#define RS_ENGINE_LOAD_XLSX_H
#include "src/base/zip.h"
#include "files.h"

enum rs_xlsx_form { RS_XLSX_PLAIN, RS_XLSX_DATE, RS_XLSX_TIME, RS_XLSX_ELAPSED, RS_XLSX_DATETIME };

struct rs_xlsx {
  struct rs_session *s; /* asked for an interrupt; may be NULL */
  struct rs_zip zip;
  struct rs_arena *a;
  bool since_1904;
  char *texts; /* shared by cells, one after the other */
  size_t ntexts, texts_cap;
  size_t *at; /* where each begins, and where the last one ends */
  size_t nat, at_cap;
  unsigned char *forms; /* enum rs_xlsx_form of each style */
  size_t nforms, forms_cap;
  const struct rs_zip_member *sheet;
};

/* sheet: JSON, a name or a number from 1; NULL: the first. Close it whatever came out. */
enum rs_code rs_xlsx_open(struct rs_xlsx *x, int fd, const char *sheet, struct rs_error *e);
void rs_xlsx_close(struct rs_xlsx *x);
/* header: the first row that is not empty has names; else columns are A, B, C ... skip: so many
** rows at the top are no part of it. */
enum rs_code rs_xlsx_rows(struct rs_xlsx *x, uint64_t skip, bool header, rs_gunzip_sink *sink,
                          void *ctx, struct rs_error *e);

struct rs_xml_handler;
/* A member through the handler. */
enum rs_code rs_xlsx_read(struct rs_xlsx *x, const struct rs_zip_member *m,
                          const struct rs_xml_handler *h, void *ctx, struct rs_error *e);
#endif

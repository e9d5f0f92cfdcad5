/*
** SQL for what JSON has no form of its own for, as the typed value that a document has there (see
** load.h): {"__rockset_type": "DATE", "value": "2020-01-02"}.
*/
#include "src/base/text.h"
#include "load.h"

#define MONTHS "(12 * datepart('year', $) + datepart('month', $))"

/* $: the value. */
static const struct {
  const char *native, *sql;
} typed[] = {
  {"DATE", "'DATE', 'value', CAST($ AS VARCHAR)"},
  {"TIME", "'TIME', 'value', CAST($ AS VARCHAR)"},
  {"TIMESTAMP", "'DATETIME', 'value', replace(CAST($ AS VARCHAR), ' ', 'T')"},
  {"TIMESTAMP WITH TIME ZONE",
   "'TIMESTAMP', 'value', strftime(make_timestamp(epoch_us($)), '%Y-%m-%dT%H:%M:%S.%fZ')"},
  {"BLOB", "'BYTES', 'encoding', 'base64', 'value', to_base64($)"},
  {"INTERVAL",
   "CASE WHEN " MONTHS " <> 0 THEN 'MONTH_INTERVAL' ELSE 'MICROSECOND_INTERVAL' END, 'value', CASE "
   "WHEN " MONTHS " <> 0 THEN " MONTHS " ELSE epoch_us($) END"},
};

bool rs_load_typed_json(struct rs_buf *b, const char *expr, const char *native)
{
  size_t i = 0;
  while (i < sizeof typed / sizeof typed[0] && !rs_eq(typed[i].native, native)) i++;
  if (i == sizeof typed / sizeof typed[0]) return false;
  rs_buf_printf(b, "CASE WHEN %s IS NOT NULL THEN json_object('__rockset_type', ", expr);
  for (const char *p = typed[i].sql; *p != 0; p++) {
    if (*p == '$') rs_buf_str(b, expr);
    else rs_buf_char(b, *p);
  }
  rs_buf_str(b, ") END");
  return true;
}

/* The options of a load (see load_options.h). */
#include "load_options.h"
#include "src/base/options.h"
#include "src/base/text.h"

/* 0: it is not given. */
static enum rs_code yes_or_no(const char *what, const char *option, const char *json, int *value,
                              struct rs_error *e)
{
  if (json == NULL) return RS_OK;
  *value = rs_eq(json, "true") ? 1 : -1;
  if (*value == 1 || rs_eq(json, "false")) return RS_OK;
  return rs_fail(e, RS_INVALID, "%s: option '%s' is true or false", what, option);
}

enum rs_code rs_load_options_read(const char *json, const char *what, struct rs_load *load,
                                  struct rs_arena *a, struct rs_error *e)
{
  const char *header = NULL, *hive = NULL, *dates = NULL, *documents = NULL;
  const struct rs_option table[] = {
    {"mode", RS_OPT_CHOICE, &load->mode, "create|append|replace"},
    {"format", RS_OPT_CHOICE, &load->format, "json|ndjson|csv|tsv|parquet|arrow|xlsx"},
    {"compression", RS_OPT_CHOICE, &load->compression, "gzip|xz|zstd|zip|none"},
    {"member", RS_OPT_TEXT, &load->member, NULL},
    {"path", RS_OPT_TEXT, &load->json_path, NULL},
    {"sheet", RS_OPT_JSON, &load->sheet, NULL},
    {"hive", RS_OPT_JSON, &hive, NULL},
    {"dates", RS_OPT_JSON, &dates, NULL},
    {"documents", RS_OPT_JSON, &documents, NULL},
    {"id_field", RS_OPT_TEXT, &load->id_field, NULL},
    {"null", RS_OPT_JSON, &load->null, NULL},
    {"types", RS_OPT_JSON, &load->types, NULL},
    {"delimiter", RS_OPT_TEXT, &load->delimiter, NULL},
    {"quote", RS_OPT_TEXT, &load->quote, NULL},
    {"encoding", RS_OPT_CHOICE, &load->encoding, "utf-8|utf-16|latin-1"},
    {"skip", RS_OPT_INT, &load->skip, NULL},
    {"header", RS_OPT_JSON, &header, NULL},
  };
  enum rs_code rc = rs_options_read(json, table, sizeof table / sizeof table[0], what, a, e);
  if (rc == RS_OK) rc = yes_or_no(what, "header", header, &load->header, e);
  if (rc == RS_OK) rc = yes_or_no(what, "hive", hive, &load->hive, e);
  if (rc == RS_OK) rc = yes_or_no(what, "dates", dates, &load->dates, e);
  if (rc == RS_OK) rc = yes_or_no(what, "documents", documents, &load->documents, e);
  return rc;
}

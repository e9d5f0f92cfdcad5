/*
** A collection's definition (definition.h): read from a request, kept as JSON in the description
** beside the collection, and shown.
*/
#include "definition.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"

enum { RETENTION_MIN = 3600, RETENTION_MAX = 315359999, SQL_MAX = 1 << 20 };

/* By enum rs_time_format. */
static const char *const formats[] = {NULL, "seconds_since_epoch", "milliseconds_since_epoch"};
enum { NFORMATS = sizeof formats / sizeof formats[0] };

static bool is_absent(const cJSON *m)
{
  return m == NULL || cJSON_IsNull(m);
}

/* ---- out of a request ------------------------------------------------------------------------ */

static enum rs_code wrong(struct rs_request *q, const char *text)
{
  return rs_refuse(q, 400, "INVALIDINPUT", "request body: %s", text);
}

static enum rs_code read_event_time(struct rs_request *q, const cJSON *j, struct rs_definition *d)
{
  const cJSON *info;
  const char *format = NULL;
  enum rs_code rc = rs_request_object(q, j, "event_time_info", false, &info);
  if (rc != RS_OK || info == NULL || info->child == NULL) return rc;
  rc = rs_request_text(q, info, "field", true, &d->time_field);
  if (rc == RS_OK) rc = rs_request_text(q, info, "format", false, &format);
  if (rc == RS_OK) rc = rs_request_text(q, info, "time_zone", false, &d->time_zone);
  if (rc != RS_OK) return rc;
  if (d->time_field[0] == 0) return wrong(q, "'event_time_info.field' is empty: name a field");
  if (format != NULL && format[0] != 0) {
    size_t i = 1;
    while (i < NFORMATS && rs_casecmp(format, formats[i]) != 0) i++;
    if (i == NFORMATS)
      return wrong(q, "'event_time_info.format' must be milliseconds_since_epoch or "
                      "seconds_since_epoch, or be left out for texts and typed times");
    d->time_format = (enum rs_time_format)i;
  }
  if (d->time_zone != NULL && (d->time_zone[0] == 0 || rs_casecmp(d->time_zone, "UTC") == 0))
    d->time_zone = NULL;
  return d->time_zone != NULL ? rs_event_time_check(q, d) : RS_OK;
}

static bool is_texts(const cJSON *list)
{
  if (!cJSON_IsArray(list)) return false;
  for (const cJSON *m = list->child; m != NULL; m = m->next)
    if (!cJSON_IsString(m)) return false;
  return true;
}

/* [{"field_name": ..., "type": "AUTO", "keys": [...]}] */
static enum rs_code read_clustering(struct rs_request *q, const cJSON *j, struct rs_definition *d)
{
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(j, "clustering_key");
  if (is_absent(list)) return RS_OK;
  if (!cJSON_IsArray(list)) return wrong(q, "'clustering_key' must be an array of objects");
  for (const cJSON *m = list->child; m != NULL; m = m->next) {
    const char *field = NULL, *type = NULL;
    if (!cJSON_IsObject(m)) return wrong(q, "'clustering_key' must be an array of objects");
    enum rs_code rc = rs_request_text(q, m, "field_name", true, &field);
    if (rc == RS_OK) rc = rs_request_text(q, m, "type", false, &type);
    if (rc != RS_OK) return rc;
    if (field[0] == 0) return wrong(q, "'clustering_key': 'field_name' is empty");
    if (type != NULL && !rs_eq(type, "AUTO"))
      return wrong(q, "'clustering_key': 'type' must be AUTO");
    const cJSON *keys = cJSON_GetObjectItemCaseSensitive(m, "keys");
    if (!is_absent(keys) && !is_texts(keys))
      return wrong(q, "'clustering_key': 'keys' must be an array of texts");
  }
  if (list->child == NULL) return RS_OK;
  char *text = cJSON_PrintUnformatted(list);
  d->clustering = text != NULL ? rs_arena_strdup(&q->arena, text) : NULL;
  cJSON_free(text);
  return d->clustering != NULL ? RS_OK : rs_nomem(&q->e);
}

enum rs_code rs_definition_change(struct rs_request *q, const cJSON *j, struct rs_definition *d,
                                  bool *given)
{
  const cJSON *query;
  const char *sql = NULL;
  *given = false;
  enum rs_code rc = rs_request_object(q, j, "field_mapping_query", false, &query);
  if (rc != RS_OK || query == NULL) return rc;
  rc = rs_request_text(q, query, "sql", false, &sql);
  if (rc != RS_OK || sql == NULL) return rc;
  if (strlen(sql) > SQL_MAX) return wrong(q, "'field_mapping_query.sql' is longer than 1 MiB");
  *given = true;
  d->sql = sql[strspn(sql, " \t\r\n;")] != 0 ? sql : NULL;
  return RS_OK;
}

enum rs_code rs_definition_read(struct rs_request *q, const cJSON *j, struct rs_definition *d)
{
  bool given;
  memset(d, 0, sizeof *d);
  enum rs_code rc = rs_request_int(q, j, "retention_secs", RETENTION_MIN, RETENTION_MAX,
                                   &d->retention_secs);
  if (rc == RS_OK) rc = read_event_time(q, j, d);
  if (rc == RS_OK) rc = read_clustering(q, j, d);
  return rc == RS_OK ? rs_definition_change(q, j, d, &given) : rc;
}

/* ---- as it is kept --------------------------------------------------------------------------- */

static void write_event_time(struct rs_buf *b, const struct rs_definition *d)
{
  if (d->time_field == NULL) return;
  rs_js_open(b, "event_time_info", '{');
  rs_js_text(b, "field", d->time_field);
  if (formats[d->time_format] != NULL) rs_js_text(b, "format", formats[d->time_format]);
  rs_js_text(b, "time_zone", d->time_zone != NULL ? d->time_zone : "UTC");
  rs_js_close(b, '}');
}

static void write_query(struct rs_buf *b, const struct rs_definition *d)
{
  if (d->sql == NULL) return;
  rs_js_open(b, "field_mapping_query", '{');
  rs_js_text(b, "sql", d->sql);
  rs_js_close(b, '}');
}

enum rs_code rs_definition_pack(struct rs_request *q, const struct rs_definition *d,
                                const char **text)
{
  struct rs_buf b;
  *text = NULL;
  if (d->retention_secs == 0 && d->time_field == NULL && d->sql == NULL && d->clustering == NULL)
    return RS_OK;
  rs_buf_init(&b, (size_t)16 << 20);
  rs_js_open(&b, NULL, '{');
  if (d->retention_secs != 0) rs_js_int(&b, "retention_secs", d->retention_secs);
  write_event_time(&b, d);
  write_query(&b, d);
  if (d->clustering != NULL) rs_js_raw(&b, "clustering_key", d->clustering);
  rs_js_close(&b, '}');
  return rs_arena_take_buf(&q->arena, &b, "definition", text, &q->e);
}

static bool take_text(struct rs_arena *a, const cJSON *j, const char *name, const char **out)
{
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, name));
  *out = text != NULL ? rs_arena_strdup(a, text) : NULL;
  return text == NULL || *out != NULL;
}

static bool take_members(struct rs_arena *a, const cJSON *j, struct rs_definition *d)
{
  const cJSON *info = cJSON_GetObjectItemCaseSensitive(j, "event_time_info");
  const cJSON *query = cJSON_GetObjectItemCaseSensitive(j, "field_mapping_query");
  const cJSON *secs = cJSON_GetObjectItemCaseSensitive(j, "retention_secs");
  const cJSON *clustering = cJSON_GetObjectItemCaseSensitive(j, "clustering_key");
  const char *format = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(info, "format"));
  if (cJSON_IsNumber(secs)) d->retention_secs = (int64_t)secs->valuedouble;
  for (size_t i = 1; i < NFORMATS && format != NULL; i++)
    if (rs_eq(format, formats[i])) d->time_format = (enum rs_time_format)i;
  if (!take_text(a, info, "field", &d->time_field) ||
      !take_text(a, info, "time_zone", &d->time_zone) || !take_text(a, query, "sql", &d->sql))
    return false;
  if (d->time_zone != NULL && rs_eq(d->time_zone, "UTC")) d->time_zone = NULL;
  if (clustering == NULL) return true;
  char *text = cJSON_PrintUnformatted(clustering);
  d->clustering = text != NULL ? rs_arena_strdup(a, text) : NULL;
  cJSON_free(text);
  return d->clustering != NULL;
}

enum rs_code rs_definition_unpack(struct rs_arena *a, const char *text, struct rs_definition *d,
                                  struct rs_error *e)
{
  memset(d, 0, sizeof *d);
  if (text == NULL) return RS_OK;
  cJSON *j = cJSON_Parse(text);
  if (j == NULL) return rs_nomem(e);
  bool ok = take_members(a, j, d);
  cJSON_Delete(j);
  return ok ? RS_OK : rs_nomem(e);
}

/* ---- as it is shown -------------------------------------------------------------------------- */

void rs_definition_write(struct rs_buf *b, const struct rs_definition *d)
{
  if (d->retention_secs != 0) rs_js_int(b, "retention_secs", d->retention_secs);
  write_event_time(b, d);
  write_query(b, d);
  rs_js_raw(b, "clustering_key", d->clustering != NULL ? d->clustering : "[]");
}

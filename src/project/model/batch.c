/*
** Spans of microbatch models (model.h).
*/
#include "model.h"
#include <stdio.h>
#include <string.h>
#include "src/value/timetext.h"
#include "src/value/text.h"
#include "src/base/text.h"

#define BATCHES_MAX 100000 /* eleven years of hours */

static const char *const size_names[] = {"hour", "day", "month", "year"};

static int64_t floor_div(int64_t a, int64_t b)
{
  return a / b - (a % b < 0);
}

/* The number of the batch that holds a time, in hours since 1970. */
static int64_t batch_of(enum rs_batch_size size, int64_t hours)
{
  int64_t days = floor_div(hours, 24);
  const struct rs_date d = rs_days_date(days);
  switch (size) {
    case RS_BATCH_HOUR: return hours;
    case RS_BATCH_DAY: return days;
    case RS_BATCH_MONTH: return d.year * 12 + d.month - 1;
    default: return d.year;
  }
}

/* The hour in which a batch begins. */
static int64_t hour_of(enum rs_batch_size size, int64_t batch)
{
  switch (size) {
    case RS_BATCH_HOUR: return batch;
    case RS_BATCH_DAY: return batch * 24;
    case RS_BATCH_MONTH:
      return rs_date_days(floor_div(batch, 12), (int)(batch - floor_div(batch, 12) * 12) + 1, 1) *
             24;
    default: return rs_date_days(batch, 1, 1) * 24;
  }
}

static void write_time(int64_t hours, char text[28])
{
  size_t n = rs_text_timestamp(hours * 3600, 1, text);
  (void)snprintf(text + n, 28 - n, "+00:00");
}

void rs_batches_at(const struct rs_batches *b, size_t i, struct rs_batch *out)
{
  int64_t batch = b->first + (int64_t)i;
  write_time(hour_of(b->size, batch), out->start);
  write_time(hour_of(b->size, batch + 1), out->end);
  // 20240131T05, as far as the size goes
  const size_t length[] = {11, 8, 6, 4};
  size_t n = 0;
  for (const char *p = out->start; n < length[b->size]; p++)
    if (*p >= '0' && *p <= '9') {
      if (n == 8) out->id[n++] = 'T';
      out->id[n++] = *p;
    }
  out->id[n] = 0;
}

/* "2024-01-31", maybe with a time behind it: its hour. */
static bool read_time(const char *text, int64_t *hours)
{
  struct rs_timetext_cursor c = {text, text + strlen(text)};
  struct rs_timetext_date d;
  int h = 0;
  if (!rs_timetext_date(&c, &d) || !rs_timetext_is_iso(&d)) return false;
  if (rs_timetext_char(&c, " T") && !rs_timetext_digits(&c, 2, 2, 23, &h)) return false;
  if (c.p < c.end && *c.p != ':') return false;
  *hours = rs_date_days(d.date.year, d.date.month, d.date.day) * 24 + h;
  return true;
}

/* A text of the config; "" where it is none. It lives in j. */
static const char *text_of(jv config, const char *key)
{
  jv v;
  return jv_dict_get(config, key, &v) && jv_is_str(v) ? jv_cstr(v, NULL) : "";
}

bool rs_batches_wanted(const struct rs_node *n)
{
  return n->config.strategy != NULL && rs_eq(n->config.strategy, "microbatch");
}

static enum rs_code read_config(const struct rs_node *n, jv config, int64_t now_us, bool all,
                                struct rs_batches *out, struct rs_error *e)
{
  const char *size = text_of(config, "batch_size"), *begin = text_of(config, "begin");
  int64_t lookback = 1, from = 0;
  size_t at = 0;
  jv v;
  while (at < 4 && !rs_eq(size, size_names[at])) at++;
  if (n->config.event_time == NULL)
    return rs_fail(
      e, RS_INVALID,
      "Microbatch model '%s' must provide an 'event_time' (string) config that indicates "
      "the name of the event time column.",
      n->name);
  if (!read_time(begin, &from))
    return rs_fail(
      e, RS_INVALID,
      "Microbatch model '%s' must provide a 'begin' (datetime) config that indicates the "
      "earliest timestamp the microbatch model should be built from.",
      n->name);
  if (at == 4)
    return rs_fail(e, RS_INVALID,
                   "Microbatch model '%s' must provide a 'batch_size' config that is one of hour, "
                   "day, month, year",
                   n->name);
  if (jv_dict_get(config, "lookback", &v) && v.kind == JV_INT) lookback = v.u.i;
  if (lookback < 0 || lookback > BATCHES_MAX)
    return rs_fail(e, RS_INVALID, "config 'lookback' must be from 0 to %d", BATCHES_MAX);
  out->size = (enum rs_batch_size)at;
  int64_t earliest = batch_of(out->size, from);
  int64_t last = batch_of(out->size, floor_div(now_us, INT64_C(3600000000)));
  out->first = all || last - lookback < earliest ? earliest : last - lookback;
  if (out->first > last) out->first = last;
  if (last - out->first >= BATCHES_MAX)
    return rs_fail(e, RS_LIMIT, "%lld batches since %s are more than %d: take a larger batch_size",
                   (long long)(last - out->first + 1), begin, BATCHES_MAX);
  out->n = (size_t)(last - out->first + 1);
  return RS_OK;
}

enum rs_code rs_batches_read(const struct rs_node *n, int64_t now_us, bool all,
                             struct rs_batches *out, struct rs_error *e)
{
  struct rs_python_options limits = {0};
  struct rs_python *j = rs_jinja_new(&limits);
  jv config;
  if (j == NULL) return rs_nomem(e);
  enum rs_code rc = jv_from_json(j, n->config.json, strlen(n->config.json), &config, e);
  if (rc == RS_OK) rc = read_config(n, config, now_us, all, out, e);
  rs_jinja_free(j);
  return rc;
}

/*
** The log of what was sent (log.h): a ring of copies under one mutex.
*/
#include "log.h"
#include "src/base/mem.h"
#include "src/base/redact.h"

#include <pthread.h>
#include <string.h>

#define SQL_MAX 8192

struct slot {
  struct rs_log_entry entry;
  char *texts; /* one block: engine, target, sql, error */
};

struct rs_log {
  pthread_mutex_t mutex;
  int refs;
  int64_t count; /* entries ever added; the newest is slots[(count - 1) % RS_LOG_KEEP] */
  struct slot slots[RS_LOG_KEEP];
};

struct rs_log *rs_log_new(void)
{
  struct rs_log *log = rs_calloc(1, sizeof *log);
  if (!log) return NULL;
  if (pthread_mutex_init(&log->mutex, NULL) != 0) {
    rs_free(log);
    return NULL;
  }
  log->refs = 1;
  return log;
}

void rs_log_retain(struct rs_log *log)
{
  if (!log) return;
  pthread_mutex_lock(&log->mutex);
  log->refs++;
  pthread_mutex_unlock(&log->mutex);
}

void rs_log_release(struct rs_log *log)
{
  if (!log) return;
  pthread_mutex_lock(&log->mutex);
  int refs = --log->refs;
  pthread_mutex_unlock(&log->mutex);
  if (refs > 0) return;
  for (size_t i = 0; i < RS_LOG_KEEP; i++) rs_free(log->slots[i].texts);
  pthread_mutex_destroy(&log->mutex);
  rs_free(log);
}

/* Copies text to *at, returns the copy. */
static char *place(char **at, const char *text)
{
  if (!text) return NULL;
  char *start = *at;
  size_t n = strlen(text);
  memcpy(start, text, n + 1);
  *at = start + n + 1;
  return start;
}

/* Copies `from` with all its texts in one block; false when out of memory. */
static bool copy_entry(struct slot *to, const struct rs_log_entry *from)
{
  size_t need = 4; /* terminators */
  const char *all[] = {from->engine, from->target, from->sql, from->error};
  for (size_t i = 0; i < 4; i++) need += all[i] ? strlen(all[i]) : 0;
  char *at = rs_malloc(need);
  if (!at) return false;
  to->texts = at;
  to->entry = *from;
  to->entry.engine = place(&at, from->engine);
  to->entry.target = place(&at, from->target);
  to->entry.sql = place(&at, from->sql);
  to->entry.error = place(&at, from->error);
  return true;
}

/* Redacts first and cuts then (never within a character): half a secret is one too. Of a longer
** text only the beginning that could matter is looked at. Returns owned; NULL for NULL or out of
** memory. */
static char *clean(const char *text)
{
  if (!text) return NULL;
  size_t n = strnlen(text, 2 * SQL_MAX), cap = n + 64;
  char *copy = rs_malloc(cap);
  if (!copy) return NULL;
  memcpy(copy, text, n);
  copy[n] = 0;
  rs_redact(copy, cap);
  n = strlen(copy);
  if (n > SQL_MAX) {
    n = SQL_MAX;
    while (n > 0 && ((unsigned char)copy[n] & 0xC0) == 0x80) n--;
    copy[n] = 0;
  }
  return copy;
}

void rs_log_add(struct rs_log *log, const struct rs_log_entry *entry)
{
  struct slot made;
  if (!log) return;
  char *sql = clean(entry->sql), *error = clean(entry->error);
  struct rs_log_entry cleaned = *entry;
  cleaned.sql = sql;
  cleaned.error = error;
  bool ok = (sql || !entry->sql) && (error || !entry->error) && copy_entry(&made, &cleaned);
  rs_free(sql);
  rs_free(error);
  if (!ok) return;
  pthread_mutex_lock(&log->mutex);
  struct slot *slot = &log->slots[log->count % RS_LOG_KEEP];
  char *old = slot->texts;
  *slot = made;
  slot->entry.id = ++log->count;
  pthread_mutex_unlock(&log->mutex);
  rs_free(old);
}

enum rs_code rs_log_each(struct rs_log *log,
                         enum rs_code (*fn)(void *ctx, const struct rs_log_entry *entry), void *ctx,
                         struct rs_error *e)
{
  struct slot *copies = rs_calloc(RS_LOG_KEEP, sizeof *copies);
  if (!copies) return rs_nomem(e);
  size_t n = 0;
  enum rs_code rc = RS_OK;
  pthread_mutex_lock(&log->mutex);
  int64_t first = log->count > RS_LOG_KEEP ? log->count - RS_LOG_KEEP : 0;
  for (int64_t i = first; i < log->count && rc == RS_OK; i++) {
    if (copy_entry(&copies[n], &log->slots[i % RS_LOG_KEEP].entry)) n++;
    else rc = rs_nomem(e);
  }
  pthread_mutex_unlock(&log->mutex);
  for (size_t i = 0; i < n; i++) {
    if (rc == RS_OK) rc = fn(ctx, &copies[i].entry);
    rs_free(copies[i].texts);
  }
  rs_free(copies);
  return rc;
}

/*
** A visit of a topic (see source_visit.h): it lasts as long as the source does. Messages are
** written batch by batch, each in one transaction with where every partition goes on: whatever
** happens, a message is written once. What the source's document tells of it follows; after a kill
** the counts of what was refused or lost may lack that of the last second.
**
** Brokers that don't answer end no visit: librdkafka goes on trying, and the status says so.
*/
#include <string.h>
#include "source_batch.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/json/json.h"

enum {
  WAIT_MS = 200,   /* for a message */
  LINGER_MS = 500, /* of a batch that isn't full */
  TELL_MS = 1000,  /* between two changes of the status while nothing is written */
  LOOK_MS = 5000,  /* between two looks at the source, unless it was changed by a request */
  RETRY_MS = 1000, /* after brokers that did not answer */
  DEPTH = 1000
};

struct partition {
  int64_t next, high;
  bool started;
};

struct rs_tail {
  struct rs_visit *v;
  struct rs_kafka *kafka;
  struct rs_kafka_spec spec;
  struct partition *parts;
  size_t nparts, parts_cap;
  struct origin {
    int32_t partition;
    int64_t offset;
  } * from; /* of each document of the batch */
  size_t from_cap;
  int64_t taken;           /* messages, of all visits */
  bool ahead;              /* it is further than what is kept */
  int64_t began_ms;        /* since when */
  int64_t refused, lost;   /* since the status was told */
  struct rs_error refusal; /* the last one; RS_OK: none since then */
  bool known;              /* its partitions have been found */
  bool moved;              /* something is not told yet */
  bool is_unanswered;      /* the brokers were asked last in vain */
  int64_t partitions_at;   /* when they are counted again */
  int64_t look_at;
  unsigned changes; /* of sources, as looked at */
  bool is_changed;  /* its integration is another one now */
  struct rs_error trouble;
};

/* ---- where it is ----------------------------------------------------------------------------- */

static enum rs_code add_partition(struct rs_tail *t, int64_t next, int64_t high)
{
  if (!rs_grow(&t->parts, &t->parts_cap, t->nparts + 1, sizeof t->parts[0]))
    return rs_nomem(&t->v->kept);
  t->parts[t->nparts++] = (struct partition){next, high, false};
  return RS_OK;
}

static enum rs_code read_positions(struct rs_tail *t)
{
  struct rs_visit *v = t->v;
  struct rs_session *s;
  struct rs_json *list = NULL;
  enum rs_code rc = rs_visit_read_known(v, &s);
  if (rc != RS_OK) return rc;
  const struct rs_source_object *o = rs_map_get(&v->known, v->x.topic);
  t->known = o != NULL;
  if (!t->known) return RS_OK;
  t->taken = o->position;
  rc = rs_json_parse(o->version, strlen(o->version), 10, &v->arena, &list, &v->kept);
  for (const struct rs_json *p = rc == RS_OK ? list->first : NULL; p != NULL && rc == RS_OK;
       p = p->next)
    rc = add_partition(t, rs_json_member_int(p, "next"), rs_json_member_int(p, "high"));
  return rc;
}

/* NULL: out of memory. */
static const char *write_positions(const struct rs_tail *t, struct rs_arena *a)
{
  struct rs_buf b;
  const char *text = NULL;
  rs_buf_init(&b, 1 << 20);
  rs_js_open(&b, NULL, '[');
  for (size_t i = 0; i < t->nparts; i++) {
    rs_js_open(&b, NULL, '{');
    rs_js_int(&b, "next", t->parts[i].next);
    rs_js_int(&b, "high", t->parts[i].high);
    rs_js_close(&b, '}');
  }
  rs_js_close(&b, ']');
  return rs_arena_take_buf(a, &b, "offsets", &text, NULL) == RS_OK ? text : NULL;
}

static void go_ahead(struct rs_tail *t)
{
  if (!t->ahead) t->began_ms = rs_now_ms();
  t->ahead = t->moved = true;
}

static bool is_behind(const struct rs_tail *t)
{
  for (size_t i = 0; i < t->nparts; i++)
    if (t->parts[i].next < t->parts[i].high) return true;
  return false;
}

/* ---- its status ------------------------------------------------------------------------------ */

static const char *state_of(const struct rs_tail *t)
{
  if (t->trouble.code != RS_OK) return "ERROR";
  if (t->nparts == 0) return "INITIALIZING";
  return is_behind(t) ? "PROCESSING" : "WATCHING";
}

/* What is wrong now; or else with what has come. */
static const char *message_of(const struct rs_tail *t, const struct rs_source *x,
                              struct rs_arena *a)
{
  const char *text = NULL;
  if (t->trouble.code != RS_OK) return rs_arena_strdup(a, t->trouble.text);
  if (x->refused > 0)
    text = rs_arena_printf(a, "%lld messages were refused, at last %s", (long long)x->refused,
                           x->refusal != NULL ? x->refusal : "");
  if (x->lost > 0)
    text = rs_arena_printf(a,
                           "%s%s%lld messages were no longer in the topic when they were to be "
                           "read",
                           text != NULL ? text : "", text != NULL ? "; " : "", (long long)x->lost);
  return text;
}

static void tell_stream(struct rs_visit *v, struct rs_source *x, struct rs_arena *a)
{
  const struct rs_tail *t = v->stream;
  char now[40];
  const char *positions = t->known ? write_positions(t, a) : NULL;
  if (positions != NULL) x->partitions = positions;
  x->refused += t->refused;
  x->lost += t->lost;
  if (t->refusal.code != RS_OK) x->refusal = t->refusal.text;
  if (x->items != t->taken) {
    rs_js_time(rs_wall_us(), now);
    x->processed_at = rs_arena_strdup(a, now);
    x->item = x->topic;
  }
  x->items = t->taken;
  x->state = state_of(t);
  x->message = message_of(t, x, a);
}

static enum rs_code tell(struct rs_tail *t)
{
  struct rs_visit *v = t->v;
  enum rs_code rc = rs_visit_change(v, tell_stream, &v->kept);
  v->told_ms = rs_now_ms();
  v->x.state = state_of(t);
  t->refused = t->lost = 0;
  t->refusal.code = RS_OK;
  t->moved = false;
  rs_request_session_end(&v->q); // there are not many of them
  return rc;
}

static void set_trouble(struct rs_tail *t, enum rs_code rc, const char *text)
{
  if (t->trouble.code == rc && (rc == RS_OK || rs_eq(t->trouble.text, text))) return;
  if (rc == RS_OK) t->trouble.code = RS_OK;
  else (void)rs_fail(&t->trouble, rc, "%s", text);
  t->moved = true;
}

/* ---- what is kept ---------------------------------------------------------------------------- */

static void refuse(struct rs_tail *t, const struct origin *o, const char *why)
{
  t->refused++;
  t->moved = true;
  (void)rs_fail(&t->refusal, RS_INVALID, "partition %d, offset %lld: %.800s", (int)o->partition,
                (long long)o->offset, why);
}

/* The batch, and how far it leads. */
static enum rs_code flush(struct rs_tail *t)
{
  struct rs_visit *v = t->v;
  const struct rs_source_object o = {
    .name = v->x.topic, .version = write_positions(t, &v->batch), .position = t->taken};
  enum rs_code rc = o.version != NULL ? rs_visit_write(v, &o) : rs_nomem(&v->kept);
  for (size_t i = 0; i < v->ndocs && rc == RS_OK; i++)
    if (v->docs[i].status == RS_WRITTEN_ERROR)
      refuse(t, &t->from[i], v->docs[i].error != NULL ? v->docs[i].error : "");
  rs_visit_forget(v);
  t->ahead = false;
  rs_request_session_end(&v->q); // there are not many of them
  return rc;
}

/* ---- partitions ------------------------------------------------------------------------------ */

/* Where partitions begin that have not been read yet. Those that come later begin at their begin:
** nothing of them is older than the source. All or none: which are new must be known after a
** restart, too. */
static enum rs_code find_begins(struct rs_tail *t, int32_t n, struct rs_error *e)
{
  const int32_t from = (int32_t)t->nparts;
  const bool latest = !t->known && rs_eq(t->v->x.reset, "LATEST");
  if (n <= from) return RS_OK;
  struct rs_kafka_ends *ends = rs_calloc((size_t)(n - from), sizeof *ends);
  if (ends == NULL) return rs_nomem(&t->v->kept);
  enum rs_code rc = rs_kafka_ends(t->kafka, from, n - from, ends, e);
  for (int32_t i = 0; i < n - from && rc == RS_OK; i++)
    rc = add_partition(t, latest ? ends[i].high : ends[i].low, ends[i].high);
  if (rc == RS_OK) go_ahead(t);
  rs_free(ends);
  return rc;
}

static enum rs_code start_partitions(struct rs_tail *t, struct rs_error *e)
{
  int32_t n = 0;
  enum rs_code rc = rs_kafka_partitions(t->kafka, &n, e);
  if (rc == RS_OK) rc = find_begins(t, n, e);
  if (rc != RS_OK) return rc;
  t->known = true;
  if (t->ahead) rc = flush(t); // before the first is read
  for (int32_t i = 0; i < n && rc == RS_OK; i++) {
    if (t->parts[i].started) continue;
    rc = rs_kafka_start(t->kafka, i, t->parts[i].next, e);
    t->parts[i].started = rc == RS_OK;
  }
  return rc;
}

static void look_at_partitions(struct rs_tail *t)
{
  struct rs_error e = {.code = RS_OK};
  int64_t now = rs_now_ms();
  if (now < t->partitions_at) return;
  enum rs_code rc = start_partitions(t, &e);
  t->partitions_at = rs_now_ms() + (rc == RS_OK ? t->v->all->scan_ms : RETRY_MS);
  t->is_unanswered = rc != RS_OK;
  if (t->v->kept.code != RS_OK || rs_visit_is_stopped(t->v)) return;
  if (rc != RS_OK) set_trouble(t, rc, e.text);
  else if (t->trouble.code != RS_INVALID) set_trouble(t, RS_OK, "");
}

/* The partition has no such offset: messages have gone by the topic's retention, or the topic was
** made anew, which must not be taken for the old one. */
static void find_again(struct rs_tail *t, int32_t i)
{
  struct rs_error e = {.code = RS_OK};
  struct partition *p = &t->parts[i];
  struct rs_kafka_ends is = {0, 0};
  enum rs_code rc = rs_kafka_ends(t->kafka, i, 1, &is, &e);
  if (rc == RS_OK && p->next > is.high)
    rc = rs_fail(&e, RS_INVALID,
                 "Kafka: topic '%s', partition %d ends at offset %lld, and %lld were read: it was "
                 "made anew; delete this source and make it again",
                 t->spec.topic, (int)i, (long long)is.high, (long long)p->next);
  if (rc == RS_OK && p->next < is.low) {
    t->lost += is.low - p->next;
    p->next = is.low;
    go_ahead(t);
  }
  if (rc == RS_OK) rc = rs_kafka_start(t->kafka, i, p->next, &e);
  if (rc == RS_OK) return;
  if (rc != RS_INVALID) { // it is started when the partitions are looked at
    p->started = false;
    t->partitions_at = rs_now_ms() + RETRY_MS;
  }
  set_trouble(t, rc, e.text);
}

/* ---- messages -------------------------------------------------------------------------------- */

/* Is the message a document? */
static enum rs_code check_message(struct rs_tail *t, const struct rs_kafka_event *m,
                                  const struct origin *o, bool *is)
{
  struct rs_arena a;
  struct rs_json *tree = NULL;
  struct rs_error e = {.code = RS_OK};
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_json_parse(m->p, m->n, DEPTH, &a, &tree, &e);
  *is = rc == RS_OK && tree->kind == RS_J_OBJECT;
  if (rc == RS_OK && !*is) refuse(t, o, "a JSON object, {...}, is needed");
  else if (rc != RS_OK && rc != RS_NOMEM) refuse(t, o, e.text);
  rs_arena_free(&a);
  return rc == RS_NOMEM ? rs_nomem(&t->v->kept) : RS_OK;
}

static enum rs_code add_message(struct rs_tail *t, const struct rs_kafka_event *m,
                                const struct origin *o)
{
  struct rs_visit *v = t->v;
  bool is;
  enum rs_code rc = check_message(t, m, o, &is);
  if (rc != RS_OK || !is) return rc;
  const char *place = rs_arena_printf(&v->batch, "%s/%d", t->spec.topic, (int)o->partition);
  if (place == NULL || !rs_grow(&t->from, &t->from_cap, v->ndocs + 1, sizeof t->from[0]))
    return rs_nomem(&v->kept);
  t->from[v->ndocs] = *o;
  size_t blank = 0;
  while (m->p[blank] != '{') blank++;
  return rs_visit_add(v, m->p + blank, m->n - blank, place, o->offset);
}

static enum rs_code take_event(struct rs_tail *t, const struct rs_kafka_event *m)
{
  const struct origin o = {m->partition, m->offset};
  if (m->partition < 0 || (size_t)m->partition >= t->nparts) return RS_OK;
  struct partition *p = &t->parts[m->partition];
  t->is_unanswered = false;
  if (m->kind == RS_KAFKA_LOST) {
    find_again(t, m->partition);
    return RS_OK;
  }
  if (m->offset < p->next) return RS_OK; // sent again
  enum rs_code rc = RS_OK;
  if (m->kind == RS_KAFKA_MESSAGE) {
    t->taken++;
    if (m->p != NULL) rc = add_message(t, m, &o); // one without a value is no document
  }
  int64_t next = m->offset + (m->kind == RS_KAFKA_MESSAGE),
          high = rs_kafka_high(t->kafka, m->partition);
  if (next != p->next) go_ahead(t);
  if (high >= 0 && high != p->high) t->moved = true;
  p->next = next;
  p->high = high > next ? high : next;
  return rc;
}

/* ---- the visit ------------------------------------------------------------------------------- */

/* Servers and keys as they are now. */
static enum rs_code read_spec(struct rs_tail *t, struct rs_arena *a, struct rs_kafka_spec *spec)
{
  struct rs_visit *v = t->v;
  struct rs_session *s;
  *spec = (struct rs_kafka_spec){.topic = v->x.topic, .client_id = v->x.client_id};
  enum rs_code rc = rs_visit_session(v, &s);
  if (rc != RS_OK) return rc;
  rc = rs_integration_brokers(s, v->all, v->x.integration, a, spec, &v->why);
  rs_request_session_end(&v->q);
  return rc;
}

/* Is the source still to be read, and in this way? */
static enum rs_code look_at_source(struct rs_tail *t)
{
  struct rs_visit *v = t->v;
  struct rs_kafka_spec now;
  struct rs_arena a;
  unsigned changes = atomic_load(&v->all->changes);
  if (changes == t->changes && rs_now_ms() < t->look_at) return RS_OK;
  t->changes = changes;
  t->look_at = rs_now_ms() + LOOK_MS;
  enum rs_code rc = rs_visit_change(v, NULL, &v->kept);
  if (rc != RS_OK || v->over) return rc;
  rs_arena_init(&a, 0);
  rc = read_spec(t, &a, &now);
  t->is_changed = rc == RS_OK &&
                  (!rs_eq(now.servers, t->spec.servers) || !rs_eq(now.key, t->spec.key) ||
                   !rs_eq(now.secret, t->spec.secret));
  rs_arena_free(&a);
  return rc;
}

static void see_trouble(struct rs_tail *t)
{
  const char *text = rs_kafka_trouble(t->kafka);
  bool may = t->trouble.code == RS_OK || t->trouble.code == RS_BUSY;
  if (may && text[0] != 0) set_trouble(t, RS_BUSY, text);
  else if (may && !t->is_unanswered) set_trouble(t, RS_OK, "");
}

static enum rs_code step(struct rs_tail *t)
{
  struct rs_visit *v = t->v;
  struct rs_kafka_event m;
  enum rs_code rc = look_at_source(t);
  if (rc != RS_OK || v->over || t->is_changed) return rc;
  look_at_partitions(t);
  if (v->kept.code != RS_OK) return v->kept.code;
  rs_kafka_next(t->kafka, WAIT_MS, &m);
  if (m.kind == RS_KAFKA_NOTHING) see_trouble(t);
  else rc = take_event(t, &m);
  if (rc != RS_OK) return rc;
  int64_t now = rs_now_ms();
  bool due = m.kind == RS_KAFKA_NOTHING || now - t->began_ms >= LINGER_MS;
  if (rs_visit_is_full(v) || (t->ahead && due)) {
    see_trouble(t);
    rc = flush(t);
  }
  if (rc != RS_OK || t->ahead) return rc;
  bool other = !rs_eq(v->x.state, state_of(t));
  return other || (t->moved && now - v->told_ms >= TELL_MS) ? tell(t) : RS_OK;
}

enum rs_code rs_visit_stream(struct rs_visit *v)
{
  struct rs_tail t = {.v = v, .changes = atomic_load(&v->all->changes)};
  v->stream = &t;
  enum rs_code rc = read_spec(&t, &v->arena, &t.spec);
  if (rc == RS_OK) rc = rs_format_read(v->x.format, &v->arena, &v->format, &v->why);
  if (rc == RS_OK) rc = rs_kafka_open(&v->all->places.hosts, &t.spec, &t.kafka, &v->why);
  if (rc == RS_OK) rc = read_positions(&t);
  t.look_at = rs_now_ms() + LOOK_MS;
  while (rc == RS_OK && !rs_visit_is_stopped(v) && !t.is_changed) rc = step(&t);
  // what is in memory is written, if the source is still to be read
  if (rc == RS_OK && !v->over && t.ahead) rc = flush(&t);
  if (rc == RS_OK && !v->over && t.moved) rc = tell(&t);
  rs_visit_forget(v);
  rs_request_session_end(&v->q); // closing may take a while
  rs_kafka_close(t.kafka);
  rs_free(t.parts);
  rs_free(t.from);
  v->stream = NULL;
  return rc;
}

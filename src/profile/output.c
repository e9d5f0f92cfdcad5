/*
** The loaded output: one block of memory, immutable, reference-counted; and how it is read.
*/
#include <stdatomic.h>
#include <string.h>
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"

#define JSON_MAX ((size_t)8 << 20)

struct output {
  struct rs_output pub; /* first: callers hold a pointer to it */
  struct rs_arena arena;
  const char *json;
  atomic_int refs;
};

static struct output *own(const struct rs_output *o)
{
  return (struct output *)(uintptr_t)o;
}

struct rs_output *rs_output_new(void)
{
  struct output *o = rs_calloc(1, sizeof *o);
  if (!o) return NULL;
  rs_arena_init(&o->arena, 0);
  atomic_init(&o->refs, 1);
  return &o->pub;
}

struct rs_arena *rs_output_arena(struct rs_output *o)
{
  return &own(o)->arena;
}

void rs_output_retain(const struct rs_output *o)
{
  if (o) atomic_fetch_add(&own(o)->refs, 1);
}

void rs_output_release(const struct rs_output *o)
{
  if (!o || atomic_fetch_sub(&own(o)->refs, 1) != 1) return;
  rs_arena_free(&own(o)->arena);
  rs_free(own(o));
}

/* ---- making --------------------------------------------------------------------------------- */

static void json_member(struct rs_buf *b, const char *key, const char *json)
{
  rs_buf_str(b, b->n > 1 ? "," : "");
  rs_buf_json_str(b, key, strlen(key));
  rs_buf_char(b, ':');
  rs_buf_str(b, json);
}

static void json_text(struct rs_buf *b, const char *key, const char *text)
{
  rs_buf_str(b, b->n > 1 ? "," : "");
  rs_buf_json_str(b, key, strlen(key));
  rs_buf_char(b, ':');
  rs_buf_json_str(b, text, strlen(text));
}

static bool is_workspace(const struct rs_field_spec *s)
{
  return rs_eq(s->name, "workspace") || rs_eq(s->alias, "workspace");
}

/* dbt's `target`: what every type has comes first, then the connection under all its names. */
static void write_json(struct rs_buf *b, const struct rs_output *o, const struct rs_fields *f)
{
  const char *workspace = "\"" RS_DEFAULT_WORKSPACE "\"", *threads = "1";
  for (size_t i = 0; i < f->n; i++) {
    const struct rs_read *r = &f->v[i];
    if (is_workspace(r->spec)) workspace = r->safe ? r->safe : "null";
    if (rs_eq(r->spec->name, "threads") && r->safe) threads = r->safe;
  }
  rs_buf_char(b, '{');
  json_text(b, "type", o->type);
  json_text(b, "name", o->target_name);
  json_text(b, "target_name", o->target_name);
  json_text(b, "profile_name", o->profile_name);
  json_member(b, "schema", workspace);
  json_member(b, "workspace", workspace);
  json_member(b, "threads", threads);
  if (f->table->database) json_text(b, "database", f->table->database);
  for (size_t i = 0; i < f->n; i++) {
    const struct rs_read *r = &f->v[i];
    if (!r->safe || is_workspace(r->spec) || rs_eq(r->spec->name, "threads")) continue;
    json_member(b, r->spec->name, r->safe);
    if (r->spec->alias) json_member(b, r->spec->alias, r->safe);
  }
  rs_buf_char(b, '}');
}

static enum rs_code keep_json(struct output *o, const struct rs_fields *f, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, JSON_MAX);
  write_json(&b, &o->pub, f);
  enum rs_code rc = rs_buf_error(&b, e, "profile as JSON");
  if (!rc) {
    o->json = rs_arena_strndup(&o->arena, rs_buf_text(&b), b.n);
    if (!o->json) rc = rs_nomem(e);
  }
  rs_buf_free(&b);
  return rc;
}

enum rs_code rs_output_finish(struct rs_output *o, const struct rs_fields *f,
                              const struct rs_choice *c, struct rs_error *e)
{
  struct rs_arena *a = &own(o)->arena;
  struct rs_field *fields = rs_arena_calloc(a, (f->n + 1) * sizeof *fields);
  if (!fields) return rs_nomem(e);
  o->workspace = RS_DEFAULT_WORKSPACE;
  o->threads = 1;
  for (size_t i = 0; i < f->n; i++) {
    const struct rs_read *r = &f->v[i];
    if (!r->field.text) continue;
    fields[o->nfields++] = r->field;
    if (is_workspace(r->spec)) o->workspace = r->field.text;
    if (rs_eq(r->spec->name, "threads")) o->threads = (int)r->field.number;
  }
  o->fields = fields;
  o->type = f->type;
  o->adapters = f->load->adapters;
  o->embedded_default = c->embedded_default;
  o->profile_name = rs_arena_strdup(a, c->profile_name);
  o->target_name = rs_arena_strdup(a, c->target_name);
  o->source = rs_arena_strdup(a, c->source);
  o->found = rs_arena_strdup(a, c->found);
  if (!o->profile_name || !o->target_name || !o->source || !o->found) return rs_nomem(e);
  return keep_json(own(o), f, e);
}

/* ---- reading -------------------------------------------------------------------------------- */

static const struct rs_field *find_field(const struct rs_output *o, const char *name)
{
  for (size_t i = 0; i < o->nfields; i++)
    if (strcmp(o->fields[i].name, name) == 0) return &o->fields[i];
  return NULL;
}

const struct rs_field *rs_output_field(const struct rs_output *o, const char *name)
{
  const struct rs_field *found = find_field(o, name);
  if (found != NULL || o->adapters == NULL) return found;
  const struct rs_field_spec *s = rs_field_find(rs_fields_of(o->adapters, o->type), name);
  return s != NULL ? find_field(o, s->name) : NULL; // by its other name
}

const char *rs_output_text(const struct rs_output *o, const char *name, const char *otherwise)
{
  const struct rs_field *f = rs_output_field(o, name);
  return f ? f->text : otherwise;
}

static bool is_number(const struct rs_field *f)
{
  return f && (f->type == RS_FIELD_INT || f->type == RS_FIELD_BOOL || f->type == RS_FIELD_SECONDS);
}

int64_t rs_output_int(const struct rs_output *o, const char *name, int64_t otherwise)
{
  const struct rs_field *f = rs_output_field(o, name);
  return is_number(f) ? f->number : otherwise;
}

bool rs_output_bool(const struct rs_output *o, const char *name, bool otherwise)
{
  return rs_output_int(o, name, otherwise) != 0;
}

char *rs_output_json(const struct rs_output *o)
{
  return rs_strdup(own(o)->json);
}

/*
** The fields of a profile's outputs, for the engines: each has a table (field × kind × default ×
** what is special) and rules over several fields (engine/<type>/profile.c); the profile reads an
** output by them, in fields.c.
**
** Ownership: texts lie in the two arenas of struct rs_profile_work. Threads: one load belongs to
** one thread. Errors name file and line (rs_profile_fail).
*/
#ifndef RS_PROFILE_FIELDS_H
#define RS_PROFILE_FIELDS_H
#include "src/base/arena.h"
#include "profile.h"
#include "src/yaml/yaml.h"

#define RS_DEFAULT_WORKSPACE "commons"

struct rs_render;

struct rs_profile_work {
  struct rs_arena *arena; /* of this load: trees, messages */
  struct rs_arena *out;   /* of the output */
  const char *file;       /* what errors call the text: a path or RS_ARGUMENT */
  const char *barred;     /* NULL, or who it is that may not name code to load or files to read */
  const char *way_out;    /* then: what to do */
  rs_adapter_fields adapters; /* or NULL */
  bool literal;               /* made by us: `{{` in a path is no template */
  struct rs_render *render;
};

/* Fills e with `<file> line N: <text>` and returns code. */
enum rs_code rs_profile_fail(const struct rs_profile_work *l, int line, struct rs_error *e,
                             enum rs_code code, const char *fmt, ...)
  __attribute__((format(printf, 5, 6)));
/* "a, b, c", in the load's arena; NULL when out of memory. */
const char *rs_profile_names(const struct rs_profile_work *l, const char *const *names, size_t n);
/* "; did you mean 'x'?" or "", in the load's arena; NULL when out of memory. */
const char *rs_profile_hint(const struct rs_profile_work *l, const char *word,
                            const char *const *names, size_t n);
/* `~` and `~/x` below the home folder; every other text as it is. NULL when out of memory. */
const char *rs_expand_home(struct rs_arena *a, const char *path);

enum rs_spec_kind {
  SPEC_TEXT,
  SPEC_PATH,   /* text; `~` is expanded */
  SPEC_CHOICE, /* text, one of `choices` */
  SPEC_INT,    /* min .. max */
  SPEC_BOOL,
  SPEC_SECONDS, /* a decimal number of seconds: text is "0.5", number is milliseconds */
  SPEC_LIST,
  SPEC_MAP,
  SPEC_SCALARS, /* a map of scalars */
  SPEC_PATH_OR_BOOL,
  SPEC_ANY
};

enum {
  SPEC_REQUIRED = 1,
  SPEC_SECRET = 2,       /* registered for redaction, never shown */
  SPEC_CODE = 4,         /* lets code be loaded or files be read: refused from the current folder */
  SPEC_IGNORED = 8,      /* legal in dbt, means nothing here */
  SPEC_UNSUPPORTED = 16, /* legal in dbt, and we can't do what it asks */
  SPEC_SECRET_KEYS = 32  /* a map whose keys like `password` or `s3_secret` hold secrets */
};

struct rs_field_spec {
  const char *name, *alias; /* alias: another name of the same field, or NULL */
  enum rs_spec_kind kind;
  unsigned flags;
  const char *otherwise; /* the default as text, or NULL */
  const char *choices;   /* SPEC_CHOICE: "a|b|c" */
  int min, max;          /* SPEC_INT */
};

/* Rows of a table. */
#define RS_ROW(name, alias, kind, flags, otherwise) \
  {                                                 \
    name, alias, kind, flags, otherwise, NULL, 0, 0 \
  }
#define RS_CHOICE(name, otherwise, choices)              \
  {                                                      \
    name, NULL, SPEC_CHOICE, 0, otherwise, choices, 0, 0 \
  }
#define RS_INT(name, otherwise, min, max)              \
  {                                                    \
    name, NULL, SPEC_INT, 0, otherwise, NULL, min, max \
  }
#define RS_THREADS RS_INT("threads", "1", 1, 64)
#define RS_IGNORED(name) RS_ROW(name, NULL, SPEC_ANY, SPEC_IGNORED, NULL)
#define RS_UNSUPPORTED(name) RS_ROW(name, NULL, SPEC_ANY, SPEC_UNSUPPORTED, NULL)

struct rs_fields;
/* What an engine tells of the outputs of its type. */
struct rs_field_table {
  const struct rs_field_spec *specs;
  size_t n;
  /* Rules over several fields, once each is converted; NULL: none. */
  enum rs_code (*check)(struct rs_fields *f, struct rs_error *e);
  const char *database; /* what dbt's `target.database` is where no field says it; NULL: nothing */
};

/* The table of one type; NULL when there is no such type. */
const struct rs_field_table *rs_fields_of(rs_adapter_fields adapters, const char *type);
/* A row by name or alias, or NULL. */
const struct rs_field_spec *rs_field_find(const struct rs_field_table *t, const char *name);

/* One field of an output, read. field.text is NULL when it is absent and has no default. */
struct rs_read {
  const struct rs_field_spec *spec;
  const struct rs_yaml *value; /* rendered; NULL when absent */
  int line;
  struct rs_field field;
  const char *safe; /* as JSON, secrets left out; NULL = not to be shown */
};

struct rs_fields {
  const struct rs_profile_work *load;
  const char *type;
  const struct rs_field_table *table;
  int line;          /* of the output */
  struct rs_read *v; /* one per row of the type, in the table's order */
  size_t n;
};

/* Reads and checks the output `map`. */
enum rs_code rs_fields_read(const struct rs_profile_work *l, const struct rs_yaml *map,
                            struct rs_fields *f, struct rs_error *e);
/* The field `name`; always there for a name of the type's table. */
struct rs_read *rs_fields_get(const struct rs_fields *f, const char *name);
/* Its text, or NULL. */
const char *rs_fields_text(const struct rs_fields *f, const char *name);

/* ---- convert.c ------------------------------------------------------------------------------ */

/* Converts r->value (or the default) to r->field by r->spec; registers secrets. */
enum rs_code rs_field_convert(const struct rs_profile_work *l, struct rs_read *r,
                              struct rs_error *e);
/* Fills r->safe. To be called once all fields are converted: any of them may hold a secret that
** stands in this one too. */
enum rs_code rs_field_make_safe(const struct rs_profile_work *l, struct rs_read *r,
                                struct rs_error *e);
/* Sets a field to a text, as a default that depends on other fields. */
enum rs_code rs_field_default(const struct rs_profile_work *l, struct rs_read *r, const char *text,
                              struct rs_error *e);

/* ---- checks.c: rules that look at a value's form or at several fields ------------------------ */

enum rs_code rs_fields_check(struct rs_fields *f, struct rs_error *e);
/* "<file> line N: <name>: <what>" at the field's line. */
enum rs_code rs_field_bad(const struct rs_fields *f, const char *name, enum rs_code code,
                          const char *what, struct rs_error *e);
/* Letters, digits, `-`, `.`, `_`; or an IPv6 address (without brackets). */
bool rs_is_host(const char *host);
/* Letters, digits, `_`, `.`, `-`, as the names of DuckDB's settings and extensions are. */
bool rs_is_dotted_name(const char *s);
/* Registers the passwords in a connection string; RS_NOMEM. */
enum rs_code rs_hide_passwords(const struct rs_profile_work *l, const char *uri);
/* The name of this machine itself: localhost, 127.0.0.0/8, ::1. */
bool rs_is_loopback(const char *host);
#endif

/*
** The table of fields (type × field × kind × default × what is special), and reading an output by
** it.
**
** Ownership and threads: see internal.h.
*/
#ifndef RS_PROFILE_FIELDS_H
#define RS_PROFILE_FIELDS_H
#include "internal.h"

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
  const char *type;
  const char *name, *alias; /* alias: another name of the same field, or NULL */
  enum rs_spec_kind kind;
  unsigned flags;
  const char *otherwise; /* the default as text, or NULL */
  const char *choices;   /* SPEC_CHOICE: "a|b|c" */
  int min, max;          /* SPEC_INT */
};

/* The rows of one type; NULL when there is no such type. adapters may be NULL. */
const struct rs_field_spec *rs_specs_of(rs_adapter_fields adapters, const char *type, size_t *n);
/* A row by name or alias, or NULL. */
const struct rs_field_spec *rs_spec_find(const struct rs_field_spec *specs, size_t n,
                                         const char *name);

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
/* attach.c: the field of that name, written anew as engine/duckdb/attach.c reads it. */
enum rs_code rs_check_attach(struct rs_fields *f, struct rs_error *e);
/* Registers the passwords in a connection string; RS_NOMEM. */
enum rs_code rs_hide_passwords(const struct rs_profile_work *l, const char *uri);
/* The name of this machine itself: localhost, 127.0.0.0/8, ::1. */
bool rs_is_loopback(const char *host);
#endif

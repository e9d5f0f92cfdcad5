/*
** The fields of outputs of type adbc (profile/fields.h).
*/
#include "adbc.h"
#include "src/profile/fields.h"

static const struct rs_field_spec specs[] = {
  /* name, alias, kind, flags, default */
  RS_ROW("driver", NULL, SPEC_PATH, SPEC_REQUIRED | SPEC_CODE, NULL),
  RS_ROW("entrypoint", NULL, SPEC_TEXT, SPEC_CODE, NULL),
  RS_ROW("uri", NULL, SPEC_TEXT, 0, NULL),
  RS_ROW("options", NULL, SPEC_SCALARS, SPEC_SECRET_KEYS, NULL),
  RS_CHOICE("dialect", "ansi", "duckdb|postgres|ansi"),
  RS_ROW("username", "user", SPEC_TEXT, 0, NULL),
  RS_ROW("password", NULL, SPEC_TEXT, SPEC_SECRET, NULL),
  RS_ROW("workspace", "schema", SPEC_TEXT, 0, RS_DEFAULT_WORKSPACE),
  RS_THREADS,
};

static enum rs_code check_adbc(struct rs_fields *f, struct rs_error *e)
{
  return rs_hide_passwords(f->load, rs_fields_text(f, "uri")) ? rs_nomem(e) : RS_OK;
}

const struct rs_field_table rs_adbc_fields = {
  .specs = specs, .n = sizeof specs / sizeof *specs, .check = check_adbc};

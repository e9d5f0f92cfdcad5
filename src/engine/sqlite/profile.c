/*
** The fields of outputs of type sqlite (profile/fields.h): dbt-sqlite's, `path` as a short form of
** `schemas_and_paths: {main: ...}`, and where the driver is.
*/
#include <string.h>
#include "src/base/text.h"
#include "src/profile/fields.h"
#include "sqlite.h"

static const struct rs_field_spec specs[] = {
  /* name, alias, kind, flags, default */
  RS_ROW("path", NULL, SPEC_PATH, 0, NULL), /* default: schemas_and_paths.main */
  RS_ROW("schemas_and_paths", NULL, SPEC_SCALARS, 0, NULL),
  RS_ROW("schema_directory", NULL, SPEC_PATH, 0, NULL),
  RS_ROW("database", NULL, SPEC_TEXT, 0, "database"), /* a name for dbt's target.database only */
  RS_ROW("workspace", "schema", SPEC_TEXT, 0, "main"),
  RS_ROW("driver", NULL, SPEC_PATH, SPEC_CODE, "adbc_driver_sqlite"),
  RS_ROW("lock_timeout", NULL, SPEC_SECONDS, 0, "5"),
  RS_THREADS,
  RS_UNSUPPORTED("extensions"),
};

/* A URI would open a file under a name by which nobody finds out who has it open (files.c). */
static enum rs_code check_file(struct rs_fields *f, const char *field, const char *file,
                               struct rs_error *e)
{
  if (!file) return rs_nomem(e);
  if (*file && strncmp(file, ":memory:", 8) != 0 && rs_casecmpn(file, "file:", 5) != 0)
    return RS_OK;
  return rs_field_bad(f, field, RS_INVALID,
                      "is no file: write its path, no URI; a database in memory would be another "
                      "one for each session",
                      e);
}

static enum rs_code check_sqlite(struct rs_fields *f, struct rs_error *e)
{
  struct rs_read *path = rs_fields_get(f, "path");
  const struct rs_yaml *map = rs_fields_get(f, "schemas_and_paths")->value;
  const struct rs_yaml *main_file = map ? rs_yaml_get(map, "main") : NULL;
  if (path->value && main_file)
    return rs_field_bad(f, "path", RS_INVALID, "and schemas_and_paths.main are the same: write one",
                        e);
  if (!path->value && !main_file)
    return rs_profile_fail(f->load, f->line, e, RS_INVALID,
                           "field 'path' of type 'sqlite' is missing: the file of schema 'main' "
                           "(or schemas_and_paths with 'main')");
  enum rs_code rc = RS_OK;
  for (size_t i = 0; map && i < map->count && !rc; i++) {
    const struct rs_yaml *v = map->pairs[i].value;
    rc = check_file(f, "schemas_and_paths", v->kind == RS_YAML_TEXT ? v->text : "", e);
  }
  const char *file = main_file ? rs_expand_home(f->load->out, main_file->text)
                               : rs_fields_text(f, "path");
  if (!rc) rc = check_file(f, main_file ? "schemas_and_paths" : "path", file, e);
  if (rc) return rc;
  return main_file ? rs_field_default(f->load, path, file, e) : RS_OK;
}

const struct rs_field_table rs_sqlitedb_fields = {
  .specs = specs, .n = sizeof specs / sizeof *specs, .check = check_sqlite};

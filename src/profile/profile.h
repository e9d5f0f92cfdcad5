/*
** Profiles: dbt's own profiles.yml decides where work runs.
**
** A *profile* is a name with `target:` and `outputs:`; an *output* is one set of connection fields.
** rs_profile_load finds the file (or takes the text), chooses profile and output, renders only the
** chosen output's values (`{{ env_var('X', 'default') }}`), checks them against the table of fields
** of its type, and returns a `struct rs_output`.
**
** Search order without a source: $DBT_PROFILES_DIR, the current folder, ~/.dbt. Which profile, when
** none is named: `rockset_ext`, else `rockset`, else the embedded default; `found` says which and
** why.
**
** Ownership: outputs are returned owned, reference-counted and immutable; any thread may read them.
** Secrets among the values are registered with rs_redact_add. Blocks only on reading a file.
*/
#ifndef RS_PROFILE_H
#define RS_PROFILE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/base/error.h"

/* One checked field of an output. Lists and maps (settings, extensions) are JSON text. */
enum rs_field_type {
  RS_FIELD_TEXT,
  RS_FIELD_INT,
  RS_FIELD_BOOL,
  RS_FIELD_LIST,
  RS_FIELD_MAP,
  RS_FIELD_SECONDS /* lock_timeout, idle_close: text is the seconds ("0.5"), number milliseconds */
};

struct rs_field {
  const char *name;
  enum rs_field_type type;
  bool secret;
  const char *text; /* the value as text: text itself, decimal, "true"/"false", or JSON */
  int64_t number;   /* RS_FIELD_INT, RS_FIELD_BOOL (0/1), RS_FIELD_SECONDS (milliseconds) */
};

#define RS_EMBEDDED_TYPE "duckdb" /* of the embedded default */

struct rs_field_table;
/* The fields of the i-th engine (fields.h), and its type; NULL: there is no such engine. */
typedef const struct rs_field_table *(*rs_adapter_fields)(size_t i, const char **type);

struct rs_output {
  const char *type;         /* "duckdb", "rockset", "trino", "adbc" */
  const char *profile_name; /* "rockset_ext"; "(embedded default)" when there is no profile */
  const char *target_name;  /* "dev" */
  const char *workspace;    /* schema/workspace, default "commons" */
  int threads;              /* default 1 */
  bool embedded_default;    /* no profile at all */
  const char *source;       /* path of the file, "(argument)", or "" */
  const char *found;        /* one sentence: how the profile and the target were chosen */
  const struct rs_field *fields;
  size_t nfields;
  rs_adapter_fields adapters; /* of the request */
};

struct rs_profile_request {
  const char *target;   /* NULL = the profile's `target:`, else "default" */
  const char *profile;  /* NULL = by the rule above */
  const char *source;   /* NULL = search; a folder, a file, or the profile as JSON text ('{...') */
  const char *database; /* path of SQLite's main database, "" when in memory: for the default */
  bool beside;          /* database is an attached file: its default, whatever could be found */
  bool plain;           /* wherever it lies, it may not name code to load or files to read */
  rs_adapter_fields adapters; /* the types that there are */
};

/*
** Returns an owned output in *po (rs_output_release). A file that lies in the current folder
** (found by search) may not name a `library` or `driver`, and none may when `plain`: RS_FORBIDDEN.
** Errors name file, line, field and the nearest legal name.
*/
enum rs_code rs_profile_load(const struct rs_profile_request *req, const struct rs_output **po,
                             struct rs_error *e);
void rs_output_retain(const struct rs_output *o);
void rs_output_release(const struct rs_output *o);

/*
** A field by its name or alias ("schema" finds "workspace"); NULL when it is absent and has no
** default. Defaults are filled in, so `otherwise` matters for fields without one only.
** rs_output_int of a field of seconds is in milliseconds.
*/
const struct rs_field *rs_output_field(const struct rs_output *o, const char *name);
const char *rs_output_text(const struct rs_output *o, const char *name, const char *otherwise);
int64_t rs_output_int(const struct rs_output *o, const char *name, int64_t otherwise);
bool rs_output_bool(const struct rs_output *o, const char *name, bool otherwise);
/* The output as a JSON object for rockset_debug and Jinja's `target`: secrets left out. */
char *rs_output_json(const struct rs_output *o);

struct rs_arena;
/*
** An empty output with its own arena (rs_output_arena), reference count 1; NULL when out of memory.
** Whoever makes it fills it; until then nobody else may see it.
*/
struct rs_output *rs_output_new(void);
struct rs_arena *rs_output_arena(struct rs_output *o);

#define RS_SECRET_ENV "DBT_ENV_SECRET_" /* what these names begin with */

/*
** The environment as templates may see it. `stored` = the text comes from a database file of an
** untrusted session: only DBT_* names, never DBT_ENV_SECRET_*. In profiles (profile = true) secrets
** are allowed. RS_NOT_FOUND when it is not set, RS_FORBIDDEN (with a text) when it may not be read.
*/
enum rs_code rs_env_get(const char *name, bool profile, bool stored, const char **value,
                        struct rs_error *e);
#endif

/*
** What the files of src/profile/ share; nobody else includes this.
**
** A load goes: source.c finds the text, yaml/yaml.c reads it, profile.c chooses an output →
** fields.c looks up each of its fields in the engine's table, has render.c render it and convert.c
** convert it → checks.c and the engine look at fields together → output.c makes the immutable
** result.
**
** Ownership: everything lives in the two arenas of struct rs_profile_work, or is said otherwise.
** Threads: one load belongs to one thread.
*/
#ifndef RS_PROFILE_INTERNAL_H
#define RS_PROFILE_INTERNAL_H
#include "fields.h"

#define RS_ARGUMENT "(argument)" /* what a profile given as text is called */

/* ---- source.c: where the text comes from ----------------------------------------------------- */

struct rs_source {
  const char *file;    /* path as errors name it, RS_ARGUMENT, or NULL: no profiles.yml anywhere */
  const char *shown;   /* the same for `found`: "~/.dbt/profiles.yml" */
  const char *missing; /* file is NULL: where it was looked for */
  const char *text;    /* contents, in the load's arena */
  size_t n;
  bool local;    /* found by search in the current folder */
  bool explicit; /* given by the caller, not found by search */
  bool argument; /* the text itself was given */
};

/* Finds and reads. `source` as in rs_profile_request. RS_OK with file NULL: nothing was found. */
enum rs_code rs_source_find(struct rs_arena *a, const char *source, struct rs_source *s,
                            struct rs_error *e);

/* ---- env.c ---------------------------------------------------------------------------------- */

/* $HOME, else the user's entry in the password database; NULL when there is neither. */
const char *rs_home_folder(struct rs_arena *a);

/* ---- render.c ------------------------------------------------------------------------------- */

/* Returns owned; NULL when out of memory. The engine itself starts with the first template. */
struct rs_render *rs_render_new(const struct rs_profile_work *l);
void rs_render_free(struct rs_render *r);
/*
** Renders every text at or below `in`; what holds no template is the same node again. `field` is
** for errors; of a secret field no error shows the value. Nodes whose text took a DBT_ENV_SECRET_*
** value, and all nodes above them, are marked `secret`.
*/
enum rs_code rs_render_value(struct rs_render *r, const char *field, bool secret,
                             const struct rs_yaml *in, const struct rs_yaml **out,
                             struct rs_error *e);

/* ---- output.c ------------------------------------------------------------------------------- */

/* What profile.c knows about the choice; texts are copied. */
struct rs_choice {
  const char *profile_name, *target_name, *source, *found;
  bool embedded_default;
};
enum rs_code rs_output_finish(struct rs_output *o, const struct rs_fields *f,
                              const struct rs_choice *c, struct rs_error *e);
#endif

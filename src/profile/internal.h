/*
** What the files of src/profile/ share; nobody else includes this.
**
** A load goes: source.c finds the text, yaml/yaml.c reads it, profile.c chooses an output →
** fields.c looks up each of its fields in the table, has render.c render it and convert.c convert
** it → checks.c looks at fields together → output.c makes the immutable result.
**
** Ownership: everything lives in the two arenas of struct rs_profile_work, or is said otherwise.
** Threads: one load belongs to one thread.
*/
#ifndef RS_PROFILE_INTERNAL_H
#define RS_PROFILE_INTERNAL_H
#include "src/base/arena.h"
#include "profile.h"
#include "src/yaml/yaml.h"

#define RS_DEFAULT_WORKSPACE "commons"
#define RS_ARGUMENT "(argument)" /* what a profile given as text is called */

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
/* `~` and `~/x` below the home folder; every other text as it is. NULL when out of memory. */
const char *rs_expand_home(struct rs_arena *a, const char *path);

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

struct rs_fields;
/* What profile.c knows about the choice; texts are copied. */
struct rs_choice {
  const char *profile_name, *target_name, *source, *found;
  bool embedded_default;
};
enum rs_code rs_output_finish(struct rs_output *o, const struct rs_fields *f,
                              const struct rs_choice *c, struct rs_error *e);
#endif

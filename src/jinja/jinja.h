/*
** The Jinja engine: templates as dbt configures them (Jinja2 3.1 semantics, Python's text of
** values).
**
** Two halves:
**   - a `struct rs_template` is a parsed template: immutable, reference-counted, may be shared by
**     any number of threads at the same time;
**   - a `struct rs_python` is one evaluation: its values, limits, globals. One thread at a time,
**     cheap to make, freed after the render. All values made through it live in its arena and die
**     with it.
** There is no global state. Nothing here touches the network, files or the environment: whatever a
** template can reach is a global that the caller put there.
**
** Macros that a rendered template defines itself are variables named dbt_macro__NAME, as dbt
** renames them while parsing: a model can't call its own macro by its plain name.
**
** Errors: an rs_error text of the form `<template name> line L, column C: <Jinja's message>`;
** inside a macro of another template, that template's name, followed by ` (called from <name>
** line L)`. RS_INVALID for syntax and run-time errors, RS_LIMIT when a limit ended it,
** RS_CANCELLED when the interrupt did, or whatever code a native function returned.
*/
#ifndef RS_JINJA_H
#define RS_JINJA_H
#include "src/jinja/parse/template.h"
#include "src/python/python.h"

/* ---- evaluation (eval.c) ------------------------------------------------------------------- */

/* Returns owned (rs_jinja_free); NULL when out of memory. Jinja's own globals are there already. */
struct rs_python *rs_jinja_new(const struct rs_python_options *opt);
void rs_jinja_free(struct rs_python *j);

void rs_jinja_global(struct rs_python *j, const char *name, jv value);
/* What the caller gave for a name: a global, else what the resolver says; RS_NOT_FOUND. */
enum rs_code rs_jinja_name(struct rs_python *j, const char *name, size_t n, jv *out,
                           struct rs_error *e);
void rs_jinja_global_func(struct rs_python *j, const char *name, jv_native fn, void *ctx);
/*
** Called for a name that is no local and no global; RS_NOT_FOUND = undefined. One per evaluation.
*/
void rs_jinja_resolver(struct rs_python *j,
                       enum rs_code (*fn)(struct rs_python *j, void *ctx, const char *name,
                                          size_t n, jv *out, struct rs_error *e),
                       void *ctx);
/* A macro of a template as a callable value, in dbt's way: the macro's own module is instantiated
** anew with j's globals. JV_UNDEFINED when there is no such macro. Keeps t (retained). */
jv rs_jinja_macro(struct rs_python *j, struct rs_template *t, const char *name);

/* Rendering keeps t (retained) as long as j, since values may be constants of it.
**
** Renders to text (appended to out). Text without any tag is copied untouched (dbt's shortcut). */
enum rs_code rs_jinja_render(struct rs_python *j, struct rs_template *t, struct rs_buf *out,
                             struct rs_error *e);
/* Native rendering: a lone expression keeps its value. */
enum rs_code rs_jinja_render_native(struct rs_python *j, struct rs_template *t, jv *out,
                                    struct rs_error *e);
/*
** For a native `return(x)`: ends the innermost macro made by rs_jinja_macro with that value; macros
** that a template defines itself and call blocks let it pass, as in dbt. A native function returns
** what this returns. Outside of a macro it is an error of the render.
*/
enum rs_code rs_jinja_return(struct rs_python *j, jv value);
/* The name and line of the template being evaluated, for messages of native functions. */
const char *rs_jinja_where(struct rs_python *j, int *line);

/* ---- values shared by several evaluations (share.c) ------------------------------------------ */

/*
** A share holds values that many evaluations see and change, one at a time: the caller's lock. What
** is made through its maker is shared. An evaluation that was given such a value (rs_share_use
** before that) may store its own values in it, and all others see them at once; it may be freed
** only after a collection, and that may run only when none of those that used the share since the
** last one goes on. One that ended before is retired: it polls no interrupt and resolves no name.
**
** Containers, texts, numbers, sets, namespaces, views, ranges, macros of templates that the share
** retains and objects whose class has `keep` survive a collection; anything else becomes an
** Undefined that says so. Replaced values stay until the share is freed.
*/
struct rs_share;

/* Returns owned (rs_share_free); NULL when out of memory. max_memory as in rs_jinja_options. */
struct rs_share *rs_share_new(size_t max_memory);
void rs_share_free(struct rs_share *s);
struct rs_python *rs_share_maker(struct rs_share *s);
void rs_share_use(struct rs_share *s, struct rs_python *j);
void rs_jinja_retire(struct rs_python *j);
/* RS_NOMEM, RS_LIMIT: the share is of no use any more. */
enum rs_code rs_share_collect(struct rs_share *s, struct rs_error *e);

#endif

/*
** What the files of a selection share; nobody else includes this.
**
** select.c reads the grammar and works on sets, select_match.c decides whether one item matches one
** method, select_yaml.c evaluates selectors.yml.
*/
#ifndef RS_PROJECT_GRAPH_INTERNAL_H
#define RS_PROJECT_GRAPH_INTERNAL_H
#include "src/yaml/yaml.h"
#include "graph.h"

#define RS_SELECT_NO_LIMIT ((size_t)-1)
#define RS_SELECT_DEPTH_MAX 64

struct rs_atom {
  bool childrens_parents; /* @ */
  bool parents, children;
  size_t parents_depth, children_depth;
  const char *method, *value;
  enum rs_indirect indirect;
  bool in_yaml; /* nothing matched is a warning, as dbt has it */
};

/* direct: selected; indirect: tests that may still come along when other parts are joined. */
struct rs_sets {
  unsigned char *direct, *indirect; /* inv->n bytes each, in the selector's arena */
};

struct rs_selector {
  const struct rs_inventory *inv;
  const struct rs_selection *sel;
  struct rs_buf *warnings;
  struct rs_arena arena;
  size_t *queue, *steps;      /* of a walk */
  const struct rs_yaml *yaml; /* selectors.yml; NULL until needed */
  unsigned depth;
};

enum rs_join { RS_JOIN_UNION, RS_JOIN_INTERSECTION, RS_JOIN_DIFFERENCE };

enum rs_code rs_sets_new(struct rs_selector *s, struct rs_sets *out, struct rs_error *e);
/* Joins list[0..n-1] and lets tests come along whose parents are now all there. */
enum rs_code rs_sets_join(struct rs_selector *s, enum rs_join how, const struct rs_sets *list,
                          size_t n, enum rs_indirect indirect, struct rs_sets *out,
                          struct rs_error *e);
/* text: how errors call it. */
enum rs_code rs_select_atom(struct rs_selector *s, const struct rs_atom *a, const char *text,
                            size_t n, struct rs_sets *out, struct rs_error *e);
/* A whole selection: words, commas. */
enum rs_code rs_select_text(struct rs_selector *s, const char *text, enum rs_indirect indirect,
                            bool in_yaml, struct rs_sets *out, struct rs_error *e);

/* select_match.c */
enum rs_code rs_select_check(const struct rs_selector *s, const char *method, const char *value,
                             struct rs_error *e);
enum rs_code rs_select_match(struct rs_selector *s, const struct rs_item *it,
                             const struct rs_atom *a, bool *is, struct rs_error *e);

/* select_yaml.c. name NULL: the one with default: true; *found tells whether there is one. */
enum rs_code rs_select_yaml(struct rs_selector *s, const char *name, struct rs_sets *out,
                            bool *found, struct rs_error *e);

#endif

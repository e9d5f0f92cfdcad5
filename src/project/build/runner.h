/*
** Running a graph: worker threads build models as soon as all that they depend on is built; results
** queue up for the owner.
**
** The owner starts a run, takes results with rs_run_next until RS_DONE, and frees it. Workers never
** touch the owner's database: each has its own session and Jinja evaluation (design.md, decision
** 9). A failed model's descendants are skipped, also those behind models that were not selected.
**
** Threads: rs_run_* by the owner's thread only. Ownership: the project must outlive the run.
*/
#ifndef RS_PROJECT_BUILD_RUNNER_H
#define RS_PROJECT_BUILD_RUNNER_H
#include "run_node.h"

struct rs_run;

struct rs_run_options {
  struct rs_target *target; /* retained */
  struct rs_log *log;       /* retained; may be NULL */
  int threads;              /* at least 1 */
  bool fail_fast;
  bool gates; /* as in dbt build: what reads all that a selected test tests waits for the test, and
              ** a model for its unit tests */
  const struct rs_node *const
    *failed; /* nodes that have failed before: what reads them is skipped */
  size_t nfailed;
  const char
    *kind;    /* of all nodes, each for itself ("clone"); NULL: each has its own, and waits for
                    ** what it reads */
  bool hooks; /* on-run-start before the first node, on-run-end after the last one */
};

/* Starts to run `nodes` (of the project's order; ephemeral ones are part of others and give no
** result). Returns owned in *pr (rs_run_free). */
enum rs_code rs_run_start(struct rs_project *p, struct rs_node *const *nodes, size_t n,
                          const struct rs_run_options *opt, struct rs_run **pr, struct rs_error *e);
/* The next result, returned owned (rs_result_free); waits at most `ms`. RS_OK, RS_TIMEOUT, RS_DONE.
** */
enum rs_code rs_run_next(struct rs_run *r, int64_t ms, struct rs_result *out);
/* Statements that run are cancelled, the rest is skipped; its results are still to be taken. */
void rs_run_cancel(struct rs_run *r);
/* Cancels what is left and waits for the workers. NULL is fine. */
void rs_run_free(struct rs_run *r);
#endif

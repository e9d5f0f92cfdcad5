/*
** One run as a job of the connection (models.h): what the table and the function rockset_run share.
**
** Results are kept until the job is freed: a cursor may be asked for its rows again.
*/
#include <string.h>
#include "../src/base/mem.h"
#include "../src/base/options.h"
#include "../src/base/text.h"
#include "../src/base/thread.h"
#include "nodes.h"

#define POLL_MS 50 /* between two looks for an interrupt */

struct rs_job {
  struct rs_conn *c;
  const char *fn;
  struct rs_arena arena; /* texts of options */
  struct rs_nodes_options sel;
  struct rs_models_options opt;
  struct rs_nodes nodes;
  char *selection, *options;
  struct rs_project *p;
  struct rs_run *run;
  struct rs_result *results;
  size_t nresults, cap, selected;
  size_t count[RS_STATUS_SKIPPED + 1];
  struct rs_buf warnings;
  struct rs_side side;
  struct rs_record record;
  int64_t start_us;
  double ms;
  bool finished, interrupted;
  struct rs_error error; /* of a finished job; code RS_OK = none */
};

/* ---- start ---------------------------------------------------------------------------------- */

static enum rs_code read_options(struct rs_job *j, struct rs_error *e)
{
  struct rs_models_options *o = &j->opt;
  o->raise = true;
  const struct rs_option table[] = {{"full_refresh", RS_OPT_BOOL, &o->full_refresh, NULL},
                                    {"vars", RS_OPT_JSON, &o->vars, NULL},
                                    {"threads", RS_OPT_INT, &o->threads, NULL},
                                    {"fail_fast", RS_OPT_BOOL, &o->fail_fast, NULL},
                                    {"exclude", RS_OPT_TEXT, &o->exclude, NULL},
                                    {"selector", RS_OPT_TEXT, &j->sel.selector, NULL},
                                    {"indirect_selection", RS_OPT_TEXT, &j->sel.indirect, NULL},
                                    {"raise", RS_OPT_BOOL, &o->raise, NULL}};
  enum rs_code rc = rs_options_read(j->options, table, sizeof table / sizeof *table, j->fn,
                                    &j->arena, e);
  if (rc == RS_OK && (o->threads < 0 || o->threads > 256))
    rc = rs_fail(e, RS_INVALID, "%s: option 'threads' must be 1 to 256", j->fn);
  return rc;
}

/* Not on the connection whose SELECT is running; unless it has locked everybody else out. */
static enum rs_code load(struct rs_job *j, struct rs_error *e)
{
  rs_side_open(j->c, &j->side);
  sqlite3 *db = rs_side_db(&j->side);
  enum rs_code rc = rs_models_load(j->c, db, j->fn, &j->opt, &j->p, e);
  if (rc != RS_BUSY || db == j->side.own) return rc;
  rs_side_close(&j->side);
  return rs_models_load(j->c, j->side.own, j->fn, &j->opt, &j->p, e);
}

/* Content hashes are made before the run: what is recorded is what was read. */
static enum rs_code select_nodes(struct rs_job *j, struct rs_node ***nodes, struct rs_error *e)
{
  struct rs_selection sel;
  j->sel.models = j->opt;
  enum rs_code rc = rs_nodes_state(&j->nodes, e);
  if (rc == RS_OK) rc = rs_nodes_selection(&j->nodes, j->selection, &j->sel, &sel, e);
  return rc == RS_OK ? rs_select_nodes(j->nodes.inv, &sel, nodes, &j->selected, &j->warnings, e)
                     : rc;
}

static enum rs_code start_run(struct rs_job *j, struct rs_error *e)
{
  struct rs_node **nodes = NULL;
  struct rs_target *target;
  enum rs_code rc = load(j, e);
  if (rc != RS_OK) return rc;
  rc = rs_project_parse(j->p, NULL, e);
  if (rc == RS_OK) rc = rs_nodes_of(&j->nodes, j->c, rs_side_db(&j->side), j->p, e);
  if (rc == RS_OK) rc = select_nodes(j, &nodes, e);
  // Who stores SQL in a file does not choose where it goes (design.md 5.8 c)
  if (rc == RS_OK) rc = rs_conn_target(j->c, true, &target, e);
  if (rc == RS_OK) {
    int threads = j->opt.threads > 0 ? (int)j->opt.threads : j->p->set.output->threads;
    struct rs_run_options opt = {.target = target,
                                 .log = rs_conn_log(j->c),
                                 .threads = threads,
                                 .fail_fast = j->opt.fail_fast};
    rc = rs_run_start(j->p, nodes, j->selected, &opt, &j->run, e);
  }
  rs_free(nodes);
  if (rc != RS_OK)
    return strncmp(e->text, "model ", 6) == 0 ? e->code : rs_error_prefix(e, "%s", j->fn);
  if (j->warnings.n > 0) {
    char *line = rs_mprintf("%s: %s", j->fn, rs_buf_text(&j->warnings));
    if (line != NULL) rs_models_say(line);
    rs_free(line);
  }
  return RS_OK;
}

enum rs_code rs_job_start(struct rs_conn *c, const char *fn, const char *selection,
                          const char *options, struct rs_job **pj, struct rs_error *e)
{
  *pj = NULL;
  if (selection == NULL || selection[strspn(selection, " \t\r\n")] == 0)
    return rs_fail(e, RS_INVALID,
                   "%s: say what to run: %s('daily'), %s('+daily'), or %s('*') for "
                   "everything",
                   fn, fn, fn, fn);
  enum rs_code rc = rs_conn_no_transaction(c, fn, e);
  if (rc != RS_OK) return rc;
  struct rs_job *j = rs_calloc(1, sizeof *j);
  if (j == NULL) return rs_nomem(e);
  j->c = c;
  rs_conn_ref(c);
  j->fn = fn;
  j->start_us = rs_now_us();
  rs_arena_init(&j->arena, 0);
  rs_buf_init(&j->warnings, RS_ERROR_MAX);
  j->selection = rs_strdup(selection);
  j->options = rs_strdup(options);
  if (j->selection == NULL || (options != NULL && j->options == NULL)) rc = rs_nomem(e);
  if (rc == RS_OK) rc = read_options(j, e);
  if (rc == RS_OK) rc = start_run(j, e);
  if (rc != RS_OK) {
    j->finished = true; // nothing has begun: nothing is recorded
    rs_job_free(j);
    return rc;
  }
  j->record = (struct rs_record){.side = &j->side,
                                 .p = j->p,
                                 .command = "run",
                                 .selection = j->selection,
                                 .options = j->options,
                                 .nodes = &j->nodes};
  rs_record_write(&j->record);
  *pj = j;
  return RS_OK;
}

/* ---- results -------------------------------------------------------------------------------- */

static enum rs_code keep_result(struct rs_job *j, struct rs_result *r, struct rs_error *e)
{
  if (!rs_grow(&j->results, &j->cap, j->nresults + 1, sizeof *j->results)) {
    rs_result_free(r);
    return rs_nomem(e);
  }
  j->results[j->nresults++] = *r;
  j->count[r->status]++;
  return RS_OK;
}

static void record_results(struct rs_job *j)
{
  j->record.results = j->results;
  j->record.nresults = j->nresults;
  rs_record_write(&j->record);
}

static const char *first_failure(const struct rs_job *j)
{
  for (size_t i = 0; i < j->nresults; i++)
    if (j->results[i].status == RS_STATUS_ERROR && j->results[i].message != NULL)
      return j->results[i].message;
  return "out of memory";
}

/* What the whole run came to. */
static void judge(struct rs_job *j)
{
  const size_t *n = j->count;
  size_t failed = n[RS_STATUS_ERROR], skipped = n[RS_STATUS_SKIPPED];
  char more[64] = "";
  j->error.code = RS_OK;
  if (skipped > 0) sqlite3_snprintf(sizeof more, more, ", %lld skipped", (long long)skipped);
  if (j->interrupted)
    rs_fail(&j->error, RS_CANCELLED, "%s: interrupted: %zu of %zu models built%s", j->fn,
            n[RS_STATUS_SUCCESS], j->nresults, more);
  else if (failed > 0)
    rs_fail(&j->error, RS_REMOTE, "%s: %zu of %zu models failed%s: %s", j->fn, failed, j->nresults,
            more, first_failure(j));
}

/* The invocation's end in the tables. What could not be recorded is told once, here. */
static void finish(struct rs_job *j, bool closed)
{
  if (j->finished) return;
  j->finished = true;
  j->ms = (double)(rs_now_us() - j->start_us) / 1000.0;
  judge(j);
  bool cancelled = j->interrupted || closed;
  const char *status = cancelled ? "cancelled" : j->error.code != RS_OK ? "error" : "success";
  const char *message = j->error.code != RS_OK ? j->error.text
                        : closed               ? "closed before its end"
                        : j->warnings.n > 0    ? rs_buf_text(&j->warnings)
                                               : NULL;
  j->record.results = j->results;
  j->record.nresults = j->nresults;
  rs_record_finish(&j->record, status, message);
  if (j->record.error.code != RS_OK && j->error.code == RS_OK)
    rs_fail(&j->error, j->record.error.code,
            "%s: all models were built, but the run could not be recorded: %s", j->fn,
            j->record.error.text);
}

/* Takes what the run still gives after a cancel. */
static enum rs_code drain(struct rs_job *j, struct rs_error *e)
{
  struct rs_result r;
  enum rs_code rc, kept = RS_OK;
  rs_run_cancel(j->run);
  while ((rc = rs_run_next(j->run, 1000, &r)) != RS_DONE)
    if (rc == RS_OK && keep_result(j, &r, e) != RS_OK) kept = RS_NOMEM;
  return kept;
}

static enum rs_code end_of_job(struct rs_job *j, struct rs_error *e)
{
  finish(j, false);
  if (j->error.code == RS_OK || (!j->opt.raise && !j->interrupted)) return RS_DONE;
  if (e != NULL) *e = j->error;
  return j->error.code;
}

enum rs_code rs_job_result(struct rs_job *j, size_t i, const struct rs_result **pr,
                           struct rs_error *e)
{
  while (i >= j->nresults) {
    if (j->finished) return end_of_job(j, e);
    if (rs_conn_interrupted(j->c)) {
      j->interrupted = true;
      if (drain(j, e) != RS_OK) return RS_NOMEM;
      return end_of_job(j, e);
    }
    struct rs_result r;
    enum rs_code rc = rs_run_next(j->run, POLL_MS, &r);
    if (rc == RS_DONE) return end_of_job(j, e);
    if (rc == RS_TIMEOUT) continue;
    rc = keep_result(j, &r, e);
    if (rc != RS_OK) return rc;
    record_results(j);
  }
  *pr = &j->results[i];
  return RS_OK;
}

void rs_job_json(const struct rs_job *j, struct rs_buf *b)
{
  const char *status = j->count[RS_STATUS_ERROR] > 0     ? "error"
                       : j->count[RS_STATUS_SKIPPED] > 0 ? "cancelled"
                                                         : "success";
  rs_buf_printf(b, "{\"invocation_id\":\"%s\",\"status\":\"%s\"", j->p->invocation_id, status);
  for (int s = RS_STATUS_SUCCESS; s <= RS_STATUS_SKIPPED; s++)
    rs_buf_printf(b, ",\"%s\":%zu", rs_status_name((enum rs_status)s), j->count[s]);
  rs_buf_printf(b, ",\"ms\":%.1f", j->ms);
  if (j->warnings.n > 0) {
    rs_buf_str(b, ",\"warning\":");
    rs_buf_json_str(b, j->warnings.p, j->warnings.n);
  }
  if (j->record.error.code != RS_OK) {
    rs_buf_str(b, ",\"not_recorded\":");
    rs_buf_json_str(b, j->record.error.text, strlen(j->record.error.text));
  }
  rs_buf_str(b, ",\"results\":[");
  for (size_t i = 0; i < j->nresults; i++) {
    if (i > 0) rs_buf_char(b, ',');
    rs_result_json(&j->results[i], b);
  }
  rs_buf_str(b, "]}");
}

void rs_job_free(struct rs_job *j)
{
  if (j == NULL) return;
  if (!j->finished) {
    drain(j, NULL);
    finish(j, true);
  }
  rs_run_free(j->run);
  rs_side_close(&j->side);
  for (size_t i = 0; i < j->nresults; i++) rs_result_free(&j->results[i]);
  rs_free(j->results);
  rs_nodes_end(&j->nodes);
  rs_project_free(j->p);
  rs_free(j->selection);
  rs_free(j->options);
  rs_buf_free(&j->warnings);
  rs_arena_free(&j->arena);
  rs_conn_unref(j->c);
  rs_free(j);
}

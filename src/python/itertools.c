/*
** `modules.itertools`: the functions of Python's itertools that dbt exports. What can be endless is
** lazy; the others make their list at once and hand out an iterator over it.
*/
#include "native.h"
#include "protocol.h"

#define TUPLES_MAX 1000000

enum { IT_COUNT, IT_CYCLE, IT_REPEAT, IT_ITEMS };

struct state {
  int kind;
  jv value, step;
  struct jv_iter it; /* of a cycle, until it was read to its end */
  bool reads;
  jv list;
  size_t at;
  int64_t left; /* -1: endless */
};

static GENERATOR(next_item)
{
  struct state *s = state;
  enum rs_code rc = RS_OK;
  *done = false;
  switch (s->kind) {
    case IT_COUNT: *out = s->value; return py_num_binary(j, OP_ADD, s->value, s->step, &s->value);
    case IT_REPEAT:
      *done = s->left == 0;
      if (s->left > 0) s->left--;
      *out = s->value;
      return RS_OK;
    case IT_CYCLE:
      if (s->reads) {
        rc = py_iter_next(j, &s->it, out, done);
        if (rc != RS_OK || !*done) {
          if (rc == RS_OK) jv_list_add(j, s->list, *out);
          return rc;
        }
        s->reads = false;
      }
      *done = jv_len(s->list) == 0;
      if (!*done) *out = jv_item(s->list, s->at++ % jv_len(s->list));
      return RS_OK;
    default:
      *done = s->at >= jv_len(s->list);
      if (!*done) *out = jv_item(s->list, s->at++);
      return RS_OK;
  }
}

static enum rs_code give(struct rs_python *j, struct state from, const char *type, jv *out,
                         struct rs_error *e)
{
  struct state *s = rs_arena_alloc(rs_python_arena(j), sizeof *s);
  if (s == NULL) return rs_nomem(e);
  *s = from;
  *out = rs_python_generator(j, type, next_item, s);
  return RS_OK;
}

static enum rs_code give_list(struct rs_python *j, jv list, const char *type, jv *out,
                              struct rs_error *e)
{
  return give(j, (struct state){.kind = IT_ITEMS, .list = list}, type, out, e);
}

static NATIVE(it_count)
{
  static const char *const names[] = {"start", "step", NULL};
  jv v[2];
  enum rs_code rc = jv_bind(args, "count", names, 0, v, e);
  if (rc != RS_OK) return rc;
  struct state s = {.kind = IT_COUNT,
                    .value = rs_given(v[0]) ? v[0] : jv_int(0),
                    .step = rs_given(v[1]) ? v[1] : jv_int(1)};
  return give(j, s, "itertools.count object", out, e);
}

static NATIVE(it_cycle)
{
  struct state s = {.kind = IT_CYCLE, .reads = true, .list = jv_list(j)};
  if (args->npos != 1) return rs_fail(e, RS_INVALID, "cycle expected 1 argument");
  enum rs_code rc = py_iter_open(j, args->pos[0], &s.it);
  return rc == RS_OK ? give(j, s, "itertools.cycle object", out, e) : rc;
}

static NATIVE(it_repeat)
{
  static const char *const names[] = {"object", "times", NULL};
  jv v[2];
  struct state s = {.kind = IT_REPEAT};
  enum rs_code rc = jv_bind(args, "repeat", names, 1, v, e);
  if (rc == RS_OK) rc = rs_want_int(v[1], "repeat(): times", -1, &s.left, e);
  if (rc != RS_OK) return rc;
  s.value = v[0];
  if (rs_given(v[1]) && s.left < 0) s.left = 0;
  return give(j, s, "itertools.repeat object", out, e);
}

/* Every item of every argument, one after the other. */
static enum rs_code join(struct rs_python *j, const jv *seqs, size_t n, jv *out, struct rs_error *e)
{
  jv all = jv_list(j), list;
  for (size_t i = 0; i < n; i++) {
    enum rs_code rc = jv_list_of(j, seqs[i], &list, e);
    if (rc != RS_OK) return rc;
    for (size_t k = 0; k < jv_len(list); k++) jv_list_add(j, all, jv_item(list, k));
  }
  return give_list(j, all, "itertools.chain object", out, e);
}

static NATIVE(chain_from)
{
  jv list;
  if (args->npos != 1) return rs_fail(e, RS_INVALID, "chain.from_iterable() takes one argument");
  enum rs_code rc = jv_list_of(j, args->pos[0], &list, e);
  if (rc != RS_OK) return rc;
  jv *seqs = rs_arena_alloc(rs_python_arena(j), (jv_len(list) + 1) * sizeof *seqs);
  if (seqs == NULL) return rs_nomem(e);
  for (size_t i = 0; i < jv_len(list); i++) seqs[i] = jv_item(list, i);
  return join(j, seqs, jv_len(list), out, e);
}

static CLASS_CALL(chain_call)
{
  return join(j, args->pos, args->npos, out, e);
}

static CLASS_GETATTR(chain_getattr)
{
  static const struct rs_method methods[] = {{"from_iterable", chain_from}};
  return rs_method_find(j, self, methods, 1, name, n, out);
}

static const struct jv_class chain_class = {
  .name = "type", .call = chain_call, .getattr = chain_getattr};

static NATIVE(it_accumulate)
{
  static const char *const names[] = {"iterable", "func", "initial", NULL};
  jv v[3], list, all = jv_list(j), sum = jv_none();
  enum rs_code rc = jv_bind(args, "accumulate", names, 1, v, e);
  if (rc == RS_OK) rc = jv_list_of(j, v[0], &list, e);
  if (rc != RS_OK) return rc;
  bool has = rs_some(v[2]);
  if (has) jv_list_add(j, all, sum = v[2]);
  for (size_t i = 0; rc == RS_OK && i < jv_len(list); i++) {
    jv pair[2] = {sum, jv_item(list, i)};
    struct jv_args two = {.pos = pair, .npos = 2};
    if (!has) sum = pair[1];
    else if (rs_some(v[1])) rc = rs_python_call(j, v[1], &two, &sum, e);
    else rc = py_num_binary(j, OP_ADD, pair[0], pair[1], &sum);
    has = true;
    if (rc == RS_OK) jv_list_add(j, all, sum);
  }
  return rc == RS_OK ? give_list(j, all, "itertools.accumulate object", out, e) : rc;
}

static NATIVE(it_compress)
{
  static const char *const names[] = {"data", "selectors", NULL};
  jv v[2], data, select, all = jv_list(j);
  enum rs_code rc = jv_bind(args, "compress", names, 2, v, e);
  if (rc == RS_OK) rc = jv_list_of(j, v[0], &data, e);
  if (rc == RS_OK) rc = jv_list_of(j, v[1], &select, e);
  if (rc != RS_OK) return rc;
  for (size_t i = 0; i < jv_len(data) && i < jv_len(select); i++)
    if (jv_truth(j, jv_item(select, i))) jv_list_add(j, all, jv_item(data, i));
  return give_list(j, all, "itertools.compress object", out, e);
}

static NATIVE(it_islice)
{
  int64_t start = 0, stop = -1, step = 1;
  jv all = jv_list(j), item;
  struct jv_iter it;
  bool done = false;
  if (args->npos < 2 || args->npos > 4)
    return rs_fail(e, RS_INVALID, "islice expected 2 to 4 arguments, got %zu", args->npos);
  int64_t *const to[] = {&start, &stop, &step};
  for (size_t i = 1; i < args->npos; i++) {
    int64_t *p = args->npos == 2 ? &stop : to[i - 1];
    if (args->pos[i].kind == JV_NONE) continue;
    enum rs_code rc = rs_want_int(args->pos[i], "islice()", *p, p, e);
    if (rc != RS_OK) return rc;
    if (*p < 0 || (p == &step && *p == 0))
      return rs_fail(e, RS_INVALID, "Indices for islice() must be None or an integer: 0 <= x");
  }
  enum rs_code rc = py_iter_open(j, args->pos[0], &it);
  for (int64_t i = 0; rc == RS_OK && (stop < 0 || i < stop); i++) {
    rc = py_iter_next(j, &it, &item, &done);
    if (rc != RS_OK || done) break;
    if (i >= start && (i - start) % step == 0) jv_list_add(j, all, item);
  }
  return rc == RS_OK ? give_list(j, all, "itertools.islice object", out, e) : rc;
}

static NATIVE(it_starmap)
{
  jv list, items, result, all = jv_list(j);
  if (args->npos != 2) return rs_fail(e, RS_INVALID, "starmap expected 2 arguments");
  enum rs_code rc = jv_list_of(j, args->pos[1], &list, e);
  for (size_t i = 0; rc == RS_OK && i < jv_len(list); i++) {
    rc = jv_list_of(j, jv_item(list, i), &items, e);
    if (rc != RS_OK) break;
    jv *v = rs_arena_alloc(rs_python_arena(j), (jv_len(items) + 1) * sizeof *v);
    if (v == NULL) return rs_nomem(e);
    for (size_t k = 0; k < jv_len(items); k++) v[k] = jv_item(items, k);
    struct jv_args a = {.pos = v, .npos = jv_len(items)};
    rc = rs_python_call(j, args->pos[0], &a, &result, e);
    if (rc == RS_OK) jv_list_add(j, all, result);
  }
  return rc == RS_OK ? give_list(j, all, "itertools.starmap object", out, e) : rc;
}

static NATIVE(it_tee)
{
  static const char *const names[] = {"iterable", "n", NULL};
  jv v[2], list, copies[16];
  int64_t n;
  enum rs_code rc = jv_bind(args, "tee", names, 1, v, e);
  if (rc == RS_OK) rc = rs_want_int(v[1], "tee(): n", 2, &n, e);
  if (rc == RS_OK && (n < 0 || n > 16)) rc = rs_fail(e, RS_INVALID, "tee(): n must be 0 to 16");
  if (rc == RS_OK) rc = jv_list_of(j, v[0], &list, e);
  for (int64_t i = 0; rc == RS_OK && i < n; i++)
    rc = give_list(j, list, "itertools._tee object", &copies[i], e);
  if (rc == RS_OK) *out = jv_tuple(j, copies, (size_t)n);
  return rc;
}

static NATIVE(it_zip_longest)
{
  jv fill = jv_none(), all = jv_list(j);
  size_t longest = 0, n = args->npos;
  for (size_t i = 0; i < args->nkw; i++)
    if (rs_eq(jv_cstr(args->kw_keys[i], NULL), "fillvalue")) fill = args->kw_values[i];
  jv *lists = rs_arena_alloc(rs_python_arena(j), (2 * n + 1) * sizeof *lists), *row = lists + n;
  if (lists == NULL) return rs_nomem(e);
  for (size_t i = 0; i < n; i++) {
    enum rs_code rc = jv_list_of(j, args->pos[i], &lists[i], e);
    if (rc != RS_OK) return rc;
    if (jv_len(lists[i]) > longest) longest = jv_len(lists[i]);
  }
  for (size_t r = 0; r < longest; r++) {
    for (size_t i = 0; i < n; i++) row[i] = r < jv_len(lists[i]) ? jv_item(lists[i], r) : fill;
    jv_list_add(j, all, jv_tuple(j, row, n));
  }
  return give_list(j, all, "itertools.zip_longest object", out, e);
}

/* ---- tuples of choices ---------------------------------------------------------------------- */

/* Which index vectors count: all, different ones, rising ones, rising or equal ones. */
enum rule { ANY, DIFFERENT, RISING, NOT_FALLING };

static bool fits(enum rule rule, const size_t *at, size_t upto)
{
  for (size_t i = 0; i < upto; i++) {
    if (rule == DIFFERENT && at[i] == at[upto]) return false;
    if (rule == RISING && at[i] >= at[upto]) return false;
    if (rule == NOT_FALLING && at[i] > at[upto]) return false;
  }
  return true;
}

/* Every vector of `r` indexes, the last one fastest; lists[i] is what index i chooses from. */
static enum rs_code choose(struct rs_python *j, const jv *lists, size_t r, enum rule rule, jv all,
                           struct rs_error *e)
{
  size_t *at = rs_arena_calloc(rs_python_arena(j), (r + 1) * sizeof *at), depth = 0;
  jv *row = rs_arena_alloc(rs_python_arena(j), (r + 1) * sizeof *row);
  if (at == NULL || row == NULL) return rs_nomem(e);
  for (;;) {
    enum rs_code rc = py_steps(j, 1);
    if (rc != RS_OK) return rc;
    if (depth == r) {
      for (size_t i = 0; i < r; i++) row[i] = jv_item(lists[i], at[i]);
      jv_list_add(j, all, jv_tuple(j, row, r));
      if (jv_len(all) > TUPLES_MAX)
        return rs_fail(e, RS_LIMIT, "itertools: more than %d tuples", TUPLES_MAX);
      if (r == 0) return RS_OK;
      at[--depth]++;
      continue;
    }
    if (at[depth] >= jv_len(lists[depth])) {
      at[depth] = 0;
      if (depth == 0) return RS_OK;
      at[--depth]++;
    } else if (!fits(rule, at, depth)) {
      at[depth]++;
    } else {
      depth++;
    }
  }
}

static NATIVE(it_product)
{
  int64_t repeat = 1;
  jv all = jv_list(j);
  for (size_t i = 0; i < args->nkw; i++) {
    enum rs_code rc = rs_want_int(args->kw_values[i], "product(): repeat", 1, &repeat, e);
    if (rc != RS_OK) return rc;
  }
  if (repeat < 0 || repeat > 100) return rs_fail(e, RS_INVALID, "product(): repeat is too large");
  size_t n = args->npos * (size_t)repeat;
  jv *lists = rs_arena_alloc(rs_python_arena(j), (n + 1) * sizeof *lists);
  if (lists == NULL) return rs_nomem(e);
  for (size_t i = 0; i < n; i++) {
    enum rs_code rc = i < args->npos ? jv_list_of(j, args->pos[i], &lists[i], e) : RS_OK;
    if (rc != RS_OK) return rc;
    if (i >= args->npos) lists[i] = lists[i - args->npos];
  }
  enum rs_code rc = choose(j, lists, n, ANY, all, e);
  return rc == RS_OK ? give_list(j, all, "itertools.product object", out, e) : rc;
}

static enum rs_code of_one(struct rs_python *j, const struct jv_args *args, const char *what,
                           enum rule rule, const char *type, jv *out, struct rs_error *e)
{
  static const char *const names[] = {"iterable", "r", NULL};
  jv v[2], list, all = jv_list(j);
  int64_t r = 0;
  enum rs_code rc = jv_bind(args, what, names, rule == DIFFERENT ? 1 : 2, v, e);
  if (rc == RS_OK) rc = jv_list_of(j, v[0], &list, e);
  if (rc != RS_OK) return rc;
  if (v[1].kind == JV_NONE) v[1] = jv_undefined();
  rc = rs_want_int(v[1], what, (int64_t)jv_len(list), &r, e);
  if (rc != RS_OK) return rc;
  if (r < 0 || r > 1000) return rs_fail(e, RS_INVALID, "r must be non-negative");
  jv *lists = rs_arena_alloc(rs_python_arena(j), ((size_t)r + 1) * sizeof *lists);
  if (lists == NULL) return rs_nomem(e);
  for (int64_t i = 0; i < r; i++) lists[i] = list;
  rc = choose(j, lists, (size_t)r, rule, all, e);
  return rc == RS_OK ? give_list(j, all, type, out, e) : rc;
}

static NATIVE(it_permutations)
{
  return of_one(j, args, "permutations", DIFFERENT, "itertools.permutations object", out, e);
}

static NATIVE(it_combinations)
{
  return of_one(j, args, "combinations", RISING, "itertools.combinations object", out, e);
}

static NATIVE(it_combinations_wr)
{
  return of_one(j, args, "combinations_with_replacement", NOT_FALLING,
                "itertools.combinations_with_replacement object", out, e);
}

jv rs_module_itertools(struct rs_python *j)
{
  static const struct rs_method functions[] = {
    {"count", it_count},
    {"cycle", it_cycle},
    {"repeat", it_repeat},
    {"accumulate", it_accumulate},
    {"compress", it_compress},
    {"islice", it_islice},
    {"starmap", it_starmap},
    {"tee", it_tee},
    {"zip_longest", it_zip_longest},
    {"product", it_product},
    {"permutations", it_permutations},
    {"combinations", it_combinations},
    {"combinations_with_replacement", it_combinations_wr}};
  jv dict = jv_dict(j);
  for (size_t i = 0; i < COUNT(functions); i++)
    jv_dict_set(j, dict, functions[i].name, jv_func(j, functions[i].name, functions[i].fn, NULL));
  jv_dict_set(j, dict, "chain", jv_object(j, &chain_class, (void *)(uintptr_t)functions));
  return dict;
}

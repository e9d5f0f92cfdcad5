/*
** Sorting, stable as Python's.
*/
#include "protocol.h"

/*
** Up to SHORT items in the order of comparisons that Python's sort makes: what is not ordered (NaN)
** then ends up where it does there.
*/
#define SHORT 63

void py_seq_reverse(struct jv_seq *s)
{
  for (size_t i = 0; i < s->n / 2; i++) {
    jv t = s->v[i];
    s->v[i] = s->v[s->n - 1 - i];
    s->v[s->n - 1 - i] = t;
  }
}

static enum rs_code insertion_sort(struct rs_python *j, size_t *a, size_t n, const jv *keys,
                                   enum rs_code (*lt)(struct rs_python *j, jv a, jv b, bool *yes))
{
  bool less, down = false;
  size_t run = 1;
  for (; run < n; run++) { // the run that is there already
    TRY(j_step(j));
    TRY(lt(j, keys[a[run]], keys[a[run - 1]], &less));
    if (run == 1) down = less;
    if (less != down) break;
  }
  for (size_t i = 0; down && i < run / 2; i++) {
    size_t t = a[i];
    a[i] = a[run - 1 - i];
    a[run - 1 - i] = t;
  }
  for (size_t i = run; i < n; i++) {
    size_t l = 0, r = i, pivot = a[i];
    while (l < r) {
      size_t mid = l + (r - l) / 2;
      TRY(j_step(j));
      TRY(lt(j, keys[pivot], keys[a[mid]], &less));
      if (less) r = mid;
      else l = mid + 1;
    }
    memmove(a + l + 1, a + l, (i - l) * sizeof *a);
    a[l] = pivot;
  }
  return RS_OK;
}

/* Stable merge sort of items by keys. Compares `later < earlier`, as Python does. */
enum rs_code py_seq_sort_by(struct rs_python *j, struct jv_seq *items, const jv *keys, bool reverse,
                            enum rs_code (*lt)(struct rs_python *j, jv a, jv b, bool *yes))
{
  size_t n = items->n, run;
  if (n < 2) return RS_OK;
  size_t *a = py_alloc(j, n * sizeof *a), *b = py_alloc(j, n * sizeof *b);
  jv *sorted = py_alloc(j, n * sizeof *sorted);
  if (a == NULL || b == NULL || sorted == NULL) return py_nomem(j);
  for (size_t i = 0; i < n; i++) a[i] = reverse ? n - 1 - i : i;
  for (size_t from = 0; from < n; from += SHORT) {
    run = n - from < SHORT ? n - from : SHORT;
    TRY(insertion_sort(j, a + from, run, keys, lt));
  }
  for (size_t width = SHORT; width < n; width *= 2) {
    for (size_t from = 0; from < n; from += 2 * width) {
      size_t mid = from + width < n ? from + width : n, end = mid + width < n ? mid + width : n;
      size_t l = from, r = mid;
      for (size_t k = from; k < end; k++) {
        bool right = l >= mid;
        if (!right && r < end) {
          TRY(j_step(j));
          TRY(lt(j, keys[a[r]], keys[a[l]], &right));
        }
        b[k] = right ? a[r++] : a[l++];
      }
    }
    size_t *t = a;
    a = b;
    b = t;
  }
  for (size_t i = 0; i < n; i++) sorted[i] = items->v[a[reverse ? n - 1 - i : i]];
  memcpy(items->v, sorted, n * sizeof *sorted);
  return RS_OK;
}

enum rs_code py_seq_sort(struct rs_python *j, struct jv_seq *items, const jv *keys, bool reverse)
{
  return py_seq_sort_by(j, items, keys, reverse, jv_lt);
}

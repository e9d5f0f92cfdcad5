/*
** A fuzzer's main where the compiler has none (gcc): runs the target over the seeds, then over
** mutations of them, until the time is up. No coverage guides it, so seeds should be near to what
** is interesting. Takes the options of libFuzzer that tests/fuzz/run uses:
**
**   fuzz_x [-max_total_time=S] [-seed=N] [-artifact_prefix=P] [SEEDS...]
**
** SEEDS are files and folders; without -max_total_time they are run once. What makes the target
** crash is left in <P>crash.
*/
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
/* Absent without a sanitizer. */
__attribute__((weak)) void __sanitizer_set_death_callback(void (*fn)(void));

#define INPUT_MAX 65536
enum { SEEDS_MAX = 4096 };

static struct {
  uint8_t *p;
  size_t n;
} seeds[SEEDS_MAX];
static size_t nseeds;
static uint8_t input[INPUT_MAX], copy[INPUT_MAX];
static size_t input_n;
static const char *prefix = "";
static uint64_t random_state;

/* The input that was being run; only what is safe while the process dies. */
static void save(void)
{
  char path[1000];
  (void)snprintf(path, sizeof path, "%scrash", prefix);
  FILE *f = fopen(path, "wb");
  if (f == NULL) return;
  (void)fwrite(input, 1, input_n, f);
  (void)fclose(f);
  (void)fprintf(stderr, "\ninput of %zu bytes saved as %s\n", input_n, path);
}

static void on_signal(int sig)
{
  save();
  (void)signal(sig, SIG_DFL);
  (void)raise(sig);
}

static void die(const char *what)
{
  perror(what);
  exit(2);
}

static void add_file(const char *path)
{
  FILE *f = fopen(path, "rb");
  if (f == NULL) die(path);
  size_t n = fread(copy, 1, sizeof copy, f);
  (void)fclose(f);
  uint8_t *p = malloc(n + 1);
  if (p == NULL || nseeds == SEEDS_MAX) die("seeds");
  memcpy(p, copy, n);
  seeds[nseeds].p = p;
  seeds[nseeds++].n = n;
}

static void add(const char *path)
{
  struct stat s;
  if (stat(path, &s) != 0) die(path);
  if (!S_ISDIR(s.st_mode)) {
    add_file(path);
    return;
  }
  DIR *d = opendir(path);
  if (d == NULL) die(path);
  for (struct dirent *entry; (entry = readdir(d)) != NULL;) {
    char file[1000];
    (void)snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
    if (entry->d_name[0] != '.') add(file);
  }
  (void)closedir(d);
}

static size_t below(size_t n)
{
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return n == 0 ? 0 : (size_t)(random_state >> 11) % n;
}

/* Puts n bytes at `at` in place of `gone`. */
static void splice(size_t at, size_t gone, const uint8_t *p, size_t n)
{
  if (input_n - gone + n > INPUT_MAX) return;
  memmove(input + at + n, input + at + gone, input_n - at - gone);
  memcpy(input + at, p, n);
  input_n += n - gone;
}

static void mutate(void)
{
  static const char *const bytes = "\"\\{}[]:,0-.eE u\n\x01\x1f\x7f\x80\xc3\xe2\xf0\xff";
  size_t at = below(input_n + 1), n = below(8) == 0 ? below(300) : below(10);
  uint8_t c = below(2) ? (uint8_t)below(256) : (uint8_t)bytes[below(strlen(bytes))];
  if (n > input_n - at) n = input_n - at;
  const size_t other = below(nseeds);
  switch (below(6)) {
    case 0: splice(at, 0, &c, 1); break;
    case 1:
      if (at < input_n) input[at] = c;
      break;
    case 2:
      if (at < input_n) input[at] ^= (uint8_t)(1u << below(8));
      break;
    case 3: splice(at, n, copy, 0); break;
    case 4: { // a piece of itself, once more
      size_t from = below(input_n + 1);
      if (n > input_n - from) n = input_n - from;
      memcpy(copy, input + from, n);
      splice(at, 0, copy, n);
      break;
    }
    default: { // a piece of another seed
      size_t from = below(seeds[other].n + 1), m = below(seeds[other].n - from + 1);
      splice(at, below(2) ? n : 0, seeds[other].p + from, m);
    }
  }
}

static void run(void)
{
  // A block of its own size, so that the sanitizer sees what is read beyond it
  uint8_t *p = malloc(input_n > 0 ? input_n : 1);
  if (p == NULL) die("input");
  memcpy(p, input, input_n);
  (void)LLVMFuzzerTestOneInput(p, input_n);
  free(p);
}

static void load(size_t i)
{
  memcpy(input, seeds[i].p, seeds[i].n);
  input_n = seeds[i].n;
}

int main(int argc, char **argv)
{
  long seconds = 0;
  unsigned long seed = (unsigned long)time(NULL);
  for (int i = 1; i < argc; i++) {
    const char *a = argv[i], *value = strchr(a, '=');
    if (a[0] != '-') add(a);
    else if (value == NULL) continue;
    else if (strncmp(a, "-max_total_time=", 16) == 0) seconds = strtol(value + 1, NULL, 10);
    else if (strncmp(a, "-seed=", 6) == 0) seed = strtoul(value + 1, NULL, 10);
    else if (strncmp(a, "-artifact_prefix=", 17) == 0) prefix = value + 1;
  }
  random_state = (uint64_t)seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
  if (__sanitizer_set_death_callback != NULL) __sanitizer_set_death_callback(save);
  (void)signal(SIGABRT, on_signal);
  (void)signal(SIGALRM, on_signal);
  size_t runs = 0;
  for (; runs < nseeds; runs++) {
    load(runs);
    run();
  }
  const time_t end = time(NULL) + seconds;
  for (; nseeds > 0 && time(NULL) < end; runs++) {
    (void)alarm(20); // a run that hangs is a finding
    load(below(nseeds));
    for (size_t n = 1 + below(6); n > 0; n--) mutate();
    run();
  }
  (void)alarm(0);
  printf("%zu runs of %zu seeds and their mutations, seed %lu\n", runs, nseeds, seed);
  return 0;
}

/*
** A scripted server for C tests: starts tests/wire/server.py (its script language is told there),
** collects what it reports, ends it. The server dies with the test, whatever happens to that.
**
**   struct wire *w = wire_start("conn *\nread\nreply 200 ;hi\n");
**   ... w->url is http://127.0.0.1:PORT ...
**   assert_int_equal(wire_count(w, "req "), 1);
**   wire_stop(w);
**
** Needs unit.h before it, /usr/bin/python3, and the openssl command for certificates.
*/
#ifndef RS_TESTS_WIRE_H
#define RS_TESTS_WIRE_H
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "src/base/mem.h"
#include "src/base/thread.h"

#define WIRE_LOG_MAX ((size_t)8 << 20)

struct wire {
  pid_t pid;
  int in, out; /* of the server */
  int port;
  char url[64], origin[64];
  char *log;
  size_t n;
  pthread_t reader;      /* empties `out`: a full pipe would hold up the server */
  pthread_mutex_t mutex; /* guards log, n */
};

/* The program that serves; a test may name another one that is run alike. */
__attribute__((unused)) static const char *wire_program = "server.py";

/* tests/wire/NAME. tests/run says where the tests are; a program started by hand knows its
** source. */
__attribute__((unused)) static const char *wire_file(const char *name)
{
  static char path[2][PATH_MAX];
  static int turn;
  char *p = path[turn ^= 1];
  const char *fixtures = getenv("FIXTURES"), *slash = strrchr(__FILE__, '/');
  if (fixtures != NULL) (void)snprintf(p, PATH_MAX, "%s/../wire/%s", fixtures, name);
  else (void)snprintf(p, PATH_MAX, "%.*s/%s", (int)(slash - __FILE__), __FILE__, name);
  return p;
}

/* What the server has reported so far. It reports before it answers: what a client has seen an
** answer to is there. False: the server has ended. */
static bool wire_drain(struct wire *w)
{
  char buf[4096];
  ssize_t got;
  while ((got = read(w->out, buf, sizeof buf)) > 0) {
    size_t n = (size_t)got < WIRE_LOG_MAX - w->n ? (size_t)got : WIRE_LOG_MAX - w->n;
    memcpy(w->log + w->n, buf, n);
    w->n += n;
    w->log[w->n] = 0;
  }
  return got != 0;
}

static void *wire_read(void *ctx)
{
  struct wire *w = ctx;
  struct pollfd out = {.fd = w->out, .events = POLLIN};
  bool runs = true;
  while (runs) {
    (void)poll(&out, 1, -1);
    pthread_mutex_lock(&w->mutex);
    runs = wire_drain(w);
    pthread_mutex_unlock(&w->mutex);
  }
  return NULL;
}

/* The log stays as it is, all that was reported in it, until pthread_mutex_unlock(&w->mutex). */
static void wire_hold(struct wire *w)
{
  pthread_mutex_lock(&w->mutex);
  (void)wire_drain(w);
}

/* How many lines of the log begin so. */
__attribute__((unused)) static int wire_count(struct wire *w, const char *begin)
{
  int count = 0;
  size_t len = strlen(begin);
  wire_hold(w);
  for (const char *p = w->log; *p != 0;) {
    if (strncmp(p, begin, len) == 0) count++;
    p += strcspn(p, "\n");
    if (*p == '\n') p++;
  }
  pthread_mutex_unlock(&w->mutex);
  return count;
}

/* Whether the log holds the text, in any case of letters. */
__attribute__((unused)) static bool wire_has(struct wire *w, const char *text)
{
  wire_hold(w);
  bool found = strcasestr(w->log, text) != NULL;
  pthread_mutex_unlock(&w->mutex);
  return found;
}

/* Waits until so many lines begin so; false after 10 s. */
__attribute__((unused)) static bool wire_wait(struct wire *w, const char *begin, int count)
{
  for (int i = 0; i < 5000; i++) {
    if (wire_count(w, begin) >= count) return true;
    rs_sleep_ms(2);
  }
  return false;
}

static void wire_write(int fd, const char *p, size_t n)
{
  while (n > 0) {
    ssize_t done = write(fd, p, n);
    assert_true(done > 0);
    p += done;
    n -= (size_t)done;
  }
}

/* args: further words of server.py's command line, ended by NULL; NULL: none. */
__attribute__((unused)) static struct wire *wire_start_args(const char *script,
                                                            const char *const *args)
{
  struct wire *w = calloc(1, sizeof *w);
  const char *argv[16] = {"python3", wire_file(wire_program)};
  int in[2], out[2], n = 2;
  while (args != NULL && *args != NULL && n < 15) argv[n++] = *args++;
  assert_non_null(w);
  assert_int_equal(pipe2(in, O_CLOEXEC), 0);
  assert_int_equal(pipe2(out, O_CLOEXEC), 0);
  w->log = calloc(1, WIRE_LOG_MAX + 1);
  assert_non_null(w->log);
  pthread_mutex_init(&w->mutex, NULL);
  w->pid = fork();
  assert_true(w->pid >= 0);
  if (w->pid == 0) {
    (void)dup2(in[0], 0);
    (void)dup2(out[1], 1);
    (void)unsetenv("LD_PRELOAD"); // a sanitizer's runtime has no business in Python
    execv("/usr/bin/python3", (char *const *)(uintptr_t)argv);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  w->in = in[1];
  w->out = out[0];
  (void)fcntl(w->out, F_SETFL, O_NONBLOCK);
  assert_int_equal(pthread_create(&w->reader, NULL, wire_read, w), 0);
  char head[32];
  (void)snprintf(head, sizeof head, "%zu\n", strlen(script));
  wire_write(w->in, head, strlen(head));
  wire_write(w->in, script, strlen(script));
  if (!wire_wait(w, "port ", 1)) fail_msg("the scripted server does not start");
  w->port = (int)strtol(strstr(w->log, "port ") + 5, NULL, 10);
  (void)snprintf(w->url, sizeof w->url, "http%s://127.0.0.1:%d", n > 2 ? "s" : "", w->port);
  (void)snprintf(w->origin, sizeof w->origin, "127.0.0.1:%d", w->port);
  return w;
}

__attribute__((unused)) static struct wire *wire_start(const char *script)
{
  return wire_start_args(script, NULL);
}

/* Ends the server, frees w. A script that was wrong fails the test. */
__attribute__((unused)) static void wire_stop(struct wire *w)
{
  int status;
  close(w->in);
  (void)waitpid(w->pid, &status, 0);
  (void)pthread_join(w->reader, NULL);
  const char *error = strstr(w->log, "\nerror ");
  if (error != NULL) fail_msg("script: %.300s", error);
  close(w->out);
  pthread_mutex_destroy(&w->mutex);
  free(w->log);
  free(w);
}

/* A TLS server with the certificate CERT (good, other, expired, self) of the folder certs. */
__attribute__((unused)) static struct wire *wire_start_tls(const char *script, const char *certs,
                                                           const char *cert, bool wants_client)
{
  char pem[PATH_MAX + 64], key[PATH_MAX + 64], ca[PATH_MAX + 64];
  (void)snprintf(pem, sizeof pem, "%s/%.32s.pem", certs, cert);
  (void)snprintf(key, sizeof key, "%s/%.32s.key", certs, cert);
  (void)snprintf(ca, sizeof ca, "%s/ca.pem", certs);
  const char *args[] = {"--tls", pem, key, wants_client ? "--client-ca" : NULL, ca, NULL};
  return wire_start_args(script, args);
}

/* A new folder with certificates (certs.sh); the caller removes it with wire_remove. */
__attribute__((unused)) static void wire_certs(char dir[PATH_MAX])
{
  char command[2 * PATH_MAX + 32];
  (void)snprintf(dir, PATH_MAX, "/tmp/rs_certs_XXXXXX");
  assert_non_null(mkdtemp(dir));
  (void)snprintf(command, sizeof command, "LD_PRELOAD= sh '%s' '%s'", wire_file("certs.sh"), dir);
  if (system(command) != 0) fail_msg("can't make certificates: is the openssl command there?");
}

__attribute__((unused)) static void wire_remove(const char *dir)
{
  char command[PATH_MAX + 32];
  (void)snprintf(command, sizeof command, "rm -rf '%s'", dir);
  (void)!system(command);
}
#endif

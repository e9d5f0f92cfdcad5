/*
** Threads and time, thin over pthreads (see thread.h).
*/
#include "thread.h"
#include <errno.h>
#include <time.h>

bool rs_thread_start(pthread_t *t, void *(*fn)(void *), void *arg)
{
  // A new thread inherits the mask, so no signal can hit it even before its first instruction
  sigset_t all, old;
  sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &old) != 0) return false;
  int rc = pthread_create(t, NULL, fn, arg);
  (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
  return rc == 0;
}

#ifdef __APPLE__ // which waits by the wall clock, or for so long from now on

int rs_cond_init(pthread_cond_t *c)
{
  return pthread_cond_init(c, NULL);
}

bool rs_cond_wait_ms(pthread_cond_t *c, pthread_mutex_t *m, int64_t ms)
{
  if (ms < 0) ms = 0;
  const struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
  return pthread_cond_timedwait_relative_np(c, m, &t) != ETIMEDOUT;
}

int rs_signal_wait(const sigset_t *set, int64_t ms)
{
  enum { STEP_MS = 10 };
  for (;; ms -= STEP_MS) {
    sigset_t pending;
    int found = 0;
    if (sigpending(&pending) != 0) return 0;
    for (int sig = 1; sig < NSIG; sig++)
      if (sigismember(set, sig) == 1 && sigismember(&pending, sig) == 1) found = sig;
    if (found != 0 && sigwait(set, &found) == 0) return found;
    if (ms <= 0) return 0;
    rs_sleep_ms(ms < STEP_MS ? ms : STEP_MS);
  }
}

#else

int rs_cond_init(pthread_cond_t *c)
{
  pthread_condattr_t attr;
  int rc = pthread_condattr_init(&attr);
  if (rc != 0) return rc;
  rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
  if (rc == 0) rc = pthread_cond_init(c, &attr);
  (void)pthread_condattr_destroy(&attr);
  return rc;
}

bool rs_cond_wait_ms(pthread_cond_t *c, pthread_mutex_t *m, int64_t ms)
{
  struct timespec until;
  (void)clock_gettime(CLOCK_MONOTONIC, &until);
  if (ms < 0) ms = 0;
  until.tv_sec += (time_t)(ms / 1000);
  until.tv_nsec += (long)(ms % 1000) * 1000000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_sec++;
    until.tv_nsec -= 1000000000;
  }
  return pthread_cond_timedwait(c, m, &until) != ETIMEDOUT;
}

int rs_signal_wait(const sigset_t *set, int64_t ms)
{
  const struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
  int sig = sigtimedwait(set, NULL, &t);
  return sig > 0 ? sig : 0;
}

#endif

static int64_t clock_us(clockid_t clock)
{
  struct timespec now;
  (void)clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t rs_now_ms(void)
{
  return clock_us(CLOCK_MONOTONIC) / 1000;
}

int64_t rs_now_us(void)
{
  return clock_us(CLOCK_MONOTONIC);
}

int64_t rs_wall_us(void)
{
  return clock_us(CLOCK_REALTIME);
}

void rs_sleep_ms(int64_t ms)
{
  if (ms <= 0) return;
  struct timespec left = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) continue;
}

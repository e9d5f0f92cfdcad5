/*
** Threads and time, thin over pthreads.
**
** Threads started here block every signal, so that a signal always reaches a thread of the host.
*/
#ifndef RS_BASE_THREAD_H
#define RS_BASE_THREAD_H
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* Returns false when the system gives no thread. Join with pthread_join. */
bool rs_thread_start(pthread_t *t, void *(*fn)(void *), void *arg);
/* A condition variable on the monotonic clock. */
int rs_cond_init(pthread_cond_t *c);
/* Waits at most `ms`; false when the time ran out. */
bool rs_cond_wait_ms(pthread_cond_t *c, pthread_mutex_t *m, int64_t ms);
/* Monotonic milliseconds / microseconds; wall-clock microseconds since 1970 (UTC). */
int64_t rs_now_ms(void);
int64_t rs_now_us(void);
int64_t rs_wall_us(void);
void rs_sleep_ms(int64_t ms);
/* Takes a signal of the set, which this thread blocks; waits at most `ms`. 0: none came. */
int rs_signal_wait(const sigset_t *set, int64_t ms);
#endif

/*
** A session's I/O thread: runs one job at a time, signals blocked, while the owner waits and polls
** for an interrupt.
**
** Threads: all functions are called by the session's owner, one at a time. The thread starts with
** the first job and ends with rs_io_free. A job may use the session in the owner's place: what it
** submits is run at once, nothing polls for an interrupt, and a cancel is the whole job's.
*/
#ifndef RS_ENGINE_IO_H
#define RS_ENGINE_IO_H
#include <stdbool.h>
#include "src/base/error.h"

struct rs_io;
struct rs_session;
typedef enum rs_code (*rs_io_fn)(struct rs_session *s, void *arg, struct rs_error *e);

enum rs_code rs_io_new(struct rs_session *s, struct rs_io **pio, struct rs_error *e);
/* Waits for the job under way, ends the thread. NULL is fine. */
void rs_io_free(struct rs_io *io);

/* Starts a job; the one before must be over. Where no thread is to be had, it runs here and now. */
void rs_io_submit(struct rs_io *io, rs_io_fn fn, void *arg);
/* Waits for it and returns its code. An interrupt of the owner cancels the job in the engine, again
** every 100 ms until it ends; then RS_CANCELLED. */
enum rs_code rs_io_wait(struct rs_io *io, struct rs_error *e);
/* Both. */
enum rs_code rs_io_call(struct rs_io *io, rs_io_fn fn, void *arg, struct rs_error *e);
/* Without looking at interrupts: clean-up has to finish. */
enum rs_code rs_io_call_uninterrupted(struct rs_io *io, rs_io_fn fn, void *arg, struct rs_error *e);
/* Whether one is under way; false: its result is there. */
bool rs_io_is_busy(const struct rs_io *io);
/* Cancels the job under way and waits for it; nothing when there is none. */
void rs_io_cancel(struct rs_io *io);
/* False: no thread is to be had, and jobs run on the caller's. */
bool rs_io_start(struct rs_io *io);
/* The code of the job that ended last, its text in e. */
enum rs_code rs_io_result(struct rs_io *io, struct rs_error *e);
/* Waits for the job under way without cancelling it; its result stays to be asked for. */
void rs_io_settle(struct rs_io *io);
/* The last job: on the thread when it ever ran, else here. */
void rs_io_finish(struct rs_io *io, rs_io_fn fn);
#endif

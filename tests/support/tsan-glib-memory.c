/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The third part of tsan-glib.c: memory that GLib allocates in one thread and frees in another,
 * under its own locks, which TSan does not see. Whoever frees a block is after whoever allocated
 * it, and after those who let go of it (the releases of the other parts). What other code did with
 * the block in between is still checked against the free. */
#include <errno.h>
#include <pthread.h>
#include <sanitizer/tsan_interface.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The run time's own versions, which these stand in front of. */
void *__interceptor_malloc (size_t size);
void *__interceptor_calloc (size_t count, size_t size);
void *__interceptor_realloc (void *block, size_t size);
void __interceptor_free (void *block);
int __interceptor_pthread_create (pthread_t *thread, const pthread_attr_t *attributes,
                                  void *(*function) (void *), void *data);
int __interceptor_pthread_mutex_init (pthread_mutex_t *lock, const pthread_mutexattr_t *attributes);
int __interceptor_pthread_mutex_lock (pthread_mutex_t *lock);
int __interceptor_pthread_rwlock_init (pthread_rwlock_t *lock,
                                       const pthread_rwlockattr_t *attributes);
int __interceptor_pthread_rwlock_rdlock (pthread_rwlock_t *lock);
int __interceptor_pthread_rwlock_wrlock (pthread_rwlock_t *lock);
int __interceptor_pthread_rwlock_tryrdlock (pthread_rwlock_t *lock);
int __interceptor_pthread_rwlock_trywrlock (pthread_rwlock_t *lock);

/* Whether the run time knows this thread: before it is up, and while it sets a new thread up, there
 * are allocations already. */
static __thread bool ready;

__attribute__ ((constructor)) static void
main_thread_is_ready (void)
{
  ready = true;
}

typedef struct
{
  void *(*function) (void *);
  void *data;
} Start;

static void *
start_thread (void *data)
{
  Start start = *(Start *)data;

  ready = true;
  free (data);
  return start.function (start.data);
}

int
pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*function) (void *),
                void *data)
{
  Start *start = malloc (sizeof *start);
  int error;

  if (start == NULL)
    return EAGAIN;
  start->function = function;
  start->data = data;
  error = __interceptor_pthread_create (thread, attributes, start_thread, start);
  if (error != 0)
    free (start);
  return error;
}

static void *
allocated (void *block)
{
  if (ready && block != NULL)
    __tsan_release (block);
  return block;
}

static void
before_use (void *block)
{
  if (ready && block != NULL)
    __tsan_acquire (block);
}

void *
malloc (size_t size)
{
  return allocated (__interceptor_malloc (size));
}

void *
calloc (size_t count, size_t size)
{
  return allocated (__interceptor_calloc (count, size));
}

void *
realloc (void *block, size_t size)
{
  before_use (block);
  return allocated (__interceptor_realloc (block, size));
}

void
free (void *block)
{
  before_use (block);
  __interceptor_free (block);
}

/* GLib allocates the lock behind a GRWLock or GRecMutex, its own ones among them, when it is first
 * used, and publishes it by an atomic exchange that TSan does not see: who uses it is after who
 * made it. */

int
pthread_mutex_init (pthread_mutex_t *lock, const pthread_mutexattr_t *attributes)
{
  int error = __interceptor_pthread_mutex_init (lock, attributes);

  if (ready)
    __tsan_release (lock);
  return error;
}

int
pthread_mutex_lock (pthread_mutex_t *lock)
{
  before_use (lock);
  return __interceptor_pthread_mutex_lock (lock);
}

int
pthread_rwlock_init (pthread_rwlock_t *lock, const pthread_rwlockattr_t *attributes)
{
  int error = __interceptor_pthread_rwlock_init (lock, attributes);

  if (ready)
    __tsan_release (lock);
  return error;
}

int
pthread_rwlock_rdlock (pthread_rwlock_t *lock)
{
  before_use (lock);
  return __interceptor_pthread_rwlock_rdlock (lock);
}

int
pthread_rwlock_wrlock (pthread_rwlock_t *lock)
{
  before_use (lock);
  return __interceptor_pthread_rwlock_wrlock (lock);
}

int
pthread_rwlock_tryrdlock (pthread_rwlock_t *lock)
{
  before_use (lock);
  return __interceptor_pthread_rwlock_tryrdlock (lock);
}

int
pthread_rwlock_trywrlock (pthread_rwlock_t *lock)
{
  before_use (lock);
  return __interceptor_pthread_rwlock_trywrlock (lock);
}

/* The descriptor that wakes a main context is used by other threads too, which found the context
 * under a lock of GLib's own. Made past the run time, it has no maker that they could race with. */
int
eventfd (unsigned int count, int flags)
{
  return (int)syscall (SYS_eventfd2, count, flags);
}

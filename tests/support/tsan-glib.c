/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Shows GLib's synchronisation to ThreadSanitizer.
 *
 * A distribution's GLib is not instrumented, and its GMutex is a bare futex: TSan sees neither the
 * lock nor the hand-over of a source to another thread's main context, and takes every access on
 * the two sides for a race. This file, linked into the programs of the tsan preset only, stands in
 * front of the functions of GLib that order threads, calls the real one, and tells TSan what it
 * has ordered: what came before a release is seen by what comes after the matching acquire. It
 * never claims more than the function does, so true races are still found; test-tsan-glib.c holds
 * both.
 *
 * Calls inside libglib itself do not pass here. That is why the hand-over is shown where a source
 * gets its callback, and not at the main context's own lock. */
#include <dlfcn.h>
#include <gio/gio.h>
#include <pthread.h>
#include <sanitizer/tsan_interface.h>

/* Macros of the same names would get in the way of the definitions below. */
#undef g_atomic_rc_box_acquire
#undef g_object_ref
#undef g_once
#undef g_once_init_enter
#undef g_once_init_leave

static gpointer
next_symbol (const char *name)
{
  gpointer symbol = dlsym (RTLD_NEXT, name);

  if (symbol == NULL)
    __builtin_trap ();
  return symbol;
}

/* The real function, looked up once a call site; racing look-ups find the same address. */
#define REAL(function)                                                                             \
  (__extension__({                                                                                 \
    static gpointer real_;                                                                         \
    gpointer found_ = __atomic_load_n (&real_, __ATOMIC_RELAXED);                                  \
    if (found_ == NULL)                                                                            \
      __atomic_store_n (&real_, found_ = next_symbol (#function), __ATOMIC_RELAXED);               \
    (__typeof__ (&(function)))found_;                                                              \
  }))

/* libdbus takes the lock of a connection and those of its global tables in both orders, whoever
 * calls it; that is between libdbus and libdbus. Races are not suppressed. */
const char *__tsan_default_suppressions (void);

const char *
__tsan_default_suppressions (void)
{
  return "deadlock:libdbus-1.so\n";
}

/* It keeps each text that it has converted for all threads, behind a lock of its own: one more in
 * front of that orders nothing else. */
const char *
g_strerror (int error)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  const char *text;

  pthread_mutex_lock (&lock);
  text = REAL (g_strerror) (error);
  pthread_mutex_unlock (&lock);
  return text;
}

/* --- locks: lock acquires, unlock releases --- */

#define LOCK(function, type)                                                                       \
  void function (type *lock)                                                                       \
  {                                                                                                \
    REAL (function) (lock);                                                                        \
    __tsan_acquire (lock);                                                                         \
  }
#define TRYLOCK(function, type)                                                                    \
  gboolean function (type *lock)                                                                   \
  {                                                                                                \
    gboolean locked = REAL (function) (lock);                                                      \
    if (locked)                                                                                    \
      __tsan_acquire (lock);                                                                       \
    return locked;                                                                                 \
  }
#define UNLOCK(function, type)                                                                     \
  void function (type *lock)                                                                       \
  {                                                                                                \
    __tsan_release (lock);                                                                         \
    REAL (function) (lock);                                                                        \
  }

LOCK (g_mutex_lock, GMutex)
TRYLOCK (g_mutex_trylock, GMutex)
UNLOCK (g_mutex_unlock, GMutex)
LOCK (g_rec_mutex_lock, GRecMutex)
TRYLOCK (g_rec_mutex_trylock, GRecMutex)
UNLOCK (g_rec_mutex_unlock, GRecMutex)
LOCK (g_rw_lock_writer_lock, GRWLock)
TRYLOCK (g_rw_lock_writer_trylock, GRWLock)
UNLOCK (g_rw_lock_writer_unlock, GRWLock)
LOCK (g_rw_lock_reader_lock, GRWLock)
TRYLOCK (g_rw_lock_reader_trylock, GRWLock)
UNLOCK (g_rw_lock_reader_unlock, GRWLock)

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  __tsan_release (mutex);
  REAL (g_cond_wait) (cond, mutex);
  __tsan_acquire (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gboolean signalled;

  __tsan_release (mutex);
  signalled = REAL (g_cond_wait_until) (cond, mutex, end_time);
  __tsan_acquire (mutex);
  return signalled;
}

/* --- once: what the initialiser did is seen by all who find it done --- */

gboolean (g_once_init_enter) (volatile void *location)
{
  gboolean first = REAL (g_once_init_enter) (location);

  __tsan_acquire ((void *)location);
  return first;
}

/* The callers' inlined atomic read of @location acquires what is released here. */
void (g_once_init_leave) (volatile void *location, gsize result)
{
  __tsan_release ((void *)location);
  REAL (g_once_init_leave) (location, result);
}

typedef struct
{
  GOnce *once;
  GThreadFunc func;
  gpointer data;
} Once;

static gpointer
run_once (gpointer data)
{
  Once *self = data;
  gpointer result = self->func (self->data);

  __tsan_release (self->once);
  __tsan_release ((void *)&self->once->status);
  return result;
}

gpointer
g_once_impl (GOnce *once, GThreadFunc func, gpointer arg)
{
  Once self = { once, func, arg };
  gpointer result = REAL (g_once_impl) (once, run_once, &self);

  __tsan_acquire (once);
  return result;
}

/* --- reference counts: the last one to let go sees what all the others did --- */

/* While there are others, the count is let down here, so that whoever finds itself the last has
 * all the others' releases before it. (As GLib does it, but for toggle references.) */
void (g_object_unref) (gpointer data)
{
  GObject *object = data;
  guint count = __atomic_load_n (&object->ref_count, __ATOMIC_ACQUIRE);

  __tsan_release (object);
  while (count > 1)
    if (__atomic_compare_exchange_n (&object->ref_count, &count, count - 1, FALSE, __ATOMIC_ACQ_REL,
                                     __ATOMIC_ACQUIRE))
      return;
  __tsan_acquire (object);
  REAL (g_object_unref) (object);
}

/* The free of the data acquires what is released here (tsan-glib-memory.c). */
void
g_bytes_unref (GBytes *bytes)
{
  if (bytes != NULL)
    {
      __tsan_release (bytes);
      __tsan_release ((void *)g_bytes_get_data (bytes, NULL));
    }
  REAL (g_bytes_unref) (bytes);
}

#define UNREF(function, type)                                                                      \
  void function (type object)                                                                      \
  {                                                                                                \
    __tsan_release ((void *)object);                                                               \
    __tsan_acquire ((void *)object);                                                               \
    REAL (function) (object);                                                                      \
  }

/* One that lets go between another's acquire and its own count is seen by the free of the data, as
 * with GBytes. */
#define UNREF_DATA(function, type, member)                                                         \
  void function (type object)                                                                      \
  {                                                                                                \
    gpointer data = object->member;                                                                \
                                                                                                   \
    if (data != NULL)                                                                              \
      __tsan_release (data);                                                                       \
    __tsan_release (object);                                                                       \
    __tsan_acquire (object);                                                                       \
    REAL (function) (object);                                                                      \
  }

UNREF_DATA (g_ptr_array_unref, GPtrArray *, pdata)
UNREF_DATA (g_array_unref, GArray *, data)
UNREF_DATA (g_byte_array_unref, GByteArray *, data)
UNREF (g_hash_table_unref, GHashTable *)
UNREF (g_variant_unref, GVariant *)
UNREF (g_source_unref, GSource *)
UNREF (g_main_context_unref, GMainContext *)
UNREF (g_main_loop_unref, GMainLoop *)
UNREF (g_closure_unref, GClosure *)
UNREF (g_async_queue_unref, GAsyncQueue *)

gboolean (g_atomic_ref_count_dec) (gatomicrefcount *count)
{
  gboolean last;

  __tsan_release ((void *)count);
  last = REAL (g_atomic_ref_count_dec) (count);
  __tsan_acquire ((void *)count);
  return last;
}

/* Called by the last one, after all the others have let go */
static __thread GDestroyNotify box_clear_func;

static void
clear_box (gpointer block)
{
  GDestroyNotify clear_func = box_clear_func;

  __tsan_acquire (block);
  if (clear_func != NULL)
    clear_func (block);
}

void
g_atomic_rc_box_release_full (gpointer block, GDestroyNotify clear_func)
{
  __tsan_release (block);
  box_clear_func = clear_func;
  REAL (g_atomic_rc_box_release_full) (block, clear_box);
}

void
g_atomic_rc_box_release (gpointer block)
{
  g_atomic_rc_box_release_full (block, NULL);
}

/* --- classes: who makes an instance sees what class_init wrote --- */

typedef struct
{
  GClassInitFunc class_init;
  GInstanceInitFunc instance_init;
} Type;

static GQuark
type_quark (void)
{
  return g_quark_from_static_string ("disco-tsan-type");
}

static void
init_class (gpointer klass, gpointer data)
{
  Type *self = data;

  self->class_init (klass, NULL);
  __tsan_release (self);
}

/* GObject makes the instance one of each ancestor in turn, so its type says which one it is. */
static void
init_instance (GTypeInstance *instance, gpointer klass)
{
  Type *self = g_type_get_qdata (G_TYPE_FROM_INSTANCE (instance), type_quark ());

  __tsan_acquire (self);
  self->instance_init (instance, klass);
}

GType
g_type_register_static_simple (GType parent, const char *name, guint class_size,
                               GClassInitFunc class_init, guint instance_size,
                               GInstanceInitFunc instance_init, GTypeFlags flags)
{
  GType type;
  Type *self;
  GTypeInfo info = { .class_size = (guint16)class_size, .instance_size = (guint16)instance_size };

  if (class_init == NULL || instance_init == NULL)
    return REAL (g_type_register_static_simple) (parent, name, class_size, class_init,
                                                 instance_size, instance_init, flags);
  self = g_new0 (Type, 1); /* types live for ever */
  self->class_init = class_init;
  self->instance_init = instance_init;
  info.class_init = init_class;
  info.class_data = self;
  info.instance_init = init_instance;
  type = g_type_register_static (parent, name, &info, flags);
  g_type_set_qdata (type, type_quark (), self);
  return type;
}

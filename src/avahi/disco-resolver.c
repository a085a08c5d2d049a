/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-resolver-private.h"

/* Questions under way at once: 4 to 8 let the answers that are in the daemon's cache come first.
 * Where all of them are answered promptly there may be more, which keeps the daemon and the bus
 * busy: 0.1 s after the browser was made Avahi asks for the names, and is away for as long as it
 * takes to put all that it knows into that question. A thousand are answered before, or nearly so,
 * and what it has read by then it answers first. The bus lets a connection wait for 128 replies. */
#define MIN_WINDOW 8
#define MAX_WINDOW 96
/* An answer that takes longer is not in the cache yet: its place in the window goes to the next.
 * While a thousand names pour in, the PTR of one often comes before its SRV and TXT do, and what
 * waits for those must not hold up what is there. Avahi asks the network only 0.1 s after it was
 * asked itself: most of those that wait are answered before. */
#define SLOW_US (15 * G_TIME_SPAN_MILLISECOND)
/* Who is slow is judged when all that has arrived has been read: the answer may be among it, behind
 * thousands of names that a slow machine is not through with. After that time it is judged all the
 * same, since where names never end all is never read. */
#define UNREAD_US (500 * G_TIME_SPAN_MILLISECOND)
/* Slow questions under way at once; each ends by itself, at the latest when Avahi gives up at 5 s.
 */
#define MAX_SLOW 128
/* Where all of those places are taken, one whose time is over makes room: by then Avahi has asked
 * twice, at 0.1 and at 1 s. */
#define SLOW_TURN_US (1500 * G_TIME_SPAN_MILLISECOND)
/* How soon to look again where nothing can be done now. */
#define RECHECK_US (5 * G_TIME_SPAN_MILLISECOND)
/* So many questions wait only where names are invented, or where there are thousands of instances:
 * from then on every other turn is the newest's, which need not wait for the others. */
#define CROWD 2000

typedef enum
{
  JOB_QUEUED,
  JOB_FAST,
  JOB_SLOW,
  JOB_LATER, /* had its turn, while others had none: is asked when nothing else is to be done */
  JOB_DONE,
} JobState;

struct _DiscoResolveJob
{
  DiscoResolver *resolver;
  JobState state;
  GList node; /* in the queue of its state */
  int ifindex;
  int protocol;
  const char *label;
  const char *type;
  const char *domain;
  DiscoResolveFunc func;
  gpointer user_data;
  gboolean must_end;       /* it is not put off: what comes of it decides about what is known */
  DiscoLinkObject *object; /* (owned) (nullable) */
  gint64 asked_at;
};

struct _DiscoResolver
{
  DiscoEngine *engine;
  GQueue queues[JOB_DONE]; /* by state, oldest first */
  guint window;            /* from MIN_WINDOW to MAX_WINDOW */
  GSource *timer;          /* (owned) */
  GSource *judge;          /* (owned): when all has been read, tells the slow ones */
  gboolean newest_next;    /* in a crowd */
  GSourceFunc idle_func;
  gpointer idle_data;
};

static void advance (DiscoResolver *self, gint64 slow_us);

static gboolean
on_timer (gpointer user_data)
{
  advance (user_data, UNREAD_US);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_judge (gpointer user_data)
{
  advance (user_data, SLOW_US);
  return G_SOURCE_CONTINUE;
}

DiscoResolver *
disco_resolver_new (DiscoEngine *engine)
{
  DiscoResolver *self = g_new0 (DiscoResolver, 1);

  self->engine = engine;
  self->window = MIN_WINDOW;
  self->timer = disco_timer_new (disco_engine_get_context (engine), on_timer, self);
  self->judge = disco_timer_new_after_all (disco_engine_get_context (engine), on_judge, self);
  return self;
}

void
disco_resolver_free (DiscoResolver *self)
{
  disco_timer_free (self->timer);
  disco_timer_free (self->judge);
  g_free (self);
}

gboolean
disco_resolver_is_idle (DiscoResolver *self)
{
  return self->queues[JOB_QUEUED].length == 0 && self->queues[JOB_FAST].length == 0;
}

void
disco_resolver_set_idle_func (DiscoResolver *self, GSourceFunc func, gpointer user_data)
{
  self->idle_func = func;
  self->idle_data = user_data;
}

static void
set_job_state (DiscoResolveJob *job, JobState state)
{
  if (job->state != JOB_DONE)
    g_queue_unlink (&job->resolver->queues[job->state], &job->node);
  job->state = state;
  if (job->state != JOB_DONE)
    g_queue_push_tail_link (&job->resolver->queues[job->state], &job->node);
}

static void
on_answer (const DiscoResolveEvent *event, gpointer user_data)
{
  DiscoResolveJob *job = user_data;
  DiscoResolver *self = job->resolver;
  g_autoptr (DiscoLinkObject) object = g_steal_pointer (&job->object);

  if (job->state == JOB_DONE)
    return; /* Avahi repeats itself */
  if (job->state == JOB_FAST && event->error == NULL)
    self->window = MIN (self->window + 2, MAX_WINDOW);
  set_job_state (job, JOB_DONE);
  disco_timer_advance (self->timer, 0);
  job->func (event, job->user_data); /* may free the job */
}

static void
ask (DiscoResolveJob *job, DiscoLink *link)
{
  set_job_state (job, JOB_FAST);
  disco_engine_count (job->resolver->engine, DISCO_COUNT_RESOLVES, 1);
  job->object = disco_link_resolve (link, job->ifindex, job->protocol, job->label, job->type,
                                    job->domain, on_answer, job);
  /* from here on: a call that had to wait for a busy daemon says nothing of the answer */
  job->asked_at = g_get_monotonic_time ();
}

static void
put_off (DiscoResolveJob *job)
{
  g_clear_pointer (&job->object, disco_link_object_free);
  set_job_state (job, JOB_LATER);
}

/* (nullable): the slow question that has had its turn, if one has */
static DiscoResolveJob *
find_overdue (DiscoResolver *self, gint64 now)
{
  for (GList *i = self->queues[JOB_SLOW].head; i != NULL; i = i->next)
    {
      DiscoResolveJob *job = i->data;
      if (now < job->asked_at + SLOW_TURN_US)
        return NULL;
      if (!job->must_end)
        return job;
    }
  return NULL;
}

/* A question is slow: FALSE if there is no room for it elsewhere, and it can not be put off. Names
 * that nobody answers for, be they ever so many, so hold up no name that is answered for by more
 * than their own 15 ms in the window. */
static gboolean
leave_window (DiscoResolver *self, DiscoResolveJob *job, gint64 now)
{
  DiscoResolveJob *overdue = NULL;

  self->window = MIN_WINDOW;
  if (self->queues[JOB_SLOW].length >= MAX_SLOW)
    {
      if (self->queues[JOB_QUEUED].length > 0)
        overdue = find_overdue (self, now);
      if (overdue == NULL && job->must_end)
        return FALSE;
      put_off (overdue != NULL ? overdue : job);
    }
  if (job->state == JOB_FAST)
    set_job_state (job, JOB_SLOW);
  return TRUE;
}

/* The window's oldest are at its head: those that are slow leave it. */
static void
move_slow (DiscoResolver *self, gint64 slow_us, gint64 now)
{
  while (self->queues[JOB_FAST].length > 0)
    {
      DiscoResolveJob *job = self->queues[JOB_FAST].head->data;
      if (now < job->asked_at + slow_us || !leave_window (self, job, now))
        break;
    }
}

/* (nullable): whose turn it is */
static DiscoResolveJob *
next_job (DiscoResolver *self)
{
  GQueue *queued = &self->queues[JOB_QUEUED];

  if (queued->length > CROWD)
    self->newest_next = !self->newest_next;
  else
    self->newest_next = FALSE;
  if (queued->length > 0)
    return self->newest_next ? queued->tail->data : queued->head->data;
  if (self->queues[JOB_LATER].length > 0
      && self->queues[JOB_FAST].length + self->queues[JOB_SLOW].length < MAX_SLOW)
    return self->queues[JOB_LATER].head->data;
  return NULL;
}

static void
fill_window (DiscoResolver *self, DiscoLink *link)
{
  DiscoResolveJob *job;

  while (self->queues[JOB_FAST].length < self->window && (job = next_job (self)) != NULL)
    ask (job, link);
}

/* @slow_us: who has waited that long for an answer is slow */
static void
advance (DiscoResolver *self, gint64 slow_us)
{
  DiscoLink *link = disco_engine_get_link (self->engine);

  if (link == NULL)
    return;
  move_slow (self, slow_us, g_get_monotonic_time ());
  fill_window (self, link);
  if (self->queues[JOB_FAST].length > 0)
    {
      DiscoResolveJob *oldest = self->queues[JOB_FAST].head->data;
      const gint64 soon = g_get_monotonic_time () + RECHECK_US;

      disco_timer_advance (self->judge, MAX (oldest->asked_at + SLOW_US, soon));
      disco_timer_advance (self->timer, MAX (oldest->asked_at + UNREAD_US, soon));
    }
  else if (self->idle_func != NULL)
    self->idle_func (self->idle_data);
}

DiscoResolveJob *
disco_resolver_ask (DiscoResolver *self, int ifindex, int protocol, const char *label,
                    const char *type, const char *domain, DiscoResolveFunc func, gpointer user_data)
{
  DiscoResolveJob *job = g_new0 (DiscoResolveJob, 1);

  job->resolver = self;
  job->state = JOB_DONE;
  job->node.data = job;
  job->ifindex = ifindex;
  job->protocol = protocol;
  job->label = label;
  job->type = type;
  job->domain = domain;
  job->func = func;
  job->user_data = user_data;
  set_job_state (job, JOB_QUEUED);
  disco_timer_advance (self->timer, 0);
  return job;
}

void
disco_resolve_job_set_must_end (DiscoResolveJob *job)
{
  job->must_end = TRUE;
}

gboolean
disco_resolve_job_is_asked (DiscoResolveJob *job)
{
  return job->object != NULL;
}

void
disco_resolve_job_free (DiscoResolveJob *job)
{
  set_job_state (job, JOB_DONE);
  g_clear_pointer (&job->object, disco_link_object_free);
  disco_timer_advance (job->resolver->timer, 0);
  g_free (job);
}

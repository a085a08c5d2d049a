/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-verifier-private.h"

#include "disco-call-private.h"
#include "disco-label-private.h"
#include "disco-listener-private.h"
#include "disco-publisher-private.h"

#include <disco/disco-error.h>

/* After each question, time for the answer. A packet may be lost, and who has answered just now
 * does not for a second (RFC 6762 §6), so it takes several questions, and the last has the longest
 * time. Slowly: a network that this host has just come back to takes seconds to be reached. */
#define N_QUESTIONS 4
static const gint64 patience_us[2][N_QUESTIONS] = {
  { 300000, 700000, 1000000, 1200000 },
  { 1000000, 2000000, 3000000, 3000000 },
};
/* A silent name is asked for at growing intervals, for as long as a PTR record lives that nobody
 * takes back (RFC 6762 §10). */
#define AGAIN_MIN_US (5 * G_TIME_SPAN_SECOND)
#define AGAIN_MAX_US (60 * G_TIME_SPAN_SECOND)
#define SILENT_US (75 * G_TIME_SPAN_MINUTE)
/* Names that are silent at a time; of further ones nothing is remembered, and the responder's word
 * counts again. */
#define MAX_SILENT 1000

/* A name that is asked for, or that is silent, or both */
typedef struct
{
  char *name;       /* (owned): full */
  char *label;      /* (owned) */
  char *type;       /* (owned) */
  char *domain;     /* (owned) */
  GPtrArray *calls; /* (owned) of (owned) DiscoCall */
  GPtrArray *late;  /* (owned) of (owned) DiscoCall: to be asked for anew after what is under way */
  gboolean asking;
  gboolean slow;
  guint n_asked;
  guint n_sent;
  gint64 next_at; /* when to ask again, or to give up */
  gboolean silent;
  gint64 silent_until;
  gint64 interval_us; /* silent: how long it is left in peace */
} Question;

struct _DiscoVerifier
{
  DiscoEngine *engine;
  GHashTable *questions; /* (owned) (owned) lower-case full name → (owned) Question */
  guint n_silent;
  GSource *timer; /* (owned) */
};

static void
question_free (gpointer data)
{
  Question *self = data;

  g_ptr_array_unref (self->calls);
  g_ptr_array_unref (self->late);
  g_free (self->name);
  g_free (self->label);
  g_free (self->type);
  g_free (self->domain);
  g_free (self);
}

static void
return_calls (GPtrArray *calls, const GError *error)
{
  for (guint i = 0; i < calls->len; i++)
    {
      if (error != NULL)
        disco_call_return_error (calls->pdata[i], g_error_copy (error));
      else
        disco_call_return_boolean (calls->pdata[i], TRUE);
    }
  g_ptr_array_set_size (calls, 0);
}

static void
return_all_calls (Question *self, const GError *error)
{
  return_calls (self->calls, error);
  return_calls (self->late, error);
}

static void
set_silent (DiscoVerifier *self, Question *question, gboolean silent)
{
  if (question->silent == silent)
    return;
  g_debug ("%s is %s", question->name, silent ? "silent" : "heard of again");
  question->silent = silent;
  self->n_silent += silent ? 1 : -1;
  disco_engine_refresh (self->engine, question->label, question->type, question->domain);
}

/* Removes it if it is neither asked for nor silent. */
static void
drop_idle (DiscoVerifier *self, Question *question)
{
  g_autofree char *key = g_ascii_strdown (question->name, -1);

  if (question->asking || question->silent)
    return;
  g_hash_table_remove (self->questions, key);
  if (g_hash_table_size (self->questions) == 0)
    disco_listener_release (disco_engine_get_listener (self->engine));
}

/* --- what comes of it --- */

static Question *
find (DiscoVerifier *self, const char *full_name)
{
  g_autofree char *key = g_ascii_strdown (full_name, -1);

  return g_hash_table_lookup (self->questions, key);
}

void
disco_verifier_hear (DiscoVerifier *self, const char *full_name)
{
  Question *question = g_hash_table_size (self->questions) > 0 ? find (self, full_name) : NULL;

  if (question == NULL)
    return;
  return_all_calls (question, NULL);
  question->asking = FALSE;
  set_silent (self, question, FALSE);
  disco_timer_advance (self->timer, 0);
}

void
disco_verifier_forget (DiscoVerifier *self, const char *full_name)
{
  Question *question = find (self, full_name);

  if (question == NULL)
    return;
  set_silent (self, question, FALSE);
  drop_idle (self, question);
}

gboolean
disco_verifier_is_silent (DiscoVerifier *self, const char *full_name)
{
  const Question *question = self->n_silent > 0 ? find (self, full_name) : NULL;

  return question != NULL && question->silent;
}

static GError *
silence_error (const Question *question)
{
  if (question->n_sent == 0)
    return g_error_new (DISCO_ERROR, DISCO_ERROR_UNAVAILABLE,
                        "cannot ask for %s: there is no network to ask on", question->name);
  return g_error_new (DISCO_ERROR, DISCO_ERROR_NOT_FOUND, "nobody answers for %s", question->name);
}

static void
start (Question *self, gboolean slow)
{
  self->asking = TRUE;
  self->slow = slow;
  self->n_asked = 0;
  self->n_sent = 0;
  self->next_at = 0;
}

/* Those who came too late for the questions that were asked have a right to some of their own. */
static void
start_for_late (Question *self)
{
  GPtrArray *late = self->late;

  if (late->len == 0)
    return;
  self->late = self->calls;
  self->calls = late;
  start (self, FALSE);
}

/* Nobody has answered. */
static void
give_up (DiscoVerifier *self, Question *question, gint64 now)
{
  g_autoptr (GError) error = silence_error (question);

  g_debug ("%s", error->message);
  question->asking = FALSE;
  if (question->n_sent > 0 && (question->silent || self->n_silent < MAX_SILENT))
    {
      question->silent_until = now + SILENT_US;
      question->interval_us = AGAIN_MIN_US;
      question->next_at = now + AGAIN_MIN_US;
      set_silent (self, question, TRUE);
    }
  return_calls (question->calls, error);
  start_for_late (question);
}

/* --- asking --- */

/* Its time has come: TRUE if it is to be asked for now */
static gboolean
advance (DiscoVerifier *self, Question *question, gint64 now)
{
  if (question->asking)
    {
      if (question->n_asked == N_QUESTIONS)
        {
          give_up (self, question, now);
          return FALSE;
        }
      question->next_at = now + patience_us[question->slow][question->n_asked++];
      return TRUE;
    }
  if (question->silent && now >= question->silent_until)
    set_silent (self, question, FALSE);
  question->next_at = now + question->interval_us;
  question->interval_us = MIN (question->interval_us * 2, AGAIN_MAX_US);
  return question->silent;
}

static void
ask_for (DiscoVerifier *self, GPtrArray *asked)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  gboolean sent;

  for (guint i = 0; i < asked->len; i++)
    g_ptr_array_add (names, ((Question *)asked->pdata[i])->name);
  sent = names->len > 0 && disco_listener_ask (disco_engine_get_listener (self->engine), names);
  for (guint i = 0; i < asked->len && sent; i++)
    ((Question *)asked->pdata[i])->n_sent++;
}

static gboolean
on_timer (gpointer user_data)
{
  DiscoVerifier *self = user_data;
  g_autoptr (GList) questions = g_hash_table_get_values (self->questions);
  g_autoptr (GPtrArray) asked = g_ptr_array_new ();
  const gint64 now = g_get_monotonic_time ();

  if (disco_engine_get_link (self->engine) == NULL)
    return G_SOURCE_CONTINUE; /* disco_verifier_attach() */
  for (GList *i = questions; i != NULL; i = i->next)
    {
      Question *question = i->data;
      const gboolean due = question->asking || question->silent;

      if (due && question->next_at <= now && advance (self, question, now))
        g_ptr_array_add (asked, question);
      if (question->asking || question->silent)
        disco_timer_advance (self->timer, question->next_at);
    }
  ask_for (self, asked);
  for (GList *i = questions; i != NULL; i = i->next)
    drop_idle (self, i->data);
  return G_SOURCE_CONTINUE;
}

/* --- the verifier --- */

DiscoVerifier *
disco_verifier_new (DiscoEngine *engine)
{
  DiscoVerifier *self = g_new0 (DiscoVerifier, 1);

  self->engine = engine;
  self->questions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, question_free);
  self->timer = disco_timer_new (disco_engine_get_context (engine), on_timer, self);
  return self;
}

void
disco_verifier_free (DiscoVerifier *self)
{
  disco_timer_free (self->timer);
  g_hash_table_unref (self->questions);
  g_free (self);
}

/* It is asked for from now on, if it is not already. */
static Question *
begin (DiscoVerifier *self, const char *label, const char *type, const char *domain, gboolean slow)
{
  g_autofree char *name = disco_full_name_join (label, type, domain);
  Question *question = find (self, name);

  if (question == NULL)
    {
      question = g_new0 (Question, 1);
      question->name = g_strdup (name);
      question->label = g_strdup (label);
      question->type = g_strdup (type);
      question->domain = g_strdup (domain);
      question->calls = g_ptr_array_new_with_free_func ((GDestroyNotify)disco_call_free);
      question->late = g_ptr_array_new_with_free_func ((GDestroyNotify)disco_call_free);
      if (g_hash_table_size (self->questions) == 0)
        disco_listener_hold (disco_engine_get_listener (self->engine));
      g_hash_table_insert (self->questions, g_ascii_strdown (name, -1), question);
    }
  if (!question->asking)
    start (question, slow);
  disco_timer_advance (self->timer, 0);
  return question;
}

/* The question is asked to its end all the same. */
static void
on_cancelled (DiscoCall *call, gpointer user_data)
{
  Question *question = user_data;

  if (!g_ptr_array_remove_fast (question->calls, call))
    g_ptr_array_remove_fast (question->late, call);
}

void
disco_verifier_ask (DiscoVerifier *self, const char *label, const char *type, const char *domain,
                    GTask *taken_task)
{
  g_autoptr (GTask) task = taken_task;
  GError *error = NULL;
  Question *question;

  if (g_task_return_error_if_cancelled (task))
    return;
  if (!disco_engine_check_available (self->engine, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (disco_publisher_has_label (disco_engine_get_publisher (self->engine), type, label))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  question = begin (self, label, type, domain, FALSE);
  g_ptr_array_add (question->n_asked == 0 ? question->calls : question->late,
                   disco_call_new (g_steal_pointer (&task), disco_engine_get_context (self->engine),
                                   on_cancelled, question));
}

void
disco_verifier_ask_slowly (DiscoVerifier *self, const char *label, const char *type,
                           const char *domain)
{
  begin (self, label, type, domain, TRUE);
}

/* What was asked for before was not listened for to its end. */
void
disco_verifier_attach (DiscoVerifier *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->questions);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Question *question = value;
      if (question->asking)
        start (question, question->slow);
    }
  disco_timer_advance (self->timer, 0);
}

void
disco_verifier_fail_waiting (DiscoVerifier *self, const GError *error)
{
  g_autoptr (GList) questions = g_hash_table_get_values (self->questions);

  for (GList *i = questions; i != NULL; i = i->next)
    {
      Question *question = i->data;

      return_all_calls (question, error);
      if (question->n_asked > 0 || question->slow)
        continue;
      question->asking = FALSE;
      drop_idle (self, question);
    }
}

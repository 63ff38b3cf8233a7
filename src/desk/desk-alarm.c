/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-alarm.h"

typedef struct
{
  char *id;
  gboolean crisis;
  gboolean red;
  gint64 since_usec;
} Cause;

struct _AnxDeskAlarm
{
  GObject parent_instance;
  GPtrArray *causes;     /* Cause, most urgent first; what rings now */
  GPtrArray *looking;    /* Cause, between begin and commit */
  GHashTable *silenced;  /* ids of check-ins that were opened */
  gint64 last_bell_usec; /* 0 = the next question is answered with TRUE */
};

G_DEFINE_FINAL_TYPE (AnxDeskAlarm, anx_desk_alarm, G_TYPE_OBJECT)

static void
cause_free (Cause *cause)
{
  g_free (cause->id);
  g_free (cause);
}

static void
anx_desk_alarm_finalize (GObject *object)
{
  AnxDeskAlarm *self = ANX_DESK_ALARM (object);
  g_ptr_array_unref (self->causes);
  g_ptr_array_unref (self->looking);
  g_hash_table_unref (self->silenced);
  G_OBJECT_CLASS (anx_desk_alarm_parent_class)->finalize (object);
}

static void
anx_desk_alarm_class_init (AnxDeskAlarmClass *class)
{
  G_OBJECT_CLASS (class)->finalize = anx_desk_alarm_finalize;
}

static void
anx_desk_alarm_init (AnxDeskAlarm *self)
{
  self->causes = g_ptr_array_new_with_free_func ((GDestroyNotify) cause_free);
  self->looking = g_ptr_array_new_with_free_func ((GDestroyNotify) cause_free);
  self->silenced = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/**
 * anx_desk_alarm_new:
 *
 * Returns: (transfer full): a quiet alarm
 */
AnxDeskAlarm *
anx_desk_alarm_new (void)
{
  return g_object_new (ANX_TYPE_DESK_ALARM, NULL);
}

/**
 * anx_desk_alarm_begin:
 * @self: an alarm
 *
 * Begins a new look; what rings does not change before anx_desk_alarm_commit().
 */
void
anx_desk_alarm_begin (AnxDeskAlarm *self)
{
  g_ptr_array_set_size (self->looking, 0);
}

static void
add (AnxDeskAlarm *self,
     const char *id,
     gboolean crisis,
     gboolean red,
     gint64 since_usec)
{
  Cause *cause = g_new0 (Cause, 1);
  cause->id = g_strdup (id);
  cause->crisis = crisis;
  cause->red = red;
  cause->since_usec = since_usec;
  g_ptr_array_add (self->looking, cause);
}

/**
 * anx_desk_alarm_add_crisis:
 * @self: an alarm, between begin and commit
 * @id: an alert nobody has acknowledged
 * @red: whether its level is red
 * @since_usec: when it was raised, microseconds of UTC
 */
void
anx_desk_alarm_add_crisis (AnxDeskAlarm *self,
                           const char *id,
                           gboolean red,
                           gint64 since_usec)
{
  add (self, id, TRUE, red, since_usec);
}

/**
 * anx_desk_alarm_add_check_in:
 * @self: an alarm, between begin and commit
 * @id: the booking of a person who waits
 * @since_usec: since when, microseconds of UTC
 */
void
anx_desk_alarm_add_check_in (AnxDeskAlarm *self,
                             const char *id,
                             gint64 since_usec)
{
  add (self, id, FALSE, FALSE, since_usec);
}

static int
compare_urgency (gconstpointer a,
                 gconstpointer b)
{
  const Cause *one = *(const Cause *const *) a;
  const Cause *other = *(const Cause *const *) b;
  if (one->crisis != other->crisis)
    return one->crisis ? -1 : 1;
  if (one->red != other->red)
    return one->red ? -1 : 1;
  if (one->since_usec != other->since_usec)
    return one->since_usec < other->since_usec ? -1 : 1;
  return g_strcmp0 (one->id, other->id);
}

static gboolean
is_known (GPtrArray *causes,
          const char *id)
{
  for (guint i = 0; i < causes->len; i++)
    if (g_str_equal (((Cause *) g_ptr_array_index (causes, i))->id, id))
      return TRUE;
  return FALSE;
}

/* An id stays silenced only while its person waits: whoever checks in again rings again. */
static void
forget_gone (AnxDeskAlarm *self)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->silenced);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (!is_known (self->looking, id))
      g_hash_table_iter_remove (&iter);
}

/**
 * anx_desk_alarm_commit:
 * @self: an alarm
 *
 * What was added since begin is what rings now. Something new rings at once, whatever the interval.
 */
void
anx_desk_alarm_commit (AnxDeskAlarm *self)
{
  GPtrArray *causes = g_ptr_array_new_with_free_func ((GDestroyNotify) cause_free);

  forget_gone (self);
  while (self->looking->len > 0)
    {
      Cause *cause = g_ptr_array_steal_index (self->looking, 0);
      if (!cause->crisis && g_hash_table_contains (self->silenced, cause->id))
        {
          cause_free (cause);
          continue;
        }
      if (!is_known (self->causes, cause->id))
        self->last_bell_usec = 0;
      g_ptr_array_add (causes, cause);
    }
  g_ptr_array_sort (causes, compare_urgency);
  g_ptr_array_unref (self->causes);
  self->causes = causes;
}

/**
 * anx_desk_alarm_silence:
 * @self: an alarm
 * @id: the booking of a person who was opened
 *
 * Ends the ringing for one check-in. An alert's id has no effect: only an acknowledgement ends a crisis (A1).
 */
void
anx_desk_alarm_silence (AnxDeskAlarm *self,
                        const char *id)
{
  for (guint i = 0; i < self->causes->len; i++)
    {
      Cause *cause = g_ptr_array_index (self->causes, i);
      if (cause->crisis || !g_str_equal (cause->id, id))
        continue;
      g_hash_table_add (self->silenced, g_strdup (id));
      g_ptr_array_remove_index (self->causes, i);
      return;
    }
}

static Cause *
get_first (AnxDeskAlarm *self)
{
  return self->causes->len > 0 ? g_ptr_array_index (self->causes, 0) : NULL;
}

/**
 * anx_desk_alarm_get_state:
 * @self: an alarm
 *
 * Returns: what rings
 */
AnxDeskAlarmState
anx_desk_alarm_get_state (AnxDeskAlarm *self)
{
  Cause *first = get_first (self);
  if (first == NULL)
    return ANX_DESK_ALARM_QUIET;
  return first->crisis ? ANX_DESK_ALARM_CRISIS : ANX_DESK_ALARM_CHECK_IN;
}

/**
 * anx_desk_alarm_get_id:
 * @self: an alarm
 *
 * Returns: (transfer none) (nullable): the alert or booking to look at first
 */
const char *
anx_desk_alarm_get_id (AnxDeskAlarm *self)
{
  Cause *first = get_first (self);
  return first != NULL ? first->id : NULL;
}

/**
 * anx_desk_alarm_is_red:
 * @self: an alarm
 *
 * Returns: whether the first thing that rings is a red alert
 */
gboolean
anx_desk_alarm_is_red (AnxDeskAlarm *self)
{
  Cause *first = get_first (self);
  return first != NULL && first->crisis && first->red;
}

/**
 * anx_desk_alarm_get_since_usec:
 * @self: an alarm
 *
 * Returns: since when the first thing rings, microseconds of UTC; 0 when quiet
 */
gint64
anx_desk_alarm_get_since_usec (AnxDeskAlarm *self)
{
  Cause *first = get_first (self);
  return first != NULL ? first->since_usec : 0;
}

/**
 * anx_desk_alarm_count:
 * @self: an alarm
 *
 * Returns: how many alerts ring, or, when none does, how many check-ins
 */
guint
anx_desk_alarm_count (AnxDeskAlarm *self)
{
  Cause *first = get_first (self);
  guint count = 0;

  for (guint i = 0; i < self->causes->len; i++)
    if (((Cause *) g_ptr_array_index (self->causes, i))->crisis == first->crisis)
      count++;
  return count;
}

/**
 * anx_desk_alarm_take_bell:
 * @self: an alarm
 * @now_usec: a time that only goes forward, microseconds
 *
 * Returns: whether the bell is due now; asking again before the interval is over gives %FALSE
 */
gboolean
anx_desk_alarm_take_bell (AnxDeskAlarm *self,
                          gint64 now_usec)
{
  Cause *first = get_first (self);
  if (first == NULL)
    return FALSE;
  gint64 interval = first->crisis ? ANX_DESK_BELL_CRISIS_USEC : ANX_DESK_BELL_CHECK_IN_USEC;
  if (self->last_bell_usec != 0 && now_usec - self->last_bell_usec < interval)
    return FALSE;
  self->last_bell_usec = now_usec;
  return TRUE;
}

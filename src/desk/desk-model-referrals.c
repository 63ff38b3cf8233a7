/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-model-private.h"

#include "id.h"
#include "json.h"

/* A referral as shown, with the two sources it is computed from. */
struct _AnxDeskLoop
{
  AnxDeskReferral shown;
  AnxDeskRecord *first; /* (nullable) the referral record */
  GPtrArray *records;   /* referral-event records */
  char *hub_status;     /* (nullable) */
  char *hub_business;   /* (nullable) */
  gint64 hub_changed_usec;
  gint64 hub_due_usec;
  gint64 requested_usec;
};

static void
event_free (AnxDeskEvent *self)
{
  anx_desk_record_unref (self->record);
  g_free (self->status);
  g_free (self->business_status);
  g_free (self->action);
  g_free (self->text);
  g_free (self->forward_to);
  g_free (self->told_by);
  g_free (self);
}

/**
 * anx_desk_loop_free:
 * @self: (transfer full): a referral with its sources
 *
 * Frees it.
 */
void
anx_desk_loop_free (AnxDeskLoop *self)
{
  g_free (self->shown.task);
  g_free (self->shown.from);
  g_free (self->shown.centre);
  g_free (self->shown.to);
  g_free (self->shown.booking);
  g_free (self->shown.status);
  g_free (self->shown.business_status);
  g_free (self->shown.forward_to);
  g_free (self->shown.part_of);
  g_free (self->shown.tip);
  g_clear_pointer (&self->shown.content, anx_referral_free);
  g_clear_pointer (&self->shown.events, g_ptr_array_unref);
  g_clear_pointer (&self->shown.conflict, g_ptr_array_unref);
  g_clear_pointer (&self->first, anx_desk_record_unref);
  g_clear_pointer (&self->records, g_ptr_array_unref);
  g_free (self->hub_status);
  g_free (self->hub_business);
  g_free (self);
}

static AnxDeskLoop *
ensure_loop (AnxDeskModel *self, const char *task)
{
  AnxDeskLoop *loop = g_hash_table_lookup (self->referrals, task);
  if (loop != NULL)
    return loop;
  loop = g_new0 (AnxDeskLoop, 1);
  loop->shown.task = g_strdup (task);
  loop->shown.status = g_strdup ("requested");
  loop->shown.business_status = g_strdup ("2.0");
  loop->shown.events = g_ptr_array_new_with_free_func ((GDestroyNotify) event_free);
  loop->records = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_desk_record_unref);
  g_hash_table_insert (self->referrals, g_strdup (task), loop);
  return loop;
}

static AnxDeskEvent *
event_new (AnxDeskRecord *record)
{
  AnxDeskEvent *event = g_new0 (AnxDeskEvent, 1);
  g_autoptr (AnxReferralEvent) read
      = record->resource != NULL ? anx_referral_event_read (record->resource, NULL) : NULL;

  event->record = anx_desk_record_ref (record);
  if (read == NULL)
    {
      event->status = g_strdup (anx_json_get_string (record->routing, "status", "requested"));
      event->business_status = g_strdup (anx_json_get_string (record->routing, "businessStatus", NULL));
      event->forward_to = g_strdup (anx_json_get_string (record->routing, "forward", NULL));
      return event;
    }
  event->status = g_steal_pointer (&read->status);
  event->business_status = g_steal_pointer (&read->business_status);
  event->action = g_steal_pointer (&read->action);
  event->text = g_steal_pointer (&read->text);
  event->forward_to = g_steal_pointer (&read->forward_to);
  event->told_by = g_steal_pointer (&read->told_by);
  event->visit_usec = read->visit_usec;
  return event;
}

static void
follow_events (AnxDeskLoop *loop)
{
  g_autoptr (AnxDeskChain) chain = anx_desk_chain_follow (loop->first, loop->records);

  for (guint i = 1; i < chain->path->len; i++)
    g_ptr_array_add (loop->shown.events, event_new (g_ptr_array_index (chain->path, i)));
  if (chain->conflict != NULL)
    {
      loop->shown.conflict = g_ptr_array_new_with_free_func ((GDestroyNotify) event_free);
      for (guint i = 0; i < chain->conflict->len; i++)
        g_ptr_array_add (loop->shown.conflict, event_new (g_ptr_array_index (chain->conflict, i)));
    }
  g_free (loop->shown.tip);
  loop->shown.tip = g_strdup (chain->tip->id);
}

/* The chain on this machine and the hub's header both tell a status; the later one is shown. */
static void
recompute (AnxDeskModel *self, AnxDeskLoop *loop)
{
  AnxDeskReferral *shown = &loop->shown;
  const char *status = "requested";
  const char *business = "2.0";
  gint64 changed = loop->requested_usec;

  g_ptr_array_set_size (shown->events, 0);
  g_clear_pointer (&shown->conflict, g_ptr_array_unref);
  if (loop->first != NULL)
    {
      changed = loop->first->created_usec;
      follow_events (loop);
    }
  if (shown->events->len > 0)
    {
      AnxDeskEvent *last = g_ptr_array_index (shown->events, shown->events->len - 1);
      status = last->status;
      business = last->business_status;
      changed = last->record->created_usec;
    }
  gboolean hub_is_later = loop->hub_status != NULL && loop->hub_changed_usec > changed;
  if (hub_is_later || (loop->first == NULL && loop->hub_status != NULL))
    {
      status = loop->hub_status;
      business = loop->hub_business;
      changed = loop->hub_changed_usec;
    }
  shown->due_usec = 0;
  if (loop->hub_status != NULL && g_str_equal (loop->hub_status, status)
      && g_strcmp0 (loop->hub_business, business) == 0)
    shown->due_usec = loop->hub_due_usec;
  else if (self->calendar != NULL)
    shown->due_usec
        = anx_referral_due_usec (self->limits, shown->urgency, status, business, loop->requested_usec, self->calendar);
  if (anx_referral_is_final (status))
    shown->due_usec = 0;
  shown->requested_usec = loop->requested_usec;
  shown->changed_usec = changed;
  g_free (shown->status);
  shown->status = g_strdup (status);
  g_free (shown->business_status);
  shown->business_status = g_strdup (business);
  for (guint i = 0; i < shown->events->len; i++)
    if (((AnxDeskEvent *) g_ptr_array_index (shown->events, i))->forward_to != NULL)
      anx_desk_set_text (&shown->forward_to, ((AnxDeskEvent *) g_ptr_array_index (shown->events, i))->forward_to);
}

static gboolean
put_referral (AnxDeskModel *self, JsonObject *json)
{
  const char *task = anx_desk_get_field (json, "task");
  const char *status = anx_desk_get_field (json, "status");

  if (task == NULL || !anx_uuid_is_valid (task) || status == NULL)
    return FALSE;
  AnxDeskLoop *loop = ensure_loop (self, task);
  anx_urgency_from_string (anx_desk_get_field (json, "urgency"), &loop->shown.urgency);
  anx_desk_set_text (&loop->shown.from, anx_desk_get_field (json, "from"));
  anx_desk_set_text (&loop->shown.centre, anx_desk_get_field (json, "centre"));
  anx_desk_set_text (&loop->shown.to, anx_desk_get_field (json, "to"));
  anx_desk_set_text (&loop->shown.booking, anx_desk_get_field (json, "booking"));
  anx_desk_set_text (&loop->hub_status, status);
  anx_desk_set_text (&loop->hub_business, anx_desk_get_field (json, "businessStatus"));
  anx_desk_set_text (&loop->shown.forward_to, anx_desk_get_field (json, "forward"));
  anx_desk_set_text (&loop->shown.part_of, anx_desk_get_field (json, "partOf"));
  loop->shown.legal = anx_json_get_boolean (json, "legal", FALSE);
  loop->hub_changed_usec = anx_json_get_int (json, "changed", 0);
  loop->hub_due_usec = anx_json_get_int (json, "due", 0);
  loop->requested_usec = anx_json_get_int (json, "requested", loop->requested_usec);
  recompute (self, loop);
  return TRUE;
}

/**
 * anx_desk_model_take_referrals:
 * @self: a model
 * @referrals: the hub's answer
 *
 * Returns: how many elements were unusable and left out
 */
guint
anx_desk_model_take_referrals (AnxDeskModel *self, JsonArray *referrals)
{
  guint unusable = anx_desk_model_put_all (self, referrals, put_referral);
  anx_desk_model_emit_changed (self);
  return unusable;
}

/**
 * anx_desk_model_set_limits:
 * @self: a model, before anything was taken
 * @limits: (transfer full) (nullable): within which time referrals are answered; %NULL means the built-in limits
 */
void
anx_desk_model_set_limits (AnxDeskModel *self, AnxReferralLimits *limits)
{
  g_clear_pointer (&self->limits, anx_referral_limits_free);
  self->limits = limits;
}

/**
 * anx_desk_model_set_calendar:
 * @self: a model
 * @calendar: (transfer full) (nullable): the public calendar
 *
 * With it due times are known offline, too.
 */
void
anx_desk_model_set_calendar (AnxDeskModel *self, AnxCalendar *calendar)
{
  GHashTableIter iter;
  gpointer loop;

  g_clear_pointer (&self->calendar, anx_calendar_free);
  self->calendar = calendar;
  g_hash_table_iter_init (&iter, self->referrals);
  while (g_hash_table_iter_next (&iter, NULL, &loop))
    recompute (self, loop);
}

/**
 * anx_desk_model_take_referral:
 * @self: a model
 * @record: a record of that kind, opened or not
 *
 * Keeps it as the first record of its task.
 */
void
anx_desk_model_take_referral (AnxDeskModel *self, AnxDeskRecord *record)
{
  const char *task = anx_desk_get_field (record->routing, "task");
  if (task == NULL || !anx_uuid_is_valid (task))
    return;
  AnxDeskLoop *loop = ensure_loop (self, task);
  /* A task's first record stands; a second one under the same task is not a correction anybody can make. */
  if (loop->first != NULL && !g_str_equal (loop->first->id, record->id))
    return;
  g_clear_pointer (&loop->first, anx_desk_record_unref);
  loop->first = anx_desk_record_ref (record);
  loop->shown.record = record->id;
  loop->requested_usec = record->created_usec;
  anx_urgency_from_string (anx_desk_get_field (record->routing, "urgency"), &loop->shown.urgency);
  anx_desk_set_text (&loop->shown.from, record->author);
  anx_desk_set_text (&loop->shown.centre, anx_desk_get_field (record->routing, "centre"));
  anx_desk_set_text (&loop->shown.to, anx_desk_get_field (record->routing, "to"));
  anx_desk_set_text (&loop->shown.booking, anx_desk_get_field (record->routing, "booking"));
  anx_desk_set_text (&loop->shown.part_of, anx_desk_get_field (record->routing, "partOf"));
  loop->shown.legal = anx_json_get_boolean (record->routing, "legal", FALSE);
  g_clear_pointer (&loop->shown.content, anx_referral_free);
  if (record->resource != NULL)
    loop->shown.content = anx_referral_read (record->resource, NULL);
  recompute (self, loop);
}

/**
 * anx_desk_model_take_referral_event:
 * @self: a model
 * @record: a record of that kind, opened or not
 *
 * Joins it to its referral.
 */
void
anx_desk_model_take_referral_event (AnxDeskModel *self, AnxDeskRecord *record)
{
  const char *task = anx_desk_get_field (record->routing, "task");
  if (task == NULL || !anx_uuid_is_valid (task))
    return;
  AnxDeskLoop *loop = ensure_loop (self, task);
  for (guint i = 0; i < loop->records->len; i++)
    if (g_str_equal (((AnxDeskRecord *) g_ptr_array_index (loop->records, i))->id, record->id))
      {
        g_ptr_array_remove_index (loop->records, i);
        break;
      }
  g_ptr_array_add (loop->records, anx_desk_record_ref (record));
  recompute (self, loop);
}

/* Time passes between two answers of the hub, so lights are computed when they are looked at. */
static void
refresh_light (AnxDeskModel *self, AnxDeskReferral *referral)
{
  referral->light = referral->due_usec == 0 ? ANX_LEVEL_GREEN
                                            : anx_referral_light (self->limits, referral->urgency, referral->due_usec,
                                                                  anx_clock_now_usec (self->clock));
}

static int
compare_referrals (gconstpointer a, gconstpointer b)
{
  const AnxDeskReferral *one = *(const AnxDeskReferral *const *) a;
  const AnxDeskReferral *other = *(const AnxDeskReferral *const *) b;
  gboolean one_done = anx_referral_is_final (one->status) && one->conflict == NULL;
  gboolean other_done = anx_referral_is_final (other->status) && other->conflict == NULL;

  if (one_done != other_done)
    return one_done ? 1 : -1;
  if (!one_done && one->light != other->light)
    return one->light > other->light ? -1 : 1;
  if (!one_done && one->due_usec != other->due_usec && one->due_usec != 0 && other->due_usec != 0)
    return one->due_usec < other->due_usec ? -1 : 1;
  if (one->changed_usec != other->changed_usec)
    return one->changed_usec > other->changed_usec ? -1 : 1;
  return g_strcmp0 (one->task, other->task);
}

/**
 * anx_desk_model_list_referrals:
 * @self: a model
 *
 * Returns: (transfer container) (element-type AnxDeskReferral): open ones first, red, yellow, green, by due time; then
 *   finished ones, newest first
 */
GPtrArray *
anx_desk_model_list_referrals (AnxDeskModel *self)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->referrals);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      AnxDeskReferral *referral = &((AnxDeskLoop *) value)->shown;
      refresh_light (self, referral);
      g_ptr_array_add (list, referral);
    }
  g_ptr_array_sort (list, compare_referrals);
  return list;
}

/**
 * anx_desk_model_get_referral:
 * @self: a model
 * @task: a referral's task
 *
 * Returns: (transfer none) (nullable): the referral
 */
const AnxDeskReferral *
anx_desk_model_get_referral (AnxDeskModel *self, const char *task)
{
  AnxDeskLoop *loop = task != NULL ? g_hash_table_lookup (self->referrals, task) : NULL;
  if (loop == NULL)
    return NULL;
  refresh_light (self, &loop->shown);
  return &loop->shown;
}

/**
 * anx_desk_referral_allows:
 * @self: a referral
 * @action: what somebody would do
 *
 * Nothing but choosing may be done while a conflict stands.
 *
 * Returns: whether the action may follow
 */
gboolean
anx_desk_referral_allows (const AnxDeskReferral *self, AnxReferralAction action)
{
  const char *status = NULL;
  const char *business = NULL;
  return self->conflict == NULL && self->tip != NULL
         && anx_referral_step (self->status, self->business_status, action, &status, &business, NULL);
}

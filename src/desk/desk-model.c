/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-model.h"

#include <string.h>

#include "appointment.h"
#include "crisis-records.h"
#include "desk-alert.h"
#include "id.h"
#include "json.h"

/* Answers given at the same kiosk this long around an alert without a booking are offered beside it. */
#define NEAR_ALERT_USEC (30 * ANX_USEC_PER_MINUTE)
/* Longest text accepted in a field of the hub's answers: ids and codes. */
#define FIELD_BYTES 256

struct _AnxDeskModel
{
  GObject parent_instance;
  char *principal;
  AnxClock *clock;
  AnxCalendar *calendar;
  AnxReferralLimits *limits; /* (nullable) */
  GHashTable *bookings;   /* id → AnxDeskBooking */
  GHashTable *contacts;   /* booking → AnxDeskContact */
  GHashTable *alerts;     /* id → AnxDeskAlert */
  GHashTable *referrals;  /* task → Loop */
  GHashTable *screenings; /* record id → AnxDeskScreening */
  GHashTable *records;    /* id → AnxDeskRecord */
};

G_DEFINE_FINAL_TYPE (AnxDeskModel, anx_desk_model, G_TYPE_OBJECT)

static guint changed_signal;

/* A referral as shown, with the two sources it is computed from. */
typedef struct
{
  AnxDeskReferral shown;
  AnxDeskRecord *first;    /* (nullable) the referral record */
  GPtrArray *records;      /* referral-event records */
  char *hub_status;        /* (nullable) */
  char *hub_business;      /* (nullable) */
  gint64 hub_changed_usec;
  gint64 hub_due_usec;
  gint64 requested_usec;
} Loop;

static void
booking_free (AnxDeskBooking *self)
{
  g_free (self->id);
  g_free (self->service);
  g_free (self->counsellor);
  g_free (self->centre);
  g_free (self->room);
  g_free (self->kiosk);
  g_free (self->mediator);
  g_free (self->origin);
  g_free (self->status);
  g_free (self);
}

static void
contact_free (AnxDeskContact *self)
{
  g_free (self->name);
  g_free (self->phone);
  g_free (self);
}

static void
alert_free (AnxDeskAlert *self)
{
  g_free (self->id);
  g_free (self->centre);
  g_free (self->room);
  g_free (self->kiosk);
  g_free (self->booking);
  g_free (self->reason);
  g_free (self->acknowledged_by);
  g_clear_pointer (&self->calls, g_ptr_array_unref);
  g_clear_pointer (&self->answers, g_ptr_array_unref);
  g_clear_pointer (&self->levels, g_ptr_array_unref);
  g_free (self);
}

static void
level_change_free (AnxDeskLevelChange *self)
{
  anx_desk_record_unref (self->record);
  g_free (self->reason);
  g_free (self);
}

static void
event_free (AnxDeskEvent *self)
{
  anx_desk_record_unref (self->record);
  g_free (self->status);
  g_free (self->business_status);
  g_free (self->action);
  g_free (self->text);
  g_free (self->forward_to);
  g_free (self);
}

static void
screening_free (AnxDeskScreening *self)
{
  anx_desk_record_unref (self->record);
  g_clear_pointer (&self->parts, g_ptr_array_unref);
  g_free (self);
}

static void
loop_free (Loop *self)
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

static void
anx_desk_model_finalize (GObject *object)
{
  AnxDeskModel *self = ANX_DESK_MODEL (object);
  g_free (self->principal);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->calendar, anx_calendar_free);
  g_clear_pointer (&self->limits, anx_referral_limits_free);
  g_hash_table_unref (self->bookings);
  g_hash_table_unref (self->contacts);
  g_hash_table_unref (self->alerts);
  g_hash_table_unref (self->referrals);
  g_hash_table_unref (self->screenings);
  g_hash_table_unref (self->records);
  G_OBJECT_CLASS (anx_desk_model_parent_class)->finalize (object);
}

static void
anx_desk_model_class_init (AnxDeskModelClass *class)
{
  G_OBJECT_CLASS (class)->finalize = anx_desk_model_finalize;
  changed_signal = g_signal_new ("changed", ANX_TYPE_DESK_MODEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static GHashTable *
new_table (GDestroyNotify free_value)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_value);
}

static void
anx_desk_model_init (AnxDeskModel *self)
{
  self->bookings = new_table ((GDestroyNotify) booking_free);
  self->contacts = new_table ((GDestroyNotify) contact_free);
  self->alerts = new_table ((GDestroyNotify) alert_free);
  self->referrals = new_table ((GDestroyNotify) loop_free);
  self->screenings = new_table ((GDestroyNotify) screening_free);
  self->records = new_table ((GDestroyNotify) anx_desk_record_unref);
}

/**
 * anx_desk_model_new:
 * @principal: whose desk it is
 * @clock: the service's time
 *
 * Returns: (transfer full): an empty model
 */
AnxDeskModel *
anx_desk_model_new (const char *principal,
                    AnxClock *clock)
{
  AnxDeskModel *self = g_object_new (ANX_TYPE_DESK_MODEL, NULL);
  self->principal = g_strdup (principal);
  self->clock = g_object_ref (clock);
  return self;
}

/**
 * anx_desk_model_get_principal:
 * @self: a model
 *
 * Returns: whose desk it is
 */
const char *
anx_desk_model_get_principal (AnxDeskModel *self)
{
  return self->principal;
}

/**
 * anx_desk_model_now_usec:
 * @self: a model
 *
 * Returns: the service's time, microseconds of UTC
 */
gint64
anx_desk_model_now_usec (AnxDeskModel *self)
{
  return anx_clock_now_usec (self->clock);
}

/**
 * anx_desk_pages_for_roles:
 * @roles: (nullable): the roles of a person in the directory
 *
 * Returns: the pages this person works with, none for roles a desk has no work for
 */
AnxDeskPages
anx_desk_pages_for_roles (const char *const *roles)
{
  static const struct
  {
    const char *role;
    AnxDeskPages pages;
  } table[] = {
    { "counsellor", ANX_DESK_PAGE_DAY | ANX_DESK_PAGE_REFERRALS | ANX_DESK_PAGE_ALERTS },
    { "duty", ANX_DESK_PAGE_ALERTS },
    { "lead", ANX_DESK_PAGE_ALERTS | ANX_DESK_PAGE_REFERRALS },
    { "district-duty", ANX_DESK_PAGE_ALERTS },
    { "staff", ANX_DESK_PAGE_BOOKINGS | ANX_DESK_PAGE_REFERRALS | ANX_DESK_PAGE_ALERTS },
    { "department", ANX_DESK_PAGE_DEPARTMENT },
    { "supervisor", ANX_DESK_PAGE_REFERRALS | ANX_DESK_PAGE_ALERTS },
  };
  AnxDeskPages pages = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (table) && roles != NULL; i++)
    if (g_strv_contains (roles, table[i].role))
      pages |= table[i].pages;
  return pages;
}

/* A text field of the hub's answer, or NULL when it is absent, of another type or too long. */
static const char *
get_field (JsonObject *object,
           const char *member)
{
  const char *text = anx_json_get_string (object, member, NULL);
  return text != NULL && strlen (text) <= FIELD_BYTES ? text : NULL;
}

static void
emit_changed (AnxDeskModel *self)
{
  g_signal_emit (self, changed_signal, 0);
}

static gboolean
put_booking (AnxDeskModel *self,
             JsonObject *json)
{
  const char *id = get_field (json, "id");
  const char *counsellor = get_field (json, "counsellor");
  const char *status = get_field (json, "status");
  gint64 start = anx_json_get_int (json, "start", 0);
  gint64 end = anx_json_get_int (json, "end", 0);

  if (id == NULL || !anx_uuid_is_valid (id) || counsellor == NULL || status == NULL || start <= 0 || end <= start)
    return FALSE;
  AnxDeskBooking *booking = g_new0 (AnxDeskBooking, 1);
  booking->id = g_strdup (id);
  booking->service = g_strdup (get_field (json, "service"));
  booking->counsellor = g_strdup (counsellor);
  booking->centre = g_strdup (get_field (json, "centre"));
  booking->room = g_strdup (get_field (json, "room"));
  booking->kiosk = g_strdup (get_field (json, "kiosk"));
  booking->mediator = g_strdup (get_field (json, "mediator"));
  booking->origin = g_strdup (get_field (json, "origin"));
  booking->late = anx_json_get_boolean (json, "late", FALSE);
  booking->status = g_strdup (status);
  booking->start_usec = start;
  booking->end_usec = end;
  booking->changed_usec = anx_json_get_int (json, "changed", 0);
  g_hash_table_replace (self->bookings, g_strdup (id), booking);
  return TRUE;
}

typedef gboolean (*PutFunc) (AnxDeskModel *self, JsonObject *json);

static guint
put_all (AnxDeskModel *self,
         JsonArray *array,
         PutFunc put)
{
  guint unusable = 0;

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (!JSON_NODE_HOLDS_OBJECT (node) || !put (self, json_node_get_object (node)))
        unusable++;
    }
  return unusable;
}

/**
 * anx_desk_model_take_bookings:
 * @self: a model
 * @bookings: the hub's answer
 * @all: whether the answer is the whole truth, so that bookings it does not name are dropped
 *
 * Returns: how many elements were unusable and left out
 */
guint
anx_desk_model_take_bookings (AnxDeskModel *self,
                              JsonArray *bookings,
                              gboolean all)
{
  if (all)
    g_hash_table_remove_all (self->bookings);
  guint unusable = put_all (self, bookings, put_booking);
  emit_changed (self);
  return unusable;
}

/**
 * anx_desk_model_take_booking:
 * @self: a model
 * @booking: one booking as the hub answers it
 *
 * Returns: whether it was usable
 */
gboolean
anx_desk_model_take_booking (AnxDeskModel *self,
                             JsonObject *booking)
{
  gboolean usable = put_booking (self, booking);
  emit_changed (self);
  return usable;
}

static AnxDeskAlert *
ensure_alert (AnxDeskModel *self,
              const char *id)
{
  AnxDeskAlert *alert = g_hash_table_lookup (self->alerts, id);
  if (alert != NULL)
    return alert;
  alert = g_new0 (AnxDeskAlert, 1);
  alert->id = g_strdup (id);
  alert->seen_usec = anx_clock_now_usec (self->clock);
  /* Until something says otherwise an alert counts as the worst. */
  alert->level = ANX_LEVEL_RED;
  g_hash_table_insert (self->alerts, g_strdup (id), alert);
  return alert;
}

static void
set_text (char **place,
          const char *text)
{
  if (text == NULL || g_strcmp0 (*place, text) == 0)
    return;
  g_free (*place);
  *place = g_strdup (text);
}

/* Sources may arrive in any order; an acknowledgement once seen is never taken back. */
static void
acknowledge (AnxDeskAlert *alert,
             const char *by,
             gint64 when_usec)
{
  if (alert->acknowledged && alert->acknowledged_usec <= when_usec)
    return;
  alert->acknowledged = TRUE;
  alert->acknowledged_usec = when_usec;
  set_text (&alert->acknowledged_by, by);
}

/* What a person decided stands above what a rule said. */
static void
follow_levels (AnxDeskAlert *alert)
{
  if (alert->levels != NULL && alert->levels->len > 0)
    alert->level = ((AnxDeskLevelChange *) g_ptr_array_index (alert->levels, alert->levels->len - 1))->level;
}

static gboolean
put_alert (AnxDeskModel *self,
           JsonObject *json)
{
  const char *id = get_field (json, "id");
  gint64 created = anx_json_get_int (json, "created", 0);

  if (id == NULL || !anx_uuid_is_valid (id) || created <= 0)
    return FALSE;
  AnxDeskAlert *alert = ensure_alert (self, id);
  alert->level = anx_level_from_string (get_field (json, "level"));
  alert->created_usec = created;
  set_text (&alert->centre, get_field (json, "centre"));
  set_text (&alert->room, get_field (json, "room"));
  set_text (&alert->kiosk, get_field (json, "kiosk"));
  set_text (&alert->booking, get_field (json, "booking"));
  gint64 acknowledged = anx_json_get_int (json, "acknowledged", 0);
  if (acknowledged > 0)
    acknowledge (alert, get_field (json, "acknowledgedBy"), acknowledged);
  anx_desk_alert_take_calls (alert, json);
  follow_levels (alert);
  return TRUE;
}

/**
 * anx_desk_model_take_alerts:
 * @self: a model
 * @alerts: the hub's answer
 *
 * Adds to what records told already: an alert that only a record names stays.
 *
 * Returns: how many elements were unusable and left out
 */
guint
anx_desk_model_take_alerts (AnxDeskModel *self,
                            JsonArray *alerts)
{
  guint unusable = put_all (self, alerts, put_alert);
  emit_changed (self);
  return unusable;
}

static Loop *
ensure_loop (AnxDeskModel *self,
             const char *task)
{
  Loop *loop = g_hash_table_lookup (self->referrals, task);
  if (loop != NULL)
    return loop;
  loop = g_new0 (Loop, 1);
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
  g_autoptr (AnxReferralEvent) read = record->resource != NULL ? anx_referral_event_read (record->resource, NULL) : NULL;

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
  event->visit_usec = read->visit_usec;
  return event;
}

static void
follow_events (Loop *loop)
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
recompute (AnxDeskModel *self,
           Loop *loop)
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
  if (loop->hub_status != NULL && g_str_equal (loop->hub_status, status) && g_strcmp0 (loop->hub_business, business) == 0)
    shown->due_usec = loop->hub_due_usec;
  else if (self->calendar != NULL)
    shown->due_usec = anx_referral_due_usec (self->limits, shown->urgency, status, business, loop->requested_usec, self->calendar);
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
      set_text (&shown->forward_to, ((AnxDeskEvent *) g_ptr_array_index (shown->events, i))->forward_to);
}

static gboolean
put_referral (AnxDeskModel *self,
              JsonObject *json)
{
  const char *task = get_field (json, "task");
  const char *status = get_field (json, "status");

  if (task == NULL || !anx_uuid_is_valid (task) || status == NULL)
    return FALSE;
  Loop *loop = ensure_loop (self, task);
  anx_urgency_from_string (get_field (json, "urgency"), &loop->shown.urgency);
  set_text (&loop->shown.from, get_field (json, "from"));
  set_text (&loop->shown.centre, get_field (json, "centre"));
  set_text (&loop->shown.to, get_field (json, "to"));
  set_text (&loop->shown.booking, get_field (json, "booking"));
  set_text (&loop->hub_status, status);
  set_text (&loop->hub_business, get_field (json, "businessStatus"));
  set_text (&loop->shown.forward_to, get_field (json, "forward"));
  set_text (&loop->shown.part_of, get_field (json, "partOf"));
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
anx_desk_model_take_referrals (AnxDeskModel *self,
                               JsonArray *referrals)
{
  guint unusable = put_all (self, referrals, put_referral);
  emit_changed (self);
  return unusable;
}

/**
 * anx_desk_model_set_limits:
 * @self: a model, before anything was taken
 * @limits: (transfer full) (nullable): within which time referrals are answered; %NULL means the built-in limits
 */
void
anx_desk_model_set_limits (AnxDeskModel *self,
                           AnxReferralLimits *limits)
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
anx_desk_model_set_calendar (AnxDeskModel *self,
                             AnxCalendar *calendar)
{
  GHashTableIter iter;
  gpointer loop;

  g_clear_pointer (&self->calendar, anx_calendar_free);
  self->calendar = calendar;
  g_hash_table_iter_init (&iter, self->referrals);
  while (g_hash_table_iter_next (&iter, NULL, &loop))
    recompute (self, loop);
}

static void
take_contact (AnxDeskModel *self,
              AnxDeskRecord *record)
{
  const char *booking = anx_json_get_string (record->routing, "booking", NULL);
  AnxDeskContact *known = booking != NULL ? g_hash_table_lookup (self->contacts, booking) : NULL;
  AnxDeskContact contact = { .created_usec = record->created_usec };

  if (booking == NULL || record->resource == NULL || (known != NULL && known->created_usec > record->created_usec))
    return;
  if (anx_contact_read (record->resource, &contact.name, &contact.alias, &contact.phone, NULL))
    g_hash_table_replace (self->contacts, g_strdup (booking), g_memdup2 (&contact, sizeof contact));
}

static void
take_screening (AnxDeskModel *self,
                AnxDeskRecord *record)
{
  AnxLevel level = ANX_LEVEL_GREEN;

  if (record->resource == NULL)
    return;
  g_autoptr (GPtrArray) parts = anx_screening_read (record->resource, &level, NULL);
  if (parts == NULL)
    return;
  AnxDeskScreening *screening = g_new0 (AnxDeskScreening, 1);
  screening->record = anx_desk_record_ref (record);
  screening->level = level;
  screening->parts = g_steal_pointer (&parts);
  g_hash_table_replace (self->screenings, g_strdup (record->id), screening);
}

static int
compare_level_changes (gconstpointer a,
                       gconstpointer b)
{
  const AnxDeskLevelChange *one = *(const AnxDeskLevelChange *const *) a;
  const AnxDeskLevelChange *other = *(const AnxDeskLevelChange *const *) b;
  if (one->record->created_usec != other->record->created_usec)
    return one->record->created_usec < other->record->created_usec ? -1 : 1;
  return g_strcmp0 (one->record->id, other->record->id);
}

static void
take_level_change (AnxDeskModel *self,
                   AnxDeskRecord *record)
{
  const char *id = get_field (record->routing, "alert");
  g_autofree char *named = NULL;
  if (id == NULL || !anx_uuid_is_valid (id))
    return;
  AnxDeskAlert *alert = ensure_alert (self, id);
  AnxDeskLevelChange *change = g_new0 (AnxDeskLevelChange, 1);
  change->record = anx_desk_record_ref (record);
  change->level = anx_level_from_string (get_field (record->routing, "level"));
  if (record->resource != NULL)
    anx_level_change_read (record->resource, &named, &change->level, &change->reason, NULL);
  if (alert->levels == NULL)
    alert->levels = g_ptr_array_new_with_free_func ((GDestroyNotify) level_change_free);
  for (guint i = 0; i < alert->levels->len; i++)
    if (g_str_equal (((AnxDeskLevelChange *) g_ptr_array_index (alert->levels, i))->record->id, record->id))
      {
        g_ptr_array_remove_index (alert->levels, i);
        break;
      }
  g_ptr_array_add (alert->levels, change);
  g_ptr_array_sort (alert->levels, compare_level_changes);
  follow_levels (alert);
}

static void
take_alert (AnxDeskModel *self,
            AnxDeskRecord *record)
{
  AnxDeskAlert *alert = ensure_alert (self, record->id);
  AnxLevel level;
  g_autofree char *reason = NULL;

  alert->level = anx_level_from_string (anx_json_get_string (record->routing, "level", NULL));
  alert->created_usec = record->created_usec;
  set_text (&alert->centre, get_field (record->routing, "centre"));
  set_text (&alert->room, get_field (record->routing, "room"));
  set_text (&alert->booking, get_field (record->routing, "booking"));
  set_text (&alert->kiosk, record->author);
  if (record->resource != NULL && anx_alert_read (record->resource, &level, &reason, NULL))
    {
      set_text (&alert->reason, reason);
      /* The sealed content can't be changed on the way; of the two levels the higher counts. */
      alert->level = MAX (alert->level, level);
    }
  follow_levels (alert);
}

static void
take_acknowledgement (AnxDeskModel *self,
                      AnxDeskRecord *record)
{
  const char *id = get_field (record->routing, "alert");
  if (id == NULL || !anx_uuid_is_valid (id))
    return;
  AnxDeskAlert *alert = ensure_alert (self, id);
  if (alert->created_usec == 0)
    alert->created_usec = record->created_usec;
  acknowledge (alert, record->author, record->created_usec);
}

static void
take_referral (AnxDeskModel *self,
               AnxDeskRecord *record)
{
  const char *task = get_field (record->routing, "task");
  if (task == NULL || !anx_uuid_is_valid (task))
    return;
  Loop *loop = ensure_loop (self, task);
  /* A task's first record stands; a second one under the same task is not a correction anybody can make. */
  if (loop->first != NULL && !g_str_equal (loop->first->id, record->id))
    return;
  g_clear_pointer (&loop->first, anx_desk_record_unref);
  loop->first = anx_desk_record_ref (record);
  loop->requested_usec = record->created_usec;
  anx_urgency_from_string (get_field (record->routing, "urgency"), &loop->shown.urgency);
  set_text (&loop->shown.from, record->author);
  set_text (&loop->shown.centre, get_field (record->routing, "centre"));
  set_text (&loop->shown.to, get_field (record->routing, "to"));
  set_text (&loop->shown.booking, get_field (record->routing, "booking"));
  set_text (&loop->shown.part_of, get_field (record->routing, "partOf"));
  loop->shown.legal = anx_json_get_boolean (record->routing, "legal", FALSE);
  g_clear_pointer (&loop->shown.content, anx_referral_free);
  if (record->resource != NULL)
    loop->shown.content = anx_referral_read (record->resource, NULL);
  recompute (self, loop);
}

static void
take_referral_event (AnxDeskModel *self,
                     AnxDeskRecord *record)
{
  const char *task = get_field (record->routing, "task");
  if (task == NULL || !anx_uuid_is_valid (task))
    return;
  Loop *loop = ensure_loop (self, task);
  for (guint i = 0; i < loop->records->len; i++)
    if (g_str_equal (((AnxDeskRecord *) g_ptr_array_index (loop->records, i))->id, record->id))
      {
        g_ptr_array_remove_index (loop->records, i);
        break;
      }
  g_ptr_array_add (loop->records, anx_desk_record_ref (record));
  recompute (self, loop);
}

/**
 * anx_desk_model_take_record:
 * @self: a model
 * @record: a record of the inbox, opened or not; the same id again replaces, so that a record opened later fills in
 *
 * Returns: whether its kind is one a desk shows
 */
gboolean
anx_desk_model_take_record (AnxDeskModel *self,
                            AnxDeskRecord *record)
{
  static const struct
  {
    const char *kind;
    void (*take) (AnxDeskModel *self, AnxDeskRecord *record);
  } table[] = {
    { ANX_KIND_CONTACT, take_contact },
    { ANX_KIND_SCREENING, take_screening },
    { ANX_KIND_ALERT, take_alert },
    { ANX_KIND_ALERT_ACKNOWLEDGEMENT, take_acknowledgement },
    { ANX_KIND_LEVEL_CHANGE, take_level_change },
    { ANX_KIND_SAFETY_PLAN, NULL },
    { ANX_KIND_REFERRAL, take_referral },
    { ANX_KIND_MANDATORY_REPORT, take_referral },
    { ANX_KIND_REFERRAL_EVENT, take_referral_event },
    { ANX_KIND_NOTE, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      if (!g_str_equal (table[i].kind, record->kind))
        continue;
      g_hash_table_replace (self->records, g_strdup (record->id), anx_desk_record_ref (record));
      if (table[i].take != NULL)
        table[i].take (self, record);
      emit_changed (self);
      return TRUE;
    }
  return FALSE;
}

/**
 * anx_desk_model_get_record:
 * @self: a model
 * @id: a record's id
 *
 * Returns: (transfer none) (nullable): the record, as it was taken last
 */
AnxDeskRecord *
anx_desk_model_get_record (AnxDeskModel *self,
                           const char *id)
{
  return g_hash_table_lookup (self->records, id);
}

/**
 * anx_desk_model_find_newest:
 * @self: a model
 * @kind: a record kind
 * @booking: a booking's id
 *
 * Returns: (transfer none) (nullable): the record of that kind that was written last for this booking
 */
AnxDeskRecord *
anx_desk_model_find_newest (AnxDeskModel *self,
                            const char *kind,
                            const char *booking)
{
  AnxDeskRecord *newest = NULL;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      AnxDeskRecord *record = value;
      if (g_str_equal (record->kind, kind) && g_strcmp0 (anx_json_get_string (record->routing, "booking", NULL), booking) == 0 &&
          (newest == NULL || record->created_usec > newest->created_usec))
        newest = record;
    }
  return newest;
}

static int
compare_bookings (gconstpointer a,
                  gconstpointer b)
{
  const AnxDeskBooking *one = *(const AnxDeskBooking *const *) a;
  const AnxDeskBooking *other = *(const AnxDeskBooking *const *) b;
  if (one->start_usec != other->start_usec)
    return one->start_usec < other->start_usec ? -1 : 1;
  return g_strcmp0 (one->id, other->id);
}

/**
 * anx_desk_model_list_bookings:
 * @self: a model
 * @counsellor: (nullable): whose bookings; %NULL = everybody's
 * @from_usec: starts at or after, microseconds of UTC
 * @to_usec: starts before
 *
 * Returns: (transfer container) (element-type AnxDeskBooking): by start
 */
GPtrArray *
anx_desk_model_list_bookings (AnxDeskModel *self,
                              const char *counsellor,
                              gint64 from_usec,
                              gint64 to_usec)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->bookings);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      AnxDeskBooking *booking = value;
      if (booking->start_usec >= from_usec && booking->start_usec < to_usec
          && (counsellor == NULL || g_str_equal (counsellor, booking->counsellor)))
        g_ptr_array_add (list, booking);
    }
  g_ptr_array_sort (list, compare_bookings);
  return list;
}

/**
 * anx_desk_model_get_booking:
 * @self: a model
 * @id: a booking's id
 *
 * Returns: (transfer none) (nullable): the booking
 */
const AnxDeskBooking *
anx_desk_model_get_booking (AnxDeskModel *self,
                            const char *id)
{
  return id != NULL ? g_hash_table_lookup (self->bookings, id) : NULL;
}

static gboolean
is_waiting (const AnxDeskBooking *booking)
{
  return g_str_equal (booking->status, "checked-in");
}

static gboolean
is_coming (const AnxDeskBooking *booking)
{
  return g_str_equal (booking->status, "booked") || g_str_equal (booking->status, "pending");
}

/**
 * anx_desk_model_get_next:
 * @self: a model
 * @counsellor: whose next person
 *
 * Who waits longest comes before who is only booked; somebody in a session comes before both; a booking whose time is
 * over is nobody's next.
 *
 * Returns: (transfer none) (nullable): the next person's booking
 */
const AnxDeskBooking *
anx_desk_model_get_next (AnxDeskModel *self,
                         const char *counsellor)
{
  gint64 now = anx_clock_now_usec (self->clock);
  /* Whoever checked in yesterday evening is not waiting any more. */
  g_autoptr (GPtrArray) list = anx_desk_model_list_bookings (self, counsellor, now - ANX_USEC_PER_DAY / 2,
                                                             now + ANX_USEC_PER_DAY / 2);
  const AnxDeskBooking *waiting = NULL;
  const AnxDeskBooking *coming = NULL;

  for (guint i = 0; i < list->len; i++)
    {
      const AnxDeskBooking *booking = g_ptr_array_index (list, i);
      if (g_str_equal (booking->status, "arrived"))
        return booking;
      if (is_waiting (booking) && (waiting == NULL || booking->changed_usec < waiting->changed_usec))
        waiting = booking;
      if (is_coming (booking) && coming == NULL && booking->end_usec > now)
        coming = booking;
    }
  return waiting != NULL ? waiting : coming;
}

/**
 * anx_desk_model_get_minutes_waiting:
 * @self: a model
 * @booking: a booking
 *
 * Returns: whole minutes since check-in, -1 when nobody waits
 */
gint64
anx_desk_model_get_minutes_waiting (AnxDeskModel *self,
                                    const AnxDeskBooking *booking)
{
  if (!is_waiting (booking))
    return -1;
  gint64 since = booking->changed_usec > 0 ? booking->changed_usec : booking->start_usec;
  return MAX (0, anx_clock_now_usec (self->clock) - since) / ANX_USEC_PER_MINUTE;
}

/**
 * anx_desk_model_get_contact:
 * @self: a model
 * @booking: (nullable): a booking's id
 *
 * Returns: (transfer none) (nullable): name and phone, when a contact record for us names this booking
 */
const AnxDeskContact *
anx_desk_model_get_contact (AnxDeskModel *self,
                            const char *booking)
{
  return booking != NULL ? g_hash_table_lookup (self->contacts, booking) : NULL;
}

/**
 * anx_desk_model_get_screening:
 * @self: a model
 * @booking: a booking's id
 *
 * Returns: (transfer none) (nullable): the newest screening shared for this booking
 */
const AnxDeskScreening *
anx_desk_model_get_screening (AnxDeskModel *self,
                              const char *booking)
{
  AnxDeskScreening *newest = NULL;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->screenings);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      AnxDeskScreening *screening = value;
      if (g_strcmp0 (booking, anx_json_get_string (screening->record->routing, "booking", NULL)) != 0)
        continue;
      if (newest == NULL || screening->record->created_usec > newest->record->created_usec)
        newest = screening;
    }
  return newest;
}

/* Two bookings of one person, as far as can be known: the same one, or the same real name with the same number. */
static gboolean
is_same_person (AnxDeskModel *self,
                const char *booking,
                const char *other)
{
  const AnxDeskContact *one = g_hash_table_lookup (self->contacts, booking);
  const AnxDeskContact *two = other != NULL ? g_hash_table_lookup (self->contacts, other) : NULL;
  if (g_strcmp0 (booking, other) == 0)
    return TRUE;
  return one != NULL && two != NULL && !one->alias && !two->alias && *one->phone != '\0' && g_str_equal (one->phone, two->phone) &&
         g_str_equal (one->name, two->name);
}

/**
 * anx_desk_model_find_plan:
 * @self: a model
 * @booking: a booking's id
 *
 * Returns: (transfer none) (nullable): the safety plan of this resident that was written last, of those that our keys open; bookings are
 *   taken together as in anx_desk_model_list_history()
 */
AnxDeskRecord *
anx_desk_model_find_plan (AnxDeskModel *self,
                          const char *booking)
{
  AnxDeskRecord *newest = NULL;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->records);
  while (booking != NULL && g_hash_table_iter_next (&iter, NULL, &value))
    {
      AnxDeskRecord *record = value;
      if (record->resource != NULL && g_str_equal (record->kind, ANX_KIND_SAFETY_PLAN) &&
          is_same_person (self, booking, anx_json_get_string (record->routing, "booking", NULL)) &&
          (newest == NULL || record->created_usec > newest->created_usec))
        newest = record;
    }
  return newest;
}

static int
compare_screenings (gconstpointer a,
                    gconstpointer b)
{
  const AnxDeskScreening *one = *(const AnxDeskScreening *const *) a;
  const AnxDeskScreening *other = *(const AnxDeskScreening *const *) b;
  if (one->record->created_usec != other->record->created_usec)
    return one->record->created_usec < other->record->created_usec ? -1 : 1;
  return g_strcmp0 (one->record->id, other->record->id);
}

/* A screening that grows is sent again and names the one before: only the last of such a row counts. */
static gboolean
is_superseded (AnxDeskModel *self,
               const AnxDeskScreening *screening)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->screenings);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (g_strcmp0 (((AnxDeskScreening *) value)->record->predecessor, screening->record->id) == 0)
      return TRUE;
  return FALSE;
}

/**
 * anx_desk_model_list_history:
 * @self: a model
 * @booking: a booking's id
 *
 * The screenings of the booking's resident that this desk may read. A resident has no account: bookings are taken together when the real
 * name and the telephone number are the same, and the screen says so.
 *
 * Returns: (transfer container) (element-type AnxDeskScreening): oldest first
 */
GPtrArray *
anx_desk_model_list_history (AnxDeskModel *self,
                             const char *booking)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->screenings);
  while (booking != NULL && g_hash_table_iter_next (&iter, NULL, &value))
    {
      AnxDeskScreening *screening = value;
      if (is_same_person (self, booking, anx_json_get_string (screening->record->routing, "booking", NULL)) && !is_superseded (self, screening))
        g_ptr_array_add (list, screening);
    }
  g_ptr_array_sort (list, compare_screenings);
  return list;
}

/**
 * anx_desk_model_list_screenings_of:
 * @self: a model
 * @alert: an alert
 *
 * The answers that may belong to an alert: of the same booking; without one, those given at the same kiosk within half
 * an hour. The second is nearness, not proof, and the screen says so.
 *
 * Returns: (transfer container) (element-type AnxDeskScreening): newest first
 */
GPtrArray *
anx_desk_model_list_screenings_of (AnxDeskModel *self,
                                   const AnxDeskAlert *alert)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->screenings);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      AnxDeskScreening *screening = value;
      const char *booking = anx_json_get_string (screening->record->routing, "booking", NULL);
      gint64 apart = ABS (screening->record->created_usec - alert->created_usec);
      gboolean near = g_strcmp0 (screening->record->author, alert->kiosk) == 0 && apart <= NEAR_ALERT_USEC;
      if (alert->booking != NULL && booking != NULL ? g_str_equal (alert->booking, booking) : near)
        g_ptr_array_add (list, screening);
    }
  return list;
}

static int
compare_chains (gconstpointer a,
                gconstpointer b)
{
  const AnxDeskChain *one = *(const AnxDeskChain *const *) a;
  const AnxDeskChain *other = *(const AnxDeskChain *const *) b;
  return one->tip->created_usec < other->tip->created_usec ? -1 : one->tip->created_usec > other->tip->created_usec;
}

/**
 * anx_desk_model_list_note_chains:
 * @self: a model
 * @booking: a booking's id
 *
 * Returns: (transfer full) (element-type AnxDeskChain): the notes of a booking, each with its corrections, oldest first
 */
GPtrArray *
anx_desk_model_list_note_chains (AnxDeskModel *self,
                                 const char *booking)
{
  GPtrArray *chains = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_desk_chain_free);
  g_autoptr (GPtrArray) notes = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      AnxDeskRecord *record = value;
      if (g_str_equal (record->kind, ANX_KIND_NOTE)
          && g_strcmp0 (booking, anx_json_get_string (record->routing, "booking", NULL)) == 0)
        g_ptr_array_add (notes, record);
    }
  for (guint i = 0; i < notes->len; i++)
    {
      AnxDeskRecord *note = g_ptr_array_index (notes, i);
      if (note->predecessor == NULL || !g_hash_table_contains (self->records, note->predecessor))
        g_ptr_array_add (chains, anx_desk_chain_follow (note, notes));
    }
  g_ptr_array_sort (chains, compare_chains);
  return chains;
}

static int
compare_alerts (gconstpointer a,
                gconstpointer b)
{
  const AnxDeskAlert *one = *(const AnxDeskAlert *const *) a;
  const AnxDeskAlert *other = *(const AnxDeskAlert *const *) b;
  if (one->acknowledged != other->acknowledged)
    return one->acknowledged ? 1 : -1;
  if (!one->acknowledged && one->level != other->level)
    return one->level > other->level ? -1 : 1;
  gboolean earlier = one->created_usec < other->created_usec;
  return earlier == one->acknowledged ? 1 : -1;
}

/**
 * anx_desk_model_list_alerts:
 * @self: a model
 *
 * Returns: (transfer container) (element-type AnxDeskAlert): open ones first, red before yellow, the longest waiting
 * first; then the acknowledged ones, newest first
 */
GPtrArray *
anx_desk_model_list_alerts (AnxDeskModel *self)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->alerts);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (list, value);
  g_ptr_array_sort (list, compare_alerts);
  return list;
}

/**
 * anx_desk_model_get_alert:
 * @self: a model
 * @id: an alert's id
 *
 * Returns: (transfer none) (nullable): the alert
 */
const AnxDeskAlert *
anx_desk_model_get_alert (AnxDeskModel *self,
                          const char *id)
{
  return g_hash_table_lookup (self->alerts, id);
}

/* Time passes between two answers of the hub, so lights are computed when they are looked at. */
static void
refresh_light (AnxDeskModel *self,
               AnxDeskReferral *referral)
{
  referral->light = referral->due_usec == 0
                        ? ANX_LEVEL_GREEN
                        : anx_referral_light (self->limits, referral->urgency, referral->due_usec, anx_clock_now_usec (self->clock));
}

static int
compare_referrals (gconstpointer a,
                   gconstpointer b)
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
      AnxDeskReferral *referral = &((Loop *) value)->shown;
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
anx_desk_model_get_referral (AnxDeskModel *self,
                             const char *task)
{
  Loop *loop = task != NULL ? g_hash_table_lookup (self->referrals, task) : NULL;
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
anx_desk_referral_allows (const AnxDeskReferral *self,
                          AnxReferralAction action)
{
  const char *status = NULL;
  const char *business = NULL;
  return self->conflict == NULL && self->tip != NULL
         && anx_referral_step (self->status, self->business_status, action, &status, &business, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-service.h"

#include <glib/gi18n.h>
#include <string.h>

#include "booking-code.h"
#include "bounds.h"
#include "care-error.h"
#include "code-key.h"
#include "crisis-records.h"
#include "desk-alert.h"
#include "files.h"
#include "id.h"
#include "journal.h"
#include "json.h"
#include "local-alerts.h"
#include "profile.h"
#include "sync-error.h"
#include "ui-text.h"

/* The hub pushes "look"; asking each minute covers a push that was lost. */
#define POLL_SECONDS 60
/* Minutes of waiting and lights move on without news. */
#define TICK_SECONDS 15
/* Bookings are asked for from the whole week that is running to three weeks ahead: what the calendar can show. */
#define BOOKINGS_BACK_USEC (8 * ANX_USEC_PER_DAY)
#define BOOKINGS_AHEAD_USEC (22 * ANX_USEC_PER_DAY)
/* So many of the newest records are held open; older ones when their session is looked at. About 20 KiB each. */
#define MOST_OPEN 2000
/* The last answers of the hub, so that a desk that starts offline shows the day. Routing only, nothing of a resident.
 */
#define CACHE_NAME "desk-view.json"

struct _AnxDeskService
{
  GObject parent_instance;
  AnxClient *client;
  AnxDeskModel *model;
  AnxDeskAlarm *alarm;
  GCancellable *cancellable;
  JsonObject *referral_data; /* (nullable) */
  AnxQuestionnaireShelf *shelf; /* (nullable) until somebody asks; of the directory @shelf_version */
  gint64 shelf_version;
  AnxRecordIndex *index;
  JsonObject *cache;
  gint64 fetched_usec;
  AnxLocalAlerts *local_alerts; /* (nullable) while started */
  guint grace_source;
  guint changed_source;
  guint poll_source;
  guint tick_source;
};

G_DEFINE_FINAL_TYPE (AnxDeskService, anx_desk_service, G_TYPE_OBJECT)

enum
{
  CHANGED,
  CALL_MESSAGE,
  CALL_FAILED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
anx_desk_service_dispose (GObject *object)
{
  AnxDeskService *self = ANX_DESK_SERVICE (object);
  anx_desk_service_stop (self);
  g_clear_object (&self->client);
  g_clear_object (&self->model);
  g_clear_object (&self->alarm);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->shelf, anx_questionnaire_shelf_free);
  g_clear_pointer (&self->referral_data, json_object_unref);
  g_clear_object (&self->index);
  g_clear_pointer (&self->cache, json_object_unref);
  G_OBJECT_CLASS (anx_desk_service_parent_class)->dispose (object);
}

static void
anx_desk_service_class_init (AnxDeskServiceClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_desk_service_dispose;
  signals[CHANGED] = g_signal_new ("changed", ANX_TYPE_DESK_SERVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
  signals[CALL_MESSAGE] = g_signal_new ("call-message", ANX_TYPE_DESK_SERVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 3, G_TYPE_STRING, JSON_TYPE_OBJECT, G_TYPE_STRING);
  signals[CALL_FAILED] = g_signal_new ("call-failed", ANX_TYPE_DESK_SERVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
anx_desk_service_init (AnxDeskService *self)
{
  self->alarm = anx_desk_alarm_new ();
  self->cancellable = g_cancellable_new ();
  self->cache = json_object_new ();
}

static const AnxPrincipal *
get_self (AnxDeskService *self)
{
  AnxDirectory *directory = anx_client_get_directory (self->client);
  return directory != NULL ? anx_directory_get_principal (directory, anx_desk_model_get_principal (self->model)) : NULL;
}

static AnxDeskListener
make_listener (AnxDeskService *self,
               const AnxDeskAlert *alert)
{
  return (AnxDeskListener) {
    .principal = anx_desk_model_get_principal (self->model),
    .on_duty = anx_desk_service_has_role (self, "duty"),
    .lead = anx_desk_service_has_role (self, "lead"),
    .staff = anx_desk_service_has_role (self, "staff"),
    .hub_reachable = anx_client_get_state (self->client) == ANX_CLIENT_ONLINE,
    .heard = self->local_alerts != NULL && anx_local_alerts_heard (self->local_alerts, alert->id),
    .now_usec = anx_desk_model_now_usec (self->model),
  };
}

/**
 * anx_desk_service_may_answer:
 * @self: a service
 * @alert: an alert
 *
 * Returns: whether this person may say "I am going"
 */
gboolean
anx_desk_service_may_answer (AnxDeskService *self,
                             const AnxDeskAlert *alert)
{
  AnxDeskListener listener = make_listener (self, alert);
  return anx_desk_alert_may_answer (alert, &listener);
}

static void
update_alarm (AnxDeskService *self)
{
  gint64 now = anx_desk_model_now_usec (self->model);

  /* While the history is still being opened, an alert may stand before its acknowledgement. */
  if (!anx_record_index_has_opened_newest (self->index))
    return;
  anx_desk_alarm_begin (self->alarm);
  if (anx_desk_service_get_pages (self) & ANX_DESK_PAGE_ALERTS)
    {
      g_autoptr (GPtrArray) alerts = anx_desk_model_list_alerts (self->model);
      for (guint i = 0; i < alerts->len; i++)
        {
          const AnxDeskAlert *alert = g_ptr_array_index (alerts, i);
          AnxDeskListener listener = make_listener (self, alert);
          if (anx_desk_alert_rings (alert, &listener))
            anx_desk_alarm_add_crisis (self->alarm, alert->id, alert->level == ANX_LEVEL_RED, alert->created_usec);
        }
    }
  if (anx_desk_service_has_role (self, "counsellor"))
    {
      g_autoptr (GPtrArray) bookings
          = anx_desk_model_list_bookings (self->model, anx_desk_model_get_principal (self->model),
                                          now - ANX_USEC_PER_DAY / 2, now + ANX_USEC_PER_DAY / 2);
      for (guint i = 0; i < bookings->len; i++)
        {
          const AnxDeskBooking *booking = g_ptr_array_index (bookings, i);
          if (g_str_equal (booking->status, "checked-in"))
            anx_desk_alarm_add_check_in (self->alarm, booking->id, booking->changed_usec);
        }
    }
  anx_desk_alarm_commit (self->alarm);
}

static gboolean
on_changed_idle (gpointer user_data)
{
  AnxDeskService *self = ANX_DESK_SERVICE (user_data);
  self->changed_source = 0;
  update_alarm (self);
  g_signal_emit (self, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

/**
 * anx_desk_service_wake:
 * @self: a service
 *
 * Emits "changed" once when the main loop is next free.
 */
void
anx_desk_service_wake (AnxDeskService *self)
{
  if (self->changed_source == 0)
    self->changed_source = g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, on_changed_idle, self, NULL);
}

static void
on_opened (AnxRecordIndex *index,
           AnxInboxRecord *inbox_record,
           JsonNode *resource,
           AnxDeskService *self)
{
  AnxRecordHeader *header = anx_inbox_record_get_header (inbox_record);
  JsonObject *object = resource != NULL && JSON_NODE_HOLDS_OBJECT (resource) ? json_node_get_object (resource) : NULL;
  g_autoptr (AnxDeskRecord) record = anx_desk_record_new (
      anx_record_header_get_id (header), anx_record_header_get_kind (header), anx_record_header_get_author (header),
      anx_record_header_get_predecessor (header), anx_record_header_get_created_usec (header),
      anx_record_header_get_routing (header), object);

  anx_desk_model_take_record (self->model, record);
}

/* Referrals stay open for weeks: those whose records are older than the newest are opened too. */
static void
on_index_ready (AnxRecordIndex *index,
                AnxDeskService *self)
{
  g_autoptr (GPtrArray) referrals = anx_desk_model_list_referrals (self->model);
  for (guint i = 0; i < referrals->len; i++)
    {
      const AnxDeskReferral *referral = g_ptr_array_index (referrals, i);
      if (referral->content != NULL || anx_referral_is_final (referral->status))
        continue;
      anx_record_index_open_story (index, referral->task);
      if (referral->booking != NULL)
        anx_record_index_open_story (index, referral->booking);
    }
  anx_desk_service_wake (self);
}

static gboolean
on_grace_over (gpointer user_data)
{
  AnxDeskService *self = ANX_DESK_SERVICE (user_data);
  self->grace_source = 0;
  anx_desk_service_wake (self);
  return G_SOURCE_REMOVE;
}

static void
on_record_arrived (AnxClient *client,
                   AnxInboxRecord *record,
                   AnxDeskService *self)
{
  if (!g_str_equal (anx_record_header_get_kind (anx_inbox_record_get_header (record)), ANX_KIND_ALERT))
    return;
  /* If the hub does not say within the grace whom it calls, everybody on duty is meant. */
  g_clear_handle_id (&self->grace_source, g_source_remove);
  self->grace_source = g_timeout_add (ANX_DESK_CALLS_GRACE_USEC / 1000 + 100, on_grace_over, self);
}

static void
on_directory_changed (AnxClient *client,
                      AnxDeskService *self)
{
  anx_desk_service_refresh (self);
  anx_desk_service_wake (self);
}

/* What the hub did that an honest one does not do, or does only after a loss: names and numbers, nothing personal. */
static void
on_noticed (AnxClient *client,
            const char *name,
            const char *detail,
            gpointer user_data)
{
  anx_journal ("anxin-desk", "noticed", "what", name, "which", detail, NULL);
}

static void
on_pushed (AnxClient *client,
           JsonObject *message,
           AnxDeskService *self)
{
  const char *type = anx_json_get_string (message, "type", "");
  const char *call = anx_json_get_string (message, "call", NULL);
  JsonObject *body = anx_json_get_object (message, "body");

  if (call == NULL)
    return;
  if (g_str_equal (type, "signal") && body != NULL)
    g_signal_emit (self, signals[CALL_MESSAGE], 0, call, body, anx_json_get_string (message, "from", ""));
  else if (g_str_equal (type, "signal-failed"))
    g_signal_emit (self, signals[CALL_FAILED], 0, call, anx_json_get_string (message, "reason", "absent"));
}

/* What the desk asks for, and where the answer goes. */
typedef struct
{
  const char *what; /* also the member of the answer */
  guint (*take) (AnxDeskModel *model, JsonArray *array);
} Fetch;

static guint
take_all_bookings (AnxDeskModel *model,
                   JsonArray *array)
{
  return anx_desk_model_take_bookings (model, array, TRUE);
}

static const Fetch fetches[] = {
  { "bookings", take_all_bookings },
  { "alerts", anx_desk_model_take_alerts },
  { "referrals", anx_desk_model_take_referrals },
};

typedef struct
{
  AnxDeskService *service;
  const Fetch *fetch;
} Asked;

static void
store_cache (AnxDeskService *self)
{
  AnxProfile *profile = anx_client_get_profile (self->client);
  g_autofree char *path = anx_profile_build_path (profile, CACHE_NAME);
  g_autoptr (GError) error = NULL;

  json_object_set_int_member (self->cache, "fetched", self->fetched_usec);
  g_autofree char *text = anx_json_object_to_text (self->cache);
  if (!anx_file_write (path, text, -1, &error))
    anx_journal ("anxin-desk", "view-not-kept", "reason", error->message, NULL);
}

static void
load_cache (AnxDeskService *self)
{
  AnxProfile *profile = anx_client_get_profile (self->client);
  g_autofree char *path = anx_profile_build_path (profile, CACHE_NAME);
  g_autoptr (GBytes) bytes = anx_file_read (path, ANX_BOUND_REQUEST_BYTES, NULL);
  gsize length = 0;

  if (bytes == NULL)
    return;
  const char *text = g_bytes_get_data (bytes, &length);
  g_autoptr (JsonObject) cache = anx_json_parse_object (text, (gssize) length, ANX_BOUND_REQUEST_BYTES, NULL);
  if (cache == NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (fetches); i++)
    {
      JsonArray *array = anx_json_get_array (cache, fetches[i].what);
      if (array != NULL)
        fetches[i].take (self->model, array);
    }
  self->fetched_usec = anx_json_get_int (cache, "fetched", 0);
  json_object_unref (self->cache);
  self->cache = g_steal_pointer (&cache);
}

static void
on_fetched (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  g_autofree Asked *asked = user_data;
  g_autoptr (AnxDeskService) self = asked->service;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_client_request_finish (ANX_CLIENT (source), result, NULL, &error);
  JsonArray *array = NULL;

  if (answer != NULL && JSON_NODE_HOLDS_OBJECT (answer))
    array = anx_json_get_array (json_node_get_object (answer), asked->fetch->what);
  if (array == NULL)
    {
      /* What is on the screen stays; the status bar tells that it is old. */
      if (error != NULL && !g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE)
          && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        anx_journal ("anxin-desk", "not-fetched", "what", asked->fetch->what, "reason", error->message, NULL);
      return;
    }
  guint unusable = asked->fetch->take (self->model, array);
  if (unusable > 0)
    anx_journal ("anxin-desk", "left-out", "what", asked->fetch->what, NULL);
  self->fetched_usec = anx_desk_model_now_usec (self->model);
  json_object_set_array_member (self->cache, asked->fetch->what, json_array_ref (array));
  store_cache (self);
}

static gboolean
is_wanted (AnxDeskService *self,
           const char *what)
{
  AnxDeskPages pages = anx_desk_service_get_pages (self);
  if (g_str_equal (what, "bookings"))
    return (pages & (ANX_DESK_PAGE_DAY | ANX_DESK_PAGE_BOOKINGS)) != 0;
  if (g_str_equal (what, "alerts"))
    return (pages & ANX_DESK_PAGE_ALERTS) != 0;
  return (pages & (ANX_DESK_PAGE_REFERRALS | ANX_DESK_PAGE_DEPARTMENT)) != 0;
}

static void
fetch (AnxDeskService *self,
       const Fetch *what)
{
  gint64 now = anx_desk_model_now_usec (self->model);
  g_autofree char *path = NULL;

  if (!is_wanted (self, what->what) || anx_client_get_state (self->client) == ANX_CLIENT_PROBLEM)
    return;
  if (g_str_equal (what->what, "bookings"))
    path = g_strdup_printf ("/v1/bookings?from=%" G_GINT64_FORMAT "&to=%" G_GINT64_FORMAT, now - BOOKINGS_BACK_USEC,
                            now + BOOKINGS_AHEAD_USEC);
  else
    path = g_strdup_printf ("/v1/%s", what->what);
  Asked *asked = g_new0 (Asked, 1);
  asked->service = g_object_ref (self);
  asked->fetch = what;
  anx_client_request_async (self->client, "GET", path, NULL, self->cancellable, on_fetched, asked);
}

static void
on_look (AnxClient *client,
         const char *what,
         AnxDeskService *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (fetches); i++)
    if (g_strcmp0 (what, fetches[i].what) == 0)
      fetch (self, &fetches[i]);
}

/**
 * anx_desk_service_refresh:
 * @self: a service
 *
 * Asks the hub for everything this person's pages show.
 */
void
anx_desk_service_refresh (AnxDeskService *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (fetches); i++)
    fetch (self, &fetches[i]);
}

static void
on_state_changed (AnxClient *client,
                  AnxDeskService *self)
{
  if (anx_client_get_state (client) == ANX_CLIENT_ONLINE)
    anx_desk_service_refresh (self);
  anx_desk_service_wake (self);
}

static gboolean
on_poll (gpointer user_data)
{
  anx_desk_service_refresh (ANX_DESK_SERVICE (user_data));
  return G_SOURCE_CONTINUE;
}

static gboolean
on_tick (gpointer user_data)
{
  anx_desk_service_wake (ANX_DESK_SERVICE (user_data));
  return G_SOURCE_CONTINUE;
}

/* Data files of the product; a checkout that was not installed names its own folder. */
static char *
build_data_path (const char *name)
{
  const char *folder = g_getenv ("ANX_DATA_DIR");
  return g_build_filename (folder != NULL ? folder : ANX_DATA_DIR, name, NULL);
}

static JsonObject *
read_data (const char *path)
{
  g_autoptr (GBytes) bytes = anx_file_read (path, ANX_BOUND_QUESTIONNAIRE_BYTES, NULL);
  gsize length = 0;

  if (bytes == NULL)
    return NULL;
  const char *text = g_bytes_get_data (bytes, &length);
  return anx_json_parse_object (text, (gssize) length, ANX_BOUND_QUESTIONNAIRE_BYTES, NULL);
}

static void
load_calendar (AnxDeskService *self)
{
  g_autofree char *folder = build_data_path ("calendar");
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = dir != NULL ? g_dir_read_name (dir) : NULL;

  if (name == NULL)
    return;
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (JsonObject) json = read_data (path);
  AnxCalendar *calendar = json != NULL ? anx_calendar_parse (json, NULL) : NULL;
  if (calendar != NULL)
    anx_desk_model_set_calendar (self->model, calendar);
}

/* Limits, needs and articles of law of referrals; without the file the built-in limits hold and there is nothing to choose. */
static void
load_referral_data (AnxDeskService *self)
{
  g_autofree char *path = build_data_path ("care/referral.json");
  self->referral_data = read_data (path);
  if (self->referral_data != NULL)
    anx_desk_model_set_limits (self->model, anx_referral_limits_parse (self->referral_data, NULL));
}

/**
 * anx_desk_service_get_referral_data:
 * @self: a service
 *
 * Returns: (transfer none) (nullable): data/care/referral.json
 */
JsonObject *
anx_desk_service_get_referral_data (AnxDeskService *self)
{
  return self->referral_data;
}

/**
 * anx_desk_service_new:
 * @client: the client of this person's profile, not yet started
 *
 * Returns: (transfer full): the service
 */
AnxDeskService *
anx_desk_service_new (AnxClient *client)
{
  AnxDeskService *self = g_object_new (ANX_TYPE_DESK_SERVICE, NULL);
  const char *principal = anx_profile_get_principal (anx_client_get_profile (client));

  self->client = g_object_ref (client);
  self->model = anx_desk_model_new (principal, anx_client_get_clock (client));
  g_signal_connect_object (self->model, "changed", G_CALLBACK (anx_desk_service_wake), self, G_CONNECT_SWAPPED);
  self->index = anx_record_index_new (client, MOST_OPEN);
  g_signal_connect_object (self->index, "opened", G_CALLBACK (on_opened), self, 0);
  g_signal_connect_object (self->index, "ready", G_CALLBACK (on_index_ready), self, 0);
  g_signal_connect_object (self->index, "changed", G_CALLBACK (anx_desk_service_wake), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "record-arrived", G_CALLBACK (on_record_arrived), self, 0);
  g_signal_connect_object (client, "directory-changed", G_CALLBACK (on_directory_changed), self, 0);
  g_signal_connect_object (client, "state-changed", G_CALLBACK (on_state_changed), self, 0);
  g_signal_connect_object (client, "outbox-changed", G_CALLBACK (anx_desk_service_wake), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "pushed", G_CALLBACK (on_pushed), self, 0);
  g_signal_connect_object (client, "noticed", G_CALLBACK (on_noticed), self, 0);
  g_signal_connect_object (client, "look", G_CALLBACK (on_look), self, 0);
  return self;
}

/**
 * anx_desk_service_start:
 * @self: a service
 *
 * Reads what is on this machine, then starts the client.
 */
void
anx_desk_service_start (AnxDeskService *self)
{
  load_calendar (self);
  load_referral_data (self);
  load_cache (self);
  anx_record_index_start (self->index);
  self->poll_source = g_timeout_add_seconds (POLL_SECONDS, on_poll, self);
  self->tick_source = g_timeout_add_seconds (TICK_SECONDS, on_tick, self);
  self->local_alerts = anx_local_alerts_new_for_profile (self->client);
  anx_client_start (self->client);
  anx_desk_service_wake (self);
}

/**
 * anx_desk_service_stop:
 * @self: a service
 *
 * Stops asking; safe to call twice.
 */
void
anx_desk_service_stop (AnxDeskService *self)
{
  g_clear_handle_id (&self->poll_source, g_source_remove);
  g_clear_handle_id (&self->tick_source, g_source_remove);
  g_clear_handle_id (&self->grace_source, g_source_remove);
  g_clear_object (&self->local_alerts);
  if (self->index != NULL)
    anx_record_index_stop (self->index);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  if (self->client != NULL)
    anx_client_stop (self->client);
  /* Last: stopping the client says "changed" once more. */
  g_clear_handle_id (&self->changed_source, g_source_remove);
}

/**
 * anx_desk_service_get_client:
 * @self: a service
 *
 * Returns: (transfer none): the client
 */
AnxClient *
anx_desk_service_get_client (AnxDeskService *self)
{
  return self->client;
}

/**
 * anx_desk_service_get_model:
 * @self: a service
 *
 * Returns: (transfer none): the model
 */
AnxDeskModel *
anx_desk_service_get_model (AnxDeskService *self)
{
  return self->model;
}

/**
 * anx_desk_service_get_alarm:
 * @self: a service
 *
 * Returns: (transfer none): what rings
 */
AnxDeskAlarm *
anx_desk_service_get_alarm (AnxDeskService *self)
{
  return self->alarm;
}

/**
 * anx_desk_service_get_fetched_usec:
 * @self: a service
 *
 * Returns: when the hub last answered, microseconds of UTC; 0 = never
 */
gint64
anx_desk_service_get_fetched_usec (AnxDeskService *self)
{
  return self->fetched_usec;
}

/**
 * anx_desk_service_get_index:
 * @self: a service
 *
 * Returns: (transfer none): what is listed and searched
 */
AnxRecordIndex *
anx_desk_service_get_index (AnxDeskService *self)
{
  return self->index;
}

/**
 * anx_desk_service_need_person:
 * @self: a service
 * @booking: a booking's id
 *
 * Opens what is on this machine about a booking and about others of the same name and number, however old; the model changes when it is
 * there.
 */
void
anx_desk_service_need_person (AnxDeskService *self,
                              const char *booking)
{
  g_autoptr (GPtrArray) own = anx_record_index_list_story (self->index, booking);

  anx_record_index_open_story (self->index, booking);
  for (guint i = 0; i < own->len; i++)
    {
      const AnxIndexEntry *entry = g_ptr_array_index (own, i);
      if (entry->name == NULL || entry->phone == NULL || *entry->phone == '\0')
        continue;
      g_autoptr (GPtrArray) same = anx_record_index_search (self->index, entry->phone, ANX_KIND_CONTACT, 200, NULL);
      for (guint k = 0; k < same->len; k++)
        if (g_strcmp0 (((const AnxIndexEntry *) g_ptr_array_index (same, k))->name, entry->name) == 0)
          anx_record_index_open_story (self->index, ((const AnxIndexEntry *) g_ptr_array_index (same, k))->story);
    }
}

/**
 * anx_desk_service_count_unreadable:
 * @self: a service
 *
 * Returns: records addressed to us that could not be opened
 */
guint
anx_desk_service_count_unreadable (AnxDeskService *self)
{
  return anx_record_index_count_state (self->index, ANX_INDEX_POISONED);
}

/**
 * anx_desk_service_get_pages:
 * @self: a service
 *
 * Returns: the pages of this person's roles in the directory; none before there is a directory
 */
AnxDeskPages
anx_desk_service_get_pages (AnxDeskService *self)
{
  const AnxPrincipal *principal = get_self (self);
  AnxDeskPages pages = principal != NULL && principal->active ? anx_desk_pages_for_roles (principal->roles) : 0;
  return pages != 0 ? pages | ANX_DESK_PAGE_RECORDS : 0;
}

/**
 * anx_desk_service_has_role:
 * @self: a service
 * @role: a role's word
 *
 * Returns: whether this person has it
 */
gboolean
anx_desk_service_has_role (AnxDeskService *self,
                           const char *role)
{
  const AnxPrincipal *principal = get_self (self);
  return principal != NULL && principal->active && principal->roles != NULL && g_strv_contains (principal->roles, role);
}

static JsonObject *
get_centre (AnxDeskService *self,
            const char *centre)
{
  AnxDirectory *directory = anx_client_get_directory (self->client);
  return directory != NULL && centre != NULL ? anx_directory_get_centre (directory, centre) : NULL;
}

/**
 * anx_desk_service_get_zone:
 * @self: a service
 *
 * Returns: (nullable): IANA name of the own centre's time zone; %NULL = the machine's
 */
const char *
anx_desk_service_get_zone (AnxDeskService *self)
{
  const AnxPrincipal *principal = get_self (self);
  JsonObject *centre = principal != NULL ? get_centre (self, principal->centre) : NULL;
  return centre != NULL ? anx_json_get_string (centre, "timezone", NULL) : NULL;
}

/* Names in the directory are a text, or one text for each language; the screen's language first. */
static const char *
get_words (JsonObject *object,
           const char *member)
{
  JsonObject *languages = object != NULL ? anx_json_get_object (object, member) : NULL;
  gboolean chinese = g_str_equal (anx_ui_get_language (), "zh");

  if (object == NULL)
    return NULL;
  if (languages == NULL)
    return anx_json_get_string (object, member, NULL);
  const char *other = anx_json_get_string (languages, chinese ? "en" : "zh", NULL);
  return anx_json_get_string (languages, chinese ? "zh" : "en", other);
}

/**
 * anx_desk_service_name_principal:
 * @self: a service
 * @id: (nullable): a principal
 *
 * Returns: the work name in the directory, or the id when it has none
 */
const char *
anx_desk_service_name_principal (AnxDeskService *self,
                                 const char *id)
{
  AnxDirectory *directory = anx_client_get_directory (self->client);
  const AnxPrincipal *principal = directory != NULL && id != NULL ? anx_directory_get_principal (directory, id) : NULL;

  const char *name = principal != NULL ? get_words (principal->json, "name") : NULL;

  if (name != NULL)
    return name;
  return principal != NULL && principal->name != NULL ? principal->name : id != NULL ? id : "";
}

/**
 * anx_desk_service_name_centre:
 * @self: a service
 * @centre: (nullable): a centre's id
 *
 * Returns: its name, or the id
 */
const char *
anx_desk_service_name_centre (AnxDeskService *self,
                              const char *centre)
{
  const char *name = get_words (get_centre (self, centre), "name");
  if (name != NULL)
    return name;
  return centre != NULL ? centre : "";
}

static const char *
find_name (JsonArray *array,
           const char *id)
{
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      if (object != NULL && g_strcmp0 (anx_json_get_string (object, "id", NULL), id) == 0)
        {
          const char *name = get_words (object, "name");
          return name != NULL ? name : id;
        }
    }
  return id != NULL ? id : "";
}

/**
 * anx_desk_service_name_room:
 * @self: a service
 * @centre: (nullable): a centre's id
 * @room: (nullable): a room of it
 *
 * Returns: the room's name, or its id
 */
const char *
anx_desk_service_name_room (AnxDeskService *self,
                            const char *centre,
                            const char *room)
{
  JsonObject *json = get_centre (self, centre);
  return find_name (json != NULL ? anx_json_get_array (json, "rooms") : NULL, room);
}

/**
 * anx_desk_service_name_service:
 * @self: a service
 * @service: (nullable): the id of what was booked
 *
 * Returns: its name, or the id
 */
const char *
anx_desk_service_name_service (AnxDeskService *self,
                               const char *service)
{
  AnxDirectory *directory = anx_client_get_directory (self->client);
  return find_name (directory != NULL ? anx_directory_get_services (directory) : NULL, service);
}

/**
 * anx_desk_service_list_colleagues:
 * @self: a service
 *
 * Returns: (transfer container) (element-type AnxPrincipal): the duty group of the own centre first, then its other counsellors and duty
 *   officers, without the person here; only those to whom something can be sealed
 */
GPtrArray *
anx_desk_service_list_colleagues (AnxDeskService *self)
{
  static const char *const ROLES[] = { "counsellor", "duty" };
  AnxDirectory *directory = anx_client_get_directory (self->client);
  const AnxPrincipal *own = get_self (self);
  GPtrArray *list = g_ptr_array_new ();

  if (directory == NULL || own == NULL || own->centre == NULL)
    return list;
  g_autoptr (GPtrArray) groups = anx_directory_list_principals (directory, ANX_PRINCIPAL_GROUP, "duty", own->centre);
  for (guint i = 0; i < groups->len; i++)
    g_ptr_array_add (list, g_ptr_array_index (groups, i));
  for (gsize k = 0; k < G_N_ELEMENTS (ROLES); k++)
    {
      g_autoptr (GPtrArray) persons = anx_directory_list_principals (directory, ANX_PRINCIPAL_PERSON, ROLES[k], own->centre);
      for (guint i = 0; i < persons->len; i++)
        if (!g_ptr_array_find (list, g_ptr_array_index (persons, i), NULL))
          g_ptr_array_add (list, g_ptr_array_index (persons, i));
    }
  for (guint i = list->len; i > 0; i--)
    {
      const AnxPrincipal *one = g_ptr_array_index (list, i - 1);
      if (!one->active || one->seal_certificate == NULL || one == own)
        g_ptr_array_remove_index (list, i - 1);
    }
  return list;
}

/**
 * anx_desk_service_dup_centre_phone:
 * @self: a service
 *
 * Returns: (transfer full) (nullable): the telephone number of the own centre, from the directory
 */
char *
anx_desk_service_dup_centre_phone (AnxDeskService *self)
{
  const AnxPrincipal *own = get_self (self);
  JsonObject *centre = own != NULL && own->centre != NULL ? get_centre (self, own->centre) : NULL;

  return g_strdup (anx_json_get_string (centre, "phone", NULL));
}

/**
 * anx_desk_service_list_departments:
 * @self: a service
 *
 * Returns: (transfer container) (element-type AnxPrincipal): groups that receive referrals; empty before there is a
 * directory
 */
GPtrArray *
anx_desk_service_list_departments (AnxDeskService *self)
{
  AnxDirectory *directory = anx_client_get_directory (self->client);
  if (directory == NULL)
    return g_ptr_array_new ();
  return anx_directory_list_principals (directory, ANX_PRINCIPAL_GROUP, "department", NULL);
}

/**
 * anx_desk_service_get_takes:
 * @self: a service
 * @department: a group that receives referrals
 *
 * Returns: (nullable): what it takes, in words
 */
const char *
anx_desk_service_get_takes (AnxDeskService *self,
                            const AnxPrincipal *department)
{
  return get_words (department->json, "takes");
}

/**
 * anx_desk_service_get_shelf:
 * @self: a service
 *
 * Returns: (transfer none): the questionnaires of the directory in force; valid until the main loop runs again
 */
AnxQuestionnaireShelf *
anx_desk_service_get_shelf (AnxDeskService *self)
{
  AnxDirectory *directory = anx_client_get_directory (self->client);
  gint64 version = directory != NULL ? anx_directory_get_version (directory) : 0;
  if (self->shelf != NULL && self->shelf_version != version)
    g_clear_pointer (&self->shelf, anx_questionnaire_shelf_free);
  if (self->shelf == NULL)
    {
      g_autofree char *folder = build_data_path ("questionnaires");
      self->shelf = anx_questionnaire_shelf_new (folder, directory);
      self->shelf_version = version;
    }
  return self->shelf;
}

/**
 * anx_desk_service_get_questionnaire:
 * @self: a service
 * @canonical: url and version as a response names them
 *
 * Returns: (transfer none) (nullable): the questionnaire of exactly that version, when it is installed
 */
AnxQuestionnaire *
anx_desk_service_get_questionnaire (AnxDeskService *self,
                                    const char *canonical)
{
  const AnxShelfEntry *entry = anx_questionnaire_shelf_find (anx_desk_service_get_shelf (self), canonical);
  return entry != NULL ? entry->questionnaire : NULL;
}

/* Seals and queues; on success the model knows it at once, before the hub does. */
static gboolean
write_record (AnxDeskService *self,
              const char *id,
              const char *kind,
              const char *const *recipients,
              const char *predecessor,
              JsonObject *routing,
              JsonObject *resource,
              GError **error)
{
  const char *author = anx_desk_model_get_principal (self->model);
  gint64 now = anx_desk_model_now_usec (self->model);
  g_autoptr (AnxRecordHeader) header
      = anx_record_header_new (id, kind, author, recipients, predecessor, now, routing);
  g_autoptr (JsonNode) node = anx_json_node_from_object (resource);

  if (!anx_client_write (self->client, header, node, error))
    return FALSE;
  g_autoptr (AnxDeskRecord) record = anx_desk_record_new (id, kind, author, predecessor, now, routing, resource);
  anx_desk_model_take_record (self->model, record);
  return TRUE;
}

/**
 * anx_desk_service_acknowledge:
 * @self: a service
 * @alert: an open alert
 * @error: return location: the client's errors, ANX_CARE_ERROR_INVALID when it is not an alert we know
 *
 * "I am going": tells the duty group and the kiosk. On %TRUE the acknowledgement is on this machine's disk and the
 * ringing ends.
 *
 * Returns: whether it was written
 */
gboolean
anx_desk_service_acknowledge (AnxDeskService *self,
                              const char *alert,
                              GError **error)
{
  const AnxDeskAlert *known = anx_desk_model_get_alert (self->model, alert);
  AnxDirectory *directory = anx_client_get_directory (self->client);
  gint64 now = anx_desk_model_now_usec (self->model);

  if (known == NULL || directory == NULL)
    {
      g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, "This alert is not known here any more.");
      return FALSE;
    }
  g_autoptr (GPtrArray) groups = anx_directory_list_principals (directory, ANX_PRINCIPAL_GROUP, "duty", known->centre);
  g_autoptr (GPtrArray) recipients = g_ptr_array_new ();
  for (guint i = 0; i < groups->len; i++)
    g_ptr_array_add (recipients, (gpointer) ((const AnxPrincipal *) g_ptr_array_index (groups, i))->id);
  const AnxPrincipal *kiosk = known->kiosk != NULL ? anx_directory_get_principal (directory, known->kiosk) : NULL;
  if (kiosk != NULL && kiosk->active && kiosk->seal_certificate != NULL)
    g_ptr_array_add (recipients, (gpointer) kiosk->id);
  g_ptr_array_add (recipients, NULL);

  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "alert", alert);
  g_autoptr (JsonObject) resource
      = anx_acknowledgement_build (alert, anx_desk_model_get_principal (self->model), now);
  g_autofree char *id = anx_uuid_new (now);
  return write_record (self, id, ANX_KIND_ALERT_ACKNOWLEDGEMENT, (const char *const *) recipients->pdata, NULL, routing,
                       resource, error);
}

/**
 * anx_desk_service_change_level:
 * @self: a service
 * @alert: an alert
 * @level: the level from now on
 * @reason: why, for colleagues: 1 to ANX_BOUND_NOTE_CHARS characters
 * @error: return location: the client's errors, ANX_CARE_ERROR_INVALID, ANX_CARE_ERROR_NOT_ALLOWED when somebody who is no
 *   counsellor would lower it
 *
 * On %TRUE the change is sealed to the duty group and on this machine's disk.
 *
 * Returns: whether it was written
 */
gboolean
anx_desk_service_change_level (AnxDeskService *self,
                               const char *alert,
                               AnxLevel level,
                               const char *reason,
                               GError **error)
{
  const AnxDeskAlert *known = anx_desk_model_get_alert (self->model, alert);
  AnxDirectory *directory = anx_client_get_directory (self->client);
  const char *author = anx_desk_model_get_principal (self->model);
  gint64 now = anx_desk_model_now_usec (self->model);

  if (known == NULL || directory == NULL)
    {
      g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, "This alert is not known here any more.");
      return FALSE;
    }
  if (level < known->level && !anx_desk_service_has_role (self, "counsellor"))
    {
      g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_NOT_ALLOWED, _("Only a counsellor may lower the level."));
      return FALSE;
    }
  if (!anx_note_check (reason, error))
    return FALSE;
  g_autoptr (GPtrArray) groups = anx_directory_list_principals (directory, ANX_PRINCIPAL_GROUP, "duty", known->centre);
  g_autoptr (GPtrArray) recipients = g_ptr_array_new ();
  g_ptr_array_add (recipients, (gpointer) author);
  for (guint i = 0; i < groups->len; i++)
    g_ptr_array_add (recipients, (gpointer) ((const AnxPrincipal *) g_ptr_array_index (groups, i))->id);
  g_ptr_array_add (recipients, NULL);

  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "alert", alert);
  json_object_set_string_member (routing, "level", anx_level_to_string (level));
  g_autoptr (JsonObject) resource = anx_level_change_build (alert, level, reason, author, now);
  g_autofree char *id = anx_uuid_new (now);
  return write_record (self, id, ANX_KIND_LEVEL_CHANGE, (const char *const *) recipients->pdata, NULL, routing, resource, error);
}

/**
 * anx_desk_service_save_plan:
 * @self: a service
 * @booking: the session's booking
 * @steps: (array fixed-size=6): what anx_safety_plan_check() passes
 * @readers: (nullable) (array zero-terminated=1): principals whom the author lets read it, too
 * @predecessor: (nullable): the plan that this one replaces
 * @error: return location: the client's errors, ANX_CARE_ERROR_INVALID, ANX_CARE_ERROR_TOO_LARGE
 *
 * On %TRUE the plan is sealed to its author and @readers and on this machine's disk.
 *
 * Returns: whether it was written
 */
gboolean
anx_desk_service_save_plan (AnxDeskService *self,
                            const char *booking,
                            const char *const *steps,
                            const char *const *readers,
                            const char *predecessor,
                            GError **error)
{
  const char *author = anx_desk_model_get_principal (self->model);
  gint64 now = anx_desk_model_now_usec (self->model);

  if (!anx_safety_plan_check (steps, error))
    return FALSE;
  g_autoptr (GPtrArray) recipients = g_ptr_array_new ();
  g_ptr_array_add (recipients, (gpointer) author);
  for (guint i = 0; readers != NULL && readers[i] != NULL; i++)
    g_ptr_array_add (recipients, (gpointer) readers[i]);
  g_ptr_array_add (recipients, NULL);
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "booking", booking);
  g_autoptr (JsonObject) resource = anx_safety_plan_build (steps, booking, author, now);
  g_autofree char *id = anx_uuid_new (now);
  return write_record (self, id, ANX_KIND_SAFETY_PLAN, (const char *const *) recipients->pdata, predecessor, routing, resource, error);
}

/**
 * anx_desk_service_save_note:
 * @self: a service
 * @booking: the session's booking
 * @text: 1 to ANX_BOUND_NOTE_CHARS characters
 * @predecessor: (nullable): the note that this one corrects
 * @error: return location: the client's errors, ANX_CARE_ERROR_TOO_LARGE
 *
 * On %TRUE the note is sealed to its author alone and on this machine's disk.
 *
 * Returns: whether it was written
 */
gboolean
anx_desk_service_save_note (AnxDeskService *self,
                            const char *booking,
                            const char *text,
                            const char *predecessor,
                            GError **error)
{
  const char *author = anx_desk_model_get_principal (self->model);
  const char *recipients[] = { author, NULL };
  gint64 now = anx_desk_model_now_usec (self->model);

  if (g_utf8_strlen (text, -1) > ANX_BOUND_NOTE_CHARS)
    {
      g_set_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_TOO_LARGE,
                   _("The note is longer than %d characters. Please save it in two parts."), ANX_BOUND_NOTE_CHARS);
      return FALSE;
    }
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "booking", booking);
  g_autoptr (JsonObject) resource = anx_note_build (text, booking, author, now);
  g_autofree char *id = anx_uuid_new (now);
  return write_record (self, id, ANX_KIND_NOTE, recipients, predecessor, routing, resource, error);
}

static void
set_optional (JsonObject *object,
              const char *member,
              const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, member, text);
}

static gboolean
send_referral (AnxDeskService *self,
               const char *kind,
               AnxReferral *referral,
               const char *booking,
               GError **error)
{
  const char *author = anx_desk_model_get_principal (self->model);
  const AnxDeskBooking *known = anx_desk_model_get_booking (self->model, booking);
  const AnxPrincipal *principal = get_self (self);
  gint64 now = anx_desk_model_now_usec (self->model);
  const char *recipients[] = { author, referral->to, NULL };

  g_free (referral->task);
  referral->task = anx_uuid_new (now);
  g_free (referral->from);
  referral->from = g_strdup (author);
  referral->created_usec = now;
  g_autoptr (JsonObject) resource = anx_referral_build (referral, error);
  if (resource == NULL)
    return FALSE;
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "task", referral->task);
  set_optional (routing, "centre", known != NULL ? known->centre : principal != NULL ? principal->centre : NULL);
  json_object_set_string_member (routing, "to", referral->to);
  json_object_set_string_member (routing, "urgency", anx_urgency_to_string (referral->urgency));
  json_object_set_string_member (routing, "status", "requested");
  json_object_set_string_member (routing, "businessStatus", "2.0");
  set_optional (routing, "booking", booking);
  set_optional (routing, "partOf", referral->part_of);
  json_object_set_boolean_member (routing, "kiosk", referral->tell_at_kiosk);
  if (!referral->consented)
    json_object_set_boolean_member (routing, "legal", TRUE);
  g_autofree char *id = anx_uuid_new (now);
  return write_record (self, id, kind, recipients, NULL, routing, resource, error);
}

/**
 * anx_desk_service_refer:
 * @self: a service
 * @referral: what to send; task, from and time are filled in here
 * @booking: (nullable): the session it comes from
 * @error: return location: the client's errors, ANX_CARE_ERROR_INVALID without consent or an article of law
 *
 * On %TRUE the referral is sealed to its author and the department and on this machine's disk.
 *
 * Returns: whether it was written
 */
gboolean
anx_desk_service_refer (AnxDeskService *self,
                        AnxReferral *referral,
                        const char *booking,
                        GError **error)
{
  return send_referral (self, ANX_KIND_REFERRAL, referral, booking, error);
}

/**
 * anx_desk_service_report:
 * @self: a service
 * @referral: what to send; task, from and time are filled in here
 * @booking: (nullable): the session it comes from
 * @error: return location: the client's errors, ANX_CARE_ERROR_INVALID when it is no mandatory report
 *
 * On %TRUE the report is sealed to its author and the department, without consent, and on this machine's disk.
 *
 * Returns: whether it was written
 */
gboolean
anx_desk_service_report (AnxDeskService *self,
                         AnxReferral *referral,
                         const char *booking,
                         GError **error)
{
  g_autoptr (AnxReportRules) rules = anx_desk_service_load_report_rules (self, error);

  return rules != NULL && anx_mandatory_report_check (rules, referral, error)
         && send_referral (self, ANX_KIND_MANDATORY_REPORT, referral, booking, error);
}

/**
 * anx_desk_service_load_report_rules:
 * @self: a service
 * @error: return location, ANX_CARE_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable): when the law wants a report, from the installed data file
 */
AnxReportRules *
anx_desk_service_load_report_rules (AnxDeskService *self,
                                    GError **error)
{
  g_autofree char *path = build_data_path ("care/mandatory-report.json");
  g_autoptr (JsonObject) json = read_data (path);

  return anx_report_rules_parse (json, error);
}

static gboolean
write_event (AnxDeskService *self,
             const AnxDeskReferral *referral,
             const char *predecessor,
             AnxReferralEvent *event,
             GError **error)
{
  const char *recipients[] = { referral->from, referral->to, NULL };
  event->created_usec = anx_desk_model_now_usec (self->model);
  g_autoptr (JsonObject) resource = anx_referral_event_build (event, error);
  if (resource == NULL)
    return FALSE;
  g_autoptr (JsonObject) routing = json_object_new ();
  g_autofree char *id = anx_uuid_new (event->created_usec);

  json_object_set_string_member (routing, "task", referral->task);
  json_object_set_string_member (routing, "status", event->status);
  json_object_set_string_member (routing, "businessStatus", event->business_status);
  set_optional (routing, "forward", event->forward_to);
  return write_record (self, id, ANX_KIND_REFERRAL_EVENT, recipients, predecessor, routing, resource, error);
}

/**
 * anx_desk_service_answer:
 * @self: a service
 * @task: a referral's task
 * @action: what the department or the author does
 * @text: (nullable): reason, question, answer or outcome; what the action needs, anx_referral_get_rule() tells
 * @visit_usec: when the appointment is, for an action that sets one; else 0
 * @forward_to: (nullable): the department it should rather go to
 * @error: return location: the client's errors, ANX_CARE_ERROR_NOT_ALLOWED, ANX_CARE_ERROR_INVALID
 *
 * Returns: whether the answer is on this machine's disk
 */
gboolean
anx_desk_service_answer (AnxDeskService *self,
                         const char *task,
                         AnxReferralAction action,
                         const char *text,
                         gint64 visit_usec,
                         const char *forward_to,
                         GError **error)
{
  const AnxDeskReferral *referral = anx_desk_model_get_referral (self->model, task);
  const AnxReferralRule *rule = anx_referral_get_rule (action);
  const char *status = NULL;
  const char *business = NULL;

  if (referral == NULL || referral->tip == NULL || referral->conflict != NULL)
    {
      g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_NOT_ALLOWED,
                           _("This referral cannot be answered now. Please look at its history first."));
      return FALSE;
    }
  if (rule->needs_text && (text == NULL || *text == '\0'))
    {
      g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, _("Please write a few words first."));
      return FALSE;
    }
  if (!anx_referral_step (referral->status, referral->business_status, action, &status, &business, error))
    return FALSE;
  g_autoptr (AnxReferralEvent) event = g_new0 (AnxReferralEvent, 1);
  event->task = g_strdup (task);
  event->action = g_strdup (rule->code);
  event->status = g_strdup (status);
  event->business_status = g_strdup (business);
  event->text = g_strdup (text);
  event->visit_usec = rule->needs_time ? visit_usec : 0;
  event->forward_to = rule->needs_receiver ? g_strdup (forward_to) : NULL;
  return write_event (self, referral, referral->tip, event, error);
}

/**
 * anx_desk_service_choose:
 * @self: a service
 * @record: one of the records that contradict one another
 * @error: return location: the client's errors
 *
 * Ends a conflict: writes a record that says the same as @record and follows it. The other stays in the history.
 *
 * Returns: whether the choice is on this machine's disk
 */
gboolean
anx_desk_service_choose (AnxDeskService *self,
                         AnxDeskRecord *record,
                         GError **error)
{
  g_autofree char *text = NULL;

  if (g_str_equal (record->kind, ANX_KIND_NOTE) && record->resource != NULL)
    {
      gint64 written = 0;
      if (!anx_note_read (record->resource, &text, &written, error))
        return FALSE;
      return anx_desk_service_save_note (self, anx_json_get_string (record->routing, "booking", ""), text, record->id,
                                         error);
    }
  const AnxDeskReferral *referral
      = anx_desk_model_get_referral (self->model, anx_json_get_string (record->routing, "task", NULL));
  if (referral == NULL || record->resource == NULL)
    {
      g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, "This record cannot be chosen.");
      return FALSE;
    }
  g_autoptr (AnxReferralEvent) event = anx_referral_event_read (record->resource, error);
  return event != NULL && write_event (self, referral, record->id, event, error);
}

static void
on_booking_answered (GObject *source,
                     GAsyncResult *result,
                     gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  AnxDeskService *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_client_request_finish (ANX_CLIENT (source), result, NULL, &error);

  if (answer == NULL || !JSON_NODE_HOLDS_OBJECT (answer))
    {
      if (error == NULL)
        error = g_error_new_literal (ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, _ ("The hub’s answer could not be read."));
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  JsonObject *booking = json_node_get_object (answer);
  anx_desk_model_take_booking (self->model, booking);
  g_task_return_pointer (task, g_strdup (anx_json_get_string (booking, "id", "")), g_free);
}

static void
post_booking (AnxDeskService *self,
              const char *path,
              JsonObject *body,
              GTask *task)
{
  g_autoptr (JsonNode) node = anx_json_node_from_object (body);
  anx_client_request_async (self->client, "POST", path, node, self->cancellable, on_booking_answered, task);
}

/**
 * anx_desk_service_set_status_async:
 * @self: a service
 * @booking: a booking's id
 * @status: its new status
 * @callback: called when the hub has answered
 * @user_data: for @callback
 */
void
anx_desk_service_set_status_async (AnxDeskService *self,
                                   const char *booking,
                                   const char *status,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autofree char *path = g_strdup_printf ("/v1/bookings/%s/status", booking);
  g_autoptr (JsonObject) body = json_object_new ();

  json_object_set_string_member (body, "status", status);
  post_booking (self, path, body, g_task_new (self, self->cancellable, callback, user_data));
}

/**
 * anx_desk_service_set_status_finish:
 * @self: a service
 * @result: the result
 * @error: return location, ANX_SYNC_ERROR
 *
 * Returns: whether the hub has committed the new status
 */
gboolean
anx_desk_service_set_status_finish (AnxDeskService *self,
                                    GAsyncResult *result,
                                    GError **error)
{
  g_autofree char *id = g_task_propagate_pointer (G_TASK (result), error);
  return id != NULL;
}

typedef struct
{
  char *code;
  char *district;
} Derivation;

static void
derivation_free (Derivation *derivation)
{
  g_free (derivation->code);
  g_free (derivation->district);
  g_free (derivation);
}

static void
derive_in_thread (GTask *task,
                  gpointer source,
                  gpointer task_data,
                  GCancellable *cancellable)
{
  Derivation *derivation = task_data;
  GError *error = NULL;
  char *key = anx_code_key_derive (derivation->code, derivation->district, &error);

  if (key != NULL)
    g_task_return_pointer (task, key, g_free);
  else
    g_task_return_error (task, error);
}

static void
on_derived (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  AnxDeskService *self = ANX_DESK_SERVICE (source);
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *key = g_task_propagate_pointer (G_TASK (result), &error);

  if (key == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "codeKey", key);
  post_booking (self, "/v1/check-ins", body, g_steal_pointer (&task));
}

/**
 * anx_desk_service_check_in_async:
 * @self: a service
 * @code: what the resident's slip says, as typed
 * @callback: called when the hub has answered
 * @user_data: for @callback
 *
 * The code itself stays on this machine: its slow key is computed in a thread and sent.
 */
void
anx_desk_service_check_in_async (AnxDeskService *self,
                                 const char *code,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = g_task_new (self, self->cancellable, callback, user_data);
  GError *error = NULL;
  g_autofree char *normalised = anx_booking_code_normalise (code, &error);

  if (normalised == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  Derivation *derivation = g_new0 (Derivation, 1);
  derivation->code = g_steal_pointer (&normalised);
  derivation->district = g_strdup (anx_profile_get_district (anx_client_get_profile (self->client)));
  g_autoptr (GTask) inner = g_task_new (self, self->cancellable, on_derived, task);
  g_task_set_task_data (inner, derivation, (GDestroyNotify) derivation_free);
  g_task_run_in_thread (inner, derive_in_thread);
}

/**
 * anx_desk_service_check_in_finish:
 * @self: a service
 * @result: the result
 * @error: return location, ANX_SYNC_ERROR; ANX_CARE_ERROR_INVALID for a mistyped code, with a message for people
 *
 * Returns: (transfer full): the id of the booking, now checked in; %NULL with @error set
 */
char *
anx_desk_service_check_in_finish (AnxDeskService *self,
                                  GAsyncResult *result,
                                  GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-service-private.h"

#include "bounds.h"
#include "desk-alert.h"
#include "files.h"
#include "journal.h"
#include "json.h"
#include "profile.h"
#include "sync-error.h"

/* The hub pushes "look"; asking each minute covers a push that was lost. */
#define POLL_SECONDS 60
/* Minutes of waiting and lights move on without news. */
#define TICK_SECONDS 15
/* Bookings are asked for from the whole week that is running to three weeks ahead: what the calendar can show. */
#define BOOKINGS_BACK_USEC (8 * ANX_USEC_PER_DAY)
#define BOOKINGS_AHEAD_USEC (22 * ANX_USEC_PER_DAY)
/* So many of the newest records are held open; older ones when their session is looked at. About 20 KiB each. */
#define MOST_OPEN 2000
/* Of one list; the hub sends 2,000 bookings a page. */
#define MOST_PAGES 5
/* The last answers of the hub, so that a desk that starts offline shows the day. Routing only, nothing of a resident.
 */
#define CACHE_NAME "desk-view.json"

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
  g_clear_pointer (&self->retention, anx_retention_free);
  g_clear_pointer (&self->unsealed, g_hash_table_unref);
  g_clear_pointer (&self->cache, json_object_unref);
  g_clear_pointer (&self->looked, g_hash_table_unref);
  G_OBJECT_CLASS (anx_desk_service_parent_class)->dispose (object);
}

static void
anx_desk_service_class_init (AnxDeskServiceClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_desk_service_dispose;
  signals[CHANGED]
      = g_signal_new ("changed", ANX_TYPE_DESK_SERVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CALL_MESSAGE] = g_signal_new ("call-message", ANX_TYPE_DESK_SERVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 3, G_TYPE_STRING, JSON_TYPE_OBJECT, G_TYPE_STRING);
  signals[CALL_FAILED] = g_signal_new ("call-failed", ANX_TYPE_DESK_SERVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
}

static void
anx_desk_service_init (AnxDeskService *self)
{
  self->alarm = anx_desk_alarm_new ();
  self->cancellable = g_cancellable_new ();
  self->cache = json_object_new ();
  self->looked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static AnxDeskListener
make_listener (AnxDeskService *self, const AnxDeskAlert *alert)
{
  return (AnxDeskListener){
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
anx_desk_service_may_answer (AnxDeskService *self, const AnxDeskAlert *alert)
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
on_record_erased (AnxClient *client, const char *id, AnxDeskService *self)
{
  anx_desk_model_forget_record (self->model, id);
  anx_desk_service_wake (self);
}

/* What is sealed by its age comes to no page before somebody has given a reason (desk-sealed.c). */
static void
on_opened (AnxRecordIndex *index, AnxInboxRecord *inbox_record, JsonNode *resource, AnxDeskService *self)
{
  const AnxIndexEntry *entry = anx_record_index_get (index, anx_record_header_get_id (anx_inbox_record_get_header (inbox_record)));
  if (entry == NULL || !anx_desk_service_is_sealed (self, entry))
    anx_desk_service_show_record (self, inbox_record, resource);
}

/**
 * anx_desk_service_show_record:
 * @self: a service
 * @inbox_record: a record
 * @resource: (nullable): what it says, when a key of ours opens it
 *
 * Gives it to the model, and so to the pages.
 */
void
anx_desk_service_show_record (AnxDeskService *self, AnxInboxRecord *inbox_record, JsonNode *resource)
{
  AnxRecordHeader *header = anx_inbox_record_get_header (inbox_record);
  JsonObject *object = resource != NULL && JSON_NODE_HOLDS_OBJECT (resource) ? json_node_get_object (resource) : NULL;
  g_autoptr (AnxDeskRecord) record
      = anx_desk_record_new (anx_record_header_get_id (header), anx_record_header_get_kind (header),
                             anx_record_header_get_author (header), anx_record_header_get_predecessor (header),
                             anx_record_header_get_created_usec (header), anx_record_header_get_routing (header),
                             object);

  anx_desk_model_take_record (self->model, record);
}

/* Referrals stay open for weeks: those whose records are older than the newest are opened too. */
static void
on_index_ready (AnxRecordIndex *index, AnxDeskService *self)
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
  /* So do follow-ups, for months. */
  g_autoptr (GPtrArray) follow_ups = anx_record_index_search (index, NULL, ANX_KIND_FOLLOW_UP, MOST_OPEN, NULL);
  for (guint i = 0; i < follow_ups->len; i++)
    {
      const AnxIndexEntry *entry = g_ptr_array_index (follow_ups, i);
      if (anx_desk_model_get_record (self->model, entry->id) == NULL)
        anx_record_index_open_story (index, entry->story);
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
on_record_arrived (AnxClient *client, AnxInboxRecord *record, AnxDeskService *self)
{
  if (!g_str_equal (anx_record_header_get_kind (anx_inbox_record_get_header (record)), ANX_KIND_ALERT))
    return;
  /* If the hub does not say within the grace whom it calls, everybody on duty is meant. */
  g_clear_handle_id (&self->grace_source, g_source_remove);
  self->grace_source = g_timeout_add (ANX_DESK_CALLS_GRACE_USEC / 1000 + 100, on_grace_over, self);
}

static void
on_directory_changed (AnxClient *client, AnxDeskService *self)
{
  anx_desk_model_set_directory (self->model, anx_client_get_directory (client));
  anx_desk_service_refresh (self);
  anx_desk_service_wake (self);
}

/* What the hub did that an honest one does not do, or does only after a loss: names and numbers, nothing personal. */
static void
on_noticed (AnxClient *client, const char *name, const char *detail, gpointer user_data)
{
  anx_journal ("anxin-desk", "noticed", "what", name, "which", detail, NULL);
}

static void
on_pushed (AnxClient *client, JsonObject *message, AnxDeskService *self)
{
  const char *type = anx_json_get_string (message, "type", "");
  const char *call = anx_json_get_string (message, "call", NULL);
  JsonObject *body = anx_json_get_object (message, "body");

  if (call == NULL)
    return;
  if (g_str_equal (type, "signal") && body != NULL)
    g_signal_emit (self, signals[CALL_MESSAGE], 0, call, body, anx_json_get_string (message, "from", ""));
  else if (g_str_equal (type, "signal-failed"))
    g_signal_emit (self, signals[CALL_FAILED], 0, call, anx_json_get_string (message, "reason", "absent"), anx_json_get_string (message, "to", ""));
}

/* What the desk asks for, and where the answer goes. */
typedef struct
{
  const char *what; /* also the member of the answer */
  guint (*take) (AnxDeskModel *model, JsonArray *array);
} Fetch;

static guint
take_all_bookings (AnxDeskModel *model, JsonArray *array)
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
  char *path;
  JsonArray *gathered; /* of the pages before */
  guint pages;
} Asked;

static void
asked_free (Asked *asked)
{
  g_object_unref (asked->service);
  g_free (asked->path);
  json_array_unref (asked->gathered);
  g_free (asked);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Asked, asked_free)

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

static void ask (Asked *asked, const char *after);

/* Everything was fetched. */
static void
take_all (AnxDeskService *self, const Fetch *what, JsonArray *array)
{
  guint unusable = what->take (self->model, array);
  if (unusable > 0)
    anx_journal ("anxin-desk", "left-out", "what", what->what, NULL);
  self->fetched_usec = anx_desk_model_now_usec (self->model);
  json_object_set_array_member (self->cache, what->what, json_array_ref (array));
  store_cache (self);
}

static void
on_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Asked) asked = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_client_request_finish (ANX_CLIENT (source), result, NULL, &error);
  JsonObject *object = answer != NULL && JSON_NODE_HOLDS_OBJECT (answer) ? json_node_get_object (answer) : NULL;
  JsonArray *array = object != NULL ? anx_json_get_array (object, asked->fetch->what) : NULL;
  const char *next = object != NULL ? anx_json_get_string (object, "next", NULL) : NULL;

  if (array == NULL)
    {
      /* What is on the screen stays; the status bar tells that it is old. */
      if (error != NULL && !g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE)
          && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        anx_journal ("anxin-desk", "not-fetched", "what", asked->fetch->what, "reason", error->message, NULL);
      return;
    }
  for (guint i = 0; i < json_array_get_length (array); i++)
    json_array_add_element (asked->gathered, json_node_copy (json_array_get_element (array, i)));
  if (next != NULL && asked->service->client != NULL && ++asked->pages < MOST_PAGES)
    {
      ask (g_steal_pointer (&asked), next);
      return;
    }
  if (next != NULL)
    anx_journal ("anxin-desk", "left-out", "what", asked->fetch->what, NULL);
  take_all (asked->service, asked->fetch, asked->gathered);
}

static void
ask (Asked *asked, const char *after)
{
  g_autofree char *path = after != NULL ? g_strconcat (asked->path, "&after=", after, NULL) : g_strdup (asked->path);
  anx_client_request_async (asked->service->client, "GET", path, NULL, asked->service->cancellable, on_fetched, asked);
}

static gboolean
is_wanted (AnxDeskService *self, const char *what)
{
  AnxDeskPages pages = anx_desk_service_get_pages (self);
  if (g_str_equal (what, "bookings"))
    return (pages & (ANX_DESK_PAGE_DAY | ANX_DESK_PAGE_BOOKINGS)) != 0;
  if (g_str_equal (what, "alerts"))
    return (pages & ANX_DESK_PAGE_ALERTS) != 0;
  return (pages & (ANX_DESK_PAGE_REFERRALS | ANX_DESK_PAGE_DEPARTMENT)) != 0;
}

static void
fetch (AnxDeskService *self, const Fetch *what)
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
  asked->path = g_steal_pointer (&path);
  asked->gathered = json_array_new ();
  ask (asked, NULL);
}

static void
on_look (AnxClient *client, const char *what, AnxDeskService *self)
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
on_state_changed (AnxClient *client, AnxDeskService *self)
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

/**
 * anx_desk_service_read_data:
 * @name: a data file of the product, below its data folder
 *
 * Returns: (transfer full) (nullable): its content; %NULL when it is not there or no JSON object
 */
JsonObject *
anx_desk_service_read_data (const char *name)
{
  g_autofree char *path = build_data_path (name);
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
  g_autofree char *file = g_build_filename ("calendar", name, NULL);
  g_autoptr (JsonObject) json = anx_desk_service_read_data (file);
  AnxCalendar *calendar = json != NULL ? anx_calendar_parse (json, NULL) : NULL;
  if (calendar != NULL)
    anx_desk_model_set_calendar (self->model, calendar);
}

/* Limits, needs and articles of law of referrals; without the file the built-in limits hold and there is nothing to
 * choose. */
static void
load_referral_data (AnxDeskService *self)
{
  self->referral_data = anx_desk_service_read_data ("care/referral.json");
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
  anx_desk_model_set_directory (self->model, anx_client_get_directory (client));
  g_signal_connect_object (self->model, "changed", G_CALLBACK (anx_desk_service_wake), self, G_CONNECT_SWAPPED);
  self->index = anx_record_index_new (client, MOST_OPEN);
  g_signal_connect_object (self->index, "opened", G_CALLBACK (on_opened), self, 0);
  g_signal_connect_object (self->index, "ready", G_CALLBACK (on_index_ready), self, 0);
  g_signal_connect_object (self->index, "changed", G_CALLBACK (anx_desk_service_wake), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "record-arrived", G_CALLBACK (on_record_arrived), self, 0);
  g_signal_connect_object (client, "record-erased", G_CALLBACK (on_record_erased), self, 0);
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
 * Opens what is on this machine about a booking and about others of the same name and number, however old; the model
 * changes when it is there.
 */
void
anx_desk_service_need_person (AnxDeskService *self, const char *booking)
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
anx_desk_service_get_questionnaire (AnxDeskService *self, const char *canonical)
{
  const AnxShelfEntry *entry = anx_questionnaire_shelf_find (anx_desk_service_get_shelf (self), canonical);
  return entry != NULL ? entry->questionnaire : NULL;
}

/**
 * anx_desk_service_write:
 * @self: a service
 * @id: the record's id, a UUIDv7
 * @kind: of the table in src/README.md
 * @recipients: (array zero-terminated=1): to whom it is sealed, besides recovery
 * @predecessor: (nullable): the record it follows
 * @routing: what the hub may read
 * @resource: the FHIR R4 resource
 * @error: return location: the client's errors
 *
 * Seals and queues. On %TRUE the record is on this machine's disk and the model has it, before the hub does.
 *
 * Returns: whether it was written
 */
gboolean
anx_desk_service_write (AnxDeskService *self,
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
  g_autoptr (AnxRecordHeader) header = anx_record_header_new (id, kind, author, recipients, predecessor, now, routing);
  g_autoptr (JsonNode) node = anx_json_node_from_object (resource);

  if (!anx_client_write (self->client, header, node, error))
    return FALSE;
  g_autoptr (AnxDeskRecord) record = anx_desk_record_new (id, kind, author, predecessor, now, routing, resource);
  anx_desk_model_take_record (self->model, record);
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resident-private.h"

#include <string.h>

#include "bounds.h"
#include "json.h"
#include "process.h"
#include "shell-error.h"

/* Early signals of one visit: one offer with its candidates is about 20. */
#define MAX_EARLY_SIGNALS 200
/* How often the shell is told that somebody is here, at most. */
#define ACTIVE_PAUSE_USEC (2 * G_USEC_PER_SEC)

G_DEFINE_FINAL_TYPE (AnxResident, anx_resident, G_TYPE_OBJECT)

enum
{
  LINK_STATE_CHANGED,
  ACKNOWLEDGED,
  ALERT_CHANGED,
  ALERT_ANSWERED,
  SIGNAL_RECEIVED,
  ALERT_SIGNAL,
  ACTIVE,
  BEGIN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
anx_signal_free (gpointer data)
{
  AnxSignal *self = data;

  g_free (self->sender);
  g_free (self->call);
  json_object_unref (self->body);
  g_free (self);
}

static void
anx_resident_finalize (GObject *object)
{
  AnxResident *self = ANX_RESIDENT (object);

  g_clear_pointer (&self->rising, g_ptr_array_unref);
  g_clear_object (&self->shell);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->directory, anx_directory_unref);
  g_clear_pointer (&self->authority, anx_certificate_unref);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->context, json_object_unref);
  g_clear_pointer (&self->alert, g_free);
  g_clear_pointer (&self->alerts, g_hash_table_unref);
  g_clear_pointer (&self->alert_helper, g_free);
  g_clear_pointer (&self->acknowledged, g_hash_table_unref);
  g_clear_pointer (&self->booking, json_object_unref);
  g_clear_pointer (&self->code, anx_secret_free);
  g_clear_pointer (&self->early_signals, g_ptr_array_unref);
  G_OBJECT_CLASS (anx_resident_parent_class)->finalize (object);
}

static void
anx_resident_class_init (AnxResidentClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = anx_resident_finalize;
  /**
   * AnxResident::link-state-changed:
   *
   * The link to the hub came or went, or the number of waiting records changed.
   */
  signals[LINK_STATE_CHANGED]
      = g_signal_new ("link-state-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * AnxResident::acknowledged:
   * @record_id: a record of this visit
   *
   * The hub has committed the record.
   */
  signals[ACKNOWLEDGED]
      = g_signal_new ("acknowledged", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  /**
   * AnxResident::alert-changed:
   *
   * An alert was raised, put on the disk, or could not be put there.
   */
  signals[ALERT_CHANGED] = g_signal_new ("alert-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * AnxResident::alert-answered:
   * @alert_id: an alert's record id
   *
   * A person has taken the alert.
   */
  signals[ALERT_ANSWERED]
      = g_signal_new ("alert-answered", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  /**
   * AnxResident::signal-received:
   * @sender: principal
   * @call: a booking's id
   * @body: the message
   *
   * Signalling of a video session.
   */
  signals[SIGNAL_RECEIVED] = g_signal_new ("signal-received", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                           3, G_TYPE_STRING, G_TYPE_STRING, JSON_TYPE_OBJECT);
  /**
   * AnxResident::alert-signal:
   * @sender: principal
   * @call: the id of an alert of this visit
   * @body: the message
   *
   * Signalling from somebody who answered the alert.
   */
  signals[ALERT_SIGNAL] = g_signal_new ("alert-signal", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                                        G_TYPE_STRING, G_TYPE_STRING, JSON_TYPE_OBJECT);
  /**
   * AnxResident::active:
   *
   * Somebody touched or typed.
   */
  signals[ACTIVE] = g_signal_new ("active", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * AnxResident::begin:
   * @language: `zh` or `en`
   * @page: empty or `help`
   *
   * The first touch: the spare process becomes a visit.
   */
  signals[BEGIN] = g_signal_new ("begin", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                 G_TYPE_STRING);
}

static void
anx_resident_init (AnxResident *self)
{
  self->clock = anx_clock_new_system ();
  self->acknowledged = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->alerts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->early_signals = g_ptr_array_new_with_free_func (anx_signal_free);
}

static void
on_link_state (AnxResident *self, gboolean online, guint queued)
{
  if (self->online == online && self->queued == queued)
    return;
  self->online = online;
  self->queued = queued;
  g_signal_emit (self, signals[LINK_STATE_CHANGED], 0);
}

static void
on_acknowledged (AnxResident *self, const char *id)
{
  g_hash_table_add (self->acknowledged, g_strdup (id));
  g_signal_emit (self, signals[ACKNOWLEDGED], 0, id);
}

/* The state only goes forward: what was true once about this alert stays true. */
static void
on_alert_state (AnxResident *self, const char *alert, const char *state, const char *helper)
{
  anx_resident_confirm_alert (self, alert);
  if (g_strcmp0 (alert, self->alert) != 0 || self->alert_answered)
    return;
  self->alert_nearby = self->alert_nearby || g_str_equal (state, "nearby");
  self->alert_answered = g_str_equal (state, "answered");
  g_free (self->alert_helper);
  self->alert_helper = self->alert_answered && *helper != '\0' ? g_strdup (helper) : NULL;
  if (self->alert_answered)
    g_signal_emit (self, signals[ALERT_ANSWERED], 0, alert);
  else
    g_signal_emit (self, signals[LINK_STATE_CHANGED], 0);
}

/* An offer may overtake the answer to the check-in, before the page that listens exists: it is kept for that page. */
static void
on_signal (AnxResident *self, const char *sender, const char *call, const char *text)
{
  g_autoptr (JsonObject) body = anx_json_parse_object (text, -1, ANX_BOUND_SIGNAL_BYTES, NULL);
  AnxSignal *early;

  if (body == NULL)
    return;
  if (g_hash_table_contains (self->alerts, call))
    {
      g_signal_emit (self, signals[ALERT_SIGNAL], 0, sender, call, body);
      return;
    }
  if (g_signal_has_handler_pending (self, signals[SIGNAL_RECEIVED], 0, FALSE))
    {
      g_signal_emit (self, signals[SIGNAL_RECEIVED], 0, sender, call, body);
      return;
    }
  if (self->early_signals->len >= MAX_EARLY_SIGNALS)
    return;
  early = g_new0 (AnxSignal, 1);
  early->sender = g_strdup (sender);
  early->call = g_strdup (call);
  early->body = g_steal_pointer (&body);
  g_ptr_array_add (self->early_signals, early);
}

static void
on_begin (AnxResident *self, const char *language, const char *page)
{
  g_signal_emit (self, signals[BEGIN], 0, language, page);
}

static gboolean
anx_resident_fetch (AnxResident *self, GError **error)
{
  g_autofree char *context = NULL, *authority = NULL;
  g_autoptr (GVariant) directory = NULL;
  g_autoptr (GBytes) der = NULL;

  if (!anx_shell1_call_get_context_sync (self->shell, &context, NULL, error)
      || !anx_shell1_call_get_directory_sync (self->shell, &directory, &authority, NULL, error))
    return FALSE;
  self->context = anx_json_parse_object (context, -1, ANX_BOUND_SIGNAL_BYTES, error);
  if (self->context == NULL)
    return FALSE;
  self->authority = anx_certificate_new_from_pem (authority, error);
  if (self->authority == NULL)
    return FALSE;
  /* The recipients of what a resident writes come from here: the shell is not taken at its word. */
  der = g_variant_get_data_as_bytes (directory);
  self->directory = anx_directory_open (der, self->authority, NULL, error);
  return self->directory != NULL
         && anx_json_need_string (self->context, "principal", ANX_BOUND_PRINCIPAL_CHARS, error) != NULL;
}

/**
 * anx_resident_new:
 * @connection: the private socket to the shell
 * @error: return location; GDBus's errors, or those of `seal` when directory or authority do not hold
 *
 * Fetches context and directory, and checks the directory against the authority itself. Blocks meanwhile: a spare
 * process has the time.
 *
 * Returns: (transfer full): the visit
 */
AnxResident *
anx_resident_new (GDBusConnection *connection, GError **error)
{
  g_autoptr (AnxResident) self = g_object_new (ANX_TYPE_RESIDENT, NULL);

  (void) ANX_SHELL_ERROR;
  self->connection = g_object_ref (connection);
  self->shell = anx_shell1_proxy_new_sync (connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL, ANX_SHELL_PATH,
                                           NULL, error);
  if (self->shell == NULL)
    return NULL;
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (self->shell), ANX_SHELL_TIMEOUT_MS);
  g_signal_connect_swapped (self->shell, "link-state", G_CALLBACK (on_link_state), self);
  g_signal_connect_swapped (self->shell, "acknowledged", G_CALLBACK (on_acknowledged), self);
  g_signal_connect_swapped (self->shell, "alert-state", G_CALLBACK (on_alert_state), self);
  g_signal_connect_swapped (self->shell, "signal", G_CALLBACK (on_signal), self);
  g_signal_connect_swapped (self->shell, "begin", G_CALLBACK (on_begin), self);
  if (!anx_resident_fetch (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * anx_resident_get_directory:
 * @self: the visit
 *
 * Returns: (transfer none): the directory, verified in this process
 */
AnxDirectory *
anx_resident_get_directory (AnxResident *self)
{
  return self->directory;
}

/**
 * anx_resident_get_authority:
 * @self: the visit
 *
 * Returns: (transfer none): the district authority's certificate
 */
AnxCertificate *
anx_resident_get_authority (AnxResident *self)
{
  return self->authority;
}

/**
 * anx_resident_get_context:
 * @self: the visit
 *
 * Returns: (transfer none): where we are, as GetContext of org.anxin.Shell1 describes it
 */
JsonObject *
anx_resident_get_context (AnxResident *self)
{
  return self->context;
}

/**
 * anx_resident_get_principal:
 * @self: the visit
 *
 * Returns: the kiosk's principal id
 */
const char *
anx_resident_get_principal (AnxResident *self)
{
  return anx_json_get_string (self->context, "principal", "");
}

/**
 * anx_resident_get_centre:
 * @self: the visit
 *
 * Returns: the centre's id
 */
const char *
anx_resident_get_centre (AnxResident *self)
{
  return anx_json_get_string (self->context, "centre", "");
}

/**
 * anx_resident_get_room:
 * @self: the visit
 *
 * Returns: the room's id
 */
const char *
anx_resident_get_room (AnxResident *self)
{
  return anx_json_get_string (self->context, "room", "");
}

/**
 * anx_resident_get_zone:
 * @self: the visit
 *
 * Returns: the IANA name of the centre's time zone; China has one (Asia/Shanghai), which stands in when the directory
 * is silent
 */
const char *
anx_resident_get_zone (AnxResident *self)
{
  JsonObject *centre = anx_directory_get_centre (self->directory, anx_resident_get_centre (self));
  return centre != NULL ? anx_json_get_string (centre, "timezone", "Asia/Shanghai") : "Asia/Shanghai";
}

/**
 * anx_resident_is_online:
 * @self: the visit
 *
 * Returns: whether the hub answers
 */
gboolean
anx_resident_is_online (AnxResident *self)
{
  return self->online;
}

/**
 * anx_resident_count_queued:
 * @self: the visit
 *
 * Returns: how many records of this kiosk are on its disk and not yet acknowledged by the hub
 */
guint
anx_resident_count_queued (AnxResident *self)
{
  return self->queued;
}

/**
 * anx_resident_find_group:
 * @self: the visit
 * @role: `staff` or `duty`
 *
 * Returns: (transfer full) (nullable): this centre's active group of that role, to which something can be sealed; %NULL when the directory has
 *   none
 */
char *
anx_resident_find_group (AnxResident *self, const char *role)
{
  return g_strdup (anx_directory_find_group (self->directory, role, anx_resident_get_centre (self)));
}

/**
 * anx_resident_is_acknowledged:
 * @self: the visit
 * @record_id: (nullable): a record of this visit
 *
 * Returns: whether the hub has committed it
 */
gboolean
anx_resident_is_acknowledged (AnxResident *self, const char *record_id)
{
  return record_id != NULL && g_hash_table_contains (self->acknowledged, record_id);
}

/**
 * anx_resident_set_booking:
 * @self: the visit
 * @booking: (nullable) (transfer none): booking object of the hub's API
 * @code: (nullable): its code in clear, normalised
 *
 * Remembers what this visit is about, in this process only.
 */
void
anx_resident_set_booking (AnxResident *self, JsonObject *booking, const char *code)
{
  if (booking != NULL)
    json_object_ref (booking);
  g_clear_pointer (&self->booking, json_object_unref);
  self->booking = booking;
  if (code != self->code)
    {
      g_clear_pointer (&self->code, anx_secret_free);
      self->code = g_strdup (code);
    }
}

/**
 * anx_resident_get_booking:
 * @self: the visit
 *
 * Returns: (transfer none) (nullable): what anx_resident_set_booking() was given
 */
JsonObject *
anx_resident_get_booking (AnxResident *self)
{
  return self->booking;
}

/**
 * anx_resident_get_code:
 * @self: the visit
 *
 * Returns: (nullable): the code in clear, normalised
 */
const char *
anx_resident_get_code (AnxResident *self)
{
  return self->code;
}

/**
 * anx_resident_send_signal:
 * @self: the visit
 * @to: the counsellor's principal id
 * @call: the booking's id
 * @body: (transfer none): the message, at most 64 KiB as text
 *
 * Hands a signalling message to the shell. The order of calls is kept; the call's own protocol notices a lost one.
 *
 * Returns: whether the link was up when the shell last told
 */
gboolean
anx_resident_send_signal (AnxResident *self, const char *to, const char *call, JsonObject *body)
{
  g_autofree char *text = anx_json_object_to_text (body);

  anx_shell1_call_send_signal (self->shell, to, call, text, NULL, NULL, NULL);
  return self->online;
}

/**
 * anx_resident_take_signals:
 * @self: the visit
 * @call: the booking's id
 *
 * Gives the messages that came before anything was connected to AnxResident::signal-received, and forgets them all.
 *
 * Returns: (transfer full) (element-type AnxSignal): those of @call, oldest first
 */
GPtrArray *
anx_resident_take_signals (AnxResident *self, const char *call)
{
  GPtrArray *taken = g_ptr_array_new_with_free_func (anx_signal_free);

  while (self->early_signals->len > 0)
    {
      AnxSignal *early = g_ptr_array_steal_index (self->early_signals, 0);
      if (g_strcmp0 (early->call, call) == 0)
        g_ptr_array_add (taken, early);
      else
        anx_signal_free (early);
    }
  return taken;
}

/**
 * anx_resident_mark_active:
 * @self: the visit
 *
 * Somebody touched or typed. Tells the shell's watchdog, at most every two seconds.
 */
void
anx_resident_mark_active (AnxResident *self)
{
  gint64 now_usec = g_get_monotonic_time ();

  g_signal_emit (self, signals[ACTIVE], 0);
  if (self->told_active_usec != 0 && now_usec - self->told_active_usec < ACTIVE_PAUSE_USEC)
    return;
  self->told_active_usec = now_usec;
  anx_shell1_call_active (self->shell, NULL, NULL, NULL);
}

/**
 * anx_resident_mark_ready:
 * @self: the visit
 *
 * Tells the shell that the window is laid out and AnxResident::begin has its handler. Link state comes in answer.
 */
void
anx_resident_mark_ready (AnxResident *self)
{
  anx_shell1_call_ready (self->shell, NULL, NULL, NULL);
}

static void
wipe_member (JsonObject *object, const char *name, JsonNode *node, gpointer user_data)
{
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      /* json-glib has no writable access; the text is ours alone in this process, and the process ends now. */
      char *text = (char *) json_node_get_string (node);
      anx_wipe (text, strlen (text));
    }
}

/**
 * anx_resident_wipe:
 * @self: the visit
 *
 * Lets what was said to the shell leave this process, then overwrites the code and the booking. The caller ends the
 * process.
 */
void
anx_resident_wipe (AnxResident *self)
{
  anx_resident_settle_alerts (self);
  g_dbus_connection_flush_sync (self->connection, NULL, NULL);
  if (self->code != NULL)
    anx_wipe (self->code, strlen (self->code));
  if (self->booking != NULL)
    json_object_foreach_member (self->booking, wipe_member, NULL);
}

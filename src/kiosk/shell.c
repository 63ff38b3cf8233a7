/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell.h"

#include <glib/gi18n.h>

#include "booking-keeper.h"
#include "client.h"
#include "directory-words.h"
#include "draft-store.h"
#include "enrolment.h"
#include "journal.h"
#include "json.h"
#include "local-alerts.h"
#include "lockdown.h"
#include "pool.h"
#include "seal-error.h"
#include "shell-error.h"
#include "shell-window.h"
#include "store-error.h"
#include "sync-error.h"
#include "ui-text.h"
#include "unwritten-alerts.h"

#define PROGRAM "anxin-kiosk"
/* A draft outlives its time by no more than this. */
#define SWEEP_SECONDS 300

/* National numbers, the same everywhere in China and free: psychological help (National Health Commission, since 2025),
 * ambulance, police. */
#define NUMBER_HOTLINE "12356"
#define NUMBER_AMBULANCE "120"
#define NUMBER_POLICE "110"

struct _AnxShell
{
  GObject parent_instance;

  char *folder;
  char *language;
  int width, height;
  gboolean windowed;
  gboolean test_media;
  char **arguments; /* of the resident process */

  AnxShellWindow *window;
  AnxProfile *profile;     /* (nullable) */
  AnxClient *client;       /* (nullable) */
  AnxBookingKeeper *keeper; /* (nullable) */
  AnxLocalAlerts *local_alerts; /* (nullable) with the client */
  AnxPool *pool;           /* (nullable) */
  AnxUnwrittenAlerts *unwritten_alerts;
  AnxDraftStore *drafts;
  guint sweep_source;
  GCancellable *enrolling; /* (nullable) */
};

static void anx_shell_host_init (AnxVisitHostInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AnxShell,
                               anx_shell,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (ANX_TYPE_VISIT_HOST, anx_shell_host_init))

static void
anx_shell_dispose (GObject *object)
{
  AnxShell *self = ANX_SHELL (object);

  anx_shell_stop (self);
  if (self->window != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->window, self);
      gtk_window_destroy (GTK_WINDOW (self->window));
      self->window = NULL;
    }
  G_OBJECT_CLASS (anx_shell_parent_class)->dispose (object);
}

static void
anx_shell_finalize (GObject *object)
{
  AnxShell *self = ANX_SHELL (object);

  g_free (self->folder);
  g_free (self->language);
  g_strfreev (self->arguments);
  g_clear_handle_id (&self->sweep_source, g_source_remove);
  g_clear_pointer (&self->drafts, anx_draft_store_free);
  g_clear_pointer (&self->unwritten_alerts, anx_unwritten_alerts_free);
  G_OBJECT_CLASS (anx_shell_parent_class)->finalize (object);
}

static void
anx_shell_class_init (AnxShellClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = anx_shell_dispose;
  G_OBJECT_CLASS (klass)->finalize = anx_shell_finalize;
}

static void
anx_shell_init (AnxShell *self)
{
}

/* Where this kiosk stands, as the directory says. */
static const AnxPrincipal *
anx_shell_find_self (AnxShell *self)
{
  AnxDirectory *directory = self->client != NULL ? anx_client_get_directory (self->client) : NULL;

  if (directory == NULL)
    return NULL;
  return anx_directory_get_principal (directory, anx_profile_get_principal (self->profile));
}

static JsonObject *
anx_shell_find_centre (AnxShell *self)
{
  const AnxPrincipal *kiosk = anx_shell_find_self (self);

  if (kiosk == NULL || kiosk->centre == NULL)
    return NULL;
  return anx_directory_get_centre (anx_client_get_directory (self->client), kiosk->centre);
}

static JsonObject *
anx_shell_find_room (AnxShell *self)
{
  const AnxPrincipal *kiosk = anx_shell_find_self (self);
  JsonObject *centre = anx_shell_find_centre (self);
  JsonArray *rooms = centre != NULL ? anx_json_get_array (centre, "rooms") : NULL;

  for (guint i = 0; rooms != NULL && i < json_array_get_length (rooms); i++)
    {
      JsonObject *room = anx_json_array_need_object (rooms, i, NULL);
      if (room != NULL && g_strcmp0 (anx_json_get_string (room, "id", NULL), kiosk->room) == 0)
        return room;
    }
  return NULL;
}

static void
add_number (JsonArray *numbers, const char *name, const char *number)
{
  JsonObject *entry;

  if (number == NULL || *number == '\0')
    return;
  entry = json_object_new ();
  json_object_set_string_member (entry, "name", name);
  json_object_set_string_member (entry, "number", number);
  json_array_add_object_element (numbers, entry);
}

static JsonArray *
anx_shell_make_help_numbers (AnxShell *self)
{
  JsonArray *numbers = json_array_new ();
  JsonObject *centre = anx_shell_find_centre (self);

  add_number (numbers, "hotline", NUMBER_HOTLINE);
  add_number (numbers, "centre", centre != NULL ? anx_json_get_string (centre, "phone", NULL) : NULL);
  add_number (numbers, "ambulance", NUMBER_AMBULANCE);
  add_number (numbers, "police", NUMBER_POLICE);
  return numbers;
}

static char *
anx_shell_make_context (AnxVisitHost *host)
{
  AnxShell *self = ANX_SHELL (host);
  const AnxPrincipal *kiosk = anx_shell_find_self (self);
  JsonObject *centre = anx_shell_find_centre (self), *room = anx_shell_find_room (self);
  const char *centre_name = anx_words_of (centre, "name"), *room_name = anx_words_of (room, "name");
  g_autoptr (JsonObject) context = json_object_new ();

  json_object_set_string_member (context, "principal", anx_profile_get_principal (self->profile));
  json_object_set_string_member (context, "kiosk", anx_profile_get_principal (self->profile));
  json_object_set_string_member (context, "district", anx_profile_get_district (self->profile));
  json_object_set_string_member (context, "centre", kiosk != NULL && kiosk->centre != NULL ? kiosk->centre : "");
  json_object_set_string_member (context, "room", kiosk != NULL && kiosk->room != NULL ? kiosk->room : "");
  json_object_set_string_member (context, "centreName", centre_name != NULL ? centre_name : "");
  json_object_set_string_member (context, "roomName", room_name != NULL ? room_name : "");
  json_object_set_string_member (context, "testMedia", self->test_media ? "a" : "");
  json_object_set_string_member (context, "language", self->language);
  json_object_set_array_member (context, "helpNumbers", anx_shell_make_help_numbers (self));
  return anx_json_object_to_text (context);
}

static GBytes *
anx_shell_get_directory (AnxVisitHost *host, char **out_authority)
{
  AnxShell *self = ANX_SHELL (host);
  AnxDirectory *directory = self->client != NULL ? anx_client_get_directory (self->client) : NULL;

  if (directory == NULL)
    return NULL;
  *out_authority = anx_certificate_to_pem (anx_profile_get_authority (self->profile));
  return g_bytes_ref (anx_directory_get_der (directory));
}

static AnxShellError
shell_code_of (const GError *error)
{
  if (error->domain == ANX_STORE_ERROR)
    return ANX_SHELL_ERROR_STORAGE;
  if (error->domain != ANX_SYNC_ERROR)
    return ANX_SHELL_ERROR_FAILED;
  switch ((AnxSyncError) error->code)
    {
    case ANX_SYNC_ERROR_OFFLINE:
    case ANX_SYNC_ERROR_UNTRUSTED:
    case ANX_SYNC_ERROR_DATE:
      return ANX_SHELL_ERROR_OFFLINE;
    case ANX_SYNC_ERROR_REFUSED:
      return ANX_SHELL_ERROR_REFUSED;
    case ANX_SYNC_ERROR_CONFLICT:
      return ANX_SHELL_ERROR_CONFLICT;
    case ANX_SYNC_ERROR_UNKNOWN:
      return ANX_SHELL_ERROR_UNKNOWN;
    case ANX_SYNC_ERROR_BUSY:
      return ANX_SHELL_ERROR_BUSY;
    case ANX_SYNC_ERROR_INVALID:
    case ANX_SYNC_ERROR_PROFILE:
    default:
      return ANX_SHELL_ERROR_FAILED;
    }
}

static void
on_requested (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) problem = NULL;
  JsonNode *answer = anx_booking_keeper_request_finish (ANX_BOOKING_KEEPER (source), result, &problem, &error);
  g_autofree char *text = NULL;

  if (error == NULL)
    {
      g_task_return_pointer (task, answer, (GDestroyNotify) json_node_unref);
      return;
    }
  if (problem != NULL && shell_code_of (error) == ANX_SHELL_ERROR_CONFLICT)
    text = anx_json_object_to_text (problem);
  g_task_return_new_error (task, ANX_SHELL_ERROR, (gint) shell_code_of (error), "%s",
                           text != NULL ? text : error->message);
}

static void
anx_shell_request_async (AnxVisitHost *host,
                         const char *method,
                         const char *path,
                         JsonNode *body,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (host, cancellable, callback, user_data);

  /* A visit that ends while the shell itself is ending has nobody to ask any more. */
  if (ANX_SHELL (host)->keeper == NULL)
    {
      g_task_return_new_error (task, ANX_SHELL_ERROR, ANX_SHELL_ERROR_OFFLINE, "The shell is closing");
      g_object_unref (task);
      return;
    }
  anx_booking_keeper_request_async (ANX_SHELL (host)->keeper, method, path, body, cancellable, on_requested, task);
}

static JsonNode *
anx_shell_request_finish (AnxVisitHost *host, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* An alert that was written from the list is offered once more by the resident process that raised it. */
static gboolean
anx_shell_has_record (AnxShell *self, AnxRecordHeader *header)
{
  g_autoptr (AnxInboxRecord) record = anx_client_get_record (self->client, anx_record_header_get_id (header), NULL);

  return record != NULL;
}

static gboolean
on_write_alert (AnxRecordHeader *header, GBytes *sealed, gpointer user_data)
{
  AnxShell *self = user_data;

  /* While the shell is stopped there is nowhere to write to. */
  if (self->client == NULL)
    return FALSE;
  if (anx_shell_has_record (self, header))
    return TRUE;
  if (!anx_client_submit (self->client, header, sealed, NULL))
    return FALSE;
  anx_journal (PROGRAM, "alert-written-late", NULL, NULL);
  return TRUE;
}

static void
anx_shell_keep_alert (AnxVisitHost *host, AnxRecordHeader *header, GBytes *sealed)
{
  anx_unwritten_alerts_add (ANX_SHELL (host)->unwritten_alerts, header, sealed);
}

static gboolean
anx_shell_submit (AnxVisitHost *host, AnxRecordHeader *header, GBytes *sealed, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *code = NULL;

  if (anx_shell_has_record (ANX_SHELL (host), header) || anx_client_submit (ANX_SHELL (host)->client, header, sealed, &local))
    return TRUE;
  code = g_strdup_printf ("%d", local->code);
  anx_journal (PROGRAM, "submit-failed", "domain", g_quark_to_string (local->domain), "code", code, NULL);
  g_set_error_literal (error, ANX_SHELL_ERROR, (gint) shell_code_of (local), local->message);
  return FALSE;
}

static char *
anx_shell_sign (AnxVisitHost *host, const char *context, const char *text, GError **error)
{
  g_autoptr (GError) local = NULL;
  char *statement = anx_client_sign_statement (ANX_SHELL (host)->client, context, text, &local);

  if (statement == NULL)
    g_set_error_literal (error, ANX_SHELL_ERROR, ANX_SHELL_ERROR_FAILED, local->message);
  return statement;
}

static gboolean
anx_shell_send_signal (AnxVisitHost *host, const char *to, const char *call, JsonObject *body)
{
  return anx_client_send_signal (ANX_SHELL (host)->client, to, call, body);
}

static gboolean
anx_shell_is_online (AnxVisitHost *host)
{
  return anx_client_get_state (ANX_SHELL (host)->client) == ANX_CLIENT_ONLINE;
}

static guint
anx_shell_count_queued (AnxVisitHost *host)
{
  return anx_client_count_queued (ANX_SHELL (host)->client);
}

static gboolean
anx_shell_is_acknowledged (AnxVisitHost *host, const char *record_id)
{
  return anx_client_is_acknowledged (ANX_SHELL (host)->client, record_id);
}

static gboolean
anx_shell_keep_draft (AnxVisitHost *host, const char *tag, GBytes *sealed, guint hours, GError **error)
{
  return anx_draft_store_keep (ANX_SHELL (host)->drafts, tag, sealed, hours, error);
}

static GBytes *
anx_shell_take_draft (AnxVisitHost *host, const char *tag, guint *out_wait_seconds)
{
  return anx_draft_store_take (ANX_SHELL (host)->drafts, tag, out_wait_seconds);
}

static const char *
anx_shell_get_principal (AnxVisitHost *host)
{
  return anx_profile_get_principal (ANX_SHELL (host)->profile);
}

static void
anx_shell_host_init (AnxVisitHostInterface *iface)
{
  iface->make_context = anx_shell_make_context;
  iface->get_directory = anx_shell_get_directory;
  iface->request_async = anx_shell_request_async;
  iface->request_finish = anx_shell_request_finish;
  iface->submit = anx_shell_submit;
  iface->keep_alert = anx_shell_keep_alert;
  iface->sign = anx_shell_sign;
  iface->send_signal = anx_shell_send_signal;
  iface->is_online = anx_shell_is_online;
  iface->count_queued = anx_shell_count_queued;
  iface->is_acknowledged = anx_shell_is_acknowledged;
  iface->keep_draft = anx_shell_keep_draft;
  iface->take_draft = anx_shell_take_draft;
  iface->get_principal = anx_shell_get_principal;
}

/* What happened and what to do, for each thing that can keep a kiosk from starting. What is safe is nearly always the
 * same. */
static void
anx_shell_show_error (AnxShell *self, const GError *error)
{
  const char *what = _ ("The kiosk's program could not start.");
  const char *safe = _ ("What residents gave before is sealed on this machine's disk and is not lost.");
  const char *todo = _ ("Please write down the time and tell the district's administrator. Then try again.");
  g_autofree char *code = g_strdup_printf ("%d", error->code);

  anx_journal (PROGRAM, "start-failed", "domain", g_quark_to_string (error->domain), "code", code, NULL);
  if (error->domain == ANX_SEAL_ERROR)
    switch ((AnxSealError) error->code)
      {
      case ANX_SEAL_ERROR_STORE_MISSING:
        what = _ ("This machine's key cabinet (Secret Service) is not running.");
        todo = _ ("Please restart the machine. If this page comes back, tell the district's administrator.");
        break;
      case ANX_SEAL_ERROR_STORE_LOCKED:
        what = _ ("This machine's key cabinet (Secret Service) is locked.");
        todo = _ ("Please unlock it with the kiosk's login, then try again.");
        break;
      case ANX_SEAL_ERROR_KEY_MISSING:
        what = _ ("This machine's keys are not in its key cabinet.");
        todo = _ ("The kiosk must be enrolled anew. Please tell the district's administrator.");
        break;
      case ANX_SEAL_ERROR_EXPIRED:
        what = _ ("This kiosk's certificate is not valid today, or the machine's clock is wrong.");
        todo = _ ("Please compare date and time with a watch. If they are right, ask the administrator for a new "
                  "certificate.");
        break;
      default:
        what = _ ("Something that must carry the district's signature does not.");
        todo = _ ("Nothing is used that is not signed. Please tell the district's administrator.");
        break;
      }
  else if (error->domain == ANX_STORE_ERROR)
    switch ((AnxStoreError) error->code)
      {
      case ANX_STORE_ERROR_FULL:
        what = _ ("This machine's disk is full.");
        todo = _ ("Please free some space, then try again.");
        break;
      case ANX_STORE_ERROR_VERSION:
        what = _ ("The data were written by a newer version of the program.");
        todo = _ ("Please install the newer version again.");
        break;
      case ANX_STORE_ERROR_CORRUPT:
        what = _ ("The file that keeps records on their way is damaged.");
        safe = _ ("Everything that had reached the district is safe there. The damaged file is left as it is.");
        todo = _ ("Please do not delete anything, and tell the district's administrator.");
        break;
      case ANX_STORE_ERROR_BUSY:
        what = _ ("Another program is using the kiosk's data.");
        todo = _ ("Perhaps the kiosk is running twice. Close the other one, or restart the machine.");
        break;
      default:
        what = _ ("The disk did not answer as it should.");
        break;
      }
  else if (error->domain == ANX_SYNC_ERROR && error->code == ANX_SYNC_ERROR_PROFILE)
    {
      what = _ ("The kiosk's settings are missing or damaged.");
      todo = _ ("Please restore them from the backup, or enrol the kiosk anew with the district's administrator.");
    }
  anx_shell_window_show_maintenance (self->window, what, safe, todo);
}

/*
 * Also while online: a wrong clock hinders nothing, but somebody should set it. Without a duty group an alert still rings where it can; that
 * nobody is named to answer it must be seen before somebody needs it.
 */
static void
anx_shell_update_note (AnxShell *self)
{
  JsonObject *centre = anx_shell_find_centre (self);
  const char *note = anx_client_get_problem (self->client);

  if (note == NULL && centre != NULL
      && anx_directory_find_group (anx_client_get_directory (self->client), "duty", anx_json_get_string (centre, "id", "")) == NULL)
    note = _ ("For the staff: nobody is entered as on duty for calls for help here. Please tell the district's administrator.");
  anx_shell_window_set_note (self->window, note);
}

static void
anx_shell_show_attract (AnxShell *self)
{
  JsonObject *centre = anx_shell_find_centre (self);
  const char *centre_name = anx_words_of (centre, "name"),
             *room_name = anx_words_of (anx_shell_find_room (self), "name");
  g_autoptr (JsonArray) numbers = anx_shell_make_help_numbers (self);

  anx_shell_window_show_attract (self->window, centre_name != NULL ? centre_name : _ ("Anxin"),
                                 room_name != NULL ? room_name : "",
                                 centre != NULL ? anx_json_get_string (centre, "timezone", "Asia/Shanghai")
                                                : "Asia/Shanghai",
                                 numbers, centre != NULL);
}

static void
on_began (AnxShell *self)
{
  anx_shell_window_set_resting (self->window, TRUE);
}

static void
on_ended (AnxShell *self, gboolean clean)
{
  if (!clean)
    anx_journal (PROGRAM, "resident-process-died", NULL, NULL);
  anx_shell_window_set_resting (self->window, FALSE);
}

static void
on_troubled (AnxShell *self)
{
  anx_journal (PROGRAM, "resident-process-does-not-start", NULL, NULL);
  anx_shell_window_show_maintenance (
      self->window, _ ("The program for residents does not start."),
      _ ("What residents gave before is sealed on this machine's disk and is not lost."),
      _ ("Please restart the machine. If this page comes back, tell the district's administrator."));
}

/* Begins as soon as the kiosk knows where it stands: without a directory nothing could be sealed for anybody. */
static void
anx_shell_update_pool (AnxShell *self)
{
  if (anx_shell_find_centre (self) == NULL)
    return;
  if (self->pool == NULL)
    {
      self->pool = anx_pool_new (ANX_VISIT_HOST (self), NULL, (const char *const *) self->arguments);
      g_signal_connect_object (self->pool, "began", G_CALLBACK (on_began), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (self->pool, "ended", G_CALLBACK (on_ended), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (self->pool, "troubled", G_CALLBACK (on_troubled), self, G_CONNECT_SWAPPED);
      anx_pool_start (self->pool);
      return;
    }
  anx_pool_refresh (self->pool);
}

static void
on_directory_changed (AnxShell *self)
{
  anx_shell_show_attract (self);
  anx_shell_update_note (self);
  anx_shell_update_pool (self);
}

static void
anx_shell_tell_visits (AnxShell *self)
{
  if (self->pool == NULL)
    return;
  if (anx_pool_get_visit (self->pool) != NULL)
    anx_visit_tell_link_state (anx_pool_get_visit (self->pool));
  if (anx_pool_get_spare (self->pool) != NULL)
    anx_visit_tell_link_state (anx_pool_get_spare (self->pool));
}

static void
on_state_changed (AnxShell *self)
{
  AnxClientState state = anx_client_get_state (self->client);

  anx_shell_update_note (self);
  if (state == ANX_CLIENT_PROBLEM)
    {
      anx_journal (PROGRAM, "client-problem", NULL, NULL);
      /* With a directory the kiosk goes on as if offline: help and screening must not stop for it. */
      if (anx_shell_find_centre (self) == NULL)
        anx_shell_window_show_maintenance (
            self->window, _ ("The district's computer could not be trusted, or did not accept this kiosk."),
            _ ("Nothing was sent to it. What residents gave before is kept here, sealed."),
            anx_client_get_problem (self->client) != NULL ? anx_client_get_problem (self->client)
                                                          : _ ("Please tell the district's administrator."));
    }
  anx_shell_tell_visits (self);
}

/* A name is shown only where the centre wants that; the screen says "someone" otherwise. */
static const char *
anx_shell_name_helper (AnxShell *self, const char *alert)
{
  JsonObject *centre = anx_shell_find_centre (self);
  const char *answerer = anx_local_alerts_get_answerer (self->local_alerts, alert);
  AnxDirectory *directory = anx_client_get_directory (self->client);
  const AnxPrincipal *person = directory != NULL && answerer != NULL ? anx_directory_get_principal (directory, answerer) : NULL;
  const char *name = person != NULL ? anx_words_of (person->json, "name") : NULL;

  return name != NULL && anx_json_get_boolean (centre, "namesHelper", FALSE) ? name : "";
}

static void
on_alert_state_changed (AnxShell *self, const char *alert)
{
  const char *state = anx_alert_state_to_string (anx_local_alerts_get_state (self->local_alerts, alert));

  if (self->pool != NULL && anx_pool_get_visit (self->pool) != NULL)
    anx_visit_tell_alert_state (anx_pool_get_visit (self->pool), alert, state, anx_shell_name_helper (self, alert));
}

/* What the hub did that an honest one does not do, or does only after a loss: names and numbers, nothing personal. */
static void
on_noticed (AnxClient *client,
            const char *name,
            const char *detail,
            gpointer user_data)
{
  anx_journal (PROGRAM, "noticed", "what", name, "which", detail, NULL);
}

static void
on_pushed (AnxShell *self, JsonObject *message)
{
  JsonObject *body = anx_json_get_object (message, "body");
  const char *sender = anx_json_get_string (message, "from", NULL), *call = anx_json_get_string (message, "call", NULL);
  g_autofree char *text = NULL;

  if (self->pool == NULL || anx_pool_get_visit (self->pool) == NULL || body == NULL || sender == NULL || call == NULL
      || g_strcmp0 (anx_json_get_string (message, "type", NULL), "signal") != 0)
    return;
  text = anx_json_object_to_text (body);
  anx_visit_tell_signal (anx_pool_get_visit (self->pool), sender, call, text);
}

static void
anx_shell_open (AnxShell *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxKeyStore) key_store = NULL;
  g_autoptr (AnxClock) clock = anx_clock_new_system ();

  self->profile = anx_profile_open (self->folder, &error);
  if (self->profile == NULL)
    {
      anx_shell_show_error (self, error);
      return;
    }
  key_store = anx_secret_key_store_new (anx_profile_get_district (self->profile));
  self->client = anx_client_new (self->profile, key_store, clock, &error);
  if (self->client == NULL)
    {
      anx_shell_show_error (self, error);
      return;
    }
  g_signal_connect_object (self->client, "state-changed", G_CALLBACK (on_state_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->client, "outbox-changed", G_CALLBACK (anx_shell_tell_visits), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->client, "directory-changed", G_CALLBACK (on_directory_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->client, "pushed", G_CALLBACK (on_pushed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->client, "noticed", G_CALLBACK (on_noticed), self, 0);
  anx_shell_show_attract (self);
  anx_shell_update_note (self);
  anx_shell_update_pool (self);
  self->local_alerts = anx_local_alerts_new_for_profile (self->client);
  g_signal_connect_object (self->local_alerts, "state-changed", G_CALLBACK (on_alert_state_changed), self,
                           G_CONNECT_SWAPPED);
  self->keeper = anx_booking_keeper_new (self->client, TRUE);
  anx_client_start (self->client);
  anx_journal (PROGRAM, "started", NULL, NULL);
}

static void
on_enrolled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AnxShell) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxProfile) profile = anx_enrol_finish (result, &error);
  const char *text = NULL;

  g_clear_object (&self->enrolling);
  if (self->window == NULL)
    return;
  if (profile != NULL)
    {
      anx_journal (PROGRAM, "enrolled", NULL, NULL);
      anx_shell_start (self);
      return;
    }
  if (g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE))
    text = _ ("The hub does not answer at this address. Please check the address and the network cable.");
  else if (g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNTRUSTED))
    text = _ (
        "This is not the hub the code was made for. Nothing was sent. Please compare address and code with the slip.");
  else if (g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNKNOWN))
    text = _ ("The district does not know this code, or its time is over. Please ask the administrator for a new one.");
  else if (g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_CONFLICT))
    text = _ ("This code was already used. Please ask the administrator for a new one.");
  else if (g_error_matches (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_STORE_MISSING)
           || g_error_matches (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_STORE_LOCKED))
    text = _ ("This machine's key cabinet (Secret Service) is missing or locked, so the keys have no safe place. "
              "Please unlock it and try again.");
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    text = error->message;
  anx_journal (PROGRAM, "enrolment-failed", "domain", g_quark_to_string (error->domain), NULL);
  anx_shell_window_show_enrolment (self->window, text);
}

static void
on_enrol (AnxShell *self, const char *hub_url, const char *code)
{
  g_clear_object (&self->enrolling);
  self->enrolling = g_cancellable_new ();
  anx_shell_window_show_enrolling (self->window);
  anx_enrol_async (self->folder, hub_url, code, self->enrolling, on_enrolled, g_object_ref (self));
}

static void
on_cancel (AnxShell *self)
{
  if (self->enrolling != NULL)
    g_cancellable_cancel (self->enrolling);
}

static void
on_begin (AnxShell *self, const char *language, const char *page)
{
  if (self->pool != NULL)
    anx_pool_begin (self->pool, language, page);
}

static void
on_retry (AnxShell *self)
{
  anx_shell_stop (self);
  anx_shell_start (self);
}

static void
anx_shell_make_window (AnxShell *self)
{
  int width = self->width, height = self->height;

  self->window = ANX_SHELL_WINDOW (anx_shell_window_new ());
  g_signal_connect_object (self->window, "begin", G_CALLBACK (on_begin), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->window, "enrol", G_CALLBACK (on_enrol), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->window, "cancel", G_CALLBACK (on_cancel), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->window, "retry", G_CALLBACK (on_retry), self, G_CONNECT_SWAPPED);
  if (width <= 0 || height <= 0)
    {
      g_autoptr (GdkMonitor) monitor = g_list_model_get_item (gdk_display_get_monitors (gdk_display_get_default ()), 0);
      GdkRectangle area = { 0, 0, 1920, 1080 };
      if (monitor != NULL)
        gdk_monitor_get_geometry (monitor, &area);
      width = area.width;
      height = area.height;
    }
  /* Without a window manager nobody honours "full screen": the size makes up for it. */
  gtk_window_set_default_size (GTK_WINDOW (self->window), width, height);
  if (!self->windowed)
    gtk_window_fullscreen (GTK_WINDOW (self->window));
}

static gboolean
on_sweep (gpointer data)
{
  anx_draft_store_sweep (ANX_SHELL (data)->drafts);
  return G_SOURCE_CONTINUE;
}

/**
 * anx_shell_new:
 * @options: what the command line said; copied
 *
 * Returns: (transfer full): a shell that has not started. GTK must be initialized.
 */
AnxShell *
anx_shell_new (const AnxShellOptions *options)
{
  AnxShell *self = g_object_new (ANX_TYPE_SHELL, NULL);
  g_autoptr (GStrvBuilder) arguments = g_strv_builder_new ();
  g_autoptr (AnxClock) clock = anx_clock_new_system ();
  g_autofree char *drafts_folder = NULL;

  self->folder = g_strdup (options->profile);
  self->unwritten_alerts = anx_unwritten_alerts_new (on_write_alert, self);
  drafts_folder = g_build_filename (options->profile, "drafts", NULL);
  self->drafts = anx_draft_store_new (drafts_folder, clock);
  self->sweep_source = g_timeout_add_seconds (SWEEP_SECONDS, on_sweep, self);
  on_sweep (self);
  self->width = options->width;
  self->height = options->height;
  self->windowed = options->windowed;
  self->test_media = options->test_media;
  self->language = g_strdup (g_str_equal (anx_ui_get_language (), "zh") ? "zh_CN" : "en");
  if (options->width > 0)
    {
      g_autofree char *size = g_strdup_printf ("%dx%d", options->width, options->height);
      g_strv_builder_add_many (arguments, "--size", size, NULL);
    }
  if (options->windowed)
    g_strv_builder_add (arguments, "--windowed");
  self->arguments = g_strv_builder_end (arguments);
  return self;
}

/**
 * anx_shell_start:
 * @self: the shell
 *
 * Shows the window and opens the profile, or asks for the enrolment when there is none. What goes wrong is told on the
 * screen.
 */
void
anx_shell_start (AnxShell *self)
{
  if (self->window == NULL)
    {
      anx_shell_make_window (self);
      anx_shell_show_attract (self);
    }
  if (anx_profile_exists (self->folder))
    anx_shell_open (self);
  else
    anx_shell_window_show_enrolment (self->window, NULL);
  gtk_window_present (GTK_WINDOW (self->window));
}

/**
 * anx_shell_stop:
 * @self: the shell
 *
 * Ends resident processes and the link. What was accepted is on the disk; anx_shell_start() goes on.
 */
void
anx_shell_stop (AnxShell *self)
{
  if (self->enrolling != NULL)
    g_cancellable_cancel (self->enrolling);
  if (self->pool != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->pool, self);
      anx_pool_stop (self->pool);
    }
  g_clear_object (&self->pool);
  if (self->local_alerts != NULL)
    g_signal_handlers_disconnect_by_data (self->local_alerts, self);
  g_clear_object (&self->local_alerts);
  if (self->keeper != NULL)
    anx_booking_keeper_stop (self->keeper);
  g_clear_object (&self->keeper);
  if (self->client != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->client, self);
      anx_client_stop (self->client);
    }
  g_clear_object (&self->client);
  g_clear_object (&self->profile);
}

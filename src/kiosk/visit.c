/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "visit.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bounds.h"
#include "care-records.h"
#include "idle.h"
#include "json.h"
#include "request-list.h"
#include "shell-error.h"
#include "shell-interface.h"

/* The descriptor the child finds its socket at. */
#define CHILD_FD 3
/* Beyond the resident process's own limit and warning: it should have left by itself long before. */
#define WATCHDOG_EXTRA_SECONDS 40
#define WATCHDOG_PERIOD_SECONDS 5
/* Bounds of one visit: far above what a person does, far below what would hurt. */
#define MAX_RECORDS 200
#define MAX_REQUESTS 2000
#define MAX_DRAFTS 5
#define MAX_BODY_BYTES (64 * 1024)
#define HOLDS_PREFIX "/v1/holds/"

G_DEFINE_INTERFACE (AnxVisitHost, anx_visit_host, G_TYPE_OBJECT)

static void
anx_visit_host_default_init (AnxVisitHostInterface *iface)
{
}

struct _AnxVisit
{
  GObject parent_instance;

  AnxVisitHost *host; /* owned */
  AnxVisitState state;
  GSubprocess *process;
  GDBusConnection *connection; /* (nullable) until authenticated */
  AnxShell1 *skeleton;
  GCancellable *cancellable;
  GPtrArray *waiting_ids; /* records of this visit the hub has not acknowledged */
  char *begin_language;   /* (nullable) touched before the spare was ready */
  char *begin_page;
  AnxIdle watchdog;
  guint watchdog_source;
  guint n_records;
  guint n_requests;
  guint n_drafts;
  char *held; /* (nullable) path of the last hold this visit asked for */
};

G_DEFINE_FINAL_TYPE (AnxVisit, anx_visit, G_TYPE_OBJECT)

enum
{
  READY,
  ENDED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static AnxVisitHostInterface *
host_of (AnxVisit *self)
{
  return ANX_VISIT_HOST_GET_IFACE (self->host);
}

static void
anx_visit_close (AnxVisit *self)
{
  g_clear_handle_id (&self->watchdog_source, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  if (self->skeleton != NULL && self->connection != NULL)
    g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->skeleton));
  if (self->connection != NULL)
    g_dbus_connection_close (self->connection, NULL, NULL, NULL);
  g_clear_object (&self->connection);
}

static void
anx_visit_dispose (GObject *object)
{
  AnxVisit *self = ANX_VISIT (object);

  anx_visit_end (self);
  anx_visit_close (self);
  if (self->skeleton != NULL)
    g_signal_handlers_disconnect_by_data (self->skeleton, self);
  g_clear_object (&self->skeleton);
  g_clear_object (&self->process);
  g_clear_object (&self->host);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->waiting_ids, g_ptr_array_unref);
  g_clear_pointer (&self->begin_language, g_free);
  g_clear_pointer (&self->begin_page, g_free);
  g_clear_pointer (&self->held, g_free);
  G_OBJECT_CLASS (anx_visit_parent_class)->dispose (object);
}

static void
anx_visit_class_init (AnxVisitClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = anx_visit_dispose;
  /**
   * AnxVisit::ready:
   *
   * The spare's window is laid out.
   */
  signals[READY]
      = g_signal_new ("ready", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * AnxVisit::ended:
   * @clean: whether the process left by itself, as it does when a resident leaves
   *
   * The process is gone, and all it held with it.
   */
  signals[ENDED] = g_signal_new ("ended", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
anx_visit_init (AnxVisit *self)
{
  self->cancellable = g_cancellable_new ();
  self->waiting_ids = g_ptr_array_new_with_free_func (g_free);
  self->skeleton = anx_shell1_skeleton_new ();
}

static void
return_shell_error (GDBusMethodInvocation *invocation, AnxShellError code, const char *message)
{
  g_dbus_method_invocation_return_error_literal (invocation, ANX_SHELL_ERROR, code, message);
}

static gboolean
on_get_context (AnxShell1 *skeleton, GDBusMethodInvocation *invocation, AnxVisit *self)
{
  g_autofree char *context = host_of (self)->make_context (self->host);

  anx_shell1_complete_get_context (skeleton, invocation, context);
  return TRUE;
}

static gboolean
on_get_directory (AnxShell1 *skeleton, GDBusMethodInvocation *invocation, AnxVisit *self)
{
  g_autofree char *authority = NULL;
  g_autoptr (GBytes) der = host_of (self)->get_directory (self->host, &authority);

  if (der == NULL)
    return_shell_error (invocation, ANX_SHELL_ERROR_UNKNOWN, "There is no directory yet");
  else
    anx_shell1_complete_get_directory (skeleton, invocation,
                                       g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, der, TRUE), authority);
  return TRUE;
}

static void
on_released (GObject *source, GAsyncResult *result, gpointer user_data)
{
  /* Without an answer the hold ends by itself. */
  g_autoptr (JsonNode) answer = ANX_VISIT_HOST_GET_IFACE (source)->request_finish (ANX_VISIT_HOST (source), result, NULL);
}

/* However a visit ended, a time that was held for it is free for the next one at once. */
static void
anx_visit_release (AnxVisit *self)
{
  g_autofree char *path = self->held != NULL ? g_strconcat (self->held, "/release", NULL) : NULL;
  g_autoptr (JsonObject) nothing = json_object_new ();
  g_autoptr (JsonNode) body = anx_json_node_from_object (nothing);

  g_clear_pointer (&self->held, g_free);
  if (path != NULL)
    host_of (self)->request_async (self->host, "POST", path, body, NULL, on_released, NULL);
}

/* Remembered when it is asked for, not when it is granted: the answer may come after the resident has left. */
static void
anx_visit_note_hold (AnxVisit *self, const char *method, const char *path)
{
  if (g_str_equal (method, "PUT") && g_str_has_prefix (path, HOLDS_PREFIX))
    {
      g_free (self->held);
      self->held = g_strdup (path);
    }
}

static void
on_request_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusMethodInvocation *invocation = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer
      = ANX_VISIT_HOST_GET_IFACE (source)->request_finish (ANX_VISIT_HOST (source), result, &error);
  g_autofree char *text = NULL;

  if (error != NULL)
    {
      g_dbus_method_invocation_return_gerror (invocation, error);
      return;
    }
  text = answer != NULL ? anx_json_node_to_text (answer) : g_strdup ("");
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(s)", text));
}

static gboolean
on_request (AnxShell1 *skeleton,
            GDBusMethodInvocation *invocation,
            const char *method,
            const char *path,
            const char *body,
            AnxVisit *self)
{
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;

  if (!anx_request_list_allows (method, path) || self->n_requests++ >= MAX_REQUESTS)
    {
      return_shell_error (invocation, ANX_SHELL_ERROR_REFUSED, "A resident may not ask this");
      return TRUE;
    }
  if (*body != '\0')
    node = anx_json_parse (body, -1, MAX_BODY_BYTES, &error);
  if (error != NULL)
    return_shell_error (invocation, ANX_SHELL_ERROR_REFUSED, "The body is not JSON of the allowed size");
  else
    {
      anx_visit_note_hold (self, method, path);
      host_of (self)->request_async (self->host, method, path, node, self->cancellable, on_request_done, invocation);
    }
  return TRUE;
}

/* The header is the resident process's word; what the shell signs must be what a kiosk writes, in its own name. */
static AnxRecordHeader *
anx_visit_parse_header (AnxVisit *self, const char *text, GBytes *sealed, GError **error)
{
  g_autoptr (AnxRecordHeader) header = NULL;

  if (g_bytes_get_size (sealed) == 0 || g_bytes_get_size (sealed) > ANX_BOUND_ENVELOPE_BYTES
      || self->n_records >= MAX_RECORDS)
    {
      g_set_error_literal (error, ANX_SHELL_ERROR, ANX_SHELL_ERROR_REFUSED,
                           "The record is too large, or there are too many");
      return NULL;
    }
  header = anx_record_header_parse (text, -1, NULL);
  if (header == NULL
      || g_strcmp0 (anx_record_header_get_author (header), host_of (self)->get_principal (self->host)) != 0
      || !anx_request_list_allows_kind (anx_record_header_get_kind (header))
      || anx_record_header_get_sequence (header) != 0)
    {
      g_set_error_literal (error, ANX_SHELL_ERROR, ANX_SHELL_ERROR_REFUSED, "The header is not one a visit may write");
      return NULL;
    }
  return g_steal_pointer (&header);
}

/* Handed over before: the answer did not come in time, and it was offered again. */
static gboolean
anx_visit_has_record (AnxVisit *self, const char *id)
{
  return g_ptr_array_find_with_equal_func (self->waiting_ids, id, g_str_equal, NULL) || host_of (self)->is_acknowledged (self->host, id);
}

static gboolean
on_submit (AnxShell1 *skeleton,
           GDBusMethodInvocation *invocation,
           const char *header_text,
           GVariant *sealed_variant,
           AnxVisit *self)
{
  g_autoptr (GBytes) sealed = g_variant_get_data_as_bytes (sealed_variant);
  g_autoptr (AnxRecordHeader) header = NULL;
  g_autoptr (GError) error = NULL;

  header = anx_visit_parse_header (self, header_text, sealed, &error);
  if (header != NULL && anx_visit_has_record (self, anx_record_header_get_id (header)))
    {
      anx_shell1_complete_submit (skeleton, invocation);
      return TRUE;
    }
  if (header == NULL || !host_of (self)->submit (self->host, header, sealed, &error))
    {
      /* An alert outlives the visit, which goes on trying, too, and is told the truth. */
      if (header != NULL && g_str_equal (anx_record_header_get_kind (header), ANX_KIND_ALERT))
        host_of (self)->keep_alert (self->host, header, sealed);
      g_dbus_method_invocation_return_gerror (invocation, error);
      return TRUE;
    }
  /* V2: on the disk by now. */
  self->n_records++;
  g_ptr_array_add (self->waiting_ids, g_strdup (anx_record_header_get_id (header)));
  anx_shell1_complete_submit (skeleton, invocation);
  anx_visit_tell_link_state (self);
  return TRUE;
}

static gboolean
on_sign_statement (
    AnxShell1 *skeleton, GDBusMethodInvocation *invocation, const char *context, const char *text, AnxVisit *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *statement = NULL;

  /* Nothing but session descriptions: a visit must never get the device's signature on anything else. */
  if (!g_str_has_prefix (context, "session-description:") || strlen (context) > 200
      || strlen (text) > ANX_BOUND_SIGNAL_BYTES)
    {
      return_shell_error (invocation, ANX_SHELL_ERROR_REFUSED, "Only session descriptions are signed here");
      return TRUE;
    }
  statement = host_of (self)->sign (self->host, context, text, &error);
  if (statement == NULL)
    g_dbus_method_invocation_return_gerror (invocation, error);
  else
    anx_shell1_complete_sign_statement (skeleton, invocation, statement);
  return TRUE;
}

static gboolean
on_send_signal (AnxShell1 *skeleton,
                GDBusMethodInvocation *invocation,
                const char *to,
                const char *call,
                const char *text,
                AnxVisit *self)
{
  g_autoptr (JsonObject) body = anx_json_parse_object (text, -1, ANX_BOUND_SIGNAL_BYTES, NULL);
  gboolean sent = body != NULL && strlen (to) <= ANX_BOUND_PRINCIPAL_CHARS && strlen (call) <= 64
                  && host_of (self)->send_signal (self->host, to, call, body);

  anx_shell1_complete_send_signal (skeleton, invocation, sent);
  return TRUE;
}

static gboolean
on_keep_draft (AnxShell1 *skeleton,
               GDBusMethodInvocation *invocation,
               const char *tag,
               GVariant *sealed_variant,
               guint hours,
               AnxVisit *self)
{
  g_autoptr (GBytes) sealed = g_variant_get_data_as_bytes (sealed_variant);
  g_autoptr (GError) error = NULL;

  if (self->n_drafts >= MAX_DRAFTS)
    return_shell_error (invocation, ANX_SHELL_ERROR_REFUSED, "One visit keeps only a few drafts");
  else if (!host_of (self)->keep_draft (self->host, tag, sealed, hours, &error))
    g_dbus_method_invocation_return_gerror (invocation, error);
  else
    {
      self->n_drafts++;
      anx_shell1_complete_keep_draft (skeleton, invocation);
    }
  return TRUE;
}

static gboolean
on_take_draft (AnxShell1 *skeleton, GDBusMethodInvocation *invocation, const char *tag, AnxVisit *self)
{
  guint wait_seconds = 0;
  g_autoptr (GBytes) sealed = host_of (self)->take_draft (self->host, tag, &wait_seconds);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);

  anx_shell1_complete_take_draft (
      skeleton, invocation,
      g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, sealed != NULL ? sealed : nothing, TRUE), wait_seconds);
  return TRUE;
}

static gboolean
on_active (AnxShell1 *skeleton, GDBusMethodInvocation *invocation, AnxVisit *self)
{
  anx_idle_touch (&self->watchdog, g_get_monotonic_time ());
  anx_shell1_complete_active (skeleton, invocation);
  return TRUE;
}

static gboolean
on_ready (AnxShell1 *skeleton, GDBusMethodInvocation *invocation, AnxVisit *self)
{
  anx_shell1_complete_ready (skeleton, invocation);
  if (self->state != ANX_VISIT_STARTING)
    return TRUE;
  self->state = ANX_VISIT_SPARE;
  anx_visit_tell_link_state (self);
  g_signal_emit (self, signals[READY], 0);
  if (self->begin_language != NULL)
    anx_visit_begin (self, self->begin_language, self->begin_page);
  return TRUE;
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AnxVisit) self = user_data;
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_finish (result, &error);

  if (connection == NULL || self->state == ANX_VISIT_GONE
      || !g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->skeleton), connection, ANX_SHELL_PATH,
                                            &error))
    {
      g_clear_object (&connection);
      anx_visit_end (self);
      return;
    }
  self->connection = connection;
  g_dbus_connection_start_message_processing (connection);
}

static void
on_exited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AnxVisit) self = user_data;
  gboolean clean = g_subprocess_get_if_exited (self->process) && g_subprocess_get_exit_status (self->process) == 0;

  self->state = ANX_VISIT_GONE;
  anx_visit_close (self);
  anx_visit_release (self);
  g_signal_emit (self, signals[ENDED], 0, clean);
}

static GSubprocess *
spawn (const char *program, const char *const *arguments, int child_fd, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  /* /proc/self/exe is this very program even when a newer version was installed over it meanwhile. */
  g_ptr_array_add (argv, (char *) (program != NULL ? program : "/proc/self/exe"));
  g_ptr_array_add (argv, (char *) "--resident");
  g_ptr_array_add (argv, (char *) G_STRINGIFY (CHILD_FD));
  for (guint i = 0; arguments != NULL && arguments[i] != NULL; i++)
    g_ptr_array_add (argv, (char *) arguments[i]);
  g_ptr_array_add (argv, NULL);
  g_subprocess_launcher_take_fd (launcher, child_fd, CHILD_FD);
  return g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, error);
}

static gboolean
anx_visit_start (AnxVisit *self, const char *program, const char *const *arguments, GError **error)
{
  int pair[2];
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketConnection) stream = NULL;
  g_autofree char *guid = g_dbus_generate_guid ();

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "There is no socket for a resident process: %s",
                   g_strerror (errno));
      return FALSE;
    }
  socket = g_socket_new_from_fd (pair[0], error);
  if (socket == NULL)
    {
      close (pair[0]);
      close (pair[1]);
      return FALSE;
    }
  self->process = spawn (program, arguments, pair[1], error);
  if (self->process == NULL)
    return FALSE;
  g_subprocess_wait_async (self->process, NULL, on_exited, g_object_ref (self));
  stream = g_socket_connection_factory_create_connection (socket);
  g_dbus_connection_new (G_IO_STREAM (stream), guid,
                         G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER
                             | G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_REQUIRE_SAME_USER
                             | G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING,
                         NULL, NULL, on_connected, g_object_ref (self));
  return TRUE;
}

/**
 * anx_visit_new:
 * @host: what the visit may use; a reference is held
 * @program: (nullable): the program to run; %NULL is this one
 * @arguments: (nullable) (array zero-terminated=1): after `--resident FD`
 * @error: return location; %G_IO_ERROR, %G_SPAWN_ERROR
 *
 * Starts a spare resident process.
 *
 * Returns: (transfer full): the visit, starting
 */
AnxVisit *
anx_visit_new (AnxVisitHost *host, const char *program, const char *const *arguments, GError **error)
{
  g_autoptr (AnxVisit) self = g_object_new (ANX_TYPE_VISIT, NULL);

  (void) ANX_SHELL_ERROR;
  self->host = g_object_ref (host);
  g_signal_connect (self->skeleton, "handle-get-context", G_CALLBACK (on_get_context), self);
  g_signal_connect (self->skeleton, "handle-get-directory", G_CALLBACK (on_get_directory), self);
  g_signal_connect (self->skeleton, "handle-request", G_CALLBACK (on_request), self);
  g_signal_connect (self->skeleton, "handle-submit", G_CALLBACK (on_submit), self);
  g_signal_connect (self->skeleton, "handle-sign-statement", G_CALLBACK (on_sign_statement), self);
  g_signal_connect (self->skeleton, "handle-send-signal", G_CALLBACK (on_send_signal), self);
  g_signal_connect (self->skeleton, "handle-keep-draft", G_CALLBACK (on_keep_draft), self);
  g_signal_connect (self->skeleton, "handle-take-draft", G_CALLBACK (on_take_draft), self);
  g_signal_connect (self->skeleton, "handle-active", G_CALLBACK (on_active), self);
  g_signal_connect (self->skeleton, "handle-ready", G_CALLBACK (on_ready), self);
  if (!anx_visit_start (self, program, arguments, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * anx_visit_get_state:
 * @self: the visit
 *
 * Returns: how far it is
 */
AnxVisitState
anx_visit_get_state (AnxVisit *self)
{
  return self->state;
}

/**
 * anx_visit_get_pid:
 * @self: the visit
 *
 * Returns: the process's id, 0 when it is gone
 */
int
anx_visit_get_pid (AnxVisit *self)
{
  const char *text = self->process != NULL ? g_subprocess_get_identifier (self->process) : NULL;
  return text != NULL ? (int) g_ascii_strtoll (text, NULL, 10) : 0;
}

static gboolean
on_watchdog (gpointer data)
{
  AnxVisit *self = data;

  if (anx_idle_get_state (&self->watchdog, g_get_monotonic_time (), NULL) != ANX_IDLE_OVER)
    return G_SOURCE_CONTINUE;
  /* V4: it hangs with somebody's data on the screen. */
  self->watchdog_source = 0;
  anx_visit_end (self);
  return G_SOURCE_REMOVE;
}

/**
 * anx_visit_begin:
 * @self: the visit
 * @language: `zh` or `en`
 * @page: empty or `help`
 *
 * The first touch. A spare that is not ready yet begins as soon as it is.
 */
void
anx_visit_begin (AnxVisit *self, const char *language, const char *page)
{
  if (self->state == ANX_VISIT_STARTING)
    {
      if (self->begin_language == NULL)
        {
          self->begin_language = g_strdup (language);
          self->begin_page = g_strdup (page);
        }
      return;
    }
  if (self->state != ANX_VISIT_SPARE)
    return;
  self->state = ANX_VISIT_RUNNING;
  /* The idle module adds its warning's seconds by itself. */
  anx_idle_start (&self->watchdog, ANX_IDLE_LIMIT_SECONDS + WATCHDOG_EXTRA_SECONDS - ANX_IDLE_WARNING_SECONDS,
                  g_get_monotonic_time ());
  self->watchdog_source = g_timeout_add_seconds (WATCHDOG_PERIOD_SECONDS, on_watchdog, self);
  anx_shell1_emit_begin (self->skeleton, language, page);
}

/**
 * anx_visit_end:
 * @self: the visit
 *
 * Kills the process; AnxVisit::ended follows.
 */
void
anx_visit_end (AnxVisit *self)
{
  if (self->process != NULL && self->state != ANX_VISIT_GONE)
    g_subprocess_force_exit (self->process);
}

/**
 * anx_visit_tell_link_state:
 * @self: the visit
 *
 * Tells link and outbox, and which of this visit's records the hub has acknowledged since.
 */
void
anx_visit_tell_link_state (AnxVisit *self)
{
  if (self->connection == NULL || self->state == ANX_VISIT_STARTING)
    return;
  anx_shell1_emit_link_state (self->skeleton, host_of (self)->is_online (self->host),
                              host_of (self)->count_queued (self->host));
  for (guint i = self->waiting_ids->len; i > 0; i--)
    {
      const char *id = g_ptr_array_index (self->waiting_ids, i - 1);
      if (!host_of (self)->is_acknowledged (self->host, id))
        continue;
      anx_shell1_emit_acknowledged (self->skeleton, id);
      g_ptr_array_remove_index (self->waiting_ids, i - 1);
    }
}

/**
 * anx_visit_tell_alert_state:
 * @self: the visit
 * @alert: the alert's record id
 * @state: kept, nearby, arrived or answered
 * @helper: the work name of whoever is going, or empty
 *
 * Tells how far an alert has come; the resident process knows its own.
 */
void
anx_visit_tell_alert_state (AnxVisit *self, const char *alert, const char *state, const char *helper)
{
  if (self->connection != NULL)
    anx_shell1_emit_alert_state (self->skeleton, alert, state, helper);
}

/**
 * anx_visit_tell_signal:
 * @self: the visit
 * @sender: principal
 * @call: the booking's id
 * @body: JSON
 *
 * Passes signalling on. A spare gets none: it belongs to nobody yet.
 */
void
anx_visit_tell_signal (AnxVisit *self, const char *sender, const char *call, const char *body)
{
  if (self->connection != NULL && self->state == ANX_VISIT_RUNNING)
    anx_shell1_emit_signal (self->skeleton, sender, call, body);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "visit-host-double.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "shell-interface.h"
#include "unwritten-alerts.h"

struct _AnxVisitHostDouble
{
  GObject parent_instance;

  AnxShell1 *shell;
  char *outbox_path;
  char *principal;
  GPtrArray *requests; /* "METHOD path" */
  gboolean submit_fails;
  guint n_refused;
  AnxUnwrittenAlerts *unwritten;
};

static char *
host_make_context (AnxVisitHost *host)
{
  char *context = NULL;

  g_assert_true (anx_shell1_call_get_context_sync (ANX_VISIT_HOST_DOUBLE (host)->shell, &context, NULL, NULL));
  return context;
}

static GBytes *
host_get_directory (AnxVisitHost *host, char **out_authority)
{
  g_autoptr (GVariant) der = NULL;

  g_assert_true (
      anx_shell1_call_get_directory_sync (ANX_VISIT_HOST_DOUBLE (host)->shell, &der, out_authority, NULL, NULL));
  return g_variant_get_data_as_bytes (der);
}

static void
host_request_async (AnxVisitHost *host,
                    const char *method,
                    const char *path,
                    JsonNode *body,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (host, cancellable, callback, user_data);

  g_ptr_array_add (ANX_VISIT_HOST_DOUBLE (host)->requests, g_strconcat (method, " ", path, NULL));
  g_task_return_new_error (task, ANX_SHELL_ERROR, ANX_SHELL_ERROR_OFFLINE, "No hub in this test");
}

static JsonNode *
host_request_finish (AnxVisitHost *host, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Once each: who asks again is told that it is there. */
static gboolean
write_down (AnxRecordHeader *header, GBytes *sealed, gpointer user_data)
{
  AnxVisitHostDouble *self = user_data;
  g_autofree char *line
      = g_strdup_printf ("%s %s\n", anx_record_header_get_kind (header), anx_record_header_get_id (header));
  g_autofree char *text = NULL;

  if (self->submit_fails)
    return FALSE;
  if (g_file_get_contents (self->outbox_path, &text, NULL, NULL) && strstr (text, line) != NULL)
    return TRUE;
  int fd = open (self->outbox_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, line, strlen (line)), ==, (gssize) strlen (line));
  g_assert_cmpint (fsync (fd), ==, 0);
  close (fd);
  return TRUE;
}

static gboolean
host_submit (AnxVisitHost *host, AnxRecordHeader *header, GBytes *sealed, GError **error)
{
  AnxVisitHostDouble *self = ANX_VISIT_HOST_DOUBLE (host);

  if (write_down (header, sealed, self))
    return TRUE;
  self->n_refused++;
  g_set_error_literal (error, ANX_SHELL_ERROR, ANX_SHELL_ERROR_STORAGE, "disk full");
  return FALSE;
}

static void
host_keep_alert (AnxVisitHost *host, AnxRecordHeader *header, GBytes *sealed)
{
  anx_unwritten_alerts_add (ANX_VISIT_HOST_DOUBLE (host)->unwritten, header, sealed);
}

static char *
host_sign (AnxVisitHost *host, const char *context, const char *text, GError **error)
{
  return g_strdup ("statement");
}

static gboolean
host_send_signal (AnxVisitHost *host, const char *to, const char *call, JsonObject *body)
{
  return FALSE;
}

static gboolean
host_is_online (AnxVisitHost *host)
{
  return FALSE;
}

static guint
host_count_queued (AnxVisitHost *host)
{
  return 0;
}

static gboolean
host_is_acknowledged (AnxVisitHost *host, const char *record_id)
{
  return FALSE;
}

static const char *
host_get_principal (AnxVisitHost *host)
{
  return ANX_VISIT_HOST_DOUBLE (host)->principal;
}

static gboolean
host_keep_draft (AnxVisitHost *host, const char *tag, GBytes *sealed, guint hours, GError **error)
{
  return TRUE;
}

static GBytes *
host_take_draft (AnxVisitHost *host, const char *tag, guint *out_wait_seconds)
{
  *out_wait_seconds = 0;
  return NULL;
}

static void
visit_host_init (AnxVisitHostInterface *iface)
{
  iface->make_context = host_make_context;
  iface->get_directory = host_get_directory;
  iface->request_async = host_request_async;
  iface->request_finish = host_request_finish;
  iface->submit = host_submit;
  iface->keep_alert = host_keep_alert;
  iface->sign = host_sign;
  iface->send_signal = host_send_signal;
  iface->is_online = host_is_online;
  iface->count_queued = host_count_queued;
  iface->is_acknowledged = host_is_acknowledged;
  iface->keep_draft = host_keep_draft;
  iface->take_draft = host_take_draft;
  iface->get_principal = host_get_principal;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (AnxVisitHostDouble,
                               anx_visit_host_double,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (ANX_TYPE_VISIT_HOST, visit_host_init))

static void
anx_visit_host_double_finalize (GObject *object)
{
  AnxVisitHostDouble *self = ANX_VISIT_HOST_DOUBLE (object);

  g_clear_object (&self->shell);
  g_ptr_array_unref (self->requests);
  anx_unwritten_alerts_free (self->unwritten);
  g_free (self->outbox_path);
  g_free (self->principal);
  G_OBJECT_CLASS (anx_visit_host_double_parent_class)->finalize (object);
}

static void
anx_visit_host_double_class_init (AnxVisitHostDoubleClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = anx_visit_host_double_finalize;
}

static void
anx_visit_host_double_init (AnxVisitHostDouble *self)
{
  self->requests = g_ptr_array_new_with_free_func (g_free);
  self->unwritten = anx_unwritten_alerts_new (write_down, self);
}

AnxVisitHostDouble *
anx_visit_host_double_new (AnxShellDouble *shell, const char *outbox_path)
{
  AnxVisitHostDouble *self = g_object_new (ANX_TYPE_VISIT_HOST_DOUBLE, NULL);
  g_autofree char *context = NULL;
  g_autoptr (JsonObject) json = NULL;

  self->shell = anx_shell1_proxy_new_sync (anx_shell_double_get_client (shell),
                                           G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL, ANX_SHELL_PATH, NULL, NULL);
  self->outbox_path = g_strdup (outbox_path);
  context = host_make_context (ANX_VISIT_HOST (self));
  json = anx_json_parse_object (context, -1, 65536, NULL);
  self->principal = g_strdup (anx_json_get_string (json, "principal", ""));
  return self;
}

guint
anx_visit_host_double_count_requests (AnxVisitHostDouble *self, const char *request)
{
  guint n = 0;
  for (guint i = 0; i < self->requests->len; i++)
    n += g_str_equal (g_ptr_array_index (self->requests, i), request);
  return n;
}

void
anx_visit_host_double_fail_submit (AnxVisitHostDouble *self, gboolean fail)
{
  self->submit_fails = fail;
}

guint
anx_visit_host_double_count_refused (AnxVisitHostDouble *self)
{
  return self->n_refused;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell-double.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>

#include "authority.h"
#include "clock.h"
#include "draft-store.h"
#include "envelope.h"
#include "json.h"
#include "shell-interface.h"
#include "statement.h"

#define KIOSK "kiosk-yunhe-1"

typedef struct
{
  AnxKey *sign, *seal;
  AnxCertificate *sign_certificate, *seal_certificate;
} Keys;

typedef struct
{
  char *method, *path, *body;
} Call;

typedef struct
{
  char *method, *prefix, *text;
  gboolean fails;
  AnxShellError error;
} Rule;

typedef struct
{
  AnxRecordHeader *header;
  GBytes *sealed;
} Submitted;

typedef struct
{
  GDBusMethodInvocation *invocation; /* answered once */
  char *header;
  GVariant *sealed;
} Held;

/* (nullable) roles, with commas, whose groups are missing. */
static const char *left_out;

struct _AnxShellDouble
{
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  int server_fd;
  GDBusConnection *client;
  AnxShell1 *skeleton;

  AnxAuthority *authority;
  GHashTable *keys; /* of principal → Keys */
  GBytes *directory;

  GMutex lock; /* what follows is seen by both threads */
  GCond ready;
  gboolean is_ready;
  gboolean online;
  gboolean submit_fails;
  gboolean submit_held;
  GPtrArray *held; /* of Held; of the double's thread */
  GPtrArray *calls, *rules, *submitted;
  JsonObject *booking;
  char *ticket; /* (nullable) the last one's id */
  guint n_active;
  AnxShellDoubleHeard heard; /* (nullable) main thread */
  gpointer heard_data;
  char *drafts_folder;
  AnxClock *drafts_clock;
  AnxDraftStore *drafts; /* of the double's thread */
};

static void
keys_free (gpointer data)
{
  Keys *keys = data;
  g_clear_pointer (&keys->sign, anx_key_unref);
  g_clear_pointer (&keys->seal, anx_key_unref);
  g_clear_pointer (&keys->sign_certificate, anx_certificate_unref);
  g_clear_pointer (&keys->seal_certificate, anx_certificate_unref);
  g_free (keys);
}

static void
call_free (gpointer data)
{
  Call *call = data;
  g_free (call->method);
  g_free (call->path);
  g_free (call->body);
  g_free (call);
}

static void
rule_free (gpointer data)
{
  Rule *rule = data;
  g_free (rule->method);
  g_free (rule->prefix);
  g_free (rule->text);
  g_free (rule);
}

static void
submitted_free (gpointer data)
{
  Submitted *submitted = data;
  anx_record_header_unref (submitted->header);
  g_bytes_unref (submitted->sealed);
  g_free (submitted);
}

static AnxCertificate *
issue (AnxShellDouble *self,
       AnxKey *key,
       const char *principal,
       AnxKeyUse use)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *request = anx_key_make_request (key, principal, &error);
  g_assert_no_error (error);
  AnxCertificate *certificate = anx_authority_issue (self->authority, request, principal, use, g_get_real_time (), &error);
  g_assert_no_error (error);
  return certificate;
}

static void
enrol (AnxShellDouble *self,
       JsonObject *principal)
{
  const char *id = json_object_get_string_member (principal, "id");
  const char *kind = json_object_get_string_member (principal, "kind");
  Keys *keys = g_new0 (Keys, 1);
  keys->seal = anx_key_generate (NULL);
  keys->seal_certificate = issue (self, keys->seal, id, ANX_KEY_USE_SEAL);
  g_autofree char *seal_pem = anx_certificate_to_pem (keys->seal_certificate);
  json_object_set_string_member (principal, "sealCertificate", seal_pem);
  if (g_str_equal (kind, "person") || g_str_equal (kind, "kiosk"))
    {
      keys->sign = anx_key_generate (NULL);
      keys->sign_certificate = issue (self, keys->sign, id, ANX_KEY_USE_SIGN);
      g_autofree char *sign_pem = anx_certificate_to_pem (keys->sign_certificate);
      json_object_set_string_member (principal, "signCertificate", sign_pem);
    }
  json_object_set_boolean_member (principal, "active", TRUE);
  g_hash_table_insert (self->keys, g_strdup (id), keys);
}

static void
make_district (AnxShellDouble *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (g_getenv ("ANX_TOP_SOURCE"), "data", "demo", "district.json", NULL);
  g_autofree char *text = NULL;
  gsize length = 0;
  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  g_autoptr (JsonObject) district = anx_json_parse_object (text, (gssize) length, 1024 * 1024, &error);
  g_assert_no_error (error);

  self->authority = anx_authority_create ("demo", "Demo", g_get_real_time (), &error);
  g_assert_no_error (error);
  JsonObject *recovery = json_object_new ();
  json_object_set_string_member (recovery, "id", ANX_RECOVERY_PRINCIPAL);
  json_object_set_string_member (recovery, "kind", "recovery");
  json_object_set_string_member (recovery, "name", "Recovery");
  JsonArray *principals = json_object_get_array_member (district, "principals");
  for (guint i = json_array_get_length (principals); left_out != NULL && i > 0; i--)
    {
      JsonObject *one = json_array_get_object_element (principals, i - 1);
      if (g_strcmp0 (json_object_get_string_member (one, "kind"), "group") == 0
          && strstr (left_out, json_array_get_string_element (json_object_get_array_member (one, "roles"), 0)) != NULL)
        json_array_remove_element (principals, i - 1);
    }
  json_array_add_object_element (principals, recovery);
  for (guint i = 0; i < json_array_get_length (principals); i++)
    enrol (self, json_array_get_object_element (principals, i));
  json_object_set_string_member (district, "district", "demo");
  json_object_set_int_member (district, "version", 1);
  char *json = anx_json_object_to_text (district);
  g_autoptr (GBytes) bytes = g_bytes_new_take (json, strlen (json));
  self->directory = anx_authority_sign_directory (self->authority, bytes, &error);
  g_assert_no_error (error);
}

/* ---- the hub that is a table ---- */

static Rule *
take_rule (AnxShellDouble *self,
           const char *method,
           const char *path)
{
  for (guint i = 0; i < self->rules->len; i++)
    {
      Rule *rule = g_ptr_array_index (self->rules, i);
      if (g_str_equal (rule->method, method) && g_str_has_prefix (path, rule->prefix))
        return g_ptr_array_steal_index (self->rules, i);
    }
  return NULL;
}

static const char *
query_value (const char *path,
             const char *name)
{
  g_autofree char *with_equals = g_strconcat (name, "=", NULL);
  const char *found = strstr (path, with_equals);
  return found != NULL ? found + strlen (with_equals) : NULL;
}

/* Five times of every day from tomorrow on, 09:00 to 19:00 in China (UTC+8), of one counsellor or the other in turn. */
static char *
make_slots (const char *path)
{
  static const int hours[] = { 9, 10, 14, 15, 19 };
  const char *counsellor = query_value (path, "counsellor");
  gint64 today = g_get_real_time () / ANX_USEC_PER_DAY * ANX_USEC_PER_DAY;
  GString *out = g_string_new ("{\"slots\":[");
  for (int day = 1; day <= 7; day++)
    for (guint i = 0; i < G_N_ELEMENTS (hours); i++)
      {
        gint64 start = today + day * ANX_USEC_PER_DAY + (hours[i] - 8) * ANX_USEC_PER_HOUR;
        const char *who = counsellor != NULL ? g_str_has_prefix (counsellor, "li-") ? "li-wenjing" : "wang-jianping" : i % 2 ? "wang-jianping" : "li-wenjing";
        g_string_append_printf (out, "%s{\"start\":%" G_GINT64_FORMAT ",\"end\":%" G_GINT64_FORMAT ",\"counsellor\":\"%s\",\"room\":\"yunhe-1\"}",
                                out->str[out->len - 1] == '[' ? "" : ",", start, start + 50 * ANX_USEC_PER_MINUTE, who);
      }
  g_string_append (out, "]}");
  return g_string_free (out, FALSE);
}

static char *
book (AnxShellDouble *self,
      const char *path,
      const char *body)
{
  JsonObject *booking = anx_json_parse_object (body, -1, 65536, NULL);
  json_object_remove_member (booking, "codeKey");
  json_object_set_string_member (booking, "id", path + strlen ("/v1/bookings/"));
  json_object_set_string_member (booking, "kiosk", KIOSK);
  json_object_set_string_member (booking, "status", "booked");
  json_object_set_int_member (booking, "end", json_object_get_int_member (booking, "start") + 50 * ANX_USEC_PER_MINUTE);
  json_object_set_int_member (booking, "changed", g_get_real_time ());
  g_clear_pointer (&self->booking, json_object_unref);
  self->booking = booking;
  return anx_json_object_to_text (booking);
}

/* A ticket, the queue it stands in, a hold, a moved booking: as src/hub/README.md has them. */
static char *
answer_more (AnxShellDouble *self,
             const char *method,
             const char *path,
             const char *body)
{
  if (g_str_equal (method, "PUT") && g_str_has_prefix (path, "/v1/holds/"))
    return g_strdup_printf ("{\"id\":\"%s\",\"until\":%" G_GINT64_FORMAT "}", path + strlen ("/v1/holds/"), g_get_real_time () + 5 * ANX_USEC_PER_MINUTE);
  if (g_str_equal (method, "PUT") && g_str_has_prefix (path, "/v1/waiting/"))
    return g_strdup ("");
  if (g_str_equal (method, "PUT") && g_str_has_prefix (path, "/v1/tickets/"))
    {
      g_free (self->ticket);
      self->ticket = g_strdup (path + strlen ("/v1/tickets/"));
      return g_strdup_printf ("{\"id\":\"%s\",\"number\":7,\"service\":\"short\",\"state\":\"waiting\",\"created\":2,\"changed\":2}", self->ticket);
    }
  if (g_str_equal (method, "GET") && g_str_has_prefix (path, "/v1/queue?"))
    return g_strdup_printf ("{\"tickets\":[{\"id\":\"a\",\"number\":4,\"state\":\"done\"},{\"id\":\"b\",\"number\":5,\"state\":\"waiting\"},"
                            "{\"id\":\"c\",\"number\":6,\"state\":\"waiting\"},{\"id\":\"%s\",\"number\":7,\"state\":\"waiting\"},"
                            "{\"id\":\"d\",\"number\":8,\"state\":\"waiting\"}]}", self->ticket);
  if (g_str_equal (method, "POST") && g_str_has_suffix (path, "/move"))
    return g_strdup ("{\"status\":\"booked\"}");
  return NULL;
}

static char *
answer (AnxShellDouble *self,
        const char *method,
        const char *path,
        const char *body,
        GError **error)
{
  if (g_str_equal (method, "GET") && g_str_has_prefix (path, "/v1/slots"))
    return make_slots (path);
  if (g_str_equal (method, "PUT") && g_str_has_prefix (path, "/v1/bookings/"))
    return book (self, path, body);
  char *more = answer_more (self, method, path, body);
  if (more != NULL)
    return more;
  g_set_error_literal (error, ANX_SHELL_ERROR, ANX_SHELL_ERROR_UNKNOWN, "unknown");
  return NULL;
}

static gboolean
on_request (AnxShell1 *skeleton,
            GDBusMethodInvocation *invocation,
            const char *method,
            const char *path,
            const char *body,
            gpointer user_data)
{
  AnxShellDouble *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_mutex_lock (&self->lock);
  Call *call = g_new0 (Call, 1);
  call->method = g_strdup (method);
  call->path = g_strdup (path);
  call->body = g_strdup (body);
  g_ptr_array_add (self->calls, call);
  Rule *rule = self->online ? take_rule (self, method, path) : NULL;
  if (!self->online)
    g_set_error_literal (&error, ANX_SHELL_ERROR, ANX_SHELL_ERROR_OFFLINE, "offline");
  else if (rule != NULL && rule->fails)
    g_set_error_literal (&error, ANX_SHELL_ERROR, (gint) rule->error, rule->text);
  else if (rule != NULL)
    text = g_strdup (rule->text);
  else
    text = answer (self, method, path, body, &error);
  g_clear_pointer (&rule, rule_free);
  g_mutex_unlock (&self->lock);
  if (error != NULL)
    g_dbus_method_invocation_return_gerror (invocation, error);
  else
    anx_shell1_complete_request (skeleton, invocation, text);
  return TRUE;
}

/* As the shell does: what was handed over before is there once. */
static gboolean
has_submitted (AnxShellDouble *self,
               const char *id)
{
  for (guint i = 0; i < self->submitted->len; i++)
    if (g_str_equal (anx_record_header_get_id (((const Submitted *) g_ptr_array_index (self->submitted, i))->header), id))
      return TRUE;
  return FALSE;
}

static void
held_free (gpointer data)
{
  Held *held = data;
  g_free (held->header);
  g_variant_unref (held->sealed);
  g_free (held);
}

static gboolean
on_submit (AnxShell1 *skeleton,
           GDBusMethodInvocation *invocation,
           const char *header_text,
           GVariant *sealed,
           gpointer user_data)
{
  AnxShellDouble *self = user_data;
  g_autoptr (GError) error = NULL;
  AnxRecordHeader *header = anx_record_header_parse (header_text, -1, &error);
  g_mutex_lock (&self->lock);
  if (self->submit_held)
    {
      Held *held = g_new0 (Held, 1);
      held->invocation = invocation;
      held->header = g_strdup (header_text);
      held->sealed = g_variant_ref (sealed);
      g_ptr_array_add (self->held, held);
      g_mutex_unlock (&self->lock);
      g_clear_pointer (&header, anx_record_header_unref);
      return TRUE;
    }
  if (header != NULL && self->submit_fails)
    g_set_error_literal (&error, ANX_SHELL_ERROR, ANX_SHELL_ERROR_STORAGE, "disk full");
  if (error == NULL && !has_submitted (self, anx_record_header_get_id (header)))
    {
      Submitted *submitted = g_new0 (Submitted, 1);
      submitted->header = g_steal_pointer (&header);
      submitted->sealed = g_variant_get_data_as_bytes (sealed);
      g_ptr_array_add (self->submitted, submitted);
    }
  g_clear_pointer (&header, anx_record_header_unref);
  g_mutex_unlock (&self->lock);
  if (error != NULL)
    g_dbus_method_invocation_return_gerror (invocation, error);
  else
    anx_shell1_complete_submit (skeleton, invocation);
  return TRUE;
}

static gboolean
on_get_context (AnxShell1 *skeleton,
                GDBusMethodInvocation *invocation,
                gpointer user_data)
{
  anx_shell1_complete_get_context (skeleton, invocation,
                                   "{\"principal\":\"" KIOSK "\",\"district\":\"demo\",\"centre\":\"yunhe\",\"room\":\"yunhe-1\",\"kiosk\":\"" KIOSK "\","
                                   "\"roomName\":\"安心一室\",\"centreName\":\"云河镇综治中心\",\"testMedia\":\"a\",\"language\":\"zh\",\"helpNumbers\":["
                                   "{\"name\":\"hotline\",\"number\":\"12356\"},{\"name\":\"centre\",\"number\":\"0539-5550101\"},"
                                   "{\"name\":\"ambulance\",\"number\":\"120\"},{\"name\":\"police\",\"number\":\"110\"}]}");
  return TRUE;
}

static gboolean
on_get_directory (AnxShell1 *skeleton,
                  GDBusMethodInvocation *invocation,
                  gpointer user_data)
{
  AnxShellDouble *self = user_data;
  g_autofree char *pem = anx_certificate_to_pem (anx_authority_get_certificate (self->authority));
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (self->directory, &length);
  anx_shell1_complete_get_directory (skeleton, invocation, g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, length, 1), pem);
  return TRUE;
}

static gboolean
on_active (AnxShell1 *skeleton,
           GDBusMethodInvocation *invocation,
           gpointer user_data)
{
  AnxShellDouble *self = user_data;
  g_mutex_lock (&self->lock);
  self->n_active++;
  g_mutex_unlock (&self->lock);
  anx_shell1_complete_active (skeleton, invocation);
  return TRUE;
}

static gboolean
on_keep_draft (AnxShell1 *skeleton,
               GDBusMethodInvocation *invocation,
               const char *tag,
               GVariant *sealed,
               guint hours,
               gpointer user_data)
{
  AnxShellDouble *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (sealed);
  if (anx_draft_store_keep (self->drafts, tag, bytes, hours, &error))
    anx_shell1_complete_keep_draft (skeleton, invocation);
  else
    g_dbus_method_invocation_return_gerror (invocation, error);
  return TRUE;
}

static gboolean
on_take_draft (AnxShell1 *skeleton,
               GDBusMethodInvocation *invocation,
               const char *tag,
               gpointer user_data)
{
  AnxShellDouble *self = user_data;
  guint wait = 0;
  g_autoptr (GBytes) sealed = anx_draft_store_take (self->drafts, tag, &wait);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  anx_shell1_complete_take_draft (skeleton, invocation, g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, sealed != NULL ? sealed : nothing, TRUE),
                                  wait);
  return TRUE;
}

static gboolean
on_sign_statement (AnxShell1 *skeleton,
                   GDBusMethodInvocation *invocation,
                   const char *context,
                   const char *text,
                   gpointer user_data)
{
  g_autofree char *statement = anx_shell_double_sign (user_data, KIOSK, context, text);
  anx_shell1_complete_sign_statement (skeleton, invocation, statement);
  return TRUE;
}

typedef struct
{
  AnxShellDouble *self;
  char *to, *call, *body;
} Message;

static void
message_free (gpointer data)
{
  Message *message = data;
  g_free (message->to);
  g_free (message->call);
  g_free (message->body);
  g_free (message);
}

static gboolean
tell_listener (gpointer data)
{
  const Message *message = data;
  if (message->self->heard != NULL)
    message->self->heard (message->to, message->call, message->body, message->self->heard_data);
  return G_SOURCE_REMOVE;
}

static Message *
message_new (AnxShellDouble *self,
             const char *to,
             const char *call,
             const char *body)
{
  Message *message = g_new0 (Message, 1);
  message->self = self;
  message->to = g_strdup (to);
  message->call = g_strdup (call);
  message->body = g_strdup (body);
  return message;
}

static gboolean
on_send_signal (AnxShell1 *skeleton,
                GDBusMethodInvocation *invocation,
                const char *to,
                const char *call,
                const char *body,
                gpointer user_data)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, tell_listener, message_new (user_data, to, call, body), message_free);
  anx_shell1_complete_send_signal (skeleton, invocation, TRUE);
  return TRUE;
}

static GDBusConnection *
connect_end (int fd,
             GDBusConnectionFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, &error);
  g_assert_no_error (error);
  g_autoptr (GSocketConnection) stream = g_socket_connection_factory_create_connection (socket);
  g_autofree char *guid = flags & G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER ? g_dbus_generate_guid () : NULL;
  GDBusConnection *connection = g_dbus_connection_new_sync (G_IO_STREAM (stream), guid, flags | G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING,
                                                            NULL, NULL, &error);
  g_assert_no_error (error);
  return connection;
}

static gpointer
serve (gpointer data)
{
  AnxShellDouble *self = data;
  g_autoptr (GError) error = NULL;
  g_main_context_push_thread_default (self->context);
  g_autoptr (GDBusConnection) server = connect_end (self->server_fd, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER
                                                                       | G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_ALLOW_ANONYMOUS);
  self->skeleton = anx_shell1_skeleton_new ();
  g_signal_connect (self->skeleton, "handle-request", G_CALLBACK (on_request), self);
  g_signal_connect (self->skeleton, "handle-submit", G_CALLBACK (on_submit), self);
  g_signal_connect (self->skeleton, "handle-get-context", G_CALLBACK (on_get_context), self);
  g_signal_connect (self->skeleton, "handle-get-directory", G_CALLBACK (on_get_directory), self);
  g_signal_connect (self->skeleton, "handle-keep-draft", G_CALLBACK (on_keep_draft), self);
  g_signal_connect (self->skeleton, "handle-take-draft", G_CALLBACK (on_take_draft), self);
  g_signal_connect (self->skeleton, "handle-sign-statement", G_CALLBACK (on_sign_statement), self);
  g_signal_connect (self->skeleton, "handle-send-signal", G_CALLBACK (on_send_signal), self);
  g_signal_connect (self->skeleton, "handle-active", G_CALLBACK (on_active), self);
  g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->skeleton), server, ANX_SHELL_PATH, &error);
  g_assert_no_error (error);
  g_dbus_connection_start_message_processing (server);
  g_mutex_lock (&self->lock);
  self->is_ready = TRUE;
  g_cond_signal (&self->ready);
  g_mutex_unlock (&self->lock);
  g_main_loop_run (self->loop);
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->skeleton));
  g_clear_object (&self->skeleton);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

AnxShellDouble *
anx_shell_double_new (void)
{
  AnxShellDouble *self = g_new0 (AnxShellDouble, 1);
  (void) ANX_SHELL_ERROR;
  self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, keys_free);
  self->calls = g_ptr_array_new_with_free_func (call_free);
  self->rules = g_ptr_array_new_with_free_func (rule_free);
  self->submitted = g_ptr_array_new_with_free_func (submitted_free);
  self->held = g_ptr_array_new_with_free_func (held_free);
  self->online = TRUE;
  g_mutex_init (&self->lock);
  g_cond_init (&self->ready);
  make_district (self);
  self->drafts_folder = g_dir_make_tmp ("anx-drafts-XXXXXX", NULL);
  self->drafts_clock = anx_clock_new_fixed (g_get_real_time ());
  self->drafts = anx_draft_store_new (self->drafts_folder, self->drafts_clock);

  int fds[2];
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  self->server_fd = fds[0];
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("shell-double", serve, self);
  self->client = connect_end (fds[1], G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT);
  g_dbus_connection_start_message_processing (self->client);
  g_mutex_lock (&self->lock);
  while (!self->is_ready)
    g_cond_wait (&self->ready, &self->lock);
  g_mutex_unlock (&self->lock);
  return self;
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

void
anx_shell_double_free (AnxShellDouble *self)
{
  g_main_context_invoke (self->context, quit, self->loop);
  g_thread_join (self->thread);
  g_object_unref (self->client);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  anx_clock_advance (self->drafts_clock, 80 * ANX_USEC_PER_HOUR);
  anx_draft_store_sweep (self->drafts);
  anx_draft_store_free (self->drafts);
  g_object_unref (self->drafts_clock);
  g_rmdir (self->drafts_folder);
  g_free (self->drafts_folder);
  g_object_unref (self->authority);
  g_hash_table_unref (self->keys);
  g_bytes_unref (self->directory);
  g_ptr_array_unref (self->calls);
  g_ptr_array_unref (self->rules);
  g_ptr_array_unref (self->submitted);
  g_ptr_array_unref (self->held);
  g_clear_pointer (&self->booking, json_object_unref);
  g_free (self->ticket);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->ready);
  g_free (self);
}

const char *
anx_shell_double_get_drafts_folder (AnxShellDouble *self)
{
  return self->drafts_folder;
}

GDBusConnection *
anx_shell_double_get_client (AnxShellDouble *self)
{
  return self->client;
}

typedef struct
{
  AnxShellDouble *self;
  gboolean online;
} LinkState;

static gboolean
emit_link_state (gpointer data)
{
  LinkState *state = data;
  anx_shell1_emit_link_state (state->self->skeleton, state->online, 0);
  g_free (state);
  return G_SOURCE_REMOVE;
}

gboolean
anx_shell_double_is_online (AnxShellDouble *self)
{
  return self->online;
}

void
anx_shell_double_set_online (AnxShellDouble *self,
                             gboolean online)
{
  g_mutex_lock (&self->lock);
  self->online = online;
  g_mutex_unlock (&self->lock);
  LinkState *state = g_new0 (LinkState, 1);
  state->self = self;
  state->online = online;
  g_main_context_invoke (self->context, emit_link_state, state);
}

void
anx_shell_double_listen (AnxShellDouble *self,
                         AnxShellDoubleHeard heard,
                         gpointer user_data)
{
  self->heard = heard;
  self->heard_data = user_data;
}

static gboolean
emit_signal (gpointer data)
{
  const Message *message = data;
  anx_shell1_emit_signal (message->self->skeleton, message->to, message->call, message->body);
  return G_SOURCE_REMOVE;
}

void
anx_shell_double_send_signal (AnxShellDouble *self,
                              const char *sender,
                              const char *call,
                              const char *body)
{
  g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT, emit_signal, message_new (self, sender, call, body), message_free);
}

static gboolean
emit_alert_state (gpointer data)
{
  const Message *message = data;
  anx_shell1_emit_alert_state (message->self->skeleton, message->to, message->call, message->body);
  return G_SOURCE_REMOVE;
}

void
anx_shell_double_tell_alert (AnxShellDouble *self,
                             const char *alert,
                             const char *state,
                             const char *helper)
{
  g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT, emit_alert_state, message_new (self, alert, state, helper), message_free);
}

char *
anx_shell_double_sign (AnxShellDouble *self,
                       const char *principal,
                       const char *context,
                       const char *text)
{
  g_autoptr (GError) error = NULL;
  const Keys *keys = g_hash_table_lookup (self->keys, principal);
  char *statement = anx_statement_sign (context, text, keys->sign, keys->sign_certificate, &error);
  g_assert_no_error (error);
  return statement;
}

AnxCertificate *
anx_shell_double_get_authority (AnxShellDouble *self)
{
  return anx_authority_get_certificate (self->authority);
}

static void
add_rule (AnxShellDouble *self,
          const char *method,
          const char *prefix,
          gboolean fails,
          AnxShellError error,
          const char *text)
{
  Rule *rule = g_new0 (Rule, 1);
  rule->method = g_strdup (method);
  rule->prefix = g_strdup (prefix);
  rule->fails = fails;
  rule->error = error;
  rule->text = g_strdup (text);
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->rules, rule);
  g_mutex_unlock (&self->lock);
}

void
anx_shell_double_fail_next (AnxShellDouble *self,
                            const char *method,
                            const char *prefix,
                            AnxShellError error,
                            const char *message)
{
  add_rule (self, method, prefix, TRUE, error, message);
}

void
anx_shell_double_answer_next (AnxShellDouble *self,
                              const char *method,
                              const char *prefix,
                              const char *json)
{
  add_rule (self, method, prefix, FALSE, ANX_SHELL_ERROR_FAILED, json);
}

void
anx_shell_double_fail_submit (AnxShellDouble *self,
                              gboolean fail)
{
  g_mutex_lock (&self->lock);
  self->submit_fails = fail;
  g_mutex_unlock (&self->lock);
}

static gboolean
release (gpointer data)
{
  AnxShellDouble *self = data;
  g_autoptr (GPtrArray) held = g_steal_pointer (&self->held);
  self->held = g_ptr_array_new_with_free_func (held_free);
  for (guint i = 0; i < held->len; i++)
    {
      Held *one = g_ptr_array_index (held, i);
      on_submit (self->skeleton, one->invocation, one->header, one->sealed, self);
    }
  return G_SOURCE_REMOVE;
}

void
anx_shell_double_hold_submit (AnxShellDouble *self,
                              gboolean hold)
{
  g_mutex_lock (&self->lock);
  self->submit_held = hold;
  g_mutex_unlock (&self->lock);
  if (!hold)
    g_main_context_invoke (self->context, release, self);
}

void
anx_shell_double_leave_out (const char *roles)
{
  left_out = roles;
}

static guint
find_calls (AnxShellDouble *self,
            const char *method,
            const char *prefix,
            char **out_path,
            char **out_body)
{
  guint n = 0;
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->calls->len; i++)
    {
      const Call *call = g_ptr_array_index (self->calls, i);
      if (!g_str_equal (call->method, method) || !g_str_has_prefix (call->path, prefix))
        continue;
      n++;
      if (out_path != NULL)
        {
          g_free (*out_path);
          *out_path = g_strdup (call->path);
        }
      if (out_body != NULL)
        {
          g_free (*out_body);
          *out_body = g_strdup (call->body);
        }
    }
  g_mutex_unlock (&self->lock);
  return n;
}

guint
anx_shell_double_count_requests (AnxShellDouble *self,
                                 const char *method,
                                 const char *prefix)
{
  return find_calls (self, method, prefix, NULL, NULL);
}

char *
anx_shell_double_dup_body (AnxShellDouble *self,
                           const char *method,
                           const char *prefix)
{
  char *body = NULL;
  find_calls (self, method, prefix, NULL, &body);
  return body;
}

char *
anx_shell_double_dup_path (AnxShellDouble *self,
                           const char *method,
                           const char *prefix)
{
  char *path = NULL;
  find_calls (self, method, prefix, &path, NULL);
  return path;
}

guint
anx_shell_double_count_active (AnxShellDouble *self)
{
  g_mutex_lock (&self->lock);
  guint n = self->n_active;
  g_mutex_unlock (&self->lock);
  return n;
}

guint
anx_shell_double_count_submitted (AnxShellDouble *self,
                                  const char *kind)
{
  guint n = 0;
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->submitted->len; i++)
    if (g_str_equal (anx_record_header_get_kind (((Submitted *) g_ptr_array_index (self->submitted, i))->header), kind))
      n++;
  g_mutex_unlock (&self->lock);
  return n;
}

/* What is in the list stays there until the double is freed. */
static const Submitted *
find_submitted (AnxShellDouble *self,
                const char *kind)
{
  const Submitted *found = NULL;
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->submitted->len; i++)
    {
      const Submitted *submitted = g_ptr_array_index (self->submitted, i);
      if (g_str_equal (anx_record_header_get_kind (submitted->header), kind))
        found = submitted;
    }
  g_mutex_unlock (&self->lock);
  g_assert_nonnull (found);
  return found;
}

JsonObject *
anx_shell_double_get_header (AnxShellDouble *self,
                             const char *kind)
{
  g_autofree char *text = anx_record_header_to_text (find_submitted (self, kind)->header);
  return anx_json_parse_object (text, -1, 65536, NULL);
}

JsonNode *
anx_shell_double_open (AnxShellDouble *self,
                       const char *kind,
                       const char *reader,
                       GError **error)
{
  const Submitted *submitted = find_submitted (self, kind);
  const Keys *kiosk = g_hash_table_lookup (self->keys, KIOSK), *keys = g_hash_table_lookup (self->keys, reader);
  g_assert_nonnull (keys);
  g_autoptr (AnxRecordHeader) placed = anx_record_header_with_place (submitted->header, 1, NULL);
  g_autoptr (GBytes) envelope = anx_envelope_sign (placed, submitted->sealed, kiosk->sign, kiosk->sign_certificate, error);
  if (envelope == NULL)
    return NULL;
  JsonNode *resource = NULL;
  g_autoptr (AnxRecordHeader) header = NULL;
  if (!anx_envelope_open (envelope, anx_authority_get_certificate (self->authority), keys->seal, keys->seal_certificate, &header, &resource, error))
    return NULL;
  return resource;
}

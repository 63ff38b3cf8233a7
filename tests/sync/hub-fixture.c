/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hub-fixture.h"

#include <stdio.h>
#include <string.h>

#include "bounds.h"
#include "client-private.h"
#include "database.h"
#include "directory.h"
#include "enrolment.h"
#include "files.h"
#include "id.h"
#include "json.h"
#include "memory-key-store.h"
#include "process.h"

#define GROUP "duty-east"

typedef struct
{
  gboolean over;
} Patience;

static gboolean
on_patience_over (gpointer data)
{
  ((Patience *) data)->over = TRUE;
  return G_SOURCE_REMOVE;
}

void
anx_wait_until (AnxCondition done,
                gpointer data,
                guint seconds)
{
  Patience patience = { FALSE };
  guint id = g_timeout_add_seconds (seconds, on_patience_over, &patience);
  while (!done (data) && !patience.over)
    g_main_context_iteration (NULL, TRUE);
  gboolean in_time = !patience.over;
  if (in_time)
    g_source_remove (id);
  g_assert_true (in_time);
}

gboolean
anx_is_at_rest (gpointer data)
{
  AnxClient *client = data;
  return anx_client_get_state (client) == ANX_CLIENT_ONLINE && client->needs == 0 && !client->busy &&
         anx_client_get_directory (client) != NULL && anx_client_count_queued (client) == 0;
}

void
anx_settle (AnxClient *client)
{
  anx_client_rounds_need (client, ANX_NEED_ALL);
  anx_wait_until (anx_is_at_rest, client, 40);
}

AnxClient *
anx_hub_fixture_open_client (AnxHubFixture *self,
                             AnxProfile *profile,
                             AnxClock *clock)
{
  g_autoptr (GError) error = NULL;
  AnxClient *client = anx_client_new (profile, self->keys, clock, &error);
  g_assert_no_error (error);
  anx_client_start (client);
  anx_settle (client);
  return client;
}

char *
anx_write_screening (AnxClient *client,
                     const char *recipient,
                     const char *text)
{
  g_autoptr (GError) error = NULL;
  const char *recipients[] = { recipient, NULL };
  gint64 now_usec = anx_clock_now_usec (anx_client_get_clock (client));
  char *id = anx_uuid_new (now_usec);
  g_autoptr (AnxRecordHeader) header =
    anx_record_header_new (id, "screening", anx_profile_get_principal (anx_client_get_profile (client)), recipients, NULL, now_usec, NULL);
  g_autoptr (JsonObject) object = json_object_new ();
  json_object_set_string_member (object, "resourceType", "Basic");
  json_object_set_string_member (object, "text", text);
  g_autoptr (JsonNode) node = anx_json_node_from_object (object);
  g_assert_true (anx_client_write (client, header, node, &error));
  g_assert_no_error (error);
  return id;
}

static AnxCertificate *
issue (AnxHubFixture *self,
       const char *principal,
       AnxKeyUse use)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxKey) key = anx_key_generate (&error);
  g_assert_no_error (error);
  g_assert_true (anx_key_store_save (self->keys, principal, use, key, &error));
  g_autofree char *request = anx_key_make_request (key, principal, &error);
  g_assert_no_error (error);
  AnxCertificate *certificate = anx_authority_issue (self->authority, request, principal, use, g_get_real_time (), &error);
  g_assert_no_error (error);
  return certificate;
}

static JsonObject *
add_entry (AnxHubFixture *self,
           const char *id,
           const char *kind,
           AnxCertificate *sign,
           AnxCertificate *seal)
{
  JsonObject *entry = json_object_new ();
  json_object_set_string_member (entry, "id", id);
  json_object_set_string_member (entry, "kind", kind);
  json_object_set_string_member (entry, "name", id);
  json_object_set_boolean_member (entry, "active", TRUE);
  g_autofree char *sign_pem = sign != NULL ? anx_certificate_to_pem (sign) : NULL;
  g_autofree char *seal_pem = seal != NULL ? anx_certificate_to_pem (seal) : NULL;
  if (sign_pem != NULL)
    json_object_set_string_member (entry, "signCertificate", sign_pem);
  if (seal_pem != NULL)
    json_object_set_string_member (entry, "sealCertificate", seal_pem);
  json_array_add_object_element (self->principals, entry);
  return entry;
}

static JsonObject *
find_entry (AnxHubFixture *self,
            const char *id)
{
  for (guint i = 0; i < json_array_get_length (self->principals); i++)
    {
      JsonObject *entry = json_array_get_object_element (self->principals, i);
      if (g_str_equal (json_object_get_string_member (entry, "id"), id))
        return entry;
    }
  g_assert_not_reached ();
}

static void
write_file (AnxHubFixture *self,
            const char *name,
            const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_assert_true (anx_file_write (path, text, -1, &error));
}

/* Below those that systems give to connections (RFC 6335: from 49152; Linux: from 32768): one found free there may be taken by any test's
 * connection while the hub is being made, or is down. */
static guint
find_free_port (void)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  for (;;)
    {
      guint16 port = (guint16) g_random_int_range (15000, 32000);
      g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, port);
      g_autoptr (GSocketListener) listener = g_socket_listener_new ();
      gboolean is_free = g_socket_listener_add_address (listener, address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, NULL, NULL);
      g_socket_listener_close (listener);
      if (is_free)
        return port;
    }
}

static void
make_hub (AnxHubFixture *self)
{
  g_autoptr (GError) error = NULL;
  const char *names[] = { "127.0.0.1", NULL };
  guint port = find_free_port ();
  g_autoptr (AnxKey) key = anx_key_generate (&error);
  g_autofree char *request = anx_key_make_request (key, "hub", &error);
  g_autoptr (AnxCertificate) certificate = anx_authority_issue_server (self->authority, request, names, g_get_real_time (), &error);
  g_assert_no_error (error);
  g_autofree char *certificate_pem = anx_certificate_to_pem (certificate);
  g_autofree char *key_pem = anx_key_to_pem (key);
  g_autofree char *authority_pem = anx_certificate_to_pem (anx_authority_get_certificate (self->authority));
  g_autofree char *ini = g_strdup_printf ("[hub]\nlisten=127.0.0.1:%u\ndatabase=sqlite:hub.db\nauthority=authority.pem\n"
                                          "certificate=hub.pem\nkey=hub.key\n[limits]\nrequests-per-minute=100000\n",
                                          port);
  self->url = g_strdup_printf ("https://127.0.0.1:%u", port);
  write_file (self, "hub.pem", certificate_pem);
  write_file (self, "hub.key", key_pem);
  write_file (self, "authority.pem", authority_pem);
  write_file (self, "hub.ini", ini);
}

static void
make_administrator (AnxHubFixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxCertificate) sign = issue (self, "administrator", ANX_KEY_USE_SIGN);
  g_autoptr (AnxCertificate) seal = issue (self, "administrator", ANX_KEY_USE_SEAL);
  g_autoptr (AnxKey) key = anx_key_store_load (self->keys, "administrator", ANX_KEY_USE_SIGN, &error);
  static const char *const roles[] = { "administrator", NULL };
  anx_json_set_strings (add_entry (self, "administrator", "person", sign, seal), "roles", roles);
  self->administrator = anx_hub_link_new (self->url, anx_authority_get_certificate (self->authority), key, sign, &error);
  g_assert_no_error (error);
}

AnxHubFixture *
anx_hub_fixture_new (void)
{
  g_autoptr (GError) error = NULL;
  AnxHubFixture *self = g_new0 (AnxHubFixture, 1);
  self->folder = g_dir_make_tmp ("anxin-hub-XXXXXX", &error);
  g_assert_no_error (error);
  self->keys = anx_memory_key_store_new ();
  self->principals = json_array_new ();
  self->services = json_array_new ();
  self->n_rooms = 1;
  self->authority = anx_authority_create ("east-district", "East District", g_get_real_time (), &error);
  g_assert_no_error (error);
  make_hub (self);
  make_administrator (self);
  g_autoptr (AnxCertificate) recovery = issue (self, ANX_RECOVERY_PRINCIPAL, ANX_KEY_USE_SEAL);
  add_entry (self, ANX_RECOVERY_PRINCIPAL, "recovery", NULL, recovery);
  g_autoptr (AnxCertificate) group = issue (self, GROUP, ANX_KEY_USE_SEAL);
  JsonObject *entry = add_entry (self, GROUP, "group", NULL, group);
  static const char *const roles[] = { "duty", NULL };
  json_object_set_string_member (entry, "centre", "east");
  anx_json_set_strings (entry, "roles", roles);
  json_object_set_array_member (entry, "members", json_array_new ());
  json_object_set_object_member (entry, "wrapped", json_object_new ());
  return self;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      remove_tree (child);
    }
  remove (path);
}

void
anx_hub_fixture_free (AnxHubFixture *self)
{
  if (self->hub != NULL)
    anx_hub_fixture_stop (self, SIGKILL);
  remove_tree (self->folder);
  g_free (self->folder);
  g_free (self->url);
  g_free (self->previous);
  g_clear_pointer (&self->directory, g_bytes_unref);
  g_clear_object (&self->authority);
  g_clear_object (&self->keys);
  g_clear_object (&self->administrator);
  json_array_unref (self->principals);
  json_array_unref (self->services);
  g_free (self);
}

/* A test that aborts must not leave a hub behind. */
static void
die_with_test (gpointer data)
{
  anx_process_die_with_parent ();
}

gboolean
anx_hub_fixture_spawn (AnxHubFixture *self,
                       GSubprocessLauncher *launcher)
{
  g_autoptr (GError) error = NULL;
  const char *top = g_getenv ("ANX_TOP_BUILD");
  g_autofree char *program = g_build_filename (top != NULL ? top : ".", "src", "hub", "anxin-hub", NULL);
  g_autofree char *config = g_build_filename (self->folder, "hub.ini", NULL);
  g_assert_null (self->hub);
  g_subprocess_launcher_set_flags (launcher, G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_subprocess_launcher_set_child_setup (launcher, die_with_test, NULL, NULL);
  self->hub = g_subprocess_launcher_spawn (launcher, &error, program, "--config", config, NULL);
  g_assert_no_error (error);
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->hub));
  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (lines), FALSE);
  g_autofree char *line = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  if (line != NULL)
    g_assert_nonnull (strstr (line, "listening"));
  return line != NULL;
}

void
anx_hub_fixture_start (AnxHubFixture *self)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_assert_true (anx_hub_fixture_spawn (self, launcher));
}

void
anx_hub_fixture_stop (AnxHubFixture *self,
                      int signal_number)
{
  g_assert_nonnull (self->hub);
  g_subprocess_send_signal (self->hub, signal_number);
  g_assert_true (g_subprocess_wait (self->hub, NULL, NULL));
  g_clear_object (&self->hub);
}

static void
add_to_group (AnxHubFixture *self,
              const char *id,
              AnxCertificate *seal)
{
  g_autoptr (GError) error = NULL;
  JsonObject *group = find_entry (self, GROUP);
  g_autoptr (AnxKey) key = anx_key_store_load (self->keys, GROUP, ANX_KEY_USE_SEAL, &error);
  g_autofree char *wrapped = anx_directory_wrap_group_key (key, seal, &error);
  g_assert_no_error (error);
  json_array_add_string_element (json_object_get_array_member (group, "members"), id);
  json_object_set_string_member (json_object_get_object_member (group, "wrapped"), id, wrapped);
}

AnxProfile *
anx_hub_fixture_add (AnxHubFixture *self,
                     const char *id,
                     const char *kind,
                     const char *role)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxCertificate) sign = issue (self, id, ANX_KEY_USE_SIGN);
  g_autoptr (AnxCertificate) seal = issue (self, id, ANX_KEY_USE_SEAL);
  JsonObject *entry = add_entry (self, id, kind, sign, seal);
  json_object_set_string_member (entry, "centre", "east");
  if (g_str_equal (kind, "kiosk"))
    json_object_set_string_member (entry, "room", "east-1");
  if (role != NULL)
    {
      const char *roles[] = { role, NULL };
      anx_json_set_strings (entry, "roles", roles);
    }
  if (g_strcmp0 (role, "duty") == 0)
    add_to_group (self, id, seal);
  g_autofree char *folder = g_build_filename (self->folder, id, NULL);
  AnxProfile *profile =
    anx_profile_create (folder, self->url, id, anx_authority_get_certificate (self->authority), sign, seal, &error);
  g_assert_no_error (error);
  return profile;
}

void
anx_hub_fixture_add_unenrolled (AnxHubFixture *self,
                                const char *id,
                                const char *kind)
{
  add_entry (self, id, kind, NULL, NULL);
}

GBytes *
anx_hub_fixture_sign_directory (AnxHubFixture *self,
                                gint64 version,
                                const char *previous)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) centres = anx_json_parse_object (
    "{\"centres\":[{\"id\":\"east\",\"name\":\"East\",\"timezone\":\"Asia/Shanghai\",\"rooms\":[]}]}", -1, 4096, &error);
  JsonArray *rooms = json_object_get_array_member (json_array_get_object_element (json_object_get_array_member (centres, "centres"), 0), "rooms");
  for (guint i = 1; i <= self->n_rooms; i++)
    {
      g_autofree char *id = g_strdup_printf ("east-%u", i);
      JsonObject *room = json_object_new ();
      json_object_set_string_member (room, "id", id);
      json_object_set_string_member (room, "name", id + strlen ("east-"));
      json_array_add_object_element (rooms, room);
    }
  g_autoptr (JsonObject) json = json_object_new ();
  json_object_set_string_member (json, "district", "east-district");
  json_object_set_string_member (json, "name", "East District");
  json_object_set_int_member (json, "version", version);
  if (previous != NULL)
    json_object_set_string_member (json, "previous", previous);
  json_object_set_array_member (json, "centres", json_array_ref (json_object_get_array_member (centres, "centres")));
  json_object_set_array_member (json, "services", json_array_ref (self->services));
  json_object_set_array_member (json, "principals", json_array_ref (self->principals));
  char *text = anx_json_object_to_text (json);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
  GBytes *der = anx_authority_sign_directory (self->authority, bytes, &error);
  g_assert_no_error (error);
  return der;
}

void
anx_keep_result (GObject *source,
                 GAsyncResult *result,
                 gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

gboolean
anx_has_result (gpointer data)
{
  return *(GAsyncResult **) data != NULL;
}

gboolean
anx_is_online (gpointer client)
{
  return anx_client_get_state (client) == ANX_CLIENT_ONLINE;
}

gboolean
anx_is_offline (gpointer client)
{
  return anx_client_get_state (client) == ANX_CLIENT_OFFLINE;
}

AnxHubAnswer *
anx_hub_fixture_request (AnxHubFixture *self,
                         const char *method,
                         const char *path,
                         const char *content_type,
                         GBytes *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  anx_hub_link_request_async (self->administrator, method, path, content_type, body, NULL, ANX_BOUND_DIRECTORY_BYTES, NULL, anx_keep_result,
                              &result);
  anx_wait_until (anx_has_result, &result, 30);
  AnxHubAnswer *answer = anx_hub_link_request_finish (self->administrator, result, &error);
  g_assert_no_error (error);
  return answer;
}

void
anx_hub_fixture_publish (AnxHubFixture *self)
{
  g_autoptr (GError) error = NULL;
  g_clear_pointer (&self->directory, g_bytes_unref);
  self->directory = anx_hub_fixture_sign_directory (self, ++self->version, self->previous);
  g_autoptr (AnxHubAnswer) answer = anx_hub_fixture_request (self, "PUT", "/v1/directory", "application/pkcs7-mime", self->directory);
  if (answer->status > 299)
    g_test_message ("%.*s", (int) g_bytes_get_size (answer->body), (const char *) g_bytes_get_data (answer->body, NULL));
  g_assert_cmpuint (answer->status, <=, 299);
  g_autoptr (AnxDirectory) directory =
    anx_directory_open (self->directory, anx_authority_get_certificate (self->authority), NULL, &error);
  g_assert_no_error (error);
  g_free (self->previous);
  self->previous = g_strdup (anx_directory_get_digest (directory));
}

char *
anx_hub_fixture_invite (AnxHubFixture *self,
                        const char *principal,
                        gint64 expires_usec)
{
  guint8 random[10];
  anx_random_bytes (random, sizeof random);
  char *code =
    anx_enrolment_code_make (anx_certificate_get_fingerprint (anx_authority_get_certificate (self->authority)), random);
  g_autofree char *pin = NULL;
  g_autofree char *secret = NULL;
  g_assert_true (anx_enrolment_code_parse (code, &pin, &secret, NULL));
  g_autofree char *hash = anx_enrolment_secret_hash (secret);
  char *text = g_strdup_printf ("{\"principal\":\"%s\",\"secretHash\":\"%s\",\"expires\":%" G_GINT64_FORMAT "}", principal, hash, expires_usec);
  g_autoptr (GBytes) body = g_bytes_new_take (text, strlen (text));
  g_autoptr (AnxHubAnswer) answer = anx_hub_fixture_request (self, "POST", "/v1/enrolments", "application/json", body);
  g_assert_cmpuint (answer->status, ==, 201);
  return code;
}

static void
approve_one (AnxHubFixture *self,
             JsonObject *enrolment,
             gboolean publish)
{
  g_autoptr (GError) error = NULL;
  const char *principal = json_object_get_string_member (enrolment, "principal");
  gint64 now_usec = g_get_real_time ();
  g_autoptr (AnxCertificate) sign = anx_authority_issue (self->authority, json_object_get_string_member (enrolment, "signRequest"),
                                                         principal, ANX_KEY_USE_SIGN, now_usec, &error);
  g_assert_no_error (error);
  g_autoptr (AnxCertificate) seal = anx_authority_issue (self->authority, json_object_get_string_member (enrolment, "sealRequest"),
                                                         principal, ANX_KEY_USE_SEAL, now_usec, &error);
  g_assert_no_error (error);
  g_autofree char *sign_pem = anx_certificate_to_pem (sign);
  g_autofree char *seal_pem = anx_certificate_to_pem (seal);
  JsonObject *entry = find_entry (self, principal);
  json_object_set_string_member (entry, "signCertificate", sign_pem);
  json_object_set_string_member (entry, "sealCertificate", seal_pem);
  if (publish)
    anx_hub_fixture_publish (self);
  g_autoptr (JsonObject) json = json_object_new ();
  json_object_set_string_member (json, "signCertificate", sign_pem);
  json_object_set_string_member (json, "sealCertificate", seal_pem);
  char *text = anx_json_object_to_text (json);
  g_autoptr (GBytes) body = g_bytes_new_take (text, strlen (text));
  g_autofree char *path = g_strdup_printf ("/v1/enrolments/%s/certificates", json_object_get_string_member (enrolment, "id"));
  g_autoptr (AnxHubAnswer) answer = anx_hub_fixture_request (self, "PUT", path, "application/json", body);
  g_assert_cmpuint (answer->status, ==, 200);
}

guint
anx_hub_fixture_approve (AnxHubFixture *self,
                         gboolean publish)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxHubAnswer) answer = anx_hub_fixture_request (self, "GET", "/v1/enrolments", NULL, NULL);
  g_assert_cmpuint (answer->status, ==, 200);
  gsize size;
  const char *text = g_bytes_get_data (answer->body, &size);
  g_autoptr (JsonObject) json = anx_json_parse_object (text, (gssize) size, ANX_BOUND_REQUEST_BYTES, &error);
  g_assert_no_error (error);
  JsonArray *enrolments = json_object_get_array_member (json, "enrolments");
  guint approved = 0;
  for (guint i = 0; i < json_array_get_length (enrolments); i++)
    {
      JsonObject *enrolment = json_array_get_object_element (enrolments, i);
      if (!g_str_equal (json_object_get_string_member (enrolment, "status"), "claimed"))
        continue;
      approve_one (self, enrolment, publish);
      approved++;
    }
  return approved;
}

void
anx_remove_database (const char *path)
{
  static const char *const parts[] = { "", "-wal", "-shm" };
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *file = g_strconcat (path, parts[i], NULL);
      remove (file);
    }
}

void
anx_copy_database (const char *from,
                   const char *to)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxDatabase) database = anx_database_open_reader (from, &error);
  g_assert_no_error (error);
  g_assert_true (anx_database_backup (database, to, &error));
}

void
anx_restore_database (const char *backup,
                      const char *path)
{
  g_autoptr (GError) error = NULL;
  anx_remove_database (path);
  g_autoptr (GBytes) bytes = anx_file_read (backup, 64 * 1024 * 1024, &error);
  g_assert_no_error (error);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  g_assert_true (anx_file_write (path, data, (gssize) size, &error));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "key-store.h"
#include "process.h"
#include "seal-error.h"

/* A private bus without service files, so that nothing starts by itself, and a keyring daemon with a home of its own.
 */

typedef struct
{
  GTestDBus *bus;
  GDBusConnection *connection;
  GSubprocess *daemon;
  char *home;
  AnxKeyStore *store;
} Fixture;

static void
set_up (Fixture *fixture,
        gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  fixture->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (fixture->bus);
  fixture->connection = g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (fixture->bus),
                                                                G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                                    G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                                                NULL, NULL, &error);
  g_assert_no_error (error);
  fixture->home = g_dir_make_tmp ("anxin-keys-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->store = anx_secret_key_store_new ("test-district");
}

/* Waits until the daemon has its name and a default collection: before that it looks like an empty service. */
static void
wait_for_collection (Fixture *fixture)
{
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  while (g_get_monotonic_time () < end)
    {
      g_autoptr (GVariant)
          reply = g_dbus_connection_call_sync (fixture->connection, "org.freedesktop.secrets",
                                               "/org/freedesktop/secrets", "org.freedesktop.Secret.Service",
                                               "ReadAlias", g_variant_new ("(s)", "default"), G_VARIANT_TYPE ("(o)"),
                                               G_DBUS_CALL_FLAGS_NO_AUTO_START, 1000, NULL, NULL);
      if (reply != NULL)
        {
          const char *path = NULL;
          g_variant_get (reply, "(&o)", &path);
          if (strcmp (path, "/") != 0)
            return;
        }
      g_usleep (5000);
    }
  g_error ("The keyring daemon did not come up");
}

static gboolean
start_daemon (Fixture *fixture,
              const char *password)
{
  g_autofree char *program = g_find_program_in_path ("gnome-keyring-daemon");
  if (program == NULL)
    {
      g_test_skip ("There is no gnome-keyring-daemon");
      return FALSE;
    }
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  static const char *const homes[] = { "HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME",
                                       "XDG_CACHE_HOME" };
  for (guint i = 0; i < G_N_ELEMENTS (homes); i++)
    g_subprocess_launcher_setenv (launcher, homes[i], fixture->home, TRUE);
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", g_test_dbus_get_bus_address (fixture->bus), TRUE);
  g_subprocess_launcher_unsetenv (launcher, "DISPLAY");
  g_subprocess_launcher_unsetenv (launcher, "GNOME_KEYRING_CONTROL");
  fixture->daemon =
      g_subprocess_launcher_spawn (launcher, &error, program, "--foreground", "--unlock", "--components=secrets", NULL);
  g_assert_no_error (error);
  GOutputStream *in = g_subprocess_get_stdin_pipe (fixture->daemon);
  g_output_stream_write_all (in, password, strlen (password), NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_close (in, NULL, NULL);
  wait_for_collection (fixture);
  return TRUE;
}

static void
stop_daemon (Fixture *fixture)
{
  if (fixture->daemon == NULL)
    return;
  g_subprocess_send_signal (fixture->daemon, SIGTERM);
  g_subprocess_wait (fixture->daemon, NULL, NULL);
  g_clear_object (&fixture->daemon);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  for (const char *name; folder != NULL && (name = g_dir_read_name (folder)) != NULL;)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_tree (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

static void
tear_down (Fixture *fixture,
           gconstpointer data)
{
  g_assert_finalize_object (fixture->store);
  stop_daemon (fixture);
  g_dbus_connection_close_sync (fixture->connection, NULL, NULL);
  g_clear_object (&fixture->connection);
  g_test_dbus_down (fixture->bus);
  g_clear_object (&fixture->bus);
  remove_tree (fixture->home);
  g_free (fixture->home);
}

static void
assert_load_fails (Fixture *fixture,
                   const char *principal,
                   AnxKeyUse use,
                   AnxSealError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (anx_key_store_load (fixture->store, principal, use, &error));
  g_assert_error (error, ANX_SEAL_ERROR, (gint) code);
}

static void
assert_key_is (AnxKeyStore *store,
               const char *principal,
               AnxKeyUse use,
               AnxKey *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxKey) key = anx_key_store_load (store, principal, use, &error);
  g_assert_no_error (error);
  anx_autosecret char *pem = anx_key_to_pem (key), *expected_pem = anx_key_to_pem (expected);
  g_assert_cmpstr (pem, ==, expected_pem);
}

static void
test_save_and_load (Fixture *fixture,
                    gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  if (!start_daemon (fixture, "one"))
    return;
  g_autoptr (AnxKey) sign = anx_key_generate (NULL), seal = anx_key_generate (NULL), newer = anx_key_generate (NULL);
  assert_load_fails (fixture, "kiosk-one", ANX_KEY_USE_SIGN, ANX_SEAL_ERROR_KEY_MISSING);
  g_assert_true (anx_key_store_save (fixture->store, "kiosk-one", ANX_KEY_USE_SIGN, sign, &error));
  g_assert_no_error (error);
  assert_load_fails (fixture, "kiosk-one", ANX_KEY_USE_SEAL, ANX_SEAL_ERROR_KEY_MISSING);
  g_assert_true (anx_key_store_save (fixture->store, "kiosk-one", ANX_KEY_USE_SEAL, seal, &error));
  g_assert_no_error (error);
  assert_key_is (fixture->store, "kiosk-one", ANX_KEY_USE_SIGN, sign);
  assert_key_is (fixture->store, "kiosk-one", ANX_KEY_USE_SEAL, seal);

  g_assert_true (anx_key_store_save (fixture->store, "kiosk-one", ANX_KEY_USE_SEAL, newer, &error));
  assert_key_is (fixture->store, "kiosk-one", ANX_KEY_USE_SEAL, newer);

  /* Neither another principal nor another district sees them. */
  assert_load_fails (fixture, "kiosk-two", ANX_KEY_USE_SIGN, ANX_SEAL_ERROR_KEY_MISSING);
  g_autoptr (AnxKeyStore) elsewhere = anx_secret_key_store_new ("other-district");
  g_assert_null (anx_key_store_load (elsewhere, "kiosk-one", ANX_KEY_USE_SIGN, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_KEY_MISSING);
  g_clear_error (&error);

  /* It is on the daemon's disk. */
  stop_daemon (fixture);
  start_daemon (fixture, "one");
  assert_key_is (fixture->store, "kiosk-one", ANX_KEY_USE_SIGN, sign);

  g_assert_true (anx_key_store_forget (fixture->store, "kiosk-one", &error));
  g_assert_no_error (error);
  assert_load_fails (fixture, "kiosk-one", ANX_KEY_USE_SIGN, ANX_SEAL_ERROR_KEY_MISSING);
  assert_load_fails (fixture, "kiosk-one", ANX_KEY_USE_SEAL, ANX_SEAL_ERROR_KEY_MISSING);
  g_assert_true (anx_key_store_forget (fixture->store, "kiosk-one", &error));
  g_assert_no_error (error);
}

/* K1: locked is not empty. */
static void
test_locked (Fixture *fixture,
             gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  if (!start_daemon (fixture, "one"))
    return;
  g_autoptr (AnxKey) key = anx_key_generate (NULL);
  g_assert_true (anx_key_store_save (fixture->store, "kiosk-one", ANX_KEY_USE_SIGN, key, &error));
  g_assert_no_error (error);
  stop_daemon (fixture);

  start_daemon (fixture, "another");
  gint64 before = g_get_monotonic_time ();
  assert_load_fails (fixture, "kiosk-one", ANX_KEY_USE_SIGN, ANX_SEAL_ERROR_STORE_LOCKED);
  assert_load_fails (fixture, "kiosk-two", ANX_KEY_USE_SIGN, ANX_SEAL_ERROR_STORE_LOCKED);
  g_assert_false (anx_key_store_save (fixture->store, "kiosk-one", ANX_KEY_USE_SIGN, key, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_STORE_LOCKED);
  g_clear_error (&error);
  g_assert_false (anx_key_store_forget (fixture->store, "kiosk-one", &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_STORE_LOCKED);
  g_clear_error (&error);
  g_assert_cmpint (g_get_monotonic_time () - before, <, 9 * G_USEC_PER_SEC);
  stop_daemon (fixture);

  start_daemon (fixture, "one");
  assert_key_is (fixture->store, "kiosk-one", ANX_KEY_USE_SIGN, key);
}

static void
test_missing (Fixture *fixture,
              gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxKey) key = anx_key_generate (NULL);
  assert_load_fails (fixture, "kiosk-one", ANX_KEY_USE_SIGN, ANX_SEAL_ERROR_STORE_MISSING);
  g_assert_false (anx_key_store_save (fixture->store, "kiosk-one", ANX_KEY_USE_SIGN, key, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_STORE_MISSING);
  g_clear_error (&error);
  g_assert_false (anx_key_store_forget (fixture->store, "kiosk-one", &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_STORE_MISSING);
}

static void
own_name (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      fixture->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
      g_variant_new ("(su)", "org.freedesktop.secrets", 4u), G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL,
      &error);
  g_assert_no_error (error);
}

static GDBusMessage *
swallow (GDBusConnection *connection,
         GDBusMessage *message,
         gboolean incoming,
         gpointer user_data)
{
  if (incoming && g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    g_clear_object (&message);
  return message;
}

/* K3: a service that has the name but never answers. */
static void
test_silent (Fixture *fixture,
             gconstpointer data)
{
  g_dbus_connection_add_filter (fixture->connection, swallow, NULL, NULL);
  own_name (fixture);
  gint64 before = g_get_monotonic_time ();
  assert_load_fails (fixture, "kiosk-one", ANX_KEY_USE_SIGN, ANX_SEAL_ERROR_STORE_MISSING);
  g_assert_cmpint (g_get_monotonic_time () - before, <, 15 * G_USEC_PER_SEC);
}

#define COLLECTION "/org/freedesktop/secrets/collection/test"

/* Set by the connection's worker thread. */
static gint prompts_asked, items_created;

/* A service that is open but wants to ask a person before it keeps an item. */
static GVariant *
answer (const char *member)
{
  if (strcmp (member, "GetAll") == 0)
    return g_variant_new_parsed ("({'Locked': <false>, 'Collections': <[objectpath '" COLLECTION "']>, "
                                 "'Items': <@ao []>, 'Label': <'test'>},)");
  if (strcmp (member, "ReadAlias") == 0)
    return g_variant_new_parsed ("(objectpath '" COLLECTION "',)");
  if (strcmp (member, "OpenSession") == 0)
    return g_variant_new_parsed ("(<''>, objectpath '/org/freedesktop/secrets/session/s')");
  if (strcmp (member, "CreateItem") == 0)
    {
      g_atomic_int_inc (&items_created);
      return g_variant_new_parsed ("(objectpath '/', objectpath '/org/freedesktop/secrets/prompt/p')");
    }
  if (strcmp (member, "Prompt") == 0 || strcmp (member, "Unlock") == 0)
    g_atomic_int_inc (&prompts_asked);
  return NULL;
}

static GDBusMessage *
serve (GDBusConnection *connection,
       GDBusMessage *message,
       gboolean incoming,
       gpointer user_data)
{
  if (!incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;
  const char *member = g_dbus_message_get_member (message);
  GVariant *body = answer (member);
  /* libsecret offers an encrypted session first and takes the plain one when that is not supported. */
  gboolean encrypted = FALSE;
  if (strcmp (member, "OpenSession") == 0)
    {
      const char *algorithm = NULL;
      g_variant_get_child (g_dbus_message_get_body (message), 0, "&s", &algorithm);
      encrypted = strcmp (algorithm, "plain") != 0;
    }
  g_autoptr (GDBusMessage) reply = NULL;
  if (body == NULL || encrypted)
    reply = g_dbus_message_new_method_error_literal (message, "org.freedesktop.DBus.Error.NotSupported", "no");
  else
    reply = g_dbus_message_new_method_reply (message);
  if (body != NULL && !encrypted)
    g_dbus_message_set_body (reply, body);
  else if (body != NULL)
    g_variant_unref (g_variant_ref_sink (body));
  g_dbus_connection_send_message (connection, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
  g_object_unref (message);
  return NULL;
}

/* K2: the wish to prompt fails the call; nobody is asked. */
static void
test_no_prompt (Fixture *fixture,
                gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxKey) key = anx_key_generate (NULL);
  g_dbus_connection_add_filter (fixture->connection, serve, NULL, NULL);
  own_name (fixture);
  g_assert_false (anx_key_store_save (fixture->store, "kiosk-one", ANX_KEY_USE_SIGN, key, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_STORE_LOCKED);
  g_assert_cmpint (g_atomic_int_get (&items_created), ==, 1);
  g_assert_cmpint (g_atomic_int_get (&prompts_asked), ==, 0);
}

static void
test_bad_input (Fixture *fixture,
                gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxKey) key = anx_key_generate (NULL);
  assert_load_fails (fixture, "Kiosk One", ANX_KEY_USE_SIGN, ANX_SEAL_ERROR_INVALID);
  g_assert_false (anx_key_store_save (fixture->store, "Kiosk One", ANX_KEY_USE_SIGN, key, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (anx_key_store_forget (fixture->store, "Kiosk One", &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
}

#define ADD(name, function) g_test_add ("/seal/secret-key-store/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("save-and-load", test_save_and_load);
  ADD ("locked", test_locked);
  ADD ("missing", test_missing);
  ADD ("silent", test_silent);
  ADD ("no-prompt", test_no_prompt);
  ADD ("bad-input", test_bad_input);
  return g_test_run ();
}

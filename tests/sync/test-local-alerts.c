/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "care-records.h"
#include "envelope.h"
#include "files.h"
#include "hub-fixture.h"
#include "id.h"
#include "json.h"
#include "local-alerts.h"
#include "local-message.h"
#include "memory-key-store.h"

/* A kiosk and two desks of one centre, with the real hub and real datagrams on the loopback. */

typedef struct
{
  AnxProfile *profile;
  AnxClient *client;
  AnxLocalAlerts *local;
  guint arrived; /* records of others that were new */
} Side;

typedef struct
{
  AnxHubFixture *district;
  AnxClock *clock;
  AnxLocalSettings *settings;
  Side kiosk;
  Side duty;
  Side staff;
  Side stranger; /* of another kind: a department's worker without a centre's role */
} Fixture;

static void
on_arrived (AnxClient *client,
            AnxInboxRecord *record,
            Side *side)
{
  const char *own = anx_profile_get_principal (anx_client_get_profile (client));
  if (g_strcmp0 (anx_record_header_get_author (anx_inbox_record_get_header (record)), own) != 0)
    side->arrived++;
}

static void
open_side (Fixture *f,
           Side *side)
{
  g_autoptr (GError) error = NULL;
  side->client = anx_client_new (side->profile, f->district->keys, f->clock, &error);
  g_assert_no_error (error);
  g_signal_connect (side->client, "record-arrived", G_CALLBACK (on_arrived), side);
  side->local = anx_local_alerts_new (side->client, f->settings);
  anx_client_start (side->client);
}

static void
close_side (Side *side)
{
  if (side->client == NULL)
    return;
  gpointer watched = side->client;
  g_object_add_weak_pointer (G_OBJECT (side->client), &watched);
  g_clear_object (&side->local);
  anx_client_stop (side->client);
  g_clear_object (&side->client);
  gint64 until = g_get_monotonic_time () + 5 * G_TIME_SPAN_SECOND;
  while (watched != NULL && g_get_monotonic_time () < until)
    g_main_context_iteration (NULL, FALSE);
  g_assert_null (watched);
}

static gboolean is_ready (gpointer client) { return anx_client_get_state (client) == ANX_CLIENT_ONLINE && anx_client_get_directory (client) != NULL; }
static gboolean nothing_queued (gpointer client) { return anx_client_count_queued (client) == 0; }

static void
set_up (Fixture *f,
        gconstpointer data)
{
  f->district = anx_hub_fixture_new ();
  f->clock = anx_clock_new_system ();
  f->settings = anx_local_settings_read ("", NULL);
  g_free (f->settings->interface);
  f->settings->interface = g_strdup ("lo");
  f->settings->port = (guint16) g_random_int_range (20000, 60000);
  f->kiosk.profile = anx_hub_fixture_add (f->district, "kiosk-east-1", "kiosk", NULL);
  f->duty.profile = anx_hub_fixture_add (f->district, "wang", "person", "duty");
  f->staff.profile = anx_hub_fixture_add (f->district, "chen", "person", "staff");
  f->stranger.profile = anx_hub_fixture_add (f->district, "zhou", "person", "department");
  anx_hub_fixture_start (f->district);
  anx_hub_fixture_publish (f->district);
  Side *sides[] = { &f->kiosk, &f->duty, &f->staff, &f->stranger };
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      open_side (f, sides[i]);
      anx_wait_until (is_ready, sides[i]->client, 20);
    }
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  Side *sides[] = { &f->kiosk, &f->duty, &f->staff, &f->stranger };
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      close_side (sides[i]);
      g_object_unref (sides[i]->profile);
    }
  anx_local_settings_free (f->settings);
  g_object_unref (f->clock);
  anx_hub_fixture_free (f->district);
}

static void
go_offline (Fixture *f)
{
  anx_hub_fixture_stop (f->district, SIGKILL);
  anx_wait_until (anx_is_offline, f->kiosk.client, 20);
}

static char *
write_alert (Side *side)
{
  g_autoptr (GError) error = NULL;
  const char *recipients[] = { "duty-east", NULL };
  gint64 now = anx_clock_now_usec (anx_client_get_clock (side->client));
  char *id = anx_uuid_new (now);
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "level", "red");
  json_object_set_string_member (routing, "centre", "east");
  json_object_set_string_member (routing, "room", "east-1");
  g_autoptr (AnxRecordHeader) header = anx_record_header_new (id, ANX_KIND_ALERT, anx_profile_get_principal (side->profile), recipients, NULL, now, routing);
  g_autoptr (JsonObject) resource = anx_alert_build (ANX_LEVEL_RED, "help-button", "east-1", now);
  g_autoptr (JsonNode) node = anx_json_node_from_object (resource);
  g_assert_true (anx_client_write (side->client, header, node, &error));
  g_assert_no_error (error);
  return id;
}

static void
write_acknowledgement (Side *side,
                       const char *alert)
{
  g_autoptr (GError) error = NULL;
  const char *recipients[] = { "duty-east", "kiosk-east-1", NULL };
  const char *who = anx_profile_get_principal (side->profile);
  gint64 now = anx_clock_now_usec (anx_client_get_clock (side->client));
  g_autofree char *id = anx_uuid_new (now);
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "alert", alert);
  g_autoptr (AnxRecordHeader) header = anx_record_header_new (id, ANX_KIND_ALERT_ACKNOWLEDGEMENT, who, recipients, NULL, now, routing);
  g_autoptr (JsonObject) resource = anx_acknowledgement_build (alert, who, now);
  g_autoptr (JsonNode) node = anx_json_node_from_object (resource);
  g_assert_true (anx_client_write (side->client, header, node, &error));
  g_assert_no_error (error);
}

typedef struct
{
  Side *side;
  const char *alert;
  AnxAlertState state;
} Expected;

static gboolean
has_state (gpointer data)
{
  Expected *expected = data;
  return anx_local_alerts_get_state (expected->side->local, expected->alert) >= expected->state;
}

static void
wait_for_state (Side *side,
                const char *alert,
                AnxAlertState state)
{
  Expected expected = { side, alert, state };
  anx_wait_until (has_state, &expected, 15);
}

static gboolean
has_record (gpointer data)
{
  Expected *expected = data;
  g_autoptr (AnxInboxRecord) record = anx_client_get_record (expected->side->client, expected->alert, NULL);
  return record != NULL;
}

static void
wait_for_record (Side *side,
                 const char *alert)
{
  Expected expected = { side, alert, ANX_ALERT_KEPT };
  anx_wait_until (has_record, &expected, 15);
}

static void
run_for (guint ms)
{
  gint64 until = g_get_monotonic_time () + ms * (gint64) 1000;
  while (g_get_monotonic_time () < until)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
}

/* With the hub the local network stays quiet, and the state says the truth. */
static void
test_online (Fixture *f,
             gconstpointer data)
{
  g_autofree char *alert = write_alert (&f->kiosk);
  g_assert_cmpint (anx_local_alerts_get_state (f->kiosk.local, alert), ==, ANX_ALERT_KEPT);
  wait_for_state (&f->kiosk, alert, ANX_ALERT_ARRIVED);
  wait_for_record (&f->duty, alert);
  g_assert_false (anx_local_alerts_heard (f->duty.local, alert));
  write_acknowledgement (&f->duty, alert);
  wait_for_state (&f->kiosk, alert, ANX_ALERT_ANSWERED);
  g_assert_cmpstr (anx_local_alerts_get_answerer (f->kiosk.local, alert), ==, "wang");
}

/* The whole way without the hub, and then once to the hub. */
static void
test_offline (Fixture *f,
              gconstpointer data)
{
  go_offline (f);
  g_autofree char *alert = write_alert (&f->kiosk);
  g_assert_cmpint (anx_local_alerts_get_state (f->kiosk.local, alert), ==, ANX_ALERT_KEPT);
  wait_for_state (&f->kiosk, alert, ANX_ALERT_NEARBY);
  wait_for_record (&f->duty, alert);
  wait_for_record (&f->staff, alert);
  g_assert_true (anx_local_alerts_heard (f->duty.local, alert));
  g_assert_cmpint (anx_local_alerts_get_state (f->kiosk.local, alert), ==, ANX_ALERT_NEARBY);
  g_autoptr (AnxInboxRecord) kept = anx_client_get_record (f->duty.client, alert, NULL);
  g_autoptr (JsonNode) opened = anx_client_open_record (f->duty.client, kept, NULL);
  g_assert_nonnull (opened);
  g_assert_null (anx_client_get_record (f->stranger.client, alert, NULL));

  write_acknowledgement (&f->duty, alert);
  wait_for_state (&f->kiosk, alert, ANX_ALERT_ANSWERED);
  g_assert_cmpstr (anx_local_alerts_get_answerer (f->kiosk.local, alert), ==, "wang");
  g_assert_cmpuint (f->duty.arrived, ==, 1);
  g_assert_cmpuint (f->kiosk.arrived, ==, 1);

  anx_hub_fixture_start (f->district);
  anx_wait_until (nothing_queued, f->kiosk.client, 40);
  anx_wait_until (nothing_queued, f->duty.client, 40);
  g_assert_true (anx_client_is_acknowledged (f->kiosk.client, alert));
  g_assert_cmpuint (anx_client_count_set_aside (f->duty.client), ==, 0);
  run_for (500);
  /* What came locally and then from the hub is one record. */
  g_assert_cmpuint (f->duty.arrived, ==, 1);
  g_assert_cmpuint (f->kiosk.arrived, ==, 1);
}

/* Nobody is there: nothing is claimed. */
static void
test_alone (Fixture *f,
            gconstpointer data)
{
  close_side (&f->duty);
  close_side (&f->staff);
  go_offline (f);
  g_autofree char *alert = write_alert (&f->kiosk);
  run_for (3000);
  g_assert_cmpint (anx_local_alerts_get_state (f->kiosk.local, alert), ==, ANX_ALERT_KEPT);
  /* A desk that starts later still gets it, and so does a kiosk's alert after a restart of the kiosk. */
  close_side (&f->kiosk);
  open_side (f, &f->kiosk);
  open_side (f, &f->duty);
  wait_for_record (&f->duty, alert);
  wait_for_state (&f->kiosk, alert, ANX_ALERT_NEARBY);
}

/* --- what must not be believed --- */

static void
ignore (const char *source,
        const guint8 *data,
        gsize size,
        gpointer user_data)
{
}

static void
send_bytes (Fixture *f,
            AnxLocalType type,
            const char *subject,
            GBytes *message)
{
  g_autoptr (GPtrArray) parts = anx_local_message_split (type, subject, message, NULL);
  AnxLocalNetwork *network = anx_local_network_open (f->settings, ignore, NULL, NULL);
  for (guint i = 0; i < parts->len; i++)
    g_assert_cmpuint (anx_local_network_send (network, parts->pdata[i]), ==, 1);
  anx_local_network_close (network);
}

typedef struct
{
  const char *who;    /* author and signer */
  const char *kind;
  const char *centre;
  gint64 age_usec;
  const char *reason;
} Forgery;

static GBytes *
forge (Fixture *f,
       const Forgery *forgery,
       AnxKey *key,
       AnxCertificate *certificate,
       const char *alert,
       char **out_id)
{
  g_autoptr (GError) error = NULL;
  const char *recipients[] = { "duty-east", NULL };
  gint64 created = anx_clock_now_usec (f->clock) - forgery->age_usec;
  *out_id = anx_uuid_new (created);
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "level", "red");
  json_object_set_string_member (routing, "centre", forgery->centre);
  if (alert != NULL)
    json_object_set_string_member (routing, "alert", alert);
  g_autoptr (AnxRecordHeader) header = anx_record_header_new (*out_id, forgery->kind, forgery->who, recipients, NULL, created, routing);
  g_autoptr (AnxRecordHeader) placed = anx_record_header_with_place (header, 1, NULL);
  g_autoptr (JsonObject) resource = anx_alert_build (ANX_LEVEL_RED, "help-button", "east-1", created);
  g_autoptr (JsonNode) node = anx_json_node_from_object (resource);
  g_autoptr (GBytes) sealed = anx_envelope_seal (placed, node, anx_client_get_directory (f->kiosk.client), &error);
  g_assert_no_error (error);
  GBytes *envelope = anx_envelope_sign (placed, sealed, key, certificate, &error);
  g_assert_no_error (error);
  return envelope;
}

static void
test_forged (Fixture *f,
             gconstpointer data)
{
  static const Forgery FORGERIES[] = {
    { "wang", ANX_KIND_ALERT, "east", 0, "an alert of a person" },
    { "kiosk-east-1", ANX_KIND_ALERT, "west", 0, "of another centre" },
    { "kiosk-east-1", ANX_KIND_ALERT, "east", 3 * ANX_USEC_PER_HOUR, "hours old" },
    { "kiosk-east-1", ANX_KIND_ALERT, "east", -20 * ANX_USEC_PER_MINUTE, "from the future" },
    { "kiosk-east-1", ANX_KIND_NOTE, "east", 0, "another kind" },
    { "zhou", ANX_KIND_ALERT_ACKNOWLEDGEMENT, "east", 0, "an acknowledgement of somebody of a department" },
    { "wang", ANX_KIND_ALERT_ACKNOWLEDGEMENT, "east", 0, "an acknowledgement of an alert nobody knows" },
  };
  go_offline (f);
  close_side (&f->staff);
  g_autofree char *nothing = anx_uuid_new (1);
  for (guint i = 0; i < G_N_ELEMENTS (FORGERIES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *id = NULL;
      Side *side = g_str_equal (FORGERIES[i].who, "wang") ? &f->duty : g_str_equal (FORGERIES[i].who, "zhou") ? &f->stranger : &f->kiosk;
      g_autoptr (AnxKey) key = anx_key_store_load (f->district->keys, FORGERIES[i].who, ANX_KEY_USE_SIGN, &error);
      g_autoptr (GBytes) envelope = forge (f, &FORGERIES[i], key, anx_profile_get_sign_certificate (side->profile), nothing, &id);
      g_test_message ("%s", FORGERIES[i].reason);
      send_bytes (f, ANX_LOCAL_RECORD, id, envelope);
      run_for (150);
      g_assert_null (anx_client_get_record (f->duty.client, id, NULL));
      g_assert_null (anx_client_get_record (f->stranger.client, id, NULL));
    }

  /* A certificate of the authority that the directory does not name for this kiosk. */
  static const Forgery replaced = { "kiosk-east-1", ANX_KIND_ALERT, "east", 0, "a certificate that was replaced" };
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxKey) other = anx_key_generate (&error);
  g_autofree char *request = anx_key_make_request (other, "kiosk-east-1", &error);
  g_autoptr (AnxCertificate) second = anx_authority_issue (f->district->authority, request, "kiosk-east-1", ANX_KEY_USE_SIGN, g_get_real_time (), &error);
  g_assert_no_error (error);
  g_autofree char *id = NULL;
  g_autoptr (GBytes) envelope = forge (f, &replaced, other, second, NULL, &id);
  send_bytes (f, ANX_LOCAL_RECORD, id, envelope);
  run_for (300);
  g_assert_null (anx_client_get_record (f->duty.client, id, NULL));

  /* Noise, and a receipt that nobody signed. */
  g_autofree char *alert = write_alert (&f->kiosk);
  wait_for_record (&f->duty, alert);
  g_autoptr (GBytes) noise = g_bytes_new_static ("{\"principal\":\"chen\",\"statement\":\"AAAA\"}", 39);
  send_bytes (f, ANX_LOCAL_RECEIPT, alert, noise);
  send_bytes (f, ANX_LOCAL_RECORD, alert, noise);
  run_for (300);
  g_assert_cmpint (anx_local_alerts_get_state (f->kiosk.local, alert), <=, ANX_ALERT_NEARBY);
}

static void
test_settings (void)
{
  static const struct
  {
    const char *text;
    gboolean good;
  } TABLE[] = {
    { "", TRUE },
    { "[local]\nenabled=false\n", TRUE },
    { "[local]\ngroup=239.1.2.3\nport=5000\ninterface=eth0\nttl=4\n", TRUE },
    { "[local]\ngroup=10.0.0.1\n", FALSE },
    { "[local]\ngroup=ff02::1\n", FALSE },
    { "[local]\ngroup=here\n", FALSE },
    { "[local]\nport=80\n", FALSE },
    { "[local]\nport=70000\n", FALSE },
    { "[local]\nttl=0\n", FALSE },
    { "[local]\nenabled=perhaps\n", FALSE },
    { "[local]\ninterface=a-name-that-is-too-long\n", FALSE },
    { "nonsense", FALSE },
  };
  g_autofree char *folder = g_dir_make_tmp ("anx-local-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "local.ini", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (TABLE); i++)
    {
      g_autoptr (GError) error = NULL;
      g_test_message ("%s", TABLE[i].text);
      g_assert_true (g_file_set_contents (path, TABLE[i].text, -1, NULL));
      g_autoptr (AnxLocalSettings) settings = anx_local_settings_read (path, &error);
      g_assert_cmpint (settings != NULL, ==, TABLE[i].good);
      g_assert_cmpint (error == NULL, ==, TABLE[i].good);
    }
  remove (path);
  remove (folder);
}

/* Whatever comes and goes, each alert reaches the duty desk, and the hub once. */
static void
test_every_alert (Fixture *f,
                  gconstpointer data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (g_test_rand_int ());
  guint rounds = g_getenv ("ANX_LONG") != NULL ? 60 : 3;
  g_autoptr (GPtrArray) alerts = g_ptr_array_new_with_free_func (g_free);
  close_side (&f->staff);
  for (guint i = 0; i < rounds; i++)
    {
      gboolean hub = g_rand_boolean (random), desk = g_rand_boolean (random);
      g_test_message ("hub %d, desk %d", hub, desk);
      if (hub && f->district->hub == NULL)
        anx_hub_fixture_start (f->district);
      else if (!hub && f->district->hub != NULL)
        anx_hub_fixture_stop (f->district, SIGKILL);
      if (desk && f->duty.client == NULL)
        open_side (f, &f->duty);
      else if (!desk)
        close_side (&f->duty);
      run_for ((guint) g_rand_int_range (random, 0, 800));
      g_ptr_array_add (alerts, write_alert (&f->kiosk));
      run_for ((guint) g_rand_int_range (random, 0, 800));
      if (f->duty.client == NULL)
        open_side (f, &f->duty);
      wait_for_record (&f->duty, alerts->pdata[i]);
    }
  if (f->district->hub == NULL)
    anx_hub_fixture_start (f->district);
  anx_wait_until (nothing_queued, f->kiosk.client, 40);
  for (guint i = 0; i < alerts->len; i++)
    g_assert_true (anx_client_is_acknowledged (f->kiosk.client, alerts->pdata[i]));
  g_test_message ("%u of %u alerts arrived", alerts->len, rounds);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add ("/sync/local-alerts/" path, Fixture, NULL, set_up, function, tear_down)
  g_test_add_func ("/sync/local-alerts/settings", test_settings);
  ADD ("online", test_online);
  ADD ("offline", test_offline);
  ADD ("alone", test_alone);
  ADD ("forged", test_forged);
  ADD ("every-alert", test_every_alert);
  return g_test_run ();
}

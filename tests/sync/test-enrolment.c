/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "client.h"
#include "clock.h"
#include "enrolment.h"
#include "hub-fixture.h"
#include "memory-key-store.h"
#include "seal-error.h"
#include "sync-error.h"

typedef struct
{
  AnxHubFixture *district;
  AnxKeyStore *keys; /* of the new machine */
  char *folder;
} Fixture;

static void
set_up (Fixture *f,
        gconstpointer data)
{
  f->district = anx_hub_fixture_new ();
  anx_hub_fixture_add_unenrolled (f->district, "kiosk-new", "kiosk");
  anx_hub_fixture_start (f->district);
  anx_hub_fixture_publish (f->district);
  f->keys = anx_memory_key_store_new ();
  f->folder = g_build_filename (f->district->folder, "machine", NULL);
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  g_object_unref (f->keys);
  g_free (f->folder);
  anx_hub_fixture_free (f->district);
}

typedef struct
{
  Fixture *f;
  gboolean done;
  AnxProfile *profile;
  GError *error;
  GCancellable *cancellable;
  guint approved;
} Run;

static void
on_enrolled (GObject *source,
             GAsyncResult *result,
             gpointer data)
{
  Run *run = data;
  run->profile = anx_enrol_finish (result, &run->error);
  run->done = TRUE;
}

static gboolean
is_done (gpointer data)
{
  return ((Run *) data)->done;
}

static void
begin (Fixture *f,
       const char *code,
       AnxKeyStore *keys,
       Run *run)
{
  memset (run, 0, sizeof *run);
  run->f = f;
  run->cancellable = g_cancellable_new ();
  anx_enrol_with_store_async (f->folder, f->district->url, code, keys, run->cancellable, on_enrolled, run);
}

static void
end (Run *run)
{
  g_clear_object (&run->cancellable);
  g_clear_object (&run->profile);
  g_clear_error (&run->error);
}

static gint64
in_minutes (int minutes)
{
  return g_get_real_time () + minutes * ANX_USEC_PER_MINUTE;
}

/* Turns until somebody claimed, then signs. */
static gboolean
approved_one (gpointer data)
{
  Run *run = data;
  g_assert_true (run->approved > 0 || !run->done);
  if (run->approved == 0)
    run->approved = anx_hub_fixture_approve (run->f->district, TRUE);
  return run->approved > 0;
}

static void
test_good (Fixture *f,
           gconstpointer data)
{
  Run run;
  g_autofree char *code = anx_hub_fixture_invite (f->district, "kiosk-new", in_minutes (5));
  begin (f, code, f->keys, &run);
  anx_wait_until (approved_one, &run, 20);
  anx_wait_until (is_done, &run, 20);
  g_assert_no_error (run.error);
  g_assert_cmpstr (anx_profile_get_principal (run.profile), ==, "kiosk-new");
  g_assert_true (anx_profile_exists (f->folder));
  g_autofree char *pending = g_build_filename (f->folder, "enrolment.json", NULL);
  g_assert_false (g_file_test (pending, G_FILE_TEST_EXISTS));

  g_autoptr (GError) error = NULL;
  g_autoptr (AnxClock) clock = anx_clock_new_system ();
  g_autoptr (AnxClient) client = anx_client_new (run.profile, f->keys, clock, &error);
  g_assert_no_error (error);
  end (&run);
}

static void
assert_fails (Fixture *f,
              const char *code,
              GQuark domain,
              int error_code)
{
  Run run;
  begin (f, code, f->keys, &run);
  anx_wait_until (is_done, &run, 20);
  g_assert_null (run.profile);
  g_assert_error (run.error, domain, error_code);
  g_assert_false (anx_profile_exists (f->folder));
  end (&run);
}

static void
test_wrong_pin (Fixture *f,
                gconstpointer data)
{
  static const guint8 secret[10] = { 1, 2, 3 };
  g_autofree char *code =
    anx_enrolment_code_make ("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", secret);
  assert_fails (f, code, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNTRUSTED);
  g_assert_false (g_file_test (f->folder, G_FILE_TEST_EXISTS));
}

static void
test_wrong_secret (Fixture *f,
                   gconstpointer data)
{
  static const guint8 secret[10] = { 1, 2, 3 };
  g_autofree char *code =
    anx_enrolment_code_make (anx_certificate_get_fingerprint (anx_authority_get_certificate (f->district->authority)), secret);
  assert_fails (f, code, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNKNOWN);
  assert_fails (f, "not a code", ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID);
}

static void
test_expired (Fixture *f,
              gconstpointer data)
{
  g_autofree char *code = anx_hub_fixture_invite (f->district, "kiosk-new", in_minutes (-1));
  assert_fails (f, code, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNKNOWN);
}

static void
test_offline (Fixture *f,
              gconstpointer data)
{
  g_autofree char *code = anx_hub_fixture_invite (f->district, "kiosk-new", in_minutes (5));
  anx_hub_fixture_stop (f->district, SIGTERM);
  assert_fails (f, code, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE);
}

static void
test_locked (Fixture *f,
             gconstpointer data)
{
  g_autofree char *code = anx_hub_fixture_invite (f->district, "kiosk-new", in_minutes (5));
  anx_memory_key_store_set_locked (ANX_MEMORY_KEY_STORE (f->keys), TRUE);
  assert_fails (f, code, ANX_SEAL_ERROR, ANX_SEAL_ERROR_STORE_LOCKED);
}

/* The same paper on a second machine. */
static void
test_reused (Fixture *f,
             gconstpointer data)
{
  Run run;
  g_autofree char *code = anx_hub_fixture_invite (f->district, "kiosk-new", in_minutes (5));
  begin (f, code, f->keys, &run);
  anx_wait_until (approved_one, &run, 20);
  anx_wait_until (is_done, &run, 20);
  g_assert_no_error (run.error);
  end (&run);

  g_free (f->folder);
  f->folder = g_build_filename (f->district->folder, "other-machine", NULL);
  g_object_unref (f->keys);
  f->keys = anx_memory_key_store_new ();
  assert_fails (f, code, ANX_SYNC_ERROR, ANX_SYNC_ERROR_CONFLICT);
}

static gboolean
has_pending_file (gpointer data)
{
  Run *run = data;
  g_autofree char *path = g_build_filename (run->f->folder, "enrolment.json", NULL);
  return run->done || g_file_test (path, G_FILE_TEST_EXISTS);
}

/* Ended while it waited for the administrator: the same code goes on with the same keys and requests. */
static void
test_resumed (Fixture *f,
              gconstpointer data)
{
  Run run;
  g_autofree char *code = anx_hub_fixture_invite (f->district, "kiosk-new", in_minutes (5));
  begin (f, code, f->keys, &run);
  anx_wait_until (has_pending_file, &run, 20);
  g_cancellable_cancel (run.cancellable);
  anx_wait_until (is_done, &run, 20);
  g_assert_error (run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (anx_profile_exists (f->folder));
  end (&run);
  g_autoptr (AnxKey) before = anx_key_store_load (f->keys, "kiosk-new", ANX_KEY_USE_SIGN, NULL);
  g_assert_nonnull (before);

  begin (f, code, f->keys, &run);
  anx_wait_until (approved_one, &run, 20);
  anx_wait_until (is_done, &run, 20);
  g_assert_no_error (run.error);
  g_assert_true (anx_certificate_matches_key (anx_profile_get_sign_certificate (run.profile), before));
  end (&run);
}

static gboolean
is_claimed (gpointer data)
{
  Run *run = data;
  g_autoptr (AnxHubAnswer) answer = anx_hub_fixture_request (run->f->district, "GET", "/v1/enrolments", NULL, NULL);
  gsize size;
  const char *text = g_bytes_get_data (answer->body, &size);
  return g_strstr_len (text, (gssize) size, "\"claimed\"") != NULL;
}

/* Waiting is not ended by a hub that goes away. */
static void
test_hub_restarts (Fixture *f,
                   gconstpointer data)
{
  Run run;
  g_autofree char *code = anx_hub_fixture_invite (f->district, "kiosk-new", in_minutes (5));
  begin (f, code, f->keys, &run);
  anx_wait_until (has_pending_file, &run, 20);
  anx_wait_until (is_claimed, &run, 20);
  /* One more round trip, so that the answer to the claim has arrived too. */
  g_assert_true (is_claimed (&run));
  anx_hub_fixture_stop (f->district, SIGKILL);
  gint64 until = g_get_monotonic_time () + 2 * G_TIME_SPAN_SECOND;
  while (g_get_monotonic_time () < until)
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (run.done);
  anx_hub_fixture_start (f->district);
  anx_wait_until (approved_one, &run, 20);
  anx_wait_until (is_done, &run, 30);
  g_assert_no_error (run.error);
  end (&run);
}

#define ADD(name, test) g_test_add ("/sync/enrolment/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("good", test_good);
  ADD ("wrong-pin", test_wrong_pin);
  ADD ("wrong-secret", test_wrong_secret);
  ADD ("expired", test_expired);
  ADD ("offline", test_offline);
  ADD ("locked", test_locked);
  ADD ("reused", test_reused);
  ADD ("resumed", test_resumed);
  ADD ("hub-restarts", test_hub_restarts);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "code-key.h"
#include "seal-error.h"

/* Computed with Python's hashlib.scrypt, another implementation over the same parameters. */
static void
test_known_answer (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *key = anx_code_key_derive ("ABCDEFGH23", "test-district", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (key, ==, "1ac256994f208b457e128a17037e0a2659a9b6463a5c8490499d361d41fc9fdd");
}

static void
test_differs (void)
{
  g_autofree char *one = anx_code_key_derive ("ABCDEFGH23", "test-district", NULL);
  g_autofree char *other_code = anx_code_key_derive ("ABCDEFGH24", "test-district", NULL);
  g_autofree char *other_district = anx_code_key_derive ("ABCDEFGH23", "other-district", NULL);
  g_assert_cmpstr (one, !=, other_code);
  g_assert_cmpstr (one, !=, other_district);
}

static void
test_bad_input (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *large = g_strnfill (129, 'A');
  g_assert_null (anx_code_key_derive ("", "test-district", &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (anx_code_key_derive (large, "test-district", &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (anx_code_key_derive ("ABCDEFGH23", "", &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
}

static void
keep_result (GObject *source,
             GAsyncResult *result,
             gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static void
test_thread (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) good = NULL, bad = NULL, cancelled = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  anx_code_key_derive_async ("ABCDEFGH23", "test-district", NULL, keep_result, &good);
  anx_code_key_derive_async ("", "test-district", NULL, keep_result, &bad);
  anx_code_key_derive_async ("ABCDEFGH23", "test-district", cancellable, keep_result, &cancelled);
  g_cancellable_cancel (cancellable);
  while (good == NULL || bad == NULL || cancelled == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_autofree char *key = anx_code_key_derive_finish (good, &error);
  g_assert_no_error (error);
  g_autofree char *same = anx_code_key_derive ("ABCDEFGH23", "test-district", NULL);
  g_assert_cmpstr (key, ==, same);
  g_assert_null (anx_code_key_derive_finish (bad, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (anx_code_key_derive_finish (cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/code-key/known-answer", test_known_answer);
  g_test_add_func ("/seal/code-key/differs", test_differs);
  g_test_add_func ("/seal/code-key/bad-input", test_bad_input);
  g_test_add_func ("/seal/code-key/thread", test_thread);
  return g_test_run ();
}

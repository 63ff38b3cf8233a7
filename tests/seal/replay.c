/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs a fuzz target over a kept corpus: replay FOLDER. Each input also goes in cut short and with bytes changed. */
#include <glib.h>
#include <stdint.h>

int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char *folder;

static void
test_corpus (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  g_assert_no_error (error);
  guint count = 0;
  for (const char *name; (name = g_dir_read_name (dir)) != NULL; count++)
    {
      g_test_message ("%s", name);
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *data = NULL;
      gsize length = 0;
      g_assert_true (g_file_get_contents (path, &data, &length, NULL));
      LLVMFuzzerTestOneInput ((const uint8_t *) data, length);
      /* The same way each time: what is new is found by the fuzzer itself. */
      g_autoptr (GRand) random = g_rand_new_with_seed (g_str_hash (name));
      for (guint i = 0; length > 1 && i < 200; i++)
        {
          gsize at = 1 + (gsize) g_rand_int_range (random, 0, (gint32) length - 1);
          LLVMFuzzerTestOneInput ((const uint8_t *) data, at);
          char kept = data[at];
          data[at] = (char) g_rand_int_range (random, 0, 256);
          LLVMFuzzerTestOneInput ((const uint8_t *) data, length);
          data[at] = kept;
        }
    }
  g_assert_cmpuint (count, >, 5);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  folder = argv[1];
  LLVMFuzzerInitialize (&argc, &argv);
  g_test_add_func ("/seal/fuzz-envelope/corpus", test_corpus);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdint.h>
#include <string.h>

#include <glib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define BYTES_A_FILE (1 << 20) /* a long file is tried less often, so that the replay stays short */

static gsize mutations;
static const char *letters;

/*
 * Every file of a folder as it is, cut short at many places, and with a few bytes changed, the same way each time.
 */
static void
replay_file (const char *path)
{
  g_autofree char *text = NULL;
  gsize length;
  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  LLVMFuzzerTestOneInput ((const uint8_t *) text, length);
  int times = (int) CLAMP (BYTES_A_FILE / MAX (length, 1), 10, mutations);
  gsize step = MAX (97, length / times);
  for (gsize cut = 0; cut < length && cut < step * times; cut += step)
    LLVMFuzzerTestOneInput ((const uint8_t *) text, cut);

  g_autoptr (GRand) random = g_rand_new_with_seed (g_str_hash (path + strlen (path) - 6));
  g_autofree char *changed = g_malloc (length);
  for (int i = 0; i < times && length > 0; i++)
    {
      memcpy (changed, text, length);
      for (int k = 0; k < 3; k++)
        changed[g_rand_int_range (random, 0, (gint32) length)] = letters[g_rand_int_range (random, 0, (gint32) strlen (letters))];
      LLVMFuzzerTestOneInput ((const uint8_t *) changed, length);
    }
}

static void
test_replay (gconstpointer data)
{
  g_autofree char *folder = g_build_filename (g_getenv ("ANX_TOP_SOURCE"), data, NULL);
  g_autoptr (GDir) directory = g_dir_open (folder, 0, NULL);
  g_assert_nonnull (directory);
  guint n = 0;
  for (const char *name; (name = g_dir_read_name (directory)) != NULL; n++)
    {
      g_test_message ("%s", name);
      g_autofree char *path = g_build_filename (folder, name, NULL);
      replay_file (path);
    }
  g_assert_cmpuint (n, >, 0);
}

/* The arguments behind the options: how often a file is changed at most, the characters put into it, the folders. */
int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, >, 3);
  mutations = (gsize) atoi (argv[1]);
  letters = argv[2];
  for (int i = 3; i < argc; i++)
    {
      g_autofree char *path = g_strdup_printf ("/fuzz/%s", argv[i]);
      g_test_add_data_func (path, argv[i], test_replay);
    }
  return g_test_run ();
}

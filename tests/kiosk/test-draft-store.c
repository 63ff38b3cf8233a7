/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "draft-store.h"

#include <glib/gstdio.h>

#include "shell-error.h"

#define START (G_GINT64_CONSTANT (1795312800) * G_USEC_PER_SEC)
#define TAG "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "ff23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

typedef struct
{
  char *top;
  char *folder;
  AnxClock *clock;
  AnxDraftStore *store;
  GBytes *draft;
} Fixture;

static void
set_up (Fixture *fixture,
        gconstpointer data)
{
  fixture->top = g_dir_make_tmp ("anx-drafts-XXXXXX", NULL);
  fixture->folder = g_build_filename (fixture->top, "drafts", NULL);
  fixture->clock = anx_clock_new_fixed (START);
  fixture->store = anx_draft_store_new (fixture->folder, fixture->clock);
  fixture->draft = g_bytes_new_static ("sealed", 6);
}

static void
tear_down (Fixture *fixture,
           gconstpointer data)
{
  anx_clock_advance (fixture->clock, 100 * ANX_USEC_PER_HOUR);
  g_assert_cmpuint (anx_draft_store_sweep (fixture->store), ==, 0);
  g_rmdir (fixture->folder);
  g_assert_cmpint (g_rmdir (fixture->top), ==, 0);
  anx_draft_store_free (fixture->store);
  g_object_unref (fixture->clock);
  g_bytes_unref (fixture->draft);
  g_free (fixture->folder);
  g_free (fixture->top);
}

static void
keep (Fixture *fixture,
      const char *tag,
      guint hours)
{
  g_autoptr (GError) error = NULL;
  anx_draft_store_keep (fixture->store, tag, fixture->draft, hours, &error);
  g_assert_no_error (error);
}

static gboolean
take (Fixture *fixture,
      const char *tag,
      guint expected_wait)
{
  guint wait = 7777;
  g_autoptr (GBytes) draft = anx_draft_store_take (fixture->store, tag, &wait);
  g_assert_cmpuint (wait, ==, expected_wait);
  g_assert_true (draft == NULL || g_bytes_equal (draft, fixture->draft));
  return draft != NULL;
}

/* D1: also after a restart of the shell. */
static void
test_once (Fixture *fixture,
           gconstpointer data)
{
  g_assert_false (take (fixture, TAG, 0));
  keep (fixture, TAG, 2);
  anx_draft_store_free (fixture->store);
  fixture->store = anx_draft_store_new (fixture->folder, fixture->clock);
  g_assert_true (take (fixture, TAG, 0));
  g_assert_false (take (fixture, TAG, 0));
  g_assert_cmpuint (anx_draft_store_sweep (fixture->store), ==, 0);
}

static void
test_time_over (Fixture *fixture,
                gconstpointer data)
{
  keep (fixture, TAG, 2);
  keep (fixture, OTHER, 3);
  anx_clock_advance (fixture->clock, 2 * ANX_USEC_PER_HOUR);
  g_assert_cmpuint (anx_draft_store_sweep (fixture->store), ==, 1);
  g_assert_false (take (fixture, TAG, 0));
  g_assert_true (take (fixture, OTHER, 0));
  /* A clock set far back does not let it live on. */
  keep (fixture, TAG, 72);
  anx_clock_advance (fixture->clock, -ANX_USEC_PER_DAY);
  g_assert_cmpuint (anx_draft_store_sweep (fixture->store), ==, 0);
}

/* D2 */
static void
test_slowed (Fixture *fixture,
             gconstpointer data)
{
  keep (fixture, TAG, 10);
  for (int i = 0; i < 3; i++)
    g_assert_false (take (fixture, OTHER, 0));
  /* The right code has to wait too: the store does not tell. */
  g_assert_false (take (fixture, TAG, 5));
  anx_clock_advance (fixture->clock, 3 * G_USEC_PER_SEC);
  g_assert_false (take (fixture, TAG, 2));
  anx_clock_advance (fixture->clock, 2 * G_USEC_PER_SEC);
  g_assert_false (take (fixture, OTHER, 0));
  guint wait = 10;
  for (int i = 0; i < 12; i++, wait = MIN (wait * 2, 900))
    {
      g_assert_false (take (fixture, OTHER, wait));
      anx_clock_advance (fixture->clock, (gint64) wait * G_USEC_PER_SEC);
      g_assert_false (take (fixture, OTHER, 0));
    }
  anx_clock_advance (fixture->clock, 900 * G_USEC_PER_SEC);
  g_assert_true (take (fixture, TAG, 0));
  /* After a right one, and after an hour of quiet, it begins anew. */
  for (int i = 0; i < 3; i++)
    g_assert_false (take (fixture, OTHER, 0));
  anx_clock_advance (fixture->clock, ANX_USEC_PER_HOUR);
  g_assert_false (take (fixture, OTHER, 0));
}

static void
test_bad (Fixture *fixture,
          gconstpointer data)
{
  g_autofree char *large = g_malloc0 (300 * 1024 + 1);
  g_autoptr (GBytes) much = g_bytes_new_static (large, 300 * 1024 + 1), nothing = g_bytes_new_static ("", 0);
  struct
  {
    const char *tag;
    GBytes *bytes;
    guint hours;
  } bad[] = { { "../../etc/passwd", fixture->draft, 1 }, { "", fixture->draft, 1 }, { TAG "0", fixture->draft, 1 }, { TAG, much, 1 }, { TAG, nothing, 1 },
              { TAG, fixture->draft, 0 }, { TAG, fixture->draft, 73 } };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_false (anx_draft_store_keep (fixture->store, bad[i].tag, bad[i].bytes, bad[i].hours, &error));
      g_assert_error (error, ANX_SHELL_ERROR, ANX_SHELL_ERROR_REFUSED);
    }
  g_assert_false (take (fixture, "../drafts", 0));
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/kiosk/draft-store/once", Fixture, NULL, set_up, test_once, tear_down);
  g_test_add ("/kiosk/draft-store/time-over", Fixture, NULL, set_up, test_time_over, tear_down);
  g_test_add ("/kiosk/draft-store/slowed", Fixture, NULL, set_up, test_slowed, tear_down);
  g_test_add ("/kiosk/draft-store/bad", Fixture, NULL, set_up, test_bad, tear_down);
  return g_test_run ();
}

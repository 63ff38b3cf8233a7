/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-problem.h"

#include <gio/gio.h>
#include <string.h>

#include "base-error.h"
#include "seal-error.h"
#include "store-error.h"
#include "sync-error.h"

static void
test_texts (void)
{
  g_autoptr (GHashTable) titles = g_hash_table_new (g_str_hash, g_str_equal);

  for (AnxDeskProblem problem = 0; problem < ANX_DESK_N_PROBLEMS; problem++)
    {
      AnxDeskProblemText text = anx_desk_problem_describe (problem);
      g_test_message ("problem %u", problem);
      g_assert_nonnull (text.key);
      g_assert_nonnull (text.icon);
      g_assert_cmpuint (strlen (text.title), >, 10);
      g_assert_cmpuint (strlen (text.safe), >, 10);
      g_assert_cmpuint (strlen (text.to_do), >, 10);
      g_assert_true (g_hash_table_add (titles, (gpointer) text.title));
      g_assert_null (strstr (text.title, "nknown error"));
    }
}

static void
test_errors (void)
{
  const struct
  {
    GQuark domain;
    int code;
    AnxDeskProblem problem;
  } table[] = {
    { ANX_SEAL_ERROR, ANX_SEAL_ERROR_STORE_MISSING, ANX_DESK_PROBLEM_KEY_STORE_MISSING },
    { ANX_SEAL_ERROR, ANX_SEAL_ERROR_STORE_LOCKED, ANX_DESK_PROBLEM_KEY_STORE_LOCKED },
    { ANX_SEAL_ERROR, ANX_SEAL_ERROR_KEY_MISSING, ANX_DESK_PROBLEM_KEY_MISSING },
    { ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED, ANX_DESK_PROBLEM_HUB_UNTRUSTED },
    { ANX_SEAL_ERROR, ANX_SEAL_ERROR_STALE, ANX_DESK_PROBLEM_HUB_UNTRUSTED },
    { ANX_SEAL_ERROR, ANX_SEAL_ERROR_EXPIRED, ANX_DESK_PROBLEM_CERTIFICATE_EXPIRED },
    { ANX_SEAL_ERROR, ANX_SEAL_ERROR_REVOKED, ANX_DESK_PROBLEM_REVOKED },
    { ANX_STORE_ERROR, ANX_STORE_ERROR_FULL, ANX_DESK_PROBLEM_DISK_FULL },
    { ANX_STORE_ERROR, ANX_STORE_ERROR_VERSION, ANX_DESK_PROBLEM_DATABASE_NEWER },
    { ANX_STORE_ERROR, ANX_STORE_ERROR_CORRUPT, ANX_DESK_PROBLEM_DATABASE_DAMAGED },
    { ANX_STORE_ERROR, ANX_STORE_ERROR_BUSY, ANX_DESK_PROBLEM_DATABASE_BUSY },
    { ANX_STORE_ERROR, ANX_STORE_ERROR_IO, ANX_DESK_PROBLEM_DISK },
    { ANX_SYNC_ERROR, ANX_SYNC_ERROR_PROFILE, ANX_DESK_PROBLEM_PROFILE },
    { ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNTRUSTED, ANX_DESK_PROBLEM_HUB_UNTRUSTED },
    { ANX_SYNC_ERROR, ANX_SYNC_ERROR_DATE, ANX_DESK_PROBLEM_CLOCK },
    { ANX_BASE_ERROR, ANX_BASE_ERROR_INVALID, ANX_DESK_PROBLEM_PROFILE },
    { ANX_BASE_ERROR, ANX_BASE_ERROR_STORAGE, ANX_DESK_PROBLEM_DISK },
    { G_IO_ERROR, G_IO_ERROR_FAILED, ANX_DESK_PROBLEM_START },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (table[i].domain, table[i].code, "test");
      g_test_message ("row %" G_GSIZE_FORMAT, i);
      g_assert_cmpint (anx_desk_problem_from_error (error), ==, table[i].problem);
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/desk/problem/texts", test_texts);
  g_test_add_func ("/desk/problem/errors", test_errors);
  return g_test_run ();
}

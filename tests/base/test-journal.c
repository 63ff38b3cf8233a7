/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "journal.h"
#include "process.h"

static void
test_lines (void)
{
  if (g_test_subprocess ())
    {
      anx_journal_take_over_glib ("test");
      anx_journal ("test", "started", "port", "8443", "quote", "\"\n", NULL);
      g_message ("a message that may quote people");
      g_log_set_always_fatal (G_LOG_LEVEL_ERROR);
      g_warning ("a warning");
      g_log ("Pango", G_LOG_LEVEL_WARNING, "cannot lay out 'Wang Fang'");
      g_log ("Gtk", G_LOG_LEVEL_CRITICAL, "gtk_label_set_text: assertion 'GTK_IS_LABEL (self)' failed");
      g_log ("Gtk", G_LOG_LEVEL_CRITICAL, "Li Si: assertion 'x' failed");
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*\"program\":\"test\",\"event\":\"started\",\"port\":\"8443\",\"quote\":\"\\\"\\n\"*");
  g_test_trap_assert_stderr ("*\"event\":\"warning\"*a warning*");
  g_test_trap_assert_stderr_unmatched ("*may quote people*");
  g_test_trap_assert_stderr ("*\"domain\":\"Pango\"*");
  g_test_trap_assert_stderr_unmatched ("*Wang Fang*");
  g_test_trap_assert_stderr ("*GTK_IS_LABEL*");
  g_test_trap_assert_stderr_unmatched ("*Li Si*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/journal/lines", test_lines);
  return g_test_run ();
}

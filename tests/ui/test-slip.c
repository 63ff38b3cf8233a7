/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtk/gtk.h>
#include <string.h>

#include "slip.h"

#define A6_WIDTH 298
#define A6_HEIGHT 420

/* ANX_LOOK names a folder for those who want to see the page. */
static char *
read_slip (const AnxSlip *slip,
           const char *name)
{
  g_autoptr (AnxPrintout) printout = anx_slip_make_printout (slip);
  g_auto (GStrv) pages = anx_printout_list_pages (printout, A6_WIDTH, A6_HEIGHT);

  /* Print queues show the title to whoever looks: it is the same for everybody. */
  g_assert_cmpstr (anx_printout_get_title (printout), ==, "Your appointment");
  if (g_getenv ("ANX_LOOK") != NULL)
    {
      g_autoptr (GBytes) pdf = anx_printout_to_pdf (printout, A6_WIDTH, A6_HEIGHT);
      g_autofree char *path = g_strdup_printf ("%s/slip-%s.pdf", g_getenv ("ANX_LOOK"), name);
      g_assert_true (g_file_set_contents (path, g_bytes_get_data (pdf, NULL), (gssize) g_bytes_get_size (pdf), NULL));
    }
  return g_strjoinv ("", pages);
}

static void
test_least (void)
{
  AnxSlip slip = { .code = "ACDE-FGHK", .when = "Monday 23, 10:00", .where = "Yunhe · Quiet Room 1", .phone = "0539-5550101" };
  g_autofree char *text = read_slip (&slip, "least");

  g_assert_nonnull (strstr (text, "Your code: ACDE-FGHK"));
  g_assert_nonnull (strstr (text, "It is booked."));
  g_assert_nonnull (strstr (text, slip.when));
  g_assert_nonnull (strstr (text, slip.where));
  g_assert_nonnull (strstr (text, "Our centre 0539-5550101\nPsychological help line 12356\n"));
  g_assert_null (strstr (text, "With\n"));
  g_assert_null (strstr (text, "What\n"));
}

static void
test_all (void)
{
  AnxSlip slip = { .code = "ACDE-FGHK", .when = "23日 10:00", .where = "云河镇综治中心 · 安心一室", .who = "李文静", .what = "一对一谈心" };
  g_autofree char *text = read_slip (&slip, "all");

  g_assert_nonnull (strstr (text, "With\n李文静\n"));
  g_assert_nonnull (strstr (text, "What\n一对一谈心\n"));
  g_assert_null (strstr (text, "Our centre"));
}

/* What is asked for is never called booked. */
static void
test_asked (void)
{
  AnxSlip slip = { .code = "ACDE-FGHK", .when = "10:00", .where = "Yunhe", .asked = TRUE };
  g_autofree char *text = read_slip (&slip, "asked");

  g_assert_null (strstr (text, "It is booked."));
  g_assert_nonnull (strstr (text, "not booked yet"));
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  /* The picture of the code wants GTK's types, but no display. */
  gtk_init_check ();
  g_test_add_func ("/ui/slip/least", test_least);
  g_test_add_func ("/ui/slip/all", test_all);
  g_test_add_func ("/ui/slip/asked", test_asked);
  return g_test_run ();
}

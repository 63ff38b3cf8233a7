/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtk/gtk.h>

#include "page-stack.h"
#include "test-display.h"

/* What a page belongs to in these tests: a word. Those of the pages in the order in which they are freed. */
static GString *freed;
static GtkWidget *on_screen; /* (nullable) */
static guint n_made;
static AnxPageStack *stack;

static void
show (AnxResidentWindow *window,
      GtkWidget *page)
{
  on_screen = page;
}

static GtkWidget *
make (AnxResidentWindow *window,
      gpointer data)
{
  /* The page before is off the screen by now. */
  g_assert_null (on_screen);
  n_made++;
  return gtk_label_new (data);
}

static GtkWidget *
make_other (AnxResidentWindow *window,
            gpointer data)
{
  return make (window, data);
}

static void
note_freed (gpointer data)
{
  /* K2, K3 */
  g_assert_true (on_screen == NULL || !g_str_equal (gtk_label_get_label (GTK_LABEL (on_screen)), data));
  g_string_append_printf (freed, "%s ", (char *) data);
}

static void
check (const char *present,
       guint length,
       const char *freed_now)
{
  g_assert_nonnull (on_screen);
  g_assert_cmpstr (gtk_label_get_label (GTK_LABEL (on_screen)), ==, present);
  g_assert_cmpuint (anx_page_stack_get_length (stack), ==, length);
  g_assert_cmpstr (freed->str, ==, freed_now);
  g_string_truncate (freed, 0);
}

static char HOME[] = "home", A[] = "a", B[] = "b", C[] = "c";

static void
set_up (void)
{
  freed = g_string_new (NULL);
  n_made = 0;
  stack = anx_page_stack_new (NULL, show);
  anx_page_stack_push (stack, make, HOME, note_freed);
}

static void
tear_down (const char *freed_last)
{
  g_clear_pointer (&stack, anx_page_stack_free);
  g_assert_null (on_screen);
  g_assert_cmpstr (freed->str, ==, freed_last);
  g_string_free (g_steal_pointer (&freed), TRUE);
}

static void
test_forth_and_back (void)
{
  set_up ();
  anx_page_stack_push (stack, make, A, note_freed);
  anx_page_stack_push (stack, make, B, note_freed);
  check ("b", 3, "");
  GtkWidget *page = on_screen;
  anx_page_stack_push (stack, make, C, note_freed);
  anx_page_stack_back (stack);
  check ("b", 3, "c ");
  /* The same as it was. */
  g_assert_true (on_screen == page);
  anx_page_stack_home (stack);
  check ("home", 1, "b a ");
  anx_page_stack_back (stack);
  check ("home", 1, "");
  tear_down ("home ");
}

/* After a change of language each page is made anew, when it is seen. */
static void
test_taken_down (void)
{
  set_up ();
  anx_page_stack_push (stack, make, A, note_freed);
  g_assert_cmpuint (n_made, ==, 2);
  anx_page_stack_take_down (stack);
  g_assert_null (on_screen);
  anx_page_stack_show (stack);
  check ("a", 2, "");
  g_assert_cmpuint (n_made, ==, 3);
  anx_page_stack_back (stack);
  check ("home", 1, "a ");
  g_assert_cmpuint (n_made, ==, 4);
  tear_down ("home ");
}

static void
test_replace (void)
{
  set_up ();
  anx_page_stack_replace (stack, make, A, note_freed);
  check ("a", 2, "");
  anx_page_stack_replace (stack, make, B, note_freed);
  check ("b", 2, "a ");
  anx_page_stack_replace (stack, make_other, C, NULL);
  g_assert_true (anx_page_stack_is_at (stack, make_other));
  check ("c", 2, "b ");
  tear_down ("home ");
}

/* By what it belongs to, and not by its maker, which is the same for all. */
static void
test_exchange (void)
{
  set_up ();
  anx_page_stack_push (stack, make, A, note_freed);
  anx_page_stack_push (stack, make, B, note_freed);
  GtkWidget *page = on_screen;
  anx_page_stack_exchange (stack, A, make, C, note_freed);
  check ("b", 3, "a ");
  g_assert_true (on_screen == page);
  /* Nobody's. */
  anx_page_stack_exchange (stack, A, make, A, note_freed);
  check ("b", 3, "a ");
  anx_page_stack_exchange (stack, B, make, A, note_freed);
  check ("a", 3, "b ");
  anx_page_stack_back (stack);
  check ("c", 2, "a ");
  tear_down ("c home ");
}

/* One page, also where another has the same maker and the same owner. */
static void
test_exchange_page (void)
{
  set_up ();
  anx_page_stack_push (stack, make, A, note_freed);
  GtkWidget *page = on_screen;
  anx_page_stack_push (stack, make, A, note_freed);
  anx_page_stack_push (stack, make, B, note_freed);
  anx_page_stack_exchange_page (stack, page, make, C, note_freed);
  check ("b", 4, "a ");
  /* It is gone. */
  anx_page_stack_exchange_page (stack, page, make, C, note_freed);
  check ("b", 4, "c ");
  anx_page_stack_exchange_page (stack, on_screen, make, C, note_freed);
  check ("c", 4, "b ");
  anx_page_stack_back (stack);
  check ("a", 3, "c ");
  anx_page_stack_back (stack);
  check ("c", 2, "a ");
  tear_down ("c home ");
}

static void
test_conclude (void)
{
  set_up ();
  anx_page_stack_push (stack, make, C, note_freed);
  anx_page_stack_push (stack, make, A, note_freed);
  anx_page_stack_push (stack, make, A, note_freed);
  anx_page_stack_conclude (stack, A, make, B, note_freed);
  check ("b", 2, "c a a ");

  /* What lies upon it stays as it is. */
  anx_page_stack_push (stack, make, A, note_freed);
  anx_page_stack_push (stack, make, C, note_freed);
  GtkWidget *page = on_screen;
  anx_page_stack_conclude (stack, A, make, B, note_freed);
  check ("c", 3, "b a ");
  g_assert_true (on_screen == page);

  /* Nobody's page: it lies there all the same. */
  anx_page_stack_conclude (stack, A, make, A, note_freed);
  check ("c", 4, "");
  anx_page_stack_back (stack);
  check ("b", 3, "c ");
  anx_page_stack_back (stack);
  check ("a", 2, "b ");
  anx_page_stack_back (stack);
  check ("home", 1, "a ");
  anx_page_stack_conclude (stack, C, make, A, note_freed);
  check ("a", 2, "");
  tear_down ("a home ");
}

/* Right upon the last page of a kind, which stays as it is; and under what lies upon the pages that are done. */
static void
test_conclude_upon (void)
{
  set_up ();
  anx_page_stack_push (stack, make, C, note_freed);
  anx_page_stack_push (stack, make_other, B, note_freed);
  GtkWidget *floor = on_screen;
  anx_page_stack_push (stack, make, A, note_freed);
  anx_page_stack_push (stack, make, A, note_freed);
  anx_page_stack_push (stack, make_other, C, note_freed);
  GtkWidget *page = on_screen;
  anx_page_stack_conclude_upon (stack, make_other, A, make, A, note_freed);
  check ("c", 5, "a a ");
  g_assert_true (on_screen == page);
  anx_page_stack_back (stack);
  check ("a", 4, "c ");
  anx_page_stack_conclude_upon (stack, make_other, A, make, C, note_freed);
  check ("c", 4, "a ");
  anx_page_stack_back (stack);
  check ("b", 3, "c ");
  g_assert_true (on_screen == floor);
  /* There is none below. */
  anx_page_stack_conclude_upon (stack, make_other, B, make, A, note_freed);
  check ("a", 2, "c b ");
  tear_down ("a home ");
}

static void
test_put_upon (void)
{
  set_up ();
  anx_page_stack_push (stack, make, A, note_freed);
  g_assert_true (anx_page_stack_holds (stack, A));
  g_assert_false (anx_page_stack_holds (stack, B));
  g_assert_false (anx_page_stack_holds (stack, HOME));
  anx_page_stack_put_upon (stack, A, make, B, note_freed);
  check ("b", 3, "");
  GtkWidget *page = on_screen;
  anx_page_stack_put_upon (stack, A, make, C, note_freed);
  check ("b", 4, "");
  g_assert_true (on_screen == page);
  g_assert_true (anx_page_stack_holds (stack, A));
  anx_page_stack_back (stack);
  check ("c", 3, "b ");
  /* Nobody's. */
  anx_page_stack_put_upon (stack, B, make, B, note_freed);
  check ("c", 3, "b ");
  tear_down ("c a home ");
}

static void
test_forget (void)
{
  set_up ();
  anx_page_stack_push (stack, make, A, note_freed);
  anx_page_stack_push (stack, make, B, note_freed);
  anx_page_stack_push (stack, make, A, note_freed);
  anx_page_stack_push (stack, make, C, note_freed);
  GtkWidget *page = on_screen;
  anx_page_stack_forget (stack, A);
  check ("c", 3, "a a ");
  g_assert_true (on_screen == page);
  anx_page_stack_forget (stack, A);
  check ("c", 3, "");
  anx_page_stack_forget (stack, C);
  check ("b", 2, "c ");
  anx_page_stack_forget (stack, HOME);
  check ("b", 2, "");
  tear_down ("b home ");
}

static void
test_back_from (void)
{
  set_up ();
  anx_page_stack_push (stack, make, A, note_freed);
  anx_page_stack_push (stack, make, B, note_freed);
  anx_page_stack_push (stack, make_other, C, note_freed);
  anx_page_stack_push (stack, make, B, note_freed);
  g_assert_false (anx_page_stack_back_from (stack, HOME));
  check ("b", 5, "");
  anx_page_stack_back (stack);
  check ("c", 4, "b ");
  g_assert_true (anx_page_stack_back_from (stack, B));
  check ("a", 2, "c b ");
  g_assert_false (anx_page_stack_back_from (stack, B));
  check ("a", 2, "");
  tear_down ("a home ");
}

/* What is freed with a page comes back to the stack. */
static void
forget_b (gpointer data)
{
  note_freed (data);
  anx_page_stack_forget (stack, B);
}

static void
test_forget_within (void)
{
  set_up ();
  anx_page_stack_push (stack, make, B, note_freed);
  anx_page_stack_push (stack, make, C, note_freed);
  anx_page_stack_push (stack, make, A, forget_b);
  anx_page_stack_back (stack);
  check ("c", 2, "a b ");
  tear_down ("c home ");

  set_up ();
  anx_page_stack_push (stack, make, A, note_freed);
  anx_page_stack_push (stack, make, B, note_freed);
  anx_page_stack_push (stack, make, A, forget_b);
  anx_page_stack_forget (stack, A);
  check ("home", 1, "a b a ");
  tear_down ("home ");

  set_up ();
  anx_page_stack_push (stack, make, C, note_freed);
  anx_page_stack_push (stack, make, B, note_freed);
  anx_page_stack_push (stack, make, A, forget_b);
  anx_page_stack_home (stack);
  check ("home", 1, "a b c ");
  tear_down ("home ");

  set_up ();
  anx_page_stack_push (stack, make, A, forget_b);
  anx_page_stack_push (stack, make, B, note_freed);
  anx_page_stack_push (stack, make, A, note_freed);
  anx_page_stack_push (stack, make, B, note_freed);
  anx_page_stack_conclude (stack, A, make, C, note_freed);
  check ("c", 2, "a b b a ");
  tear_down ("c home ");
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!anx_test_display_open (640, 480))
    {
      g_print ("1..0 # SKIP no Xvfb\n");
      return 0;
    }
  g_test_add_func ("/kiosk/page-stack/forth-and-back", test_forth_and_back);
  g_test_add_func ("/kiosk/page-stack/taken-down", test_taken_down);
  g_test_add_func ("/kiosk/page-stack/replace", test_replace);
  g_test_add_func ("/kiosk/page-stack/exchange", test_exchange);
  g_test_add_func ("/kiosk/page-stack/exchange-page", test_exchange_page);
  g_test_add_func ("/kiosk/page-stack/conclude", test_conclude);
  g_test_add_func ("/kiosk/page-stack/conclude-upon", test_conclude_upon);
  g_test_add_func ("/kiosk/page-stack/put-upon", test_put_upon);
  g_test_add_func ("/kiosk/page-stack/forget", test_forget);
  g_test_add_func ("/kiosk/page-stack/back-from", test_back_from);
  g_test_add_func ("/kiosk/page-stack/forget-within", test_forget_within);
  return g_test_run ();
}

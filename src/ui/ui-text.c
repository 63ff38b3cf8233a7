/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui-text.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <string.h>

#include "clock.h"

static char current_language[8] = "";

static gboolean
means_chinese (const char *locale)
{
  return locale != NULL && g_str_has_prefix (locale, "zh");
}

/* gettext asks the environment's LANGUAGE for each text; the message locale only has to be another than "C". */
static void
leave_plain_locale (void)
{
  const char *messages;

  setlocale (LC_ALL, "");
  messages = setlocale (LC_MESSAGES, NULL);
  if (messages == NULL || strcmp (messages, "C") == 0 || strcmp (messages, "POSIX") == 0)
    setlocale (LC_ALL, "C.UTF-8");
}

static const char *
language_of_environment (void)
{
  const char *const variables[] = { "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG" };

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    {
      const char *value = g_getenv (variables[i]);
      if (value != NULL && *value != '\0')
        return means_chinese (value) ? "zh_CN" : "en";
    }
  return "en";
}

/**
 * anx_ui_set_language:
 * @language: (nullable): `zh_CN` or `en`; %NULL takes the environment's
 *
 * Binds the catalogue (the folder of the environment variable `ANX_LOCALE_DIR` if set, else the installed one) and
 * makes every later text of gettext appear in @language. Widgets that exist keep their texts: whoever switches makes
 * them anew.
 */
void
anx_ui_set_language (const char *language)
{
  const char *folder = g_getenv ("ANX_LOCALE_DIR");

  if (language == NULL)
    language = language_of_environment ();
  g_strlcpy (current_language, means_chinese (language) ? "zh" : "en", sizeof current_language);
  g_setenv ("LANGUAGE", means_chinese (language) ? "zh_CN" : "en", TRUE);
  leave_plain_locale ();
  bindtextdomain (GETTEXT_PACKAGE, folder != NULL ? folder : ANX_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  /* Also tells glibc that its cache of chosen catalogues is no longer right. */
  textdomain (GETTEXT_PACKAGE);
}

/**
 * anx_ui_get_language:
 *
 * Returns: `zh` or `en`: the language of the screen, as questionnaires' texts are asked for
 */
const char *
anx_ui_get_language (void)
{
  if (*current_language == '\0')
    return means_chinese (language_of_environment ()) ? "zh" : "en";
  return current_language;
}

static const char *
month_name (int month)
{
  const char *const names[]
      = { N_ ("January"), N_ ("February"), N_ ("March"),     N_ ("April"),   N_ ("May"),      N_ ("June"),
          N_ ("July"),    N_ ("August"),   N_ ("September"), N_ ("October"), N_ ("November"), N_ ("December") };
  return _ (names[CLAMP (month, 1, 12) - 1]);
}

static const char *
weekday_name (int weekday)
{
  const char *const names[] = { N_ ("Monday"), N_ ("Tuesday"),  N_ ("Wednesday"), N_ ("Thursday"),
                                N_ ("Friday"), N_ ("Saturday"), N_ ("Sunday") };
  return _ (names[CLAMP (weekday, 1, 7) - 1]);
}

/**
 * anx_ui_format_day:
 * @usec: microseconds since 1970 UTC
 * @zone: (nullable): IANA name of the zone it is told in; %NULL is the machine's
 *
 * Returns: (transfer full): the day in the screen's language, with its weekday and without the year
 */
char *
anx_ui_format_day (gint64 usec, const char *zone)
{
  g_autoptr (GDateTime) time = anx_time_in_zone (usec, zone);

  /* Translators: weekday, day of the month, month, as in "Monday 23 November". Chinese reorders: "%3$s%2$d日 %1$s". */
  return g_strdup_printf (_ ("%1$s %2$d %3$s"), weekday_name (g_date_time_get_day_of_week (time)),
                          g_date_time_get_day_of_month (time), month_name (g_date_time_get_month (time)));
}

/**
 * anx_ui_format_date:
 * @usec: microseconds since 1970 UTC
 * @zone: (nullable): IANA name of the zone it is told in; %NULL is the machine's
 *
 * Returns: (transfer full): the day with its year, in figures, `2026-11-23` (ISO 8601): for what goes over months and years
 */
char *
anx_ui_format_date (gint64 usec, const char *zone)
{
  g_autoptr (GDateTime) time = anx_time_in_zone (usec, zone);
  return g_date_time_format (time, "%Y-%m-%d");
}

/**
 * anx_ui_format_time:
 * @usec: microseconds since 1970 UTC
 * @zone: (nullable): IANA name of the zone it is told in; %NULL is the machine's
 *
 * Returns: (transfer full): hours and minutes of the 24-hour clock, `09:30`
 */
char *
anx_ui_format_time (gint64 usec, const char *zone)
{
  g_autoptr (GDateTime) time = anx_time_in_zone (usec, zone);
  return g_strdup_printf ("%02d:%02d", g_date_time_get_hour (time), g_date_time_get_minute (time));
}

/**
 * anx_ui_format_day_time:
 * @usec: microseconds since 1970 UTC
 * @zone: (nullable): IANA name of the zone it is told in; %NULL is the machine's
 *
 * Returns: (transfer full): day and time together
 */
char *
anx_ui_format_day_time (gint64 usec, const char *zone)
{
  g_autofree char *day = anx_ui_format_day (usec, zone);
  g_autofree char *time = anx_ui_format_time (usec, zone);
  return g_strdup_printf ("%s %s", day, time);
}

/**
 * anx_ui_format_ages:
 * @least: years; 0 = none
 * @most: years, included; 0 = none
 *
 * Returns: (transfer full) (nullable): whom it is for, to be read alone and within a sentence; %NULL when it is for everybody
 */
char *
anx_ui_format_ages (int least,
                    int most)
{
  if (least > 0 && most > 0)
    /* Translators: ages, alone and within a sentence */
    return g_strdup_printf (_ ("from %d to %d years old"), least, most);
  if (least > 0)
    return g_strdup_printf (_ ("%d years old or older"), least);
  return most > 0 ? g_strdup_printf (_ ("up to %d years old"), most) : NULL;
}

/**
 * anx_ui_set_accessible_name:
 * @widget: a widget
 * @name: what a screen reader says
 *
 * Names a widget that has no text of its own: icon buttons, buttons with a box inside, entries without a label.
 */
void
anx_ui_set_accessible_name (GtkWidget *widget, const char *name)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
update_hidden_pages (GtkStack *stack)
{
  GtkWidget *shown = gtk_stack_get_visible_child (stack);
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (stack)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    gtk_accessible_update_state (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_STATE_HIDDEN, child != shown, -1);
}

/**
 * anx_ui_hide_covered_pages:
 * @stack: a stack
 *
 * Keeps screen readers away from the pages that are not shown, now and as pages come and go: GTK 4.8 tells them of
 * every page.
 */
void
anx_ui_hide_covered_pages (GtkStack *stack)
{
  g_return_if_fail (GTK_IS_STACK (stack));
  GtkSelectionModel *pages = gtk_stack_get_pages (stack);
  g_signal_connect_object (pages, "items-changed", G_CALLBACK (update_hidden_pages), stack, G_CONNECT_SWAPPED);
  g_object_set_data_full (G_OBJECT (stack), "anx-pages", pages, g_object_unref);
  g_signal_connect (stack, "notify::visible-child", G_CALLBACK (update_hidden_pages), NULL);
  update_hidden_pages (stack);
}

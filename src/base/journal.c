/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "journal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "json.h"

static void
write_line (JsonObject *line)
{
  g_autofree char *text = anx_json_object_to_text (line);
  g_autofree char *whole = g_strconcat (text, "\n", NULL);
  /* One write, so that lines of several threads never mix. */
  fwrite (whole, 1, strlen (whole), stderr);
}

static JsonObject *
new_line (const char *program,
          const char *event)
{
  JsonObject *line = json_object_new ();
  g_autofree char *now = anx_time_to_rfc3339 (g_get_real_time ());
  json_object_set_string_member (line, "time", now);
  json_object_set_string_member (line, "program", program);
  json_object_set_string_member (line, "event", event);
  return line;
}

/**
 * anx_journal:
 * @program: which program speaks
 * @event: what happened, a literal such as `request-refused`
 * @first_field: (nullable): the first field's name, a literal
 * @...: its value as a string, then further names and values, then %NULL
 *
 * Writes one event. Values must not be personal: see the head of journal.h.
 */
void
anx_journal (const char *program,
             const char *event,
             const char *first_field,
             ...)
{
  g_autoptr (JsonObject) line = new_line (program, event);
  va_list args;

  va_start (args, first_field);
  for (const char *field = first_field; field != NULL; field = va_arg (args, const char *))
    {
      const char *value = va_arg (args, const char *);
      json_object_set_string_member (line, field, value != NULL ? value : "");
    }
  va_end (args);
  write_line (line);
}

static GLogWriterOutput
writer (GLogLevelFlags level,
        const GLogField *fields,
        gsize n_fields,
        gpointer program)
{
  /* Messages of libraries are written only when a developer asks: GTK and GStreamer quote what they were given. */
  if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING)) == 0)
    return g_getenv ("G_MESSAGES_DEBUG") != NULL ? g_log_writer_default (level, fields, n_fields, NULL) : G_LOG_WRITER_HANDLED;

  g_autoptr (JsonObject) line = new_line (program, "warning");
  for (gsize i = 0; i < n_fields; i++)
    {
      if (g_str_equal (fields[i].key, "GLIB_DOMAIN"))
        json_object_set_string_member (line, "domain", fields[i].value);
      else if (g_str_equal (fields[i].key, "CODE_FUNC"))
        json_object_set_string_member (line, "function", fields[i].value);
      else if (g_str_equal (fields[i].key, "MESSAGE"))
        json_object_set_string_member (line, "message", fields[i].value);
    }
  write_line (line);
  return G_LOG_WRITER_HANDLED;
}

/**
 * anx_journal_take_over_glib:
 * @program: which program speaks; kept, not copied
 *
 * Sends GLib's warnings and criticals through the same log. Call once, first thing in main().
 */
void
anx_journal_take_over_glib (const char *program)
{
  g_log_set_writer_func (writer, (gpointer) program, NULL);
}

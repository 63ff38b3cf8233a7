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

static const char *
find_field (const GLogField *fields,
            gsize n_fields,
            const char *key)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, key) && fields[i].length == -1)
      return fields[i].value;
  return NULL;
}

/* What g_return_if_fail() says is a function's name and a piece of source, whoever says it. */
static gboolean
is_assertion (const char *message)
{
  gsize name = strspn (message, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_");
  return name > 0 && g_str_has_prefix (message + name, ": assertion '") && g_str_has_suffix (message, "' failed");
}

static GLogWriterOutput
writer (GLogLevelFlags level,
        const GLogField *fields,
        gsize n_fields,
        gpointer program)
{
  /* GTK, Pango and GStreamer quote what they were given, a label's text too, also in warnings: of a library's warning only the place is
   * written. All else of libraries is written only when a developer asks. */
  if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING)) == 0)
    return g_getenv ("G_MESSAGES_DEBUG") != NULL ? g_log_writer_default (level, fields, n_fields, NULL) : G_LOG_WRITER_HANDLED;

  const char *domain = find_field (fields, n_fields, "GLIB_DOMAIN");
  const char *function = find_field (fields, n_fields, "CODE_FUNC");
  const char *message = find_field (fields, n_fields, "MESSAGE");
  g_autoptr (JsonObject) line = new_line (program, "warning");
  if (domain != NULL)
    json_object_set_string_member (line, "domain", domain);
  if (function != NULL)
    json_object_set_string_member (line, "function", function);
  if (message != NULL && (g_strcmp0 (domain, G_LOG_DOMAIN) == 0 || is_assertion (message)))
    json_object_set_string_member (line, "message", message);
  write_line (line);
  return G_LOG_WRITER_HANDLED;
}

/**
 * anx_journal_take_over_glib:
 * @program: which program speaks; kept, not copied
 *
 * Sends GLib's warnings and criticals through the same log: ours with their text, a library's with its name and place only, as its text may
 * quote a person's words. Call once, first thing in main().
 */
void
anx_journal_take_over_glib (const char *program)
{
  g_log_set_writer_func (writer, (gpointer) program, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fhirpath-private.h"

/* Functions on texts. Places and lengths are characters (code points), not bytes. Nothing in gives nothing out. */

static AnxFhirpathCollection *
nothing (void)
{
  return anx_fhirpath_collection_new_empty ();
}

/* Takes @text; bounded, and charged to the run. */
static AnxFhirpathCollection *
new_text (FpCall *call,
          char *text)
{
  g_autofree char *owned = text;
  gsize bytes = strlen (owned);
  if (bytes > ANX_FHIRPATH_MAX_STRING_BYTES)
    return anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_TOO_LARGE, "a text of more than %d bytes",
                              ANX_FHIRPATH_MAX_STRING_BYTES);
  if (!anx_fhirpath_charge (call->run, call->node, bytes + sizeof (AnxFhirpathItem)))
    return NULL;
  return anx_fhirpath_collection_of (anx_fhirpath_item_new_string_take (g_steal_pointer (&owned)));
}

/* The only text of @from; NULL for none. FALSE for several and for what is no text. */
static gboolean
get_text (FpCall *call,
          AnxFhirpathCollection *from,
          char **out_text)
{
  g_autoptr (AnxFhirpathItem) value = NULL;
  *out_text = NULL;
  if (!anx_fhirpath_single (call->run, call->node, from, &value))
    return FALSE;
  if (value == NULL)
    return TRUE;
  if (value->type != ANX_FHIRPATH_STRING)
    {
      anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "%s() takes texts",
                         call->node->function->name);
      return FALSE;
    }
  *out_text = g_strdup (value->of.string);
  return anx_fhirpath_charge (call->run, call->node, strlen (*out_text));
}

/* The input and all arguments; @out_given is whether all are there. */
static gboolean
get_texts (FpCall *call,
           char **out_input,
           char **out_first,
           char **out_second,
           gboolean *out_given)
{
  char **arguments[] = { out_first, out_second };
  if (!get_text (call, call->input, out_input))
    return FALSE;
  *out_given = *out_input != NULL;
  for (guint i = 0; i < G_N_ELEMENTS (arguments) && arguments[i] != NULL; i++)
    {
      if (!get_text (call, call->arguments[i], arguments[i]))
        return FALSE;
      *out_given = *out_given && *arguments[i] != NULL;
    }
  return TRUE;
}

static AnxFhirpathCollection *
fn_index_of (FpCall *call)
{
  g_autofree char *text = NULL;
  g_autofree char *part = NULL;
  gboolean given;
  if (!get_texts (call, &text, &part, NULL, &given))
    return NULL;
  if (!given)
    return nothing ();
  const char *found = strstr (text, part);
  return anx_fhirpath_collection_new_integer (found != NULL ? g_utf8_pointer_to_offset (text, found) : -1);
}

static gboolean
get_whole (FpCall *call,
           guint index,
           gboolean *out_given,
           gint64 *out_value)
{
  g_autoptr (AnxFhirpathItem) value = NULL;
  if (!anx_fhirpath_single (call->run, call->node, call->arguments[index], &value))
    return FALSE;
  *out_given = value != NULL;
  if (value != NULL && value->type != ANX_FHIRPATH_INTEGER)
    {
      anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "%s() takes whole numbers",
                         call->node->function->name);
      return FALSE;
    }
  *out_value = value != NULL ? value->of.integer : 0;
  return TRUE;
}

static AnxFhirpathCollection *
fn_substring (FpCall *call)
{
  g_autofree char *text = NULL;
  gint64 start, length = G_MAXINT;
  gboolean has_start, has_length = FALSE;
  if (!get_text (call, call->input, &text) || !get_whole (call, 0, &has_start, &start) ||
      (call->node->n_arguments == 2 && !get_whole (call, 1, &has_length, &length)))
    return NULL;
  if (!has_length)
    length = G_MAXINT;
  glong n = text != NULL ? g_utf8_strlen (text, -1) : 0;
  if (text == NULL || !has_start || start < 0 || start >= n)
    return nothing ();
  glong end = (glong) MIN ((gint64) n, start + MAX (length, 0));
  return new_text (call, g_utf8_substring (text, (glong) start, end));
}

static AnxFhirpathCollection *
text_test (FpCall *call,
           gboolean (*test) (const char *text, const char *part))
{
  g_autofree char *text = NULL;
  g_autofree char *part = NULL;
  gboolean given;
  if (!get_texts (call, &text, &part, NULL, &given))
    return NULL;
  return given ? anx_fhirpath_collection_new_boolean (test (text, part)) : nothing ();
}

static gboolean
starts (const char *text,
        const char *part)
{
  return g_str_has_prefix (text, part);
}

static gboolean
ends (const char *text,
      const char *part)
{
  return g_str_has_suffix (text, part);
}

static gboolean
holds (const char *text,
       const char *part)
{
  return strstr (text, part) != NULL;
}

static AnxFhirpathCollection *
fn_starts_with (FpCall *call)
{
  return text_test (call, starts);
}

static AnxFhirpathCollection *
fn_ends_with (FpCall *call)
{
  return text_test (call, ends);
}

static AnxFhirpathCollection *
fn_contains (FpCall *call)
{
  return text_test (call, holds);
}

static AnxFhirpathCollection *
changed_case (FpCall *call,
              char *(*change) (const char *text, gssize length))
{
  g_autofree char *text = NULL;
  if (!get_text (call, call->input, &text))
    return NULL;
  return text != NULL ? new_text (call, change (text, -1)) : nothing ();
}

static AnxFhirpathCollection *
fn_upper (FpCall *call)
{
  return changed_case (call, g_utf8_strup);
}

static AnxFhirpathCollection *
fn_lower (FpCall *call)
{
  return changed_case (call, g_utf8_strdown);
}

static AnxFhirpathCollection *
fn_length (FpCall *call)
{
  g_autofree char *text = NULL;
  if (!get_text (call, call->input, &text))
    return NULL;
  return text != NULL ? anx_fhirpath_collection_new_integer (g_utf8_strlen (text, -1)) : nothing ();
}

static AnxFhirpathCollection *
fn_trim (FpCall *call)
{
  g_autofree char *text = NULL;
  if (!get_text (call, call->input, &text))
    return NULL;
  if (text == NULL)
    return nothing ();
  const char *start = text, *end = text + strlen (text);
  while (*start != '\0' && g_unichar_isspace (g_utf8_get_char (start)))
    start = g_utf8_next_char (start);
  while (end > start && g_unichar_isspace (g_utf8_get_char (g_utf8_prev_char (end))))
    end = g_utf8_prev_char (end);
  return new_text (call, g_strndup (start, (gsize) (end - start)));
}

static AnxFhirpathCollection *
fn_replace (FpCall *call)
{
  g_autofree char *text = NULL;
  g_autofree char *part = NULL;
  g_autofree char *with = NULL;
  gboolean given;
  if (!get_texts (call, &text, &part, &with, &given))
    return NULL;
  if (!given)
    return nothing ();
  g_autoptr (GString) out = g_string_new (NULL);
  gsize length = strlen (part);
  for (const char *at = text;;)
    {
      if (out->len > ANX_FHIRPATH_MAX_STRING_BYTES)
        break; /* new_text() tells */
      /* An empty pattern stands between all characters and at both ends. */
      const char *found = length > 0 ? strstr (at, part) : at;
      if (found == NULL)
        {
          g_string_append (out, at);
          break;
        }
      g_string_append_len (out, at, found - at);
      g_string_append (out, with);
      at = found + length;
      if (length > 0)
        continue;
      if (*at == '\0')
        break;
      g_string_append_len (out, at, g_utf8_next_char (at) - at);
      at = g_utf8_next_char (at);
    }
  return new_text (call, g_strdup (out->str));
}

/*
 * Backtracking is bounded inside PCRE2: a pattern that would run for minutes is an error after a fraction of a second.
 * A pattern can only lower these limits. \C could cut a character in two.
 */
static GRegex *
compile (FpCall *call,
         const char *pattern,
         gboolean full)
{
  g_autofree char *bounded = g_strdup_printf ("(*LIMIT_MATCH=200000)(*LIMIT_DEPTH=5000)(*LIMIT_HEAP=16384)%s%s%s",
                                              full ? "\\A(?:" : "", pattern, full ? ")\\z" : "");
  GRegex *regex = strstr (pattern, "\\C") == NULL ? g_regex_new (bounded, G_REGEX_DOTALL, 0, NULL) : NULL;
  if (regex == NULL)
    anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "the regular expression is not valid");
  return regex;
}

static AnxFhirpathCollection *
too_hard (FpCall *call)
{
  return anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_TOO_LARGE,
                            "the regular expression takes too long");
}

static AnxFhirpathCollection *
match (FpCall *call,
       gboolean full)
{
  g_autofree char *text = NULL;
  g_autofree char *pattern = NULL;
  g_autoptr (GError) error = NULL;
  gboolean given;
  if (!get_texts (call, &text, &pattern, NULL, &given))
    return NULL;
  if (!given)
    return nothing ();
  if (!anx_fhirpath_charge (call->run, call->node, 16 * 1024))
    return NULL;
  g_autoptr (GRegex) regex = compile (call, pattern, full);
  if (regex == NULL)
    return NULL;
  gboolean matched = g_regex_match_full (regex, text, -1, 0, 0, NULL, &error);
  return error != NULL ? too_hard (call) : anx_fhirpath_collection_new_boolean (matched);
}

static AnxFhirpathCollection *
fn_matches (FpCall *call)
{
  return match (call, FALSE);
}

static AnxFhirpathCollection *
fn_matches_full (FpCall *call)
{
  return match (call, TRUE);
}

/* "$1", "${name}" and "\$" in what replaces a match. */
static void
append_replacement (GString *out,
                    const char *with,
                    GMatchInfo *info)
{
  while (*with != '\0')
    {
      g_autofree char *group = NULL;
      if (*with == '\\' && with[1] != '\0')
        {
          const char *next = g_utf8_next_char (with + 1);
          g_string_append_len (out, with + 1, next - with - 1);
          with = next;
        }
      else if (*with == '$' && g_ascii_isdigit (with[1]))
        {
          group = g_match_info_fetch (info, with[1] - '0');
          g_string_append (out, group != NULL ? group : "");
          with += 2;
        }
      else if (*with == '$' && with[1] == '{' && strchr (with, '}') != NULL)
        {
          g_autofree char *name = g_strndup (with + 2, (gsize) (strchr (with, '}') - with) - 2);
          group = g_match_info_fetch_named (info, name);
          g_string_append (out, group != NULL ? group : "");
          with = strchr (with, '}') + 1;
        }
      else
        g_string_append_c (out, *with++);
    }
}

static AnxFhirpathCollection *
fn_replace_matches (FpCall *call)
{
  g_autofree char *text = NULL;
  g_autofree char *pattern = NULL;
  g_autofree char *with = NULL;
  g_autoptr (GError) error = NULL;
  gboolean given;
  if (!get_texts (call, &text, &pattern, &with, &given))
    return NULL;
  if (!given)
    return nothing ();
  if (*pattern == '\0')
    return new_text (call, g_steal_pointer (&text));
  if (!anx_fhirpath_charge (call->run, call->node, 16 * 1024))
    return NULL;
  g_autoptr (GRegex) regex = compile (call, pattern, FALSE);
  if (regex == NULL)
    return NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GMatchInfo) info = NULL;
  int copied = 0, start, end;
  for (g_regex_match_full (regex, text, -1, 0, 0, &info, &error); error == NULL && g_match_info_matches (info);
       g_match_info_next (info, &error))
    {
      if (!g_match_info_fetch_pos (info, 0, &start, &end) || start < copied || end < start)
        break;
      g_string_append_len (out, text + copied, start - copied);
      append_replacement (out, with, info);
      copied = end;
      if (out->len > ANX_FHIRPATH_MAX_STRING_BYTES || !anx_fhirpath_charge (call->run, call->node, 64))
        break;
    }
  if (error != NULL)
    return too_hard (call);
  g_string_append (out, text + copied);
  return new_text (call, g_strdup (out->str));
}

static AnxFhirpathCollection *
fn_to_chars (FpCall *call)
{
  g_autofree char *text = NULL;
  if (!get_text (call, call->input, &text))
    return NULL;
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  for (const char *at = text; at != NULL && *at != '\0' && out->len <= ANX_FHIRPATH_MAX_ITEMS;
       at = g_utf8_next_char (at))
    {
      if (!anx_fhirpath_charge (call->run, call->node, sizeof (AnxFhirpathItem)))
        return NULL;
      g_ptr_array_add (out, anx_fhirpath_item_new_string_take (g_strndup (at, (gsize) (g_utf8_next_char (at) - at))));
    }
  return anx_fhirpath_finish (call->run, call->node, g_steal_pointer (&out));
}

static AnxFhirpathCollection *
fn_split (FpCall *call)
{
  g_autofree char *text = NULL;
  g_autofree char *separator = NULL;
  gboolean given;
  if (!get_texts (call, &text, &separator, NULL, &given))
    return NULL;
  if (!given)
    return nothing ();
  if (*separator == '\0')
    return fn_to_chars (call);
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  const char *at = text;
  for (const char *found; (found = strstr (at, separator)) != NULL && out->len <= ANX_FHIRPATH_MAX_ITEMS;
       at = found + strlen (separator))
    {
      if (!anx_fhirpath_charge (call->run, call->node, sizeof (AnxFhirpathItem)))
        return NULL;
      g_ptr_array_add (out, anx_fhirpath_item_new_string_take (g_strndup (at, (gsize) (found - at))));
    }
  g_ptr_array_add (out, anx_fhirpath_item_new_string (at));
  return anx_fhirpath_finish (call->run, call->node, g_steal_pointer (&out));
}

static AnxFhirpathCollection *
fn_join (FpCall *call)
{
  g_autofree char *separator = NULL;
  if (call->node->n_arguments == 1 && !get_text (call, call->arguments[0], &separator))
    return NULL;
  if (call->input->items->len == 0)
    return nothing ();
  g_autoptr (GString) out = g_string_new (NULL);
  for (guint i = 0; i < call->input->items->len; i++)
    {
      g_autoptr (AnxFhirpathItem) value = anx_fhirpath_item_dup_value (call->input->items->pdata[i]);
      if (value == NULL || value->type != ANX_FHIRPATH_STRING)
        return anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "join() takes texts");
      if (i > 0 && separator != NULL)
        g_string_append (out, separator);
      g_string_append (out, value->of.string);
      if (out->len > ANX_FHIRPATH_MAX_STRING_BYTES)
        break;
    }
  return new_text (call, g_strdup (out->str));
}

/* ---- Encoding and escaping (FHIRPath 2.1) ---- */

static char *
to_hex (const char *text)
{
  GString *out = g_string_new (NULL);
  for (; *text != '\0'; text++)
    g_string_append_printf (out, "%02x", (guchar) *text);
  return g_string_free (out, FALSE);
}

/* NULL when @text is no hexadecimal; may hold any bytes but the last is a zero. */
static char *
from_hex (const char *text)
{
  gsize length = strlen (text);
  g_autofree char *out = g_malloc0 (length / 2 + 1);
  for (gsize i = 0; i + 1 < length; i += 2)
    {
      if (!g_ascii_isxdigit (text[i]) || !g_ascii_isxdigit (text[i + 1]))
        return NULL;
      out[i / 2] = (char) (g_ascii_xdigit_value (text[i]) * 16 + g_ascii_xdigit_value (text[i + 1]));
    }
  return length % 2 == 0 ? g_steal_pointer (&out) : NULL;
}

static char *
from_base64 (const char *text)
{
  gsize length;
  if (strlen (text) % 4 != 0)
    return NULL;
  g_autofree guchar *bytes = g_base64_decode (text, &length);
  return memchr (bytes, 0, length) == NULL ? g_strndup ((const char *) bytes, length) : NULL;
}

static AnxFhirpathCollection *
code (FpCall *call,
      gboolean decode)
{
  g_autofree char *text = NULL;
  g_autofree char *format = NULL;
  g_autofree char *result = NULL;
  gboolean given;
  if (!get_texts (call, &text, &format, NULL, &given))
    return NULL;
  if (!given)
    return nothing ();
  gboolean url = strcmp (format, "urlbase64") == 0;
  if (strcmp (format, "hex") == 0)
    result = decode ? from_hex (text) : to_hex (text);
  else if (url || strcmp (format, "base64") == 0)
    {
      if (decode && url)
        g_strdelimit (g_strdelimit (text, "-", '+'), "_", '/');
      result = decode ? from_base64 (text) : g_base64_encode ((const guchar *) text, strlen (text));
      if (!decode && url)
        g_strdelimit (g_strdelimit (result, "+", '-'), "/", '_');
    }
  else
    return anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_UNSUPPORTED, "this format of %s()",
                              call->node->function->name);
  return result != NULL && g_utf8_validate (result, -1, NULL) ? new_text (call, g_steal_pointer (&result)) : nothing ();
}

static AnxFhirpathCollection *
fn_encode (FpCall *call)
{
  return code (call, FALSE);
}

static AnxFhirpathCollection *
fn_decode (FpCall *call)
{
  return code (call, TRUE);
}

static const struct
{
  char plain;
  const char *html;
  const char *json;
} escapes[] = { { '&', "&amp;", NULL },  { '<', "&lt;", NULL },     { '>', "&gt;", NULL },
                { '\'', "&#39;", NULL }, { '"', "&quot;", "\\\"" }, { '\\', NULL, "\\\\" },
                { '\n', NULL, "\\n" },   { '\r', NULL, "\\r" },     { '\t', NULL, "\\t" } };

static AnxFhirpathCollection *
escape (FpCall *call,
        gboolean undo)
{
  g_autofree char *text = NULL;
  g_autofree char *target = NULL;
  gboolean given;
  if (!get_texts (call, &text, &target, NULL, &given))
    return NULL;
  if (!given)
    return nothing ();
  gboolean html = strcmp (target, "html") == 0;
  if (!html && strcmp (target, "json") != 0)
    return anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_UNSUPPORTED, "this format of %s()",
                              call->node->function->name);
  g_autoptr (GString) out = g_string_new (NULL);
  for (const char *at = text; *at != '\0';)
    {
      guint i;
      const char *coded = NULL;
      for (i = 0; i < G_N_ELEMENTS (escapes); i++)
        {
          coded = html ? escapes[i].html : escapes[i].json;
          if (coded != NULL && (undo ? g_str_has_prefix (at, coded) : *at == escapes[i].plain))
            break;
        }
      if (i == G_N_ELEMENTS (escapes))
        g_string_append_c (out, *at++);
      else if (undo)
        {
          g_string_append_c (out, escapes[i].plain);
          at += strlen (coded);
        }
      else
        {
          g_string_append (out, coded);
          at++;
        }
    }
  return new_text (call, g_strdup (out->str));
}

static AnxFhirpathCollection *
fn_escape (FpCall *call)
{
  return escape (call, FALSE);
}

static AnxFhirpathCollection *
fn_unescape (FpCall *call)
{
  return escape (call, TRUE);
}

const FpFunction anx_fhirpath_string_functions[] = {
  { "indexOf", 1, 1, 0, 0, fn_index_of },
  { "substring", 1, 2, 0, 0, fn_substring },
  { "startsWith", 1, 1, 0, 0, fn_starts_with },
  { "endsWith", 1, 1, 0, 0, fn_ends_with },
  { "contains", 1, 1, 0, 0, fn_contains },
  { "upper", 0, 0, 0, 0, fn_upper },
  { "lower", 0, 0, 0, 0, fn_lower },
  { "length", 0, 0, 0, 0, fn_length },
  { "trim", 0, 0, 0, 0, fn_trim },
  { "replace", 2, 2, 0, 0, fn_replace },
  { "matches", 1, 1, 0, 0, fn_matches },
  { "matchesFull", 1, 1, 0, 0, fn_matches_full },
  { "replaceMatches", 2, 2, 0, 0, fn_replace_matches },
  { "toChars", 0, 0, 0, 0, fn_to_chars },
  { "split", 1, 1, 0, 0, fn_split },
  { "join", 0, 1, 0, 0, fn_join },
  { "encode", 1, 1, 0, 0, fn_encode },
  { "decode", 1, 1, 0, 0, fn_decode },
  { "escape", 1, 1, 0, 0, fn_escape },
  { "unescape", 1, 1, 0, 0, fn_unescape },
  { NULL },
};

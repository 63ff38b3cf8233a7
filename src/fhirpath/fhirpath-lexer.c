/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <string.h>

#include "fhirpath-private.h"

typedef struct
{
  const char *text;
  const char *at;
  GArray *tokens;
} Lexer;

static gboolean
fail (Lexer *lexer,
      const char *at,
      const char *message,
      GError **error)
{
  g_set_error (error, ANX_FHIRPATH_ERROR, ANX_FHIRPATH_ERROR_SYNTAX, _ ("Character %u: %s"), (guint) (at - lexer->text) + 1,
               message);
  return FALSE;
}

static void
add_token (Lexer *lexer,
           FpTokenType type,
           const char *start,
           char *text)
{
  FpToken token = { .type = type, .text = text, .position = (guint) (start - lexer->text) + 1 };
  g_array_append_val (lexer->tokens, token);
}

static void
clear_token (gpointer token)
{
  g_free (((FpToken *) token)->text);
}

/* White space and both kinds of comments. */
static gboolean
skip_space (Lexer *lexer,
            GError **error)
{
  for (;;)
    {
      lexer->at += strspn (lexer->at, " \t\r\n\f");
      if (g_str_has_prefix (lexer->at, "//"))
        lexer->at += strcspn (lexer->at, "\r\n");
      else if (g_str_has_prefix (lexer->at, "/*"))
        {
          const char *end = strstr (lexer->at + 2, "*/");
          if (end == NULL)
            return fail (lexer, lexer->at, _ ("the comment does not end"), error);
          lexer->at = end + 2;
        }
      else
        return TRUE;
    }
}

/* A code unit of UTF-16 in four hexadecimal digits. */
static gboolean
read_unit (const char *at,
           gunichar *out_unit)
{
  gunichar unit = 0;
  for (int i = 0; i < 4; i++)
    {
      if (!g_ascii_isxdigit (at[i]))
        return FALSE;
      unit = unit * 16 + (gunichar) g_ascii_xdigit_value (at[i]);
    }
  *out_unit = unit;
  return TRUE;
}

static gboolean
read_escape (Lexer *lexer,
             GString *out,
             GError **error)
{
  static const char *const from = "'\"`\\/fnrt", *const to = "'\"`\\/\f\n\r\t";
  const char *start = lexer->at++;
  const char *found = *lexer->at != '\0' ? strchr (from, *lexer->at) : NULL;
  gunichar unit, low;
  if (found != NULL)
    {
      g_string_append_c (out, to[found - from]);
      lexer->at++;
      return TRUE;
    }
  if (*lexer->at != 'u' || !read_unit (lexer->at + 1, &unit))
    return fail (lexer, start, _ ("no such escape"), error);
  lexer->at += 5;
  if (unit >= 0xD800 && unit < 0xDC00 && lexer->at[0] == '\\' && lexer->at[1] == 'u' &&
      read_unit (lexer->at + 2, &low) && low >= 0xDC00 && low < 0xE000)
    {
      unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
      lexer->at += 6;
    }
  if (unit == 0 || !g_unichar_validate (unit))
    return fail (lexer, start, _ ("the escape is no character"), error);
  g_string_append_unichar (out, unit);
  return TRUE;
}

/* Something in quotes; lexer->at is on the first of them. */
static char *
read_quoted (Lexer *lexer,
             GError **error)
{
  const char *start = lexer->at;
  char quote = *lexer->at++;
  g_autoptr (GString) out = g_string_new (NULL);
  while (*lexer->at != quote)
    {
      if (*lexer->at == '\0')
        return fail (lexer, start, _ ("the quote does not end"), error), NULL;
      if (*lexer->at == '\\')
        {
          if (!read_escape (lexer, out, error))
            return NULL;
        }
      else
        g_string_append_c (out, *lexer->at++);
    }
  lexer->at++;
  return g_strdup (out->str);
}

static gsize
identifier_length (const char *at)
{
  gsize length = 0;
  if (g_ascii_isalpha (*at) || *at == '_')
    while (g_ascii_isalnum (at[length]) || at[length] == '_')
      length++;
  return length;
}

static gsize
digits_at (const char *at)
{
  return strspn (at, "0123456789");
}

/* Two digits behind @mark, or nothing. */
static gsize
part_at (const char *at,
         char mark)
{
  return at[0] == mark && digits_at (at + 1) == 2 ? 3 : 0;
}

static gsize
time_length (const char *at)
{
  gsize length = 2, part;
  if (digits_at (at) != 2)
    return 0;
  for (int i = 0; i < 2; i++)
    {
      if ((part = part_at (at + length, ':')) == 0)
        return length;
      length += part;
    }
  if (at[length] == '.' && g_ascii_isdigit (at[length + 1]))
    length += 1 + digits_at (at + length + 1);
  return length;
}

/* @2015, @2015-02-04T14:34:28.123+10:00, @T14:34 */
static gboolean
read_temporal (Lexer *lexer,
               GError **error)
{
  const char *start = lexer->at, *at = start + 1;
  AnxTemporalKind kind = ANX_TEMPORAL_DATE;
  gsize length = 0;
  if (*at == 'T')
    {
      kind = ANX_TEMPORAL_TIME;
      length = 1 + time_length (at + 1);
    }
  else
    {
      length = digits_at (at);
      if (length == 4)
        length += part_at (at + length, '-');
      if (length == 7)
        length += part_at (at + length, '-');
      if (at[length] == 'T')
        {
          kind = ANX_TEMPORAL_DATE_TIME;
          gsize time = time_length (at + ++length);
          length += time;
          if (time > 0 && at[length] == 'Z')
            length++;
          else if (time > 0 && (at[length] == '+' || at[length] == '-') && digits_at (at + length + 1) == 2 &&
                   at[length + 3] == ':' && digits_at (at + length + 4) == 2)
            length += 6;
        }
    }
  g_autofree char *text = g_strndup (at, length);
  AnxTemporal value;
  if (!anx_temporal_parse (text, kind, &value))
    return fail (lexer, start, _ ("this is no date or time"), error);
  static const FpTokenType types[] = { FP_TOKEN_DATE, FP_TOKEN_DATE_TIME, FP_TOKEN_TIME };
  lexer->at = at + length;
  add_token (lexer, types[kind], start, g_steal_pointer (&text));
  return TRUE;
}

static gboolean
read_symbol (Lexer *lexer,
             GError **error)
{
  static const char *const symbols[] = { "!=", "!~", "<=", ">=", "(", ")", "[", "]", "{", "}", ".",
                                         ",",  "+",  "-",  "*",  "/", "&", "|", "=", "~", "<", ">" };
  for (guint i = 0; i < G_N_ELEMENTS (symbols); i++)
    if (g_str_has_prefix (lexer->at, symbols[i]))
      {
        add_token (lexer, FP_TOKEN_SYMBOL, lexer->at, g_strdup (symbols[i]));
        lexer->at += strlen (symbols[i]);
        return TRUE;
      }
  return fail (lexer, lexer->at, _ ("this character has no meaning here"), error);
}

static gboolean
read_variable (Lexer *lexer,
               GError **error)
{
  const char *start = lexer->at++;
  gsize length = identifier_length (lexer->at);
  char *name = NULL;
  if (*lexer->at == '`' || *lexer->at == '\'')
    {
      if ((name = read_quoted (lexer, error)) == NULL)
        return FALSE;
    }
  else if (length > 0)
    {
      name = g_strndup (lexer->at, length);
      lexer->at += length;
    }
  else
    return fail (lexer, start, _ ("a name must follow “%”"), error);
  add_token (lexer, FP_TOKEN_VARIABLE, start, name);
  return TRUE;
}

static gboolean
read_token (Lexer *lexer,
            GError **error)
{
  const char *start = lexer->at;
  gsize length;
  if ((length = identifier_length (start)) > 0)
    {
      lexer->at += length;
      add_token (lexer, FP_TOKEN_IDENTIFIER, start, g_strndup (start, length));
      return TRUE;
    }
  if ((length = digits_at (start)) > 0)
    {
      gboolean decimal = start[length] == '.' && g_ascii_isdigit (start[length + 1]);
      if (decimal)
        length += 1 + digits_at (start + length + 1);
      lexer->at += length;
      add_token (lexer, decimal ? FP_TOKEN_DECIMAL : FP_TOKEN_INTEGER, start, g_strndup (start, length));
      return TRUE;
    }
  if (*start == '\'' || *start == '`')
    {
      char *text = read_quoted (lexer, error);
      if (text == NULL)
        return FALSE;
      add_token (lexer, *start == '`' ? FP_TOKEN_DELIMITED : FP_TOKEN_STRING, start, text);
      return TRUE;
    }
  if (*start == '@')
    return read_temporal (lexer, error);
  if (*start == '%')
    return read_variable (lexer, error);
  if (*start == '$')
    {
      length = identifier_length (start + 1);
      lexer->at += length + 1;
      add_token (lexer, FP_TOKEN_SPECIAL, start, g_strndup (start + 1, length));
      return TRUE;
    }
  return read_symbol (lexer, error);
}

/* Tokens of FpToken, the last of FP_TOKEN_END; NULL with a syntax error. */
GArray *
anx_fhirpath_tokenize (const char *text,
                       GError **error)
{
  g_autoptr (GArray) tokens = g_array_new (FALSE, FALSE, sizeof (FpToken));
  g_array_set_clear_func (tokens, clear_token);
  Lexer lexer = { .text = text, .at = text, .tokens = tokens };
  for (;;)
    {
      if (!skip_space (&lexer, error))
        return NULL;
      if (*lexer.at == '\0')
        break;
      if (!read_token (&lexer, error))
        return NULL;
    }
  add_token (&lexer, FP_TOKEN_END, lexer.at, NULL);
  return g_steal_pointer (&tokens);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "bounds.h"
#include "care-records.h"
#include "json.h"
#include "record-index-private.h"

static gsize
text_size (const char *text)
{
  return text != NULL ? strlen (text) + 1 : 0;
}

static const char *
put_text (char **place,
          const char *text)
{
  if (text == NULL)
    return NULL;
  gsize size = strlen (text) + 1;
  char *start = memcpy (*place, text, size);
  *place += size;
  return start;
}

/* Kinds and authors are few and said again and again. */
static AnxIndexLine *
line_new (const AnxIndexEntry *from)
{
  AnxIndexLine *self = g_malloc (sizeof (AnxIndexLine) + text_size (from->id) + text_size (from->predecessor) + text_size (from->story)
                                 + text_size (from->name) + text_size (from->phone));
  char *place = self->texts;
  self->shown = *from;
  self->shown.kind = g_intern_string (from->kind);
  self->shown.author = g_intern_string (from->author);
  self->shown.id = put_text (&place, from->id);
  self->shown.predecessor = put_text (&place, from->predecessor);
  self->shown.story = put_text (&place, from->story);
  self->shown.name = put_text (&place, from->name);
  self->shown.phone = put_text (&place, from->phone);
  return self;
}

static const char *
find_story (AnxRecordHeader *header)
{
  static const char *const members[] = { "booking", "task", "alert" };
  JsonObject *routing = anx_record_header_get_routing (header);
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      const char *story = anx_json_get_string (routing, members[i], NULL);
      if (story != NULL && *story != '\0' && strlen (story) <= ANX_BOUND_PRINCIPAL_CHARS)
        return story;
    }
  return anx_record_header_get_id (header);
}

/* The name and number a record tells; both empty for kinds that tell none. */
static void
read_person (const char *kind,
             JsonNode *resource,
             char **out_name,
             char **out_phone)
{
  JsonObject *object = json_node_get_object (resource);
  if (g_str_equal (kind, ANX_KIND_CONTACT))
    {
      gboolean alias = FALSE;
      if (!anx_contact_read (object, out_name, &alias, out_phone, NULL))
        return;
    }
  else if (g_str_equal (kind, ANX_KIND_REFERRAL) || g_str_equal (kind, ANX_KIND_MANDATORY_REPORT))
    {
      g_autoptr (AnxReferral) referral = anx_referral_read (object, NULL);
      *out_name = referral != NULL ? g_strdup (referral->name) : NULL;
      *out_phone = referral != NULL ? g_strdup (referral->phone) : NULL;
    }
}

/**
 * anx_index_line_from_record:
 * @header: of a record
 * @resource: (nullable): its content, when it could be opened
 * @state: whether it could
 *
 * Returns: (transfer full): its entry; g_free()
 */
AnxIndexLine *
anx_index_line_from_record (AnxRecordHeader *header,
                            JsonNode *resource,
                            AnxIndexState state)
{
  const char *kind = anx_record_header_get_kind (header);
  g_autofree char *name = NULL;
  g_autofree char *phone = NULL;
  if (resource != NULL)
    read_person (kind, resource, &name, &phone);
  AnxIndexEntry entry = {
    .id = anx_record_header_get_id (header),
    .kind = kind,
    .author = anx_record_header_get_author (header),
    .predecessor = anx_record_header_get_predecessor (header),
    .story = find_story (header),
    .name = name,
    .phone = phone,
    .created_usec = anx_record_header_get_created_usec (header),
    .state = state,
  };
  return line_new (&entry);
}

/**
 * anx_index_line_append:
 * @text: of the file
 * @entry: an entry
 *
 * Appends its line: fields apart by tabs. No field can hold a tab or a line end: ids and words are checked with the header, names and
 * numbers by their reader.
 */
void
anx_index_line_append (GString *text,
                       const AnxIndexEntry *entry)
{
  g_string_append_printf (text, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%" G_GINT64_FORMAT "\t%d\n", entry->id, entry->kind, entry->author,
                          entry->predecessor != NULL ? entry->predecessor : "", entry->story, entry->name != NULL ? entry->name : "",
                          entry->phone != NULL ? entry->phone : "", entry->created_usec, (int) entry->state);
}

static const char *
or_null (const char *text)
{
  return *text != '\0' ? text : NULL;
}

/**
 * anx_index_line_parse:
 * @line: (inout): a line without its end; cut up
 *
 * Returns: (transfer full) (nullable): its entry; %NULL when the line is not of the form that anx_index_line_append() makes
 */
AnxIndexLine *
anx_index_line_parse (char *line)
{
  char *fields[9];
  gsize n = 0;
  for (char *at = line; at != NULL && n < G_N_ELEMENTS (fields); n++)
    {
      char *tab = strchr (at, '\t');
      if (tab != NULL)
        *tab++ = '\0';
      fields[n] = at;
      at = tab;
    }
  if (n != G_N_ELEMENTS (fields) || *fields[0] == '\0')
    return NULL;
  AnxIndexEntry entry = {
    .id = fields[0],
    .kind = fields[1],
    .author = fields[2],
    .predecessor = or_null (fields[3]),
    .story = fields[4],
    .name = or_null (fields[5]),
    .phone = or_null (fields[6]),
    .created_usec = g_ascii_strtoll (fields[7], NULL, 10),
    .state = (AnxIndexState) CLAMP (g_ascii_strtoll (fields[8], NULL, 10), ANX_INDEX_OPENED, ANX_INDEX_POISONED),
  };
  return line_new (&entry);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "envelope.h"

#include <string.h>

#include "bounds.h"
#include "envelope-private.h"
#include "id.h"
#include "json.h"
#include "seal-private.h"

#define HEADER_VERSION 1
/* JSON numbers beyond 2^53 do not survive every reader (RFC 8259 section 6). */
#define NUMBER_MAX (G_GINT64_CONSTANT (1) << 53)
#define KIND_MAX_CHARS 40
#define ROUTING_DIRECTORY "directory"
#define DIGEST_CHARS 64

struct _AnxRecordHeader
{
  char *id;
  char *kind;
  char *author;
  char **recipients;
  char *predecessor;
  gint64 created_usec;
  gint64 sequence;
  char *previous;
  JsonObject *routing;
};

G_DEFINE_BOXED_TYPE (AnxRecordHeader, anx_record_header, anx_record_header_ref, anx_record_header_unref)

/* The header is immutable, so it keeps a copy that no caller can change. */
static JsonObject *
copy_object (JsonObject *object)
{
  if (object == NULL)
    return json_object_new ();
  g_autofree char *text = anx_json_object_to_text (object);
  JsonObject *copy = anx_json_parse_object (text, -1, G_MAXSIZE, NULL);
  return copy != NULL ? copy : json_object_new ();
}

static char **
dup_recipients (const char *const *recipients)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (gsize i = 0; recipients != NULL && recipients[i] != NULL; i++)
    {
      gboolean seen = strcmp (recipients[i], ANX_RECOVERY_PRINCIPAL) == 0;
      for (gsize k = 0; k < i && !seen; k++)
        seen = strcmp (recipients[i], recipients[k]) == 0;
      if (!seen)
        g_strv_builder_add (builder, recipients[i]);
    }
  return g_strv_builder_end (builder);
}

/**
 * anx_record_header_new:
 * @id: the record's id, a UUIDv7
 * @kind: the record's kind, lower-case letters and dashes
 * @author: the principal that will sign
 * @recipients: (array zero-terminated=1) (nullable): principals and groups, at most %ANX_BOUND_RECIPIENTS; doubles and
 *   recovery are left out
 * @predecessor: (nullable): the id of the record this one follows
 * @created_usec: when it was written, microseconds since 1970 UTC
 * @routing: (nullable): what the hub must know of this kind; copied
 *
 * Whether the values are allowed is found out by anx_envelope_seal(), which can say so.
 *
 * Returns: (transfer full): a header without a place in its author's chain
 */
AnxRecordHeader *
anx_record_header_new (const char *id,
                       const char *kind,
                       const char *author,
                       const char *const *recipients,
                       const char *predecessor,
                       gint64 created_usec,
                       JsonObject *routing)
{
  g_return_val_if_fail (id != NULL && kind != NULL && author != NULL, NULL);
  AnxRecordHeader *self = g_atomic_rc_box_new0 (AnxRecordHeader);
  self->id = g_strdup (id);
  self->kind = g_strdup (kind);
  self->author = g_strdup (author);
  self->recipients = dup_recipients (recipients);
  self->predecessor = g_strdup (predecessor);
  self->created_usec = created_usec;
  self->routing = copy_object (routing);
  return self;
}

/**
 * anx_record_header_with_place:
 * @self: a header
 * @sequence: its number in the author's chain, from 1
 * @previous: (nullable): SHA-256 of the author's envelope before, lower-case hex; %NULL for the first
 *
 * Returns: (transfer full): the same header with this place
 */
AnxRecordHeader *
anx_record_header_with_place (AnxRecordHeader *self,
                              gint64 sequence,
                              const char *previous)
{
  g_return_val_if_fail (self != NULL, NULL);
  AnxRecordHeader *placed = anx_record_header_new (self->id, self->kind, self->author,
                                                   (const char *const *) self->recipients, self->predecessor,
                                                   self->created_usec, self->routing);
  placed->sequence = sequence;
  placed->previous = g_strdup (previous);
  return placed;
}

static gboolean
digest_is_valid (const char *digest)
{
  return strlen (digest) == DIGEST_CHARS && strspn (digest, "0123456789abcdef") == DIGEST_CHARS;
}

/**
 * anx_record_header_with_directory:
 * @self: a header
 * @directory: the directory in force at its author
 *
 * What each author says of its directory is signed with its records, so that readers notice when a hub shows different ones to different people.
 * The routing header is not part of what is sealed; so who places a record can say it, whoever sealed it.
 *
 * Returns: (transfer full): the same header, its routing with the member `directory`
 */
AnxRecordHeader *
anx_record_header_with_directory (AnxRecordHeader *self,
                                  AnxDirectory *directory)
{
  g_return_val_if_fail (self != NULL && directory != NULL, NULL);
  AnxRecordHeader *copy = anx_record_header_with_place (self, self->sequence, self->previous);
  g_autofree char *head = g_strdup_printf ("%" G_GINT64_FORMAT ":%s", anx_directory_get_version (directory), anx_directory_get_digest (directory));
  json_object_set_string_member (copy->routing, ROUTING_DIRECTORY, head);
  return copy;
}

/**
 * anx_record_header_get_directory:
 * @self: a header
 * @out_version: (out): the directory's number, 0 when the header does not say
 *
 * Returns: (transfer none) (nullable): the SHA-256 of the directory that its author had, lower-case hex
 */
const char *
anx_record_header_get_directory (AnxRecordHeader *self,
                                 gint64 *out_version)
{
  g_return_val_if_fail (self != NULL && out_version != NULL, NULL);
  const char *head = anx_json_get_string (self->routing, ROUTING_DIRECTORY, NULL);
  const char *digest = head != NULL ? strchr (head, ':') : NULL;
  g_autofree char *number = digest != NULL ? g_strndup (head, (gsize) (digest - head)) : NULL;
  guint64 version = 0;
  *out_version = 0;
  if (number == NULL || !digest_is_valid (digest + 1) || !g_ascii_string_to_unsigned (number, 10, 1, NUMBER_MAX, &version, NULL))
    return NULL;
  *out_version = (gint64) version;
  return digest + 1;
}

static gboolean
kind_is_valid (const char *kind)
{
  gsize length = strlen (kind);
  return length >= 2 && length <= KIND_MAX_CHARS && g_ascii_islower (kind[0]) &&
         strspn (kind, "abcdefghijklmnopqrstuvwxyz-") == length;
}

static gboolean
recipients_are_valid (char **recipients)
{
  for (gsize i = 0; recipients[i] != NULL; i++)
    {
      if (i == ANX_BOUND_RECIPIENTS || !anx_principal_id_is_valid (recipients[i]) ||
          strcmp (recipients[i], ANX_RECOVERY_PRINCIPAL) == 0)
        return FALSE;
      for (gsize k = 0; k < i; k++)
        if (strcmp (recipients[i], recipients[k]) == 0)
          return FALSE;
    }
  return TRUE;
}

/**
 * anx_record_header_check:
 * @self: a header
 * @error: return location, %ANX_SEAL_ERROR_INVALID, naming the field
 *
 * Returns: whether every field is allowed, and a place (if it has one) makes sense
 */
gboolean
anx_record_header_check (AnxRecordHeader *self,
                         GError **error)
{
  const char *wrong = NULL;
  if (!anx_uuid_is_valid (self->id))
    wrong = "id";
  else if (!kind_is_valid (self->kind))
    wrong = "kind";
  else if (!anx_principal_id_is_valid (self->author))
    wrong = "author";
  else if (!recipients_are_valid (self->recipients))
    wrong = "recipients";
  else if (self->predecessor != NULL && !anx_uuid_is_valid (self->predecessor))
    wrong = "predecessor";
  else if (self->created_usec < 0 || self->created_usec > NUMBER_MAX)
    wrong = "created";
  else if (self->sequence < 0 || self->sequence > NUMBER_MAX)
    wrong = "sequence";
  else if (self->previous != NULL && (self->sequence < 2 || !digest_is_valid (self->previous)))
    wrong = "previous";
  else if (self->previous == NULL && self->sequence > 1)
    wrong = "previous";
  if (wrong != NULL)
    return anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The record header's “%s” is not allowed", wrong);
  return TRUE;
}

/**
 * anx_record_header_to_inner:
 * @self: a header
 *
 * Returns: (transfer full): the part of the header that is sealed with the content
 */
JsonObject *
anx_record_header_to_inner (AnxRecordHeader *self)
{
  JsonObject *object = json_object_new ();
  json_object_set_int_member (object, "version", HEADER_VERSION);
  json_object_set_string_member (object, "id", self->id);
  json_object_set_string_member (object, "kind", self->kind);
  json_object_set_string_member (object, "author", self->author);
  anx_json_set_strings (object, "recipients", (const char *const *) self->recipients);
  if (self->predecessor != NULL)
    json_object_set_string_member (object, "predecessor", self->predecessor);
  else
    json_object_set_null_member (object, "predecessor");
  return object;
}

/**
 * anx_record_header_to_text:
 * @self: a header
 *
 * The canonical form: one line, the members in the order of README.md, every member present.
 *
 * Returns: (transfer full): JSON
 */
char *
anx_record_header_to_text (AnxRecordHeader *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_autoptr (JsonObject) object = anx_record_header_to_inner (self);
  json_object_set_int_member (object, "created", self->created_usec);
  json_object_set_int_member (object, "sequence", self->sequence);
  if (self->previous != NULL)
    json_object_set_string_member (object, "previous", self->previous);
  else
    json_object_set_null_member (object, "previous");
  json_object_set_object_member (object, "routing", json_object_ref (self->routing));
  return anx_json_object_to_text (object);
}

static gboolean
read_optional_string (JsonObject *object,
                      const char *member,
                      char **out_text,
                      GError **error)
{
  if (json_object_has_member (object, member) && json_object_get_null_member (object, member))
    return TRUE;
  const char *text = anx_json_need_string (object, member, DIGEST_CHARS, error);
  *out_text = g_strdup (text);
  return text != NULL;
}

static gboolean
read_members (AnxRecordHeader *self,
              JsonObject *object,
              GError **error)
{
  gint64 version = 0;
  const char *id = NULL, *kind = NULL, *author = NULL;
  if (!anx_json_need_int (object, "version", HEADER_VERSION, HEADER_VERSION, &version, error) ||
      (id = anx_json_need_string (object, "id", 36, error)) == NULL ||
      (kind = anx_json_need_string (object, "kind", KIND_MAX_CHARS, error)) == NULL ||
      (author = anx_json_need_string (object, "author", ANX_BOUND_PRINCIPAL_CHARS, error)) == NULL)
    return FALSE;
  self->id = g_strdup (id);
  self->kind = g_strdup (kind);
  self->author = g_strdup (author);
  JsonObject *routing = NULL;
  if ((self->recipients = anx_json_need_strings (object, "recipients", ANX_BOUND_RECIPIENTS, error)) == NULL ||
      !read_optional_string (object, "predecessor", &self->predecessor, error) ||
      !anx_json_need_int (object, "created", 0, NUMBER_MAX, &self->created_usec, error) ||
      !anx_json_need_int (object, "sequence", 0, NUMBER_MAX, &self->sequence, error) ||
      !read_optional_string (object, "previous", &self->previous, error) ||
      (routing = anx_json_need_object (object, "routing", error)) == NULL)
    return FALSE;
  self->routing = json_object_ref (routing);
  return TRUE;
}

/**
 * anx_record_header_parse:
 * @json: a header as anx_record_header_to_text() writes it
 * @length: its bytes, at most %ANX_BOUND_HEADER_BYTES, or -1 when it ends with a zero byte
 * @error: return location, %ANX_SEAL_ERROR_INVALID or %ANX_SEAL_ERROR_TOO_LARGE
 *
 * Anything but the canonical form is refused: a member that stands twice or that this version does not know would be
 * read differently by different readers.
 *
 * Returns: (transfer full) (nullable): the header
 */
AnxRecordHeader *
anx_record_header_parse (const char *json,
                         gssize length,
                         GError **error)
{
  g_return_val_if_fail (json != NULL, NULL);
  gsize bytes = length < 0 ? strlen (json) : (gsize) length;
  GError *inner = NULL;
  g_autoptr (AnxRecordHeader) self = g_atomic_rc_box_new0 (AnxRecordHeader);
  g_autoptr (JsonObject) object = anx_json_parse_object (json, (gssize) bytes, ANX_BOUND_HEADER_BYTES, &inner);
  if (object == NULL || !read_members (self, object, &inner))
    {
      anx_seal_take_base_error (error, inner, "The record header");
      return NULL;
    }
  if (!anx_record_header_check (self, error))
    return NULL;
  g_autofree char *canonical = anx_record_header_to_text (self);
  if (strlen (canonical) != bytes || memcmp (canonical, json, bytes) != 0)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The record header is not in its canonical form");
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * anx_record_header_get_id:
 * @self: a header
 *
 * Returns: (transfer none): the record's id, a UUIDv7
 */
const char *
anx_record_header_get_id (AnxRecordHeader *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->id;
}

/**
 * anx_record_header_get_kind:
 * @self: a header
 *
 * Returns: (transfer none): the record's kind
 */
const char *
anx_record_header_get_kind (AnxRecordHeader *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->kind;
}

/**
 * anx_record_header_get_author:
 * @self: a header
 *
 * Returns: (transfer none): the principal that signs it
 */
const char *
anx_record_header_get_author (AnxRecordHeader *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->author;
}

/**
 * anx_record_header_get_recipients:
 * @self: a header
 *
 * Returns: (transfer none) (array zero-terminated=1): principals and groups, without recovery
 */
const char *const *
anx_record_header_get_recipients (AnxRecordHeader *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return (const char *const *) self->recipients;
}

/**
 * anx_record_header_get_predecessor:
 * @self: a header
 *
 * Returns: (transfer none) (nullable): the id of the record this one follows
 */
const char *
anx_record_header_get_predecessor (AnxRecordHeader *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->predecessor;
}

/**
 * anx_record_header_get_created_usec:
 * @self: a header
 *
 * Returns: when the author says it was written, microseconds since 1970 UTC
 */
gint64
anx_record_header_get_created_usec (AnxRecordHeader *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->created_usec;
}

/**
 * anx_record_header_get_sequence:
 * @self: a header
 *
 * Returns: its number in the author's chain from 1, or 0 while it has no place
 */
gint64
anx_record_header_get_sequence (AnxRecordHeader *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->sequence;
}

/**
 * anx_record_header_get_previous:
 * @self: a header
 *
 * Returns: (transfer none) (nullable): SHA-256 of the author's envelope before, lower-case hex
 */
const char *
anx_record_header_get_previous (AnxRecordHeader *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->previous;
}

/**
 * anx_record_header_get_routing:
 * @self: a header
 *
 * Returns: (transfer none): what the hub may know of this kind; read only
 */
JsonObject *
anx_record_header_get_routing (AnxRecordHeader *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->routing;
}

/**
 * anx_record_header_ref:
 * @self: a header
 *
 * Returns: (transfer full): the same header
 */
AnxRecordHeader *
anx_record_header_ref (AnxRecordHeader *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  AnxRecordHeader *self = data;
  g_free (self->id);
  g_free (self->kind);
  g_free (self->author);
  g_strfreev (self->recipients);
  g_free (self->predecessor);
  g_free (self->previous);
  g_clear_pointer (&self->routing, json_object_unref);
}

/**
 * anx_record_header_unref:
 * @self: (transfer full): a header
 */
void
anx_record_header_unref (AnxRecordHeader *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

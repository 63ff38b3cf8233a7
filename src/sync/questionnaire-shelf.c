/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "questionnaire-shelf.h"

#include <gio/gio.h>
#include <string.h>

#include "bounds.h"
#include "files.h"
#include "json.h"

#define TRANSLATION_STATUS_URL "urn:anxin:fhir:translation-status"

/* A district has some dozens of instruments, each in a few versions. */
#define MAX_PACKS 512
#define MAX_FILES 512
#define MAX_CUT_OFFS 512
#define MAX_ID_CHARS 64

struct _AnxQuestionnaireShelf
{
  char *folder;
  AnxDirectory *directory; /* (nullable) */
  GHashTable *held;        /* ids that the directory has → whether its last version can be used */
  GHashTable *read;        /* names of the files that were read */
  GPtrArray *entries;      /* of AnxShelfEntry, what was read so far: packs with the first question, files as they are asked for */
  gboolean has_packs;
  gboolean has_files;      /* all of them, and @entries is sorted */
};

static void
entry_free (gpointer data)
{
  AnxShelfEntry *entry = data;
  g_free (entry->id);
  g_free (entry->status);
  g_free (entry->translation);
  g_free (entry->digest);
  g_free (entry->by);
  g_free (entry->cut_off_reason);
  g_clear_pointer (&entry->questionnaire, anx_questionnaire_unref);
  g_free (entry);
}

/* An id is the name of a file too, so it must be nothing but a name. */
static gboolean
is_id (const char *text)
{
  gsize length = strlen (text);
  return length > 0 && length <= MAX_ID_CHARS && strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static const char *
find_translation_status (JsonObject *fhir)
{
  JsonArray *extensions = anx_json_get_array (fhir, "extension");
  for (guint i = 0; extensions != NULL && i < json_array_get_length (extensions); i++)
    {
      JsonObject *extension = anx_json_array_need_object (extensions, i, NULL);
      if (extension != NULL && g_str_equal (anx_json_get_string (extension, "url", ""), TRANSLATION_STATUS_URL))
        return anx_json_get_string (extension, "valueCode", "");
    }
  return NULL;
}

static AnxShelfEntry *
read_text (const char *text,
           gssize length,
           GError **error)
{
  g_autoptr (JsonObject) fhir = anx_json_parse_object (text, length, ANX_BOUND_QUESTIONNAIRE_BYTES, error);
  g_autoptr (AnxQuestionnaire) questionnaire = fhir != NULL ? anx_questionnaire_parse (fhir, error) : NULL;
  if (questionnaire == NULL)
    return NULL;
  const char *id = anx_questionnaire_get_id (questionnaire);
  if (id == NULL || !is_id (id))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "id: 1 to %d lower-case letters, digits and dashes", MAX_ID_CHARS);
      return NULL;
    }
  AnxShelfEntry *entry = g_new0 (AnxShelfEntry, 1);
  entry->id = g_strdup (id);
  entry->status = g_strdup (anx_json_get_string (fhir, "status", ""));
  entry->translation = g_strdup (find_translation_status (fhir));
  entry->digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, length);
  entry->questionnaire = g_steal_pointer (&questionnaire);
  return entry;
}

/**
 * anx_questionnaire_shelf_new:
 * @folder: where the files that came with the program are
 * @directory: (nullable): the directory in force, verified
 *
 * Returns: (transfer full): the shelf; nothing was read yet
 */
AnxQuestionnaireShelf *
anx_questionnaire_shelf_new (const char *folder,
                             AnxDirectory *directory)
{
  AnxQuestionnaireShelf *self = g_new0 (AnxQuestionnaireShelf, 1);
  self->folder = g_strdup (folder);
  self->directory = directory != NULL ? anx_directory_ref (directory) : NULL;
  self->held = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->read = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  return self;
}

/**
 * anx_questionnaire_shelf_free:
 * @self: (transfer full): a shelf
 *
 * Frees it.
 */
void
anx_questionnaire_shelf_free (AnxQuestionnaireShelf *self)
{
  g_free (self->folder);
  g_clear_pointer (&self->directory, anx_directory_unref);
  g_hash_table_unref (self->held);
  g_hash_table_unref (self->read);
  g_ptr_array_unref (self->entries);
  g_free (self);
}

static AnxShelfEntry *
make_variant (const AnxShelfEntry *entry,
              JsonObject *cut_offs,
              GError **error)
{
  g_autoptr (AnxQuestionnaire) questionnaire = anx_questionnaire_apply_cut_offs (entry->questionnaire, cut_offs, error);
  gint64 when = 0;
  if (questionnaire == NULL)
    return NULL;
  AnxShelfEntry *variant = g_new0 (AnxShelfEntry, 1);
  g_autoptr (GDateTime) said = g_date_time_new_from_iso8601 (anx_json_get_string (cut_offs, "when", ""), NULL);
  if (said != NULL)
    when = g_date_time_to_unix (said) * G_USEC_PER_SEC;
  variant->id = g_strdup (entry->id);
  variant->status = g_strdup (entry->status);
  variant->translation = g_strdup (entry->translation);
  variant->digest = g_strdup (entry->digest);
  variant->by = g_strdup (anx_json_get_string (cut_offs, "who", ""));
  variant->since_usec = when;
  variant->approved = entry->approved;
  variant->signed_in = entry->signed_in;
  variant->cut_off_reason = g_strdup (anx_json_get_string (cut_offs, "reason", ""));
  variant->questionnaire = g_steal_pointer (&questionnaire);
  return variant;
}

/* The district's own cut-offs follow what they change, in the order in which they were signed in: the last counts, the others explain old results. */
static void
add_entry (AnxQuestionnaireShelf *self,
           AnxShelfEntry *entry)
{
  JsonArray *all = self->directory != NULL ? anx_json_get_array (anx_directory_get_json (self->directory), "cutOffs") : NULL;
  guint n = all != NULL ? json_array_get_length (all) : 0;
  g_ptr_array_add (self->entries, entry);
  for (guint i = 0; i < MIN (n, MAX_CUT_OFFS); i++)
    {
      JsonObject *cut_offs = anx_json_array_need_object (all, i, NULL);
      if (cut_offs == NULL || strcmp (anx_json_get_string (cut_offs, "questionnaire", ""), anx_questionnaire_get_canonical (entry->questionnaire)) != 0)
        continue;
      g_autoptr (GError) error = NULL;
      AnxShelfEntry *variant = make_variant (entry, cut_offs, &error);
      if (variant != NULL)
        g_ptr_array_add (self->entries, variant);
      else
        g_message ("The directory's cut-offs for “%s” cannot be used: %s", entry->id, error->message);
    }
}

static void
read_pack (AnxQuestionnaireShelf *self,
           JsonObject *pack)
{
  const char *id = anx_json_get_string (pack, "id", "");
  const char *text = anx_json_get_string (pack, "text", "");
  g_autoptr (GError) error = NULL;
  AnxShelfEntry *entry = read_text (text, -1, &error);
  gboolean usable = entry != NULL && g_str_equal (entry->id, id);
  g_hash_table_replace (self->held, g_strdup (id), GINT_TO_POINTER (usable));
  if (!usable)
    {
      g_message ("The directory's questionnaire “%s” cannot be used: %s", id, error != NULL ? error->message : "it has another id");
      g_clear_pointer (&entry, entry_free);
      return;
    }
  entry->approved = anx_json_get_boolean (pack, "approved", FALSE);
  entry->by = g_strdup (anx_json_get_string (pack, "by", ""));
  entry->since_usec = anx_json_get_int (pack, "at", 0);
  entry->signed_in = TRUE;
  add_entry (self, entry);
}

static void
read_packs (AnxQuestionnaireShelf *self)
{
  JsonArray *packs = self->directory != NULL ? anx_json_get_array (anx_directory_get_json (self->directory), "questionnaires") : NULL;
  guint n = packs != NULL ? json_array_get_length (packs) : 0;
  if (self->has_packs)
    return;
  self->has_packs = TRUE;
  if (n > MAX_PACKS)
    g_message ("The directory holds more than %d questionnaires; the first %d count", MAX_PACKS, MAX_PACKS);
  for (guint i = 0; i < MIN (n, MAX_PACKS); i++)
    {
      JsonObject *pack = anx_json_array_need_object (packs, i, NULL);
      if (pack != NULL)
        read_pack (self, pack);
    }
}

static void
read_file (AnxQuestionnaireShelf *self,
           const char *name)
{
  if (!g_hash_table_add (self->read, g_strdup (name)))
    return;
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = anx_file_read (path, ANX_BOUND_QUESTIONNAIRE_BYTES, &error);
  gsize length = 0;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;
  AnxShelfEntry *entry = text != NULL ? read_text (text, (gssize) length, &error) : NULL;
  g_autofree char *expected = entry != NULL ? g_strconcat (entry->id, ".json", NULL) : NULL;
  if (entry == NULL || !g_str_equal (expected, name))
    {
      g_message ("%s cannot be used: %s", name, error != NULL ? error->message : "it has another id");
      g_clear_pointer (&entry, entry_free);
      return;
    }
  add_entry (self, entry);
}

static void
read_files (AnxQuestionnaireShelf *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  guint n = 0;
  for (const char *name = dir != NULL ? g_dir_read_name (dir) : NULL; name != NULL && n < MAX_FILES; name = g_dir_read_name (dir))
    if (g_str_has_suffix (name, ".json"))
      {
        read_file (self, name);
        n++;
      }
}

/* Shipped ones first of an id, then packs as they were taken in: the last counts. Sorting with g_ptr_array_sort() is stable. */
static int
compare_entries (gconstpointer a,
                 gconstpointer b)
{
  const AnxShelfEntry *one = *(const AnxShelfEntry *const *) a, *other = *(const AnxShelfEntry *const *) b;
  int order = strcmp (one->id, other->id);
  return order != 0 ? order : one->signed_in - other->signed_in;
}

/**
 * anx_questionnaire_shelf_list:
 * @self: a shelf
 *
 * Reads everything the first time. What cannot be used is named in the journal and left out.
 *
 * Returns: (transfer none) (element-type AnxShelfEntry): every version of everything, sorted by id; the last of an id is the one that counts
 */
GPtrArray *
anx_questionnaire_shelf_list (AnxQuestionnaireShelf *self)
{
  if (!self->has_files)
    {
      self->has_files = TRUE;
      read_packs (self);
      read_files (self);
      g_ptr_array_sort (self->entries, compare_entries);
    }
  return self->entries;
}

/* (nullable) The last pack of that id, else the file. A resident waits for this: only that one file is read. */
static const AnxShelfEntry *
find_id (AnxQuestionnaireShelf *self,
         const char *id)
{
  const AnxShelfEntry *found = NULL;
  g_autofree char *name = g_strconcat (id, ".json", NULL), *path = g_build_filename (self->folder, name, NULL);

  read_packs (self);
  /* Many are only in the directory. */
  if (is_id (id) && !self->has_files && g_file_test (path, G_FILE_TEST_EXISTS))
    read_file (self, name);
  for (guint i = 0; i < self->entries->len; i++)
    {
      const AnxShelfEntry *entry = g_ptr_array_index (self->entries, i);
      if (g_str_equal (entry->id, id) && (found == NULL || entry->signed_in >= found->signed_in))
        found = entry;
    }
  return found;
}

/**
 * anx_questionnaire_shelf_find:
 * @self: a shelf
 * @canonical: (nullable): url and version, as a response names them
 *
 * For reading answers that were given; whether it may be asked is not looked at. A pack is taken before a file of the same version.
 *
 * Returns: (transfer none) (nullable): exactly that version
 */
const AnxShelfEntry *
anx_questionnaire_shelf_find (AnxQuestionnaireShelf *self,
                              const char *canonical)
{
  GPtrArray *entries = anx_questionnaire_shelf_list (self);
  for (guint i = entries->len; canonical != NULL && i > 0; i--)
    {
      const AnxShelfEntry *entry = g_ptr_array_index (entries, i - 1);
      if (g_str_equal (anx_questionnaire_get_canonical (entry->questionnaire), canonical))
        return entry;
    }
  return NULL;
}

static gboolean
has_wording (AnxQuestionnaire *questionnaire)
{
  for (guint i = 0; i < anx_questionnaire_get_n_items (questionnaire); i++)
    {
      g_autofree char *text = anx_questionnaire_dup_item_text (questionnaire, i, "zh");
      if (text == NULL || *text == '\0')
        return FALSE;
    }
  return anx_questionnaire_get_n_items (questionnaire) > 0;
}

/* (nullable) The first question that no kiosk can show. */
static const AnxItem *
find_strange (AnxQuestionnaire *questionnaire)
{
  for (guint i = 0; i < anx_questionnaire_get_n_items (questionnaire); i++)
    {
      const AnxItem *item = anx_questionnaire_get_item (questionnaire, i);
      if (item->n_options == 0 || item->repeats)
        return item;
    }
  return NULL;
}

static gboolean
refuse (const AnxShelfEntry *entry,
        const char *why,
        GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "“%s” %s", anx_questionnaire_get_canonical (entry->questionnaire), why);
  return FALSE;
}

/**
 * anx_shelf_entry_allows:
 * @entry: of a shelf
 * @use: who chose it
 * @error: return location, %G_IO_ERROR_PERMISSION_DENIED, naming which of Q2 to Q5 stands against it
 *
 * Returns: whether a resident may be asked it
 */
gboolean
anx_shelf_entry_allows (const AnxShelfEntry *entry,
                        AnxShelfUse use,
                        GError **error)
{
  gboolean finished = g_str_equal (entry->status, "active") && g_strcmp0 (entry->translation, "pending-review") != 0;
  if (g_str_equal (entry->status, "retired"))
    return refuse (entry, "is not used any more", error);
  if (!finished && !entry->approved)
    return refuse (entry, "waits for its approval", error);
  if (!has_wording (entry->questionnaire) || g_strcmp0 (entry->translation, "wording-missing") == 0)
    return refuse (entry, "has no wording here", error);
  const AnxItem *strange = find_strange (entry->questionnaire);
  if (strange != NULL)
    {
      g_autofree char *why = g_strdup_printf ("cannot be asked at a kiosk: its question “%s” (%s%s) is not answered by choosing one of several answers",
                                              strange->link_id, anx_item_type_to_string (strange->type), strange->repeats ? ", several" : "");
      return refuse (entry, why, error);
    }
  if (use != ANX_SHELF_ASSIGNED && anx_questionnaire_is_for_counsellors (entry->questionnaire))
    return refuse (entry, "is handed out by counsellors only", error);
  return TRUE;
}

/**
 * anx_questionnaire_shelf_open:
 * @self: a shelf
 * @id: the id of a questionnaire
 * @use: who chose it
 * @error: return location, %G_IO_ERROR_NOT_FOUND; %G_IO_ERROR_INVALID_DATA when the directory's text cannot be used;
 *   %G_IO_ERROR_PERMISSION_DENIED as of anx_shelf_entry_allows()
 *
 * Returns: (transfer full) (nullable): the version of it that counts here
 */
AnxQuestionnaire *
anx_questionnaire_shelf_open (AnxQuestionnaireShelf *self,
                              const char *id,
                              AnxShelfUse use,
                              GError **error)
{
  const AnxShelfEntry *found = find_id (self, id);

  if (g_hash_table_contains (self->held, id) && !GPOINTER_TO_INT (g_hash_table_lookup (self->held, id)))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The directory's questionnaire “%s” cannot be used", id);
      return NULL;
    }
  if (found == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no questionnaire “%s” here", id);
      return NULL;
    }
  return anx_shelf_entry_allows (found, use, error) ? anx_questionnaire_ref (found->questionnaire) : NULL;
}

/**
 * anx_questionnaire_pack_build:
 * @text: a FHIR R4 Questionnaire in JSON
 * @length: its length in bytes, -1 = up to its end
 * @approved: whether it may be asked although it is a draft or its translation waits for review
 * @by: who answers for it: the administrator's id
 * @now_usec: when, microseconds of UTC
 * @error: return location, errors of %ANX_BASE_ERROR and %ANX_CARE_ERROR; %G_IO_ERROR_INVALID_DATA when its id is none;
 *   %G_IO_ERROR_PERMISSION_DENIED when it is to be approved and has no wording
 *
 * The text goes in unchanged, so that its digest is the file's. It counts once it stands in a signed directory.
 *
 * Returns: (transfer full) (nullable): an entry for `questionnaires` of the directory
 */
JsonObject *
anx_questionnaire_pack_build (const char *text,
                              gssize length,
                              gboolean approved,
                              const char *by,
                              gint64 now_usec,
                              GError **error)
{
  AnxShelfEntry *entry = read_text (text, length, error);
  if (entry == NULL)
    return NULL;
  entry->approved = approved;
  if (approved && !anx_shelf_entry_allows (entry, ANX_SHELF_ASSIGNED, error))
    {
      entry_free (entry);
      return NULL;
    }
  g_autofree char *whole = length < 0 ? g_strdup (text) : g_strndup (text, (gsize) length);
  JsonObject *pack = json_object_new ();
  json_object_set_string_member (pack, "id", entry->id);
  json_object_set_string_member (pack, "canonical", anx_questionnaire_get_canonical (entry->questionnaire));
  json_object_set_boolean_member (pack, "approved", approved);
  json_object_set_string_member (pack, "by", by);
  json_object_set_int_member (pack, "at", now_usec);
  json_object_set_string_member (pack, "text", whole);
  entry_free (entry);
  return pack;
}

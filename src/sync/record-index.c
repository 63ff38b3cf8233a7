/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record-index.h"

#include <string.h>

#include "bounds.h"
#include "care-records.h"
#include "client-private.h"
#include "files.h"
#include "inbox.h"
#include "json.h"
#include "own-seal.h"
#include "process.h"
#include "seal-error.h"

#define FILE_NAME "index.sealed"
#define PURPOSE "record-index"
/* The first line of what is sealed; another form is made anew out of the records. */
#define FORM "anxin-index 1"
/* Delivered to the main thread together: about 30 ms of opening. */
#define BATCH 32
/* Rows read from the database at once, so that not all envelopes are in memory. */
#define PAGE 64
/* So many newly opened records are worth writing the file again. */
#define SAVE_AFTER 200

/* An entry with its texts behind it in one piece of memory. */
typedef struct
{
  AnxIndexEntry shown;
  char texts[];
} Entry;

typedef struct
{
  const char *name;
  const char *phone;
  char *folded; /* of name and phone, for searching */
} Person;

struct _AnxRecordIndex
{
  GObject parent_instance;
  AnxClient *client;
  guint most_open;
  GThreadPool *pool;   /* (nullable) while started: one thread for the start and the file, jobs in their order */
  GThreadPool *opener; /* (nullable) one for what has just arrived or is asked for: it does not wait for the start */
  gint cancelled;    /* atomic */
  gboolean newest_opened;
  gboolean ready;
  gboolean sorted;
  guint done, total;
  guint unsaved;
  GPtrArray *entries;    /* (element-type Entry) newest first when sorted */
  GHashTable *by_id;     /* id → Entry */
  GHashTable *opened;    /* (element-type utf8) ids that "opened" gave */
  GHashTable *people;    /* story → Person */
  GHashTable *followers; /* id → GPtrArray of Entry that name it as predecessor */
};

G_DEFINE_FINAL_TYPE (AnxRecordIndex, anx_record_index, G_TYPE_OBJECT)

enum
{
  OPENED,
  CHANGED,
  READY,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* What the thread is to do. */
typedef enum
{
  JOB_START, /* the file, then the records that it does not hold, and the newest */
  JOB_OPEN,
  JOB_SAVE,
} JobKind;

typedef struct
{
  JobKind kind;
  AnxRecordReader *reader;
  AnxDirectory *directory; /* (nullable) */
  GPtrArray *ids;          /* JOB_OPEN */
  GBytes *text;            /* JOB_SAVE */
} Job;

typedef struct
{
  AnxInboxRecord *record;
  JsonNode *resource; /* (nullable) */
} Opened;

/* What the thread found, on its way to the main thread. */
typedef struct
{
  AnxRecordIndex *index;
  GPtrArray *entries; /* Entry */
  GPtrArray *opened;  /* Opened */
  guint done, total;
  gboolean newest_opened;
  gboolean last;
  gboolean from_file;
} Batch;

static void
person_free (Person *self)
{
  g_free (self->folded);
  g_free (self);
}

static void
opened_free (Opened *self)
{
  anx_inbox_record_unref (self->record);
  g_clear_pointer (&self->resource, json_node_unref);
  g_free (self);
}

static void
job_free (Job *self)
{
  g_clear_pointer (&self->reader, anx_record_reader_free);
  g_clear_pointer (&self->directory, anx_directory_unref);
  g_clear_pointer (&self->ids, g_ptr_array_unref);
  g_clear_pointer (&self->text, g_bytes_unref);
  g_free (self);
}

static void
batch_free (Batch *self)
{
  g_ptr_array_unref (self->entries);
  g_ptr_array_unref (self->opened);
  g_object_unref (self->index);
  g_free (self);
}

static void
anx_record_index_dispose (GObject *object)
{
  AnxRecordIndex *self = ANX_RECORD_INDEX (object);
  anx_record_index_stop (self);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (anx_record_index_parent_class)->dispose (object);
}

static void
anx_record_index_finalize (GObject *object)
{
  AnxRecordIndex *self = ANX_RECORD_INDEX (object);
  g_hash_table_unref (self->followers);
  g_hash_table_unref (self->people);
  g_hash_table_unref (self->opened);
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->entries);
  G_OBJECT_CLASS (anx_record_index_parent_class)->finalize (object);
}

static void
anx_record_index_class_init (AnxRecordIndexClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_record_index_dispose;
  G_OBJECT_CLASS (class)->finalize = anx_record_index_finalize;
  signals[OPENED] = g_signal_new ("opened", ANX_TYPE_RECORD_INDEX, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                  ANX_TYPE_INBOX_RECORD, JSON_TYPE_NODE);
  signals[CHANGED] = g_signal_new ("changed", ANX_TYPE_RECORD_INDEX, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[READY] = g_signal_new ("ready", ANX_TYPE_RECORD_INDEX, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
anx_record_index_init (AnxRecordIndex *self)
{
  self->entries = g_ptr_array_new_with_free_func (g_free);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->opened = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->people = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) person_free);
  self->followers = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
}

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
static Entry *
entry_new (const AnxIndexEntry *from)
{
  Entry *self = g_malloc (sizeof (Entry) + text_size (from->id) + text_size (from->predecessor) + text_size (from->story)
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

static Entry *
entry_from_record (AnxRecordHeader *header,
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
  return entry_new (&entry);
}

/* One line a record, fields apart by tabs. No field can hold a tab or a line end: ids and words are checked with the header, names and
 * numbers by their reader. */
static void
append_entry (GString *text,
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

/* NULL when the line is not of this form. @line is cut up. */
static Entry *
parse_entry (char *line)
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
  return entry_new (&entry);
}

/* From here to run_job(): the thread of the pool. */

static gboolean take_batch (gpointer data);

static Batch *
batch_new (AnxRecordIndex *self,
           guint done,
           guint total)
{
  Batch *batch = g_new0 (Batch, 1);
  batch->index = g_object_ref (self);
  batch->entries = g_ptr_array_new_with_free_func (g_free);
  batch->opened = g_ptr_array_new_with_free_func ((GDestroyNotify) opened_free);
  batch->done = done;
  batch->total = total;
  return batch;
}

static void
deliver (Batch *batch)
{
  /* Below input and drawing: a window that is being used comes first. */
  g_main_context_invoke_full (NULL, G_PRIORITY_DEFAULT_IDLE, take_batch, batch, (GDestroyNotify) batch_free);
}

static gboolean
is_cancelled (AnxRecordIndex *self)
{
  return g_atomic_int_get (&self->cancelled) != 0;
}

/* X5: a record that cannot be opened, whatever the reason, gives an entry and stops nothing. */
static Entry *
open_one (AnxRecordIndex *self,
          Job *job,
          AnxRecordHeader *header,
          GBytes *envelope,
          JsonNode **out_resource)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) resource = anx_record_reader_open (job->reader, envelope, header, job->directory, &error);
  AnxIndexState state = resource != NULL                                                            ? ANX_INDEX_OPENED
                        : g_error_matches (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_NOT_RECIPIENT) ? ANX_INDEX_SEALED
                                                                                                : ANX_INDEX_POISONED;
  Entry *entry = entry_from_record (header, resource, state);
  if (out_resource != NULL)
    *out_resource = g_steal_pointer (&resource);
  return entry;
}

/* The records that are in the database, so that the file brings back none that is not (X3). */
static GHashTable *
list_ids (AnxDatabase *database)
{
  GHashTable *ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (AnxRows) rows = anx_database_query (database, NULL, "SELECT id FROM record", "");
  while (rows != NULL && anx_rows_next (rows, NULL))
    g_hash_table_add (ids, g_strdup (anx_rows_get_string (rows, 0)));
  return ids;
}

static void
read_file (AnxRecordIndex *self,
           Job *job,
           GHashTable *ids,
           GHashTable *known)
{
  AnxProfile *profile = self->client->profile;
  g_autofree char *path = anx_profile_build_path (profile, FILE_NAME);
  g_autoptr (GBytes) sealed = anx_file_read (path, ANX_OWN_SEAL_MAX_BYTES + 65536, NULL);
  g_autoptr (GBytes) plain = sealed != NULL ? anx_record_reader_open_own (job->reader, PURPOSE, sealed,
                                                                          anx_profile_get_sign_certificate (profile), NULL)
                                            : NULL;
  if (plain == NULL)
    return;
  gsize size = 0;
  const char *bytes = g_bytes_get_data (plain, &size);
  anx_autosecret char *text = g_strndup (bytes, size);
  char *line = text;
  char *end = strchr (line, '\n');
  if (end == NULL || strncmp (line, FORM "\n", strlen (FORM) + 1) != 0)
    return;
  Batch *batch = batch_new (self, 0, g_hash_table_size (ids));
  batch->from_file = TRUE;
  for (line = end + 1; (end = strchr (line, '\n')) != NULL; line = end + 1)
    {
      *end = '\0';
      Entry *entry = parse_entry (line);
      if (entry == NULL)
        continue;
      if (!g_hash_table_contains (ids, entry->shown.id))
        {
          g_free (entry);
          continue;
        }
      g_hash_table_add (known, g_strdup (entry->shown.id));
      g_ptr_array_add (batch->entries, entry);
    }
  batch->done = batch->entries->len;
  deliver (batch);
}

typedef struct
{
  gint64 created;
  gint64 arrival;
} Place;

/* One page of rows, newest first, from before @place on; copied, so that no statement stays open while records are opened. */
static GPtrArray *
read_page (AnxDatabase *database,
           Place *place)
{
  g_autoptr (GPtrArray) page = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_inbox_record_unref);
  g_autoptr (AnxRows) rows = anx_database_query (database, NULL,
                                                 "SELECT header, envelope, created, arrival FROM record WHERE (created, arrival) < (?, ?)"
                                                 " ORDER BY created DESC, arrival DESC LIMIT ?",
                                                 "iii", place->created, place->arrival, (gint64) PAGE);
  while (rows != NULL && anx_rows_next (rows, NULL))
    {
      AnxInboxRecord *record = anx_inbox_record_from_row (rows, NULL);
      if (record != NULL)
        g_ptr_array_add (page, record);
      place->created = anx_rows_get_int (rows, 2);
      place->arrival = anx_rows_get_int (rows, 3);
    }
  return g_steal_pointer (&page);
}

static void
add_to_batch (AnxRecordIndex *self,
              Job *job,
              AnxInboxRecord *record,
              gboolean with_content,
              Batch *batch)
{
  JsonNode *resource = NULL;
  Entry *entry = open_one (self, job, anx_inbox_record_get_header (record), anx_inbox_record_get_envelope (record),
                           with_content ? &resource : NULL);
  g_ptr_array_add (batch->entries, entry);
  if (!with_content)
    return;
  Opened *opened = g_new0 (Opened, 1);
  opened->record = anx_inbox_record_ref (record);
  opened->resource = resource;
  g_ptr_array_add (batch->opened, opened);
}

static void
run_start (AnxRecordIndex *self,
           Job *job,
           AnxDatabase *database)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) ids = list_ids (database);
  guint total = g_hash_table_size (ids);
  read_file (self, job, ids, known);

  Place place = { G_MAXINT64, G_MAXINT64 };
  guint seen = 0;
  guint listed = g_hash_table_size (known);
  Batch *batch = batch_new (self, listed, total);
  while (!is_cancelled (self))
    {
      /* All that is left is in the file already. */
      if (seen >= self->most_open && listed >= total)
        break;
      g_autoptr (GPtrArray) page = read_page (database, &place);
      for (guint i = 0; i < page->len && !is_cancelled (self); i++)
        {
          AnxInboxRecord *record = page->pdata[i];
          gboolean is_known = g_hash_table_contains (known, anx_record_header_get_id (anx_inbox_record_get_header (record)));
          gboolean with_content = seen++ < self->most_open;
          if (is_known && !with_content)
            continue;
          add_to_batch (self, job, record, with_content, batch);
          if (!is_known)
            listed++;
          batch->done = MIN (listed, total);
          batch->newest_opened = seen >= self->most_open;
          if (batch->entries->len >= BATCH)
            {
              deliver (batch);
              batch = batch_new (self, MIN (listed, total), total);
            }
        }
      if (page->len == 0)
        break;
    }
  batch->last = TRUE;
  batch->newest_opened = TRUE;
  deliver (batch);
}

static void
run_open (AnxRecordIndex *self,
          Job *job,
          AnxDatabase *database)
{
  Batch *batch = batch_new (self, 0, 0);
  for (guint i = 0; i < job->ids->len && !is_cancelled (self); i++)
    {
      g_autoptr (AnxRows) rows
          = anx_database_query (database, NULL, "SELECT header, envelope FROM record WHERE id = ?", "s", (const char *) job->ids->pdata[i]);
      g_autoptr (AnxInboxRecord) record = rows != NULL && anx_rows_next (rows, NULL) ? anx_inbox_record_from_row (rows, NULL) : NULL;
      if (record != NULL)
        add_to_batch (self, job, record, TRUE, batch);
    }
  deliver (batch);
}

static void
run_save (AnxRecordIndex *self,
          Job *job)
{
  AnxProfile *profile = self->client->profile;
  g_autofree char *path = anx_profile_build_path (profile, FILE_NAME);
  g_autoptr (GBytes) sealed = anx_own_seal (PURPOSE, job->text, self->client->sign_key, anx_profile_get_sign_certificate (profile),
                                            anx_profile_get_seal_certificate (profile), NULL);
  /* Without the file everything is opened again next time: slower, nothing lost. */
  if (sealed != NULL)
    (void) anx_file_write (path, g_bytes_get_data (sealed, NULL), (gssize) g_bytes_get_size (sealed), NULL);
}

static void
run_job (gpointer data,
         gpointer user_data)
{
  Job *job = data;
  AnxRecordIndex *self = user_data;
  if (job->kind == JOB_SAVE)
    run_save (self, job);
  else if (!is_cancelled (self))
    {
      g_autofree char *path = anx_profile_build_path (self->client->profile, "client.db");
      g_autoptr (AnxDatabase) database = anx_database_open_reader (path, NULL);
      if (database != NULL && job->kind == JOB_START)
        run_start (self, job, database);
      else if (database != NULL)
        run_open (self, job, database);
    }
  job_free (job);
}

/* From here: the main thread. */

static void
push_job (AnxRecordIndex *self,
          JobKind kind,
          GPtrArray *ids,
          GBytes *text)
{
  AnxDirectory *directory = anx_client_get_directory (self->client);
  Job *job = g_new0 (Job, 1);
  job->kind = kind;
  job->reader = anx_record_reader_copy (self->client->reader);
  job->directory = directory != NULL ? anx_directory_ref (directory) : NULL;
  job->ids = ids != NULL ? g_ptr_array_ref (ids) : NULL;
  job->text = text != NULL ? g_bytes_ref (text) : NULL;
  g_thread_pool_push (kind == JOB_OPEN ? self->opener : self->pool, job, NULL);
}

static void
free_text (gpointer data)
{
  GString *text = data;
  anx_wipe (text->str, text->len);
  g_string_free (text, TRUE);
}

static void
save (AnxRecordIndex *self)
{
  GString *text = g_string_sized_new (self->entries->len * 192 + 64);
  g_string_append (text, FORM "\n");
  for (guint i = 0; i < self->entries->len; i++)
    append_entry (text, &((Entry *) self->entries->pdata[i])->shown);
  g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (text->str, text->len, free_text, text);
  self->unsaved = 0;
  push_job (self, JOB_SAVE, NULL, bytes);
}

static void
unlink_entry (AnxRecordIndex *self,
              Entry *entry)
{
  Person *person = g_hash_table_lookup (self->people, entry->shown.story);
  if (person != NULL && person->name == entry->shown.name)
    g_hash_table_remove (self->people, entry->shown.story);
  GPtrArray *followers = entry->shown.predecessor != NULL ? g_hash_table_lookup (self->followers, entry->shown.predecessor) : NULL;
  if (followers != NULL)
    {
      /* The key belongs to one of the followers, perhaps to this one. */
      g_autoptr (GPtrArray) kept = g_ptr_array_ref (followers);
      g_hash_table_remove (self->followers, entry->shown.predecessor);
      g_ptr_array_remove (kept, entry);
      if (kept->len > 0)
        g_hash_table_insert (self->followers, (gpointer) ((Entry *) kept->pdata[0])->shown.predecessor, g_ptr_array_ref (kept));
    }
  g_hash_table_remove (self->by_id, entry->shown.id);
  g_ptr_array_remove (self->entries, entry);
  self->sorted = FALSE;
}

static void
link_entry (AnxRecordIndex *self,
            Entry *entry)
{
  g_ptr_array_add (self->entries, entry);
  g_hash_table_insert (self->by_id, (gpointer) entry->shown.id, entry);
  self->sorted = FALSE;
  if (entry->shown.predecessor != NULL)
    {
      GPtrArray *followers = g_hash_table_lookup (self->followers, entry->shown.predecessor);
      if (followers == NULL)
        {
          followers = g_ptr_array_new ();
          g_hash_table_insert (self->followers, (gpointer) entry->shown.predecessor, followers);
        }
      g_ptr_array_add (followers, entry);
    }
  if (entry->shown.name == NULL)
    return;
  Person *known = g_hash_table_lookup (self->people, entry->shown.story);
  if (known != NULL && !g_str_equal (entry->shown.kind, ANX_KIND_CONTACT))
    return;
  Person *person = g_new0 (Person, 1);
  g_autofree char *both = g_strconcat (entry->shown.name, "\n", entry->shown.phone, NULL);
  person->name = entry->shown.name;
  person->phone = entry->shown.phone;
  person->folded = g_utf8_casefold (both, -1);
  g_hash_table_replace (self->people, (gpointer) entry->shown.story, person);
}

static void
take_entry (AnxRecordIndex *self,
            Entry *entry)
{
  Entry *known = g_hash_table_lookup (self->by_id, entry->shown.id);
  if (known != NULL && known->shown.state == entry->shown.state)
    {
      /* What a record says never changes. */
      g_free (entry);
      return;
    }
  if (known != NULL)
    unlink_entry (self, known);
  link_entry (self, entry);
}

static gboolean
take_batch (gpointer data)
{
  Batch *batch = data;
  AnxRecordIndex *self = batch->index;
  if (is_cancelled (self))
    return G_SOURCE_REMOVE;
  guint before = self->entries->len;
  g_ptr_array_set_free_func (batch->entries, NULL);
  for (guint i = 0; i < batch->entries->len; i++)
    take_entry (self, batch->entries->pdata[i]);
  g_ptr_array_set_size (batch->entries, 0);
  if (!batch->from_file)
    self->unsaved += self->entries->len - before;
  if (batch->total > 0)
    {
      self->done = batch->done;
      self->total = batch->total;
    }
  for (guint i = 0; i < batch->opened->len; i++)
    {
      Opened *opened = batch->opened->pdata[i];
      g_hash_table_add (self->opened, g_strdup (anx_record_header_get_id (anx_inbox_record_get_header (opened->record))));
      g_signal_emit (self, signals[OPENED], 0, opened->record, opened->resource);
    }
  self->newest_opened |= batch->newest_opened;
  gboolean becomes_ready = batch->last && !self->ready;
  if (becomes_ready)
    {
      self->ready = TRUE;
      self->done = self->total;
    }
  if (self->pool != NULL && self->ready && (self->unsaved >= SAVE_AFTER || (becomes_ready && self->unsaved > 0)))
    save (self);
  g_signal_emit (self, signals[CHANGED], 0);
  if (becomes_ready)
    g_signal_emit (self, signals[READY], 0);
  return G_SOURCE_REMOVE;
}

static void
open_id (AnxRecordIndex *self,
         const char *id)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (ids, g_strdup (id));
  push_job (self, JOB_OPEN, ids, NULL);
}

static void
on_record_arrived (AnxClient *client,
                   AnxInboxRecord *record,
                   AnxRecordIndex *self)
{
  if (self->pool != NULL)
    open_id (self, anx_record_header_get_id (anx_inbox_record_get_header (record)));
}

/* A new directory may bring us into a group, and with it the key to what could not be opened before. */
static void
on_directory_changed (AnxClient *client,
                      AnxRecordIndex *self)
{
  if (self->pool == NULL)
    return;
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < self->entries->len; i++)
    {
      const AnxIndexEntry *entry = &((Entry *) self->entries->pdata[i])->shown;
      if (entry->state != ANX_INDEX_OPENED)
        g_ptr_array_add (ids, g_strdup (entry->id));
    }
  if (ids->len > 0)
    push_job (self, JOB_OPEN, ids, NULL);
}

/**
 * anx_record_index_new:
 * @client: the client whose records these are
 * @most_open: how many of the newest records "opened" gives at the start; the others are only listed and searched
 *
 * Returns: (transfer full): an empty index
 */
AnxRecordIndex *
anx_record_index_new (AnxClient *client,
                      guint most_open)
{
  AnxRecordIndex *self = g_object_new (ANX_TYPE_RECORD_INDEX, NULL);
  self->client = g_object_ref (client);
  self->most_open = most_open;
  g_signal_connect_object (client, "record-arrived", G_CALLBACK (on_record_arrived), self, 0);
  g_signal_connect_object (client, "directory-changed", G_CALLBACK (on_directory_changed), self, 0);
  return self;
}

/**
 * anx_record_index_start:
 * @self: an index that was not started yet
 *
 * Reads the sealed file, then opens what it does not hold, in a thread.
 */
void
anx_record_index_start (AnxRecordIndex *self)
{
  g_return_if_fail (self->pool == NULL);
  g_atomic_int_set (&self->cancelled, 0);
  self->pool = g_thread_pool_new (run_job, self, 1, TRUE, NULL);
  self->opener = g_thread_pool_new (run_job, self, 1, TRUE, NULL);
  push_job (self, JOB_START, NULL, NULL);
}

/**
 * anx_record_index_stop:
 * @self: an index
 *
 * Ends the threads, waiting for the record each is at; what was not written to the file is opened again next time. Safe to call twice.
 */
void
anx_record_index_stop (AnxRecordIndex *self)
{
  if (self->pool == NULL)
    return;
  g_atomic_int_set (&self->cancelled, 1);
  g_thread_pool_free (g_steal_pointer (&self->opener), FALSE, TRUE);
  g_thread_pool_free (g_steal_pointer (&self->pool), FALSE, TRUE);
}

/**
 * anx_record_index_is_ready:
 * @self: an index
 *
 * Returns: whether every record that was here at the start is listed
 */
gboolean
anx_record_index_is_ready (AnxRecordIndex *self)
{
  return self->ready;
}

/**
 * anx_record_index_has_opened_newest:
 * @self: an index
 *
 * Returns: whether "opened" has given all of the newest records, so that nothing recent is missing
 */
gboolean
anx_record_index_has_opened_newest (AnxRecordIndex *self)
{
  return self->newest_opened;
}

/**
 * anx_record_index_get_progress:
 * @self: an index
 * @out_done: (out): records listed so far
 * @out_total: (out): records that were here at the start; 0 while not even that is known
 */
void
anx_record_index_get_progress (AnxRecordIndex *self,
                               guint *out_done,
                               guint *out_total)
{
  *out_done = self->done;
  *out_total = self->total;
}

/**
 * anx_record_index_count:
 * @self: an index
 *
 * Returns: how many records are listed
 */
guint
anx_record_index_count (AnxRecordIndex *self)
{
  return self->entries->len;
}

/**
 * anx_record_index_count_state:
 * @self: an index
 * @state: a state
 *
 * Returns: how many records are in it
 */
guint
anx_record_index_count_state (AnxRecordIndex *self,
                              AnxIndexState state)
{
  guint n = 0;
  for (guint i = 0; i < self->entries->len; i++)
    n += ((Entry *) self->entries->pdata[i])->shown.state == state;
  return n;
}

/**
 * anx_record_index_get:
 * @self: an index
 * @id: a record's id
 *
 * Returns: (transfer none) (nullable): its entry
 */
const AnxIndexEntry *
anx_record_index_get (AnxRecordIndex *self,
                      const char *id)
{
  Entry *entry = g_hash_table_lookup (self->by_id, id);
  return entry != NULL ? &entry->shown : NULL;
}

/**
 * anx_record_index_name_story:
 * @self: an index
 * @story: booking, task or alert
 *
 * Returns: (nullable): the resident's name, when a record that we may read tells it
 */
const char *
anx_record_index_name_story (AnxRecordIndex *self,
                             const char *story)
{
  Person *person = g_hash_table_lookup (self->people, story);
  return person != NULL ? person->name : NULL;
}

static int
compare_newest_first (gconstpointer a,
                      gconstpointer b)
{
  const Entry *one = *(const Entry *const *) a;
  const Entry *other = *(const Entry *const *) b;
  if (one->shown.created_usec != other->shown.created_usec)
    return one->shown.created_usec > other->shown.created_usec ? -1 : 1;
  return strcmp (other->shown.id, one->shown.id);
}

static int
compare_oldest_first (gconstpointer a,
                      gconstpointer b)
{
  return compare_newest_first (b, a);
}

static void
need_sorted (AnxRecordIndex *self)
{
  if (!self->sorted)
    g_ptr_array_sort (self->entries, compare_newest_first);
  self->sorted = TRUE;
}

static gboolean
has_all (const char *folded,
         char **words)
{
  for (gsize i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0' && strstr (folded, words[i]) == NULL)
      return FALSE;
  return TRUE;
}

/**
 * anx_record_index_search:
 * @self: an index
 * @words: (nullable): parts of a name or number, apart by spaces, in any case; all must be there. %NULL or empty: every record
 * @kind: (nullable): only of this kind
 * @most: how many are given
 * @out_total: (out) (optional): how many there are
 *
 * A record is found by what the contact or the referral of its story tells. Takes a few milliseconds at 10,000 records.
 *
 * Returns: (transfer container) (element-type AnxIndexEntry): newest first
 */
GPtrArray *
anx_record_index_search (AnxRecordIndex *self,
                         const char *words,
                         const char *kind,
                         guint most,
                         guint *out_total)
{
  g_autofree char *folded = g_utf8_casefold (words != NULL ? words : "", -1);
  g_auto (GStrv) parts = g_strsplit (g_strstrip (folded), " ", -1);
  gboolean everybody = *folded == '\0';
  const char *interned = kind != NULL ? g_intern_string (kind) : NULL;
  GPtrArray *found = g_ptr_array_new ();
  guint total = 0;

  need_sorted (self);
  for (guint i = 0; i < self->entries->len; i++)
    {
      AnxIndexEntry *entry = &((Entry *) self->entries->pdata[i])->shown;
      if (interned != NULL && entry->kind != interned)
        continue;
      Person *person = everybody ? NULL : g_hash_table_lookup (self->people, entry->story);
      if (!everybody && (person == NULL || !has_all (person->folded, parts)))
        continue;
      if (total++ < most)
        g_ptr_array_add (found, entry);
    }
  if (out_total != NULL)
    *out_total = total;
  return found;
}

/**
 * anx_record_index_list_story:
 * @self: an index
 * @story: booking, task or alert
 *
 * Returns: (transfer container) (element-type AnxIndexEntry): its records, oldest first
 */
GPtrArray *
anx_record_index_list_story (AnxRecordIndex *self,
                             const char *story)
{
  GPtrArray *found = g_ptr_array_new ();
  need_sorted (self);
  for (guint i = self->entries->len; i > 0; i--)
    {
      AnxIndexEntry *entry = &((Entry *) self->entries->pdata[i - 1])->shown;
      if (g_str_equal (entry->story, story))
        g_ptr_array_add (found, entry);
    }
  return found;
}

/**
 * anx_record_index_list_successors:
 * @self: an index
 * @id: a record's id, on this machine or not
 *
 * Returns: (transfer container) (element-type AnxIndexEntry): those that name it as the record before, oldest first
 */
GPtrArray *
anx_record_index_list_successors (AnxRecordIndex *self,
                                  const char *id)
{
  GPtrArray *followers = g_hash_table_lookup (self->followers, id);
  GPtrArray *found = g_ptr_array_new ();
  for (guint i = 0; followers != NULL && i < followers->len; i++)
    g_ptr_array_add (found, followers->pdata[i]);
  g_ptr_array_sort (found, compare_oldest_first);
  return found;
}

/**
 * anx_record_index_list_forks:
 * @self: an index
 *
 * Whether those that follow contradict one another only their content tells.
 *
 * Returns: (transfer container) (element-type utf8): ids that two or more records follow
 */
GPtrArray *
anx_record_index_list_forks (AnxRecordIndex *self)
{
  GPtrArray *forks = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init (&iter, self->followers);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (((GPtrArray *) value)->len > 1)
      g_ptr_array_add (forks, key);
  return forks;
}

/**
 * anx_record_index_open_story:
 * @self: a started index
 * @story: booking, task or alert
 */
void
anx_record_index_open_story (AnxRecordIndex *self,
                             const char *story)
{
  g_autoptr (GPtrArray) entries = anx_record_index_list_story (self, story);
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < entries->len; i++)
    {
      const char *id = ((const AnxIndexEntry *) entries->pdata[i])->id;
      if (!g_hash_table_contains (self->opened, id))
        g_ptr_array_add (ids, g_strdup (id));
    }
  if (ids->len > 0 && self->pool != NULL)
    push_job (self, JOB_OPEN, ids, NULL);
}

/**
 * anx_record_index_forget:
 * @self: an index
 * @id: a record that is no longer on this machine
 *
 * The sealed file is written without it.
 */
void
anx_record_index_forget (AnxRecordIndex *self,
                         const char *id)
{
  Entry *entry = g_hash_table_lookup (self->by_id, id);
  if (entry == NULL)
    return;
  g_hash_table_remove (self->opened, id);
  unlink_entry (self, entry);
  if (self->pool != NULL)
    save (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

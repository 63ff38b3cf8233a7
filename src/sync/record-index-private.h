/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "record-index.h"

G_BEGIN_DECLS

/*
 * What the files of an index share. record-index.c: its life and what its threads found; record-index-thread.c: what the threads do;
 * record-index-line.c: an entry, as it stands in memory and in the file; record-index-search.c: the tables in memory and what is found there.
 */

#define ANX_INDEX_FILE "index.sealed"
/* The first line of what is sealed; another form is made anew out of the records. */
#define ANX_INDEX_FORM "anxin-index 1"

/* An entry with its texts behind it in one piece of memory. */
typedef struct
{
  AnxIndexEntry shown;
  char texts[];
} AnxIndexLine;

struct _AnxRecordIndex
{
  GObject parent_instance;
  AnxClient *client;
  guint most_open;
  GThreadPool *pool;   /* (nullable) while started: one thread for the start and the file, jobs in their order */
  GThreadPool *opener; /* (nullable) one for what has just arrived or is asked for: it does not wait for the start */
  gint cancelled;      /* atomic */
  gboolean newest_opened;
  gboolean ready;
  gboolean sorted;
  guint done, total;
  guint unsaved;
  GPtrArray *entries;    /* (element-type AnxIndexLine) newest first when sorted */
  GHashTable *by_id;     /* id → AnxIndexLine */
  GHashTable *opened;    /* (element-type utf8) ids that "opened" gave */
  GHashTable *forgotten; /* (element-type utf8) ids that were erased while this runs */
  GHashTable *people;    /* story → the person its records tell of */
  GHashTable *followers; /* id → GPtrArray of AnxIndexLine that name it as predecessor */
};

/* What a thread is to do. */
typedef enum
{
  ANX_INDEX_JOB_START, /* the file, then the records that it does not hold, and the newest */
  ANX_INDEX_JOB_OPEN,
  ANX_INDEX_JOB_SAVE,
} AnxIndexJobKind;

typedef struct
{
  AnxInboxRecord *record;
  JsonNode *resource; /* (nullable) */
} AnxIndexOpened;

/* What a thread found, on its way to the main thread. */
typedef struct
{
  AnxRecordIndex *index;
  GPtrArray *entries; /* AnxIndexLine */
  GPtrArray *opened;  /* AnxIndexOpened */
  guint done, total;
  gboolean newest_opened;
  gboolean last;
  gboolean from_file;
  gboolean stale; /* the file holds what is erased: it is to be written anew */
} AnxIndexBatch;

/* record-index.c */
gboolean anx_record_index_take_batch (gpointer batch);

/* record-index-thread.c */
void anx_record_index_push_job (AnxRecordIndex *self, AnxIndexJobKind kind, GPtrArray *ids, GBytes *text);
void anx_record_index_run_job (gpointer job, gpointer self);

/* record-index-line.c; all (transfer full), freed with g_free() */
AnxIndexLine *anx_index_line_from_record (AnxRecordHeader *header, JsonNode *resource, AnxIndexState state) G_GNUC_WARN_UNUSED_RESULT;
AnxIndexLine *anx_index_line_parse (char *line) G_GNUC_WARN_UNUSED_RESULT;
void          anx_index_line_append (GString *text, const AnxIndexEntry *entry);

/* record-index-search.c */
void anx_record_index_make_tables (AnxRecordIndex *self);
void anx_record_index_free_tables (AnxRecordIndex *self);
void anx_record_index_add (AnxRecordIndex *self, AnxIndexLine *entry);
void anx_record_index_remove (AnxRecordIndex *self, AnxIndexLine *entry);

G_END_DECLS

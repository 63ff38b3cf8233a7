/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client.h"

G_BEGIN_DECLS

/*
 * What lists and searches need of the records on this machine, in memory: their clear headers, and the resident's name and telephone
 * number where a record tells them. On the disk it is one sealed file, so that it need not be read out of all records again at each
 * start. Records are opened by a thread of its own, newest first. Invariants X1 to X5 in README.md. Main thread.
 *
 * Signals:
 *   opened (AnxInboxRecord*, JsonNode*)  a record of the newest ones, or one that was asked for or has just arrived; the node is NULL
 *                                        when none of our keys opens it
 *   changed ()                           entries or progress; at most once a batch
 *   ready ()                             all that was on this machine at the start is listed and searched
 */
#define ANX_TYPE_RECORD_INDEX (anx_record_index_get_type ())
G_DECLARE_FINAL_TYPE (AnxRecordIndex, anx_record_index, ANX, RECORD_INDEX, GObject)

typedef enum
{
  ANX_INDEX_OPENED,
  ANX_INDEX_SEALED,   /* for somebody else, or for a group of which we are no member: only its header is known */
  ANX_INDEX_POISONED, /* ours to read, and it cannot be read */
} AnxIndexState;

/* Immutable, belongs to the index until its next "changed". */
typedef struct
{
  const char *id;
  const char *kind;
  const char *author;
  const char *predecessor; /* (nullable) */
  const char *story;       /* booking, task or alert; else the record's own id */
  const char *name;        /* (nullable) the resident's, when this very record tells it */
  const char *phone;       /* (nullable) */
  gint64 created_usec;
  AnxIndexState state;
} AnxIndexEntry;

/* @most_open: so many of the newest records are opened at the start and given by "opened". */
AnxRecordIndex *anx_record_index_new (AnxClient *client, guint most_open) G_GNUC_WARN_UNUSED_RESULT;
void            anx_record_index_start (AnxRecordIndex *self);
void            anx_record_index_stop (AnxRecordIndex *self);

gboolean anx_record_index_is_ready (AnxRecordIndex *self);
gboolean anx_record_index_has_opened_newest (AnxRecordIndex *self);
void     anx_record_index_get_progress (AnxRecordIndex *self, guint *out_done, guint *out_total);
guint    anx_record_index_count (AnxRecordIndex *self);
guint    anx_record_index_count_state (AnxRecordIndex *self, AnxIndexState state);

const AnxIndexEntry *anx_record_index_get (AnxRecordIndex *self, const char *id);
const char          *anx_record_index_name_story (AnxRecordIndex *self, const char *story); /* (nullable) */
/* (element-type AnxIndexEntry), newest first. @words (nullable) of name or number, @kind nullable = all but own readings. */
GPtrArray *anx_record_index_search (AnxRecordIndex *self, const char *words, const char *kind, guint most, guint *out_total) G_GNUC_WARN_UNUSED_RESULT;
/* All that belongs to one story, oldest first. */
GPtrArray *anx_record_index_list_story (AnxRecordIndex *self, const char *story) G_GNUC_WARN_UNUSED_RESULT;
/* Records that two or more others follow: (element-type utf8) their ids. */
GPtrArray *anx_record_index_list_forks (AnxRecordIndex *self) G_GNUC_WARN_UNUSED_RESULT;
/* Those that follow @id directly, oldest first. */
GPtrArray *anx_record_index_list_successors (AnxRecordIndex *self, const char *id) G_GNUC_WARN_UNUSED_RESULT;

/* Opens the records of a story that were not opened at the start; they come by "opened". */
void anx_record_index_open_story (AnxRecordIndex *self, const char *story);
void anx_record_index_forget (AnxRecordIndex *self, const char *id);

G_END_DECLS

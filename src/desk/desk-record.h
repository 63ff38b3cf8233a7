/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * A record as the desk reads it: opened when one of our keys opens it, else with its clear header alone. Immutable,
 * reference counted. And what follows from a chain of them. No I/O. Main thread.
 */
typedef struct
{
  gatomicrefcount references;
  char *id;
  char *kind;
  char *author;
  char *predecessor;    /* (nullable) */
  gint64 created_usec;
  JsonObject *routing;
  JsonObject *resource; /* (nullable) not opened */
} AnxDeskRecord;

AnxDeskRecord *anx_desk_record_new (const char *id, const char *kind, const char *author, const char *predecessor,
                                    gint64 created_usec, JsonObject *routing, JsonObject *resource) G_GNUC_WARN_UNUSED_RESULT;
AnxDeskRecord *anx_desk_record_ref (AnxDeskRecord *self);
void           anx_desk_record_unref (AnxDeskRecord *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxDeskRecord, anx_desk_record_unref)

/* What a chain says now. @path from the first record to @tip; @conflict holds the records that contradict one another. */
typedef struct
{
  AnxDeskRecord *tip;
  GPtrArray *path;     /* (element-type AnxDeskRecord) */
  GPtrArray *conflict; /* (nullable) (element-type AnxDeskRecord) oldest first, two or more */
} AnxDeskChain;

AnxDeskChain *anx_desk_chain_follow (AnxDeskRecord *first, GPtrArray *records) G_GNUC_WARN_UNUSED_RESULT;
void          anx_desk_chain_free (AnxDeskChain *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxDeskChain, anx_desk_chain_free)

G_END_DECLS

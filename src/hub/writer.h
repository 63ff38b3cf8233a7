/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "request.h"

G_BEGIN_DECLS

/*
 * The one thread that writes. It takes what waits, at most ANX_WRITER_GROUP operations or ANX_WRITER_GROUP_BYTES, runs each in a
 * savepoint of one transaction, commits, and only then hands the requests back. So an answer means: on the disk.
 */
#define ANX_WRITER_GROUP 1000
#define ANX_WRITER_GROUP_BYTES (4 * 1024 * 1024)

typedef struct _AnxWriter AnxWriter;
typedef void (*AnxWriterDone) (AnxRequest *request); /* on the writer's thread */

/* Takes over @database, which nobody else may use until anx_writer_stop(). */
AnxWriter *anx_writer_start (AnxDatabase *database, AnxWriterDone done) G_GNUC_WARN_UNUSED_RESULT;
void       anx_writer_push (AnxWriter *self, AnxRequest *request);  /* any thread */
guint      anx_writer_count_waiting (AnxWriter *self);              /* any thread */
void       anx_writer_empty_log (AnxWriter *self);                  /* from a run function, when something was erased */
void       anx_writer_stop (AnxWriter *self);                       /* after all that was pushed is done */

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * How a crisis alert goes over the local network: one message in numbered datagrams, put together again by AnxLocalAssembly. Knows no
 * keys; whoever takes a message verifies it. The form is in README.md.
 */

/**
 * AnxLocalType:
 * @ANX_LOCAL_RECORD: a signed envelope, an alert or an acknowledgement; the subject is the record's id
 * @ANX_LOCAL_RECEIPT: a desk has the alert on its disk; the subject is the alert's id
 */
typedef enum
{
  ANX_LOCAL_RECORD = 1,
  ANX_LOCAL_RECEIPT = 2,
} AnxLocalType;

/* A datagram fits the smallest MTU of IPv6 (RFC 8200: 1280), so that no network has to cut it. */
#define ANX_LOCAL_HEAD_BYTES 40
#define ANX_LOCAL_PART_BYTES 1192
#define ANX_LOCAL_MOST_PARTS 16
#define ANX_LOCAL_MESSAGE_BYTES (ANX_LOCAL_PART_BYTES * ANX_LOCAL_MOST_PARTS)

/* (element-type GBytes) The datagrams of @message; NULL with ANX_SYNC_ERROR_INVALID when it is empty or too large. */
GPtrArray *anx_local_message_split (AnxLocalType type, const char *subject, GBytes *message, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Main thread. Bounded: 64 messages at a time, 8 of one source, each for at most 10 s. */
typedef struct _AnxLocalAssembly AnxLocalAssembly;
AnxLocalAssembly *anx_local_assembly_new (void) G_GNUC_WARN_UNUSED_RESULT;
void              anx_local_assembly_free (AnxLocalAssembly *self);
/* The message that this datagram completes, or NULL. @source is whoever it came from, @now_usec monotonic. */
GBytes           *anx_local_assembly_take (AnxLocalAssembly *self, const char *source, const guint8 *data, gsize size, gint64 now_usec,
                                           AnxLocalType *out_type, char **out_subject) G_GNUC_WARN_UNUSED_RESULT;
guint             anx_local_assembly_count (AnxLocalAssembly *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxLocalAssembly, anx_local_assembly_free)

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "break-glass.h"
#include "desk-service.h"

G_BEGIN_DECLS

/*
 * Opening what a colleague wrote about a session, for a time and a reason (src/hub/README.md, "Break-glass"). What was opened is in the view alone: not
 * on the disk, not in the model, not in the index. Main thread.
 *
 * V1 Without the hub nothing is opened and no reason is written down for later: a door that opens hours afterwards would be nobody's wish.
 * V2 Nothing is asked for before the hub has acknowledged the record that tells the author and the supervision.
 * V3 Only what is genuine, of this session and of the covered kinds is shown.
 */
typedef struct
{
  char *booking;
  gint64 start_usec;
  char *room;
  char *counsellor;
  guint records;
  gint64 until_usec; /* open for this person until then; 0 = closed */
} AnxGlassSession;

/* What opening would mean. */
typedef struct
{
  guint records;
  char **told;       /* principals who will be told, supervision included */
  gint64 until_usec; /* 0 = closed */
} AnxGlassStory;

typedef struct
{
  gint64 until_usec;
  GPtrArray *records; /* (element-type AnxDeskRecord), oldest first, all opened */
  guint unreadable;   /* sealed before this person had the group's key, or not genuine */
} AnxGlassView;

void anx_glass_session_free (AnxGlassSession *self);
void anx_glass_story_free (AnxGlassStory *self);
void anx_glass_view_free (AnxGlassView *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxGlassStory, anx_glass_story_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxGlassView, anx_glass_view_free)

const char          *anx_desk_glass_get_centre (AnxDeskService *service); /* (nullable) whose group this person belongs to */
const AnxPrincipal  *anx_desk_glass_find_group (AnxDeskService *service, const char *booking); /* (nullable) to which its records are sealed, too */
AnxGlassRules       *anx_desk_glass_load_rules (AnxDeskService *service, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Records of others that this person is told of or wrote, newest first: (element-type AnxDeskRecord) */
GPtrArray           *anx_desk_glass_list_notices (AnxDeskService *service, gint64 since_usec) G_GNUC_WARN_UNUSED_RESULT;

void           anx_desk_glass_list_async (AnxDeskService *service, gint64 from_usec, gint64 to_usec, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray     *anx_desk_glass_list_finish (AnxDeskService *service, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* (element-type AnxGlassSession) */
void           anx_desk_glass_ask_async (AnxDeskService *service, const char *booking, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
AnxGlassStory *anx_desk_glass_ask_finish (AnxDeskService *service, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void           anx_desk_glass_open_async (AnxDeskService *service, const char *booking, const AnxGlassStory *story, const char *reason, const char *words, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
AnxGlassView  *anx_desk_glass_open_finish (AnxDeskService *service, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

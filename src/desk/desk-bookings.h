/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "appointment.h"
#include "desk-service.h"
#include "intake.h"

G_BEGIN_DECLS

/*
 * What a desk does with time at the hub: free slots, moves, bookings for somebody, the walk-in queue, working plans, work items, the
 * address of the own calendar. The hub is the authority: an answer comes now or there is none. Only times that are lent to this desk can
 * be booked without it.
 * One for each service; it ends with it. Main thread.
 *
 * Signal: changed ()   queue, work items, plans or what was refused may be other ones now
 * Signal: booked (const char *booking)   this desk booked it for somebody; the model knows it
 */
#define ANX_TYPE_DESK_BOOKINGS (anx_desk_bookings_get_type ())
G_DECLARE_FINAL_TYPE (AnxDeskBookings, anx_desk_bookings, ANX, DESK_BOOKINGS, GObject)

typedef struct
{
  char *id;
  gint64 number;
  char *service;
  char *state;        /* waiting called skipped serving done gone */
  char *counsellor;   /* (nullable) */
  char *room;         /* (nullable) */
  char *booking;      /* (nullable) made when the resident came */
  gint64 created_usec;
  gint64 changed_usec;
} AnxDeskTicket;

typedef struct
{
  char *id;
  char *kind;         /* follow-up promised-twice asked stray-leases room-closed */
  char *booking;      /* (nullable) */
  char *kiosk;        /* (nullable) */
  gint64 created_usec;
} AnxDeskWorkItem;

/* A case from outside: somebody this centre was asked to look after. The intake record with @id says whom. */
typedef struct
{
  char *id;
  char *source;       /* hotline grid alarm */
  char *urgency;      /* routine urgent immediate */
  char *status;       /* received taken-on closed */
  char *light;        /* (nullable) green yellow red */
  char *taken_by;     /* (nullable) */
  gint64 received_usec;
  gint64 taken_usec;
  gint64 due_usec;    /* 0 once it is closed */
} AnxDeskIntake;

/* Somebody who would come if a time became free. The contact record that names @id has name and telephone. */
typedef struct
{
  char *id;
  char *service;
  char *counsellor;   /* (nullable) any */
  char *channel;      /* how they are told: ANX_DESK_CHANNEL or by the gateway */
  char *state;        /* open closed */
  gint64 from_usec;
  gint64 to_usec;
  gint64 created_usec;
  gint64 notices;     /* how often they were told; on how many days they were called in vain */
  gint64 noticed_usec; /* when something became free for them; 0 = nothing did since the last call */
} AnxDeskWaiting;

/* The staff call people on the waiting list themselves. */
#define ANX_DESK_CHANNEL "staff"

/* A room in which nobody is received for a time. */
typedef struct
{
  char *id;
  char *room;         /* (nullable) all of them */
  char *reason;       /* (nullable) a word */
  gint64 from_usec;
  gint64 to_usec;
} AnxDeskClosure;

/* A time that only one kiosk, or the desk of one of the staff, may sell. */
typedef struct
{
  char *kiosk;        /* or whose desk it is */
  char *state;        /* lent stray */
  gint64 start_usec;
  gint64 seen_usec;   /* when it was last heard of; 0 = never */
} AnxDeskLease;

/* A time that was lent to this desk, sold without the hub, and refused by it. The contact record that names @id has name and telephone. */
typedef struct
{
  char *id;
  char *service;
  char *counsellor;
  char *room;
  char *problem;      /* (nullable) why, for people */
  gint64 start_usec;
} AnxDeskRefused;

typedef struct
{
  char *counsellor;
  char *room;
  char *lease;        /* (nullable) it is this desk's, and can be sold without the hub; nothing can be moved to it */
  guint unanswered;   /* so many sessions from here on were asked for and not answered; 0 = it is free */
  gint64 start_usec;
  gint64 end_usec;
} AnxDeskSlot;

void anx_desk_slot_free (AnxDeskSlot *slot);

typedef struct
{
  gint64 at_usec;
  char *who;
  char *what;         /* made moved status */
  char *status;
  char *counsellor;
  char *room;
  char *reason;       /* (nullable) */
  gint64 start_usec;
} AnxDeskChange;

/* What staff books for somebody. */
typedef struct
{
  const char *service;
  const char *counsellor; /* (nullable) the least loaded */
  const char *room;       /* (nullable) any */
  const char *origin;     /* staff outreach walk-in */
  const char *name;       /* what anx_name_check() passes */
  const char *phone;      /* may be empty */
  gint64 start_usec;      /* of the first session */
  guint sessions;         /* 1 to ANX_DESK_SESSIONS_MAX, a week apart */
} AnxDeskWish;

/* The hub gives at most so many free times in one answer. */
#define ANX_DESK_SLOTS_MOST 500

/* Sessions of a series, as the hub takes them. */
#define ANX_DESK_SESSIONS_MAX 16

AnxDeskBookings *anx_desk_bookings_get (AnxDeskService *service);
void             anx_desk_bookings_refresh (AnxDeskBookings *self);
const char      *anx_desk_bookings_get_centre (AnxDeskBookings *self); /* (nullable) */

GPtrArray  *anx_desk_bookings_get_tickets (AnxDeskBookings *self);    /* (element-type AnxDeskTicket), by number */
GPtrArray  *anx_desk_bookings_get_work (AnxDeskBookings *self);       /* (element-type AnxDeskWorkItem), oldest first */
GPtrArray  *anx_desk_bookings_get_waiting (AnxDeskBookings *self);    /* (element-type AnxDeskWaiting), who came first first */
GPtrArray  *anx_desk_bookings_get_closures (AnxDeskBookings *self);   /* (element-type AnxDeskClosure), soonest first */
GPtrArray  *anx_desk_bookings_get_leases (AnxDeskBookings *self);     /* (element-type AnxDeskLease), by kiosk or desk, soonest first; for staff */
GPtrArray  *anx_desk_bookings_get_refused (AnxDeskBookings *self);    /* (element-type AnxDeskRefused), oldest first */
gboolean    anx_desk_bookings_forget_refused (AnxDeskBookings *self, const char *id, GError **error);
GPtrArray  *anx_desk_bookings_get_intakes (AnxDeskBookings *self);    /* (element-type AnxDeskIntake), who came first first */
const AnxIntake *anx_desk_bookings_read_intake (AnxDeskBookings *self, const char *intake); /* (nullable) */
gboolean    anx_desk_waiting_is_called (const AnxDeskWaiting *entry); /* by the staff */
gboolean    anx_desk_waiting_is_due (const AnxDeskWaiting *entry);    /* now */
JsonObject *anx_desk_bookings_get_plan (AnxDeskBookings *self, const char *counsellor); /* (nullable) */
GPtrArray  *anx_desk_bookings_list_counsellors (AnxDeskBookings *self) G_GNUC_WARN_UNUSED_RESULT; /* (element-type AnxPrincipal) of the centre */
GPtrArray  *anx_desk_bookings_list_rooms (AnxDeskBookings *self) G_GNUC_WARN_UNUSED_RESULT;       /* (element-type utf8) */
GPtrArray  *anx_desk_bookings_list_services (AnxDeskBookings *self) G_GNUC_WARN_UNUSED_RESULT;    /* (element-type AnxService) */
GArray     *anx_desk_bookings_list_open (AnxDeskBookings *self, const char *counsellor, gint64 from_usec, gint64 to_usec) G_GNUC_WARN_UNUSED_RESULT; /* (element-type AnxSpan) */
AnxCalendar *anx_desk_bookings_get_calendar (AnxDeskBookings *self);  /* (nullable) */

/* All of these end with anx_desk_bookings_finish(), but for those with a finish of their own. */
void     anx_desk_bookings_move_async (AnxDeskBookings *self, const char *booking, gint64 start_usec, const char *counsellor, const char *room, const char *reason, GAsyncReadyCallback callback, gpointer user_data);
void     anx_desk_bookings_call_next_async (AnxDeskBookings *self, const char *room, GAsyncReadyCallback callback, gpointer user_data);
void     anx_desk_bookings_add_ticket_async (AnxDeskBookings *self, const char *service, GAsyncReadyCallback callback, gpointer user_data);
void     anx_desk_bookings_ticket_async (AnxDeskBookings *self, const char *ticket, const char *action, const char *room, const char *booking, GAsyncReadyCallback callback, gpointer user_data);
void     anx_desk_bookings_work_done_async (AnxDeskBookings *self, const char *item, GAsyncReadyCallback callback, gpointer user_data);
void     anx_desk_bookings_intake_async (AnxDeskBookings *self, const char *intake, const char *outcome, GAsyncReadyCallback callback, gpointer user_data);
void     anx_desk_bookings_reclaim_async (AnxDeskBookings *self, const char *kiosk, GAsyncReadyCallback callback, gpointer user_data);
void     anx_desk_bookings_waiting_async (AnxDeskBookings *self, const char *entry, const char *action, GAsyncReadyCallback callback, gpointer user_data);
void     anx_desk_bookings_close_room_async (AnxDeskBookings *self, const char *room, gint64 from_usec, gint64 to_usec, const char *reason, GAsyncReadyCallback callback, gpointer user_data);
void     anx_desk_bookings_open_room_async (AnxDeskBookings *self, const char *closure, GAsyncReadyCallback callback, gpointer user_data);
void     anx_desk_bookings_save_plan_async (AnxDeskBookings *self, const char *counsellor, JsonObject *plan, GAsyncReadyCallback callback, gpointer user_data);
JsonObject *anx_desk_bookings_finish (AnxDeskBookings *self, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void       anx_desk_bookings_list_slots_async (AnxDeskBookings *self, const char *service, const char *counsellor, const char *room, gint64 from_usec, gint64 to_usec, gboolean once, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *anx_desk_bookings_list_slots_finish (AnxDeskBookings *self, GAsyncResult *result, gboolean *out_offline, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* (element-type AnxDeskSlot) */
void       anx_desk_bookings_list_changes_async (AnxDeskBookings *self, const char *booking, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *anx_desk_bookings_list_changes_finish (AnxDeskBookings *self, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* (element-type AnxDeskChange) */
void       anx_desk_bookings_book_async (AnxDeskBookings *self, const AnxDeskWish *wish, GAsyncReadyCallback callback, gpointer user_data);
void       anx_desk_bookings_offer_unanswered (AnxDeskBookings *self, const char *service, const char *counsellor, GPtrArray *slots);
/* @entry: a UUID; the same again is the same entry. */
void       anx_desk_bookings_wait_async (AnxDeskBookings *self, const char *entry, const AnxDeskWish *wish, GAsyncReadyCallback callback, gpointer user_data);
gboolean   anx_desk_bookings_wait_finish (AnxDeskBookings *self, GAsyncResult *result, GError **error);
gint64     anx_desk_bookings_get_session (AnxDeskBookings *self, const AnxDeskWish *wish, guint index);
char      *anx_desk_bookings_book_finish (AnxDeskBookings *self, GAsyncResult *result, char **out_booking, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* the code */
void       anx_desk_bookings_make_calendar_async (AnxDeskBookings *self, gboolean revoke, GAsyncReadyCallback callback, gpointer user_data);
char      *anx_desk_bookings_make_calendar_finish (AnxDeskBookings *self, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* the address; empty after a revocation */

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-model.h"

G_BEGIN_DECLS

/* What the files of desk-model share. */

struct _AnxDeskModel
{
  GObject parent_instance;
  char *principal;
  AnxClock *clock;
  AnxCalendar *calendar;
  AnxReferralLimits *limits; /* (nullable) */
  AnxDirectory *directory;   /* (nullable) */
  GHashTable *bookings;      /* id → AnxDeskBooking */
  GHashTable *contacts;      /* booking → AnxDeskContact */
  GHashTable *alerts;        /* id → AnxDeskAlert */
  GHashTable *referrals;     /* task → AnxDeskLoop */
  GHashTable *screenings;    /* record id → AnxDeskScreening */
  GHashTable *records;       /* id → AnxDeskRecord */
};

/* Feeds of desk-model.c, one for each story. */
typedef gboolean (*AnxDeskPutFunc) (AnxDeskModel *self, JsonObject *json);
guint anx_desk_model_put_all (AnxDeskModel *self, JsonArray *array, AnxDeskPutFunc put);
void anx_desk_model_emit_changed (AnxDeskModel *self);
const char *anx_desk_get_field (JsonObject *object, const char *member); /* (nullable) */
void anx_desk_set_text (char **place, const char *text);

void anx_desk_model_take_contact (AnxDeskModel *self, AnxDeskRecord *record);
void anx_desk_model_take_screening (AnxDeskModel *self, AnxDeskRecord *record);
void anx_desk_model_take_alert (AnxDeskModel *self, AnxDeskRecord *record);
void anx_desk_model_take_acknowledgement (AnxDeskModel *self, AnxDeskRecord *record);
void anx_desk_model_take_level_change (AnxDeskModel *self, AnxDeskRecord *record);
void anx_desk_model_forget_alert_words (AnxDeskModel *self, AnxDeskRecord *record);
void anx_desk_model_take_referral (AnxDeskModel *self, AnxDeskRecord *record);
void anx_desk_model_take_referral_event (AnxDeskModel *self, AnxDeskRecord *record);

typedef struct _AnxDeskLoop AnxDeskLoop;
void anx_desk_booking_free (AnxDeskBooking *self);
void anx_desk_contact_free (AnxDeskContact *self);
void anx_desk_alert_free (AnxDeskAlert *self);
void anx_desk_model_follow_levels (AnxDeskModel *self); /* of all alerts, by the directory now in force */
void anx_desk_screening_free (AnxDeskScreening *self);
void anx_desk_loop_free (AnxDeskLoop *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* Small pieces the pages are made of. All GtkWidget* are floating references. Main thread. */

GtkWidget *anx_desk_label_new (const char *text, const char *css_class);
GtkWidget *anx_desk_button_new (const char *label, const char *css_class, const char *action, const char *target);
/* GTK 4.8 names a button by its label twice, once with the mnemonic's underscore; this leaves what is seen, or @name alone. */
void       anx_desk_button_set_label (GtkButton *button, const char *label, const char *name);
void       anx_desk_set_mnemonic (GtkWidget *label, GtkWidget *widget, const char *name);
GtkWidget *anx_desk_icon_button_new (const char *icon, const char *name, const char *action, const char *target);
GtkWidget *anx_desk_chip_new (const char *icon, const char *text, const char *css_class);
GtkWidget *anx_desk_light_new (AnxLevel light, gint64 due_usec, gint64 now_usec, const char *zone);
GtkWidget *anx_desk_list_new (void);
GtkWidget *anx_desk_row_new (const char *title, const char *subtitle);
GtkWidget *anx_desk_switch_row_new (const char *title, const char *subtitle, GtkSwitch **out_switch);
GtkWidget *anx_desk_heading_new (const char *text);
GtkWidget *anx_desk_page_new (GtkWidget *content, int width);

/* Shows @fresh (transfer floating) in place of what @place shows; when both look the same, what is there stays, with its focus. */
void       anx_desk_place_update (AdwBin *place, GtkWidget *fresh);

/* Words. */
const char *anx_desk_booking_status_text (const char *status);
const char *anx_desk_booking_status_style (const char *status);
const char *anx_desk_booking_status_icon (const char *status);
const char *anx_desk_urgency_text (AnxUrgency urgency);
const char *anx_desk_level_text (AnxLevel level);
char       *anx_desk_minutes_text (gint64 minutes) G_GNUC_WARN_UNUSED_RESULT;
char       *anx_desk_format_score (const AnxScore *score) G_GNUC_WARN_UNUSED_RESULT;
const char *anx_desk_band_text (const AnxScore *score);
const char *anx_desk_score_name (const AnxScore *score);
char       *anx_desk_describe_score (const AnxScore *score, const char *title) G_GNUC_WARN_UNUSED_RESULT;
char       *anx_desk_describe_person (AnxDeskService *service, const char *booking) G_GNUC_WARN_UNUSED_RESULT;
char       *anx_desk_describe_booking (AnxDeskService *service, const AnxDeskBooking *booking) G_GNUC_WARN_UNUSED_RESULT;
/* Answers, scores and bands of a screening; what is missing is said. */
GtkWidget  *anx_desk_screening_view_new (AnxDeskService *service, const AnxDeskScreening *screening);

G_END_DECLS

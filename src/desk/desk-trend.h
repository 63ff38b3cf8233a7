/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/*
 * How the scores of one resident went over time: a chart, the same as a table, and in words what changed since the time before. Shown
 * only when there are at least two values of one score.
 */
GtkWidget *anx_desk_trend_view_new (AnxDeskService *service, const char *booking);

/* One value; what the chart draws. */
typedef struct
{
  gint64 when_usec;
  double value;
  AnxLevel level;
  char *band;       /* (nullable) in the screen's language */
  char *version;    /* of the questionnaire */
  guint missing;    /* items without an answer */
  gboolean prorated;
} AnxTrendPoint;

/* A strip of the chart's ground. */
typedef struct
{
  double from;
  double to;
  AnxLevel level;
} AnxTrendBand;

GtkWidget *anx_trend_chart_new (GPtrArray *points, GArray *bands, const char *zone, const char *description);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-trend.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "desk-widgets.h"
#include "ui-text.h"

/* One score of one instrument over time. */
typedef struct
{
  char *url;   /* of the questionnaire, without its version */
  char *code;
  char *title;
  GPtrArray *points; /* AnxTrendPoint */
  const AnxScreeningPart *before; /* (nullable) of the time before the last */
  const AnxScreeningPart *last;
} Trend;

static void
point_free (gpointer data)
{
  AnxTrendPoint *point = data;
  g_free (point->band);
  g_free (point->version);
  g_free (point);
}

static void
trend_free (gpointer data)
{
  Trend *trend = data;
  g_free (trend->url);
  g_free (trend->code);
  g_free (trend->title);
  g_ptr_array_unref (trend->points);
  g_free (trend);
}

static Trend *
ensure_trend (GPtrArray *trends,
              AnxDeskService *service,
              const AnxScreeningPart *part,
              const AnxScore *score)
{
  const char *bar = strchr (part->canonical, '|');
  g_autofree char *url = bar != NULL ? g_strndup (part->canonical, (gsize) (bar - part->canonical)) : g_strdup (part->canonical);
  for (guint i = 0; i < trends->len; i++)
    {
      Trend *trend = g_ptr_array_index (trends, i);
      if (strcmp (trend->url, url) == 0 && strcmp (trend->code, score->code) == 0)
        return trend;
    }
  const char *name = anx_desk_score_name (score);
  AnxQuestionnaire *questionnaire = anx_desk_service_get_questionnaire (service, part->canonical);
  Trend *trend = g_new0 (Trend, 1);
  trend->title = name != NULL            ? g_strdup (name)
                 : questionnaire != NULL ? anx_questionnaire_dup_title (questionnaire, anx_ui_get_language ())
                                         : g_strdup (url);
  trend->url = g_steal_pointer (&url);
  trend->code = g_strdup (score->code);
  trend->points = g_ptr_array_new_with_free_func (point_free);
  g_ptr_array_add (trends, trend);
  return trend;
}

static guint
count_missing (AnxDeskService *service,
               const AnxScreeningPart *part)
{
  AnxQuestionnaire *questionnaire = anx_desk_service_get_questionnaire (service, part->canonical);
  g_autoptr (AnxAnswers) answers = questionnaire != NULL ? anx_answers_parse (questionnaire, part->response, NULL) : NULL;
  guint missing = 0;
  for (guint i = 0; answers != NULL && i < anx_questionnaire_get_n_items (questionnaire); i++)
    if (anx_answers_is_enabled (answers, i) && anx_answers_get (answers, i) < 0)
      missing++;
  return missing;
}

static void
add_part (GPtrArray *trends,
          AnxDeskService *service,
          const AnxDeskScreening *screening,
          const AnxScreeningPart *part)
{
  const char *bar = strchr (part->canonical, '|');

  for (guint i = 0; i < part->scores->len; i++)
    {
      const AnxScore *score = g_ptr_array_index (part->scores, i);
      if (!score->present)
        continue;
      Trend *trend = ensure_trend (trends, service, part, score);
      AnxTrendPoint *point = g_new0 (AnxTrendPoint, 1);
      point->when_usec = screening->record->created_usec;
      point->value = score->value;
      point->level = score->level;
      point->band = g_strdup (anx_desk_band_text (score));
      point->version = g_strdup (bar != NULL ? bar + 1 : "");
      point->missing = count_missing (service, part);
      point->prorated = score->prorated;
      g_ptr_array_add (trend->points, point);
      trend->before = trend->last;
      trend->last = part;
    }
}

/* With the year: a trend may go over several. */
static char *
dup_when (const AnxTrendPoint *point,
          const char *zone)
{
  g_autofree char *day = anx_ui_format_date (point->when_usec, zone), *time = anx_ui_format_time (point->when_usec, zone);
  return g_strdup_printf ("%s %s", day, time);
}

/* In one sentence what a first-time reader looks for. */
static char *
describe_change (const Trend *trend,
                 const char *zone)
{
  const AnxTrendPoint *before = g_ptr_array_index (trend->points, trend->points->len - 2);
  const AnxTrendPoint *last = g_ptr_array_index (trend->points, trend->points->len - 1);
  g_autofree char *when = dup_when (before, zone);
  double change = last->value - before->value;

  if (fabs (change) < 0.05)
    return g_strdup_printf (_ ("The same as last time (%g, %s)."), last->value, when);
  /* Translators: 5 points lower than last time (14 → 9, 2026-11-01 10:00). */
  return g_strdup_printf (change < 0 ? _ ("%g points lower than last time (%g → %g, %s).") : _ ("%g points higher than last time (%g → %g, %s)."),
                          fabs (change), before->value, last->value, when);
}

static char *
describe_rest (const AnxTrendPoint *point)
{
  if (point->missing == 0)
    /* Translators: of a filled-in questionnaire. */
    return g_strdup_printf (_ ("Everything answered · version %s"), point->version);
  return g_strdup_printf (ngettext ("%u question not answered · version %s", "%u questions not answered · version %s", point->missing),
                          point->missing, point->version);
}

/* Two lines each time, in any width. */
static GtkWidget *
build_times (const Trend *trend,
             const char *zone)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  for (guint i = trend->points->len; i > 0; i--)
    {
      /* The newest first: that is what is looked for. */
      const AnxTrendPoint *point = g_ptr_array_index (trend->points, i - 1);
      g_autofree char *when = dup_when (point, zone);
      g_autofree char *value = g_strdup_printf (point->prorated ? _ ("%g (estimated)") : "%g", point->value);
      g_autofree char *line = g_strdup_printf ("%s · %s · %s", when, value, point->band != NULL ? point->band : anx_desk_level_text (point->level));
      g_autofree char *rest = describe_rest (point);

      gtk_box_append (GTK_BOX (box), anx_desk_label_new (line, NULL));
      gtk_box_append (GTK_BOX (box), anx_desk_label_new (rest, "dim-label"));
    }
  return box;
}

/* Of the last time: a site may have changed its cut-offs since. */
static GArray *
list_bands (AnxDeskService *service,
            const Trend *trend)
{
  AnxQuestionnaire *questionnaire = anx_desk_service_get_questionnaire (service, trend->last->canonical);
  GArray *bands = g_array_new (FALSE, FALSE, sizeof (AnxTrendBand));
  AnxTrendBand band;

  while (questionnaire != NULL && anx_questionnaire_get_band (questionnaire, trend->code, bands->len, &band.from, &band.to, &band.level))
    g_array_append_val (bands, band);
  return bands;
}

static char *
dup_answer (AnxAnswers *answers,
            guint item)
{
  int chosen = anx_answers_get (answers, item);
  if (chosen == ANX_ANSWER_DECLINED)
    return g_strdup (_ ("Preferred not to say"));
  if (chosen == ANX_ANSWER_NONE)
    return g_strdup (_ ("Not answered"));
  return anx_answers_dup_text (answers, item, anx_ui_get_language ());
}

static void
append_item_changes (GtkWidget *box,
                     AnxDeskService *service,
                     const Trend *trend)
{
  const char *language = anx_ui_get_language ();
  AnxQuestionnaire *questionnaire = anx_desk_service_get_questionnaire (service, trend->last->canonical);
  if (questionnaire == NULL || trend->before == NULL || strcmp (trend->before->canonical, trend->last->canonical) != 0)
    return;
  g_autoptr (AnxAnswers) before = anx_answers_parse (questionnaire, trend->before->response, NULL);
  g_autoptr (AnxAnswers) last = anx_answers_parse (questionnaire, trend->last->response, NULL);
  GtkWidget *lines = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  guint changed = 0;

  for (guint i = 0; before != NULL && last != NULL && i < anx_questionnaire_get_n_items (questionnaire); i++)
    {
      if (anx_answers_get (before, i) == anx_answers_get (last, i))
        continue;
      g_autofree char *question = anx_questionnaire_dup_item_text (questionnaire, i, language);
      g_autofree char *was = dup_answer (before, i);
      g_autofree char *is = dup_answer (last, i);
      g_autofree char *text = g_strdup_printf ("%u. %s: %s → %s", i + 1, question, was, is);
      gtk_box_append (GTK_BOX (lines), anx_desk_label_new (text, NULL));
      changed++;
    }
  if (changed == 0)
    {
      g_object_ref_sink (lines);
      g_object_unref (lines);
      return;
    }
  g_autofree char *title = g_strdup_printf (ngettext ("%u answer changed", "%u answers changed", changed), changed);
  GtkWidget *expander = gtk_expander_new (title);
  gtk_expander_set_child (GTK_EXPANDER (expander), lines);
  gtk_box_append (GTK_BOX (box), expander);
}

static void
append_trend (GtkWidget *box,
              AnxDeskService *service,
              const Trend *trend)
{
  const char *zone = anx_desk_service_get_zone (service);
  g_autofree char *change = describe_change (trend, zone);
  g_autofree char *spoken = g_strdup_printf ("%s. %s", trend->title, change);

  gtk_box_append (GTK_BOX (box), anx_desk_label_new (trend->title, "heading"));
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (change, NULL));
  g_autoptr (GArray) bands = list_bands (service, trend);
  gtk_box_append (GTK_BOX (box), anx_trend_chart_new (trend->points, bands, zone, spoken));
  gtk_box_append (GTK_BOX (box), build_times (trend, zone));
}

/**
 * anx_desk_trend_view_new:
 * @service: the service
 * @booking: a booking's id
 *
 * Returns: (transfer floating): the scores of this resident over time; empty and hidden when there is nothing to compare
 */
GtkWidget *
anx_desk_trend_view_new (AnxDeskService *service,
                         const char *booking)
{
  AnxDeskModel *model = anx_desk_service_get_model (service);
  g_autoptr (GPtrArray) history = anx_desk_model_list_history (model, booking);
  g_autoptr (GPtrArray) trends = g_ptr_array_new_with_free_func (trend_free);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  guint shown = 0;

  for (guint i = 0; i < history->len; i++)
    {
      const AnxDeskScreening *screening = g_ptr_array_index (history, i);
      for (guint k = 0; k < screening->parts->len; k++)
        add_part (trends, service, screening, g_ptr_array_index (screening->parts, k));
    }
  for (guint i = 0; i < trends->len; i++)
    if (((Trend *) g_ptr_array_index (trends, i))->points->len > 1)
      {
        if (shown++ == 0)
          gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Over time")));
        append_trend (box, service, g_ptr_array_index (trends, i));
        /* Once for all scores of a questionnaire, which follow one another. */
        if (i + 1 == trends->len || strcmp (((Trend *) g_ptr_array_index (trends, i + 1))->url, ((Trend *) g_ptr_array_index (trends, i))->url) != 0)
          append_item_changes (box, service, g_ptr_array_index (trends, i));
      }
  if (shown > 0)
    gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("Taken together by the same name and telephone number."), "caption"));
  gtk_widget_set_visible (box, shown > 0);
  return box;
}

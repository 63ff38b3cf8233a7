/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calendar-cell.h"

#include "ui-text.h"

#define PADDING_PX 4
#define ICON_PX 14

struct _AnxCalendarCell
{
  GtkWidget parent_instance;
  PangoLayout *title;
  PangoLayout *subtitle;
  GtkIconPaintable *icon;
  const char *icon_name;
  const char *style;
  char *spoken;
};

G_DEFINE_FINAL_TYPE (AnxCalendarCell, anx_calendar_cell, GTK_TYPE_WIDGET)

static void
anx_calendar_cell_dispose (GObject *object)
{
  AnxCalendarCell *self = ANX_CALENDAR_CELL (object);
  g_clear_object (&self->title);
  g_clear_object (&self->subtitle);
  g_clear_object (&self->icon);
  g_clear_pointer (&self->spoken, g_free);
  G_OBJECT_CLASS (anx_calendar_cell_parent_class)->dispose (object);
}

static void
anx_calendar_cell_measure (GtkWidget *widget,
                           GtkOrientation orientation,
                           int for_size,
                           int *minimum,
                           int *natural,
                           int *minimum_baseline,
                           int *natural_baseline)
{
  *minimum = 0;
  *natural = 0;
}

static void
prepare (PangoLayout *layout,
         int width)
{
  if (pango_layout_get_width (layout) != width * PANGO_SCALE)
    pango_layout_set_width (layout, width * PANGO_SCALE);
}

static void
anx_calendar_cell_snapshot (GtkWidget *widget,
                            GtkSnapshot *snapshot)
{
  AnxCalendarCell *self = ANX_CALENDAR_CELL (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  int text_width = width - 2 * PADDING_PX - ICON_PX - 3;
  GdkRGBA colour;
  int line = 0;

  if (width < 2 * PADDING_PX + ICON_PX)
    return;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &colour);
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  if (self->icon != NULL)
    {
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (PADDING_PX, 2));
      gtk_symbolic_paintable_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (self->icon), snapshot, ICON_PX, ICON_PX, &colour,
                                                1);
      gtk_snapshot_restore (snapshot);
    }
  if (text_width > 8 && self->title != NULL)
    {
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (PADDING_PX + ICON_PX + 3, 1));
      prepare (self->title, text_width);
      gtk_snapshot_append_layout (snapshot, self->title, &colour);
      pango_layout_get_pixel_size (self->title, NULL, &line);
      if (self->subtitle != NULL && height > 2 * line)
        {
          gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (0, line));
          prepare (self->subtitle, text_width);
          gtk_snapshot_append_layout (snapshot, self->subtitle, &colour);
        }
      gtk_snapshot_restore (snapshot);
    }
  gtk_snapshot_pop (snapshot);
}

static void
anx_calendar_cell_class_init (AnxCalendarCellClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = anx_calendar_cell_dispose;
  widget_class->measure = anx_calendar_cell_measure;
  widget_class->snapshot = anx_calendar_cell_snapshot;
  gtk_widget_class_set_css_name (widget_class, "calendarcell");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_BUTTON);
}

static void
anx_calendar_cell_init (AnxCalendarCell *self)
{
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

/**
 * anx_calendar_cell_new:
 *
 * Returns: (transfer floating): an empty cell
 */
GtkWidget *
anx_calendar_cell_new (void)
{
  return g_object_new (ANX_TYPE_CALENDAR_CELL, NULL);
}

/* Gives whether the text became another. */
static gboolean
set_layout (AnxCalendarCell *self,
            PangoLayout **layout,
            const char *text,
            gboolean bold)
{
  if (text == NULL || *text == '\0')
    {
      gboolean had = *layout != NULL;
      g_clear_object (layout);
      return had;
    }
  if (*layout != NULL && g_str_equal (pango_layout_get_text (*layout), text))
    return FALSE;
  if (*layout == NULL)
    {
      g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
      *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), NULL);
      pango_attr_list_insert (attributes, pango_attr_scale_new (0.9));
      if (bold)
        pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
      pango_layout_set_attributes (*layout, attributes);
      pango_layout_set_ellipsize (*layout, PANGO_ELLIPSIZE_END);
      pango_layout_set_single_paragraph_mode (*layout, TRUE);
    }
  pango_layout_set_text (*layout, text, -1);
  return TRUE;
}

static void
set_icon (AnxCalendarCell *self,
          const char *icon)
{
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gtk_widget_get_display (GTK_WIDGET (self)));

  g_clear_object (&self->icon);
  self->icon_name = icon;
  if (icon != NULL)
    self->icon = gtk_icon_theme_lookup_icon (theme, icon, NULL, ICON_PX, gtk_widget_get_scale_factor (GTK_WIDGET (self)),
                                             gtk_widget_get_direction (GTK_WIDGET (self)), 0);
}

/**
 * anx_calendar_cell_set_text:
 * @self: a cell
 * @icon: (nullable): a symbolic icon, a static string
 * @style: a style class, a static string
 * @title: the first line
 * @subtitle: (nullable): the second
 * @spoken: what a screen reader says
 */
void
anx_calendar_cell_set_text (AnxCalendarCell *self,
                            const char *icon,
                            const char *style,
                            const char *title,
                            const char *subtitle,
                            const char *spoken)
{
  gboolean changed = set_layout (self, &self->title, title, TRUE);

  changed |= set_layout (self, &self->subtitle, subtitle, FALSE);
  if (g_strcmp0 (self->icon_name, icon) != 0)
    {
      set_icon (self, icon);
      changed = TRUE;
    }
  if (g_strcmp0 (self->style, style) != 0)
    {
      if (self->style != NULL)
        gtk_widget_remove_css_class (GTK_WIDGET (self), self->style);
      self->style = style;
      gtk_widget_add_css_class (GTK_WIDGET (self), style);
      changed = TRUE;
    }
  if (g_strcmp0 (self->spoken, spoken) != 0)
    {
      g_free (self->spoken);
      self->spoken = g_strdup (spoken);
      anx_ui_set_accessible_name (GTK_WIDGET (self), spoken);
    }
  if (changed)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

/**
 * anx_calendar_cell_set:
 * @self: a cell
 * @entry: what it shows
 */
void
anx_calendar_cell_set (AnxCalendarCell *self,
                       const AnxCalendarEntry *entry)
{
  anx_calendar_cell_set_text (self, entry->icon, entry->style, entry->title, entry->subtitle, entry->spoken);
}

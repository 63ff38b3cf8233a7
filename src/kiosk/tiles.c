/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tiles.h"

#define GAP_PX 24
/* With room to spare rows grow by this much and no more: a tile must still look like one thing to touch. */
#define MAX_GROWTH_PX 96

struct _AnxTiles
{
  GtkWidget parent_instance;

  int max_columns;
  int tile_width_px;
};

G_DEFINE_FINAL_TYPE (AnxTiles, anx_tiles, GTK_TYPE_WIDGET)

static int
anx_tiles_count_columns (AnxTiles *self, int width)
{
  int columns = self->max_columns;

  while (columns > 1 && (width - (columns - 1) * GAP_PX) / columns < self->tile_width_px)
    columns--;
  return columns;
}

static int
measure_row (GtkWidget *first, int columns, int tile_width, GtkWidget **out_next)
{
  int height = 0;

  for (int i = 0; i < columns && first != NULL; i++, first = gtk_widget_get_next_sibling (first))
    {
      int natural;
      gtk_widget_measure (first, GTK_ORIENTATION_VERTICAL, tile_width, NULL, &natural, NULL, NULL);
      height = MAX (height, natural);
    }
  *out_next = first;
  return height;
}

static void
anx_tiles_measure (GtkWidget *widget,
                   GtkOrientation orientation,
                   int for_size,
                   int *minimum,
                   int *natural,
                   int *minimum_baseline,
                   int *natural_baseline)
{
  AnxTiles *self = ANX_TILES (widget);
  GtkWidget *child = gtk_widget_get_first_child (widget);
  int total = 0;

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      for (; child != NULL; child = gtk_widget_get_next_sibling (child))
        {
          int child_minimum;
          gtk_widget_measure (child, orientation, -1, &child_minimum, NULL, NULL, NULL);
          total = MAX (total, child_minimum);
        }
      *minimum = total;
      *natural = MAX (total, self->max_columns * self->tile_width_px + (self->max_columns - 1) * GAP_PX);
      return;
    }
  if (for_size < 0)
    for_size = self->tile_width_px;
  int columns = anx_tiles_count_columns (self, for_size);
  int tile_width = (for_size - (columns - 1) * GAP_PX) / columns;
  while (child != NULL)
    total += measure_row (child, columns, tile_width, &child) + GAP_PX;
  *minimum = *natural = MAX (total - GAP_PX, 0);
}

static void
anx_tiles_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  int columns = anx_tiles_count_columns (ANX_TILES (widget), width);
  int tile_width = (width - (columns - 1) * GAP_PX) / columns, y = 0, n_rows = 0, natural = 0, growth;
  GtkWidget *child = gtk_widget_get_first_child (widget);

  while (child != NULL)
    {
      natural += measure_row (child, columns, tile_width, &child) + (n_rows > 0 ? GAP_PX : 0);
      n_rows++;
    }
  growth = n_rows > 0 ? CLAMP ((height - natural) / n_rows, 0, MAX_GROWTH_PX) : 0;
  y = MAX (height - natural - n_rows * growth, 0) / 4;
  child = gtk_widget_get_first_child (widget);

  while (child != NULL)
    {
      GtkWidget *next;
      int row_height = measure_row (child, columns, tile_width, &next) + growth, column = 0;
      for (; child != next; child = gtk_widget_get_next_sibling (child), column++)
        gtk_widget_allocate (child, tile_width, row_height, -1,
                             gsk_transform_translate (NULL, &GRAPHENE_POINT_INIT (column * (tile_width + GAP_PX), y)));
      y += row_height + GAP_PX;
    }
}

static GtkSizeRequestMode
anx_tiles_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
anx_tiles_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (anx_tiles_parent_class)->dispose (object);
}

static void
anx_tiles_class_init (AnxTilesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = anx_tiles_dispose;
  widget_class->measure = anx_tiles_measure;
  widget_class->size_allocate = anx_tiles_size_allocate;
  widget_class->get_request_mode = anx_tiles_get_request_mode;
}

static void
anx_tiles_init (AnxTiles *self)
{
}

/**
 * anx_tiles_new:
 * @max_columns: 1 to 8
 * @tile_width_px: narrower than this a tile is never made while fewer columns would help
 *
 * Returns: (transfer floating): an empty set of tiles
 */
GtkWidget *
anx_tiles_new (int max_columns, int tile_width_px)
{
  AnxTiles *self = g_object_new (ANX_TYPE_TILES, NULL);

  self->max_columns = CLAMP (max_columns, 1, 8);
  self->tile_width_px = MAX (tile_width_px, 1);
  return GTK_WIDGET (self);
}

/**
 * anx_tiles_append:
 * @self: the tiles
 * @tile: (transfer floating): the next one
 */
void
anx_tiles_append (AnxTiles *self, GtkWidget *tile)
{
  gtk_widget_set_parent (tile, GTK_WIDGET (self));
}

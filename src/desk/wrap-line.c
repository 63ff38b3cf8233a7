/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wrap-line.h"

struct _AnxWrapLine
{
  GtkWidget parent_instance;
  int spacing;
};

G_DEFINE_FINAL_TYPE (AnxWrapLine, anx_wrap_line, GTK_TYPE_WIDGET)

/* Some children that follow one another. */
typedef struct
{
  GtkWidget *first;
  GtkWidget *end;   /* (nullable) of the next line */
  int rest;         /* pixels that nobody asked for */
  int expanding;    /* children */
} Line;

static int
get_width (GtkWidget *child,
           int most)
{
  int minimum;
  int natural;

  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
  return MAX (minimum, MIN (natural, most));
}

static gboolean
next_line (AnxWrapLine *self,
           GtkWidget *first,
           int width,
           Line *out_line)
{
  GtkWidget *child;
  int used = 0;
  int n = 0;

  *out_line = (Line) { .first = first };
  for (child = first; child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      if (!gtk_widget_should_layout (child))
        continue;
      int wanted = get_width (child, width) + (n > 0 ? self->spacing : 0);
      if (n > 0 && used + wanted > width)
        break;
      used += wanted;
      n++;
      out_line->expanding += gtk_widget_compute_expand (child, GTK_ORIENTATION_HORIZONTAL);
    }
  out_line->end = child;
  out_line->rest = MAX (0, width - used);
  return n > 0;
}

/* Gives the children of a line their places, or with @y < 0 only says how high it is. */
static int
place_line (AnxWrapLine *self,
            const Line *line,
            int width,
            int y,
            int height)
{
  int highest = 0;
  int rest = line->rest;
  int expanding = line->expanding;
  int x = 0;

  for (GtkWidget *child = line->first; child != line->end; child = gtk_widget_get_next_sibling (child))
    {
      if (!gtk_widget_should_layout (child))
        continue;
      int own = get_width (child, width);
      int natural;
      if (expanding > 0 && gtk_widget_compute_expand (child, GTK_ORIENTATION_HORIZONTAL))
        {
          int more = rest / expanding--;
          own += more;
          rest -= more;
        }
      gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, own, NULL, &natural, NULL, NULL);
      highest = MAX (highest, natural);
      if (y >= 0)
        {
          gboolean mirrored = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
          gtk_widget_size_allocate (child, &(GtkAllocation) { mirrored ? width - x - own : x, y, own, height }, -1);
        }
      x += own + self->spacing;
    }
  return highest;
}

static void
anx_wrap_line_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  AnxWrapLine *self = ANX_WRAP_LINE (widget);
  Line line;
  int n = 0;

  *minimum = 0;
  *natural = 0;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
        {
          int least;
          int wanted;
          if (!gtk_widget_should_layout (child))
            continue;
          gtk_widget_measure (child, orientation, -1, &least, &wanted, NULL, NULL);
          *minimum = MAX (*minimum, least);
          *natural += wanted + (n++ > 0 ? self->spacing : 0);
        }
      return;
    }
  int width = for_size >= 0 ? for_size : G_MAXINT / 2;
  for (GtkWidget *at = gtk_widget_get_first_child (widget); next_line (self, at, width, &line); at = line.end)
    {
      if (for_size < 0)
        line.expanding = line.rest = 0;
      *natural += place_line (self, &line, width, -1, 0) + (n++ > 0 ? self->spacing : 0);
    }
  *minimum = *natural;
}

static void
anx_wrap_line_size_allocate (GtkWidget *widget,
                             int width,
                             int height,
                             int baseline)
{
  AnxWrapLine *self = ANX_WRAP_LINE (widget);
  int y = 0;
  Line line;

  for (GtkWidget *at = gtk_widget_get_first_child (widget); next_line (self, at, width, &line); at = line.end)
    {
      int high = place_line (self, &line, width, -1, 0);
      place_line (self, &line, width, y, high);
      y += high + self->spacing;
    }
}

static GtkSizeRequestMode
anx_wrap_line_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
anx_wrap_line_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (anx_wrap_line_parent_class)->dispose (object);
}

static void
anx_wrap_line_class_init (AnxWrapLineClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = anx_wrap_line_dispose;
  widget_class->measure = anx_wrap_line_measure;
  widget_class->size_allocate = anx_wrap_line_size_allocate;
  widget_class->get_request_mode = anx_wrap_line_get_request_mode;
}

static void
anx_wrap_line_init (AnxWrapLine *self)
{
}

/**
 * anx_wrap_line_new:
 * @spacing: pixels between two children and between two lines
 *
 * Returns: (transfer floating): an empty line
 */
GtkWidget *
anx_wrap_line_new (int spacing)
{
  AnxWrapLine *self = g_object_new (ANX_TYPE_WRAP_LINE, NULL);

  self->spacing = spacing;
  return GTK_WIDGET (self);
}

/**
 * anx_wrap_line_append:
 * @self: the line
 * @child: (transfer floating): comes last
 */
void
anx_wrap_line_append (AnxWrapLine *self,
                      GtkWidget *child)
{
  gtk_widget_insert_before (child, GTK_WIDGET (self), NULL);
}

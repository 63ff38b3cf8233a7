/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "printout.h"

#include <cairo-pdf.h>
#include <glib/gi18n.h>

#include "ui-text.h"

/* In points. Large enough for old eyes at reading distance; the margin is what cheap printers leave free, and a hole punch; less on a slip. */
#define MARGIN 54.0
#define MARGIN_SHARE 0.09
#define FONT "Noto Sans CJK SC"
#define TITLE_POINTS 22
#define HEADING_POINTS 14
#define TEXT_POINTS 13
#define FOOT_POINTS 9
#define LINE_FACTOR 1.12
#define PARAGRAPH_GAP 14.0
#define RULE_HEIGHT 30.0
#define QR_SIZE 150.0

typedef enum
{
  PART_TEXT,
  PART_ROOM,
  PART_QR,
  PART_PICTURE,
} PartType;

typedef struct
{
  PartType type;
  char *heading; /* (nullable) */
  char *text;    /* (nullable) */
  guint lines;
  GdkPaintable *picture; /* (nullable) (owned) */
  double size;
} Part;

struct _AnxPrintout
{
  gatomicrefcount references;
  char *title;
  GPtrArray *parts; /* Part */
};

/* One strip of a page: a line of text, a ruled line, or a picture. */
typedef struct
{
  PangoLayoutLine *line; /* (nullable) belongs to a layout of the sheet */
  GdkPaintable *picture; /* (nullable) (owned) */
  double height;
  double ascent;         /* of the line */
  gboolean with_next;    /* no page ends here: a heading stays with its text */
  gboolean rule;         /* a line to write on */
  guint page;
  double y;
} Strip;

/* Everything laid out for one size of paper. */
typedef struct
{
  GPtrArray *layouts;
  GArray *strips; /* Strip */
  double width, height, margin;
  guint n_pages;
} Sheet;

static void
part_free (gpointer data)
{
  Part *part = data;
  g_free (part->heading);
  g_free (part->text);
  g_clear_object (&part->picture);
  g_free (part);
}

/**
 * anx_printout_new:
 * @title: large, on top. Print queues show it as the name of the job: nothing personal
 *
 * Returns: (transfer full): an empty printout
 */
AnxPrintout *
anx_printout_new (const char *title)
{
  g_return_val_if_fail (title != NULL, NULL);

  AnxPrintout *self = g_new0 (AnxPrintout, 1);
  g_atomic_ref_count_init (&self->references);
  self->title = g_strdup (title);
  self->parts = g_ptr_array_new_with_free_func (part_free);
  return self;
}

/**
 * anx_printout_ref:
 * @self: a printout
 *
 * Returns: (transfer full): the same
 */
AnxPrintout *
anx_printout_ref (AnxPrintout *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

/**
 * anx_printout_unref:
 * @self: (transfer full): a printout
 */
void
anx_printout_unref (AnxPrintout *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_free (self->title);
  g_ptr_array_unref (self->parts);
  g_free (self);
}

static Part *
add_part (AnxPrintout *self,
          PartType type,
          const char *heading,
          const char *text,
          guint lines)
{
  Part *part = g_new0 (Part, 1);
  part->type = type;
  part->heading = g_strdup (heading);
  part->text = g_strdup (text);
  part->lines = lines;
  g_ptr_array_add (self->parts, part);
  return part;
}

/**
 * anx_printout_add:
 * @self: a printout
 * @heading: (nullable): a line in bold above the text, on the same page as its beginning
 * @text: UTF-8; a line feed begins a new line
 *
 * Adds a paragraph.
 */
void
anx_printout_add (AnxPrintout *self,
                  const char *heading,
                  const char *text)
{
  add_part (self, PART_TEXT, heading, text, 0);
}

/**
 * anx_printout_add_room:
 * @self: a printout
 * @heading: (nullable): a line in bold above
 * @lines: 1 to 20
 *
 * Adds ruled lines to write on by hand.
 */
void
anx_printout_add_room (AnxPrintout *self,
                       const char *heading,
                       guint lines)
{
  add_part (self, PART_ROOM, heading, NULL, CLAMP (lines, 1, 20));
}

/**
 * anx_printout_add_qr:
 * @self: a printout
 * @text: as for anx_ui_qr_paintable_new()
 *
 * Adds a QR code, about 5 cm wide.
 */
void
anx_printout_add_qr (AnxPrintout *self,
                     const char *text)
{
  add_part (self, PART_QR, NULL, text, 0);
}

/**
 * anx_printout_add_picture:
 * @self: a printout
 * @picture: as high as wide
 * @size_points: on paper, 20 to 300
 *
 * Adds a picture, such as the seal of a centre.
 */
void
anx_printout_add_picture (AnxPrintout *self,
                          GdkPaintable *picture,
                          double size_points)
{
  Part *part = add_part (self, PART_PICTURE, NULL, NULL, 0);
  part->picture = g_object_ref (picture);
  part->size = CLAMP (size_points, 20, 300);
}

/* --- laying out --- */

static void
strip_clear (gpointer data)
{
  Strip *strip = data;
  g_clear_object (&strip->picture);
}

static void
sheet_free (gpointer data)
{
  Sheet *sheet = data;
  g_array_unref (sheet->strips);
  g_ptr_array_unref (sheet->layouts);
  g_free (sheet);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Sheet, sheet_free)

/* Sizes in points, whatever the surface: one unit of the drawing is a point. */
static PangoLayout *
make_layout (cairo_t *cr,
             const char *text,
             int points,
             gboolean bold,
             double width)
{
  PangoLayout *layout = pango_cairo_create_layout (cr);
  PangoFontDescription *font = pango_font_description_from_string (FONT);
  cairo_font_options_t *options = cairo_font_options_create ();

  pango_cairo_context_set_resolution (pango_layout_get_context (layout), 72);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options (pango_layout_get_context (layout), options);
  pango_layout_context_changed (layout);
  pango_font_description_set_size (font, points * PANGO_SCALE);
  if (bold)
    pango_font_description_set_weight (font, PANGO_WEIGHT_BOLD);
  pango_layout_set_font_description (layout, font);
  pango_layout_set_width (layout, (int) (width * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_text (layout, text, -1);
  cairo_font_options_destroy (options);
  pango_font_description_free (font);
  return layout;
}

static Strip *
get_strip (const Sheet *sheet,
           guint index)
{
  return &g_array_index (sheet->strips, Strip, index);
}

static Strip *
add_strip (Sheet *sheet,
           double height)
{
  Strip strip = { .height = height };
  g_array_append_val (sheet->strips, strip);
  return get_strip (sheet, sheet->strips->len - 1);
}

static void
add_lines (Sheet *sheet,
           cairo_t *cr,
           const char *text,
           int points,
           gboolean heading)
{
  PangoLayout *layout = make_layout (cr, text, points, heading, sheet->width - 2 * sheet->margin);
  PangoLayoutIter *iter = pango_layout_get_iter (layout);

  g_ptr_array_add (sheet->layouts, layout);
  do
    {
      PangoRectangle extents;
      pango_layout_iter_get_line_extents (iter, NULL, &extents);
      Strip *strip = add_strip (sheet, LINE_FACTOR * extents.height / PANGO_SCALE);
      strip->line = pango_layout_iter_get_line_readonly (iter);
      strip->ascent = (double) (pango_layout_iter_get_baseline (iter) - extents.y) / PANGO_SCALE;
      strip->with_next = heading;
    }
  while (pango_layout_iter_next_line (iter));
  pango_layout_iter_free (iter);
}

static void
add_part_strips (Sheet *sheet,
                 cairo_t *cr,
                 const Part *part)
{
  add_strip (sheet, PARAGRAPH_GAP)->with_next = TRUE;
  if (part->heading != NULL)
    add_lines (sheet, cr, part->heading, HEADING_POINTS, TRUE);
  if (part->type == PART_TEXT)
    add_lines (sheet, cr, part->text, TEXT_POINTS, FALSE);
  else if (part->type == PART_QR)
    add_strip (sheet, QR_SIZE)->picture = anx_ui_qr_paintable_new (part->text);
  else if (part->type == PART_PICTURE)
    add_strip (sheet, part->size)->picture = g_object_ref (part->picture);
  for (guint i = 0; i < part->lines; i++)
    {
      Strip *strip = add_strip (sheet, RULE_HEIGHT);
      strip->rule = TRUE;
      strip->with_next = i + 1 < part->lines;
    }
}

/* Puts each strip on its page. What stays together moves on together; what is longer than a page is cut all the same. */
static void
place (Sheet *sheet)
{
  double bottom = sheet->height - sheet->margin, y = sheet->margin;
  guint page = 0;

  for (guint first = 0, end = 0; first < sheet->strips->len; first = end)
    {
      double block = 0;
      do
        block += get_strip (sheet, end)->height;
      while (get_strip (sheet, end++)->with_next && end < sheet->strips->len);
      for (guint i = first; i < end; i++)
        {
          Strip *strip = get_strip (sheet, i);
          if (y > sheet->margin && y + (i == first ? block : strip->height) > bottom)
            {
              page++;
              y = sheet->margin;
            }
          strip->page = page;
          strip->y = y;
          y += strip->height;
        }
    }
  sheet->n_pages = page + 1;
}

static Sheet *
lay_out (AnxPrintout *self,
         cairo_t *cr,
         double width,
         double height)
{
  Sheet *sheet = g_new0 (Sheet, 1);

  sheet->width = width;
  sheet->height = height;
  sheet->margin = MIN (MARGIN, MARGIN_SHARE * width);
  sheet->layouts = g_ptr_array_new_with_free_func (g_object_unref);
  sheet->strips = g_array_new (FALSE, FALSE, sizeof (Strip));
  g_array_set_clear_func (sheet->strips, strip_clear);
  add_lines (sheet, cr, self->title, TITLE_POINTS, TRUE);
  for (guint i = 0; i < self->parts->len; i++)
    add_part_strips (sheet, cr, g_ptr_array_index (self->parts, i));
  place (sheet);
  return sheet;
}

/* --- drawing --- */

static void
draw_picture (cairo_t *cr,
              const Sheet *sheet,
              const Strip *strip)
{
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  gdk_paintable_snapshot (strip->picture, snapshot, strip->height, strip->height);
  GskRenderNode *node = gtk_snapshot_to_node (snapshot);
  cairo_save (cr);
  cairo_translate (cr, sheet->margin, strip->y);
  if (node != NULL)
    gsk_render_node_draw (node, cr);
  cairo_restore (cr);
  g_clear_pointer (&node, gsk_render_node_unref);
}

static void
draw_rule (cairo_t *cr,
           const Sheet *sheet,
           const Strip *strip)
{
  cairo_set_line_width (cr, 0.5);
  cairo_set_source_rgb (cr, 0.6, 0.6, 0.6);
  cairo_move_to (cr, sheet->margin, strip->y + strip->height - 2);
  cairo_line_to (cr, sheet->width - sheet->margin, strip->y + strip->height - 2);
  cairo_stroke (cr);
}

static void
draw_foot (cairo_t *cr,
           const Sheet *sheet,
           guint page)
{
  /* Translators: at the foot of a printed page: its number, how many there are. */
  g_autofree char *text = g_strdup_printf (_ ("Page %u of %u"), page + 1, sheet->n_pages);
  g_autoptr (PangoLayout) layout = make_layout (cr, text, FOOT_POINTS, FALSE, sheet->width - 2 * sheet->margin);
  pango_layout_set_alignment (layout, PANGO_ALIGN_CENTER);
  cairo_move_to (cr, sheet->margin, sheet->height - sheet->margin / 2 - FOOT_POINTS);
  pango_cairo_show_layout (cr, layout);
}

static void
draw_page (cairo_t *cr,
           const Sheet *sheet,
           guint page)
{
  for (guint i = 0; i < sheet->strips->len; i++)
    {
      const Strip *strip = get_strip (sheet, i);
      if (strip->page != page)
        continue;
      if (strip->picture != NULL)
        draw_picture (cr, sheet, strip);
      else if (strip->rule)
        draw_rule (cr, sheet, strip);
      cairo_set_source_rgb (cr, 0, 0, 0);
      cairo_move_to (cr, sheet->margin, strip->y + strip->ascent);
      if (strip->line != NULL)
        pango_cairo_show_layout_line (cr, strip->line);
    }
  if (sheet->n_pages > 1)
    draw_foot (cr, sheet, page);
}

static cairo_status_t
append_bytes (void *closure,
              const unsigned char *data,
              unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

/**
 * anx_printout_to_pdf:
 * @self: a printout
 * @width_points: of the paper, 150 to 2,000
 * @height_points: of the paper, 150 to 2,000
 *
 * Nothing touches the disk.
 *
 * Returns: (transfer full): a PDF file, fonts within
 */
GBytes *
anx_printout_to_pdf (AnxPrintout *self,
                     double width_points,
                     double height_points)
{
  GByteArray *bytes = g_byte_array_new ();
  cairo_surface_t *surface = cairo_pdf_surface_create_for_stream (append_bytes, bytes, width_points, height_points);
  /* A later cairo would write cross-references as a stream, behind which nothing can be signed (seal/signed-pdf.c). */
  cairo_pdf_surface_restrict_to_version (surface, CAIRO_PDF_VERSION_1_4);
  cairo_t *cr = cairo_create (surface);
  g_autoptr (Sheet) sheet = lay_out (self, cr, width_points, height_points);

  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, self->title);
  for (guint page = 0; page < sheet->n_pages; page++)
    {
      draw_page (cr, sheet, page);
      cairo_show_page (cr);
    }
  cairo_destroy (cr);
  cairo_surface_finish (surface);
  cairo_surface_destroy (surface);
  return g_byte_array_free_to_bytes (bytes);
}

/**
 * anx_printout_list_pages:
 * @self: a printout
 * @width_points: of the paper, 150 to 2,000
 * @height_points: of the paper, 150 to 2,000
 *
 * Returns: (transfer full): the lines of each page, as they will be on that paper; one page at least
 */
char **
anx_printout_list_pages (AnxPrintout *self,
                         double width_points,
                         double height_points)
{
  cairo_surface_t *surface = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
  cairo_t *cr = cairo_create (surface);
  g_autoptr (Sheet) sheet = lay_out (self, cr, width_points, height_points);
  g_autoptr (GPtrArray) pages = g_ptr_array_new ();

  for (guint page = 0, i = 0; page < sheet->n_pages; page++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      for (; i < sheet->strips->len && get_strip (sheet, i)->page == page; i++)
        {
          const PangoLayoutLine *line = get_strip (sheet, i)->line;
          if (line == NULL)
            continue;
          g_string_append_len (text, pango_layout_get_text (line->layout) + line->start_index, line->length);
          g_string_append_c (text, '\n');
        }
      g_ptr_array_add (pages, g_string_free (g_steal_pointer (&text), FALSE));
    }
  g_ptr_array_add (pages, NULL);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return (char **) g_ptr_array_free (g_steal_pointer (&pages), FALSE);
}

/**
 * anx_printout_draw_page:
 * @self: a printout
 * @cr: where to draw, one unit a point
 * @width_points: of the paper, 150 to 2,000
 * @height_points: of the paper, 150 to 2,000
 * @page: from 0; beyond the last one nothing is drawn
 *
 * Draws one page. It is laid out anew each time: these are few pages, and a preview may be of another size than the paper.
 */
void
anx_printout_draw_page (AnxPrintout *self,
                        cairo_t *cr,
                        double width_points,
                        double height_points,
                        guint page)
{
  g_autoptr (Sheet) sheet = lay_out (self, cr, width_points, height_points);
  draw_page (cr, sheet, page);
}

/**
 * anx_printout_get_title:
 * @self: a printout
 *
 * Returns: its title
 */
const char *
anx_printout_get_title (AnxPrintout *self)
{
  return self->title;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "subject-paper.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include "ctl-error.h"

/* A4 in points, and its margins. */
#define PAGE_WIDTH 595.0
#define PAGE_HEIGHT 842.0
#define MARGIN 56.0
#define GAP 8.0
#define FAMILY "Noto Sans CJK SC, Sans"

struct _AnxSubjectPaper
{
  GByteArray *bytes;
  cairo_surface_t *surface;
  cairo_t *cr;
  double y;
  guint page;
};

static cairo_status_t
take_bytes (void *closure,
            const unsigned char *data,
            unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static PangoLayout *
make_layout (AnxSubjectPaper *self,
             const char *font,
             const char *text)
{
  PangoLayout *layout = pango_cairo_create_layout (self->cr);
  PangoFontDescription *description = pango_font_description_from_string (font);
  pango_layout_set_font_description (layout, description);
  pango_font_description_free (description);
  pango_layout_set_width (layout, (int) ((PAGE_WIDTH - 2 * MARGIN) * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_line_spacing (layout, 1.2f);
  pango_layout_set_text (layout, text, -1);
  return layout;
}

static void
end_page (AnxSubjectPaper *self)
{
  g_autofree char *number = g_strdup_printf ("%u", self->page);
  g_autoptr (PangoLayout) layout = make_layout (self, FAMILY " 9", number);
  cairo_move_to (self->cr, MARGIN, PAGE_HEIGHT - MARGIN / 2 - 10);
  pango_cairo_show_layout (self->cr, layout);
  cairo_show_page (self->cr);
  self->page++;
  self->y = MARGIN;
}

/* Line by line, so that a paragraph goes on with the next page. @keep: points that must still be free below, so that no heading stands alone. */
static void
add_text (AnxSubjectPaper *self,
          const char *font,
          const char *text,
          double keep)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autoptr (PangoLayout) layout = make_layout (self, font, valid);
  PangoLayoutIter *iter = pango_layout_get_iter (layout);
  do
    {
      PangoRectangle extents;
      pango_layout_iter_get_line_extents (iter, NULL, &extents);
      double height = pango_units_to_double (extents.height);
      double baseline = pango_units_to_double (pango_layout_iter_get_baseline (iter) - extents.y);
      if (self->y + height + keep > PAGE_HEIGHT - MARGIN)
        end_page (self);
      cairo_move_to (self->cr, MARGIN, self->y + baseline);
      pango_cairo_show_layout_line (self->cr, pango_layout_iter_get_line_readonly (iter));
      self->y += height;
    }
  while (pango_layout_iter_next_line (iter));
  pango_layout_iter_free (iter);
  self->y += GAP;
}

/**
 * anx_subject_paper_new:
 * @title: stands on top of the first page
 *
 * Returns: (transfer full): a paper with a title
 */
AnxSubjectPaper *
anx_subject_paper_new (const char *title)
{
  AnxSubjectPaper *self = g_new0 (AnxSubjectPaper, 1);
  self->bytes = g_byte_array_new ();
  self->surface = cairo_pdf_surface_create_for_stream (take_bytes, self->bytes, PAGE_WIDTH, PAGE_HEIGHT);
  self->cr = cairo_create (self->surface);
  self->y = MARGIN;
  self->page = 1;
  add_text (self, FAMILY " Bold 18", title, 0);
  return self;
}

/**
 * anx_subject_paper_free:
 * @self: a paper
 */
void
anx_subject_paper_free (AnxSubjectPaper *self)
{
  cairo_destroy (self->cr);
  cairo_surface_destroy (self->surface);
  g_byte_array_unref (self->bytes);
  g_free (self);
}

/**
 * anx_subject_paper_add_heading:
 * @self: a paper that is not finished
 * @text: what the next paragraphs are about; some room below it is kept on the same page
 */
void
anx_subject_paper_add_heading (AnxSubjectPaper *self,
                               const char *text)
{
  self->y += GAP;
  add_text (self, FAMILY " Bold 13", text, 3 * GAP + 20);
}

/**
 * anx_subject_paper_add:
 * @self: a paper that is not finished
 * @text: a paragraph; line ends count
 */
void
anx_subject_paper_add (AnxSubjectPaper *self,
                       const char *text)
{
  add_text (self, FAMILY " 11", text, 0);
}

/**
 * anx_subject_paper_finish:
 * @self: a paper; nothing can be added afterwards
 * @error: return location, %ANX_CTL_ERROR_INVALID with what the drawing library says
 *
 * Returns: (transfer full) (nullable): the PDF
 */
GBytes *
anx_subject_paper_finish (AnxSubjectPaper *self,
                          GError **error)
{
  end_page (self);
  cairo_surface_finish (self->surface);
  cairo_status_t status = cairo_surface_status (self->surface);
  if (status == CAIRO_STATUS_SUCCESS)
    return g_bytes_new (self->bytes->data, self->bytes->len);
  g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, cairo_status_to_string (status));
  return NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <qrencode.h>
#include <string.h>

#include "ui-text.h"

/* ISO/IEC 18004 section 9.1 asks for four light modules around the symbol; without them readers find no edge. */
#define QUIET_MODULES 4

#define ANX_TYPE_QR (anx_qr_get_type ())
G_DECLARE_FINAL_TYPE (AnxQr, anx_qr, ANX, QR, GObject)

struct _AnxQr
{
  GObject parent_instance;

  QRcode *code; /* (nullable) when the text does not fit a symbol */
};

static int
anx_qr_get_modules (AnxQr *self)
{
  return (self->code != NULL ? self->code->width : 0) + 2 * QUIET_MODULES;
}

static int
anx_qr_get_intrinsic_size (GdkPaintable *paintable)
{
  return anx_qr_get_modules (ANX_QR (paintable)) * 8;
}

static double
anx_qr_get_intrinsic_aspect_ratio (GdkPaintable *paintable)
{
  return 1.0;
}

/* A dark run of modules in a row is one rectangle; whole pixels a module keep the edges crisp. */
static void
anx_qr_snapshot (GdkPaintable *paintable, GdkSnapshot *snapshot, double width, double height)
{
  AnxQr *self = ANX_QR (paintable);
  const GdkRGBA white = { 1, 1, 1, 1 };
  const GdkRGBA black = { 0, 0, 0, 1 };
  int modules = anx_qr_get_modules (self);
  double scale = MIN (width, height) / modules;
  double left, top;

  if (scale >= 1)
    scale = (int) scale;
  left = (int) ((width - scale * modules) / 2) + scale * QUIET_MODULES;
  top = (int) ((height - scale * modules) / 2) + scale * QUIET_MODULES;
  gtk_snapshot_append_color (snapshot, &white, &GRAPHENE_RECT_INIT (0, 0, width, height));
  if (self->code == NULL)
    return;
  for (int y = 0; y < self->code->width; y++)
    for (int x = 0; x < self->code->width; x++)
      {
        int begin = x;
        while (x < self->code->width && (self->code->data[y * self->code->width + x] & 1) != 0)
          x++;
        if (x > begin)
          gtk_snapshot_append_color (snapshot, &black,
                                     &GRAPHENE_RECT_INIT (left + begin * scale, top + y * scale, (x - begin) * scale,
                                                          scale));
      }
}

static void
anx_qr_paintable_init (GdkPaintableInterface *iface)
{
  iface->snapshot = anx_qr_snapshot;
  iface->get_intrinsic_width = anx_qr_get_intrinsic_size;
  iface->get_intrinsic_height = anx_qr_get_intrinsic_size;
  iface->get_intrinsic_aspect_ratio = anx_qr_get_intrinsic_aspect_ratio;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (AnxQr,
                               anx_qr,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GDK_TYPE_PAINTABLE, anx_qr_paintable_init))

static void
anx_qr_finalize (GObject *object)
{
  AnxQr *self = ANX_QR (object);

  if (self->code != NULL)
    {
      /* The symbol is the resident's code in another writing. */
      explicit_bzero (self->code->data, (gsize) self->code->width * self->code->width);
      QRcode_free (self->code);
    }
  G_OBJECT_CLASS (anx_qr_parent_class)->finalize (object);
}

static void
anx_qr_class_init (AnxQrClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = anx_qr_finalize;
}

static void
anx_qr_init (AnxQr *self)
{
}

/**
 * anx_ui_qr_paintable_new:
 * @text: UTF-8, at most 1,000 bytes; more gives an empty white square
 *
 * A QR code (ISO/IEC 18004, error correction M) with its quiet zone, drawn in whole pixels a module.
 *
 * Returns: (transfer full): the picture
 */
GdkPaintable *
anx_ui_qr_paintable_new (const char *text)
{
  AnxQr *self = g_object_new (ANX_TYPE_QR, NULL);

  if (strlen (text) <= 1000)
    self->code = QRcode_encodeString8bit (text, 0, QR_ECLEVEL_M);
  return GDK_PAINTABLE (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "printout.h"

G_BEGIN_DECLS

/* What a resident takes home of a booking. Nobody's name but the counsellor's is on it, and that only where it is wished. */
typedef struct
{
  const char *code;  /* as written: XXXX-XXXX */
  const char *when;
  const char *where;
  const char *who;   /* (nullable) with whom */
  const char *what;  /* (nullable) what it is about */
  const char *phone; /* (nullable) the centre's own number */
  gboolean asked;    /* asked for, not booked */
} AnxSlip;

AnxPrintout *anx_slip_make_printout (const AnxSlip *slip) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

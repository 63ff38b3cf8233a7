/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slip.h"

#include <glib/gi18n.h>

/**
 * anx_slip_make_printout:
 * @slip: what it says
 *
 * The slip for paper: the code in letters and as a picture, when and where, what else the resident wants to have on it, and whom to
 * call in danger: the centre, and the numbers that always hold, as in the safety plan. The title, which a print queue shows, is the same
 * for everybody.
 *
 * Returns: (transfer full): the printout
 */
AnxPrintout *
anx_slip_make_printout (const AnxSlip *slip)
{
  AnxPrintout *printout = anx_printout_new (_ ("Your appointment"));
  g_autofree char *code_line = g_strdup_printf (_ ("Your code: %s"), slip->code);

  anx_printout_add (printout, code_line,
                    slip->asked ? _ ("It is not booked yet. The staff will tell you whether it can be kept.")
                                : _ ("It is booked. Please bring this code, or say it on the telephone."));
  anx_printout_add_qr (printout, slip->code);
  anx_printout_add (printout, _ ("When"), slip->when);
  anx_printout_add (printout, _ ("Where"), slip->where);
  if (slip->what != NULL)
    anx_printout_add (printout, _ ("What"), slip->what);
  if (slip->who != NULL)
    anx_printout_add (printout, _ ("With"), slip->who);
  const char *always = _ ("Psychological help line 12356\nAmbulance 120\nPolice 110");
  /* Translators: the telephone number of the governance centre. */
  g_autofree char *own = slip->phone != NULL ? g_strdup_printf (_ ("Our centre %s"), slip->phone) : NULL;
  g_autofree char *numbers = own != NULL ? g_strconcat (own, "\n", always, NULL) : g_strdup (always);
  anx_printout_add (printout, _ ("If it gets too hard before then"), numbers);
  return printout;
}

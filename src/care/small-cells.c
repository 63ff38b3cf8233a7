/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "small-cells.h"

/* The cell of a line that is hidden beside the only hidden one: the smallest that says something, else a zero. */
static gboolean
hide_second (gint64 *cells,
             guint start,
             guint step,
             guint length)
{
  guint hidden = 0;
  gint64 *best = NULL;
  for (guint i = 0; i < length; i++)
    {
      gint64 *cell = &cells[start + i * step];
      if (*cell == ANX_SMALL_CELLS_HIDDEN)
        hidden++;
      else if (best == NULL || (*cell > 0 && (*best == 0 || *cell < *best)))
        best = cell;
    }
  if (hidden != 1 || best == NULL)
    return FALSE;
  *best = ANX_SMALL_CELLS_HIDDEN;
  return TRUE;
}

/**
 * anx_small_cells_hide:
 * @cells: (array): @rows × @columns counts, row after row; the last row and the last column are the totals of the others
 * @rows: at least 1
 * @columns: at least 1
 *
 * Puts %ANX_SMALL_CELLS_HIDDEN in place of every count from 1 to 4, and in place of further cells until no row and no column has
 * exactly one hidden cell, which the total would give away. Zeros stay unless they are needed for that. Each round hides a cell more,
 * so it ends.
 */
void
anx_small_cells_hide (gint64 *cells,
                      guint rows,
                      guint columns)
{
  g_return_if_fail (cells != NULL && rows > 0 && columns > 0);
  for (guint i = 0; i < rows * columns; i++)
    if (cells[i] > 0 && cells[i] < ANX_SMALL_CELLS_LEAST)
      cells[i] = ANX_SMALL_CELLS_HIDDEN;
  gboolean again = TRUE;
  while (again)
    {
      again = FALSE;
      for (guint row = 0; columns > 1 && row < rows; row++)
        again = hide_second (cells, row * columns, 1, columns) || again;
      for (guint column = 0; rows > 1 && column < columns; column++)
        again = hide_second (cells, column, columns, rows) || again;
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "small-cells.h"

static void
test_table (void)
{
  gint64 cells[] = { 12, 3, 15, 20, 7, 27, 32, 10, 42 };
  static const gint64 expected[] = { -1, -1, 15, -1, -1, 27, 32, 10, 42 };
  anx_small_cells_hide (cells, 3, 3);
  g_assert_cmpmem (cells, sizeof cells, expected, sizeof expected);

  gint64 plain[] = { 12, 0, 12, 20, 7, 27, 32, 7, 39 };
  gint64 before[G_N_ELEMENTS (plain)];
  memcpy (before, plain, sizeof plain);
  anx_small_cells_hide (plain, 3, 3);
  g_assert_cmpmem (plain, sizeof plain, before, sizeof before);
}

/* Whatever the counts, no small one is left, and no line has a single gap that its total fills. */
static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20261122);
  for (int round = 0; round < 5000; round++)
    {
      guint rows = (guint) g_rand_int_range (rand, 2, 9), columns = (guint) g_rand_int_range (rand, 2, 9);
      g_autofree gint64 *cells = g_new0 (gint64, rows * columns);
      for (guint r = 0; r + 1 < rows; r++)
        for (guint c = 0; c + 1 < columns; c++)
          {
            gint64 n = g_rand_int_range (rand, 0, 4) == 0 ? g_rand_int_range (rand, 0, 400) : g_rand_int_range (rand, 0, 9);
            cells[r * columns + c] = n;
            cells[r * columns + columns - 1] += n;
            cells[(rows - 1) * columns + c] += n;
            cells[rows * columns - 1] += n;
          }
      g_autofree gint64 *before = g_memdup2 (cells, rows * columns * sizeof (gint64));
      anx_small_cells_hide (cells, rows, columns);
      for (guint r = 0; r < rows; r++)
        {
          guint gaps = 0;
          for (guint c = 0; c < columns; c++)
            {
              gint64 cell = cells[r * columns + c];
              g_assert_true (cell == -1 || cell == 0 || cell >= ANX_SMALL_CELLS_LEAST);
              g_assert_true (cell == -1 || cell == before[r * columns + c]);
              gaps += cell == -1;
            }
          g_assert_cmpuint (gaps, !=, 1);
        }
      for (guint c = 0; c < columns; c++)
        {
          guint gaps = 0;
          for (guint r = 0; r < rows; r++)
            gaps += cells[r * columns + c] == -1;
          g_assert_cmpuint (gaps, !=, 1);
        }
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/small-cells/table", test_table);
  g_test_add_func ("/care/small-cells/random", test_random);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "own-seal.h"

#include <string.h>

#include "district.h"
#include "seal-error.h"

static GBytes *
seal (Person *person,
      const char *purpose,
      GBytes *plain)
{
  g_autoptr (GError) error = NULL;
  GBytes *sealed = anx_own_seal (purpose, plain, person->sign_key, person->sign_certificate, person->seal_certificate, &error);
  g_assert_no_error (error);
  return sealed;
}

static GBytes *
open_it (District *district,
         Person *person,
         const char *purpose,
         GBytes *sealed,
         GError **error)
{
  return anx_own_open (purpose, sealed, district->ca, person->sign_certificate, person->seal_key, person->seal_certificate, error);
}

static void
test_round (void)
{
  g_autoptr (District) district = district_new ();
  Person *person = district_enrol (district, "owner");
  static const gsize sizes[] = { 0, 1, 127, 128, 65535, 65536, 5 * 1024 * 1024 };
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) plain = g_bytes_new_take (g_strnfill (sizes[i], 'p'), sizes[i]);
      g_autoptr (GBytes) sealed = seal (person, "draft:a", plain);
      g_assert_null (memmem (g_bytes_get_data (sealed, NULL), g_bytes_get_size (sealed), "pppppppp", 8));
      g_autoptr (GBytes) opened = open_it (district, person, "draft:a", sealed, &error);
      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (plain, opened));
    }
}

static void
test_refused (void)
{
  g_autoptr (District) district = district_new ();
  Person *person = district_enrol (district, "owner");
  Person *other = district_enrol (district, "other");
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) plain = g_bytes_new_static ("words", 5);
  g_autoptr (GBytes) sealed = seal (person, "draft:a", plain);
  g_assert_null (open_it (district, person, "draft:b", sealed, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_TAMPERED);
  g_clear_error (&error);
  g_assert_null (open_it (district, other, "draft:a", sealed, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
  g_clear_error (&error);

  /* Anybody can seal to a certificate; only the owner can sign. */
  g_autoptr (GBytes) planted
      = anx_own_seal ("draft:a", plain, other->sign_key, other->sign_certificate, person->seal_certificate, &error);
  g_assert_no_error (error);
  g_assert_null (open_it (district, person, "draft:a", planted, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
}

/* The keys stay when the certificates are renewed: what was kept before can still be read. */
static void
test_renewed (void)
{
  g_autoptr (District) district = district_new ();
  Person *person = district_enrol (district, "owner");
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) plain = g_bytes_new_static ("words", 5);
  g_autoptr (GBytes) sealed = seal (person, "draft:a", plain);
  district_renew (district, person);
  g_autoptr (GBytes) opened = open_it (district, person, "draft:a", sealed, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (plain, opened));

  /* A certificate of the same key, but of another authority. */
  g_autoptr (District) elsewhere = district_new ();
  district_renew (elsewhere, person);
  g_autoptr (GBytes) theirs = seal (person, "draft:a", plain);
  district_renew (district, person);
  g_assert_null (open_it (district, person, "draft:a", theirs, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
}

static void
test_every_bit (void)
{
  g_autoptr (District) district = district_new ();
  Person *person = district_enrol (district, "owner");
  g_autoptr (GBytes) plain = g_bytes_new_static ("words", 5);
  g_autoptr (GBytes) sealed = seal (person, "draft:a", plain);
  gsize size = 0;
  const guint8 *bytes = g_bytes_get_data (sealed, &size);
  g_autofree guint8 *changed = g_memdup2 (bytes, size);
  for (gsize i = 0; i < size; i++)
    {
      guint8 bit = (guint8) (1u << (i % 8));
      changed[i] ^= bit;
      g_autoptr (GBytes) copy = g_bytes_new (changed, size);
      g_assert_null (open_it (district, person, "draft:a", copy, NULL));
      changed[i] ^= bit;
    }
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/own-seal/round", test_round);
  g_test_add_func ("/seal/own-seal/refused", test_refused);
  g_test_add_func ("/seal/own-seal/renewed", test_renewed);
  g_test_add_func ("/seal/own-seal/every-bit", test_every_bit);
  return g_test_run ();
}

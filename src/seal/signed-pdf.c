/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "signed-pdf.h"

#include <openssl/objects.h>
#include <string.h>

#include "cms-private.h"
#include "seal-private.h"

/* Room for the signature: certificate and attributes are about 1.2 KiB. */
#define ROOM_BYTES 2048
#define CONTENTS "/Contents <"
/* Fixed widths, so that the numbers can be filled in where the file already is. */
#define RANGE_FORMAT "/ByteRange [0 %010" G_GSIZE_FORMAT " %010" G_GSIZE_FORMAT " %010" G_GSIZE_FORMAT "]\n"
#define TEXT_MAX_BYTES 1024

typedef struct
{
  guint size;         /* the next free object number */
  guint root;         /* the catalog's object number */
  gsize root_begin;   /* its dictionary: after "<<" */
  gsize root_end;     /* before ">>" */
  guint info;         /* 0 = none */
  gsize startxref;
} Trailer;

static const char *
find_last (const char *data,
           gsize length,
           const char *word)
{
  gsize n = strlen (word);
  for (gsize i = length >= n ? length - n + 1 : 0; i > 0; i--)
    if (memcmp (data + i - 1, word, n) == 0)
      return data + i - 1;
  return NULL;
}

/* The number that follows @word in the text from @at on; FALSE when there is none. */
static gboolean
read_number (const char *at,
             const char *end,
             const char *word,
             guint64 *out_number)
{
  const char *found = g_strstr_len (at, end - at, word);
  if (found == NULL)
    return FALSE;
  found += strlen (word);
  while (found < end && g_ascii_isspace (*found))
    found++;
  guint64 number = 0;
  const char *first = found;
  for (; found < end && g_ascii_isdigit (*found) && found - first < 11; found++)
    number = number * 10 + (guint64) g_ascii_digit_value (*found);
  *out_number = number;
  return found > first;
}

/* Only what cairo writes is understood: one classic cross-reference table, a catalog that is one plain dictionary. */
static gboolean
read_trailer (const char *data,
              gsize length,
              Trailer *out,
              GError **error)
{
  const char *end = data + length;
  const char *trailer = find_last (data, length, "trailer");
  guint64 size = 0, root = 0, info = 0, startxref = 0;
  if (trailer == NULL || !read_number (trailer, end, "/Size", &size) || !read_number (trailer, end, "/Root", &root)
      || !read_number (trailer, end, "startxref", &startxref) || size == 0 || size > 100000 || root >= size || startxref >= length)
    return anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "This PDF has no plain trailer");
  if (!read_number (trailer, end, "/Info", &info))
    info = 0;
  g_autofree char *head = g_strdup_printf ("\n%u 0 obj\n<<", (guint) root);
  const char *object = find_last (data, length, head);
  const char *begin = object != NULL ? object + strlen (head) : NULL;
  const char *close = begin != NULL ? g_strstr_len (begin, end - begin, ">>") : NULL;
  const char *inner = begin != NULL ? g_strstr_len (begin, end - begin, "<<") : NULL;
  if (close == NULL || (inner != NULL && inner < close) || g_strstr_len (begin, close - begin, "/AcroForm") != NULL)
    return anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The catalog of this PDF is not a plain one");
  *out = (Trailer) { .size = (guint) size,
                     .root = (guint) root,
                     .root_begin = (gsize) (begin - data),
                     .root_end = (gsize) (close - data),
                     .info = (guint) info,
                     .startxref = (gsize) startxref };
  return TRUE;
}

/* An incremental update (ISO 32000-1 section 7.5.6): the signature with room for it, its field, the catalog that names the field. */
static GString *
append_update (const char *data,
               gsize length,
               const Trailer *trailer,
               gsize *out_range,
               gsize *out_room)
{
  GString *out = g_string_new_len (data, (gssize) length);
  gsize offsets[3];
  if (length == 0 || data[length - 1] != '\n')
    g_string_append_c (out, '\n');

  offsets[0] = out->len;
  g_string_append_printf (out, "%u 0 obj\n<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached\n", trailer->size);
  *out_range = out->len;
  g_string_append_printf (out, RANGE_FORMAT, (gsize) 0, (gsize) 0, (gsize) 0);
  *out_room = out->len + strlen (CONTENTS);
  g_string_append (out, CONTENTS);
  for (guint i = 0; i < 2 * ROOM_BYTES; i++)
    g_string_append_c (out, '0');
  g_string_append (out, ">\n>>\nendobj\n");

  offsets[1] = out->len;
  g_string_append_printf (out,
                          "%u 0 obj\n<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature) /F 132 /Rect [0 0 0 0] /V %u 0 R >>\nendobj\n",
                          trailer->size + 1, trailer->size);
  offsets[2] = out->len;
  g_string_append_printf (out, "%u 0 obj\n<<", trailer->root);
  g_string_append_len (out, data + trailer->root_begin, (gssize) (trailer->root_end - trailer->root_begin));
  g_string_append_printf (out, "/AcroForm << /Fields [%u 0 R] /SigFlags 3 >> >>\nendobj\n", trailer->size + 1);

  gsize xref = out->len;
  g_string_append_printf (out, "xref\n%u 1\n%010" G_GSIZE_FORMAT " 00000 n \n%u 2\n%010" G_GSIZE_FORMAT " 00000 n \n%010" G_GSIZE_FORMAT " 00000 n \n",
                          trailer->root, offsets[2], trailer->size, offsets[0], offsets[1]);
  g_string_append_printf (out, "trailer\n<< /Size %u /Root %u 0 R ", trailer->size + 2, trailer->root);
  if (trailer->info != 0)
    g_string_append_printf (out, "/Info %u 0 R ", trailer->info);
  g_string_append_printf (out, "/Prev %" G_GSIZE_FORMAT " >>\nstartxref\n%" G_GSIZE_FORMAT "\n%%%%EOF\n", trailer->startxref, xref);
  return out;
}

/* Everything but the room of the signature and the brackets around it. */
static GBytes *
take_covered (const char *data,
              gsize length,
              gsize room)
{
  gsize before = room - 1, after = room + 2 * ROOM_BYTES + 1;
  GByteArray *covered = g_byte_array_sized_new ((guint) length);
  g_byte_array_append (covered, (const guint8 *) data, (guint) before);
  g_byte_array_append (covered, (const guint8 *) data + after, (guint) (length - after));
  return g_byte_array_free_to_bytes (covered);
}

/**
 * anx_signed_pdf_sign:
 * @pdf: a file as cairo writes it, at most half of %ANX_SIGNED_PDF_BYTES
 * @text: what the document is, UTF-8, 1 to 1,024 bytes
 * @now_usec: the signing time to state, microseconds since 1970 UTC
 * @sign_key: the signer's sign key
 * @sign_certificate: its certificate
 * @error: return location, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_TOO_LARGE, %ANX_SEAL_ERROR_UNTRUSTED, %ANX_SEAL_ERROR_INTERNAL
 *
 * Returns: (transfer full) (nullable): the same file with a signature over all of it
 */
GBytes *
anx_signed_pdf_sign (GBytes *pdf,
                     const char *text,
                     gint64 now_usec,
                     AnxKey *sign_key,
                     AnxCertificate *sign_certificate,
                     GError **error)
{
  g_return_val_if_fail (pdf != NULL && text != NULL && sign_key != NULL && sign_certificate != NULL, NULL);
  gsize length = 0;
  const char *data = g_bytes_get_data (pdf, &length);
  Trailer trailer = { 0 };
  if (length > ANX_SIGNED_PDF_BYTES / 2 || strlen (text) > TEXT_MAX_BYTES)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TOO_LARGE, "The document is longer than %d bytes", ANX_SIGNED_PDF_BYTES / 2);
      return NULL;
    }
  if (*text == '\0' || !g_utf8_validate (text, -1, NULL))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "A signed document needs a text that says what it is");
      return NULL;
    }
  if (!read_trailer (data, length, &trailer, error))
    return NULL;
  gsize range = 0, room = 0;
  g_autoptr (GString) out = append_update (data, length, &trailer, &range, &room);
  gsize after = room + 2 * ROOM_BYTES + 1;
  g_autofree char *numbers = g_strdup_printf (RANGE_FORMAT, room - 1, after, out->len - after);
  memcpy (out->str + range, numbers, strlen (numbers));

  g_autoptr (GBytes) covered = take_covered (out->str, out->len, room);
  g_autoptr (GBytes) whole = anx_cms_sign (covered, NID_pkcs7_data, ANX_OID_STATEMENT_CONTEXT, text, now_usec, sign_key, sign_certificate, error);
  g_autoptr (GBytes) signature = whole != NULL ? anx_cms_detach (whole, error) : NULL;
  if (signature == NULL)
    return NULL;
  gsize size = 0;
  const guint8 *der = g_bytes_get_data (signature, &size);
  if (size > ROOM_BYTES)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TOO_LARGE, "The certificate is too long for a document");
      return NULL;
    }
  for (gsize i = 0; i < size; i++)
    {
      out->str[room + 2 * i] = "0123456789abcdef"[der[i] >> 4];
      out->str[room + 2 * i + 1] = "0123456789abcdef"[der[i] & 15];
    }
  gsize whole_length = out->len;
  return g_bytes_new_take (g_string_free (g_steal_pointer (&out), FALSE), whole_length);
}

/* The one structure at the beginning of the room, then nothing but zeros; lower case only. */
static GBytes *
read_room (const char *room,
           GError **error)
{
  g_autofree guint8 *der = g_malloc (ROOM_BYTES);
  for (gsize i = 0; i < ROOM_BYTES; i++)
    {
      const char *digits = "0123456789abcdef";
      const char *high = room[2 * i] != '\0' ? strchr (digits, room[2 * i]) : NULL;
      const char *low = room[2 * i + 1] != '\0' ? strchr (digits, room[2 * i + 1]) : NULL;
      if (high == NULL || low == NULL)
        {
          anx_seal_fail (error, ANX_SEAL_ERROR_TAMPERED, "The signature of this document is damaged");
          return NULL;
        }
      der[i] = (guint8) ((high - digits) << 4 | (low - digits));
    }
  /* SEQUENCE with a length of two bytes: no signature with a certificate is shorter than 256 bytes. */
  gsize length = der[0] == 0x30 && der[1] == 0x82 ? (gsize) (der[2] << 8 | der[3]) + 4 : 0;
  gboolean zeros = length > 0 && length <= ROOM_BYTES;
  for (gsize i = length; zeros && i < ROOM_BYTES; i++)
    zeros = der[i] == 0;
  if (!zeros)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TAMPERED, "The signature of this document is damaged");
      return NULL;
    }
  return g_bytes_new (der, length);
}

/**
 * anx_signed_pdf_verify:
 * @pdf: a file, perhaps of anx_signed_pdf_sign()
 * @authority: the district authority's certificate
 * @out_signer: (out) (optional): who signed
 * @out_text: (out) (optional): what the document is
 * @error: return location, %ANX_SEAL_ERROR_INVALID when it is no such document, %ANX_SEAL_ERROR_TOO_LARGE, %ANX_SEAL_ERROR_TAMPERED,
 *   %ANX_SEAL_ERROR_UNTRUSTED
 *
 * The signature must cover every byte of the file: nothing may stand before, after or instead. The certificate must be of the authority; its
 * time is not judged here, for the time to judge it at stands in the text: anx_certificate_verify() does. Outputs are untouched on failure.
 *
 * Returns: whether it is as it was signed
 */
gboolean
anx_signed_pdf_verify (GBytes *pdf,
                       AnxCertificate *authority,
                       AnxCertificate **out_signer,
                       char **out_text,
                       GError **error)
{
  g_return_val_if_fail (pdf != NULL && authority != NULL, FALSE);
  gsize length = 0;
  const char *data = g_bytes_get_data (pdf, &length);
  if (length > ANX_SIGNED_PDF_BYTES)
    return anx_seal_fail (error, ANX_SEAL_ERROR_TOO_LARGE, "The document is longer than %d bytes", ANX_SIGNED_PDF_BYTES);
  const char *found = length > 5 && memcmp (data, "%PDF-", 5) == 0 ? find_last (data, length, CONTENTS) : NULL;
  gsize room = found != NULL ? (gsize) (found - data) + strlen (CONTENTS) : 0;
  gsize after = room + 2 * ROOM_BYTES + 1;
  if (found == NULL || after > length || data[after - 1] != '>')
    return anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "This is not a signed document of the service");
  g_autofree char *numbers = g_strdup_printf (RANGE_FORMAT, room - 1, after, length - after);
  gsize range = strlen (numbers);
  if ((gsize) (found - data) < range || memcmp (found - range, numbers, range) != 0)
    return anx_seal_fail (error, ANX_SEAL_ERROR_TAMPERED, "The signature does not cover the whole document");
  g_autoptr (GBytes) covered = take_covered (data, length, room);
  g_autoptr (GBytes) detached = read_room (data + room, error);
  g_autoptr (GBytes) whole = detached != NULL ? anx_cms_attach (detached, covered, error) : NULL;
  g_autoptr (AnxCertificate) signer = NULL;
  g_autofree char *text = NULL;
  if (whole == NULL || !anx_cms_verify (whole, NID_pkcs7_data, ANX_OID_STATEMENT_CONTEXT, NULL, &text, &signer, error)
      || !anx_certificate_verify_timeless (signer, authority, ANX_KEY_USE_SIGN, error))
    return FALSE;
  if (out_signer != NULL)
    *out_signer = g_steal_pointer (&signer);
  if (out_text != NULL)
    *out_text = g_steal_pointer (&text);
  return TRUE;
}

/* --- on paper --- */

/* Not to be taken for a signature over anything else. */
#define MARK_CONTEXT "anxin paper mark 1\n"

static char *
to_base64url (const guint8 *data,
              gsize length)
{
  char *text = g_base64_encode (data, length);
  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

/**
 * anx_paper_mark_sign:
 * @text: ASCII without spaces, 1 to 1,024 bytes
 * @sign_key: the signer's sign key
 * @error: return location, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_INTERNAL
 *
 * Short enough for a QR code, because it carries no certificate: who reads it finds the signer in the directory.
 *
 * Returns: (transfer full) (nullable): the text with its signature
 */
char *
anx_paper_mark_sign (const char *text,
                     AnxKey *sign_key,
                     GError **error)
{
  g_return_val_if_fail (text != NULL && sign_key != NULL, NULL);
  if (*text == '\0' || strlen (text) > TEXT_MAX_BYTES || !g_str_is_ascii (text) || strpbrk (text, " \r\n\t") != NULL)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "What stands on paper is one short line");
      return NULL;
    }
  g_autofree char *whole = g_strconcat (MARK_CONTEXT, text, NULL);
  guint8 signature[256];
  size_t length = sizeof signature;
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  gboolean ok = context != NULL && EVP_DigestSignInit (context, NULL, EVP_sha256 (), NULL, anx_key_peek (sign_key)) == 1
                && EVP_DigestSign (context, signature, &length, (const guint8 *) whole, strlen (whole)) == 1;
  EVP_MD_CTX_free (context);
  if (!ok)
    {
      anx_seal_fail_internal (error, "Signing");
      return NULL;
    }
  g_autofree char *encoded = to_base64url (signature, length);
  return g_strconcat (text, ".", encoded, NULL);
}

/**
 * anx_paper_mark_verify:
 * @mark: what a QR code said
 * @signer: the certificate of who is said to have signed; the caller trusts it
 * @error: return location, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_TAMPERED
 *
 * Returns: (transfer full) (nullable): the text
 */
char *
anx_paper_mark_verify (const char *mark,
                       AnxCertificate *signer,
                       GError **error)
{
  g_return_val_if_fail (mark != NULL && signer != NULL, NULL);
  const char *stop = strrchr (mark, '.');
  if (stop == NULL || stop == mark || strlen (mark) > 2 * TEXT_MAX_BYTES)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "This is not a mark of the service");
      return NULL;
    }
  g_autofree char *text = g_strndup (mark, (gsize) (stop - mark));
  g_autofree char *whole = g_strconcat (MARK_CONTEXT, text, NULL);
  g_autofree char *plain = g_strconcat (stop + 1, "==", NULL);
  gsize length = 0;
  plain[strlen (plain) - (strlen (stop + 1) % 4 == 0 ? 2 : strlen (stop + 1) % 4 == 3 ? 1 : 0)] = '\0';
  g_strdelimit (plain, "-", '+');
  g_strdelimit (plain, "_", '/');
  g_autofree guint8 *signature = g_base64_decode (plain, &length);
  /* One way to write it: the decoder passes over what it does not know. */
  g_autofree char *again = to_base64url (signature, length);
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  gboolean fits = strcmp (again, stop + 1) == 0 && length > 0 && context != NULL
                  && EVP_DigestVerifyInit (context, NULL, EVP_sha256 (), NULL, X509_get0_pubkey (anx_certificate_peek (signer))) == 1
                  && EVP_DigestVerify (context, signature, length, (const guint8 *) whole, strlen (whole)) == 1;
  EVP_MD_CTX_free (context);
  if (!fits)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TAMPERED, "The mark does not match its signature");
      return NULL;
    }
  return g_steal_pointer (&text);
}

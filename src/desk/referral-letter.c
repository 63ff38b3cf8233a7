/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "referral-letter.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#include "desk-dialog.h"
#include "desk-widgets.h"
#include "desk-window.h"
#include "json.h"
#include "letter.h"
#include "printing.h"
#include "referral-card.h"
#include "ui-text.h"

/* ISO 216 A4, in points. */
#define A4_WIDTH 595.28
#define A4_HEIGHT 841.89
/* The seal of an office in China measures 42 mm. */
#define SEAL_POINTS 119.0
/* A centre's seal in the directory: a PNG as Base64. */
#define SEAL_CHARS (128 * 1024)
#define SEAL_PIXELS 2000

static gboolean
is_empty (const char *text)
{
  return text == NULL || *text == '\0';
}

static void
add (AnxPrintout *letter,
     const char *heading,
     const char *text)
{
  if (!is_empty (text))
    anx_printout_add (letter, heading, text);
}

static void
add_person (AnxPrintout *letter,
            const AnxReferral *referral)
{
  g_autoptr (GString) text = g_string_new (referral->name);
  g_autofree char *details = anx_referral_card_describe_person (referral);

  if (*details != '\0')
    g_string_append_printf (text, "\n%s", details);
  if (!is_empty (referral->address))
    g_string_append_printf (text, "\n%s", referral->address);
  if (!is_empty (referral->guardian))
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (text, _ ("Guardian or contact: %s %s"), referral->guardian,
                              referral->guardian_phone != NULL ? referral->guardian_phone : "");
    }
  anx_printout_add (letter, _ ("Resident"), text->str);
}

/**
 * anx_referral_letter_new:
 * @referral: the referral
 * @words: the rest
 *
 * Holds what was chosen for this referral and nothing else; a field nobody filled in does not appear.
 *
 * Returns: (transfer full): the letter
 */
AnxPrintout *
anx_referral_letter_new (const AnxReferral *referral,
                         const AnxLetterWords *words)
{
  AnxPrintout *letter = anx_printout_new (_ ("Referral letter"));
  g_autofree char *issued = anx_ui_format_day_time (words->issued_usec, words->zone);
  g_autofree char *asked = anx_ui_format_day_time (referral->created_usec, words->zone);
  g_autofree char *way = g_strdup_printf (_ ("To: %s\nFrom: %s, %s\nReferred: %s · %s\nNumber: %s"), words->to, words->from, words->centre,
                                          asked, anx_desk_urgency_text (referral->urgency), referral->task);

  anx_printout_add (letter, NULL, way);
  add_person (letter, referral);
  add (letter, _ ("Need"), words->need);
  add (letter, _ ("Reason"), referral->reason);
  if (!is_empty (referral->level))
    anx_printout_add (letter, _ ("Risk as the counsellor sees it"), anx_desk_level_text (anx_level_from_string (referral->level)));
  add (letter, _ ("What this rests on"), referral->grounds);
  add (letter, _ ("Done so far"), referral->measures);
  add (letter, _ ("Summary chosen by the counsellor"), referral->summary);
  g_autofree char *basis = referral->consented ? g_strdup_printf (_ ("The resident agreed that %s receives this."), words->to)
                                               : g_strdup_printf (_ ("Without consent, by law: %s"), words->law != NULL ? words->law : "");
  anx_printout_add (letter, _ ("Consent"), basis);
  g_autofree char *signature = !is_empty (words->centre_phone)
                                   ? g_strdup_printf (_ ("%s, %s\n%s\nTelephone %s"), words->from, words->centre, issued, words->centre_phone)
                                   : g_strdup_printf ("%s, %s\n%s", words->from, words->centre, issued);
  anx_printout_add (letter, _ ("Signed electronically"), signature);
  if (words->seal != NULL)
    anx_printout_add_picture (letter, words->seal, SEAL_POINTS);
  anx_printout_add_qr (letter, words->mark);
  anx_printout_add (letter, NULL, _ ("The code tells who signed this letter, when, and for whom. It can be checked with “anxinctl letter verify”."));
  return letter;
}

/* --- making one --- */

typedef struct
{
  GtkWindow *parent;
  AnxDeskService *service;
  char *task;
  GtkFileChooserNative *chooser; /* (nullable) */
  GBytes *pdf;                   /* (nullable) */
} Making;

static void
making_free (Making *making)
{
  g_object_unref (making->parent);
  g_object_unref (making->service);
  g_clear_object (&making->chooser);
  g_clear_pointer (&making->pdf, g_bytes_unref);
  g_free (making->task);
  g_free (making);
}

/* Before it is decoded: width and height stand at bytes 16 and 20, most significant first (W3C, PNG, 11.2.2 IHDR). */
static gboolean
is_small_png (const guint8 *data,
              gsize length)
{
  guint32 size[2];

  if (length < 24 || memcmp (data, "\x89PNG\r\n\x1a\n", 8) != 0)
    return FALSE;
  memcpy (size, data + 16, sizeof size);
  return GUINT32_FROM_BE (size[0]) <= SEAL_PIXELS && GUINT32_FROM_BE (size[1]) <= SEAL_PIXELS;
}

/* The seal's picture is in the signed directory; one that is none is left out. */
static GdkPaintable *
load_seal (JsonObject *centre)
{
  const char *text = centre != NULL ? anx_json_get_string (centre, "seal", NULL) : NULL;
  gsize length = 0;

  if (text == NULL || strlen (text) > SEAL_CHARS)
    return NULL;
  guint8 *data = g_base64_decode (text, &length);
  g_autoptr (GBytes) bytes = g_bytes_new_take (data, length);
  GdkTexture *texture = is_small_png (data, length) ? gdk_texture_new_from_bytes (bytes, NULL) : NULL;
  return texture != NULL ? GDK_PAINTABLE (texture) : NULL;
}

static void
fail (Making *making,
      const GError *error)
{
  anx_desk_say_failure (making->parent, _ ("The letter could not be made"), error);
}

static AnxPrintout *
make_letter (Making *making,
             char **out_text,
             GError **error)
{
  AnxDeskModel *model = anx_desk_service_get_model (making->service);
  AnxClient *client = anx_desk_service_get_client (making->service);
  const AnxDeskReferral *referral = anx_desk_model_get_referral (model, making->task);
  AnxDeskRecord *record = referral != NULL ? anx_desk_model_get_record (model, referral->record) : NULL;

  if (record == NULL || record->resource == NULL || referral->content == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("The content of this referral is not on this computer."));
      return NULL;
    }
  const AnxReferral *content = referral->content;
  gint64 now = anx_desk_model_now_usec (model);
  g_autoptr (AnxLetter) says = anx_letter_new (making->task, referral->from, referral->to, now, record->resource);
  g_autofree char *text = anx_letter_to_text (says);
  g_autofree char *mark = anx_client_sign_mark (client, text, error);
  if (mark == NULL)
    return NULL;
  JsonObject *centre = anx_directory_get_centre (anx_client_get_directory (client), referral->centre);
  g_autoptr (GdkPaintable) seal = load_seal (centre);
  const AnxLetterWords words = {
    .from = anx_desk_service_name_principal (making->service, referral->from),
    .centre = anx_desk_service_name_centre (making->service, referral->centre),
    .centre_phone = centre != NULL ? anx_json_get_string (centre, "phone", NULL) : NULL,
    .to = anx_desk_service_name_principal (making->service, referral->to),
    .need = anx_referral_card_find_word (making->service, "needs", content->need, "name"),
    .law = anx_referral_card_find_word (making->service, "legalBases", content->legal_basis, "law"),
    .zone = anx_desk_service_get_zone (making->service),
    .mark = mark,
    .issued_usec = now,
    .seal = seal,
  };
  *out_text = g_steal_pointer (&text);
  return anx_referral_letter_new (content, &words);
}

static void
on_printed (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  Making *making = user_data;
  g_autoptr (GError) error = NULL;

  if (anx_print_ask_finish (GTK_WINDOW (source), result, &error))
    anx_desk_window_toast (making->parent, _ ("The letter is with the printer."));
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    fail (making, error);
  making_free (making);
}

static void
on_saved (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  Making *making = user_data;
  g_autoptr (GError) error = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    anx_desk_window_toast (making->parent, _ ("Saved. Whoever has the file can read it."));
  else
    fail (making, error);
  making_free (making);
}

static void
on_chosen (GtkNativeDialog *chooser,
           int response,
           Making *making)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser)) : NULL;

  if (file == NULL)
    {
      making_free (making);
      return;
    }
  /* Readable by this person alone until they decide otherwise. */
  g_file_replace_contents_bytes_async (file, making->pdf, NULL, FALSE, G_FILE_CREATE_PRIVATE | G_FILE_CREATE_REPLACE_DESTINATION, NULL, on_saved,
                                       making);
}

static void
save (Making *making,
      AnxPrintout *letter,
      const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) plain = anx_printout_to_pdf (letter, A4_WIDTH, A4_HEIGHT);

  making->pdf = anx_client_sign_pdf (anx_desk_service_get_client (making->service), plain, text, &error);
  if (making->pdf == NULL)
    {
      fail (making, error);
      making_free (making);
      return;
    }
  /* No name of a person in a file's name. */
  g_autofree char *name = g_strdup_printf ("%.8s.pdf", making->task);
  making->chooser = gtk_file_chooser_native_new (_ ("Save the letter"), making->parent, GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (making->chooser), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (making->chooser), name);
  g_signal_connect (making->chooser, "response", G_CALLBACK (on_chosen), making);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (making->chooser));
}

static void
on_how (AdwMessageDialog *dialog,
        const char *response,
        Making *making)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gboolean wanted = g_str_equal (response, "print") || g_str_equal (response, "save");
  g_autoptr (AnxPrintout) letter = wanted ? make_letter (making, &text, &error) : NULL;

  if (letter == NULL)
    {
      if (wanted)
        fail (making, error);
      making_free (making);
      return;
    }
  if (g_str_equal (response, "print"))
    anx_print_ask_async (letter, making->parent, on_printed, making);
  else
    save (making, letter, text);
}

/**
 * anx_referral_letter_present:
 * @parent: the window
 * @service: the service of the referral's author
 * @task: the referral's task
 *
 * Asks whether to print or to save the letter, and does it. Only a file that the person chose is written.
 */
void
anx_referral_letter_present (GtkWindow *parent,
                             AnxDeskService *service,
                             const char *task)
{
  GtkWidget *dialog = adw_message_dialog_new (parent, _ ("Referral letter"),
                                              _ ("It holds what you chose for this referral, your signature and the centre’s seal. "
                                                 "Whoever has the paper or the file can read it."));
  Making *making = g_new0 (Making, 1);

  making->parent = g_object_ref (parent);
  making->service = g_object_ref (service);
  making->task = g_strdup (task);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "back", _ ("_Go back"), "save", _ ("_Save as PDF…"), "print", _ ("_Print…"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "print", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "back");
  g_signal_connect (dialog, "response", G_CALLBACK (on_how), making);
  anx_desk_dialog_present (dialog);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Every bound on data from outside, in one place. Units are in the names. A parser that meets more refuses with
 * a "too large" error of its domain; it never truncates.
 */

/* One sealed envelope. A screening is about 6 KiB, a long note 40 KiB. */
#define ANX_BOUND_ENVELOPE_BYTES (256 * 1024)
/* One HTTP request body at the hub: a batch of envelopes in Base64. */
#define ANX_BOUND_REQUEST_BYTES (4 * 1024 * 1024)
/* Envelopes in one batch. */
#define ANX_BOUND_BATCH_RECORDS 100
/* The signed directory of one district: about 1,900 centres with some 12,000 principals. */
#define ANX_BOUND_DIRECTORY_BYTES (64 * 1024 * 1024)
/* One WebSocket message: a session description is about 8 KiB. */
#define ANX_BOUND_SIGNAL_BYTES (64 * 1024)
/* A certificate or certificate request in PEM. */
#define ANX_BOUND_PEM_BYTES (16 * 1024)
/* Nesting of JSON. FHIR Questionnaires of the field reach about 30 (each group level takes two). */
#define ANX_BOUND_JSON_DEPTH 64
/* A FHIR Questionnaire file. */
#define ANX_BOUND_QUESTIONNAIRE_BYTES (2 * 1024 * 1024)
/* Recipients of one record. */
#define ANX_BOUND_RECIPIENTS 32
/* A principal's identifier, an opaque id. */
#define ANX_BOUND_PRINCIPAL_CHARS 64
/* A resident's name or alias, in characters. */
#define ANX_BOUND_NAME_CHARS 40
/* Free text in a note or referral, in characters. */
#define ANX_BOUND_NOTE_CHARS 20000
/* The routing header of a record, as JSON. */
#define ANX_BOUND_HEADER_BYTES (8 * 1024)
/* How far ahead free slots may be asked for. */
#define ANX_BOUND_SLOT_DAYS 92

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What one expression may take. More is ANX_FHIRPATH_ERROR_TOO_LARGE, naming the bound; nothing is cut short.
 */

/* An expression's text. The longest of the SDC examples has about 2 KiB. */
#define ANX_FHIRPATH_MAX_TEXT_BYTES (16 * 1024)
/* Nesting of brackets, operators and calls in an expression. */
#define ANX_FHIRPATH_MAX_NESTING 200
/* Nodes visited in one evaluation: every step of every sub-expression on every item is one. */
#ifndef ANX_FHIRPATH_MAX_STEPS /* a fuzzer sets it lower, to try more expressions */
#define ANX_FHIRPATH_MAX_STEPS 2000000
#endif
/* Items of one collection. */
#define ANX_FHIRPATH_MAX_ITEMS 100000
/* One string that an expression makes, and all memory that it takes from first to last. */
#define ANX_FHIRPATH_MAX_STRING_BYTES (1024 * 1024)
#define ANX_FHIRPATH_MAX_MEMORY_BYTES (64 * 1024 * 1024)

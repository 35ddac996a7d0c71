/* What a program that tries the laws calls (laws.c). */
#ifndef LAWS_CHECK_H
#define LAWS_CHECK_H

#include "dcmfhir.h"

/*
 * Try every rule on values made at random: what FHIR does not change is not
 * touched, and what is written is read back.  count values for each rule of
 * the outermost file and law, fewer for each of many, and for those of files
 * that it includes; the same seed makes the same values.  On failure the error
 * text has the smallest counterexample found for each rule and law.
 */
int laws_check(const dfh_rules *rules, unsigned long seed, unsigned long count,
	       dfh_error **error);

#endif

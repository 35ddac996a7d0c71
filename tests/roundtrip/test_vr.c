#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "vr.h"
#include "run_suite.h"
#include "calendar.h"
#include "utf8.h"

#define TEN "1234567890"
#define SIXTY TEN TEN TEN TEN TEN TEN
#define UMLAUT "\xC3\xA4"

static const struct {
	const char *vr;
	int vm_max;
	const char *text;
	bool legal;
} cases[] = {
	{"AE", 1, "STORE_1", true},
	{"AE", 1, TEN "1234567", false},
	{"AE", 1, UMLAUT, false},
	{"AS", 1, "042Y", true},
	{"AS", 1, "42Y", false},
	{"AS", 1, "042X", false},
	{"AS", -1, "042Y\\003M", true},
	{"CS", 1, "A B_1", true},
	{"CS", 1, "a", false},
	{"CS", 1, "A-B", false},
	{"CS", 1, TEN "123456", true},
	{"CS", 1, TEN "1234567", false},
	{"CS", -1, "A\\B\\C", true},
	{"CS", 2, "A\\B\\C", false},
	{"CS", 3, "A\\\\C", true},
	{"DA", 1, "20240229", true},
	{"DA", 1, "20230229", false},
	{"DA", 1, "19000229", false},
	{"DA", 1, "20000229", true},
	{"DA", 1, "20241301", false},
	{"DA", 1, "2024.02.29", false},
	{"DA", 1, "20240229 ", false},
	{"TM", 1, "07", true},
	{"TM", 1, "0708", true},
	{"TM", 1, "070809.123456", true},
	{"TM", 1, "070809.1234567", false},
	{"TM", 1, "0708.1", false},
	{"TM", 1, "240000", false},
	{"TM", 1, "235960", true},
	{"TM", 1, "235961", false},
	{"TM", 1, "021", false},
	{"TM", 1, "070809.", false},
	{"DT", 1, "2024", true},
	{"DT", 1, "202405", true},
	{"DT", 1, "202413", false},
	{"DT", 1, "20240506070809.123456+0100", true},
	{"DT", 1, "2024+0100", true},
	{"DT", 1, "20240506+01", false},
	{"DT", 1, "2024050", false},
	{"DS", 1, "-1.5E+10", true},
	{"DS", 1, " .5 ", true},
	{"DS", 1, "5.", true},
	{"DS", 1, ".", false},
	{"DS", 1, "1,5", false},
	{"DS", 1, "1E", false},
	{"DS", 1, "1.23456789012345", true},
	{"DS", 1, "1.234567890123456", false},
	{"IS", 1, "+7", true},
	{"IS", 1, "-2147483648", true},
	{"IS", 1, "-2147483649", false},
	{"IS", 1, "2147483648", false},
	{"IS", 1, "1.0", false},
	{"IS", 1, "", true},
	{"IS", 1, "-", false},
	{"LO", 1, SIXTY "1234", true},
	{"LO", 1, SIXTY "12345", false},
	{"LO", 1, SIXTY "123" UMLAUT, true}, /* characters, not bytes */
	{"LO", 1, "a\nb", false},
	{"LO", 1, "a\x1B$B", false},
	{"LO", 1, "a\xC2\x85", false}, /* a control character of C1 */
	{"LO", 1, "a\\b", false},
	{"LO", 2, "a\\b", true},
	{"LO", 1, "\xFF", false},
	{"LO", 1, "\xC3", false},
	{"LO", 1, "\xED\xA0\x80", false}, /* a surrogate */
	{"LO", 1, "\xC0\x80", false},	  /* longer than need be */
	{"LO", 1, "\xF0\x9F\xA9\xBB", true},
	{"SH", 1, TEN "123456", true},
	{"SH", 1, TEN "1234567", false},
	{"SH", -1, TEN "\\" TEN, true},
	{"ST", 1, "a\\b\r\n\t\f", true},
	{"ST", 1, "a\x0B", false},
	{"LT", 1, "a\\b", true},
	{"UT", 1, "a\\b", true},
	{"UC", 1, SIXTY SIXTY, true},
	{"UC", 1, "a\\b", false},
	{"UR", 1, "http://a.example/b?c=%20", true},
	{"UR", 1, "http://a b", false},
	{"UR", 1, "a\\b", false},
	{"UI", 1, "1.2.840.10008", true},
	{"UI", 1, "1.02", true},
	{"UI", 1, "1..2", false},
	{"UI", 1, "1.", false},
	{"UI", 1, "1.a", false},
	{"UI", 1, SIXTY "1234", true},
	{"UI", 1, SIXTY "12345", false},
	{"PN", 1, "A^B^C^D^E", true},
	{"PN", 1, "A^B^C^D^E^F", false},
	{"PN", 1, "A=B=C", true},
	{"PN", 1, "A=B=C=D", false},
	{"PN", 1, SIXTY "1234", true},
	{"PN", 1, SIXTY "12345", false},
	{"PN", 1, SIXTY "123=" SIXTY, true},
	{"PN", 1, SIXTY "1234=" SIXTY, false}, /* with its delimiter 65 */
	{"PN", 1, SIXTY "\\" SIXTY, false},
	{"PN", 2, SIXTY "\\" SIXTY, true},
	{"PN", 1, "A\tB", false},
	{"UN", 1, "anything", true},
	{"OB", 1, "anything", false},
	{"SQ", 1, "anything", false},
};

START_TEST(faults)
{
	const char *fault =
		vr_fault(cases[_i].vr, cases[_i].vm_max, cases[_i].text);
	ck_assert_msg(cases[_i].legal == !fault, "%s '%s': %s", cases[_i].vr,
		      cases[_i].text, fault ? fault : "legal");
	/* No patient data in messages. */
	ck_assert(!fault || strlen(cases[_i].text) < 4 ||
		  !strstr(fault, cases[_i].text));
}
END_TEST

START_TEST(kinds)
{
	ck_assert(vr_is_multiple("LO"));
	ck_assert(vr_is_multiple("UC"));
	ck_assert(!vr_is_multiple("ST"));
	ck_assert(!vr_is_multiple("UR"));
	ck_assert(!vr_is_multiple("OB"));
	ck_assert(vr_is_code_string("CT"));
	ck_assert(!vr_is_code_string(" "));
	ck_assert(!vr_is_code_string(""));
	ck_assert(!vr_is_code_string("A\\B"));
	ck_assert_ptr_null(vr_uid_fault("1.2"));
	ck_assert_ptr_nonnull(vr_uid_fault(""));
	ck_assert_ptr_nonnull(vr_uid_fault("1\\2"));
	ck_assert_int_eq(calendar_month_days(2024, 2), 29);
	ck_assert_int_eq(calendar_month_days(2023, 2), 28);
	ck_assert_int_eq(calendar_month_days(2023, 13), 0);
	ck_assert_uint_eq(utf8_count(UMLAUT "b", strlen(UMLAUT "b")), 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vr");
	TCase *tcase = tcase_create("vr");
	tcase_add_loop_test(tcase, faults, 0, sizeof cases / sizeof cases[0]);
	tcase_add_test(tcase, kinds);
	suite_add_tcase(suite, tcase);
	return run_suite(suite) != 0;
}

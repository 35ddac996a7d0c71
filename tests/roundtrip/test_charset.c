/* Every Specific Character Set: bytes to UTF-8 and back. */
#include "charset.h"
#include "run_suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum direction { BOTH, READ, READ_ONLY };

/* BOTH: encoding gives the same bytes.  READ: other bytes, the same text.
 * READ_ONLY: the set is not declared, so there is no way back. */
static const struct {
	const char *term, *vr, *bytes, *utf8;
	enum direction direction;
} examples[] = {
	/* PS3.5 annex H: Japanese */
	{"\\ISO 2022 IR 87", "PN",
	 "Yamada^Tarou=\033$B;3ED\033(B^\033$BB@O:\033(B="
	 "\033$B$d$^$@\033(B^\033$B$?$m$&\033(B",
	 "Yamada^Tarou=山田^太郎=やまだ^たろう", BOTH},
	{"ISO 2022 IR 13\\ISO 2022 IR 87", "PN",
	 "\324\317\300\336^\300\333\263=\033$B;3ED\033(J^\033$BB@O:\033(J="
	 "\033$B$d$^$@\033(J^\033$B$?$m$&\033(J",
	 "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう", BOTH},
	{"ISO 2022 IR 13\\ISO 2022 IR 87", "PN", "\033$B;3ED\033(B^X", "山田^X",
	 READ},
	/* PS3.5 annex I: Korean */
	{"\\ISO 2022 IR 149", "PN",
	 "Hong^Gildong=\033$)C\373\363^\033$)C\321\316\324\327="
	 "\033$)C\310\253^\033$)C\261\346\265\277",
	 "Hong^Gildong=洪^吉洞=홍^길동", BOTH},
	{"\\ISO 2022 IR 149", "LT",
	 "1: \033$)C\261\346\265\277\r\n2: \033$)C\310\253 ok\r\n",
	 "1: 길동\r\n2: 홍 ok\r\n", BOTH},
	{"\\ISO 2022 IR 149", "PN", "\033$)C\261\350\310\361\301\337\033(B",
	 "김희중", READ},
	/* PS3.5 annexes J and K: Chinese */
	{"ISO_IR 192", "PN",
	 "Wang^XiaoDong=\347\216\213^\345\260\217\346\235\261=",
	 "Wang^XiaoDong=王^小東=", BOTH},
	{"GB18030", "PN", "Wang^XiaoDong=\315\365^\320\241\266\253=",
	 "Wang^XiaoDong=王^小东=", BOTH},
	{"GBK", "PN", "Wang^XiaoDong=\315\365^\320\241\226|=",
	 "Wang^XiaoDong=王^小東=", BOTH},
	{"\\ISO 2022 IR 58", "PN",
	 "Zhang^XiaoDong=\033$)A\325\305^\033$)A\320\241\266\253=",
	 "Zhang^XiaoDong=张^小东=", BOTH},
	/* one alphabet, without code extensions */
	{"ISO_IR 100", "PN", "Buc^J\351r\364me", "Buc^Jérôme", BOTH},
	{"ISO_IR 100", "PN", "\304neas^R\374diger", "Äneas^Rüdiger", BOTH},
	{"ISO_IR 101", "PN", "Wa\263\352sa^Lech", "Wałęsa^Lech", BOTH},
	{"ISO_IR 109", "LO", "\346u\375", "ĉuŭ", BOTH},
	{"ISO_IR 110", "LO", "\341\272\347", "áēį", BOTH},
	{"ISO_IR 126", "PN", "\304\351\357\355\365\363\351\357\362",
	 "Διονυσιος", BOTH},
	{"ISO_IR 127", "PN", "\342\310\307\346\352^\344\346\322\307\321",
	 "قباني^لنزار", BOTH},
	{"ISO_IR 138", "PN", "\371\370\345\357^\343\341\345\370\344",
	 "שרון^דבורה", BOTH},
	{"ISO_IR 144", "PN", "\273\356\332ce\334\321yp\323", "Люкceмбypг",
	 BOTH},
	{"ISO_IR 148", "PN", "\335brahim^\376", "İbrahim^ş", BOTH},
	{"ISO_IR 166", "PN", "\312\301\252\322\302", "สมชาย", BOTH},
	{"ISO_IR 203", "LO", "\244 \275uvre", "€ œuvre", BOTH},
	{"ISO_IR 13", "PN", "\324\317\300\336^\300\333\263", "ﾔﾏﾀﾞ^ﾀﾛｳ", BOTH},
	{"ISO_IR 13", "SH", "\324~\\\317", "ﾔ~\\ﾏ", BOTH},
	/* value 1 comes back at delimiters of the VR, and only there */
	{"ISO 2022 IR 100\\ISO 2022 IR 126", "PN",
	 "J\351r\364me=\033-F\304\351\033-A^\033-F\357\033-A", "Jérôme=Δι^ο",
	 BOTH},
	{"ISO 2022 IR 100\\ISO 2022 IR 126", "LO",
	 "\033-F\304^\351\033-A\\\351", "Δ^ι\\é", BOTH},
	{"ISO 2022 IR 100\\ISO 2022 IR 126", "LT", "\033-F\304\\\351\033-A",
	 "Δ\\ι", BOTH},
	{"ISO 2022 IR 100\\ISO 2022 IR 126", "UC",
	 "\033-F\304\\\351\t\351\f\351", "Δ\\é\té\fé", READ},
	{"ISO 2022 IR 100\\ISO 2022 IR 126", "SH", "\351\033-F\304\033-A\351",
	 "éΔé", BOTH},
	{"\\ISO 2022 IR 13", "LO", "A \033)I\324\317\\B", "A ﾔﾏ\\B", BOTH},
	/* three sets at once; G1 anew behind an escape to G0 */
	{"ISO 2022 IR 126\\ISO 2022 IR 87\\ISO 2022 IR 159", "LO",
	 "\304\033$B;3\033$(D0!\033(B x\033-F\304", "Δ山丂 xΔ", BOTH},
	{"\\ISO 2022 IR 149\\ISO 2022 IR 87", "LO",
	 "\033$)C\261\346\033$B9~\033(B\033$)C\265\277\\\033$B9~\033(B",
	 "길込동\\込", BOTH},
	{"\\ISO 2022 IR 159", "LO", "\033$(D+1\033(B", "é", BOTH},
	{"\\ISO 2022 IR 100\\ISO 2022 IR 159", "LO", "\033-A\351", "é", BOTH},
	/* bytes of \ ^ = inside of characters: 5C 5E 3D */
	{"\\ISO 2022 IR 87", "PN", "\033$B<=\033(B=\033$B%^=P\033(B", "悉=マ出",
	 READ},
	{"\\ISO 2022 IR 87", "PN", "\033$B=P;\\M^\033(B\\X", "出施抑\\X", BOTH},
	{"\\ISO 2022 IR 87", "LO", "\033$B!\\\033(B\\A", "＋\\A", BOTH},
	{"GBK", "LO", "\201\\\\A\201^", "乗\\A乛", READ},
	{"GB18030", "PN", "\201\\=\201^^\2010\2010", "乗=乛^\302\200", READ},
	/* seen in files: undeclared sets, multi-byte value 1, blanks, padding
	 */
	{"ISO_IR 100", "LO", "\351\033-F\304", "éΔ", READ_ONLY},
	{"ISO 2022 IR 149", "LO", "\261\346\265\277", "길동", READ},
	{"ISO 2022 IR 87", "LO", "A\033$B;3\033(B", "A山", BOTH},
	{"\\ISO 2022 IR 87", "LO", "\033$B;3 ED\033(B", "山 田", READ},
	{"ISO 2022 IR 6", "LO", "\033(B", "", READ},
	{NULL, "UT", "a\\b^c=d\te\r\n\f~", "a\\b^c=d\te\r\n\f~", BOTH},
	{"", "LO", "", "", BOTH},
};

static void check_back(struct charset *charset, const char *vr,
		       const char *utf8, const char *bytes)
{
	size_t length;
	char *encoded = charset_encode(charset, vr, utf8, &length);
	char *again;

	ck_assert_msg(encoded != NULL, "not encoded: %s", utf8);
	ck_assert_uint_eq(strlen(encoded), length);
	if (bytes)
		ck_assert_str_eq(encoded, bytes);
	again = charset_decode(charset, vr, encoded, length);
	ck_assert_ptr_nonnull(again);
	ck_assert_str_eq(again, utf8);
	free(again);
	free(encoded);
}

START_TEST(examples_both_ways)
{
	const char *bytes = examples[_i].bytes, *vr = examples[_i].vr;
	struct charset *charset = charset_open(examples[_i].term);
	char *utf8;

	ck_assert_ptr_nonnull(charset);
	utf8 = charset_decode(charset, vr, bytes, strlen(bytes));
	ck_assert_msg(utf8 != NULL, "not decoded: %s", examples[_i].utf8);
	ck_assert_str_eq(utf8, examples[_i].utf8);
	if (examples[_i].direction != READ_ONLY)
		check_back(charset, vr, utf8,
			   examples[_i].direction == BOTH ? bytes : NULL);
	free(utf8);
	charset_close(charset);
}
END_TEST

static const struct {
	const char *term, *bytes;
} undecodable[] = {
	{NULL, "\351"},
	{"ISO_IR 6", "a\033-"},
	{"ISO_IR 100", "\205"},
	{"ISO_IR 100", "a\001"},
	{"ISO_IR 100", "a\033"},
	{"ISO_IR 100", "a\033%G"},
	{"ISO_IR 100", "a\177"},
	{"ISO_IR 127", "\241"},
	{"ISO_IR 138", "\277"},
	{"ISO_IR 166", "\377"},
	{"ISO_IR 13", "\240"},
	{"ISO_IR 13", "\340"},
	{"\\ISO 2022 IR 87", "\033$B;"},
	{"\\ISO 2022 IR 87", "\033$B;\033(B"},
	{"\\ISO 2022 IR 87", "\033$B;\r"},
	{"\\ISO 2022 IR 87", "\033$B\177\177"},
	{"\\ISO 2022 IR 87", "\033$B;\263"},
	{"\\ISO 2022 IR 149", "\033$)C\373"},
	{"\\ISO 2022 IR 149", "\033$)C\373A"},
	{"\\ISO 2022 IR 149", "\373\363"},
	{"\\ISO 2022 IR 149", "\033$)C\373\363\\\373\363"},
	{"\\ISO 2022 IR 58", "\033$)A\377\377"},
	{"ISO_IR 192", "\351"},
	{"ISO_IR 192", "\300\200"},
	{"ISO_IR 192", "\340\200\200"},
	{"ISO_IR 192", "\355\240\200"},
	{"ISO_IR 192", "\364\220\200\200"},
	{"ISO_IR 192", "\347\216"},
	{"ISO_IR 192", "\347\216\213\033$B"},
	{"GB18030", "\315"},
	{"GB18030", "\2010\201"},
	{"GBK", "\315\365\377"},
};

START_TEST(undecodable_is_null)
{
	struct charset *charset = charset_open(undecodable[_i].term);
	const char *bytes = undecodable[_i].bytes;
	char *good;

	ck_assert_ptr_nonnull(charset);
	ck_assert_ptr_null(charset_decode(charset, "LO", bytes, strlen(bytes)));
	good = charset_decode(charset, "LO", "ok", 2);
	ck_assert_str_eq(good, "ok");
	free(good);
	charset_close(charset);
}
END_TEST

static const struct {
	const char *term, *utf8;
} unencodable[] = {
	{NULL, "é"},
	{"ISO_IR 100", "Δ"},
	{"ISO_IR 100", "\302\205"},
	{"ISO_IR 100", "a\033"},
	{"ISO_IR 100", "\351"},
	{"ISO_IR 13", "山"},
	{"ISO_IR 13", "¥"},
	{"ISO_IR 13", "‾"},
	{"\\ISO 2022 IR 87", "홍"},
	{"\\ISO 2022 IR 87", "é"},
	{"\\ISO 2022 IR 87", "ﾔ"},
	{"\\ISO 2022 IR 149", "é"},
	{"\\ISO 2022 IR 58", "東"},
	{"ISO_IR 192", "a\033é"},
	{"ISO_IR 192", "\355\240\200"},
	{"GBK", "홍"},
};

START_TEST(unencodable_is_null)
{
	struct charset *charset = charset_open(unencodable[_i].term);
	size_t length;
	char *good;

	ck_assert_ptr_nonnull(charset);
	ck_assert_ptr_null(
		charset_encode(charset, "LO", unencodable[_i].utf8, &length));
	good = charset_encode(charset, "LO", "ok", &length);
	ck_assert_str_eq(good, "ok");
	free(good);
	charset_close(charset);
}
END_TEST

START_TEST(padding_and_nul)
{
	struct charset *charset = charset_open("ISO_IR 100");
	char *utf8 = charset_decode(charset, "LO", "\351a\0\0", 4);

	ck_assert_str_eq(utf8, "éa");
	free(utf8);
	ck_assert_ptr_null(charset_decode(charset, "LO", "a\0b", 3));
	charset_close(charset);
	charset = charset_open("ISO_IR 192");
	ck_assert_ptr_null(charset_decode(charset, "LO", "\303\251\0b", 4));
	charset_close(charset);
	charset_close(NULL);
}
END_TEST

/* A set's characters: term, escape to it, which bytes, and the least number
 * of them that are assigned. */
static const struct {
	const char *term, *escape;
	int first_low, first_high, second_low, second_high, least;
} repertoires[] = {
	{"ISO_IR 100", "", 0xa0, 0xff, 0, 0, 96},
	{"ISO_IR 101", "", 0xa0, 0xff, 0, 0, 96},
	{"ISO_IR 109", "", 0xa0, 0xff, 0, 0, 89},
	{"ISO_IR 110", "", 0xa0, 0xff, 0, 0, 96},
	{"ISO_IR 144", "", 0xa0, 0xff, 0, 0, 96},
	{"ISO_IR 127", "", 0xa0, 0xff, 0, 0, 51},
	{"ISO_IR 126", "", 0xa0, 0xff, 0, 0, 90},
	{"ISO_IR 138", "", 0xa0, 0xff, 0, 0, 60},
	{"ISO_IR 148", "", 0xa0, 0xff, 0, 0, 96},
	{"ISO_IR 203", "", 0xa0, 0xff, 0, 0, 96},
	{"ISO_IR 166", "", 0xa0, 0xff, 0, 0, 87},
	{"ISO_IR 13", "", 0xa0, 0xff, 0, 0, 63},
	{"\\ISO 2022 IR 100", "-A", 0xa0, 0xff, 0, 0, 96},
	{"\\ISO 2022 IR 101", "-B", 0xa0, 0xff, 0, 0, 96},
	{"\\ISO 2022 IR 109", "-C", 0xa0, 0xff, 0, 0, 89},
	{"\\ISO 2022 IR 110", "-D", 0xa0, 0xff, 0, 0, 96},
	{"\\ISO 2022 IR 144", "-L", 0xa0, 0xff, 0, 0, 96},
	{"\\ISO 2022 IR 127", "-G", 0xa0, 0xff, 0, 0, 51},
	{"\\ISO 2022 IR 126", "-F", 0xa0, 0xff, 0, 0, 90},
	{"\\ISO 2022 IR 138", "-H", 0xa0, 0xff, 0, 0, 60},
	{"\\ISO 2022 IR 148", "-M", 0xa0, 0xff, 0, 0, 96},
	{"\\ISO 2022 IR 203", "-b", 0xa0, 0xff, 0, 0, 96},
	{"\\ISO 2022 IR 166", "-T", 0xa0, 0xff, 0, 0, 87},
	{"\\ISO 2022 IR 13", ")I", 0xa0, 0xff, 0, 0, 63},
	{"\\ISO 2022 IR 87", "$B", 0x21, 0x7e, 0x21, 0x7e, 6879},
	{"\\ISO 2022 IR 159", "$(D", 0x21, 0x7e, 0x21, 0x7e, 6067},
	{"\\ISO 2022 IR 149", "$)C", 0xa1, 0xfe, 0xa1, 0xfe, 8224},
	{"\\ISO 2022 IR 58", "$)A", 0xa1, 0xfe, 0xa1, 0xfe, 7445},
	{"GBK", "", 0x81, 0xfe, 0x40, 0xfe, 21791},
	{"GB18030", "", 0x81, 0xfe, 0x40, 0xfe, 23900},
};

/* All its characters each alone and all of a row in one value. */
START_TEST(whole_repertoire)
{
	struct charset *charset = charset_open(repertoires[_i].term);
	const char *escape = repertoires[_i].escape;
	int count = 0;

	ck_assert_ptr_nonnull(charset);
	for (int a = repertoires[_i].first_low; a <= repertoires[_i].first_high;
	     a++) {
		char row[4096] = "";

		for (int b = repertoires[_i].second_low;
		     b <= repertoires[_i].second_high; b++) {
			char bytes[16], *utf8;
			int n = snprintf(bytes, sizeof(bytes), "%s%s%c%c",
					 *escape ? "\033" : "", escape, a, b);

			if (b == 0)
				n--;
			utf8 = charset_decode(charset, "LO", bytes, (size_t)n);
			if (!utf8)
				continue;
			count++;
			ck_assert_uint_gt((unsigned char)utf8[0], 0x7f);
			check_back(charset, "LO", utf8, NULL);
			strcat(row, utf8);
			free(utf8);
		}
		check_back(charset, "LO", row, NULL);
	}
	ck_assert_int_ge(count, repertoires[_i].least);
	charset_close(charset);
}
END_TEST

static const char *const known[] = {
	"ISO_IR 6",
	"ISO_IR 100",
	"ISO_IR 101",
	"ISO_IR 109",
	"ISO_IR 110",
	"ISO_IR 144",
	"ISO_IR 127",
	"ISO_IR 126",
	"ISO_IR 138",
	"ISO_IR 148",
	"ISO_IR 203",
	"ISO_IR 13",
	"ISO_IR 166",
	"ISO_IR 192",
	"GB18030",
	"GBK",
	"ISO 2022 IR 6",
	"ISO 2022 IR 100",
	"ISO 2022 IR 101",
	"ISO 2022 IR 109",
	"ISO 2022 IR 110",
	"ISO 2022 IR 144",
	"ISO 2022 IR 127",
	"ISO 2022 IR 126",
	"ISO 2022 IR 138",
	"ISO 2022 IR 148",
	"ISO 2022 IR 203",
	"ISO 2022 IR 13",
	"ISO 2022 IR 166",
	"ISO 2022 IR 87",
	"ISO 2022 IR 159",
	"ISO 2022 IR 149",
	"ISO 2022 IR 58",
	"ISO_IR 100 ",
	"ISO IR 100",
	"ISO-IR 100",
	"ISO_IR_100",
	"iso_ir 100",
	" \\ ISO 2022 IR 87 ",
	"ISO 2022 GBK",
	"ISO 2022 58",
	"ISO_2022_IR_100",
	"ISO_IR 192\\ISO 2022 IR 87",
	"ISO_IR 13\\ISO 2022 IR 87",
	"\\ISO 2022 IR 87\\ISO 2022 IR 87\\ISO 2022 IR 159"};

START_TEST(terms_known)
{
	struct charset *charset = charset_open(known[_i]);

	ck_assert_msg(charset != NULL, "refused: %s", known[_i]);
	charset_close(charset);
}
END_TEST

static const char *const unknown[] = {
	"ISO_IR 99",
	"ISO_IR",
	"ISO 2022 IR",
	"100",
	"6",
	"UTF-8",
	"latin1",
	"ISO_IR 1000",
	"ISO 8859-1",
	"GB2312",
	"ISO_IR 100\\nonsense",
	"ISO 2022 IR 6\\ISO_IR 192",
	"\\GB18030",
	"ISO_IR 192\\GB18030",
	"ISO 2022 IR 100 ISO 2022 IR 87",
	"ISO_IR 100 and some more words than any term of the standard has"};

START_TEST(terms_unknown)
{
	ck_assert_ptr_null(charset_open(unknown[_i]));
}
END_TEST

START_TEST(applies_to_text_only)
{
	static const char yes[][3] = {"LO", "LT", "PN", "SH", "ST", "UC", "UT"};
	static const char no[][3] = {"AE", "CS", "DA", "UI", "UR", "OB",
				     "SQ", "IS", "T ", " L", "",   "L"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		ck_assert(charset_applies(yes[i]));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		ck_assert(!charset_applies(no[i]));
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

int main(void)
{
	Suite *suite = suite_create("charset");
	TCase *tests = tcase_create("charset");

	suite_add_tcase(suite, tests);
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, examples_both_ways, 0, COUNT(examples));
	tcase_add_loop_test(tests, undecodable_is_null, 0, COUNT(undecodable));
	tcase_add_loop_test(tests, unencodable_is_null, 0, COUNT(unencodable));
	tcase_add_loop_test(tests, whole_repertoire, 0, COUNT(repertoires));
	tcase_add_loop_test(tests, terms_known, 0, COUNT(known));
	tcase_add_loop_test(tests, terms_unknown, 0, COUNT(unknown));
	tcase_add_test(tests, padding_and_nul);
	tcase_add_test(tests, applies_to_text_only);
	return run_suite(suite) != 0;
}

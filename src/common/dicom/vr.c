#include "vr.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "utf8.h"

/* One value, not ended by NUL. */
struct value {
	const char *text;
	size_t length; /* in bytes */
};

/* Also U+0080..U+009F: PS3.5 6.1.3 has no control character but those of C0,
 * and of these allows a few. */
static bool has_control(struct value value, const char *allowed)
{
	for (size_t i = 0; i < value.length; i++) {
		unsigned char c = (unsigned char)value.text[i];
		if ((c < 0x20 || c == 0x7F) && !strchr(allowed, (char)c))
			return true;
		if (c == 0xC2 && i + 1 < value.length &&
		    (unsigned char)value.text[i + 1] < 0xA0)
			return true;
	}
	return false;
}

/* ---- parts of a value ---- */

static struct value without_blanks(struct value value)
{
	while (value.length && value.text[0] == ' ') {
		value.text++;
		value.length--;
	}
	while (value.length && value.text[value.length - 1] == ' ')
		value.length--;
	return value;
}

static size_t digits_at(struct value value, size_t from)
{
	size_t end = from;
	while (end < value.length && isdigit((unsigned char)value.text[end]))
		end++;
	return end - from;
}

static bool only_of(struct value value, const char *allowed)
{
	for (size_t i = 0; i < value.length; i++)
		if (!strchr(allowed, value.text[i]))
			return false;
	return true;
}

/* ---- one check for each kind of VR ---- */

static const char *check_line(struct value value)
{
	return has_control(value, "") ? "has a control character" : NULL;
}

static const char *check_text_vr(struct value value)
{
	return has_control(value, "\t\n\f\r") ? "has a control character"
					      : NULL;
}

static const char *check_ae(struct value value)
{
	for (size_t i = 0; i < value.length; i++)
		if (value.text[i] < ' ' || value.text[i] > '~')
			return "has a character that AE does not allow";
	return NULL;
}

static const char code_string_letters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _";

static const char *check_cs(struct value value)
{
	return only_of(value, code_string_letters)
		       ? NULL
		       : "has a character that CS does not allow";
}

static const char *check_as(struct value value)
{
	return value.length == 4 && digits_at(value, 0) == 3 &&
			       strchr("DWMY", value.text[3])
		       ? NULL
		       : "is not an age (AS)";
}

static int number_at(struct value value, size_t from, size_t count)
{
	int number = 0;
	for (size_t i = from; i < from + count; i++)
		number = number * 10 + (value.text[i] - '0');
	return number;
}

static bool is_date(struct value value)
{
	if (value.length != 8 || digits_at(value, 0) != 8)
		return false;
	int year = number_at(value, 0, 4), month = number_at(value, 4, 2);
	int day = number_at(value, 6, 2);
	return day >= 1 && day <= calendar_month_days(year, month);
}

static const char *check_da(struct value value)
{
	return is_date(value) ? NULL : "is not a date (DA)";
}

/* HH[MM[SS[.F{1,6}]]] */
static bool is_time_value(struct value value)
{
	size_t whole = digits_at(value, 0);
	if (whole != 2 && whole != 4 && whole != 6)
		return false;
	if (number_at(value, 0, 2) > 23 ||
	    (whole > 2 && number_at(value, 2, 2) > 59) ||
	    (whole > 4 && number_at(value, 4, 2) > 60))
		return false;
	if (value.length == whole)
		return true;
	size_t fraction = value.length - whole - 1;
	return whole == 6 && value.text[whole] == '.' && fraction >= 1 &&
	       fraction <= 6 && digits_at(value, whole + 1) == fraction;
}

static const char *check_tm(struct value value)
{
	return is_time_value(value) ? NULL : "is not a time (TM)";
}

/* YYYY[MM[DD[TM]]][&ZZXX] */
static const char *check_dt(struct value value)
{
	static const char fault[] = "is not a date and time (DT)";
	for (size_t i = 0; i < value.length; i++)
		if (value.text[i] == '+' || value.text[i] == '-') {
			if (value.length - i != 5 ||
			    digits_at(value, i + 1) != 4)
				return fault;
			value.length = i;
		}
	size_t whole = digits_at(value, 0);
	if (whole < 4 || (whole < 8 && value.length != whole))
		return fault;
	if (whole == 4 ||
	    (whole == 6 && calendar_month_days(1, number_at(value, 4, 2))))
		return NULL;
	if (whole < 8 || !is_date((struct value){value.text, 8}))
		return fault;
	return value.length == 8 || is_time_value((struct value){
					    value.text + 8, value.length - 8})
		       ? NULL
		       : fault;
}

static const char *check_integer_string(struct value value)
{
	struct value number = without_blanks(value);
	char text[16] = {0};
	size_t sign = number.length && strchr("+-", number.text[0]) ? 1 : 0;
	size_t digits = digits_at(number, sign);
	if (!digits || sign + digits != number.length ||
	    number.length >= sizeof text)
		return "is not an integer (IS)";
	memcpy(text, number.text, number.length);
	long long whole = strtoll(text, NULL, 10);
	return whole < INT32_MIN || whole > INT32_MAX ? "is beyond 32 bits (IS)"
						      : NULL;
}

static const char *check_ds(struct value value)
{
	static const char fault[] = "is not a decimal number (DS)";
	struct value number = without_blanks(value);
	size_t at = number.length && strchr("+-", number.text[0]) ? 1 : 0;
	size_t whole = digits_at(number, at), fraction = 0;
	at += whole;
	if (at < number.length && number.text[at] == '.') {
		fraction = digits_at(number, at + 1);
		at += 1 + fraction;
	}
	if (!whole && !fraction)
		return fault;
	if (at == number.length)
		return NULL;
	if (number.text[at] != 'E' && number.text[at] != 'e')
		return fault;
	at++;
	if (at < number.length && strchr("+-", number.text[at]))
		at++;
	size_t exponent = digits_at(number, at);
	return exponent && at + exponent == number.length ? NULL : fault;
}

static const char *check_ui(struct value value)
{
	bool digit_before = false;
	for (size_t i = 0; i < value.length; i++) {
		bool digit = value.text[i] >= '0' && value.text[i] <= '9';
		if (!digit && (value.text[i] != '.' || !digit_before))
			return "is not a UID";
		digit_before = digit;
	}
	return digit_before ? NULL : "is not a UID";
}

/* RFC 3986 characters; blanks at the end are padding. */
static const char *check_ur(struct value value)
{
	for (size_t i = 0; i < value.length; i++)
		if (value.text[i] <= ' ' || value.text[i] > '~' ||
		    strchr("\"<>\\^`{|}", value.text[i]))
			return "is not a URI (UR)";
	return NULL;
}

/* PS3.5 6.2.1: 64 characters in a group, and with them its delimiter. */
static const char *check_pn(struct value value)
{
	size_t groups = 0, from = 0;
	for (size_t i = 0; i <= value.length; i++) {
		if (i < value.length && value.text[i] != '=')
			continue;
		bool last = i == value.length;
		struct value group = {value.text + from, i - from + !last};
		size_t carets = 0;
		for (size_t k = 0; k < group.length; k++)
			carets += group.text[k] == '^';
		if (utf8_count(group.text, group.length) > 64)
			return "longer than 64 characters in a group (PN)";
		if (carets > 4)
			return "has more than five components (PN)";
		if (++groups > 3)
			return "has more than three groups (PN)";
		from = i + 1;
	}
	return check_line(value);
}

/* ---- the VRs ---- */

#define LONGER(n, what, vr) "longer than " #n " " what " (" vr ")"

static const struct representation {
	char vr[3];
	bool multiple;
	size_t length_max; /* in characters; 0: no limit of its own */
	const char *too_long;
	const char *(*check)(struct value value);
} representations[] = {
	{"AE", true, 16, LONGER(16, "bytes", "AE"), check_ae},
	{"AS", true, 0, NULL, check_as},
	{"CS", true, 16, LONGER(16, "bytes", "CS"), check_cs},
	{"DA", true, 0, NULL, check_da},
	{"DS", true, 16, LONGER(16, "bytes", "DS"), check_ds},
	{"DT", true, 26, LONGER(26, "bytes", "DT"), check_dt},
	{"IS", true, 12, LONGER(12, "bytes", "IS"), check_integer_string},
	{"LO", true, 64, LONGER(64, "characters", "LO"), check_line},
	{"LT", false, 10240, LONGER(10240, "characters", "LT"), check_text_vr},
	{"PN", true, 0, NULL, check_pn},
	{"SH", true, 16, LONGER(16, "characters", "SH"), check_line},
	{"ST", false, 1024, LONGER(1024, "characters", "ST"), check_text_vr},
	{"TM", true, 0, NULL, check_tm},
	{"UC", true, 0, NULL, check_line},
	{"UI", true, 64, LONGER(64, "bytes", "UI"), check_ui},
	{"UR", false, 0, NULL, check_ur},
	{"UT", false, 0, NULL, check_text_vr},
};

#define VR(a, b) [((a) - 'A') * 26 + (b) - 'A']

const unsigned char vr_kinds[26 * 26] = {
	VR('A', 'E') = VR_STANDARD | VR_TEXT,
	VR('A', 'S') = VR_STANDARD | VR_TEXT,
	VR('A', 'T') = VR_STANDARD,
	VR('C', 'S') = VR_STANDARD | VR_TEXT,
	VR('D', 'A') = VR_STANDARD | VR_TEXT,
	VR('D', 'S') = VR_STANDARD | VR_TEXT,
	VR('D', 'T') = VR_STANDARD | VR_TEXT,
	VR('F', 'D') = VR_STANDARD,
	VR('F', 'L') = VR_STANDARD,
	VR('I', 'S') = VR_STANDARD | VR_TEXT,
	VR('L', 'O') = VR_STANDARD | VR_TEXT,
	VR('L', 'T') = VR_STANDARD | VR_TEXT,
	VR('O', 'B') = VR_STANDARD | VR_LONG,
	VR('O', 'D') = VR_STANDARD | VR_LONG,
	VR('O', 'F') = VR_STANDARD | VR_LONG,
	VR('O', 'L') = VR_STANDARD | VR_LONG,
	VR('O', 'V') = VR_STANDARD | VR_LONG,
	VR('O', 'W') = VR_STANDARD | VR_LONG,
	VR('P', 'N') = VR_STANDARD | VR_TEXT,
	VR('S', 'H') = VR_STANDARD | VR_TEXT,
	VR('S', 'L') = VR_STANDARD,
	VR('S', 'Q') = VR_STANDARD | VR_LONG | VR_ITEMS,
	VR('S', 'S') = VR_STANDARD,
	VR('S', 'T') = VR_STANDARD | VR_TEXT,
	VR('S', 'V') = VR_STANDARD | VR_LONG,
	VR('T', 'M') = VR_STANDARD | VR_TEXT,
	VR('U', 'C') = VR_STANDARD | VR_LONG | VR_TEXT,
	VR('U', 'I') = VR_STANDARD | VR_TEXT,
	VR('U', 'L') = VR_STANDARD,
	VR('U', 'N') = VR_STANDARD | VR_LONG | VR_ITEMS,
	VR('U', 'R') = VR_STANDARD | VR_LONG | VR_TEXT,
	VR('U', 'S') = VR_STANDARD,
	VR('U', 'T') = VR_STANDARD | VR_LONG | VR_TEXT,
	VR('U', 'V') = VR_STANDARD | VR_LONG,
};

#undef VR

static const struct representation *representation_of(const char *vr)
{
	size_t count = sizeof representations / sizeof representations[0];
	for (size_t i = 0; i < count; i++)
		if (representations[i].vr[0] == vr[0] &&
		    representations[i].vr[1] == vr[1])
			return &representations[i];
	return NULL;
}

bool vr_is_multiple(const char vr[3])
{
	const struct representation *r = representation_of(vr);
	return r && r->multiple;
}

bool vr_is_code_string(const char *text)
{
	return text[strspn(text, " ")] && !strchr(text, '\\') &&
	       !vr_fault("CS", 1, text);
}

const char *vr_uid_fault(const char *text)
{
	if (!*text || strchr(text, '\\'))
		return "is not a UID";
	return vr_fault("UI", 1, text);
}

static const char *vr_value_fault(const struct representation *r,
				  struct value value)
{
	if (!value.length)
		return NULL;
	if (r->length_max &&
	    utf8_count(value.text, value.length) > r->length_max)
		return r->too_long;
	return r->check(value);
}

const char *vr_fault(const char vr[3], int vm_max, const char *text)
{
	const struct representation *r = representation_of(vr);
	if (!r)
		return strcmp(vr, "UN") == 0 ? NULL : "goes to a VR of no text";
	if (!utf8_is_text(text, strlen(text)))
		return "is not UTF-8";
	if (!r->multiple)
		return vr_value_fault(r, (struct value){text, strlen(text)});
	int count = 0;
	for (const char *from = text;; from++) {
		size_t length = strcspn(from, "\\");
		const char *fault =
			vr_value_fault(r, (struct value){from, length});
		if (fault)
			return fault;
		if (vm_max >= 0 && ++count > vm_max)
			return "has more values than the attribute may have";
		from += length;
		if (!*from)
			return NULL;
	}
}

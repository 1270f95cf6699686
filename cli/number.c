/* SPDX-License-Identifier: BSD-2-Clause */
/* strtoull() alone takes signs, blanks and octal; a digit must come first. */
#include "cli/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
digits_parse(const char *text, int base, const char **end, uint64_t *number)
{
	char *stop;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &stop, base);
	if (stop == text || errno != 0 || value > UINT64_MAX)
		return false;
	*end = stop;
	*number = (uint64_t)value;
	return true;
}

bool
number_parse(const char *text, uint64_t *number)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *end;
	uint64_t value;

	if (!is_digit(text[0]) ||
	    !digits_parse(text, hex ? 16 : 10, &end, &value) || *end != '\0')
		return false;
	*number = value;
	return true;
}

bool
size_parse(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMG";
	const char *end, *unit;
	unsigned shift = 0;
	uint64_t value;

	if (!is_digit(text[0]) || !digits_parse(text, 10, &end, &value))
		return false;
	if (*end != '\0') {
		unit = strchr(units, *end);
		if (unit == NULL || end[1] != '\0')
			return false;
		shift = 10 * (unsigned)(unit - units + 1);
	}
	if (value > UINT64_MAX >> shift)
		return false;
	*bytes = value << shift;
	return true;
}

#define SECONDS_END UINT64_C(1000000000)
#define NS_PER_SEC  UINT64_C(1000000000)

bool
seconds_parse(const char *text, uint64_t *ns)
{
	uint64_t seconds, unit = NS_PER_SEC, part = 0;
	const char *end;

	if (!is_digit(text[0]) || !digits_parse(text, 10, &end, &seconds) ||
	    seconds >= SECONDS_END)
		return false;
	if (*end == '.')
		for (end++; is_digit(*end); end++) {
			unit /= 10;
			part += unit * (uint64_t)(*end - '0');
		}
	if (*end != '\0')
		return false;
	*ns = seconds * NS_PER_SEC + part;
	return true;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* printf and scanf of every kind, number conversion, strings, locale C. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static void
integers(void)
{
	printf("%d %i %u %o %x %X %#x %#o\n", -1, INT_MIN, UINT_MAX, 511, 0xabc,
	    0xabc, 255, 8);
	printf("%5d|%-5d|%05d|%+d|% d|%.3d|%*d|%-*d|\n", 42, 42, 42, 42, 42, 7,
	    6, 1, 6, 2);
	printf("%hhd %hd %ld %lld %zu %td %jd\n", (signed char)-5, (short)-300,
	    LONG_MIN, LLONG_MAX, (size_t)-1, (ptrdiff_t)-9, INTMAX_MAX);
	printf("%" PRIx64 " %" PRIu8 " %c%c %% %s %.3s %10s|%-10s|\n",
	    UINT64_C(0x123456789abcdef0), UINT8_MAX, 'a', 'Z', "string",
	    "truncated", "right", "left");
}

static void
floats(void)
{
	static const double values[] = { 0.0, -0.0, 1.0, -1.5, 0.1, 1e-5, 1e5,
		123456789.0, 1e22, 1e23, 1.7976931348623157e308,
		2.2250738585072014e-308, 4.9406564584124654e-324,
		3.14159265358979, 0.5, 2.5, 1e100, 9.9999995e5, 9.9999995e-5 };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		double v = values[i];

		printf("%f %e %g %a|%.0f %.10f %.3e %.15g %+.2f %12.4f|%-12.2e|"
		       "%012.3f %#.0f %G\n",
		    v, v, v, v, v, v, v, v, v, v, v, v, v, v);
		printf("%.17g %.40g %La %.20Lf\n", v, v, (long double)v,
		    (long double)v / 3);
	}
	printf("%f %e %g %F %010f\n", (double)INFINITY, -(double)INFINITY,
	    (double)NAN, (double)INFINITY, (double)INFINITY);
}

static void
conversions(void)
{
	static const char *const texts[] = { "0", "1.5e3", "-0x1.8p3", "inf",
		"nan", "1e400", "1e-400", "  42abc", "0.1",
		"123456789012345678", "2.2250738585072011e-308",
		"9007199254740993", "" };
	char *end;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		double d;
		long l;

		errno = 0;
		d = strtod(texts[i], &end);
		printf("'%s': %.17g %s %d;", texts[i], d, end, errno == ERANGE);
		errno = 0;
		l = strtol(texts[i], &end, 0);
		printf(" %ld '%s' %d %.21Lg\n", l, end, errno == ERANGE,
		    strtold(texts[i], NULL));
	}
	printf("%lu %llu %ld\n", strtoul("ffffffffffffffffff", NULL, 16),
	    strtoull("777", NULL, 8), strtol("zz", NULL, 36));
}

static void
scanning(void)
{
	int a, b, n;
	float f;
	double d;
	char word[16], set[16];
	unsigned x;

	n = sscanf("12 -7 3.25 6.5e2 hello [abc]9 ff",
	    "%d %i %f %lf %15s [%15[^]]]%n", &a, &b, &f, &d, word, set, &n);
	printf("%d %d %d %g %g %s %s\n", n, a, b, (double)f, d, word, set);
	n = sscanf("0xff,077", "%x,%o", &x, (unsigned *)&a);
	printf("%d %u %d\n", n, x, a);
	n = sscanf("none", "%d", &a);
	printf("%d %d\n", n, sscanf("", "%d", &a));
}

static void
strings(void)
{
	char buffer[32], text[] = "one,two;;three";
	wchar_t wide[16];
	char *save, *token;

	printf("%d ", snprintf(buffer, 8, "%s", "longer than eight"));
	printf("'%s'\n", buffer);
	for (token = strtok_r(text, ",;", &save); token != NULL;
	     token = strtok_r(NULL, ",;", &save))
		printf("<%s>", token);
	printf(" %zu %zu %s %s\n", strspn("aabbc", "ab"), strcspn("aabbc", "c"),
	    strstr("needle in hay", "in"), strrchr("a/b/c", '/'));
	printf("%d %d %d\n", strcmp("a", "b") < 0, memcmp("abc", "abd", 3) < 0,
	    strncasecmp("ABC", "abd", 2));
	for (int c = 0; c < 128; c++)
		putchar(isalnum(c) ? toupper(c) : ispunct(c) ? c : '.');
	putchar('\n');
	printf("%zu %ls\n", mbstowcs(wide, "wide text", 16), wide);
	printf("%s|%s|%s\n", strerror(ENOENT), strerror(EINVAL), strerror(0));
}

int
main(void)
{
	integers();
	floats();
	conversions();
	scanning();
	strings();
	return 0;
}

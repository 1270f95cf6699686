// SPDX-License-Identifier: BSD-2-Clause
// Users, groups, hosts, zones and locales as the C library finds them.

#include "tests/guest-programs/prog/say.h"

#include <grp.h>
#include <locale.h>
#include <pwd.h>
#include <time.h>
#include <wchar.h>

int
main(void)
{
	struct passwd *user = getpwuid(0);
	char text[100];
	time_t when = 1234567890;

	SHOW(user != NULL);
	if (user != NULL)
		printf("%s %s\n", user->pw_name, user->pw_dir);
	user = getpwnam("daemon");
	SHOW(user != NULL);
	SHOW(getpwnam("no-such-user") == NULL);
	struct group *group = getgrgid(0);
	SHOW(group != NULL && strcmp(group->gr_name, "root") == 0);
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	strftime(text, sizeof(text), "%F %T %Z", localtime(&when));
	puts(text);
	when += 15000000;
	strftime(text, sizeof(text), "%c %Z", localtime(&when));
	puts(text);
	SHOW(setlocale(LC_ALL, "C.UTF-8") != NULL);
	wchar_t wide[20];
	SHOW(mbstowcs(wide, "\303\244\342\202\254", 20));
	SHOW(wide[1]);
	SHOW(gethostname(text, sizeof(text)));
	SHOW(getlogin_r(text, sizeof(text)) != 0);
	SHOW(getenv("HOME") != NULL);
	return 0;
}

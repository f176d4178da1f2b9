/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/owner: who made something, read strictly, and whether he is gone, never said of the living.
 */
#include "tests/unit/check.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/owner.h"
#include "base/proc.h"
#include "base/util.h"

static void what_is_written_is_read(void **state)
{
	char text[OWNER_SIZE];
	const char *rest;
	struct owner o;

	(void)state;
	owner_name(text);
	rest = owner_parse(text, &o);
	assert_non_null(rest);
	assert_string_equal(rest, "");
	assert_int_equal(o.pid, getpid());
	assert_int_equal(o.start, proc_start_time(getpid()));
	assert_true(o.start && o.pid_ns && o.boot);
	assert_int_equal(o.pid_ns, owner_self()->pid_ns);
	assert_int_equal(o.boot, owner_self()->boot);
}

static void whatever_else_is_none(void **state)
{
	static const char *const bad[] = { "", "-", "1-2-3", "1-2-3-", "1-2-3-0123456",
		"1-2-3-0123456g", "1-2-3-ABCDEF01", "x-2-3-01234567", "-1-2-3-01234567",
		"+1-2-3-01234567", "01-2-3-01234567", "0-2-3-01234567", "1-0-3-01234567",
		"1--3-01234567", " 1-2-3-01234567", "1-2-3- 1234567", "1-2-3-0x123456",
		"1-99999999999999999999-3-01234567", "1-123456789012345678901234567-3-01234567",
		"4294967297-2-3-01234567" };
	struct owner o;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (owner_parse(bad[i], &o))
			fail_msg("'%s' was read", bad[i]);
	}
	assert_string_equal(owner_parse("1-2-3-0123456789", &o), "89"); /* the caller's to refuse */
}

/* @o as the child that is handed to @then saw itself. */
static pid_t child_owner(struct owner *o)
{
	int p[2];
	pid_t pid;

	owner_self(); /* the child must not take the parent's for its own */
	assert_int_equal(pipe(p), 0);
	pid = fork();
	if (!pid) {
		(void)!write(p[1], owner_self(), sizeof(*o));
		pause();
		_exit(0);
	}
	assert_int_equal(read(p[0], o, sizeof(*o)), sizeof(*o));
	close(p[0]);
	close(p[1]);
	assert_int_equal(o->pid, pid);
	return pid;
}

static void gone_is_who_was_killed(void **state)
{
	struct owner o;
	siginfo_t si;
	pid_t pid = child_owner(&o);

	(void)state;
	assert_false(owner_is_gone(owner_self()));
	assert_false(owner_is_gone(&o));
	kill(pid, SIGSTOP); /* slow, but there */
	assert_false(owner_is_gone(&o));
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT), 0);
	assert_true(proc_is_zombie(pid));
	assert_true(owner_is_gone(&o)); /* though its number is still taken */
	waitpid(pid, NULL, 0);
	assert_false(proc_is_zombie(pid));
	assert_true(owner_is_gone(&o));
}

/* Who cannot look does not know: a full table of descriptors once had a living machine's folder
 * removed. */
static void gone_is_not_said_where_nobody_could_look(void **state)
{
	struct rlimit before, none;
	struct owner o;
	pid_t pid = child_owner(&o);
	bool gone;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ 0, before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	gone = owner_is_gone(&o);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_false(gone);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_true(owner_is_gone(&o));
}

/* A number that was given again is another process; one from elsewhere is nobody we can ask for. */
static void gone_is_said_of_our_own_only(void **state)
{
	struct owner o;
	pid_t pid = child_owner(&o);
	struct owner again = o, elsewhere, before;

	(void)state;
	again.start--;
	assert_true(owner_is_gone(&again));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_true(owner_is_gone(&o));
	elsewhere = before = o;
	elsewhere.pid_ns++;
	before.boot++;
	assert_false(owner_is_gone(&elsewhere));
	assert_false(owner_is_gone(&before));
}

/* What the scripts write is read here. */
static void the_scripts_say_the_same(void **state)
{
	char line[512] = "", pid[32];
	struct owner o;
	const char *at;
	FILE *p;

	(void)state;
	/* A shell whose name looks like fields of /proc/PID/stat must not mislead it. */
	p = popen("exec bash -c '. scripts/owner.sh && printf \"a) S 1 2\" >/proc/$$/comm &&"
		  " d=$(owned_folder /tmp test) && rmdir \"$d\" && echo \"$$ $d\" &&"
		  " cut -d\" \" -f22- /proc/$$/stat >/dev/null'",
		"r");
	assert_non_null(p);
	assert_non_null(fgets(line, sizeof(line), p));
	at = strstr(line, " /tmp/bench-test-");
	assert_non_null(at);
	snprintf(pid, sizeof(pid), "%.*s", (int)(at - line), line);
	at = owner_parse(at + strlen(" /tmp/bench-test-"), &o);
	assert_non_null(at);
	assert_int_equal(strlen(at), strlen("-XXXXXX\n"));
	assert_int_equal(o.pid, atoi(pid));
	assert_int_equal(o.pid_ns, owner_self()->pid_ns);
	assert_int_equal(o.boot, owner_self()->boot);
	assert_true(o.start >= owner_self()->start);
	assert_int_equal(pclose(p), 0);
	assert_true(owner_is_gone(&o));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(whatever_else_is_none),
		cmocka_unit_test(gone_is_who_was_killed),
		cmocka_unit_test(gone_is_not_said_where_nobody_could_look),
		cmocka_unit_test(gone_is_said_of_our_own_only),
		cmocka_unit_test(the_scripts_say_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

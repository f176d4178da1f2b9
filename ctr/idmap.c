/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctr/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/util.h"

#define NOBODY 65534u

/* Lines of "inside outside count": is @id one of those inside? */
static bool id_is_mapped(const char *uid_map, uint32_t id)
{
	unsigned long first, outside, count;
	int used;

	while (sscanf(uid_map, "%lu %lu %lu%n", &first, &outside, &count, &used) == 3) {
		if (id >= first && id - first < count)
			return true;
		uid_map += used;
	}
	return false;
}

void idmap_choose(struct idmap *m, bool privileged, const char *uid_map)
{
	static const uint32_t wanted[] = { IDMAP_UID, NOBODY };

	m->privileged = false;
	m->uid = geteuid();
	m->gid = getegid();
	for (unsigned i = 0; privileged && i < ARRAY_SIZE(wanted); i++) {
		if (!id_is_mapped(uid_map, wanted[i]))
			continue;
		m->privileged = true;
		m->uid = m->gid = wanted[i];
		break;
	}
	snprintf(m->uid_line, sizeof(m->uid_line), "0 %u 1\n", m->uid);
	snprintf(m->gid_line, sizeof(m->gid_line), "0 %u 1\n", m->gid);
}

static int write_proc(pid_t pid, const char *name, const char *text, struct err *e)
{
	char path[64];
	int fd, r;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, name, "opening '%s'", path);
	r = write_all(fd, text, strlen(text));
	close(fd);
	if (r < 0)
		return err_set(e, r, name, "writing \"%.*s\" to '%s': %s", (int)strcspn(text, "\n"),
			text, path, strerror(-r));
	return 0;
}

int idmap_write(const struct idmap *m, pid_t pid, struct err *e)
{
	int r = 0;

	/*
	 * user_namespaces(7): who has no CAP_SETGID may map his group only after giving up
	 * setgroups, with which he could leave a group that denies him something.
	 */
	if (!m->privileged)
		r = write_proc(pid, "setgroups", "deny", e);
	if (!r)
		r = write_proc(pid, "gid_map", m->gid_line, e);
	if (!r)
		r = write_proc(pid, "uid_map", m->uid_line, e);
	return r;
}

CHILD_CODE long idmap_become_root(const struct idmap *m, const char **what)
{
	long r = 0;

	/* Root's supplementary groups are powers on the host's files, so they go first. */
	*what = "setgroups";
	if (m->privileged)
		r = sys2(SYS_setgroups, 0, 0);
	*what = "setresgid";
	if (!r)
		r = sys3(SYS_setresgid, 0, 0, 0);
	*what = "setresuid";
	if (!r)
		r = sys3(SYS_setresuid, 0, 0, 0);
	return r;
}

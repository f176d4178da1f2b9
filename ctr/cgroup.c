/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctr/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/util.h"

#define REMOVE_TRIES 1000
#define REMOVE_PAUSE_NS 1000000
#define SWEEP_TRIES 100
#define PREFIX "bench-"

static const char *const v1_names[CGROUP_V1_COUNT] = { "memory", "pids" };

/* Is @word one of the comma-separated words of @list? */
static bool in_list(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; (p = strstr(p, word)); p += n) {
		if ((p == list || p[-1] == ',') && (p[n] == ',' || p[n] == '\0'))
			return true;
	}
	return false;
}

/*
 * The path of this process in the tree of @controller (v1), or in v2's ("" there), from lines
 * "NUMBER:CONTROLLERS:PATH" (cgroups(7)).
 */
static bool own_path(const char *self, const char *controller, char *out, size_t size)
{
	for (const char *line = self; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		char list[256] = "", path[256] = "";

		if (sscanf(line, "%*[0-9]:%255[^:\n]:%255[^\n]", list, path) != 2 &&
			sscanf(line, "%*[0-9]::%255[^\n]", path) != 1)
			continue;
		if (*controller ? !in_list(list, controller) : *list != '\0')
			continue;
		snprintf(out, size, "%s", path);
		return true;
	}
	return false;
}

/*
 * @root is the part of the tree that is mounted: inside a container it may be our own cgroup. A
 * path outside of it ("/.." in a cgroup namespace) cannot be reached: then its root has to do.
 */
static void join_path(char *out, size_t size, const char *mount, const char *root, const char *own)
{
	size_t n = strcmp(root, "/") ? strlen(root) : 0;

	if (strncmp(own, root, n) || (own[n] && own[n] != '/') || strstr(own, "/.."))
		own = "";
	else
		own += n;
	snprintf(out, size, "%s%s", mount, strcmp(own, "/") ? own : "");
}

/* One line of mountinfo, proc_pid_mountinfo(5): "ID PARENT DEV ROOT MOUNT ... - TYPE SRC OPTIONS".
 */
static void find_in_line(struct cgroup_layout *l, const char *line, const char *self)
{
	const char *tail = strstr(line, " - ");
	char root[256], mount[256], type[32], options[256], own[256];

	if (!tail || sscanf(line, "%*s %*s %*s %255s %255s", root, mount) != 2 ||
		sscanf(tail, " - %31s %*s %255s", type, options) != 2)
		return;
	if (!strcmp(type, "cgroup2") && !*l->v2_mount && own_path(self, "", own, sizeof(own))) {
		snprintf(l->v2_mount, sizeof(l->v2_mount), "%s", mount);
		join_path(l->v2_own, sizeof(l->v2_own), mount, root, own);
	}
	for (unsigned i = 0; !strcmp(type, "cgroup") && i < CGROUP_V1_COUNT; i++) {
		if (*l->v1_own[i] || !in_list(options, v1_names[i]) ||
			!own_path(self, v1_names[i], own, sizeof(own)))
			continue;
		join_path(l->v1_own[i], sizeof(l->v1_own[i]), mount, root, own);
	}
}

int cgroup_find(struct cgroup_layout *l, const char *mountinfo, const char *self)
{
	cleanup_free char *copy = strdup(mountinfo);
	char *rest = copy, *line;

	memset(l, 0, sizeof(*l));
	if (!copy)
		return -ENOMEM;
	while ((line = strsep(&rest, "\n")))
		find_in_line(l, line, self);
	return 0;
}

int cgroup_write(int base, const char *name, const char *file, const char *value)
{
	char path[192];
	int fd, r;

	snprintf(path, sizeof(path), "%s/%s", name, file);
	fd = openat(base, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = write_all(fd, value, strlen(value));
	close(fd);
	return r;
}

static ssize_t read_from(int base, const char *name, const char *file, char *buf, size_t size)
{
	char path[192];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", name, file);
	*buf = '\0';
	fd = openat(base, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, buf, size - 1);
	close(fd);
	buf[n > 0 ? n : 0] = '\0';
	return n;
}

uint64_t cgroup_read_key(int base, const char *name, const char *file, const char *key)
{
	char buf[1024], *at;

	if (read_from(base, name, file, buf, sizeof(buf)) <= 0)
		return 0;
	at = strstr(buf, key);
	return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

bool cgroup_lists(int base, const char *name, const char *file, const char *word)
{
	char buf[1024], *rest = buf, *part;

	if (read_from(base, name, file, buf, sizeof(buf)) <= 0)
		return false;
	while ((part = strsep(&rest, " \n"))) {
		if (!strcmp(part, word))
			return true;
	}
	return false;
}

void cgroup_kill_listed(int base, const char *name)
{
	char buf[4096], *p, *end;

	for (int tries = 0; tries < 100; tries++) { /* they may fork while we read */
		if (read_from(base, name, "cgroup.procs", buf, sizeof(buf)) <= 0)
			return;
		for (p = buf; *p; p = *end ? end + 1 : end) {
			long pid = strtol(p, &end, 10);

			if (end == p)
				return;
			if (pid > 0) /* 0: not in our pid namespace */
				kill((pid_t)pid, SIGKILL);
		}
	}
}

/* "bench-OWNER-NUMBER" of an owner that is gone? */
static bool is_stale(const char *name)
{
	struct owner o;
	const char *number = strncmp(name, PREFIX, strlen(PREFIX))
				     ? NULL
				     : owner_parse(name + strlen(PREFIX), &o);
	uint64_t n;

	return number && *number == '-' && !parse_u64(number + 1, 0, UINT32_MAX, &n) &&
	       owner_is_gone(&o);
}

/* A folder of this user's: what others call so is theirs. */
static bool is_ours(int base, const char *name)
{
	struct stat st;

	return !fstatat(base, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid();
}

static int remove_stale(int base, const char *name)
{
	const struct timespec pause = { 0, REMOVE_PAUSE_NS };

	for (int i = 0; i < SWEEP_TRIES; i++) {
		if (!unlinkat(base, name, AT_REMOVEDIR))
			return 0;
		if (errno != EBUSY)
			break;
		cgroup_kill_listed(base, name);
		nanosleep(&pause, NULL);
	}
	return -errno;
}

unsigned cgroup_sweep(int base)
{
	int fd = openat(base, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	unsigned removed = 0;
	struct dirent *d;

	if (!dir) {
		close_fd(&fd);
		return 0;
	}
	while ((d = readdir(dir))) {
		if (is_stale(d->d_name) && is_ours(base, d->d_name))
			removed += !remove_stale(base, d->d_name);
	}
	closedir(dir);
	return removed;
}

/* A number is given once in a process: several managers may work below the same folder. */
void cgroup_name(char out[CGROUP_NAME_SIZE])
{
	static unsigned made;
	char owner[OWNER_SIZE];

	owner_name(owner);
	snprintf(out, CGROUP_NAME_SIZE, PREFIX "%s-%u", owner,
		__atomic_fetch_add(&made, 1, __ATOMIC_RELAXED));
}

int cgroup_make(struct cgroup_manager *m, struct cgroup *cg, struct err *e)
{
	if (m->spare.manager) {
		*cg = m->spare;
		m->spare.manager = NULL;
		return 0;
	}
	cg->manager = m;
	cg->fd = -1;
	cgroup_name(cg->name);
	return m->ops->make(cg, e);
}

void cgroup_make_ahead(struct cgroup_manager *m)
{
	struct cgroup cg;
	struct err e;

	if (!m->spare.manager && m->ops != &cgroup_none_ops && !cgroup_make(m, &cg, &e))
		m->spare = cg;
}

int cgroup_remove(struct cgroup *cg)
{
	const struct timespec pause = { 0, REMOVE_PAUSE_NS };
	int r = 0;

	if (!cg->manager)
		return 0;
	close_fd(&cg->fd);
	for (int i = 0; i < REMOVE_TRIES; i++) {
		r = cg->manager->ops->remove(cg);
		if (!r || r == -ENOENT || (r != -EBUSY && i >= CGROUP_FAULT_TRIES))
			break;
		/* Killed processes leave their cgroup only when they are through with dying. */
		cg->manager->ops->kill(cg);
		nanosleep(&pause, NULL);
	}
	cg->manager = NULL;
	return r;
}

int cgroup_path(const struct cgroup *cg, char *out, size_t size)
{
	int base = cg->manager ? cg->manager->base[CGROUP_V1_MEMORY] : -1;
	char link[32], folder[512];
	ssize_t n;

	if (base < 0)
		return -ENOENT;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", base);
	n = readlink(link, folder, sizeof(folder));
	if (n < 0)
		return -errno;
	if ((size_t)snprintf(out, size, "%.*s/%s", (int)n, folder, cg->name) >= size)
		return -ENAMETOOLONG;
	return 0;
}

/* --- none --- */

static int none_make(struct cgroup *cg, struct err *e)
{
	(void)cg, (void)e;
	return 0;
}

static int none_join(const struct cgroup *cg, pid_t pid, struct err *e)
{
	(void)cg, (void)pid, (void)e;
	return 0;
}

static void none_kill(const struct cgroup *cg)
{
	(void)cg;
}

static bool none_oom_killed(const struct cgroup *cg)
{
	(void)cg;
	return false;
}

static int none_remove(const struct cgroup *cg)
{
	(void)cg;
	return 0;
}

const struct cgroup_ops cgroup_none_ops = {
	.name = "none",
	.make = none_make,
	.join = none_join,
	.kill = none_kill,
	.oom_killed = none_oom_killed,
	.remove = none_remove,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/host_root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "runner/paths.h"

int host_root_probe(struct err *e)
{
	if (geteuid() == 0)
		return 0;
	err_set(e, -EPERM, "chroot", "a plain process in a root of its own needs root");
	return err_help(e, "run as root, or leave host out: --runtime ctr,vm");
}

static int mount_at(const struct host_root *h, const char *place, const char *source,
	const char *type, unsigned long flags, struct err *e)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s%s", h->path, place);
	if (mount(source, path, type, flags, NULL) < 0)
		return err_sys(e, "mount", "%s on '%s'", type ? type : source, path);
	return 0;
}

/* In the new /tmp, what the tree has in its own: the program may well be there. */
static int keep_entry(
	const struct host_root *h, const char *tree, const struct dirent *d, struct err *e)
{
	char source[PATH_SIZE], target[PATH_SIZE];
	struct stat st;
	int fd;

	if (snprintf(source, sizeof(source), "%s/tmp/%s", tree, d->d_name) >= PATH_SIZE ||
		snprintf(target, sizeof(target), "%s/tmp/%s", h->path, d->d_name) >= PATH_SIZE)
		return err_set(e, -ENAMETOOLONG, "mount", "'%s' is too long", d->d_name);
	if (lstat(source, &st) < 0)
		return err_sys(e, "lstat", "'%s'", source);
	if (S_ISDIR(st.st_mode)) {
		if (mkdir(target, 0755) < 0)
			return err_sys(e, "mkdir", "'%s'", target);
	} else if (S_ISREG(st.st_mode)) {
		fd = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (fd < 0)
			return err_sys(e, "open", "'%s'", target);
		close(fd);
	} else {
		return 0; /* sockets of whoever used the tree, links to nowhere */
	}
	if (mount(source, target, NULL, MS_BIND, NULL) < 0 ||
		mount(NULL, target, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID, NULL) < 0)
		return err_sys(e, "mount", "'%s' on '%s'", source, target);
	return 0;
}

static int keep_tmp(const struct host_root *h, const char *tree, struct err *e)
{
	cleanup_free char *path = format_text("%s/tmp", tree);
	DIR *d = path ? opendir(path) : NULL;
	struct dirent *entry;
	int r = 0;

	if (!d)
		return err_sys(e, "opendir", "'%s/tmp'", tree);
	while (!r && (entry = readdir(d))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			r = keep_entry(h, tree, entry, e);
	}
	closedir(d);
	return r;
}

static int mount_all(const struct host_root *h, const char *tree, struct err *e)
{
	int r = mount_at(h, "", tree, NULL, MS_BIND, e);

	if (!r)
		r = mount_at(h, "", NULL, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID, e);
	if (!r)
		r = mount_at(h, "/proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, e);
	if (!r)
		r = mount_at(h, "/sys", "/sys", NULL, MS_BIND | MS_REC, e);
	if (!r)
		r = mount_at(h, "/dev", "/dev", NULL, MS_BIND | MS_REC, e);
	if (!r)
		r = mount_at(h, "/tmp", "tmpfs", "tmpfs", MS_NOSUID | MS_NODEV, e);
	return r ? r : keep_tmp(h, tree, e);
}

int host_root_make(struct host_root *h, const char *folder, const char *tree, struct err *e)
{
	int r = 0;

	snprintf(h->path, sizeof(h->path), "%s/root", folder);
	if (mkdir(h->path, 0755) < 0) {
		r = err_sys(e, "mkdir", "'%s'", h->path);
		h->path[0] = '\0';
		return r;
	}
	/* Private: what is mounted here is ours alone, and gone with us, however we end. */
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		r = err_sys(e, "unshare", "a mount namespace for '%s'", tree);
	if (!r)
		r = mount_all(h, tree, e);
	if (r < 0)
		host_root_remove(h);
	return r;
}

void host_root_remove(struct host_root *h)
{
	if (!*h->path)
		return;
	umount2(h->path, MNT_DETACH);
	rmdir(h->path);
	h->path[0] = '\0';
}

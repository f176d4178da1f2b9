/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/oci_config.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/util.h"
#include "results/json_alloc.h"

#define LIST_END NULL

/*
 * What "crun spec" 1.8 and "runc spec" 1.1 write on a host with cgroup v2, apart from the terminal
 * and the list of devices, which is a matter of the cgroup. There is no seccomp filter in it.
 */
static const char *const capabilities[] = { "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE",
	LIST_END };
static const char *const namespaces[] = { "pid", "network", "ipc", "uts", "mount", "cgroup",
	LIST_END };
static const char *const environment[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm", LIST_END
};
static const char *const masked[] = { "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys",
	"/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
	"/sys/firmware", "/proc/scsi", LIST_END };
static const char *const read_only[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
	"/proc/sysrq-trigger", LIST_END };

static const struct mount {
	const char *destination, *type, *source;
	const char *options[8];
} mounts[] = {
	{ "/proc", "proc", "proc", { LIST_END } },
	{ "/dev", "tmpfs", "tmpfs", { "nosuid", "strictatime", "mode=755", "size=65536k" } },
	{ "/dev/pts", "devpts", "devpts",
		{ "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5" } },
	{ "/dev/shm", "tmpfs", "shm", { "nosuid", "noexec", "nodev", "mode=1777", "size=65536k" } },
	{ "/dev/mqueue", "mqueue", "mqueue", { "nosuid", "noexec", "nodev" } },
	{ "/sys", "sysfs", "sysfs", { "nosuid", "noexec", "nodev", "ro" } },
	{ "/sys/fs/cgroup", "cgroup", "cgroup", { "nosuid", "noexec", "nodev", "relatime", "ro" } },
};

static json_t *strings(const char *const *list)
{
	json_t *array = json_array();

	for (; *list; list++)
		json_array_append_new(array, json_string(*list));
	return array;
}

static json_t *process(const struct rt_program *own)
{
	const char *const *env = own ? (const char *const *)own->envp : environment;

	return json_pack("{s:b, s:{s:i, s:i}, s:o, s:s, s:{s:o, s:o, s:o, s:o}, "
			 "s:[{s:s, s:i, s:i}], s:b}",
		"terminal", 0, "user", "uid", 0, "gid", 0, "env", strings(env), "cwd",
		own ? own->dir : "/", "capabilities", "bounding", strings(capabilities),
		"effective", strings(capabilities), "permitted", strings(capabilities), "ambient",
		strings(capabilities), "rlimits", "type", "RLIMIT_NOFILE", "hard", 1024, "soft",
		1024, "noNewPrivileges", 1);
}

/* A group that a user namespace with one id does not map cannot be given to a file system. */
static bool option_fits(const struct oci_config *c, const char *option)
{
	return !c->rootless || strncmp(option, "gid=", 4);
}

/*
 * A program of the user's own has a /tmp as in the other ways, with what its tree has there. Copied
 * into it, as crun and runc both do for "tmpcopyup": a bind mount would have its source below the
 * very folder that the tmpfs has just covered.
 */
static void add_tmp(json_t *array, const struct ctr_tree *tree)
{
	json_t *options = json_pack("[s, s, s]", "nosuid", "nodev", "mode=1777");

	if (tree->tmp.n)
		json_array_append_new(options, json_string("tmpcopyup"));
	json_array_append_new(
		array, json_pack("{s:s, s:s, s:s, s:o}", "destination", "/tmp", "type", "tmpfs",
			       "source", "tmpfs", "options", options));
}

static json_t *mount_list(const struct oci_config *c)
{
	json_t *array = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		const struct mount *m = &mounts[i];
		json_t *options = json_array();

		if (!strcmp(m->type, "cgroup") && !c->cgroup_mount) {
			json_decref(options);
			continue;
		}
		for (const char *const *o = m->options; *o; o++) {
			if (option_fits(c, *o))
				json_array_append_new(options, json_string(*o));
		}
		json_array_append_new(
			array, json_pack("{s:s, s:s, s:s, s:o}", "destination", m->destination,
				       "type", m->type, "source", m->source, "options", options));
	}
	if (c->program)
		add_tmp(array, c->tree);
	return array;
}

static json_t *id_map(unsigned id)
{
	return json_pack(
		"[{s:i, s:I, s:i}]", "containerID", 0, "hostID", (json_int_t)id, "size", 1);
}

static json_t *linux_part(const struct oci_config *c)
{
	json_t *list = json_array(), *linux_;

	for (const char *const *n = namespaces; *n; n++)
		json_array_append_new(list, json_pack("{s:s}", "type", *n));
	if (c->rootless)
		json_array_append_new(list, json_pack("{s:s}", "type", "user"));
	linux_ = json_pack("{s:o, s:o, s:o}", "namespaces", list, "maskedPaths", strings(masked),
		"readonlyPaths", strings(read_only));
	if (c->rootless) {
		json_object_set_new(linux_, "uidMappings", id_map(c->uid));
		json_object_set_new(linux_, "gidMappings", id_map(c->gid));
	}
	return linux_;
}

int oci_config_make(const struct oci_config *c, json_t **out, struct err *e)
{
	json_alloc_watch();
	*out = json_pack("{s:s, s:o, s:{s:s, s:b}, s:s, s:o, s:o}", "ociVersion", "1.0.0",
		"process", process(c->program), "root", "path", c->rootfs, "readonly", 1,
		"hostname", "bench", "mounts", mount_list(c), "linux", linux_part(c));
	if (*out && !json_alloc_failed())
		return 0;
	/* Half of it may be there, and lack a namespace or a mask. */
	json_decref(*out);
	*out = NULL;
	return err_set(e, -ENOMEM, "config.json", "out of memory");
}

int oci_config_arguments(json_t *config, const char *path, char *const *argv, struct err *e)
{
	json_t *args;

	json_alloc_watch();
	args = json_array();
	json_array_append_new(args, json_string(path));
	for (size_t i = 1; argv[0] && argv[i]; i++) {
		json_t *word = json_string(argv[i]);

		if (word && !json_array_append_new(args, word))
			continue;
		json_decref(args);
		if (json_alloc_failed())
			return err_set(e, -ENOMEM, "config.json", "out of memory");
		return err_set(e, -EINVAL, "config.json", "argument %zu ('%.40s') is not UTF-8", i,
			argv[i]);
	}
	if (json_object_set_new(json_object_get(config, "process"), "args", args) < 0 ||
		json_alloc_failed())
		return err_set(e, -ENOMEM, "config.json", "out of memory");
	return 0;
}
